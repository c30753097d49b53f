//! One page in a browser context of its own, which goes when the page is dropped:
//! set up, told where to go, asked by scripts.

use std::borrow::Cow;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use chromiumoxide::Command;
use chromiumoxide::cdp::browser_protocol::browser::{
    BrowserContextId, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams,
};
use chromiumoxide::cdp::browser_protocol::emulation::{
    SetDeviceMetricsOverrideParams, SetUserAgentOverrideParams,
};
use chromiumoxide::cdp::browser_protocol::inspector;
use chromiumoxide::cdp::browser_protocol::page::{
    self, CreateIsolatedWorldParams, FrameId, NavigateParams, SetDocumentContentParams,
    SetLifecycleEventsEnabledParams,
};
use chromiumoxide::cdp::browser_protocol::performance::{self, GetMetricsParams};
use chromiumoxide::cdp::browser_protocol::target::{
    AttachToTargetParams, CreateBrowserContextParams, CreateTargetParams,
    DisposeBrowserContextParams, TargetId,
};
use chromiumoxide::cdp::js_protocol::runtime::{
    CallArgument, CallFunctionOnParams, EvaluateParams, EvaluateReturns, ExecutionContextId,
    TimeDelta,
};
use darkroom_core::capture::{CaptureSpec, ColorScheme, Source};
use darkroom_core::failure::Failure;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use crate::blocking::Cleaner;
use crate::browser::Browser;
use crate::changes::Once;
use crate::clock::{self, Clock};
use crate::connection::{CallError, DevTools};
use crate::fault::{self, Stage};
use crate::frame_tree::{FrameTree, GetFrameTree};
use crate::frames::{Frames, Turns};
use crate::markdown;
use crate::records::Recorder;
use crate::watcher::{Progress, Watcher};

/// An empty page that nobody calls dark.
const EMPTY: &str = "data:text/html,";

/// So many steps of its clock it is given to be loaded: one was seen to do.
const STEPS_OF_EMPTY: u32 = 2;

/// After such a step, until the news of it are there.
const NEWS_REST: Duration = Duration::from_millis(2);

/// The name of the world that our scripts run in.
pub(crate) const WORLD: &str = "darkroom";

/// An open page.
#[derive(Debug)]
pub(crate) struct Page {
    /// The link to the page.
    pub(crate) tools: DevTools,
    /// Who draws its frames.
    pub(crate) frames: Frames,
    /// Whose turn it is to draw one.
    pub(crate) turns: Turns,
    /// How far its document is.
    pub(crate) progress: watch::Receiver<Progress>,
    /// What it calls itself unless a capture says otherwise.
    pub(crate) identity: SetUserAgentOverrideParams,
    /// The window that it was opened with, if one was set.
    pub(crate) window: Option<SetDeviceMetricsOverrideParams>,
    /// What was done to it that is done once.
    pub(crate) once: Once,
    /// Whether its frames were aimed at a part of it, and show that from then on,
    /// whichever document is there.
    pub(crate) aimed: AtomicBool,
    frame: FrameId,
    /// Its clock, if that is in our hand.
    clock: OnceLock<Clock>,
    /// What it is rid of, if anything.
    cleaner: OnceLock<Cleaner>,
    /// What follows how it came, if anything.
    recorder: OnceLock<Recorder>,
    /// What goes on for as long as it is open.
    tasks: Mutex<JoinSet<()>>,
    known: Mutex<Known>,
    stage: watch::Sender<Stage>,
    context: Context,
}

/// What is known of the main frame's document, so that it is asked for once.
#[derive(Default, Debug)]
struct Known {
    /// Which one: its [generation](Progress::generation).
    document: u32,
    world: Option<ExecutionContextId>,
    status: Option<u64>,
    shows_films: Option<bool>,
}

