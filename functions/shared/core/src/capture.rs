//! What to capture and how: the one specification that every dialect's options
//! map onto. A value of these types is valid; ranges are checked on the way in.

use std::time::Duration;

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
    /// Whether the whole height of the page is drawn instead of the window.
    pub extent: Extent,
    /// When the page counts as ready.
    pub wait: Wait,
    /// What to do about a page whose host answers 400 or above.
    pub host_errors: HostErrors,
}

impl CaptureSpec {
    /// Bytes that the specification takes where it is stored, roughly: the
    /// parts whose length a client decides.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        let source = match &self.source {
            Source::Url(url) => url.as_str().len(),
            Source::Html(html) => html.len(),
        };
        source + self.wait.selector.as_ref().map_or(0, String::len)
    }
}

/// What a capture draws.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// A page fetched from its host.
    Url(TargetUrl),
    /// A document given in the request, at most 5 MB as the request that held it.
    Html(String),
}

/// The kind of file that a capture yields.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Output {
    /// Lossless; drawn with Chromium's fast encoder.
    Png,
    /// Lossy.
    Jpeg(Quality),
    /// Lossy.
    WebP(Quality),
    /// The page as it prints, A4 or Letter by the browser's default.
    Pdf,
}

impl Output {
    /// The media type of the file (RFC 6838).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg(_) => "image/jpeg",
            Self::WebP(_) => "image/webp",
            Self::Pdf => "application/pdf",
        }
    }

    /// The usual extension of the file's name, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg(_) => "jpg",
            Self::WebP(_) => "webp",
            Self::Pdf => "pdf",
        }
    }
}

/// Quality of a lossy picture in percent, 0 to 100.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Quality(u8);

impl Quality {
    /// A quality; none above 100.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        if percent <= 100 { Some(Self(percent)) } else { None }
    }

    /// Percent.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// The window of a page, in CSS pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Viewport {
    /// 1 to 7,680 (8K, the widest that a peer offers).
    pub width_px: u32,
    /// 1 to 7,680.
    pub height_px: u32,
    /// Picture pixels to a CSS pixel, 1 to 5 (ScreenshotOne's range).
    pub scale: f64,
}

impl Viewport {
    /// The longest side that is accepted.
    pub const MAX_SIDE_PX: u32 = 7_680;
    /// The largest scale that is accepted.
    pub const MAX_SCALE: f64 = 5.0;
}

/// How much of the page is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extent {
    /// What the window shows.
    Viewport,
    /// The whole height of the page.
    FullPage,
}

/// When a page counts as ready to be drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wait {
    /// Events that must all have come. Empty: `load`, then a bounded settling
    /// of fonts and visible images.
    pub until: Vec<LifecycleEvent>,
    /// A CSS selector that must match an element.
    pub selector: Option<String>,
    /// Rest after all of the above, at most [`Wait::MAX_DELAY`].
    pub delay: Duration,
}

impl Wait {
    /// The longest `delay` (ScreenshotOne's validator).
    pub const MAX_DELAY: Duration = Duration::from_secs(30);
}

/// A moment in the loading of a page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LifecycleEvent {
    /// `DOMContentLoaded`.
    DomContentLoaded,
    /// `load`.
    Load,
    /// At most two connections open for half a second.
    NetworkAlmostIdle,
    /// No connection open for half a second.
    NetworkIdle,
}

/// What a page with an HTTP status of 400 or above comes to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HostErrors {
    /// The capture fails.
    Fail,
    /// The error page is drawn like any other.
    Draw,
}

/// How long one capture may take, over all its tries, once a worker has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timeout(u16);

impl Timeout {
    /// 60 s, both seeds' default.
    pub const DEFAULT: Self = Self(60);
    /// 300 s for asynchronous captures (Nodium seed, «Why Async?»).
    pub const MAX_ASYNC_SECS: u16 = 300;

    /// A timeout of whole seconds, 1 to 300.
    #[must_use]
    pub const fn from_secs(secs: u16) -> Option<Self> {
        if secs >= 1 && secs <= Self::MAX_ASYNC_SECS { Some(Self(secs)) } else { None }
    }

    /// Whole seconds.
    #[must_use]
    pub const fn as_secs(self) -> u16 {
        self.0
    }

    /// As a span.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}
