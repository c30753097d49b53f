//! What to capture and how: the one specification that every dialect's options
//! map onto. A value of these types is valid; ranges are checked on the way in.
//!
//! One file per question: `output`, `print`, `clip` and `scroll` (what comes out), `framing`
//! (which part), `viewport` and `emulation` (on which device), `request` (what is
//! sent to the host), `blocking` (what isn't), `changes` (what is done to the page),
//! `wait` (when it is ready), `rules` (when the capture fails), `inquiry` (what else is
//! told of it).

mod blocking;
mod changes;
mod clip;
mod emulation;
mod framing;
mod inquiry;
mod output;
mod print;
mod request;
mod rules;
mod scroll;
mod viewport;
mod wait;

pub use blocking::{Blocking, Clutter, Resource};
pub use changes::{Gesture, Missing, PageChanges, ScrollTo};
pub use clip::{Canvas, Clip, Container};
pub use emulation::{
    ColorScheme, Csp, Determinism, Emulation, Geolocation, JavaScript, Media, Motion,
    MotionPreference,
};
pub use framing::{
    Area, Assembly, Element, ElementCut, Framing, FullPage, Rectangle, Reveal, Slices, Sticky,
};
pub use inquiry::{Fact, Inquiry, Record};
pub use output::{Background, Effort, Encoding, Format, Image, Markup, Output, Quality, Resize};
pub use print::{Fit, Margins, Orientation, Outline, Paper, PaperSize, Print, Tagging};
pub use request::{Cookie, Header, RequestChanges, SameSite};
pub use rules::{FailRules, HostErrors, UrlPattern};
pub use scroll::{BackSteps, Easing, Journey, Landmark, Power, Scroll, Then};
pub use viewport::{Screen, Viewport};
pub use wait::{Enough, Late, LifecycleEvent, SelectorWait, Timeout, Wait};

use crate::url::TargetUrl;

/// Everything that decides what the picture looks like.
#[derive(Clone, PartialEq, Hash, Debug)]
pub struct CaptureSpec {
    /// What is drawn.
    pub source: Source,
    /// What comes out.
    pub output: Output,
    /// The window in which the page is laid out.
    pub viewport: Viewport,
    /// Which part of the page is drawn.
    pub framing: Framing,
    /// What the page is told about its device and its reader.
    pub emulation: Emulation,
    /// What its host is sent.
    pub request: RequestChanges,
    /// What it is kept from asking for, and rid of.
    pub blocking: Blocking,
    /// What is done to the page before it is drawn.
    pub changes: PageChanges,
    /// When the page counts as ready.
    pub wait: Wait,
    /// What makes the capture fail.
    pub rules: FailRules,
    /// What is told of the page beside what is made of it.
    pub inquiry: Inquiry,
}

impl CaptureSpec {
    /// A specification that asks for nothing beyond these three.
    #[must_use]
    pub fn plain(source: Source, output: Output, viewport: Viewport) -> Self {
        Self {
            source,
            output,
            viewport,
            framing: Framing::default(),
            emulation: Emulation::default(),
            request: RequestChanges::default(),
            blocking: Blocking::default(),
            changes: PageChanges::default(),
            wait: Wait::default(),
            rules: FailRules::default(),
            inquiry: Inquiry::default(),
        }
    }

    /// Bytes that the specification takes where it is stored, roughly: the
    /// parts whose length a client decides.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        let source = match &self.source {
            Source::Url(url) => url.as_str().len(),
            Source::Html(text) | Source::Markdown(text) => text.len(),
        };
        source
            + self.output.weight_bytes()
            + self.framing.weight_bytes()
            + self.emulation.weight_bytes()
            + self.request.weight_bytes()
            + self.blocking.weight_bytes()
            + self.changes.weight_bytes()
            + self.wait.weight_bytes()
            + self.rules.weight_bytes()
    }

    /// Whether it holds what may open somebody's door: cookies, headers or an
    /// authorization.
    #[must_use]
    pub const fn holds_credentials(&self) -> bool {
        self.request.holds_credentials()
    }
}

/// What a capture draws.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// A page fetched from its host.
    Url(TargetUrl),
    /// A document given in the request, at most 5 MB as the request that held it.
    Html(String),
    /// A Markdown document (`CommonMark` with GitHub's tables, task lists and
    /// strikethrough) given in the request, as large.
    Markdown(String),
}

