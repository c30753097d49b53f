//! One capture on an open page: load, wait, judge what came, draw.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::emulation::SetScriptExecutionDisabledParams;
use chromiumoxide::cdp::browser_protocol::page::{SetDocumentContentParams, StopLoadingParams};
use chromiumoxide::cdp::js_protocol::runtime::EvaluateParams;
use darkroom_core::capture::{
    Area, CaptureSpec, Framing, Gesture, HostErrors, Late, Missing, Output, PageChanges, Source,
    Wait,
};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_egress::forward_proxy::{ForwardProxy, Verdict};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use url::Url;

use crate::clock::Clock;
use crate::connection::CallError;
use crate::develop::is_fast_png;
use crate::fault::{self, NEWS_DELAY, Stage};
use crate::file::Drawn;
use crate::frames::{self, Frames};
use crate::kit::Kit;
use crate::page::Page;
use crate::still::Still;
use crate::told::Told;
use crate::{
    blocking, changes, clip, emulation, pdf, records, request, rules, sticky, text, told, wait,
};

/// How long drawing may take before it counts as stuck: 10 to 500 ms are usual,
/// some seconds for what is very large.
const DRAWING_LIMIT: Duration = Duration::from_secs(5);

/// The same of a picture that may be as tall as a page, and of each section of one:
/// in one piece, 40,000 px take seconds.
const TALL_DRAWING_LIMIT: Duration = Duration::from_secs(30);

/// How long a page that isn't ready may be drawn without what it is still loading.
const UNBLOCKED_AFTER: Duration = Duration::from_millis(300);

/// With less than this to wait, there is no time left for another browser.
const LEAST_LIMIT: Duration = Duration::from_secs(1);

/// How long drawing may still take when another document has come meanwhile.
/// Chromium (153) never ends some screenshots that this happens to.
const INTERRUPTED_LIMIT: Duration = Duration::from_millis(500);

/// The longest that is kept back for drawing a page that isn't ready in time, and
/// which part of the time that is left when the capture begins.
const LATE_DRAWING: (Duration, u32) = (DRAWING_LIMIT, 4);

/// When a page that isn't ready is drawn as it is, of a capture that begins now
/// and must end then. A clip takes some two thirds of its duration.
pub(crate) fn last_call(deadline: Instant, output: &Output) -> Instant {
    let (longest, part) = LATE_DRAWING;
    let left = deadline.saturating_duration_since(Instant::now());
    deadline
        - match output {
            Output::Image(_) | Output::Pdf(_) | Output::Text(_) => longest.min(left / part),
            Output::Clip(clip) => (longest + clip.duration).min(left * 2 / 3),
        }
}

/// How often a page is drawn that goes elsewhere meanwhile.
const MAX_ROUNDS: u32 = 5;

/// How long a picture is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    /// No longer than leaves time for a second attempt before this deadline.
    Short(Instant),
    /// As long as the caller waits.
    Full,
}

impl Patience {
    /// At most this long.
    fn limit(self, most: Duration) -> Option<Duration> {
        let Self::Short(deadline) = self else {
            return None;
        };
        let left = deadline.saturating_duration_since(Instant::now());
        Some(most.min(left / 3)).filter(|&limit| limit >= LEAST_LIMIT)
    }
}

/// Why there is no picture.
#[derive(Debug)]
pub(crate) enum Miss {
    /// What the capture is to be told.
    Failed(Failure),
    /// The browser failed before anything of the page had come.
    Unopened,
    /// The page took more memory than there is for it; another try would, too.
    TooGreedy(Failure),
    /// The page was ready, but no picture came in time. The browser may be to blame.
    Stuck,
}

impl From<Failure> for Miss {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A document that is to be drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    /// Its [generation](crate::watcher::Progress::generation).
    pub(crate) document: u32,
    /// Whether it was ready; else its time was up.
    pub(crate) is_ready: bool,
}

/// How long a page may take to tell about itself before and after it is drawn; some
/// milliseconds are usual.
const TELLING_LIMIT: Duration = Duration::from_secs(2);

