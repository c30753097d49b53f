//! What to capture and how: the one specification that every dialect's options
//! map onto. A value of these types is valid; ranges are checked on the way in.
//!
//! One file per question: `output` and `print` (what comes out), `framing`
//! (which part), `viewport` and `emulation` (on which device), `request` (what is
//! sent to the host), `changes` (what is done to the page), `wait` (when it is
//! ready), `rules` (when the capture fails).

mod changes;
mod emulation;
mod framing;
mod output;
mod print;
mod request;
mod rules;
mod viewport;
mod wait;

pub use changes::{Gesture, Missing, PageChanges, ScrollTo};
pub use emulation::{
    ColorScheme, Csp, Determinism, Emulation, Geolocation, JavaScript, Media, Motion,
    MotionPreference,
};
pub use framing::{
    Area, Assembly, Element, ElementCut, Framing, FullPage, Rectangle, Reveal, Slices, Sticky,
};
pub use output::{Background, Effort, Encoding, Format, Image, Output, Quality, Resize};
pub use print::{Fit, Margins, Orientation, Outline, Paper, PaperSize, Print, Tagging};
pub use request::{Cookie, Header, RequestChanges, SameSite};
pub use rules::{FailRules, HostErrors, UrlPattern};
pub use viewport::{Screen, Viewport};
pub use wait::{Enough, Late, LifecycleEvent, SelectorWait, Timeout, Wait};

use crate::url::TargetUrl;

/// Everything that decides what the picture looks like.
#[derive(Clone, PartialEq, Debug)]
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
    /// What is done to the page before it is drawn.
    pub changes: PageChanges,
    /// When the page counts as ready.
    pub wait: Wait,
    /// What makes the capture fail.
    pub rules: FailRules,
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
            changes: PageChanges::default(),
            wait: Wait::default(),
            rules: FailRules::default(),
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
#[derive(Clone, PartialEq, Eq, Debug)]
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
