//! A specification as it is stored, in a job's item or as an object of its own.
//!
//! A twin of `darkroom_core::capture`: the core's types may be renamed freely,
//! these names lie in tables and buckets.

use std::time::Duration;

use darkroom_core::capture::{
    Area, CaptureSpec, Effort, Encoding, Enough, FailRules, Format, Framing, FullPage, HostErrors,
    LifecycleEvent, Output, Quality, Reveal, SelectorWait, Source, Viewport, Wait,
};
use darkroom_core::url::TargetUrl;
use serde::{Deserialize, Serialize};

use crate::item::Unreadable;

/// The core's `CaptureSpec`.
#[derive(Serialize, Deserialize)]
pub(crate) struct SpecDocument {
    source: SourceDocument,
    output: OutputDocument,
    viewport: ViewportDocument,
    extent: ExtentDocument,
    wait: WaitDocument,
    host_errors: HostErrorsDocument,
}

/// The core's `Output`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
enum OutputDocument {
    Png,
    Jpeg { quality: u8 },
    Webp { quality: u8 },
    Pdf,
}

/// The core's `Format`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FormatDocument {
    Png,
    Jpeg,
    Webp,
    Avif,
    Gif,
    Tiff,
    Pdf,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SourceDocument {
    Url(String),
    Html(String),
    Markdown(String),
}

