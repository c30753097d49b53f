//! Lanes: each has a Chromium of its own and serves one capture at a time. The
//! page for the next one is made ready while nobody waits for it; where captures
//! come one upon the other, while the last one is drawn.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::headless_experimental::ScreenshotParams;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout, timeout_at};

use crate::browser::Browser;
use crate::frames::{self, Frames};
use crate::launch::{Launcher, StartError};
use crate::page::Page;
use crate::watcher::Watcher;

/// How long a capture may wait, or several in turn, for a page to be made ready;
/// 20 to 30 ms are usual, and 300 with a new browser.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// What comes sooner than this after the last capture finds no page that was made
/// ready since. To make it ready earlier costs the capture that is being drawn some
/// 5 ms.
const SHORT_REST: Duration = Duration::from_millis(30);

/// How long the first frame of a browser may take.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// An empty page, and what goes with it.
#[derive(Debug)]
pub(crate) struct Opened {
    /// Whose page it is.
    pub(crate) browser: Arc<Browser>,
    /// The page.
    pub(crate) page: Page,
    /// Must run for as long as the page is used.
    pub(crate) watcher: Watcher,
}

impl Opened {
    async fn in_browser(browser: Arc<Browser>) -> Result<Self, StartError> {
        browser.begin_job();
        let (page, watcher) =
            Page::open(&browser).await.map_err(|fault| StartError::Setup(fault.to_string()))?;
        Ok(Self { browser, page, watcher })
    }

    /// In a browser that is started for it.
    pub(crate) async fn apart(launcher: &Launcher, frames: Frames) -> Result<Self, StartError> {
        Self::in_browser(Arc::new(Browser::start(launcher, frames).await?)).await
    }

    /// In a new browser, whose frames are driven if it can do that: some builds
    /// lack it. Only the first is put to the test.
    async fn anew(launcher: &Launcher) -> Result<Self, StartError> {
        if let Some(&frames) = launcher.frames.get() {
            return Self::apart(launcher, frames).await;
        }
        let opened = Self::apart(launcher, Frames::Driven).await?;
        if opened.draws().await {
            launcher.frames.get_or_init(|| Frames::Driven);
            return Ok(opened);
        }
        drop(opened);
        // Another lane may have seen it draw.
        let frames = *launcher.frames.get_or_init(|| {
            tracing::warn!("this Chromium draws no driven frames; it is left to its own clock");
            Frames::Free
        });
        Self::apart(launcher, frames).await
    }

    /// In this browser, or in another where it isn't fit.
    async fn next(
        launcher: Arc<Launcher>,
        browser: Option<Arc<Browser>>,
    ) -> Result<Self, StartError> {
        let is_usual = |browser: &Arc<Browser>| launcher.frames.get() == Some(&browser.frames);
        if let Some(browser) = browser.filter(is_usual).filter(|browser| browser.is_fit()) {
            match Self::in_browser(browser).await {
                Ok(opened) => return Ok(opened),
                // It may have broken while nobody watched.
                Err(fault) => tracing::warn!(%fault, "Chromium opens no page"),
            }
        }
        Self::anew(&launcher).await
    }

    async fn draws(&self) -> bool {
        let picture = ScreenshotParams::builder().build();
        matches!(timeout(PROBE_LIMIT, frames::draw(&self.page, &picture)).await, Ok(Some(_)))
    }
}

/// What serves one capture at a time.
#[derive(Debug)]
pub(crate) struct Lane {
    launcher: Arc<Launcher>,
    /// Makes the next page ready; no task while a capture has it.
    next: JoinSet<Result<Opened, StartError>>,
    /// How long that was waited for.
    waited: Duration,
    /// Whether its capture came upon the last one.
    pub(crate) is_pressed: bool,
    /// Since when it has been idle, if it has served.
    idle_since: Option<Instant>,
}

impl Lane {
    fn new(launcher: &Arc<Launcher>) -> Self {
        let launcher = Arc::clone(launcher);
        let mut lane = Self {
            launcher,
            next: JoinSet::new(),
            waited: Duration::ZERO,
            is_pressed: false,
            idle_since: None,
        };
        lane.make_ready(None);
        lane
    }

