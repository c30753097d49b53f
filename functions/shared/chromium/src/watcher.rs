//! Follows one page's events while it is captured: how far its document is, and
//! what ends the capture at once. Dismisses its dialogs.

use std::collections::HashSet;

use chromiumoxide::MethodType;
use chromiumoxide::cdp::browser_protocol::inspector::EventTargetCrashed;
use chromiumoxide::cdp::browser_protocol::network::{
    EventLoadingFailed, EventLoadingFinished, EventRequestWillBeSent, LoaderId, RequestId,
};
use chromiumoxide::cdp::browser_protocol::page::{
    EventFrameNavigated, EventFrameRequestedNavigation, EventFrameStoppedLoading,
    EventJavascriptDialogOpening, EventLifecycleEvent, FrameId, HandleJavaScriptDialogParams,
};
use darkroom_core::capture::LifecycleEvent;
use darkroom_core::failure::{Failure, FailureKind};
use serde::Deserialize;
use tokio::sync::{mpsc, watch};

use crate::connection::{DevTools, Event};
use crate::rules::requests::Requests;

/// So many dialogs are dismissed; a page that opens more has a loop of them and
/// will never be ready.
const MAX_DIALOGS: u32 = 50;

/// How far the document of a page is.
#[derive(Clone, Default, Debug)]
pub(crate) struct Progress {
    /// Counts documents: each that begins adds one, `document.open()` too.
    pub(crate) generation: u32,
    /// The address that led to the browser's own error page, if that is what
    /// the page shows now.
    pub(crate) unreachable: Option<String>,
    /// The address of the document.
    pub(crate) url: String,
    /// Whether a script or a gesture has asked for another document that is yet
    /// to come.
    pub(crate) leaving: bool,
    /// Requests that are on their way, of those made since somebody wanted to
    /// know (`Network.enable`).
    pub(crate) in_flight: HashSet<RequestId>,
    loader: LoaderId,
    committed: Vec<LoaderId>,
    /// What the document has come to, and when by the monotonic clock, in seconds.
    reached: Vec<(LifecycleEvent, f64)>,
}

impl Progress {
    /// Whether the document of this navigation has begun, even if another has
    /// taken its place since.
    pub(crate) fn has_committed(&self, loader: &LoaderId) -> bool {
        self.committed.contains(loader)
    }

    /// Whether the current document has come this far.
    pub(crate) fn has_reached(&self, event: LifecycleEvent) -> bool {
        self.when(event).is_some()
    }

    /// When the current document came this far: seconds of the monotonic clock that
    /// all events go by.
    pub(crate) fn when(&self, event: LifecycleEvent) -> Option<f64> {
        self.reached.iter().find(|(reached, _)| *reached == event).map(|&(_, at)| at)
    }

    /// What brought the current document.
    pub(crate) fn loader(&self) -> &str {
        self.loader.inner()
    }

    /// Whether the current document is loaded.
    pub(crate) fn is_loaded(&self) -> bool {
        self.has_reached(LifecycleEvent::Load)
    }

    fn note(&mut self, event: Lifecycle) -> bool {
        // A new document says «init», and «commit» a little later; what was there
        // before we listened says only «commit».
        if event.name == "init" || event.name == "commit" && event.loader != self.loader {
            self.generation += 1;
            self.reached.clear();
            self.leaving = false;
            self.in_flight.clear();
            self.committed.push(event.loader.clone());
            self.loader = event.loader;
            return true;
        }
        // What is left to say of a document that is gone.
        if event.loader != self.loader {
            return false;
        }
        let reached = match event.name.as_str() {
            "DOMContentLoaded" => LifecycleEvent::DomContentLoaded,
            "load" => LifecycleEvent::Load,
            "networkAlmostIdle" => LifecycleEvent::NetworkAlmostIdle,
            "networkIdle" => LifecycleEvent::NetworkIdle,
            _paint_and_other_moments => return false,
        };
        self.reached.push((reached, event.timestamp));
        true
    }
}

/// Reads a page's events.
#[derive(Debug)]
pub(crate) struct Watcher {
    page: DevTools,
    main_frame: FrameId,
    events: mpsc::UnboundedReceiver<Event>,
    progress: watch::Sender<Progress>,
    requests: Requests,
    dialogs: u32,
}

