//! What a page isn't given: each of its requests is paused, judged, and let go or not.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::fetch::{
    self, ContinueRequestParams, EventRequestPaused, FailRequestParams, FulfillRequestParams,
    HeaderEntry, RequestId, RequestPattern,
};
use chromiumoxide::cdp::browser_protocol::network::{self, ErrorReason, EventRequestWillBeSent};
use chromiumoxide::cdp::browser_protocol::page::FrameId;
use chromiumoxide::types::Binary;
use darkroom_core::capture::{Blocking, Resource};
use darkroom_core::failure::Failure;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::filters::{Asked, Judgement, List};
use crate::connection::{DevTools, Event};
use crate::fault;
use crate::page::Page;
use crate::watcher::read;

/// So many addresses are kept of what elements lack, each no longer than that: more than a
/// page of people's has.
const MOST: usize = 2_000;
const LONGEST: usize = 4_000;

/// How long a request is held until it is told what it is.
const PATIENCE: Duration = Duration::from_millis(500);

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
    let enabling = async {
        if !wanted.resources.is_empty() {
            tools.call(network::EnableParams::default()).await?;
        }
        tools.call(enable).await
    };
    enabling.await.map_err(|fault| fault::of_call(&fault))?;
    let judge = Judge {
        wanted: wanted.clone(),
        lists: lists.to_vec(),
        main_frame: page.main_frame().clone(),
        page: String::new(),
        documents: HashMap::new(),
        first: HashMap::new(),
        blocked: blocked.clone(),
    };
    let gate = Gate { tools, judge, kinds: HashMap::new(), held: VecDeque::new() };
    page.spawn(gate.keep(events));
    Ok(())
}

/// Where requests are paused and let go, or not.
///
/// Paused, some kinds are called alike («XHR», «Media»); which they are is told besides
/// (`Network.requestWillBeSent`), a little earlier or later. They are held until then, where
/// it matters.
struct Gate {
    tools: DevTools,
    judge: Judge,
    /// What was told, by network id.
    kinds: HashMap<String, String>,
    /// Those of which it wasn't told yet, and since when.
    held: VecDeque<(Instant, Paused)>,
}

impl Gate {
    async fn keep(mut self, mut events: mpsc::UnboundedReceiver<Event>) {
        loop {
            let waiting = self.held.front().map(|(since, _)| *since + PATIENCE);
            let due = async {
                match waiting {
                    Some(due) => sleep_until(due).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.follow(&event),
                    None => return,
                },
                () = due => {
                    if let Some((_, paused)) = self.held.pop_front() {
                        self.settle(paused);
                    }
                }
            }
        }
    }

    fn follow(&mut self, event: &Event) {
        if let Some(paused) = read::<EventRequestPaused, Paused>(event) {
            self.meet(paused);
        } else if let Some(Unread { id }) = read::<EventRequestPaused, _>(event) {
            // What can't be judged isn't held up.
            self.tools.post(&ContinueRequestParams::new(id));
        } else if let Some(Sent { id, kind }) = read::<EventRequestWillBeSent, _>(event) {
            let held =
                self.held.iter().position(|(_, paused)| paused.network.as_ref() == Some(&id));
            match held.and_then(|place| self.held.remove(place)) {
                Some((_, paused)) => self.settle(Paused { kind, ..paused }),
                None if self.kinds.len() >= MOST => self.kinds.clear(),
                None => _ = self.kinds.insert(id, kind),
            }
        }
    }

    fn meet(&mut self, paused: Paused) {
        let is_clear = !["XHR", "Media"].contains(&paused.kind.as_str());
        let told = paused.network.as_ref().and_then(|network| self.kinds.remove(network));
        match told {
            Some(kind) => self.settle(Paused { kind, ..paused }),
            None if is_clear || self.judge.wanted.resources.is_empty() => self.settle(paused),
            None => self.held.push_back((Instant::now(), paused)),
        }
    }

