//! How a page is printed to a PDF.

use std::hash::{Hash, Hasher};

use super::weigh;

/// How a page is printed.
#[derive(Clone, PartialEq, Debug)]
pub struct Print {
    /// The sheet.
    pub paper: Paper,
    /// Which way the sheet lies.
    pub orientation: Orientation,
    /// What stays free on each sheet.
    pub margins: Margins,
    /// Whether backgrounds are printed.
    pub background: bool,
    /// The size of the content, 1 being as on a screen: 0.1 to 2 (Chromium's range).
    pub scale: f64,
    /// Which sheets, such as `1-5, 8, 11-`; empty for all.
    pub page_ranges: String,
    /// HTML printed at the top of each sheet.
    pub header: Option<String>,
    /// HTML printed at the foot of each sheet.
    pub footer: Option<String>,
    /// Whether screen readers are told what is what.
    pub tagging: Tagging,
    /// Whether there is a table of contents made from the headings.
    pub outline: Outline,
    /// Whether the content is made to fit.
    pub fit: Fit,
}

impl Default for Print {
    /// A4 upright with backgrounds and Chromium's own margins of 0.4 in.
    fn default() -> Self {
        Self {
            paper: Paper::Size(PaperSize::A4),
            orientation: Orientation::Portrait,
            margins: Margins::default(),
            background: true,
            scale: 1.0,
            page_ranges: String::new(),
            header: None,
            footer: None,
            tagging: Tagging::No,
            outline: Outline::No,
            fit: Fit::Sheets,
        }
    }
}

impl Hash for Print {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
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
        } = self;
        (paper, orientation, margins, background, scale.to_bits()).hash(state);
        (page_ranges, header, footer, tagging, outline, fit).hash(state);
    }
}

impl Print {
    /// The least scale.
    pub const MIN_SCALE: f64 = 0.1;
    /// The greatest scale.
    pub const MAX_SCALE: f64 = 2.0;

    pub(super) fn weight_bytes(&self) -> usize {
        self.page_ranges.len() + weigh(self.header.iter().chain(&self.footer))
    }
}

/// The sheet that a page is printed on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Paper {
    /// A usual one.
    Size(PaperSize),
    /// One of these sides, upright, in inches.
    Custom {
        /// Inches.
        width_in: f64,
        /// Inches.
        height_in: f64,
    },
    /// The one that the page's own `@page` rule asks for.
    OfPage,
}

impl Hash for Paper {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Size(size) => size.hash(state),
            Self::Custom { width_in, height_in } => {
                (width_in.to_bits(), height_in.to_bits()).hash(state);
            }
            Self::OfPage => {}
        }
    }
}

/// Usual sheets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names are those of ISO 216 and ANSI")]
pub enum PaperSize {
    A0,
    A1,
    A2,
    A3,
    A4,
    A5,
    A6,
    Letter,
    Legal,
    Tabloid,
}

impl PaperSize {
    /// Every size.
    pub const ALL: [Self; 10] = [
        Self::A0,
        Self::A1,
        Self::A2,
        Self::A3,
        Self::A4,
        Self::A5,
        Self::A6,
        Self::Letter,
        Self::Legal,
        Self::Tabloid,
    ];

    /// Width and height in inches, upright. ISO 216's millimetres over 25.4,
    /// ANSI/ASME Y14.1's inches.
    #[must_use]
    pub const fn inches(self) -> (f64, f64) {
        const fn mm(width: f64, height: f64) -> (f64, f64) {
            (width / 25.4, height / 25.4)
        }
        match self {
            Self::A0 => mm(841.0, 1189.0),
            Self::A1 => mm(594.0, 841.0),
            Self::A2 => mm(420.0, 594.0),
            Self::A3 => mm(297.0, 420.0),
            Self::A4 => mm(210.0, 297.0),
            Self::A5 => mm(148.0, 210.0),
            Self::A6 => mm(105.0, 148.0),
            Self::Letter => (8.5, 11.0),
            Self::Legal => (8.5, 14.0),
            Self::Tabloid => (11.0, 17.0),
        }
    }

    /// Its name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A0 => "a0",
            Self::A1 => "a1",
            Self::A2 => "a2",
            Self::A3 => "a3",
            Self::A4 => "a4",
            Self::A5 => "a5",
            Self::A6 => "a6",
            Self::Letter => "letter",
            Self::Legal => "legal",
            Self::Tabloid => "tabloid",
        }
    }
}

/// Which way a sheet lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Orientation {
    /// Upright.
    Portrait,
    /// On its side.
    Landscape,
}

/// What stays free on each side of a sheet, in inches.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Margins {
    /// Inches.
    pub top_in: f64,
    /// Inches.
    pub right_in: f64,
    /// Inches.
    pub bottom_in: f64,
    /// Inches.
    pub left_in: f64,
}

impl Hash for Margins {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { top_in, right_in, bottom_in, left_in } = self;
        [top_in, right_in, bottom_in, left_in].map(|inches| inches.to_bits()).hash(state);
    }
}

impl Default for Margins {
    /// Chromium's: 1 cm, which it rounds to 0.4 in.
    fn default() -> Self {
        Self { top_in: 0.4, right_in: 0.4, bottom_in: 0.4, left_in: 0.4 }
    }
}

/// Whether a PDF says what is a heading, a list, a table (PDF/UA's structure).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Tagging {
    /// A third smaller and faster to print.
    No,
    /// For screen readers.
    Yes,
}

/// Whether a PDF has bookmarks made from the page's headings; they need tags.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outline {
    /// None.
    No,
    /// Of every heading.
    Yes,
}

/// What becomes of content that needs more than one sheet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fit {
    /// It goes on on the next sheet.
    Sheets,
    /// The one sheet is as wide as the paper and as tall as the content, be that
    /// more or less than the paper's height; at most 200 in. Breaks that the page
    /// asks for don't count, nor does the size that it asks for.
    OnePage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_those_of_iso_216_and_ansi() {
        let rounded = |inches: f64| (inches * 25.4).round();
        let sheets = PaperSize::ALL.map(|size| {
            let (width, height) = size.inches();
            (size.name(), rounded(width), rounded(height))
        });
        let expected = [
            ("a0", 841.0, 1189.0),
            ("a1", 594.0, 841.0),
            ("a2", 420.0, 594.0),
            ("a3", 297.0, 420.0),
            ("a4", 210.0, 297.0),
            ("a5", 148.0, 210.0),
            ("a6", 105.0, 148.0),
            ("letter", 216.0, 279.0),
            ("legal", 216.0, 356.0),
            ("tabloid", 279.0, 432.0),
        ];
        assert_eq!(sheets, expected);
    }
}
