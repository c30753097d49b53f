//! Requests that must not fail. Seen are those of the document's frames; the
//! document itself is judged by its status, and workers ask by themselves.

use std::collections::HashMap;

use chromiumoxide::cdp::browser_protocol::network::{
    self, EventLoadingFailed, EventLoadingFinished, EventRequestWillBeSent, EventResponseReceived,
    RequestId,
};
use chromiumoxide::cdp::browser_protocol::page::FrameId;
use darkroom_core::capture::{FailRules, UrlPattern};
use darkroom_core::failure::{Failure, FailureKind};
use serde::Deserialize;

use super::quote;
use crate::connection::Event;
use crate::page::Page;
use crate::watcher::read;

/// Has the browser tell of requests, if one of them must not fail.
pub(crate) async fn watch(page: &Page, rules: &FailRules) -> Result<(), Failure> {
    if !rules.request_failed.is_empty() {
        page.call(network::EnableParams::default()).await?;
    }
    Ok(())
}

/// Requests of which none may fail.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    patterns: Vec<UrlPattern>,
    /// Those on their way that fit, by any address that they were led to, and
    /// what they fit.
    awaited: HashMap<RequestId, UrlPattern>,
}

impl Requests {
    /// Those whose addresses fit one of these.
    pub(crate) fn that_fit(patterns: &[UrlPattern]) -> Self {
        Self { patterns: patterns.to_vec(), awaited: HashMap::new() }
    }

    /// Why the capture fails if this is the news that one of them has failed.
    pub(crate) fn follow(&mut self, event: &Event, main_frame: &FrameId) -> Option<Failure> {
        if self.patterns.is_empty() {
            return None;
        }
        if let Some(sent) = read::<EventRequestWillBeSent, Sent>(event) {
            let is_document = sent.kind == "Document" && sent.frame.as_ref() == Some(main_frame);
            let fitting = self.patterns.iter().find(|it| it.fits(&sent.request.url));
            if let Some(pattern) = fitting.filter(|_| !is_document) {
                self.awaited.insert(sent.id, pattern.clone());
            }
        } else if let Some(answer) = read::<EventResponseReceived, Received>(event) {
            let is_error = answer.response.status >= 400;
            return self.awaited.get(&answer.id).filter(|_| is_error).map(failed);
        } else if let Some(Finished { id }) = read::<EventLoadingFinished, _>(event) {
            self.awaited.remove(&id);
        } else if let Some(end) = read::<EventLoadingFailed, Failed>(event) {
            // Given up by the page, that is, unless something kept it from being sent.
            let is_given_up = match end.blocked.as_deref() {
                None => end.canceled,
                // By us, since the capture asks for that.
                Some(reason) => reason == "inspector",
            };
            return self.awaited.remove(&end.id).filter(|_| !is_given_up).as_ref().map(failed);
        }
        None
    }
}

fn failed(pattern: &UrlPattern) -> Failure {
    let pattern = quote(pattern.as_str());
    let message = format!("A request failed whose address fits {pattern}, which must not fail");
    Failure::new(FailureKind::RequestFailed, message)
}

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "requestId")]
    id: RequestId,
    #[serde(rename = "frameId")]
    frame: Option<FrameId>,
    #[serde(rename = "type", default)]
    kind: String,
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    url: String,
}

#[derive(Deserialize)]
struct Received {
    #[serde(rename = "requestId")]
    id: RequestId,
    response: Response,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
}

#[derive(Deserialize)]
struct Finished {
    #[serde(rename = "requestId")]
    id: RequestId,
}

#[derive(Deserialize)]
struct Failed {
    #[serde(rename = "requestId")]
    id: RequestId,
    #[serde(default)]
    canceled: bool,
    #[serde(rename = "blockedReason")]
    blocked: Option<String>,
}
