//! One running Chromium: started, asked who it is, watched for popups.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::browser::GetVersionParams;
use chromiumoxide::cdp::browser_protocol::emulation::{
    SetDeviceMetricsOverrideParams, SetUserAgentOverrideParams,
};
use chromiumoxide::cdp::browser_protocol::target::{
    CloseTargetParams, EventTargetCreated, SetDiscoverTargetsParams, TargetId,
};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::connection::{DevTools, Event};
use crate::fault::NEWS_DELAY;
use crate::frames::Frames;
use crate::identity::identity;
use crate::launch::{Launched, Launcher, Process, START_LIMIT, StartError};
use crate::memory;

/// How long each step of setting up a browser may take.
const SETUP_LIMIT: Duration = Duration::from_secs(5);

/// When a browser is replaced, although nothing is wrong with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wear {
    /// So many jobs it serves. In 1,000 of mixed pages it grew from 42 to 46 MiB of
    /// its own, and nothing else did (`make soak`); this is against what wasn't seen.
    pub(crate) jobs: u32,
    /// What its first process may keep for itself between two captures; 14 to 29
    /// MiB are usual. No other one counts: those that renderers are forked of run
    /// nothing of a page (6 MiB each, however many captures), and the renderer of
    /// the last capture may still be ending, with hundreds of MiB.
    pub(crate) idle_mib: u64,
}

impl Wear {
    /// As much as is borne in service.
    pub(crate) const USUAL: Self = Self { jobs: 2_000, idle_mib: 256 };
}

/// A Chromium to capture with: it draws one page at a time. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The link to the browser itself.
    pub(crate) tools: DevTools,
    /// Who draws its frames.
    pub(crate) frames: Frames,
    /// What its pages call themselves.
    pub(crate) identity: SetUserAgentOverrideParams,
    /// Its processes.
    pub(crate) process: Arc<Process>,
    wear: Wear,
    window: Mutex<Option<SetDeviceMetricsOverrideParams>>,
    /// How many it has served, with the one that it was started for.
    jobs: AtomicU32,
    _tasks: JoinSet<()>,
}

impl Browser {
    /// Starts a Chromium.
    pub(crate) async fn start(launcher: &Launcher, frames: Frames) -> Result<Self, StartError> {
        let mut tasks = JoinSet::new();
        let Launched { process, tools, last_words } = launcher.launch(frames, &mut tasks)?;
        let first = timeout(START_LIMIT, tools.call(GetVersionParams {})).await;
        let Ok(Ok(version)) = first else {
            // The link of one that has ended may be gone before its log.
            let ended = async { while tasks.join_next().await.is_some() {} };
            let _late = timeout(NEWS_DELAY, ended).await;
            return Err(StartError::Silent { last_words: last_words.read() });
        };
        tasks.spawn(close_popups(tools.clone(), tools.events()));
        let watching = tools.call(SetDiscoverTargetsParams::new(true));
        timeout(SETUP_LIMIT, watching)
            .await
            .map_err(|_late| StartError::Setup(String::from("it does not answer")))?
            .map_err(|fault| StartError::Setup(fault.to_string()))?;
        let id = process.id().as_raw();
        launcher.product.get_or_init(|| version.product.clone());
        tracing::info!(browser = version.product, process = id, "Chromium started");
        Ok(Self {
            tools,
            frames,
            identity: identity(&version),
            process,
            wear: launcher.wear,
            window: Mutex::default(),
            jobs: AtomicU32::new(0),
            _tasks: tasks,
        })
    }

    /// Whether it can still be spoken to.
    pub(crate) fn is_alive(&self) -> bool {
        self.tools.is_open() && self.process.is_running()
    }

    /// Counts a capture that is to be taken with it.
    pub(crate) fn begin_job(&self) {
        self.jobs.fetch_add(1, Ordering::Relaxed);
    }

    /// The window of its last capture: the next one often wants the same, and it takes
    /// a millisecond to set.
    pub(crate) fn window(&self) -> Option<SetDeviceMetricsOverrideParams> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes which window a capture wants.
    pub(crate) fn note_window(&self, window: SetDeviceMetricsOverrideParams) {
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = Some(window);
    }

    /// How many captures it was counted for.
    pub(crate) fn jobs(&self) -> u32 {
        self.jobs.load(Ordering::Relaxed)
    }

    /// Whether another capture may be taken with it, as far as is known.
    pub(crate) fn is_fit(&self) -> bool {
        self.is_alive()
            && self.jobs() < self.wear.jobs
            && memory::of_process(self.process.id()) <= self.wear.idle_mib * memory::MIB
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
