//! A specification as it is stored, in a job's item or as an object of its own.
//!
//! A twin of `darkroom_core::capture`, file by file: the core's types may be
//! renamed freely, these names lie in tables and buckets. Each value is taken
//! apart by a pattern that names every field, so that one that the core gains
//! can't be forgotten here; a document with a field that this version doesn't
//! know is refused rather than read in part.

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
#[cfg(test)]
mod tests;
mod viewport;
mod wait;

use std::time::Duration;

use darkroom_core::capture::{CaptureSpec, Source};
use darkroom_core::url::TargetUrl;
use serde::{Deserialize, Serialize};

use self::blocking::BlockingDocument;
use self::changes::ChangesDocument;
use self::emulation::EmulationDocument;
use self::framing::FramingDocument;
use self::inquiry::InquiryDocument;
use self::output::OutputDocument;
use self::request::RequestDocument;
use self::rules::RulesDocument;
use self::viewport::ViewportDocument;
use self::wait::WaitDocument;
use crate::item::Unreadable;

pub(crate) use self::output::{FormatDocument, MarkupDocument};

/// A stored choice: an enum of names, and its way from and to the core's.
macro_rules! choice {
    ($visibility:vis $document:ident for $core:ident { $($name:literal = $variant:ident),+ $(,)? }) => {
        #[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
        $visibility enum $document {
            $(#[serde(rename = $name)] $variant,)+
        }

        impl From<$core> for $document {
            fn from(core: $core) -> Self {
                match core {
                    $($core::$variant => Self::$variant,)+
                }
            }
        }

        impl From<$document> for $core {
            fn from(document: $document) -> Self {
                match document {
                    $($document::$variant => Self::$variant,)+
                }
            }
        }
    };
}
pub(crate) use choice;

/// The core's `CaptureSpec`. A part that asks for nothing isn't stored: an item
/// is paid by the kilobyte.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpecDocument {
    source: SourceDocument,
    output: OutputDocument,
    viewport: ViewportDocument,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    framing: Option<FramingDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    emulation: Option<EmulationDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<RequestDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocking: Option<BlockingDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changes: Option<ChangesDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait: Option<WaitDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rules: Option<RulesDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inquiry: Option<InquiryDocument>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SourceDocument {
    Url(String),
    Html(String),
    Markdown(String),
}

impl From<&CaptureSpec> for SpecDocument {
    fn from(spec: &CaptureSpec) -> Self {
        let CaptureSpec {
            source,
            output,
            viewport,
            framing,
            emulation,
            request,
            blocking,
            changes,
            wait,
            rules,
            inquiry,
        } = spec;
        Self {
            source: source.into(),
            output: output.into(),
            viewport: viewport.into(),
            framing: unless_default(framing),
            emulation: unless_default(emulation),
            request: unless_default(request),
            blocking: unless_default(blocking),
            changes: unless_default(changes),
            wait: unless_default(wait),
            rules: unless_default(rules),
            inquiry: unless_default(inquiry),
        }
    }
}

impl TryFrom<SpecDocument> for CaptureSpec {
    type Error = Unreadable;

    fn try_from(document: SpecDocument) -> Result<Self, Unreadable> {
        Ok(Self {
            source: document.source.try_into()?,
            output: document.output.try_into()?,
            viewport: document.viewport.into(),
            framing: document.framing.map(Into::into).unwrap_or_default(),
            emulation: document.emulation.map(Into::into).unwrap_or_default(),
            request: document.request.map(Into::into).unwrap_or_default(),
            blocking: document.blocking.map(TryInto::try_into).transpose()?.unwrap_or_default(),
            changes: document.changes.map(Into::into).unwrap_or_default(),
            wait: document.wait.map(Into::into).unwrap_or_default(),
            rules: document.rules.map(TryInto::try_into).transpose()?.unwrap_or_default(),
            inquiry: document.inquiry.map(Into::into).unwrap_or_default(),
        })
    }
}

impl From<&Source> for SourceDocument {
    fn from(source: &Source) -> Self {
        match source {
            Source::Url(url) => Self::Url(url.as_str().to_owned()),
            Source::Html(html) => Self::Html(html.clone()),
            Source::Markdown(text) => Self::Markdown(text.clone()),
        }
    }
}

impl TryFrom<SourceDocument> for Source {
    type Error = Unreadable;

    fn try_from(document: SourceDocument) -> Result<Self, Unreadable> {
        Ok(match document {
            SourceDocument::Url(text) => Self::Url(stored_url(&text)?),
            SourceDocument::Html(html) => Self::Html(html),
            SourceDocument::Markdown(text) => Self::Markdown(text),
        })
    }
}

/// A span as it is stored, rounded down to milliseconds.
pub(crate) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// None of what says nothing.
pub(crate) fn unless_default<'a, T, D>(part: &'a T) -> Option<D>
where
    T: Default + PartialEq,
    D: From<&'a T>,
{
    (*part != T::default()).then(|| part.into())
}

fn stored_url(text: &str) -> Result<TargetUrl, Unreadable> {
    TargetUrl::from_stored(text).ok_or_else(|| Unreadable("the page's url is no URL".to_owned()))
}
