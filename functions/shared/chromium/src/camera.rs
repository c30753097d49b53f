//! The camera: keeps one Chromium running, takes captures with it, and starts
//! another when it has died, misbehaved, or served long enough.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use darkroom_core::capture::{CaptureSpec, Extent, HostErrors, Output, Source};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::port::{Camera, Picture};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::browser::Browser;
use crate::fault::{self, NEWS_DELAY, Stage};
use crate::frames::{self, Frames, Pace};
use crate::launch::{Plan, StartError, adopt_orphans};
use crate::page::Page;
use crate::still::Encoding;
use crate::{pdf, still, wait};

/// After so many jobs a browser is replaced. None was seen to grow in 300; this
/// is against what wasn't seen.
const JOBS_PER_BROWSER: u32 = 500;

/// How long a browser may take to open an empty page; 50 to 100 ms are usual.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// How long a browser may take to get rid of a page that missed its deadline;
/// 5 to 15 ms are usual. What takes longer is killed.
const CLOSE_LIMIT: Duration = Duration::from_millis(700);

/// How a camera is made.
#[derive(Clone, Debug)]
pub struct ChromiumConfig {
    /// The program: a Chromium headless shell.
    pub path: PathBuf,
    /// A writable directory for profiles.
    pub scratch: PathBuf,
    /// The forward proxy that all of Chromium's traffic passes through.
    pub proxy: SocketAddr,
    /// Who draws the frames. [`Frames::Driven`] where the Chromium can; one that
    /// can't is found out at the start.
    pub frames: Frames,
    /// The memory that there is for everything; a page's JavaScript heap gets a
    /// third of it.
    pub memory_mib: u32,
}

/// Takes pictures with Chromium. Dropping it kills the browser with all of its
/// processes and removes what it left on the disk.
#[derive(Debug)]
pub struct ChromiumCamera {
    config: ChromiumConfig,
    browser: Mutex<Option<Arc<Browser>>>,
}

impl ChromiumCamera {
    /// Starts a browser, so that the first capture finds it running.
    ///
    /// # Errors
    ///
    /// Every [`StartError`].
    pub async fn start(config: ChromiumConfig) -> Result<Self, StartError> {
        adopt_orphans();
        let camera = Self { config, browser: Mutex::new(None) };
        camera.browser().await?;
        Ok(camera)
    }

    /// The process id of the browser that runs now, which is that of its process group.
    pub async fn process_id(&self) -> Option<u32> {
        self.browser.lock().await.as_ref()?.process_id()
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
            program: &self.config.path,
            scratch: &self.config.scratch,
            proxy: self.config.proxy,
            frames: self.config.frames,
            heap_mib: self.config.memory_mib / 3,
        }
    }

    /// Takes a browser out of service and kills it.
    async fn retire(&self, browser: &Arc<Browser>) {
        let mut current = self.browser.lock().await;
        if current.as_ref().is_some_and(|now| Arc::ptr_eq(now, browser)) {
            *current = None;
        }
        drop(current);
        tracing::warn!("a Chromium that misbehaved is killed");
        browser.kill().await;
    }

    async fn attempt(&self, spec: &CaptureSpec, deadline: Instant) -> Result<Bytes, Failure> {
        let browser = match timeout_at(deadline, self.browser()).await {
            Ok(Ok(browser)) => browser,
            Ok(Err(fault)) => {
                tracing::error!(%fault, "Chromium does not start");
                return Err(Failure::plain(FailureKind::Browser));
            }
            Err(_late) => return Err(fault::timed_out(Stage::Opening)),
        };
        let opening = Page::open(&browser, &spec.viewport);
        let limit = deadline.min(Instant::now() + OPEN_LIMIT);
        let Ok(Ok((page, mut watcher))) = timeout_at(limit, opening).await else {
            self.retire(&browser).await;
            return Err(Failure::plain(FailureKind::Browser));
        };
        let result = tokio::select! {
            biased;
            failure = watcher.run() => Err(failure),
            result = shoot(&page, spec) => result,
            () = sleep_until(deadline) => Err(fault::timed_out(page.stage())),
        };
        let result = match result {
            // A call may fail before the news of the crash that made it fail.
            Err(failure) if failure.kind == FailureKind::Browser => {
                Err(timeout(NEWS_DELAY, watcher.run()).await.unwrap_or(failure))
            }
            other => other,
        };
        self.tidy(&browser, page, result.as_ref().err()).await;
        result
    }

    /// A page that was captured goes by itself. After a failure the browser must
    /// show that it can still get rid of one.
    async fn tidy(&self, browser: &Arc<Browser>, page: Page, failure: Option<&Failure>) {
        let is_sound = match failure.map(|failure| failure.kind) {
            None => true,
            Some(FailureKind::Browser) => false,
            Some(_) => matches!(timeout(CLOSE_LIMIT, page.close()).await, Ok(Ok(()))),
        };
        if !is_sound {
            self.retire(browser).await;
        }
    }
}

#[async_trait]
impl Camera for ChromiumCamera {
    async fn capture(&self, spec: &CaptureSpec, budget: Duration) -> Result<Picture, Failure> {
        let deadline = Instant::now() + budget;
        let mut result = self.attempt(spec, deadline).await;
        if matches!(&result, Err(failure) if failure.kind == FailureKind::PageCrashed) {
            // Perhaps for want of memory at that moment: once more.
            result = self.attempt(spec, deadline).await;
        }
        result.map(|content| Picture { content })
    }
}

/// Loads the page, waits until it is ready, and takes its picture.
async fn shoot(page: &Page, spec: &CaptureSpec) -> Result<Bytes, Failure> {
    frames::alongside(page.frames, &page.tools, Pace::Living, prepare(page, spec)).await?;
    page.enter(Stage::Drawing);
    let encoding = match spec.output {
        Output::Png => Encoding::Png,
        Output::Jpeg(quality) => Encoding::Jpeg(quality),
        Output::WebP(quality) => Encoding::WebP(quality),
        Output::Pdf => return pdf::print(page).await,
    };
    still::take(page, &spec.viewport, spec.extent, encoding).await
}

async fn prepare(page: &Page, spec: &CaptureSpec) -> Result<(), Failure> {
    page.load(&spec.source).await?;
    // The whole page is printed anyway, whatever was asked of a picture.
    let extent = match spec.output {
        Output::Png | Output::Jpeg(_) | Output::WebP(_) => spec.extent,
        Output::Pdf => Extent::Viewport,
    };
    wait::until_ready(page, &spec.wait, extent).await?;
    check_document(page, spec).await
}

/// Whether the document that is there now is one that was asked for.
async fn check_document(page: &Page, spec: &CaptureSpec) -> Result<(), Failure> {
    if page.progress.borrow().unreachable.is_some() {
        return Err(Failure::plain(FailureKind::Network));
    }
    if matches!(spec.source, Source::Html(_)) || spec.host_errors == HostErrors::Draw {
        return Ok(());
    }
    let status = page.ask(include_str!("script/status.js"), &[]).await?;
    match status.and_then(|status| status.as_u64()) {
        Some(status) if status >= 400 => Err(fault::of_status(status)),
        _ => Ok(()),
    }
}