/// How long a frame is on its way to the page's thread. A question that is there before it keeps
/// the picture waiting by its own 4 ms; one that comes behind costs it nothing.
const HEAD_START: Duration = Duration::from_millis(4);

/// What a capture needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shot<'a> {
    /// An empty page.
    pub(crate) page: &'a Page,
    /// What is wanted.
    pub(crate) spec: &'a CaptureSpec,
    /// Knows which connections were refused, and why.
    pub(crate) proxy: &'a ForwardProxy,
    /// What is done to pages with.
    pub(crate) kit: &'a Kit,
    /// How long the picture is waited for.
    pub(crate) patience: Patience,
    /// When the capture ends.
    pub(crate) deadline: Instant,
    /// When a page that isn't ready is drawn as it is, where that was asked for.
    pub(crate) last_call: Instant,
}

impl Shot<'_> {
    /// Takes the picture of a document that was ready and judged. A page that
    /// goes elsewhere meanwhile is waited for, judged and drawn again.
    pub(crate) async fn take(self) -> Result<(Drawn, Told), Miss> {
        if let Output::Clip(_) = self.spec.output
            && self.page.frames == Frames::Driven
        {
            self.page.take_clock(Clock::stop(self.page, self.spec).await?);
        }
        let mut subject = frames::alongside(self.page, self.prepare()).await?;
        for _ in 0..MAX_ROUNDS {
            if let Some(taken) = self.picture_of(subject).await? {
                return Ok(taken);
            }
            subject = frames::alongside(self.page, self.ready()).await?;
        }
        self.take_at_rest().await
    }

    /// Takes the picture of a page that never rests by itself: its scripts are ended.
    /// Another document may be on its way still.
    async fn take_at_rest(self) -> Result<(Drawn, Told), Miss> {
        for _ in 0..MAX_ROUNDS {
            let subject = frames::alongside(self.page, self.as_it_is()).await?;
            if let Some(taken) = self.picture_of(subject).await? {
                return Ok(taken);
            }
        }
        Err(Miss::Stuck)
    }

    /// What this document shows and tells; none if another came meanwhile.
    async fn picture_of(self, subject: Subject) -> Result<Option<(Drawn, Told)>, Miss> {
        let until = Instant::now() + self.telling_limit();
        let asking = told::ask(self.page, self.spec, subject, until);
        let both = if self.tells_meanwhile() {
            self.draw_asking(subject, asking).await?
        } else {
            let told = asking.await;
            let drawn = self.draw_unblocked(subject, told.sight.wants_pixels()).await?;
            drawn.map(|drawn| (drawn, told))
        };
        let Some((drawn, told)) = both else { return Ok(None) };
        if !self.shows(subject.document, &drawn).await {
            return Ok(None);
        }
        Ok(Some((drawn?, told)))
    }

    /// Draws while the page is asked. Where nothing is drawn, nobody needs the answer.
    async fn draw_asking(
        self,
        subject: Subject,
        asking: impl Future<Output = Told>,
    ) -> Result<Option<(Result<Drawn, Failure>, Told)>, Miss> {
        let drawing = async {
            let drawn = self.draw_unblocked(subject, false).await.map_err(Some)?;
            drawn.ok_or(None)
        };
        let asking = async {
            sleep(HEAD_START).await;
            Ok(asking.await)
        };
        match tokio::try_join!(drawing, asking) {
            Ok(both) => Ok(Some(both)),
            Err(Some(miss)) => Err(miss),
            Err(None) => Ok(None),
        }
    }

    /// Tells what is left to be told of a page that was drawn, which is its end.
    pub(crate) async fn tell(self, told: &mut Told) {
        told.end(self.page, self.spec, self.kit, self.telling_limit()).await;
    }

    /// Whether the page tells about itself while it is drawn: it stands still, and its file is
    /// the same whatever it says.
    fn tells_meanwhile(self) -> bool {
        let Framing { area, element, .. } = &self.spec.framing;
        let is_window = matches!(area, Area::Viewport) && element.is_none();
        matches!(&self.spec.output, Output::Image(image) if is_window && is_fast_png(image))
    }

    async fn draw_unblocked(
        self,
        Subject { document, is_ready }: Subject,
        is_looked_at: bool,
    ) -> Result<Option<Result<Drawn, Failure>>, Miss> {
        tokio::select! {
            drawn = self.draw_in_time(document, is_looked_at) => drawn,
            never = self.unblock(is_ready) => match never {},
        }
    }

    /// Has a page that isn't ready load nothing more, if nothing is painted within a moment: a
    /// style sheet that is on its way keeps everything from that. So does a script
    /// before the body, of which a document is written anew that has one.
    async fn unblock(self, is_ready: bool) -> Infallible {
        if !is_ready && !self.is_filmed() {
            let left = self.deadline.saturating_duration_since(Instant::now());
            sleep(UNBLOCKED_AFTER.min(left / 8)).await;
            let is_painted = self.page.ask(include_str!("script/painted.js"), &[]).await;
            if matches!(is_painted, Ok(Some(Value::Bool(true)))) {
                return pending().await;
            }
            self.page.tools.post(&StopLoadingParams {});
            let told = self.page.ask(include_str!("script/bodiless.js"), &[]).await;
            if let Ok(Some(Value::String(html))) = told {
                let frame = self.page.main_frame().clone();
                self.page.tools.post(&SetDocumentContentParams::new(frame, html));
            }
        }
        pending().await
    }

    /// How long a page may tell about itself, so that it is drawn all the same.
    fn telling_limit(self) -> Duration {
        TELLING_LIMIT.min(self.deadline.saturating_duration_since(Instant::now()) / 4)
    }

    /// Draws. None if another document came in between and the drawing didn't end.
    /// Each piece of the picture may take as long as there is patience for.
    async fn draw_in_time(
        self,
        document: u32,
        is_looked_at: bool,
    ) -> Result<Option<Result<Drawn, Failure>>, Miss> {
        self.page.enter(Stage::Drawing);
        let drawing = async {
            tokio::select! {
                drawn = self.draw(is_looked_at) => Some(drawn),
                () = self.interrupted(document) => None,
            }
        };
        let most = match self.spec.framing.area {
            Area::FullPage(_) => TALL_DRAWING_LIMIT,
            Area::Viewport | Area::Clip(_) => DRAWING_LIMIT,
        };
        let mut pieces = self.page.stages();
        tokio::pin!(drawing);
        loop {
            let Some(limit) = self.patience.limit(most) else {
                return Ok(drawing.await);
            };
            tokio::select! {
                drawn = &mut drawing => return Ok(drawn),
                // Another piece of a tall picture, or another step: it isn't stuck.
                _begun = pieces.changed() => {}
                () = sleep(limit) => return Err(Miss::Stuck),
            }
        }
    }

    /// Ends a moment after this document has gone. A clip shows that.
    async fn interrupted(self, document: u32) {
        if self.is_filmed() {
            return pending().await;
        }
        self.page.until(|progress| progress.generation > document).await;
        sleep(INTERRUPTED_LIMIT).await;
    }

    /// Whether what was drawn is this document, or failed not because of another.
    async fn shows(self, document: u32, drawn: &Result<Drawn, Failure>) -> bool {
        if matches!(drawn, Err(failure) if failure.kind == FailureKind::Browser) {
            return self.is_filmed() || !self.page.has_moved_on(document).await;
        }
        self.is_filmed() || self.is_at(document)
    }

    /// Whether a clip is made of it.
    const fn is_filmed(self) -> bool {
        matches!(self.spec.output, Output::Clip(_))
    }

    /// Whether this document is there still. The news that it is the browser's
    /// own error page may come before the news that it is another.
    fn is_at(self, document: u32) -> bool {
        let progress = self.page.progress.borrow();
        progress.generation == document && progress.unreachable.is_none()
    }

    async fn draw(self, is_looked_at: bool) -> Result<Drawn, Failure> {
        let Self { page, spec, .. } = self;
        match &self.spec.output {
            Output::Image(image) => Still { page, spec, image, is_looked_at }.take().await,
            Output::Pdf(print) => pdf::print(page, spec, print).await,
            Output::Clip(clip) => clip::film(page, spec, clip).await,
            Output::Text(markup) => {
                text::write(page, spec, *markup, self.kit).await.map(Drawn::Whole)
            }
        }
    }

    async fn prepare(self) -> Result<Subject, Failure> {
        tokio::try_join!(
            emulation::apply(self.page, self.spec),
            request::apply(self.page, self.spec),
            blocking::apply(self.page, self.spec, &self.kit.filters),
            rules::requests::watch(self.page, &self.spec.rules),
            records::watch(self.page, self.spec),
        )?;
        if let Err(failure) = self.load().await {
            return Err(self.explain(failure).await);
        }
        self.ready().await
    }

    /// Loads what is to be drawn, until its first bytes are there. Only a host can
    /// be late with those.
    async fn load(self) -> Result<(), Failure> {
        let loading = self.page.load(self.spec);
        let limit = self.spec.wait.navigation;
        match &self.spec.source {
            Source::Url(_) => {
                let loaded = timeout(limit, loading).await;
                loaded.unwrap_or_else(|_late| Err(fault::unanswered(limit)))
            }
            Source::Html(_) | Source::Markdown(_) => loading.await,
        }
    }

    /// Which document is to be drawn: one that is ready or, if that was asked for,
    /// the one that is there when there is no more time.
    async fn ready(self) -> Result<Subject, Failure> {
        match self.late() {
            Late::Fail => self.settled().await,
            Late::Draw => match timeout_at(self.last_call, self.settled()).await {
                Ok(document) => document,
                Err(_late) => self.as_it_is().await,
            },
        }
    }

    /// What becomes of a page that isn't ready in time. A clip shows a page that is on its
    /// way, unless something is waited for that was asked for by name.
    fn late(self) -> Late {
        let Wait { until, selector, function, late, .. } = &self.spec.wait;
        let is_usual = until.is_empty() && selector.is_none() && function.is_none();
        if is_usual && self.is_filmed() { Late::Draw } else { *late }
    }

    /// Which document is there, ready or not, and one to draw.
    async fn as_it_is(self) -> Result<Subject, Failure> {
        loop {
            let document = self.page.progress.borrow().generation;
            self.change_and_rest(document).await?;
            if !self.is_filmed() {
                self.stop_scripts().await?;
            }
            if self.judge().await? && self.is_at(document) {
                return Ok(Subject { document, is_ready: false });
            }
        }
    }

    /// Does to a document that isn't ready what can still be done. Each of both may
    /// take a quarter of the time that is left, so that the other is done and the
    /// picture drawn.
    async fn change_and_rest(self, document: u32) -> Result<(), Failure> {
        let limit = self.deadline.saturating_duration_since(Instant::now()) / 4;
        let changes = without_waiting(&self.spec.changes);
        let changing = changes::apply(self.page, &changes, document, limit / 4);
        timeout(limit, changing).await.unwrap_or(Ok(false))?;
        timeout(limit / 4, blocking::hide(self.page)).await.unwrap_or(Ok(()))?;
        let resting = async {
            sticky::unscroll(self.page, &self.spec.framing).await?;
            emulation::rest(self.page, self.spec).await
        };
        timeout(limit, resting).await.unwrap_or(Ok(()))
    }

    /// Ends the page's scripts: some lead on and on to other documents, which is in
    /// the way of drawing. What they have made of the page stays.
    async fn stop_scripts(self) -> Result<(), Failure> {
        self.page.call(SetScriptExecutionDisabledParams::new(true)).await.map(|_stopped| ())
    }

    /// Which document is ready and one to draw.
    async fn settled(self) -> Result<Subject, Failure> {
        loop {
            let document = wait::until_ready(self.page, self.spec, self.last_call).await?;
            emulation::rest(self.page, self.spec).await?;
            let judged = self.judge().await?;
            if judged && self.is_at(document) {
                return Ok(Subject { document, is_ready: true });
            }
        }
    }

    /// Why a navigation failed: all that the browser knows of a connection that
    /// the proxy refused is that there was none.
    async fn explain(self, failure: Failure) -> Failure {
        if failure.kind == FailureKind::NotAPage {
            // The navigation of a renderer that dies is broken off just so: that one
            // doesn't answer, and the watcher tells why.
            return match self.page.tools.call(EvaluateParams::new("0")).await {
                Err(gone @ CallError::Gone { .. }) => fault::of_call(&gone),
                Ok(_) | Err(CallError::Refused { .. } | CallError::Unreadable { .. }) => failure,
            };
        }
        if failure.kind != FailureKind::Network {
            return failure;
        }
        // Which address failed, at the end of what redirects, comes with the
        // browser's own error page.
        let told = self.page.until(|progress| progress.unreachable.is_some());
        let _late = timeout(NEWS_DELAY, told).await;
        self.refusal().unwrap_or(failure)
    }

    /// Whether the document that is there now is one to draw. It may be another
    /// than the one that was loaded first, for scripts navigate too. False if it
    /// went away before that was clear.
    async fn judge(self) -> Result<bool, Failure> {
        if self.page.progress.borrow().unreachable.is_some() {
            return Err(self.refusal().unwrap_or_else(|| Failure::plain(FailureKind::Network)));
        }
        if !is_web(&self.page.progress.borrow().url) {
            return Err(Failure::plain(FailureKind::ForbiddenAddress));
        }
        let Some(status) = self.page.status().await? else {
            return Ok(false);
        };
        if status < 400 {
            return rules::content(self.page, &self.spec.rules).await;
        }
        // Without TLS, the proxy's refusal is itself a page with a status.
        match (self.refusal(), self.spec.rules.host_errors) {
            (Some(refusal), _) => Err(refusal),
            (None, HostErrors::Fail) => Err(fault::of_status(status)),
            (None, HostErrors::Draw) => rules::content(self.page, &self.spec.rules).await,
        }
    }

    /// Why the connection to the document's host wasn't made, if it wasn't.
    fn refusal(self) -> Option<Failure> {
        let progress = self.page.progress.borrow();
        let url = Url::parse(progress.unreachable.as_ref().unwrap_or(&progress.url)).ok()?;
        let verdict = self.proxy.verdict(url.host_str()?, url.port_or_known_default()?)?;
        Some(Failure::plain(match verdict {
            Verdict::Forbidden => FailureKind::ForbiddenAddress,
            Verdict::Unresolved => FailureKind::NameNotResolved,
            Verdict::Unreachable => FailureKind::Network,
        }))
    }
}

/// What is done to a page that isn't ready: what isn't there yet is done without,
/// and nothing is waited for.
fn without_waiting(changes: &PageChanges) -> PageChanges {
    let ignoring = |gesture: &Gesture| Gesture { missing: Missing::Ignore, ..gesture.clone() };
    PageChanges {
        scripts_wait: Vec::new(),
        click: changes.click.as_ref().map(ignoring),
        hover: changes.hover.as_ref().map(ignoring),
        ..changes.clone()
    }
}

/// Whether a document comes from the web, from the request (`about:blank`, `data:`),
/// or from a script of one of these. Chromium itself lets no page go elsewhere.
fn is_web(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    matches!(scheme, "http" | "https" | "about" | "data" | "blob")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_documents_of_the_web_are_drawn() {
        for url in [
            "http://e.com/",
            "https://e.com/",
            "about:blank",
            "data:text/html,",
            "blob:https://e.com/1",
        ] {
            assert!(is_web(url), "{url}");
        }
        for url in ["file:///etc/passwd", "chrome://version/", "view-source:http://e.com/", ""] {
            assert!(!is_web(url), "{url}");
        }
    }
}