    /// Begins to make a page ready for the next capture, unless that has begun: in
    /// this browser, if there is one that has shown that it works. Without one, what
    /// has begun is worth nothing either.
    pub(crate) fn make_ready(&mut self, browser: Option<Arc<Browser>>) {
        if browser.is_some() && !self.next.is_empty() {
            return;
        }
        let next = Opened::next(Arc::clone(&self.launcher), browser);
        self.waited = Duration::ZERO;
        self.next = JoinSet::new();
        self.next.spawn(next);
    }

    /// Lets go of what was made ready.
    pub(crate) fn forget(&mut self) {
        self.next = JoinSet::new();
    }

    #[cfg(test)]
    pub(crate) fn is_ready(&mut self) -> bool {
        self.next.try_join_next().is_some()
    }

    /// The page that was made ready. None if there is none until the deadline, or
    /// the browser can't be started.
    pub(crate) async fn page(&mut self, deadline: Instant) -> Option<Opened> {
        for _ in 0..2 {
            let began = Instant::now();
            // Counted while somebody waits only: an execution environment may be
            // frozen for minutes in between.
            let limit = began + OPEN_LIMIT.saturating_sub(self.waited);
            match timeout_at(deadline.min(limit), self.next.join_next()).await {
                Ok(made) => match made.map(flatten) {
                    Some(Ok(opened)) if opened.browser.is_alive() => return Some(opened),
                    Some(Ok(_died)) => tracing::warn!("a Chromium ended while it was idle"),
                    Some(Err(fault)) => tracing::error!(%fault, "Chromium does not start"),
                    None => {}
                },
                Err(_late) if deadline < limit => {
                    self.waited += began.elapsed();
                    return None;
                }
                Err(_late) => tracing::warn!("Chromium takes too long to open a page"),
            }
            self.make_ready(None);
        }
        None
    }

    /// Waits until the first page is ready. A Chromium that dies as it starts is started
    /// once more: one of its threads may read an environment that another changes
    /// (`getenv`, seen twice on a busy machine).
    async fn start(&mut self) -> Result<(), StartError> {
        let opened = match self.next.join_next().await.map(flatten) {
            Some(Err(fault @ StartError::Silent { .. })) => {
                tracing::warn!(%fault, "Chromium is started once more");
                self.make_ready(None);
                self.next.join_next().await.map(flatten)
            }
            first => first,
        };
        if let Some(opened) = opened.transpose()? {
            self.next.spawn(async { Ok(opened) });
        }
        Ok(())
    }
}

/// Whether a capture comes upon the last one of a lane that is idle since then.
fn comes_upon(idle_since: Option<Instant>, now: Instant) -> bool {
    idle_since.is_some_and(|since| now.duration_since(since) < SHORT_REST)
}

fn flatten(made: Result<Result<Opened, StartError>, JoinError>) -> Result<Opened, StartError> {
    made.unwrap_or_else(|cut_short| Err(StartError::Setup(cut_short.to_string())))
}

/// All lanes of a camera.
#[derive(Debug)]
pub(crate) struct Lanes {
    launcher: Arc<Launcher>,
    /// The one that has been idle for longest is in front: its page is ready.
    idle: Mutex<VecDeque<Lane>>,
    count: Semaphore,
}

impl Lanes {
    /// Opens so many lanes and waits until each has a page ready.
    pub(crate) async fn open(launcher: Arc<Launcher>, count: usize) -> Result<Self, StartError> {
        let mut lanes: VecDeque<_> = (0..count).map(|_| Lane::new(&launcher)).collect();
        for lane in &mut lanes {
            lane.start().await?;
        }
        Ok(Self { launcher, idle: Mutex::new(lanes), count: Semaphore::new(count) })
    }