impl Watcher {
    /// Listens to the page from now on.
    pub(crate) fn new(page: DevTools, main_frame: FrameId) -> (Self, watch::Receiver<Progress>) {
        let (progress, receiver) =
            watch::channel(Progress { url: String::from("about:blank"), ..Progress::default() });
        let events = page.events();
        let requests = Requests::default();
        let watcher = Self { page, main_frame, events, progress, requests, dialogs: 0 };
        (watcher, receiver)
    }

    /// Takes the failure of one of these for the end of the capture.
    pub(crate) fn mind(&mut self, requests: Requests) {
        self.requests = requests;
    }

    /// Follows the page until something happens after which there will be no
    /// picture of it.
    pub(crate) async fn run(&mut self) -> Failure {
        while let Some(event) = self.events.recv().await {
            let failed = self.requests.follow(&event, &self.main_frame);
            if let Some(failure) = failed.or_else(|| self.follow(&event)) {
                return failure;
            }
        }
        Failure::plain(FailureKind::Browser)
    }

    fn follow(&mut self, event: &Event) -> Option<Failure> {
        if let Some(moment) = read::<EventLifecycleEvent, Lifecycle>(event) {
            if moment.frame == self.main_frame {
                self.progress.send_if_modified(|progress| progress.note(moment));
            }
        } else if let Some(Navigated { frame }) = read::<EventFrameNavigated, _>(event) {
            if frame.id == self.main_frame {
                self.progress.send_modify(|progress| {
                    progress.unreachable = frame.unreachable;
                    progress.url = frame.url;
                });
            }
        } else if let Some(asked) = read::<EventFrameRequestedNavigation, Requested>(event) {
            self.leave(&asked.frame, asked.disposition == "currentTab");
        } else if let Some(Stopped { frame }) = read::<EventFrameStoppedLoading, _>(event) {
            self.leave(&frame, false);
        } else if event.is::<EventJavascriptDialogOpening>() {
            return self.dismiss();
        } else if let Some(request) = read::<EventRequestWillBeSent, Request>(event) {
            self.progress.send_modify(|progress| _ = progress.in_flight.insert(request.id));
        } else if let Some(request) = read::<EventLoadingFinished, Request>(event)
            .or_else(|| read::<EventLoadingFailed, _>(event))
        {
            self.progress.send_modify(|progress| _ = progress.in_flight.remove(&request.id));
        } else if event.is::<EventTargetCrashed>() {
            return Some(Failure::plain(FailureKind::PageCrashed));
        }
        None
    }

    fn leave(&self, frame: &FrameId, is_leaving: bool) {
        if *frame == self.main_frame {
            self.progress.send_modify(|progress| progress.leaving = is_leaving);
        }
    }

    fn dismiss(&mut self) -> Option<Failure> {
        self.dialogs += 1;
        if self.dialogs > MAX_DIALOGS {
            let message = "The page opened one dialog after another and never became ready";
            return Some(Failure::new(FailureKind::Timeout, message));
        }
        self.page.post(&HandleJavaScriptDialogParams::new(false));
        None
    }
}

/// The parameters of an event of type `E`, as much of them as `T` wants.
pub(crate) fn read<E: MethodType, T: serde::de::DeserializeOwned>(event: &Event) -> Option<T> {
    event.is::<E>().then(|| event.params()).flatten()
}

// The protocol crate's own types of these hold enums that newer browsers extend.

#[derive(Deserialize)]
struct Lifecycle {
    #[serde(rename = "frameId")]
    frame: FrameId,
    #[serde(rename = "loaderId")]
    loader: LoaderId,
    name: String,
    timestamp: f64,
}

#[derive(Deserialize)]
struct Request {
    #[serde(rename = "requestId")]
    id: RequestId,
}

#[derive(Deserialize)]
struct Navigated {
    frame: Frame,
}

#[derive(Deserialize)]
struct Requested {
    #[serde(rename = "frameId")]
    frame: FrameId,
    disposition: String,
}

#[derive(Deserialize)]
struct Stopped {
    #[serde(rename = "frameId")]
    frame: FrameId,
}

#[derive(Deserialize)]
struct Frame {
    id: FrameId,
    url: String,
    #[serde(rename = "unreachableUrl")]
    unreachable: Option<String>,
}
