//! What a page isn't given: each of its requests is paused, judged, and let go or not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chromiumoxide::cdp::browser_protocol::fetch::{
    self, ContinueRequestParams, EventRequestPaused, FailRequestParams, FulfillRequestParams,
    HeaderEntry, RequestId, RequestPattern,
};
use chromiumoxide::cdp::browser_protocol::network::ErrorReason;
use chromiumoxide::cdp::browser_protocol::page::FrameId;
use chromiumoxide::types::Binary;
use darkroom_core::capture::{Blocking, Resource};
use darkroom_core::failure::Failure;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::filters::{Asked, Judgement, List};
use crate::connection::{DevTools, Event};
use crate::fault;
use crate::page::Page;
use crate::watcher::read;

/// Addresses that weren't asked for, as the page knows them.
#[derive(Clone, Default, Debug)]
pub(crate) struct Blocked(Arc<Mutex<Addresses>>);

/// Which elements lack something, and what becomes of those.
#[derive(Default, Debug)]
struct Addresses {
    /// They go, with the room that they took.
    gone: BTreeSet<String>,
    /// They aren't seen; nobody said that they aren't wanted.
    unseen: BTreeSet<String>,
}

impl Blocked {
    /// Those of which elements go, and those of which they aren't seen.
    pub(crate) fn addresses(&self) -> (Vec<String>, Vec<String>) {
        let Addresses { gone, unseen } = &*self.lock();
        (gone.iter().cloned().collect(), unseen.iter().cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, Addresses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has the page's requests judged from now on, those of its frames too.
pub(crate) async fn judge(
    page: &Page,
    wanted: &Blocking,
    lists: &[List],
    blocked: &Blocked,
) -> Result<(), Failure> {
    let tools = page.attach().await?;
    let events = tools.events();
    let all = RequestPattern { url_pattern: Some(String::from("*")), ..RequestPattern::default() };
    let enable = fetch::EnableParams { patterns: Some(vec![all]), handle_auth_requests: None };
    tools.call(enable).await.map_err(|fault| fault::of_call(&fault))?;
    let judge = Judge {
        wanted: wanted.clone(),
        lists: lists.to_vec(),
        main_frame: page.main_frame().clone(),
        page: String::new(),
        led: BTreeMap::new(),
        blocked: blocked.clone(),
    };
    page.spawn(follow(tools, events, judge));
    Ok(())
}

async fn follow(tools: DevTools, mut events: mpsc::UnboundedReceiver<Event>, mut judge: Judge) {
    while let Some(event) = events.recv().await {
        let Some(paused) = read::<EventRequestPaused, Paused>(&event) else {
            continue;
        };
        match judge.of(&paused) {
            Judgement::Granted => tools.post(&ContinueRequestParams::new(paused.id)),
            Judgement::Refused(instead) => match instead.and_then(|url| stand_in(&url)) {
                Some(answer) => tools.post(&FulfillRequestParams {
                    response_headers: Some(answer.headers),
                    body: Some(answer.body),
                    ..FulfillRequestParams::new(paused.id, 200)
                }),
                None => {
                    tools.post(&FailRequestParams::new(paused.id, ErrorReason::BlockedByClient))
                }
            },
        }
    }
}

/// Judges one page's requests.
struct Judge {
    wanted: Blocking,
    lists: Vec<List>,
    main_frame: FrameId,
    /// The address of its document.
    page: String,
    /// Requests that were led elsewhere, by their network id: what was asked for first.
    led: BTreeMap<String, String>,
    blocked: Blocked,
}

impl Judge {
    fn of(&mut self, paused: &Paused) -> Judgement {
        let Paused { request: Request { url, method }, kind, .. } = paused;
        if kind == "Document" && paused.frame == self.main_frame {
            self.page.clone_from(url);
            return Judgement::Granted;
        }
        let first = self.first(paused);
        let unwanted = self.wanted.requests.iter().any(|pattern| pattern.fits(url));
        if unwanted || self.wanted.resources.contains(&resource(kind)) {
            self.blocked.lock().unseen.insert(first);
            return Judgement::Refused(None);
        }
        let asked = Asked { url, page: &self.page, kind: as_lists_say(kind), method };
        let judgement = List::judge(&self.lists, asked);
        if let Judgement::Refused(_) = judgement {
            self.blocked.lock().gone.insert(first);
        }
        judgement
    }

    /// The address by which the page asked, before its host led elsewhere.
    fn first(&mut self, paused: &Paused) -> String {
        let url = &paused.request.url;
        let Some(network) = &paused.network else {
            return url.clone();
        };
        self.led.entry(network.clone()).or_insert_with(|| url.clone()).clone()
    }
}

/// What a request is for, of what Chromium calls so.
fn resource(kind: &str) -> Resource {
    match kind {
        "Document" => Resource::Document,
        "Stylesheet" => Resource::Stylesheet,
        "Image" => Resource::Image,
        "Media" => Resource::Media,
        "Font" => Resource::Font,
        "Script" => Resource::Script,
        "TextTrack" => Resource::TextTrack,
        "XHR" => Resource::Xhr,
        "Fetch" => Resource::Fetch,
        "EventSource" => Resource::EventSource,
        "WebSocket" => Resource::WebSocket,
        "Manifest" => Resource::Manifest,
        _ => Resource::Other,
    }
}

/// The same in the words of lists.
fn as_lists_say(kind: &str) -> &'static str {
    match kind {
        "Document" => "sub_frame",
        "Stylesheet" => "stylesheet",
        "Image" => "image",
        "Media" => "media",
        "Font" => "font",
        "Script" => "script",
        "XHR" | "Fetch" => "xmlhttprequest",
        "WebSocket" => "websocket",
        "Ping" => "ping",
        "CSPViolationReport" => "csp_report",
        _ => "other",
    }
}

/// An answer of ours.
struct StandIn {
    headers: Vec<HeaderEntry>,
    body: Binary,
}

/// The answer that a `data:` URL in base64 holds.
fn stand_in(url: &str) -> Option<StandIn> {
    let (kind, body) = url.strip_prefix("data:")?.split_once(";base64,")?;
    let headers = vec![
        HeaderEntry::new("Content-Type", kind),
        // Scripts of the page may read it, as they could read the host's.
        HeaderEntry::new("Access-Control-Allow-Origin", "*"),
    ];
    Some(StandIn { headers, body: Binary::from(body.to_owned()) })
}

/// As much of `Fetch.requestPaused` as is needed: its enums grow with Chromium.
#[derive(Deserialize)]
struct Paused {
    #[serde(rename = "requestId")]
    id: RequestId,
    #[serde(rename = "networkId")]
    network: Option<String>,
    request: Request,
    #[serde(rename = "frameId")]
    frame: FrameId,
    #[serde(rename = "resourceType", default)]
    kind: String,
}

#[derive(Deserialize)]
struct Request {
    url: String,
    method: String,
}