    /// Waits for a lane that is free; whoever gets it has it to itself.
    pub(crate) async fn take(&self) -> Option<(Lane, SemaphorePermit<'_>)> {
        let permit = self.count.acquire().await.ok()?;
        let idle = self.idle().pop_front();
        // A capture that was dropped took its lane along.
        let mut lane = idle.unwrap_or_else(|| Lane::new(&self.launcher));
        lane.is_pressed = comes_upon(lane.idle_since, Instant::now());
        Some((lane, permit))
    }

    /// Takes a lane back.
    pub(crate) fn put(&self, mut lane: Lane, permit: SemaphorePermit<'_>) {
        lane.idle_since = Some(Instant::now());
        self.idle().push_back(lane);
        drop(permit);
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<Lane>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;
    use std::sync::OnceLock;

    use darkroom_core::address::Reach;
    use darkroom_egress::forward_proxy::ForwardProxy;

    use super::*;
    use crate::browser::Wear;

    #[expect(clippy::disallowed_methods, reason = "tests have no config.rs")]
    pub(crate) fn chromium() -> PathBuf {
        let built =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../../build/layer/opt/chromium/chromium");
        std::env::var("CHROMIUM_PATH").unwrap_or_else(|_unset| built.to_owned()).into()
    }

    fn launcher(proxy: ForwardProxy, wear: Wear) -> Arc<Launcher> {
        Arc::new(Launcher {
            program: chromium(),
            scratch: std::env::temp_dir(),
            proxy,
            heap_mib: 512,
            wear,
            frames: OnceLock::new(),
            product: OnceLock::new(),
            started: Mutex::default(),
        })
    }

    /// Whether each of four pages in turn is in the browser of the one before.
    async fn stays(wear: Wear) -> [bool; 3] {
        let launcher = launcher(ForwardProxy::start(Reach::public()).await.unwrap(), wear);
        let mut last = Opened::next(Arc::clone(&launcher), None).await.unwrap();
        let mut stays = [false; 3];
        for stays in &mut stays {
            let browser = Arc::clone(&last.browser);
            let process = browser.process.id();
            last = Opened::next(Arc::clone(&launcher), Some(browser)).await.unwrap();
            *stays = last.browser.process.id() == process;
        }
        stays
    }

    #[tokio::test]
    async fn a_browser_is_replaced_after_its_jobs_and_when_it_keeps_too_much() {
        for (wear, expected) in [
            (Wear::USUAL, [true, true, true]),
            (Wear { jobs: 2, ..Wear::USUAL }, [true, false, true]),
            (Wear { jobs: 1, ..Wear::USUAL }, [false, false, false]),
            (Wear { idle_mib: 1, ..Wear::USUAL }, [false, false, false]),
        ] {
            assert_eq!(stays(wear).await, expected, "{wear:?}");
        }
    }

    #[test]
    fn a_capture_that_comes_upon_the_last_presses_its_lane() {
        let now = Instant::now();
        for (idle_since, is_pressed) in [
            (None, false),
            (Some(now), true),
            (Some(now - SHORT_REST / 2), true),
            (Some(now - SHORT_REST), false),
        ] {
            assert_eq!(comes_upon(idle_since, now), is_pressed, "{idle_since:?}");
        }
    }

    #[tokio::test]
    async fn what_is_ready_is_kept_unless_its_browser_has_gone() {
        let launcher = launcher(ForwardProxy::start(Reach::public()).await.unwrap(), Wear::USUAL);
        let mut lane = Lane::new(&launcher);
        let soon = || Instant::now() + OPEN_LIMIT;
        let Opened { browser, .. } = lane.page(soon()).await.unwrap();
        lane.make_ready(Some(Arc::clone(&browser)));
        // While the last one is drawn, and when it has been.
        lane.make_ready(Some(Arc::clone(&browser)));
        let Opened { browser: same, .. } = lane.page(soon()).await.unwrap();
        assert_eq!((same.process.id(), same.jobs()), (browser.process.id(), 2));
        lane.make_ready(Some(browser));
        lane.make_ready(None);
        let Opened { browser: other, .. } = lane.page(soon()).await.unwrap();
        assert_ne!(other.process.id(), same.process.id());
    }
}
