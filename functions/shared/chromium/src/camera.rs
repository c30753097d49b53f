//! The camera: keeps one Chromium running, takes captures with it, and starts
//! another when it has died, misbehaved, or served long enough.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chromiumoxide::cdp::browser_protocol::browser::GetVersionParams;
use darkroom_core::address::Reach;
use darkroom_core::capture::CaptureSpec;
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::port::{Camera, Picture};
use darkroom_egress::forward_proxy::ForwardProxy;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::browser::Browser;
use crate::fault::{self, NEWS_DELAY, Stage};
use crate::frames::Frames;
use crate::launch::{Plan, StartError, adopt_orphans};
use crate::page::Page;
use crate::profile;
use crate::shot::{Miss, Patience, Shot};
use crate::watcher::Watcher;

/// After so many jobs a browser is replaced. None was seen to grow in 300; this
/// is against what wasn't seen.
const JOBS_PER_BROWSER: u32 = 500;

/// How long a browser may take to open an empty page; 50 to 100 ms are usual.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// How long a browser may take to get rid of a page that missed its deadline, or
/// to give a sign of life; 5 to 15 ms are usual. What takes longer is killed.
const CLOSE_LIMIT: Duration = Duration::from_millis(700);

/// How a camera is made.
#[derive(Clone, Debug)]
pub struct ChromiumConfig {
    /// The program: a Chromium headless shell.
    pub path: PathBuf,
    /// What pages and their sub-resources may reach.
    pub reach: Reach,
    /// The memory that there is for everything; a page's JavaScript heap gets a
    /// third of it.
    pub memory_mib: u32,
}

/// Takes pictures with Chromium. Dropping it kills the browser with all of its
/// processes and removes what it left on the disk.
#[derive(Debug)]
pub struct ChromiumCamera {
    program: PathBuf,
    scratch: PathBuf,
    heap_mib: u32,
    frames: Frames,
    // Dropped before the proxy that it speaks through.
    browser: Mutex<Option<Arc<Browser>>>,
    proxy: ForwardProxy,
}

impl ChromiumCamera {
    /// Starts a browser, so that the first capture finds it running. Its frames
    /// are driven if it can do that.
    ///
    /// # Errors
    ///
    /// Every [`StartError`].
    pub async fn start(config: ChromiumConfig) -> Result<Self, StartError> {
        Self::start_with(config, Frames::Driven).await
    }

    /// As [`Self::start`], with a say in who draws the frames.
    ///
    /// # Errors
    ///
    /// Every [`StartError`].
    pub async fn start_with(config: ChromiumConfig, frames: Frames) -> Result<Self, StartError> {
        adopt_orphans();
        let scratch = std::env::temp_dir();
        profile::sweep(&scratch);
        let camera = Self {
            program: config.path,
            scratch,
            heap_mib: config.memory_mib / 3,
            frames,
            browser: Mutex::new(None),
            proxy: ForwardProxy::start(config.reach).await.map_err(StartError::Proxy)?,
        };
        camera.browser().await?;
        Ok(camera)
    }

    /// The process id of the browser that runs now, which is that of its process group.
    pub async fn process_id(&self) -> Option<u32> {
        self.browser.lock().await.as_ref()?.process_id()
    }

    /// The browser that runs now: its name and version, such as
    /// `HeadlessChrome/153.0.7000.1`, and who draws its frames.
    pub async fn browser_in_use(&self) -> Option<(String, Frames)> {
        let browser = self.browser.lock().await;
        browser.as_ref().map(|browser| (browser.product.clone(), browser.frames))
    }

    /// A browser that works, as far as is known: the one that runs, or a new one.
    async fn browser(&self) -> Result<Arc<Browser>, StartError> {
        let mut current = self.browser.lock().await;
        if let Some(browser) = &*current
            && browser.is_alive()
            && browser.count_job() <= JOBS_PER_BROWSER
        {
            return Ok(Arc::clone(browser));
        }
        // Captures that still go on with the old one keep it until they end.
        *current = None;
        let browser = Arc::new(Browser::start(self.plan()).await?);
        *current = Some(Arc::clone(&browser));
        Ok(browser)
    }

