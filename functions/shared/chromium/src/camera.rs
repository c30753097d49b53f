//! The camera: takes captures, each in a lane of its own, and decides what becomes
//! of the lane's browser afterwards.

use std::convert::Infallible;
use std::future::pending;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use chromiumoxide::cdp::browser_protocol::emulation::SetScriptExecutionDisabledParams;
use darkroom_core::address::Reach;
use darkroom_core::capture::CaptureSpec;
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::port::{Camera, Content, Picture};
use darkroom_egress::forward_proxy::ForwardProxy;
use darkroom_egress::resolve::Resolve;
use futures::stream;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::browser::{Browser, Wear};
use crate::develop::Negative;
use crate::emulation;
use crate::fault::{self, NEWS_DELAY, Stage};
use crate::file::{Drawn, File};
use crate::frames::Frames;
use crate::kit::Kit;
use crate::lane::{Lane, Lanes, Opened};
use crate::launch::{Launcher, StartError, adopt_orphans};
use crate::memory;
use crate::page::Page;
use crate::profile;
use crate::rules::requests::Requests;
use crate::shot::{Miss, Patience, Shot, last_call};
use crate::told::Told;

/// How long a browser may take to get rid of a page that missed its deadline; 5 to
/// 15 ms are usual. What takes longer is killed.
const CLOSE_LIMIT: Duration = Duration::from_millis(700);

/// How a camera is made.
#[derive(Clone, Debug)]
pub struct ChromiumConfig {
    /// The program: a Chromium headless shell.
    pub path: PathBuf,
    /// What pages and their sub-resources may reach.
    pub reach: Reach,
    /// The memory that there is for everything, shared by the captures that are
    /// taken at once; a page's JavaScript heap gets a third of its share.
    pub memory_mib: u32,
    /// How many captures are taken at once, each in a browser of its own; others
    /// wait. As many as there are processors is best.
    pub at_once: NonZeroUsize,
}

/// Takes pictures with Chromium. Dropping it kills its browsers with all of their
/// processes and removes what they left on the disk.
#[derive(Debug)]
pub struct ChromiumCamera {
    lanes: Lanes,
    launcher: Arc<Launcher>,
    kit: Kit,
    limit_mib: u64,
}

impl Drop for ChromiumCamera {
    fn drop(&mut self) {
        // Tasks that are cut short may keep a browser until the runtime finds the
        // time to drop them.
        for process in self.launcher.processes() {
            process.end();
        }
    }
}

impl ChromiumCamera {
    /// Starts the browsers and makes a page ready in each, so that the first
    /// captures find them. Frames are driven if the browser can do that.
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
        let proxy = ForwardProxy::start(config.reach.clone()).await;
        Self::open(config, frames, proxy.map_err(StartError::Proxy)?).await
    }

    /// As [`Self::start`], with names looked up by this resolver.
    ///
    /// # Errors
    ///
    /// Every [`StartError`].
    pub async fn start_asking(
        config: ChromiumConfig,
        resolver: Box<dyn Resolve>,
    ) -> Result<Self, StartError> {
        let proxy = ForwardProxy::start_asking(config.reach.clone(), resolver).await;
        Self::open(config, Frames::Driven, proxy.map_err(StartError::Proxy)?).await
    }

    async fn open(
        config: ChromiumConfig,
        frames: Frames,
        proxy: ForwardProxy,
    ) -> Result<Self, StartError> {
        adopt_orphans();
        let scratch = std::env::temp_dir();
        profile::sweep(&scratch);
        let at_once = config.at_once.get();
        let share_mib = config.memory_mib / u32::try_from(at_once).unwrap_or(u32::MAX);
        let kit = Kit::beside(&config.path);
        let launcher = Arc::new(Launcher {
            program: config.path,
            scratch,
            proxy,
            heap_mib: share_mib / 3,
            wear: Wear::USUAL,
            frames: match frames {
                Frames::Driven => OnceLock::new(),
                Frames::Free => OnceLock::from(frames),
            },
            product: OnceLock::new(),
            started: Mutex::default(),
        });
        let lanes = Lanes::open(Arc::clone(&launcher), at_once).await?;
        // The rest is for this process, and for the picture that it holds.
        let limit_mib = u64::from(share_mib) * 7 / 8;
        Ok(Self { lanes, launcher, kit, limit_mib })
    }

    /// The browser that is used: its name and version, such as
    /// `HeadlessChrome/153.0.7000.1`, and who draws its frames.
    #[must_use]
    pub fn browser_in_use(&self) -> Option<(&str, Frames)> {
        Some((self.launcher.product.get()?, *self.launcher.frames.get()?))
    }

    /// The process ids of the browsers that run now, which are those of their
    /// process groups.
    #[must_use]
    pub fn process_ids(&self) -> Vec<u32> {
        let mut running = self.launcher.processes();
        running.retain(|process| process.is_running());
        running.iter().map(|process| process.id().as_raw().cast_unsigned()).collect()
    }

    async fn capture_in(
        &self,
        lane: &mut Lane,
        spec: &CaptureSpec,
        deadline: Instant,
    ) -> Result<(Negative, Told), Miss> {
        let Some(opened) = lane.page(deadline).await else {
            return Err(Failure::plain(FailureKind::Browser).into());
        };
        let patience = Patience::Short(deadline);
        let exposure = Exposure { camera: self, spec, deadline, patience };
        let (first, browser) = exposure.of(opened, lane).await;
        let opened = match &first {
            // It died while it was idle, and the news wasn't there yet; or soon after.
            Err(Miss::Unopened) => {
                lane.make_ready(browser);
                lane.page(deadline).await
            }
            // Perhaps for want of memory at that moment: once more.
            Err(Miss::Failed(failure)) if failure.kind == FailureKind::PageCrashed => {
                lane.make_ready(browser);
                lane.page(deadline).await
            }
            // Perhaps a frame was lost: once more, without frames that can be.
            Err(Miss::Stuck) => {
                lane.forget();
                self.page_apart(deadline).await
            }
            Ok(_) | Err(Miss::Failed(_) | Miss::TooGreedy(_)) => {
                lane.make_ready(browser);
                return first;
            }
        };
        let Some(opened) = opened else {
            lane.make_ready(None);
            return first;
        };
        let exposure = Exposure { patience: Patience::Full, ..exposure };
        let (second, browser) = exposure.of(opened, lane).await;
        lane.make_ready(browser);
        second
    }

    /// A page of a browser that serves this one capture and draws by its own
    /// clock, on which nothing waits for anything.
    async fn page_apart(&self, deadline: Instant) -> Option<Opened> {
        tracing::warn!("no picture came of a page that was ready: another browser draws it");
        let opened =
            timeout_at(deadline, Opened::apart(&self.launcher, Frames::Free)).await.ok()?;
        opened.inspect_err(|fault| tracing::error!(%fault, "Chromium does not start")).ok()
    }
}