    fn settle(&mut self, paused: Paused) {
        match self.judge.of(&paused) {
            Judgement::Granted => self.tools.post(&ContinueRequestParams::new(paused.id)),
            Judgement::Refused(instead) => match instead.and_then(|url| stand_in(&url)) {
                Some(answer) => self.tools.post(&FulfillRequestParams {
                    response_headers: Some(answer.headers),
                    body: Some(answer.body),
                    ..FulfillRequestParams::new(paused.id, 200)
                }),
                None => {
                    let refusal = FailRequestParams::new(paused.id, ErrorReason::BlockedByClient);
                    self.tools.post(&refusal);
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
    /// The addresses of the page's document, and of those in its frames.
    page: String,
    documents: HashMap<FrameId, String>,
    /// What elements asked for: a host may lead elsewhere.
    first: HashMap<RequestId, String>,
    blocked: Blocked,
}

impl Judge {
    fn of(&mut self, paused: &Paused) -> Judgement {
        let Paused { request: Request { url, method }, kind, .. } = paused;
        if kind == "Document" && paused.frame == self.main_frame {
            self.page.clone_from(url);
            self.documents.clear();
            return Judgement::Granted;
        }
        let unwanted = self.wanted.requests.iter().any(|pattern| pattern.fits(url));
        if unwanted || self.wanted.resources.contains(&resource(kind)) {
            self.note(paused, |addresses| &mut addresses.unseen);
            return Judgement::Refused(None);
        }
        let page = self.documents.get(&paused.frame).filter(|_| kind != "Document");
        let page = page.unwrap_or(&self.page);
        let asked = Asked { url, page, kind: as_lists_say(kind), method };
        let judgement = List::judge(&self.lists, asked);
        match judgement {
            Judgement::Refused(_) => self.note(paused, |addresses| &mut addresses.gone),
            Judgement::Granted => {
                if kind == "Document" && self.documents.len() < MOST {
                    self.documents.insert(paused.frame.clone(), url.clone());
                }
                self.first(paused);
            }
        }
        judgement
    }

    /// Notes what an element lacks.
    fn note(&mut self, paused: &Paused, of: impl Fn(&mut Addresses) -> &mut BTreeSet<String>) {
        let Some(first) = self.first(paused) else {
            return;
        };
        let mut addresses = self.blocked.lock();
        let kept = of(&mut addresses);
        if kept.len() < MOST {
            kept.insert(first);
        }
    }

    /// The address by which an element asked, before its host led elsewhere.
    fn first(&mut self, paused: &Paused) -> Option<String> {
        let Paused { request: Request { url, .. }, kind, id, redirected, .. } = paused;
        let is_of_an_element = ["Document", "Image", "Media", "Other"].contains(&kind.as_str());
        if !is_of_an_element || url.len() > LONGEST {
            return None;
        }
        if self.first.len() >= MOST {
            self.first.clear();
        }
        let led = redirected.as_ref().and_then(|before| self.first.remove(before));
        let first = led.unwrap_or_else(|| url.clone());
        self.first.insert(id.clone(), first.clone());
        Some(first)
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
        "XHR" | "Fetch" | "EventSource" => "xmlhttprequest",
        "TextTrack" => "media",
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
    /// The request that was led to this one.
    #[serde(rename = "redirectedRequestId")]
    redirected: Option<RequestId>,
    request: Request,
    #[serde(rename = "frameId")]
    frame: FrameId,
    #[serde(rename = "resourceType", default)]
    kind: String,
}

/// What a request is.
#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "requestId")]
    id: String,
    #[serde(rename = "type", default)]
    kind: String,
}

/// As much as is needed to let it go.
#[derive(Deserialize)]
struct Unread {
    #[serde(rename = "requestId")]
    id: RequestId,
}

#[derive(Deserialize)]
struct Request {
    url: String,
    method: String,
}