#[derive(Serialize, Deserialize)]
struct ViewportDocument {
    width_px: u32,
    height_px: u32,
    scale: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExtentDocument {
    Viewport,
    FullPage,
}

#[derive(Serialize, Deserialize)]
struct WaitDocument {
    until: Vec<LifecycleDocument>,
    selector: Option<String>,
    delay_ms: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LifecycleDocument {
    DomContentLoaded,
    Load,
    NetworkAlmostIdle,
    NetworkIdle,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HostErrorsDocument {
    Fail,
    Draw,
}

impl From<&CaptureSpec> for SpecDocument {
    fn from(spec: &CaptureSpec) -> Self {
        Self {
            source: match &spec.source {
                Source::Url(url) => SourceDocument::Url(url.as_str().to_owned()),
                Source::Html(html) => SourceDocument::Html(html.clone()),
                Source::Markdown(text) => SourceDocument::Markdown(text.clone()),
            },
            output: (&spec.output).into(),
            viewport: ViewportDocument {
                width_px: spec.viewport.width_px,
                height_px: spec.viewport.height_px,
                scale: spec.viewport.scale,
            },
            extent: match spec.framing.area {
                Area::Viewport | Area::Clip(_) => ExtentDocument::Viewport,
                Area::FullPage(_) => ExtentDocument::FullPage,
            },
            wait: WaitDocument {
                until: spec.wait.until.iter().map(lifecycle_document).collect(),
                selector: spec.wait.selector.as_ref().map(|it| it.selector.clone()),
                delay_ms: millis(spec.wait.delay),
            },
            host_errors: match spec.rules.host_errors {
                HostErrors::Fail => HostErrorsDocument::Fail,
                HostErrors::Draw => HostErrorsDocument::Draw,
            },
        }
    }
}

impl TryFrom<SpecDocument> for CaptureSpec {
    type Error = Unreadable;

    fn try_from(document: SpecDocument) -> Result<Self, Unreadable> {
        let source = match document.source {
            SourceDocument::Url(url) => Source::Url(stored_url(&url)?),
            SourceDocument::Html(html) => Source::Html(html),
            SourceDocument::Markdown(text) => Source::Markdown(text),
        };
        let viewport = Viewport {
            scale: document.viewport.scale,
            ..Viewport::desktop(document.viewport.width_px, document.viewport.height_px)
        };
        Ok(Self {
            framing: match document.extent {
                ExtentDocument::Viewport => Framing::default(),
                ExtentDocument::FullPage => Framing {
                    area: Area::FullPage(FullPage::default()),
                    reveal: Some(Reveal::default()),
                    beyond_viewport: true,
                    element: None,
                },
            },
            wait: Wait {
                until: document.wait.until.iter().map(lifecycle_event).collect(),
                selector: document
                    .wait
                    .selector
                    .map(|selector| SelectorWait { selector, enough: Enough::One }),
                delay: Duration::from_millis(document.wait.delay_ms),
                ..Wait::default()
            },
            rules: FailRules {
                host_errors: match document.host_errors {
                    HostErrorsDocument::Fail => HostErrors::Fail,
                    HostErrorsDocument::Draw => HostErrors::Draw,
                },
                ..FailRules::default()
            },
            ..Self::plain(source, document.output.try_into()?, viewport)
        })
    }
}

impl From<&Output> for OutputDocument {
    fn from(output: &Output) -> Self {
        match output {
            Output::Image(image) => match image.encoding {
                Encoding::Jpeg(quality) => Self::Jpeg { quality: quality.percent() },
                Encoding::WebP(quality) => Self::Webp { quality: quality.percent() },
                Encoding::Png(_) | Encoding::Avif(_) | Encoding::Gif | Encoding::Tiff => Self::Png,
            },
            Output::Pdf(_) => Self::Pdf,
        }
    }
}

impl TryFrom<OutputDocument> for Output {
    type Error = Unreadable;

    fn try_from(document: OutputDocument) -> Result<Self, Unreadable> {
        Ok(match document {
            OutputDocument::Png => Self::image(Encoding::Png(Effort::Fast)),
            OutputDocument::Jpeg { quality } => {
                Self::image(Encoding::Jpeg(stored_quality(quality)?))
            }
            OutputDocument::Webp { quality } => {
                Self::image(Encoding::WebP(stored_quality(quality)?))
            }
            OutputDocument::Pdf => Self::Pdf(Box::default()),
        })
    }
}

impl From<Format> for FormatDocument {
    fn from(format: Format) -> Self {
        match format {
            Format::Png => Self::Png,
            Format::Jpeg => Self::Jpeg,
            Format::WebP => Self::Webp,
            Format::Avif => Self::Avif,
            Format::Gif => Self::Gif,
            Format::Tiff => Self::Tiff,
            Format::Pdf => Self::Pdf,
        }
    }
}

impl From<FormatDocument> for Format {
    fn from(document: FormatDocument) -> Self {
        match document {
            FormatDocument::Png => Self::Png,
            FormatDocument::Jpeg => Self::Jpeg,
            FormatDocument::Webp => Self::WebP,
            FormatDocument::Avif => Self::Avif,
            FormatDocument::Gif => Self::Gif,
            FormatDocument::Tiff => Self::Tiff,
            FormatDocument::Pdf => Self::Pdf,
        }
    }
}

/// A span as it is stored, rounded down to milliseconds.
pub(crate) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn stored_url(text: &str) -> Result<TargetUrl, Unreadable> {
    TargetUrl::from_stored(text).ok_or_else(|| Unreadable("the page's url is no URL".to_owned()))
}

fn stored_quality(percent: u8) -> Result<Quality, Unreadable> {
    Quality::new(percent).ok_or_else(|| Unreadable(format!("quality is {percent}")))
}

fn lifecycle_document(event: &LifecycleEvent) -> LifecycleDocument {
    match event {
        LifecycleEvent::DomContentLoaded => LifecycleDocument::DomContentLoaded,
        LifecycleEvent::Load => LifecycleDocument::Load,
        LifecycleEvent::NetworkAlmostIdle => LifecycleDocument::NetworkAlmostIdle,
        LifecycleEvent::NetworkIdle => LifecycleDocument::NetworkIdle,
    }
}

fn lifecycle_event(document: &LifecycleDocument) -> LifecycleEvent {
    match document {
        LifecycleDocument::DomContentLoaded => LifecycleEvent::DomContentLoaded,
        LifecycleDocument::Load => LifecycleEvent::Load,
        LifecycleDocument::NetworkAlmostIdle => LifecycleEvent::NetworkAlmostIdle,
        LifecycleDocument::NetworkIdle => LifecycleEvent::NetworkIdle,
    }
}
