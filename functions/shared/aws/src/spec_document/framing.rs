//! Which part of a page is drawn, as it is stored.

use std::time::Duration;

use darkroom_core::capture::{
    Area, Assembly, Element, ElementCut, Framing, FullPage, Missing, Rectangle, Reveal, Slices,
    Sticky,
};
use serde::{Deserialize, Serialize};

use super::{choice, millis};

choice!(AssemblyDocument for Assembly { "automatic" = Automatic, "sections" = Sections });

choice!(StickyDocument for Sticky { "as_is" = AsIs, "once" = Once });

choice!(CutDocument for ElementCut { "box" = Box, "clip" = Clip });

choice!(pub(super) MissingDocument for Missing { "fail" = Fail, "ignore" = Ignore });

/// The core's `Framing`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FramingDocument {
    area: AreaDocument,
    element: Option<ElementDocument>,
    reveal: Option<RevealDocument>,
    beyond_viewport: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AreaDocument {
    Viewport,
    FullPage(FullPageDocument),
    Clip(RectangleDocument),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FullPageDocument {
    max_height_px: Option<u32>,
    assembly: AssemblyDocument,
    sticky: StickyDocument,
    slices: Option<SlicesDocument>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SlicesDocument {
    height_px: u32,
    overlap_px: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RectangleDocument {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RevealDocument {
    step_px: Option<u32>,
    delay_ms: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ElementDocument {
    selector: String,
    cut: CutDocument,
    scroll_into_view: bool,
    missing: MissingDocument,
}

impl From<&Framing> for FramingDocument {
    fn from(framing: &Framing) -> Self {
        let Framing { area, element, reveal, beyond_viewport } = framing;
        Self {
            area: area.into(),
            element: element.as_ref().map(Into::into),
            reveal: reveal.as_ref().map(Into::into),
            beyond_viewport: *beyond_viewport,
        }
    }
}

impl From<FramingDocument> for Framing {
    fn from(document: FramingDocument) -> Self {
        Self {
            area: document.area.into(),
            element: document.element.map(Into::into),
            reveal: document.reveal.map(Into::into),
            beyond_viewport: document.beyond_viewport,
        }
    }
}

impl From<&Area> for AreaDocument {
    fn from(area: &Area) -> Self {
        match area {
            Area::Viewport => Self::Viewport,
            Area::FullPage(full_page) => Self::FullPage(full_page.into()),
            Area::Clip(Rectangle { x, y, width, height }) => {
                Self::Clip(RectangleDocument { x: *x, y: *y, width: *width, height: *height })
            }
        }
    }
}

impl From<AreaDocument> for Area {
    fn from(document: AreaDocument) -> Self {
        match document {
            AreaDocument::Viewport => Self::Viewport,
            AreaDocument::FullPage(full_page) => Self::FullPage(full_page.into()),
            AreaDocument::Clip(RectangleDocument { x, y, width, height }) => {
                Self::Clip(Rectangle { x, y, width, height })
            }
        }
    }
}

impl From<&FullPage> for FullPageDocument {
    fn from(full_page: &FullPage) -> Self {
        let FullPage { max_height_px, assembly, sticky, slices } = full_page;
        Self {
            max_height_px: *max_height_px,
            assembly: (*assembly).into(),
            sticky: (*sticky).into(),
            slices: slices
                .map(|Slices { height_px, overlap_px }| SlicesDocument { height_px, overlap_px }),
        }
    }
}

impl From<FullPageDocument> for FullPage {
    fn from(document: FullPageDocument) -> Self {
        Self {
            max_height_px: document.max_height_px,
            assembly: document.assembly.into(),
            sticky: document.sticky.into(),
            slices: document
                .slices
                .map(|SlicesDocument { height_px, overlap_px }| Slices { height_px, overlap_px }),
        }
    }
}

impl From<&Reveal> for RevealDocument {
    fn from(reveal: &Reveal) -> Self {
        let Reveal { step_px, delay } = reveal;
        Self { step_px: *step_px, delay_ms: millis(*delay) }
    }
}

impl From<RevealDocument> for Reveal {
    fn from(document: RevealDocument) -> Self {
        let RevealDocument { step_px, delay_ms } = document;
        Self { step_px, delay: Duration::from_millis(delay_ms) }
    }
}

impl From<&Element> for ElementDocument {
    fn from(element: &Element) -> Self {
        let Element { selector, cut, scroll_into_view, missing } = element;
        Self {
            selector: selector.clone(),
            cut: (*cut).into(),
            scroll_into_view: *scroll_into_view,
            missing: (*missing).into(),
        }
    }
}

impl From<ElementDocument> for Element {
    fn from(document: ElementDocument) -> Self {
        Self {
            selector: document.selector,
            cut: document.cut.into(),
            scroll_into_view: document.scroll_into_view,
            missing: document.missing.into(),
        }
    }
}