/// One attempt at a picture.
#[derive(Clone, Copy)]
struct Exposure<'a> {
    camera: &'a ChromiumCamera,
    spec: &'a CaptureSpec,
    deadline: Instant,
    patience: Patience,
}

impl Exposure<'_> {
    /// Takes the picture. Yields the browser too, if another can be taken with it.
    async fn of(
        self,
        mut opened: Opened,
        lane: &mut Lane,
    ) -> (Result<(Negative, Told), Miss>, Option<Arc<Browser>>) {
        let result = match self.draw(&mut opened, lane).await {
            // A call may fail before the news of the crash that made it fail.
            Err(Miss::Failed(failure)) if failure.kind == FailureKind::Browser => {
                let limit = self.deadline.min(Instant::now() + NEWS_DELAY);
                Err(timeout_at(limit, opened.watcher.run()).await.unwrap_or(failure).into())
            }
            other => other,
        };
        let browser = Arc::clone(&opened.browser);
        let (drawn, told) = match result {
            Ok(taken) => taken,
            Err(miss) => {
                let (miss, browser) = tidy(browser, opened.page, miss).await;
                return (Err(miss), browser);
            }
        };
        let negative = match drawn {
            Drawn::Whole(file) => Negative::Finished(Content::Bytes(file)),
            Drawn::Raw(png) => Negative::Raw(png),
            Drawn::Begun(file) => Negative::Finished(pass_on(file, opened, self.deadline)),
        };
        (Ok((negative, told)), Some(browser))
    }

    async fn draw(self, opened: &mut Opened, lane: &mut Lane) -> Result<(Drawn, Told), Miss> {
        let Self { camera, spec, deadline, patience } = self;
        let Opened { browser, page, watcher } = opened;
        browser.note_window(emulation::metrics(&spec.viewport));
        watcher.mind(Requests::that_fit(&spec.rules.request_failed));
        let last_call = last_call(deadline, &spec.output);
        let ChromiumCamera { launcher, kit, .. } = camera;
        let proxy = &launcher.proxy;
        let shot = Shot { page, spec, proxy, kit, patience, deadline, last_call };
        let (drawn, mut told) = tokio::select! {
            biased;
            failure = watcher.run() => Err(failure.into()),
            result = shot.take() => result,
            never = prepare_next(browser, page, lane) => match never {},
            () = memory::exceeded(browser.process.id(), camera.limit_mib) => {
                Err(Miss::TooGreedy(fault::too_greedy(camera.limit_mib)))
            }
            () = sleep_until(deadline) => Err(fault::timed_out(page.stage()).into()),
        }?;
        // Whatever happens to the page now, its picture is there.
        tokio::select! {
            biased;
            failure = watcher.run() => {
                tracing::warn!(failure.message, "a page that was drawn told no more");
            }
            () = shot.tell(&mut told) => {}
            () = memory::exceeded(browser.process.id(), camera.limit_mib) => {}
            () = sleep_until(deadline) => {}
        }
        Ok((drawn, told))
    }
}