/// A browser context: cookies, cache and pages apart from every other's. Dropping
/// it disposes of it with all that is in it, without waiting.
#[derive(Debug)]
pub(crate) struct Context {
    browser: DevTools,
    /// Which one.
    pub(crate) id: BrowserContextId,
}

impl Drop for Context {
    fn drop(&mut self) {
        self.browser.post(&DisposeBrowserContextParams::new(self.id.clone()));
    }
}

impl Page {
    /// Opens an empty page. Its watcher must run for as long as the page is used.
    pub(crate) async fn open(browser: &Browser) -> Result<(Self, Watcher), CallError> {
        let context = Context::create(&browser.tools).await?;
        let target = CreateTargetParams {
            enable_begin_frame_control: (browser.frames == Frames::Driven).then_some(true),
            browser_context_id: Some(context.id.clone()),
            ..CreateTargetParams::new("about:blank")
        };
        let target = browser.tools.call(target).await?.target_id;
        // The id of a page's main frame is that of its target.
        let frame = FrameId::new(target.inner().clone());
        let attach =
            AttachToTargetParams { flatten: Some(true), ..AttachToTargetParams::new(target) };
        let session = browser.tools.call(attach).await?.session_id;
        let tools = browser.tools.session(session);
        let (watcher, progress) = Watcher::new(tools.clone(), frame.clone());
        let page = Self {
            tools,
            frames: browser.frames,
            turns: Turns::default(),
            progress,
            identity: browser.identity.clone(),
            window: browser.window(),
            once: Once::default(),
            aimed: AtomicBool::new(false),
            frame,
            clock: OnceLock::new(),
            cleaner: OnceLock::new(),
            recorder: OnceLock::new(),
            tasks: Mutex::default(),
            known: Mutex::default(),
            stage: watch::channel(Stage::Opening).0,
            context,
        };
        page.set_up(browser).await?;
        Ok((page, watcher))
    }