    fn plan(&self) -> Plan<'_> {
        Plan {
            program: &self.program,
            scratch: &self.scratch,
            proxy: &self.proxy,
            frames: self.frames,
            heap_mib: self.heap_mib,
        }
    }

    /// Takes a browser out of service. Other captures that it has begun it ends.
    async fn relieve(&self, browser: &Arc<Browser>) {
        let mut current = self.browser.lock().await;
        if current.as_ref().is_some_and(|now| Arc::ptr_eq(now, browser)) {
            *current = None;
        }
    }

    /// Takes a browser out of service and kills it.
    async fn retire(&self, browser: &Arc<Browser>) {
        self.relieve(browser).await;
        tracing::warn!("a Chromium that misbehaved is killed");
        browser.kill().await;
    }

    /// A capture had too little time left to tell whether this browser opens
    /// pages. One that doesn't answer at all is taken out of service.
    async fn suspect(&self, browser: &Arc<Browser>) {
        let answer = browser.tools.call(GetVersionParams {});
        if !matches!(timeout(CLOSE_LIMIT, answer).await, Ok(Ok(_))) {
            tracing::warn!("Chromium does not answer");
            self.relieve(browser).await;
        }
    }

    /// An empty page. A browser that can't open one is replaced, once: it may
    /// have broken while nobody watched.
    async fn open(&self, deadline: Instant) -> Option<Opened> {
        for _ in 0..2 {
            let browser = timeout_at(deadline, self.browser()).await.ok()?;
            let browser = browser
                .inspect_err(|fault| tracing::error!(%fault, "Chromium does not start"))
                .ok()?;
            let limit = Instant::now() + OPEN_LIMIT;
            match timeout_at(limit.min(deadline), Page::open(&browser)).await {
                Ok(Ok((page, watcher))) => return Some(Opened { browser, page, watcher }),
                Ok(Err(fault)) => tracing::warn!(%fault, "Chromium opens no page"),
                Err(_late) if deadline < limit => {
                    self.suspect(&browser).await;
                    return None;
                }
                Err(_late) => tracing::warn!("Chromium takes too long to open a page"),
            }
            self.retire(&browser).await;
        }
        None
    }

    /// A page of a browser that serves this one capture and draws by its own
    /// clock, on which nothing waits for anything.
    async fn open_apart(&self, deadline: Instant) -> Option<Opened> {
        let opening = async {
            let plan = Plan { frames: Frames::Free, ..self.plan() };
            let browser = Browser::start(plan)
                .await
                .inspect_err(|fault| tracing::error!(%fault, "Chromium does not start"))
                .ok()?;
            let (page, watcher) = Page::open(&browser)
                .await
                .inspect_err(|fault| tracing::warn!(%fault, "Chromium opens no page"))
                .ok()?;
            Some(Opened { browser: Arc::new(browser), page, watcher })
        };
        timeout_at(deadline, opening).await.ok()?
    }

    async fn attempt(
        &self,
        opened: Option<Opened>,
        spec: &CaptureSpec,
        deadline: Instant,
        patience: Patience,
    ) -> Result<Bytes, Miss> {
        let Some(Opened { browser, page, mut watcher }) = opened else {
            return Err(Failure::plain(FailureKind::Browser).into());
        };
        let shot = Shot { page: &page, spec, proxy: &self.proxy, patience };
        let result = tokio::select! {
            biased;
            failure = watcher.run() => Err(failure.into()),
            result = shot.take() => result,
            () = sleep_until(deadline) => Err(fault::timed_out(page.stage()).into()),
        };
        let result = match result {
            // A call may fail before the news of the crash that made it fail.
            Err(Miss::Failed(failure)) if failure.kind == FailureKind::Browser => {
                Err(timeout(NEWS_DELAY, watcher.run()).await.unwrap_or(failure).into())
            }
            other => other,
        };
        self.tidy(&browser, page, result.as_ref().err()).await;
        result
    }

    /// A page that was captured goes by itself. After a failure the browser must
    /// show that it can still get rid of one.
    async fn tidy(&self, browser: &Arc<Browser>, page: Page, miss: Option<&Miss>) {
        let is_sound = match miss {
            None => true,
            Some(Miss::Failed(failure)) if failure.kind != FailureKind::Browser => {
                closes(page).await
            }
            // Perhaps this page's trouble only: what else is going on may end.
            Some(Miss::Failed(_) | Miss::Stuck) => {
                self.relieve(browser).await;
                closes(page).await
            }
        };
        if !is_sound {
            self.retire(browser).await;
        }
    }
}

/// Whether a browser gets rid of a page in time.
async fn closes(page: Page) -> bool {
    matches!(timeout(CLOSE_LIMIT, page.close()).await, Ok(Ok(())))
}

/// A page, and what goes with it.
struct Opened {
    browser: Arc<Browser>,
    page: Page,
    watcher: Watcher,
}

#[async_trait]
impl Camera for ChromiumCamera {
    async fn capture(&self, spec: &CaptureSpec, budget: Duration) -> Result<Picture, Failure> {
        let deadline = Instant::now() + budget;
        let opened = self.open(deadline).await;
        let first = self.attempt(opened, spec, deadline, Patience::Short(deadline)).await;
        let second = match &first {
            // Perhaps for want of memory at that moment: once more.
            Err(Miss::Failed(failure)) if failure.kind == FailureKind::PageCrashed => {
                self.open(deadline).await
            }
            // Perhaps a frame was lost: once more, without frames that can be.
            Err(Miss::Stuck) => {
                tracing::warn!(
                    "no picture came of a page that was ready: another browser draws it"
                );
                self.open_apart(deadline).await
            }
            Ok(_) | Err(Miss::Failed(_)) => return picture(first),
        };
        picture(self.attempt(second, spec, deadline, Patience::Full).await)
    }
}

fn picture(result: Result<Bytes, Miss>) -> Result<Picture, Failure> {
    match result {
        Ok(content) => Ok(Picture { content }),
        Err(Miss::Failed(failure)) => Err(failure),
        Err(Miss::Stuck) => Err(fault::timed_out(Stage::Drawing)),
    }
}