/// Where captures come one upon the other, has the next one's page made ready while
/// this one is drawn.
async fn prepare_next(browser: &Arc<Browser>, page: &Page, lane: &mut Lane) -> Infallible {
    drop(page.stages().wait_for(|&stage| stage == Stage::Drawing).await);
    // Whether another browser is to take its place is better judged when it is idle.
    if lane.is_pressed && browser.is_fit() {
        lane.make_ready(Some(Arc::clone(browser)));
    }
    pending().await
}

/// A page that was captured goes by itself. After a failure the browser must show
/// that it can still get rid of one, or it is killed.
async fn tidy(browser: Arc<Browser>, page: Page, miss: Miss) -> (Miss, Option<Arc<Browser>>) {
    let stage = page.stage();
    let is_sound = match &miss {
        Miss::Failed(failure)
            if failure.kind != FailureKind::Browser || stage == Stage::Opening =>
        {
            closes(page).await
        }
        Miss::Unopened | Miss::Failed(_) | Miss::TooGreedy(_) | Miss::Stuck => false,
    };
    if is_sound {
        return (miss, Some(browser));
    }
    tracing::warn!("a Chromium that misbehaved is killed");
    browser.process.end_soon();
    let miss = if page_had_not_come(stage, &miss) { Miss::Unopened } else { miss };
    (miss, None)
}

/// Whether a browser that didn't end well had nothing of the page yet: neither did the
/// page's host fail to answer, nor did the page do anything to it. A document that came with
/// the request may have begun to; it gets one more browser at most.
fn page_had_not_come(stage: Stage, miss: &Miss) -> bool {
    match miss {
        Miss::Failed(failure) if failure.kind == FailureKind::Browser => {
            matches!(stage, Stage::Opening | Stage::Answer | Stage::Document)
        }
        Miss::Failed(_) => matches!(stage, Stage::Opening | Stage::Answer),
        Miss::Unopened | Miss::TooGreedy(_) | Miss::Stuck => stage == Stage::Opening,
    }
}

/// Whether a browser gets rid of a page in time.
async fn closes(page: Page) -> bool {
    matches!(timeout(CLOSE_LIMIT, page.close()).await, Ok(Ok(())))
}

/// Passes a file on while it is read. Its page is kept open until then, and does
/// nothing any more: the browser may serve another capture meanwhile.
fn pass_on(file: File, opened: Opened, deadline: Instant) -> Content<Failure> {
    opened.page.tools.post(&SetScriptExecutionDisabledParams::new(true));
    Content::Stream(Box::pin(stream::try_unfold(
        (file, opened),
        move |(mut file, mut opened)| async move {
            let piece = tokio::select! {
                biased;
                failure = opened.watcher.run() => Err(failure),
                piece = file.next(&opened.page) => piece,
                () = sleep_until(deadline) => Err(fault::timed_out(Stage::Reading)),
            };
            Ok(piece?.map(|piece| (piece, (file, opened))))
        },
    )))
}

#[async_trait]
impl Camera for ChromiumCamera {
    async fn capture(&self, spec: &CaptureSpec, budget: Duration) -> Result<Picture, Failure> {
        let deadline = Instant::now() + budget;
        let Ok(Some((mut lane, permit))) = timeout_at(deadline, self.lanes.take()).await else {
            return Err(Failure::plain(FailureKind::Browser));
        };
        let result = self.capture_in(&mut lane, spec, deadline).await;
        self.lanes.put(lane, permit);
        match result {
            // The lane has the next capture's page made ready meanwhile.
            Ok((negative, told)) => negative.develop(spec, told, deadline).await,
            Err(Miss::Failed(failure) | Miss::TooGreedy(failure)) => Err(failure),
            Err(Miss::Unopened) => Err(Failure::plain(FailureKind::Browser)),
            Err(Miss::Stuck) => Err(fault::timed_out(Stage::Drawing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use darkroom_core::capture::{Effort, Encoding, Output, Source, Viewport};

    use super::*;
    use crate::lane::tests::chromium;

    #[tokio::test]
    async fn under_pressure_the_next_page_is_there_when_a_picture_is() {
        let config = ChromiumConfig {
            path: chromium(),
            reach: Reach::public(),
            memory_mib: 2_048,
            at_once: NonZeroUsize::MIN,
        };
        let camera = ChromiumCamera::start(config).await.unwrap();
        // Large, so that it is drawn for longer than a page takes to be opened.
        let source = Source::Html(String::from("<body style='background:green'>"));
        let spec = CaptureSpec::plain(
            source,
            Output::image(Encoding::Png(Effort::Fast)),
            Viewport::desktop(5_000, 5_000),
        );
        for is_pressed in [true, false] {
            let (mut lane, permit) = camera.lanes.take().await.unwrap();
            lane.is_pressed = is_pressed;
            let deadline = Instant::now() + Duration::from_secs(60);
            assert!(camera.capture_in(&mut lane, &spec, deadline).await.is_ok());
            assert_eq!(lane.is_ready(), is_pressed);
            camera.lanes.put(lane, permit);
        }
    }
}
