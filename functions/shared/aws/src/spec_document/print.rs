//! How a page is printed, as it is stored.

use darkroom_core::capture::{
    Fit, Margins, Orientation, Outline, Paper, PaperSize, Print, Tagging,
};
use serde::{Deserialize, Serialize};

use super::choice;

choice!(PaperSizeDocument for PaperSize {
    "a0" = A0,
    "a1" = A1,
    "a2" = A2,
    "a3" = A3,
    "a4" = A4,
    "a5" = A5,
    "a6" = A6,
    "letter" = Letter,
    "legal" = Legal,
    "tabloid" = Tabloid,
});

choice!(OrientationDocument for Orientation { "portrait" = Portrait, "landscape" = Landscape });

choice!(TaggingDocument for Tagging { "no" = No, "yes" = Yes });

choice!(OutlineDocument for Outline { "no" = No, "yes" = Yes });

choice!(FitDocument for Fit { "sheets" = Sheets, "one_page" = OnePage });

/// The core's `Print`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrintDocument {
    paper: PaperDocument,
    orientation: OrientationDocument,
    margins: MarginsDocument,
    background: bool,
    scale: f64,
    page_ranges: String,
    header: Option<String>,
    footer: Option<String>,
    tagging: TaggingDocument,
    outline: OutlineDocument,
    fit: FitDocument,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PaperDocument {
    Size(PaperSizeDocument),
    Custom { width_in: f64, height_in: f64 },
    OfPage,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarginsDocument {
    top_in: f64,
    right_in: f64,
    bottom_in: f64,
    left_in: f64,
}

impl From<&Print> for PrintDocument {
    fn from(print: &Print) -> Self {
        let Print {
            paper,
            orientation,
            margins,
            background,
            scale,
            page_ranges,
            header,
            footer,
            tagging,
            outline,
            fit,
        } = print;
        Self {
            paper: (*paper).into(),
            orientation: (*orientation).into(),
            margins: (*margins).into(),
            background: *background,
            scale: *scale,
            page_ranges: page_ranges.clone(),
            header: header.clone(),
            footer: footer.clone(),
            tagging: (*tagging).into(),
            outline: (*outline).into(),
            fit: (*fit).into(),
        }
    }
}

impl From<PrintDocument> for Print {
    fn from(document: PrintDocument) -> Self {
        Self {
            paper: document.paper.into(),
            orientation: document.orientation.into(),
            margins: document.margins.into(),
            background: document.background,
            scale: document.scale,
            page_ranges: document.page_ranges,
            header: document.header,
            footer: document.footer,
            tagging: document.tagging.into(),
            outline: document.outline.into(),
            fit: document.fit.into(),
        }
    }
}

impl From<Paper> for PaperDocument {
    fn from(paper: Paper) -> Self {
        match paper {
            Paper::Size(size) => Self::Size(size.into()),
            Paper::Custom { width_in, height_in } => Self::Custom { width_in, height_in },
            Paper::OfPage => Self::OfPage,
        }
    }
}

impl From<PaperDocument> for Paper {
    fn from(document: PaperDocument) -> Self {
        match document {
            PaperDocument::Size(size) => Self::Size(size.into()),
            PaperDocument::Custom { width_in, height_in } => Self::Custom { width_in, height_in },
            PaperDocument::OfPage => Self::OfPage,
        }
    }
}

impl From<Margins> for MarginsDocument {
    fn from(margins: Margins) -> Self {
        let Margins { top_in, right_in, bottom_in, left_in } = margins;
        Self { top_in, right_in, bottom_in, left_in }
    }
}

impl From<MarginsDocument> for Margins {
    fn from(document: MarginsDocument) -> Self {
        let MarginsDocument { top_in, right_in, bottom_in, left_in } = document;
        Self { top_in, right_in, bottom_in, left_in }
    }
}
