//! How a page came: its requests and their answers, and what was written to its
//! console, followed from the start by a session of its own.
//!
//! - `network`, `headers`, `console`, `said`: what the browser tells
//! - `recording`, `phases`: what is known, and how long what took
//! - `har`, `console`, `waterfall`: a file each, written from that
//!
//! Requests of workers are their own, and web sockets are none: they aren't followed.

mod console;
mod har;
mod headers;
mod network;
mod phases;
mod recording;
mod said;
#[cfg(test)]
mod samples;
mod waterfall;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chromiumoxide::cdp::browser_protocol::performance::GetMetricsParams;
use chromiumoxide::cdp::browser_protocol::{log, network as protocol};
use chromiumoxide::cdp::js_protocol::runtime;
use darkroom_core::artifact::FileKind;
use darkroom_core::capture::{CaptureSpec, LifecycleEvent, Record, Source};
use darkroom_core::failure::Failure;
use darkroom_core::port::Extra;
use darkroom_core::report::Property;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use self::console::Console;
use self::network::Network;
use self::recording::{Recording, Start, Visit, of_ms, seconds};
use crate::connection::Event;
use crate::fault;
use crate::page::Page;

/// Follows what a page asks for and says.
#[derive(Debug)]
pub(crate) struct Recorder {
    followed: Arc<Mutex<Followed>>,
    /// Who wants to know when all that was told is noted.
    waiting: mpsc::UnboundedSender<oneshot::Sender<()>>,
}

#[derive(Debug)]
struct Followed {
    network: Network,
    /// None where nobody wants it.
    console: Option<Console>,
    recording: Recording,
}

/// Follows the page from now on, if that is wanted.
pub(crate) async fn watch(page: &Page, spec: &CaptureSpec) -> Result<(), Failure> {
    if !spec.inquiry.follows_requests() {
        return Ok(());
    }
    let console = spec.inquiry.records.contains(&Record::Console).then(Console::default);
    let tools = page.attach().await?;
    let events = tools.events();
    let start = start(page).await?;
    let enable = protocol::EnableParams {
        // No contents are kept for us.
        max_total_buffer_size: Some(0),
        max_resource_buffer_size: Some(0),
        max_post_data_size: Some(network::MAX_BODY_BYTES),
        ..protocol::EnableParams::default()
    };
    let enabling = async {
        tools.call(enable).await?;
        if console.is_some() {
            tools.call(runtime::EnableParams {}).await?;
            tools.call(log::EnableParams {}).await?;
        }
        Ok(())
    };
    enabling.await.map_err(|fault| fault::of_call(&fault))?;
    // A document that comes with the capture is asked for by nobody. And the browser asks
    // for others by its own clock, which isn't that of a page whose clock is in our hand.
    let is_told = matches!(spec.source, Source::Url(_)) && page.clock().is_none();
    let asked = (!is_told).then_some(start.monotonic);
    let network = Network::new(page.main_frame().inner(), &spec.request);
    let recording = Recording { start, asked, ..Recording::default() };
    let followed = Arc::new(Mutex::new(Followed { network, console, recording }));
    let (waiting, callers) = mpsc::unbounded_channel();
    page.spawn(follow(Arc::clone(&followed), events, callers));
    page.take_recorder(Recorder { followed, waiting });
    Ok(())
}

/// Which moment it is, by the clocks that the page's events go by.
async fn start(page: &Page) -> Result<Start, Failure> {
    let wall = page.ask("function () { return Date.now() }", &[]);
    let (wall, told) = tokio::try_join!(wall, page.call(GetMetricsParams {}))?;
    let monotonic = told.metrics.iter().find(|metric| metric.name == "Timestamp");
    Ok(Start {
        monotonic: seconds(monotonic.map_or(0.0, |metric| metric.value)),
        wall: of_ms(wall.as_ref().and_then(Value::as_f64).unwrap_or_default()),
    })
}

async fn follow(
    followed: Arc<Mutex<Followed>>,
    mut events: mpsc::UnboundedReceiver<Event>,
    mut callers: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
) {
    loop {
        tokio::select! {
            // Callers are answered when there is nothing more to note.
            biased;
            event = events.recv() => match event {
                Some(event) => lock(&followed).follow(&event),
                None => return,
            },
            Some(caller) = callers.recv() => {
                let _gone = caller.send(());
            }
        }
    }
}

fn lock(followed: &Mutex<Followed>) -> MutexGuard<'_, Followed> {
    followed.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Followed {
    fn follow(&mut self, event: &Event) {
        self.network.follow(event, &mut self.recording);
        if let Some(console) = &mut self.console {
            console.follow(event, &mut self.recording);
        }
    }

    /// What has come of the page up to now.
    fn recording(&mut self) -> &Recording {
        self.network.settle(&mut self.recording);
        &self.recording
    }
}

impl Recorder {
    /// Waits until all is noted that the browser has told, or until then.
    pub(crate) async fn catch_up(&self, until: Instant) {
        let (caller, told) = oneshot::channel();
        // Whoever notes it ends with the page.
        self.waiting.send(caller).ok();
        let _late = timeout_at(until, told).await;
    }

    /// The headers of the answer that this loader made a document of, names in lower case.
    pub(crate) fn headers(&self, loader: &str) -> Vec<Property> {
        let mut followed = lock(&self.followed);
        let answer = followed.recording().answer_of(loader);
        let headers = answer.map(|answer| answer.headers.iter()).unwrap_or_default();
        let in_lower_case = |header: &Property| Property {
            name: header.name.to_lowercase(),
            value: header.value.clone(),
        };
        headers.map(in_lower_case).collect()
    }

    /// The records that are wanted of this document's coming, with what has happened up to
    /// now. One that doesn't tell its title until then has none.
    pub(crate) async fn files(
        &self,
        page: &Page,
        document: u32,
        spec: &CaptureSpec,
        until: Instant,
    ) -> Vec<Extra> {
        if spec.inquiry.records.is_empty() {
            return Vec::new();
        }
        let visit = visit(page, document, until).await;
        let mut followed = lock(&self.followed);
        let recording = followed.recording();
        let file = |record: &Record| {
            let (kind, content) = match record {
                Record::Har => (FileKind::Har, har::write(recording, &visit)),
                Record::Console => (FileKind::Console, console::write(recording)),
                Record::Waterfall => (FileKind::Waterfall, waterfall::draw(recording, &visit)),
            };
            Extra { kind, content: content.into() }
        };
        spec.inquiry.records.iter().map(file).collect()
    }
}

async fn visit(page: &Page, document: u32, until: Instant) -> Visit {
    let script = "function () { return document.title.toWellFormed() }";
    let title = match page.ask_until(script, &[], until).await {
        Some(Value::String(title)) => title,
        _untold => String::new(),
    };
    let hints = page.identity.user_agent_metadata.as_ref();
    let brands = hints.and_then(|hints| hints.full_version_list.as_ref()).into_iter().flatten();
    let mut brands = brands.filter(|brand| brand.brand == "Chromium");
    let progress = page.progress.borrow();
    let browser = brands.next().map(|brand| brand.version.clone()).unwrap_or_default();
    if progress.generation != document {
        return Visit { browser, ..Visit::default() };
    }
    let when = |event| progress.when(event).map(seconds);
    Visit {
        title,
        browser,
        content_loaded: when(LifecycleEvent::DomContentLoaded),
        loaded: when(LifecycleEvent::Load),
    }
}
