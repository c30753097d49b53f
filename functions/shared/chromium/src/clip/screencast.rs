//! Frames as the browser draws them by its own clock, looked at once in each span.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::page::{
    self, EventScreencastFrame, ScreencastFrameAckParams, StartScreencastFormat,
    StartScreencastParams,
};
use darkroom_core::capture::Clip;
use darkroom_core::failure::Failure;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout_at};

use super::Frame;
use super::scroll::Scroller;
use crate::connection::{DevTools, Event};
use crate::fault::{self, Stage};
use crate::page::Page;

/// How long the first frame may take.
const FIRST_LIMIT: Duration = Duration::from_secs(2);

pub(super) struct Screencast<'a> {
    pub(super) page: &'a Page,
    pub(super) clip: &'a Clip,
    pub(super) scroller: Option<Scroller<'a>>,
}

impl Screencast<'_> {
    pub(super) async fn shoot(mut self, onto: mpsc::Sender<Frame>) -> Result<(), Failure> {
        let tools = self.page.attach().await?;
        let mut events = tools.events();
        let start = StartScreencastParams {
            format: Some(StartScreencastFormat::Png),
            every_nth_frame: Some(1),
            ..StartScreencastParams::default()
        };
        let started = async {
            tools.call(page::EnableParams::default()).await?;
            tools.call(start).await
        };
        started.await.map_err(|fault| fault::of_call(&fault))?;
        let span = self.clip.container.frame_span();
        let mut last = None;
        // Until the first frame is there, nothing is shown.
        let end = Instant::now() + FIRST_LIMIT;
        while last.is_none()
            && let Ok(Some(event)) = timeout_at(end, events.recv()).await
        {
            last = shown(&tools, &event);
        }
        let mut looks = interval_at(Instant::now() + span, span);
        looks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for number in 0..self.clip.frames() {
            self.page.enter(Stage::Drawing);
            if let Some(scroller) = &mut self.scroller {
                scroller.scroll(span * number).await?;
            }
            looks.tick().await;
            while let Ok(event) = events.try_recv() {
                last = shown(&tools, &event).or(last);
            }
            if let Some(frame) = last.clone()
                && onto.send(frame).await.is_err()
            {
                break;
            }
            if self.scroller.as_ref().is_some_and(Scroller::ends_clip) {
                break;
            }
        }
        Ok(())
    }
}

/// The frame that came, which the browser is told, so that it gives another.
fn shown(tools: &DevTools, event: &Event) -> Option<Frame> {
    if !event.is::<EventScreencastFrame>() {
        return None;
    }
    let Shown { data, session } = event.params()?;
    tools.post(&ScreencastFrameAckParams::new(session));
    Some(data)
}

#[derive(Deserialize)]
struct Shown {
    data: String,
    #[serde(rename = "sessionId")]
    session: i64,
}