/// Bytes of texts together.
fn weigh<'a>(texts: impl IntoIterator<Item = &'a String>) -> usize {
    texts.into_iter().map(String::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Reach;
    use crate::secret::SecretText;

    /// A text of so many bytes.
    fn text(bytes: usize) -> String {
        "x".repeat(bytes)
    }

    fn plain(source: Source) -> CaptureSpec {
        let output = Output::image(Encoding::Png(Effort::Fast));
        CaptureSpec::plain(source, output, Viewport::desktop(1280, 800))
    }

    fn heavy_request() -> RequestChanges {
        let cookie = Cookie {
            name: text(64),
            value: SecretText::new(text(128)),
            domain: Some(text(256)),
            path: Some(text(512)),
            secure: false,
            http_only: false,
            same_site: None,
        };
        let header = Header { name: text(1 << 10), value: SecretText::new(text(1 << 11)) };
        RequestChanges {
            user_agent: Some(text(1 << 12)),
            headers: vec![header],
            cookies: vec![cookie],
            authorization: Some(SecretText::new(text(1 << 13))),
        }
    }

    fn heavy_changes() -> PageChanges {
        let gesture = |bytes| Gesture { selector: text(bytes), missing: Missing::Fail };
        PageChanges {
            styles: Some(text(1 << 14)),
            scripts: Some(text(1 << 15)),
            hide: vec![text(1 << 16)],
            remove: vec![text(1 << 17)],
            click: Some(gesture(1 << 18)),
            hover: Some(gesture(1 << 19)),
            ..PageChanges::default()
        }
    }

    #[test]
    fn the_weight_is_that_of_every_text_that_a_client_decides() {
        // Powers of two, of which no two sums are the same.
        let print = Print {
            page_ranges: text(1),
            header: Some(text(2)),
            footer: Some(text(4)),
            ..Print::default()
        };
        let element = Element {
            selector: text(8),
            cut: ElementCut::Box,
            scroll_into_view: false,
            missing: Missing::Ignore,
        };
        let framing = Framing { element: Some(element), ..Framing::default() };
        let emulation =
            Emulation { time_zone: Some(text(16)), locale: Some(text(32)), ..Emulation::default() };
        let selector = SelectorWait { selector: text(1 << 20), enough: Enough::One };
        let wait =
            Wait { selector: Some(selector), function: Some(text(1 << 21)), ..Wait::default() };
        let rules = FailRules {
            content_contains: vec![text(1 << 22)],
            content_missing: vec![text(1 << 23)],
            request_failed: UrlPattern::parse(&text(1 << 24)).into_iter().collect(),
            ..FailRules::default()
        };
        let blocking = Blocking {
            requests: UrlPattern::parse(&text(1 << 25)).into_iter().collect(),
            ..Blocking::default()
        };
        let spec = CaptureSpec {
            output: Output::Pdf(Box::new(print)),
            framing,
            emulation,
            request: heavy_request(),
            blocking,
            changes: heavy_changes(),
            wait,
            rules,
            ..plain(Source::Html(text(1 << 26)))
        };
        assert_eq!(spec.weight_bytes(), (1 << 27) - 1);
        let url = "https://example.com/";
        let of_url = plain(Source::Url(TargetUrl::parse(url, &Reach::public()).unwrap()));
        assert_eq!(of_url.weight_bytes(), url.len());
        assert_eq!(plain(Source::Markdown(text(3))).weight_bytes(), 3);
        let until = Some(Landmark { selector: text(4), above_px: 0 });
        let clip = Clip {
            container: Container::Mp4,
            duration: Clip::MAX_DURATION,
            canvas: Canvas::Window,
            scroll: Some(Scroll { until, ..Scroll::default() }),
        };
        let moving =
            CaptureSpec { output: Output::Clip(Box::new(clip)), ..plain(Source::Html(text(3))) };
        assert_eq!(moving.weight_bytes(), 7);
    }

    #[test]
    fn cookies_headers_and_an_authorization_are_credentials() {
        let secret = || SecretText::new(text(1));
        let cookie = Cookie {
            name: text(1),
            value: secret(),
            domain: None,
            path: None,
            secure: true,
            http_only: true,
            same_site: None,
        };
        let none = RequestChanges::default();
        let agent = RequestChanges { user_agent: Some(text(1)), ..none.clone() };
        let header = Header { name: text(1), value: secret() };
        for (request, holds) in [
            (none.clone(), false),
            (agent, false),
            (RequestChanges { headers: vec![header], ..none.clone() }, true),
            (RequestChanges { cookies: vec![cookie], ..none.clone() }, true),
            (RequestChanges { authorization: Some(secret()), ..none }, true),
        ] {
            let spec = CaptureSpec { request, ..plain(Source::Html(text(1))) };
            assert_eq!(spec.holds_credentials(), holds, "{:?}", spec.request);
        }
    }
}
