//! Where a job stands, as it is stored in its item.

use std::time::Duration;

use darkroom_core::artifact::{Artifact, ArtifactFile, ArtifactKey, ByteSize, FileKind, Link};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::ClaimToken;
use darkroom_core::job::{Claim, JobState};
use darkroom_core::report::PixelSize;
use serde::{Deserialize, Serialize};

use crate::item::{Unreadable, parse_time, parsed};
use crate::report_document::ReportDocument;
use crate::spec_document::{FormatDocument, MarkupDocument, millis, unless_default};

/// The names under which the states that end a job are stored.
pub(crate) const ENDED: [&str; 3] = ["completed", "failed", "rejected"];

/// The core's `JobState`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum StateDocument {
    Accepted,
    Queued,
    Rejected { at: String },
    Rendering { token: String, at: String, lease_until: String },
    Completed { at: String, rendering_ms: u64, artifact: ArtifactDocument },
    Failed { at: String, kind: String, message: String },
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ArtifactDocument {
    key: String,
    format: FormatDocument,
    size_bytes: u64,
    stored_at: String,
    link: String,
    link_expires_at: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<ReportDocument>,
}

/// The core's `ArtifactFile`; its key follows from the artifact's.
#[derive(Serialize, Deserialize)]
struct FileDocument {
    #[serde(flatten)]
    kind: FileKindDocument,
    size_bytes: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum FileKindDocument {
    Slice { index: u32, offset_y_px: u32, width_px: u32, height_px: u32 },
    Size { index: u32, width_px: u32, height_px: u32 },
    Content { markup: MarkupDocument },
    Har,
    Console,
    Waterfall,
}

impl StateDocument {
    /// The state's name, for conditions and for operators.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Rejected { .. } => "rejected",
            Self::Rendering { .. } => "rendering",
            Self::Completed { .. } => "completed",
            Self::Failed { .. } => "failed",
        }
    }
}

impl From<&JobState> for StateDocument {
    fn from(state: &JobState) -> Self {
        match state {
            JobState::Accepted => Self::Accepted,
            JobState::Queued => Self::Queued,
            JobState::Rejected { at } => Self::Rejected { at: at.to_string() },
            JobState::Rendering(claim) => Self::Rendering {
                token: claim.token.to_string(),
                at: claim.at.to_string(),
                lease_until: claim.lease_until.to_string(),
            },
            JobState::Completed { at, rendering, artifact } => Self::Completed {
                at: at.to_string(),
                rendering_ms: millis(*rendering),
                artifact: artifact.into(),
            },
            JobState::Failed { at, failure } => Self::Failed {
                at: at.to_string(),
                kind: failure.kind.name().to_owned(),
                message: failure.message.clone(),
            },
        }
    }
}

impl TryFrom<StateDocument> for JobState {
    type Error = Unreadable;

    fn try_from(document: StateDocument) -> Result<Self, Unreadable> {
        Ok(match document {
            StateDocument::Accepted => Self::Accepted,
            StateDocument::Queued => Self::Queued,
            StateDocument::Rejected { at } => Self::Rejected { at: parse_time(&at)? },
            StateDocument::Rendering { token, at, lease_until } => Self::Rendering(Claim {
                token: parsed("token", &token, ClaimToken::parse)?,
                at: parse_time(&at)?,
                lease_until: parse_time(&lease_until)?,
            }),
            StateDocument::Completed { at, rendering_ms, artifact } => Self::Completed {
                at: parse_time(&at)?,
                rendering: Duration::from_millis(rendering_ms),
                artifact: artifact.try_into()?,
            },
            StateDocument::Failed { at, kind, message } => Self::Failed {
                at: parse_time(&at)?,
                failure: Failure::new(parsed("kind", &kind, FailureKind::from_name)?, message),
            },
        })
    }
}

impl From<&Artifact> for ArtifactDocument {
    fn from(artifact: &Artifact) -> Self {
        Self {
            key: artifact.key.as_str().to_owned(),
            format: artifact.format.into(),
            size_bytes: artifact.size.as_bytes(),
            stored_at: artifact.stored_at.to_string(),
            link: artifact.link.url.clone(),
            link_expires_at: artifact.link.expires_at.to_string(),
            files: artifact.files.iter().map(Into::into).collect(),
            report: unless_default(&artifact.report),
        }
    }
}

impl TryFrom<ArtifactDocument> for Artifact {
    type Error = Unreadable;

    fn try_from(document: ArtifactDocument) -> Result<Self, Unreadable> {
        Ok(Self {
            key: ArtifactKey::from_stored(document.key),
            format: document.format.into(),
            size: ByteSize::from_bytes(document.size_bytes),
            stored_at: parse_time(&document.stored_at)?,
            link: Link { url: document.link, expires_at: parse_time(&document.link_expires_at)? },
            files: document.files.into_iter().map(Into::into).collect(),
            report: document.report.map(TryInto::try_into).transpose()?.unwrap_or_default(),
        })
    }
}

impl From<&ArtifactFile> for FileDocument {
    fn from(file: &ArtifactFile) -> Self {
        Self { kind: file.kind.into(), size_bytes: file.size.as_bytes() }
    }
}

impl From<FileDocument> for ArtifactFile {
    fn from(document: FileDocument) -> Self {
        let size = ByteSize::from_bytes(document.size_bytes);
        Self { kind: document.kind.into(), size }
    }
}

impl From<FileKind> for FileKindDocument {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Slice { index, offset_y_px, pixels } => {
                let PixelSize { width: width_px, height: height_px } = pixels;
                Self::Slice { index, offset_y_px, width_px, height_px }
            }
            FileKind::Size { index, pixels } => {
                let PixelSize { width: width_px, height: height_px } = pixels;
                Self::Size { index, width_px, height_px }
            }
            FileKind::Content(markup) => Self::Content { markup: markup.into() },
            FileKind::Har => Self::Har,
            FileKind::Console => Self::Console,
            FileKind::Waterfall => Self::Waterfall,
        }
    }
}

impl From<FileKindDocument> for FileKind {
    fn from(document: FileKindDocument) -> Self {
        match document {
            FileKindDocument::Slice { index, offset_y_px, width_px: width, height_px: height } => {
                Self::Slice { index, offset_y_px, pixels: PixelSize { width, height } }
            }
            FileKindDocument::Size { index, width_px: width, height_px: height } => {
                Self::Size { index, pixels: PixelSize { width, height } }
            }
            FileKindDocument::Content { markup } => Self::Content(markup.into()),
            FileKindDocument::Har => Self::Har,
            FileKindDocument::Console => Self::Console,
            FileKindDocument::Waterfall => Self::Waterfall,
        }
    }
}
