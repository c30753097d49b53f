//! One running Chromium: started, probed, watched for popups.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::browser::GetVersionParams;
use chromiumoxide::cdp::browser_protocol::emulation::SetUserAgentOverrideParams;
use chromiumoxide::cdp::browser_protocol::headless_experimental::ScreenshotParams;
use chromiumoxide::cdp::browser_protocol::target::{
    CloseTargetParams, EventTargetCreated, SetDiscoverTargetsParams, TargetId,
};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::connection::{DevTools, Event};
use crate::fault::NEWS_DELAY;
use crate::frames::{self, Frames, Turns};
use crate::identity::identity;
use crate::launch::{Plan, Process, START_LIMIT, StartError};
use crate::page::Page;

/// How long each step of setting up a browser may take.
const SETUP_LIMIT: Duration = Duration::from_secs(5);

/// A Chromium that can be captured with, from any number of tasks at once.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The link to the browser itself.
    pub(crate) tools: DevTools,
    /// Who draws its frames.
    pub(crate) frames: Frames,
    /// Whose turn it is to draw one.
    pub(crate) turns: Turns,
    /// Its name and version, as `HeadlessChrome/153.0.7000.1`.
    pub(crate) product: String,
    /// What its pages call themselves.
    pub(crate) identity: SetUserAgentOverrideParams,
    process: Mutex<Option<Process>>,
    jobs: AtomicU32,
    _tasks: JoinSet<()>,
}

impl Browser {
    /// Starts a Chromium. Where frames can't be driven (some builds lack it), it
    /// is started once more to draw by itself.
    pub(crate) async fn start(plan: Plan<'_>) -> Result<Self, StartError> {
        let browser = Self::launch(plan).await?;
        if browser.frames == Frames::Free || browser.draws_driven_frames().await {
            return Ok(browser);
        }
        tracing::warn!("this Chromium draws no driven frames; it is left to its own clock");
        drop(browser);
        Self::launch(Plan { frames: Frames::Free, ..plan }).await
    }

    async fn launch(plan: Plan<'_>) -> Result<Self, StartError> {
        let mut tasks = JoinSet::new();
        let (process, tools, last_words) = Process::start(plan, &mut tasks)?;
        let first = timeout(START_LIMIT, tools.call(GetVersionParams {})).await;
        let Ok(Ok(version)) = first else {
            // The link of one that has ended may be gone before its log.
            let _late = timeout(NEWS_DELAY, tasks.join_all()).await;
            return Err(StartError::Silent { last_words: last_words.read() });
        };
        tasks.spawn(close_popups(tools.clone(), tools.events()));
        let watching = tools.call(SetDiscoverTargetsParams::new(true));
        timeout(SETUP_LIMIT, watching)
            .await
            .map_err(|_late| StartError::Setup(String::from("it does not answer")))?
            .map_err(|fault| StartError::Setup(fault.to_string()))?;
        tracing::info!(browser = version.product, process = process.id(), "Chromium started");
        Ok(Self {
            tools,
            frames: plan.frames,
            turns: Turns::default(),
            identity: identity(&version),
            product: version.product,
            process: Mutex::new(Some(process)),
            jobs: AtomicU32::new(0),
            _tasks: tasks,
        })
    }

    /// Whether it can still be spoken to.
    pub(crate) fn is_alive(&self) -> bool {
        self.tools.is_open()
    }

    /// Counts one more job; yields how many there have been, this one included.
    pub(crate) fn count_job(&self) -> u32 {
        self.jobs.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Kills it, whoever else uses it; their calls fail at once.
    pub(crate) async fn kill(&self) {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Dropping waits for the dead, which no runtime thread should do.
        if let Err(fault) = tokio::task::spawn_blocking(move || drop(process)).await {
            tracing::warn!(%fault, "the killing of Chromium was cut short");
        }
    }

    /// The id of its first process, while it lives.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Process::id)
    }

    async fn draws_driven_frames(&self) -> bool {
        let probe = async {
            let (page, _watcher) = Page::open(self).await.ok()?;
            frames::draw(&page, &ScreenshotParams::builder().build()).await
        };
        matches!(timeout(SETUP_LIMIT, probe).await, Ok(Some(_)))
    }
}

/// Closes whatever page a page opens. A context has one page, ours, which is
/// the first that is made in it.
async fn close_popups(tools: DevTools, mut events: mpsc::UnboundedReceiver<Event>) {
    let mut contexts = HashSet::new();
    while let Some(event) = events.recv().await {
        if !event.is::<EventTargetCreated>() {
            continue;
        }
        let Some(TargetCreated { target }) = event.params() else {
            continue;
        };
        if target.kind == "page" && !contexts.insert(target.context) {
            tools.post(&CloseTargetParams::new(target.id));
        }
    }
}

/// As much of `Target.targetCreated` as is needed.
#[derive(Deserialize)]
struct TargetCreated {
    #[serde(rename = "targetInfo")]
    target: Target,
}

#[derive(Deserialize)]
struct Target {
    #[serde(rename = "targetId")]
    id: TargetId,
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "browserContextId")]
    context: Option<String>,
}