    /// All of this goes out together; it must be answered before the page is
    /// navigated, or events get lost.
    async fn set_up(&self, browser: &Browser) -> Result<(), CallError> {
        let no_downloads = SetDownloadBehaviorParams {
            browser_context_id: Some(self.context.id.clone()),
            ..SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::Deny)
        };
        let window = async {
            match self.window.clone() {
                Some(window) => self.tools.call(window).await.map(|_set| ()),
                None => Ok(()),
            }
        };
        tokio::try_join!(
            browser.tools.call(no_downloads),
            self.tools.call(inspector::EnableParams {}),
            self.tools.call(page::EnableParams::default()),
            self.tools.call(SetLifecycleEventsEnabledParams::new(true)),
            self.tools.call(performance::EnableParams::default()),
            self.tools.call(browser.identity.clone()),
            window,
        )?;
        Ok(())
    }

    /// Takes its clock in hand.
    pub(crate) fn take_clock(&self, clock: Clock) {
        self.clock.get_or_init(|| clock);
    }

    /// The frame that all others are in.
    pub(crate) fn main_frame(&self) -> &FrameId {
        &self.frame
    }

    /// Its clock, if that is in our hand.
    pub(crate) fn clock(&self) -> Option<&Clock> {
        self.clock.get()
    }

    /// Has it rid of this.
    pub(crate) fn take_cleaner(&self, cleaner: Cleaner) {
        self.cleaner.get_or_init(|| cleaner);
    }

    /// What it is rid of, if anything.
    pub(crate) fn cleaner(&self) -> Option<&Cleaner> {
        self.cleaner.get()
    }

    /// Has this follow how it comes.
    pub(crate) fn take_recorder(&self, recorder: Recorder) {
        self.recorder.get_or_init(|| recorder);
    }

    /// What follows how it comes, if anything.
    pub(crate) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.get()
    }

    /// Notes what is being waited for from now on.
    pub(crate) fn enter(&self, stage: Stage) {
        self.stage.send_replace(stage);
    }

    /// What is being waited for.
    pub(crate) fn stage(&self) -> Stage {
        *self.stage.borrow()
    }

    /// Tells whenever something is waited for anew.
    pub(crate) fn stages(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Gives the page its content: goes to the address, or writes the document
    /// into an empty page. Such a document's origin is nobody's, and it has no
    /// address, so relative addresses in it lead nowhere.
    pub(crate) async fn load(&self, spec: &CaptureSpec) -> Result<(), Failure> {
        self.enter(match spec.source {
            Source::Url(_) => Stage::Answer,
            Source::Html(_) | Source::Markdown(_) => Stage::Document,
        });
        let is_dark = spec.emulation.color_scheme == Some(ColorScheme::Dark);
        let html = match &spec.source {
            Source::Url(url) => return self.navigate(url.as_str()).await,
            Source::Html(html) => Cow::Borrowed(html.as_str()),
            Source::Markdown(text) => Cow::Owned(markdown::to_html(text)),
        };
        // `about:blank` is dark itself then, under a document that knows no dark. And its time
        // has begun before its clock was in our hand.
        if is_dark || self.clock().is_some() {
            self.navigate(EMPTY).await?;
        }
        self.write(&html).await
    }

    async fn navigate(&self, url: &str) -> Result<(), Failure> {
        let answer = self.call(NavigateParams::new(url)).await?;
        if let Some(text) = answer.error_text {
            return Err(fault::of_navigation(&text));
        }
        let loader = answer.loader_id.unwrap_or_default();
        self.until(|progress| progress.has_committed(&loader)).await;
        Ok(())
    }

    async fn write(&self, html: &str) -> Result<(), Failure> {
        // The empty page's own events must not be taken for the document's.
        if let Some(clock) = self.clock() {
            let mut steps = 0;
            while steps < STEPS_OF_EMPTY || !self.progress.borrow().is_loaded() {
                clock.advance(clock::STEP).await.map_err(|fault| fault::of_call(&fault))?;
                steps += 1;
                sleep(NEWS_REST).await;
            }
        }
        self.until(Progress::is_loaded).await;
        let before = self.progress.borrow().generation;
        self.call(SetDocumentContentParams::new(self.frame.clone(), html)).await?;
        self.until(|progress| progress.generation > before).await;
        Ok(())
    }

    /// Waits until the document is as far as that. Never ends if the watcher has
    /// ended, who tells why.
    pub(crate) async fn until(&self, reached: impl Fn(&Progress) -> bool) {
        let mut progress = self.progress.clone();
        if progress.wait_for(|now| reached(now)).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Sends a command to the page.
    pub(crate) async fn call<C: Command>(&self, command: C) -> Result<C::Response, Failure> {
        self.tools.call(command).await.map_err(|fault| fault::of_call(&fault))
    }

    /// Sends a command to the browser on the page's behalf.
    pub(crate) async fn call_browser<C: Command>(
        &self,
        command: C,
    ) -> Result<C::Response, Failure> {
        self.browser().call(command).await.map_err(|fault| fault::of_call(&fault))
    }

    /// The link to the page's browser.
    pub(crate) fn browser(&self) -> &DevTools {
        &self.context.browser
    }

    /// Which browser context is the page's own.
    pub(crate) fn context_id(&self) -> &BrowserContextId {
        &self.context.id
    }

    /// One more session with the page, with events of its own.
    pub(crate) async fn attach(&self) -> Result<DevTools, Failure> {
        let target = TargetId::new(self.frame.inner().clone());
        let attach =
            AttachToTargetParams { flatten: Some(true), ..AttachToTargetParams::new(target) };
        let session = self.call_browser(attach).await?.session_id;
        Ok(self.tools.session(session))
    }

    /// Does this beside everything else until the page is closed.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(task);
    }

    /// Runs a function in a world of its own, where the page's scripts can't
    /// meddle, and awaits what it promises. None if the document went away.
    pub(crate) async fn ask(
        &self,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, Failure> {
        let before = self.progress.borrow().generation;
        match self.ask_document(function, arguments).await {
            Ok(value) => Ok(Some(value)),
            Err(CallError::Refused { .. }) if self.has_moved_on(before).await => Ok(None),
            Err(fault) => Err(fault::of_call(&fault)),
        }
    }

    /// What a function tells that Chromium ends when it has run until then. None where
    /// something goes wrong, which is no fault of the capture's.
    pub(crate) async fn ask_until(
        &self,
        function: &str,
        arguments: &[Value],
        until: Instant,
    ) -> Option<Value> {
        let limit = until.saturating_duration_since(Instant::now());
        let asking = async {
            let arguments: Vec<_> = arguments.iter().map(Value::to_string).collect();
            let script = EvaluateParams {
                context_id: Some(self.document_world().await?),
                timeout: Some(TimeDelta::new(limit.as_secs_f64() * 1000.0)),
                await_promise: Some(true),
                return_by_value: Some(true),
                ..EvaluateParams::new(format!("({function})({})", arguments.join(", ")))
            };
            let answer = self.tools.call(script).await?;
            if let Some(thrown) = answer.exception_details {
                tracing::warn!(?thrown, "a script of ours threw");
            }
            Ok::<_, CallError>(answer.result.value)
        };
        match timeout_at(until, asking).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(fault)) => {
                tracing::warn!(%fault, "a page couldn't be asked about itself");
                None
            }
            Err(_late) => None,
        }
    }

    /// The frames that there are now, the main one first.
    pub(crate) async fn frames_now(&self) -> Result<Vec<FrameId>, Failure> {
        let FrameTree { tree } = self.call(GetFrameTree {}).await?;
        Ok(tree.ids())
    }

    /// Runs a function in the document and in each of its frames, in those that
    /// don't go away meanwhile.
    pub(crate) async fn ask_frames(&self, function: &str) -> Result<(), Failure> {
        for frame in self.frames_now().await? {
            match self.ask_frame(frame, function, &[]).await {
                Ok(_) | Err(CallError::Refused { .. }) => {}
                Err(fault) => return Err(fault::of_call(&fault)),
            }
        }
        Ok(())
    }

    /// Runs a script of the capture among the page's own. None if the document
    /// went away.
    pub(crate) async fn evaluate(
        &self,
        script: EvaluateParams,
    ) -> Result<Option<EvaluateReturns>, Failure> {
        let before = self.progress.borrow().generation;
        match self.tools.call(script).await {
            Ok(answer) => Ok(Some(answer)),
            Err(CallError::Refused { .. }) if self.has_moved_on(before).await => Ok(None),
            Err(fault) => Err(fault::of_call(&fault)),
        }
    }

    /// The HTTP status of the document, 0 where there was none. None if it went away.
    pub(crate) async fn status(&self) -> Result<Option<u64>, Failure> {
        let document = self.progress.borrow().generation;
        if let Some(status) = self.known(document, |known| known.status) {
            return Ok(Some(status));
        }
        let Some(status) = self.ask(include_str!("script/status.js"), &[]).await? else {
            return Ok(None);
        };
        let status = status.as_u64().unwrap_or(0);
        self.learn(document, |known| known.status = Some(status));
        Ok(Some(status))
    }

    /// Notes whether the document shows films.
    pub(crate) fn shows_films(&self, document: u32, shows: bool) {
        self.learn(document, |known| known.shows_films = Some(shows));
    }

    /// Whether the document may show films.
    pub(crate) fn may_show_films(&self) -> bool {
        let document = self.progress.borrow().generation;
        self.known(document, |known| known.shows_films).unwrap_or(true)
    }

    /// Whether a script has run in the page, though it may have left no trace there.
    /// What we ask the page doesn't count.
    pub(crate) async fn has_run_scripts(&self) -> Result<bool, Failure> {
        let metrics = self.call(GetMetricsParams {}).await?.metrics;
        let seconds = metrics.iter().find(|metric| metric.name == "ScriptDuration");
        Ok(seconds.is_none_or(|seconds| seconds.value > 0.0))
    }

    /// Makes a world of our own in the document, in which it can be asked later.
    pub(crate) async fn make_world(&self) {
        if let Err(fault) = self.document_world().await {
            tracing::debug!(%fault, "no world in a document that may have gone");
        }
    }

    async fn ask_document(&self, function: &str, arguments: &[Value]) -> Result<Value, CallError> {
        self.ask_world(self.document_world().await?, function, arguments).await
    }

    async fn document_world(&self) -> Result<ExecutionContextId, CallError> {
        let document = self.progress.borrow().generation;
        if let Some(world) = self.known(document, |known| known.world) {
            return Ok(world);
        }
        let world = self.world(self.frame.clone()).await?;
        self.learn(document, |known| known.world = Some(world));
        Ok(world)
    }

    /// As [`Self::ask`], in one frame.
    pub(crate) async fn ask_frame(
        &self,
        frame: FrameId,
        function: &str,
        arguments: &[Value],
    ) -> Result<Value, CallError> {
        self.ask_world(self.world(frame).await?, function, arguments).await
    }

    /// The world of our own in a frame's document, which is made if there is none.
    async fn world(&self, frame: FrameId) -> Result<ExecutionContextId, CallError> {
        let world = CreateIsolatedWorldParams {
            world_name: Some(WORLD.to_owned()),
            ..CreateIsolatedWorldParams::new(frame)
        };
        Ok(self.tools.call(world).await?.execution_context_id)
    }

    async fn ask_world(
        &self,
        world: ExecutionContextId,
        function: &str,
        arguments: &[Value],
    ) -> Result<Value, CallError> {
        let argument = |value: &Value| CallArgument::builder().value(value.clone()).build();
        let call = CallFunctionOnParams {
            execution_context_id: Some(world),
            arguments: Some(arguments.iter().map(argument).collect()),
            await_promise: Some(true),
            return_by_value: Some(true),
            ..CallFunctionOnParams::new(function)
        };
        let answer = self.tools.call(call).await?;
        if let Some(thrown) = answer.exception_details {
            tracing::warn!(?thrown, "a script of ours threw");
        }
        Ok(answer.result.value.unwrap_or_default())
    }

    fn known<T>(&self, document: u32, look: impl FnOnce(&Known) -> Option<T>) -> Option<T> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        look(&known).filter(|_| known.document == document)
    }

    fn learn(&self, document: u32, note: impl FnOnce(&mut Known)) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // An answer may come when another document is known already.
        if document < known.document {
            return;
        }
        if document > known.document {
            *known = Known { document, ..Known::default() };
        }
        note(&mut known);
    }

    /// Whether another document has come, or comes within a moment: the refusal
    /// of a script may arrive before the news of its cause.
    pub(crate) async fn has_moved_on(&self, before: u32) -> bool {
        let moved = self.until(|progress| progress.generation > before);
        tokio::time::timeout(fault::NEWS_DELAY, moved).await.is_ok()
    }

    /// Disposes of the page and waits until that is done: a browser that doesn't
    /// is broken.
    pub(crate) async fn close(self) -> Result<(), CallError> {
        let dispose = DisposeBrowserContextParams::new(self.context.id.clone());
        let browser = self.context.browser.clone();
        browser.call(dispose).await.map(|_disposed| ())
    }
}

impl Context {
    /// A new one of this browser.
    pub(crate) async fn create(browser: &DevTools) -> Result<Self, CallError> {
        let create = CreateBrowserContextParams::builder().dispose_on_detach(true).build();
        let id = browser.call(create).await?.browser_context_id;
        Ok(Self { browser: browser.clone(), id })
    }
}
