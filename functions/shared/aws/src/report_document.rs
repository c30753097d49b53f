//! What is told of a page beside its result, as it is stored in its job's item.

use darkroom_core::report::{Datum, FontStack, Icon, PixelSize, Property, Report};
use darkroom_core::verdict::{Finding, FindingKind, Verdict};
use serde::{Deserialize, Serialize};

use crate::item::{Unreadable, parsed};

/// The core's `Report`.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReportDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metadata: Vec<DatumDocument>,
}

#[derive(Serialize, Deserialize)]
struct FindingDocument {
    kind: String,
    detail: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DatumDocument {
    ImageSize(Option<(u32, u32)>),
    Fonts(Vec<FontStackDocument>),
    PageTitle(String),
    OpenGraph(Vec<(String, String)>),
    Icon(Option<IconDocument>),
    StatusCode,
    Headers(Vec<(String, String)>),
    Verdict,
}

#[derive(Serialize, Deserialize)]
struct FontStackDocument {
    first: String,
    fallback: Vec<String>,
    elements: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct IconDocument {
    url: String,
    media_type: Option<String>,
}

impl From<&Report> for ReportDocument {
    fn from(report: &Report) -> Self {
        let Report { verdict: Verdict { findings }, status, metadata } = report;
        let finding = |Finding { kind, detail }: &Finding| FindingDocument {
            kind: kind.name().to_owned(),
            detail: detail.clone(),
        };
        Self {
            status: *status,
            findings: findings.iter().map(finding).collect(),
            metadata: metadata.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<ReportDocument> for Report {
    type Error = Unreadable;

    fn try_from(document: ReportDocument) -> Result<Self, Unreadable> {
        let finding = |FindingDocument { kind, detail }| {
            let kind = parsed("finding", &kind, FindingKind::from_name)?;
            Ok(Finding { kind, detail })
        };
        let findings = document.findings.into_iter().map(finding).collect::<Result<_, _>>()?;
        Ok(Self {
            verdict: Verdict { findings },
            status: document.status,
            metadata: document.metadata.into_iter().map(Into::into).collect(),
        })
    }
}

impl From<&Datum> for DatumDocument {
    fn from(datum: &Datum) -> Self {
        match datum {
            Datum::ImageSize(size) => {
                Self::ImageSize(size.map(|PixelSize { width, height }| (width, height)))
            }
            Datum::Fonts(stacks) => Self::Fonts(stacks.iter().cloned().map(Into::into).collect()),
            Datum::PageTitle(title) => Self::PageTitle(title.clone()),
            Datum::OpenGraph(properties) => Self::OpenGraph(pairs(properties)),
            Datum::Icon(icon) => Self::Icon(icon.clone().map(Into::into)),
            Datum::StatusCode => Self::StatusCode,
            Datum::Headers(headers) => Self::Headers(pairs(headers)),
            Datum::Verdict => Self::Verdict,
        }
    }
}

impl From<DatumDocument> for Datum {
    fn from(document: DatumDocument) -> Self {
        match document {
            DatumDocument::ImageSize(size) => {
                Self::ImageSize(size.map(|(width, height)| PixelSize { width, height }))
            }
            DatumDocument::Fonts(stacks) => {
                Self::Fonts(stacks.into_iter().map(Into::into).collect())
            }
            DatumDocument::PageTitle(title) => Self::PageTitle(title),
            DatumDocument::OpenGraph(pairs) => Self::OpenGraph(properties(pairs)),
            DatumDocument::Icon(icon) => Self::Icon(icon.map(Into::into)),
            DatumDocument::StatusCode => Self::StatusCode,
            DatumDocument::Headers(pairs) => Self::Headers(properties(pairs)),
            DatumDocument::Verdict => Self::Verdict,
        }
    }
}

impl From<FontStack> for FontStackDocument {
    fn from(FontStack { first, fallback, elements }: FontStack) -> Self {
        Self { first, fallback, elements }
    }
}

impl From<FontStackDocument> for FontStack {
    fn from(FontStackDocument { first, fallback, elements }: FontStackDocument) -> Self {
        Self { first, fallback, elements }
    }
}

impl From<Icon> for IconDocument {
    fn from(Icon { url, media_type }: Icon) -> Self {
        Self { url, media_type }
    }
}

impl From<IconDocument> for Icon {
    fn from(IconDocument { url, media_type }: IconDocument) -> Self {
        Self { url, media_type }
    }
}

fn pairs(properties: &[Property]) -> Vec<(String, String)> {
    let pair = |Property { name, value }: &Property| (name.clone(), value.clone());
    properties.iter().map(pair).collect()
}

fn properties(pairs: Vec<(String, String)>) -> Vec<Property> {
    pairs.into_iter().map(|(name, value)| Property { name, value }).collect()
}
