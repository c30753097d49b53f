//! What else is told of a page, as it is stored.

use darkroom_core::capture::{Fact, Inquiry, Record};
use serde::{Deserialize, Serialize};

use super::choice;
use super::output::MarkupDocument;

choice!(FactDocument for Fact {
    "image_size" = ImageSize,
    "fonts" = Fonts,
    "page_title" = PageTitle,
    "open_graph" = OpenGraph,
    "icon" = Icon,
    "status_code" = StatusCode,
    "headers" = Headers,
    "verdict" = Verdict,
});

choice!(RecordDocument for Record {
    "har" = Har,
    "console" = Console,
    "waterfall" = Waterfall,
});

/// The core's `Inquiry`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InquiryDocument {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    facts: Vec<FactDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<MarkupDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    records: Vec<RecordDocument>,
}

impl From<&Inquiry> for InquiryDocument {
    fn from(inquiry: &Inquiry) -> Self {
        let Inquiry { facts, content, records } = inquiry;
        Self {
            facts: facts.iter().map(|&it| it.into()).collect(),
            content: content.map(Into::into),
            records: records.iter().map(|&it| it.into()).collect(),
        }
    }
}

impl From<InquiryDocument> for Inquiry {
    fn from(document: InquiryDocument) -> Self {
        Self {
            facts: document.facts.into_iter().map(Into::into).collect(),
            content: document.content.map(Into::into),
            records: document.records.into_iter().map(Into::into).collect(),
        }
    }
}
