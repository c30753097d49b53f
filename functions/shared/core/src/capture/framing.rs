//! Which part of a page is drawn.

use std::time::Duration;

use super::changes::Missing;

/// Which part of a page is drawn, and what is done so that it shows.
#[derive(Clone, PartialEq, Hash, Debug, Default)]
pub struct Framing {
    /// The part.
    pub area: Area,
    /// One element instead, where it is there.
    pub element: Option<Element>,
    /// The scroll through the page before, which makes lazy content load.
    pub reveal: Option<Reveal>,
    /// Whether what lies outside the window may be drawn; else a clip or an element
    /// that reaches beyond is cut. A whole page does in any case.
    pub beyond_viewport: bool,
}

impl Framing {
    pub(super) fn weight_bytes(&self) -> usize {
        self.element.as_ref().map_or(0, |element| element.selector.len())
    }
}

/// Which part of a page is drawn.
#[derive(Clone, PartialEq, Hash, Debug, Default)]
pub enum Area {
    /// What the window shows.
    #[default]
    Viewport,
    /// The whole height of the page.
    FullPage(FullPage),
    /// A rectangle of the page.
    Clip(Rectangle),
}

/// How the whole height of a page is drawn.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct FullPage {
    /// Where the page is cut off, in CSS pixels.
    pub max_height_px: Option<u32>,
    /// How the picture is put together.
    pub assembly: Assembly,
    /// What becomes of bars that stick to the window.
    pub sticky: Sticky,
    /// Whether the picture is cut up too.
    pub slices: Option<Slices>,
}

/// How the picture of a tall page is put together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Assembly {
    /// In one piece where Chromium can do that, else in sections.
    #[default]
    Automatic,
    /// In sections: the window is moved down the page and the pictures are
    /// joined, for pages that show their content only in the window.
    Sections,
}

/// What becomes of fixed and sticky elements in the picture of a whole page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Sticky {
    /// They stand where they are when a piece of the picture is drawn: further down
    /// if the page has scrolled itself, and in each window that sections are made of.
    AsIs,
    /// They stand once, where they are while the page isn't scrolled.
    #[default]
    Once,
}

/// Files into which the picture of a whole page is cut besides.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Slices {
    /// Height of a slice in CSS pixels, 1 to [`Slices::MAX_HEIGHT_PX`].
    pub height_px: u32,
    /// How much of a slice is in the next one too, in CSS pixels.
    pub overlap_px: u32,
}

impl Slices {
    /// The most slices of one picture: each is a write to the bucket, within the
    /// slack of one lease, and a line in the job's item.
    pub const MAX_COUNT: u32 = 100;
    /// The tallest slice (ScreenshotOne's range).
    pub const MAX_HEIGHT_PX: u32 = 16_000;
    /// The least that a slice must be taller than the overlap.
    pub const MIN_ADVANCE_PX: u32 = 100;
}

/// A scroll through the page and back.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reveal {
    /// CSS pixels of a step; the window's height where none is given.
    pub step_px: Option<u32>,
    /// The longest rest after a step: it ends as soon as what is in view has
    /// loaded.
    pub delay: Duration,
}

impl Default for Reveal {
    fn default() -> Self {
        Self { step_px: None, delay: Self::DEFAULT_DELAY }
    }
}

impl Reveal {
    /// ScreenshotOne's default.
    pub const DEFAULT_DELAY: Duration = Duration::from_millis(400);
    /// ScreenshotOne's least.
    pub const MIN_DELAY: Duration = Duration::from_millis(100);
}

/// One element of the page.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Element {
    /// CSS selector; the first match is taken.
    pub selector: String,
    /// How it is cut out.
    pub cut: ElementCut,
    /// Whether it is scrolled into view before.
    pub scroll_into_view: bool,
    /// What if there is none: the [area](Framing::area) instead, or a failure.
    pub missing: Missing,
}

/// How an element is cut out of the page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ElementCut {
    /// Its border box.
    Box,
    /// Its border box as it was before it was scrolled to, in the page's
    /// coordinates (ScreenshotOne's `clip`).
    Clip,
}

/// A rectangle in CSS pixels from the page's upper left corner.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rectangle {
    /// From the left edge.
    pub x: u32,
    /// From the upper edge.
    pub y: u32,
    /// At least 1.
    pub width: u32,
    /// At least 1.
    pub height: u32,
}
