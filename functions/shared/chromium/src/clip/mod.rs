//! A moving picture of what the window shows.
//!
//! Where frames are driven, the page's [clock](crate::clock) is in our hand, and each frame
//! comes after exactly its span. Else the browser films by itself in real time.

mod screencast;
mod scroll;
mod vp9;

use bytes::Bytes;
use chromiumoxide::cdp::browser_protocol::headless_experimental::{
    ScreenshotParams, ScreenshotParamsFormat,
};
use darkroom_core::capture::{CaptureSpec, Clip, Container};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_imaging::film::{Film, FilmError, FilmKind, even};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use self::screencast::Screencast;
use self::scroll::Scroller;
use crate::clock::{Clock, STEP};
use crate::fault::Stage;
use crate::file::Drawn;
use crate::frames;
use crate::page::Page;
use crate::still;

/// So many frames may wait for being encoded.
const AHEAD: usize = 3;

/// A frame: a PNG as the browser gives it, in base64.
type Frame = String;

/// Films a page that is ready.
pub(crate) async fn film(page: &Page, spec: &CaptureSpec, clip: &Clip) -> Result<Drawn, Failure> {
    let (frames, shot) = mpsc::channel(AHEAD);
    let shooting = shoot(page, spec, clip, frames);
    let span = clip.container.frame_span();
    let size = clip.canvas.size(spec.viewport.picture_px(), spec.viewport.scale);
    let even_size = (even(size.0), even(size.1));
    let film = match clip.container {
        Container::Mp4 => Film::new(FilmKind::Mp4, even_size, span),
        Container::Gif => Film::new(FilmKind::Gif, size, span),
        Container::WebM => {
            let encoding = vp9::encode(page, even_size, span, shot);
            let (file, ()) = tokio::try_join!(encoding, shooting)?;
            return Ok(Drawn::Whole(file.into()));
        }
    };
    let film = film.map_err(unusable)?;
    let encoding = async {
        match spawn_blocking(move || encode(film, shot)).await {
            Ok(file) => file.map_err(|fault| unfinished(&fault)),
            Err(fault) => Err(unusable(fault)),
        }
    };
    let (file, ()) = tokio::try_join!(encoding, shooting)?;
    Ok(Drawn::Whole(file))
}

fn encode(mut film: Film, mut shot: mpsc::Receiver<Frame>) -> Result<Bytes, FilmError> {
    while let Some(frame) = shot.blocking_recv() {
        film.add(frames::decode(&frame))?;
    }
    film.finish().map(Bytes::from)
}

/// Draws frame after frame.
async fn shoot(
    page: &Page,
    spec: &CaptureSpec,
    clip: &Clip,
    onto: mpsc::Sender<Frame>,
) -> Result<(), Failure> {
    page.enter(Stage::Drawing);
    let scroller = clip.scroll.as_ref().map(|scroll| Scroller::new(page, spec, scroll));
    match page.clock() {
        Some(clock) => Steps { page, spec, clip, clock, scroller }.shoot(onto).await,
        None => Screencast { page, clip, scroller }.shoot(onto).await,
    }
}

/// Frames of which each follows the last by a step of the page's clock.
struct Steps<'a> {
    page: &'a Page,
    spec: &'a CaptureSpec,
    clip: &'a Clip,
    clock: &'a Clock,
    scroller: Option<Scroller<'a>>,
}

impl Steps<'_> {
    async fn shoot(mut self, onto: mpsc::Sender<Frame>) -> Result<(), Failure> {
        for _ in 1..self.clock.steps_to_beginning().await {
            self.page.enter(Stage::Drawing);
            frames::next(self.page, self.clock, STEP, None).await?;
        }
        let span = self.clip.container.frame_span();
        let mut last = None;
        for number in 0..self.clip.frames() {
            // Another piece of the drawing: it isn't stuck.
            self.page.enter(Stage::Drawing);
            if let Some(scroller) = &mut self.scroller {
                scroller.scroll(span * number).await?;
            }
            still::show_window(self.page, &self.spec.viewport).await?;
            let span = if number == 0 { STEP } else { span };
            let drawn = frames::next(self.page, self.clock, span, Some(picture())).await?;
            // None if the page is between two documents.
            last = drawn.or(last);
            for _ in 0..frames::TRIES {
                if last.is_some() {
                    break;
                }
                last = frames::next(self.page, self.clock, STEP, Some(picture())).await?;
            }
            if let Some(frame) = &last
                && onto.send(frame.clone()).await.is_err()
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

fn picture() -> ScreenshotParams {
    ScreenshotParams {
        format: Some(ScreenshotParamsFormat::Png),
        quality: None,
        optimize_for_speed: Some(true),
    }
}

/// Why there is no file of a clip.
fn unfinished(fault: &FilmError) -> Failure {
    match fault {
        FilmError::TooLarge => Failure::plain(FailureKind::TooLarge),
        FilmError::Picture(_)
        | FilmError::Fit(_)
        | FilmError::Failed(_)
        | FilmError::Lacking(_) => unusable(fault),
    }
}

/// No clip could be made of the frames, and that is a fault of ours.
fn unusable(fault: impl std::error::Error) -> Failure {
    tracing::error!(%fault, "no clip could be made of its frames");
    Failure::plain(FailureKind::Internal)
}
