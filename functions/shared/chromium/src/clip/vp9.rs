//! Frames as VP9: by the browser's own encoder, in a page beside the one that is filmed.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chromiumoxide::cdp::browser_protocol::fetch::{
    self, EventRequestPaused, FulfillRequestParams, HeaderEntry, RequestId,
};
use chromiumoxide::cdp::browser_protocol::page::{self, EventLoadEventFired, NavigateParams};
use chromiumoxide::cdp::browser_protocol::target::{AttachToTargetParams, CreateTargetParams};
use chromiumoxide::cdp::js_protocol::runtime::EvaluateParams;
use chromiumoxide::types::Binary;
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_imaging::film::WebM;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{Frame, unfinished, unusable};
use crate::connection::{CallError, DevTools, Event};
use crate::fault;
use crate::page::{Context, Page};

/// The encoder's page: browsers let pages encode only where nobody could have changed them on
/// their way. It is never asked for, its document comes from here.
const ADDRESS: &str = "https://encoder.invalid/";

const DOCUMENT: &[u8] = b"<!doctype html>";

/// Between two pictures that need no other.
const JUMP: Duration = Duration::from_secs(2);

/// Encodes frames as they come, at this size, each for this span. Yields the file.
pub(super) async fn encode(
    page: &Page,
    size: (u32, u32),
    span: Duration,
    mut shot: mpsc::Receiver<Frame>,
) -> Result<Vec<u8>, Failure> {
    let of_call = |fault: CallError| fault::of_call(&fault);
    let encoder = Encoder::open(page.browser(), size, span).await.map_err(of_call)?;
    let mut film = WebM::new(size, span);
    while let Some(frame) = shot.recv().await {
        encoder.call(&format!("film.add({frame:?})"), &mut film).await?;
    }
    encoder.call("film.finish()", &mut film).await?;
    film.finish().map_err(unusable)
}

/// A page that encodes. It goes when this is dropped.
struct Encoder {
    tools: DevTools,
    _context: Context,
}

/// A picture in VP9.
#[derive(Deserialize)]
struct Chunk {
    is_independent: bool,
    data: Binary,
}

impl Encoder {
    async fn open(
        browser: &DevTools,
        (width, height): (u32, u32),
        span: Duration,
    ) -> Result<Self, CallError> {
        let context = Context::create(browser).await?;
        let target = CreateTargetParams {
            browser_context_id: Some(context.id.clone()),
            ..CreateTargetParams::new("about:blank")
        };
        let target = browser.call(target).await?.target_id;
        let attach =
            AttachToTargetParams { flatten: Some(true), ..AttachToTargetParams::new(target) };
        let session = browser.call(attach).await?.session_id;
        let tools = browser.session(session);
        let mut events = tools.events();
        tools.call(page::EnableParams::default()).await?;
        tools.call(fetch::EnableParams::default()).await?;
        tools.post(&NavigateParams::new(ADDRESS));
        while let Some(event) = events.recv().await {
            if event.is::<EventLoadEventFired>() {
                break;
            }
            answer(&tools, &event);
        }
        let frames = JUMP.as_millis() / span.as_millis().max(1);
        let set_up = format!(
            "globalThis.film = ({})({width}, {height}, {}, {frames}); undefined",
            include_str!("../script/vp9.js"),
            span.as_micros(),
        );
        tools.call(EvaluateParams::new(set_up)).await?;
        Ok(Self { tools, _context: context })
    }

    /// Runs this, and takes the pictures that are encoded by then.
    async fn call(&self, expression: &str, film: &mut WebM) -> Result<(), Failure> {
        let params = EvaluateParams {
            await_promise: Some(true),
            return_by_value: Some(true),
            ..EvaluateParams::new(expression)
        };
        let answer = self.tools.call(params).await.map_err(|fault| fault::of_call(&fault))?;
        if let Some(thrown) = answer.exception_details {
            tracing::error!(?thrown, "this Chromium encodes no VP9");
            return Err(Failure::plain(FailureKind::Internal));
        }
        let chunks = serde_json::from_value(answer.result.value.unwrap_or_default());
        let chunks: Vec<Chunk> = chunks.map_err(unusable)?;
        for Chunk { is_independent, data } in chunks {
            let picture = STANDARD.decode::<&[u8]>(data.as_ref()).map_err(unusable)?;
            film.add(&picture, is_independent).map_err(|fault| unfinished(&fault))?;
        }
        Ok(())
    }
}

/// Gives the encoder's page its document.
fn answer(tools: &DevTools, event: &Event) {
    if !event.is::<EventRequestPaused>() {
        return;
    }
    let Some(Paused { id }) = event.params() else { return };
    tools.post(&FulfillRequestParams {
        response_headers: Some(vec![HeaderEntry::new("Content-Type", "text/html")]),
        body: Some(STANDARD.encode(DOCUMENT).into()),
        ..FulfillRequestParams::new(id, 200)
    });
}

#[derive(Deserialize)]
struct Paused {
    #[serde(rename = "requestId")]
    id: RequestId,
}
