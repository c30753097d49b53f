//! Which part of a page is drawn.

use std::time::Duration;

use darkroom_core::capture::{
    Area, Assembly, Element, ElementCut, Framing, FullPage, Missing, Rectangle, Reveal, Slices,
    Sticky,
};

use super::given::Options;
use super::kind::Kind;
use super::known::{Known, built, ours};
use super::values;

/// No page is longer: Chromium lays out in 64ths of a pixel in 32 bits.
const MAX_PX: u32 = 33_554_432;

const LENGTH: &str = "a whole number of pixels from 1 to 33554432";
const PLACE: &str = "a whole number of pixels from 0 to 33554432";

/// The longest rest after a scroll step.
const MAX_STEP_DELAY_MS: u32 = 10_000;

pub(super) const OPTIONS: &[Known] = &[
    built(
        "full_page",
        "true or false",
        Some("false"),
        "Draw the whole height of the page. Not for clips.",
    ),
    built(
        "full_page_scroll",
        "true or false",
        Some("true"),
        "Scroll through the page first, so that lazy content loads. Needs `full_page`.",
    ),
    built(
        "full_page_scroll_delay",
        "a whole number of milliseconds from 100 to 10000",
        Some("400"),
        "The longest rest after a scroll step; it ends as soon as what is in view has loaded. Needs `full_page` and `full_page_scroll`.",
    ),
    built(
        "full_page_scroll_by",
        LENGTH,
        None,
        "Length of a scroll step; the window's height if it isn't given. Needs `full_page` and `full_page_scroll`.",
    ),
    built(
        "full_page_max_height",
        LENGTH,
        None,
        "Cut the page off at this height in CSS pixels. Needs `full_page`.",
    ),
    built(
        "full_page_algorithm",
        "default or by_sections",
        Some("default"),
        "`by_sections` moves the window down the page and joins the pictures, for pages that show content only in the window. Needs `full_page`.",
    ),
    ours(
        "full_page_sticky",
        "once or as_is",
        Some("once"),
        "`once` shows fixed and sticky elements once, where they are while the page isn't scrolled. `as_is` leaves them where they are when they are drawn: further down on a page that has scrolled itself and isn't scrolled back (`full_page_scroll`), and in each window of `by_sections`. Needs `full_page`.",
    ),
    built(
        "full_page_slices",
        "true or false",
        Some("false"),
        "Cut the picture, as it is drawn, into at most 100 files besides; the answer to a poll lists them. Needs `full_page`.",
    ),
    built(
        "full_page_slice_height",
        "a whole number of pixels from 1 to 16000",
        Some("4000"),
        "Height of a slice in CSS pixels, at least 100 above the overlap. Needs `full_page_slices`.",
    ),
    built(
        "full_page_slice_overlap_height",
        "a whole number of pixels from 0 to 15900",
        Some("0"),
        "How much of a slice is in the next one too. Needs `full_page_slices`.",
    ),
    built(
        "capture_beyond_viewport",
        "true or false",
        None,
        "Whether what lies outside the window is drawn; false cuts a clip or an element where the window ends, and contradicts `full_page`. Default: true with `full_page`, `selector` or `clip_*`, else false.",
    ),
    built(
        "selector",
        "a CSS selector",
        None,
        "Draw only the first element that matches, or tell only of that. Not for pdf and clips.",
    ),
    built(
        "selector_algorithm",
        "default or clip",
        Some("default"),
        "`clip` cuts the element out where it was before it was scrolled to. Needs `selector`.",
    ),
    built(
        "selector_scroll_into_view",
        "true or false",
        Some("true"),
        "Scroll to the element first. Needs `selector`.",
    ),
    built(
        "error_on_selector_not_found",
        "true or false",
        Some("false"),
        "Fail if no element matches, rather than draw the page. Needs `selector`.",
    ),
    built(
        "clip_x",
        PLACE,
        Some("0"),
        "Left edge of the part that is drawn, in CSS pixels. Needs `clip_width` and `clip_height`.",
    ),
    built(
        "clip_y",
        PLACE,
        Some("0"),
        "Upper edge of that part. Needs `clip_width` and `clip_height`.",
    ),
    built(
        "clip_width",
        LENGTH,
        None,
        "Width of that part. Needs `clip_height`; not with `full_page` or `selector`, nor for pdf, clips, html, markdown and text.",
    ),
    built(
        "clip_height",
        LENGTH,
        None,
        "Height of that part. Needs `clip_width`; not with `full_page` or `selector`, nor for pdf, clips, html, markdown and text.",
    ),
];

const OF_THE_SCROLL: [&str; 2] = ["full_page_scroll_delay", "full_page_scroll_by"];
const OF_SLICES: [&str; 2] = ["full_page_slice_height", "full_page_slice_overlap_height"];
const OF_A_TALL_PICTURE: [&str; 4] =
    ["full_page_max_height", "full_page_algorithm", "full_page_sticky", "full_page_slices"];
const OF_THE_ELEMENT: [&str; 3] =
    ["selector_algorithm", "selector_scroll_into_view", "error_on_selector_not_found"];
const OF_THE_CLIP: [&str; 4] = ["clip_x", "clip_y", "clip_width", "clip_height"];

/// The part of the page that is drawn; a PDF and a text have all of it in any case, so
/// that of `full_page` nothing is left but the scroll, and a clip shows the window.
pub(super) fn read(options: &mut Options, kind: Kind) -> Framing {
    let is_full = options.truth("full_page") == Some(true);
    let reveal = reveal(options, is_full);
    let full_page = full_page(options, is_full);
    let element = element(options);
    let clip = clip(options, is_full);
    let reaches_out = full_page.is_some() || element.is_some() || clip.is_some();
    let beyond_viewport = options.truth("capture_beyond_viewport");
    if beyond_viewport == Some(false) && is_full {
        options.refuse_beside("capture_beyond_viewport", "full_page");
    }
    match kind {
        Kind::Still(_) => {}
        Kind::Pdf => {
            refuse_all(options, kind);
            return Framing { reveal, ..Framing::default() };
        }
        Kind::Clip(_) => {
            options.refuse_meaningless(&["full_page"], kind.in_case());
            refuse_all(options, kind);
            return Framing::default();
        }
        Kind::Text(_) => {
            refuse_all_but_the_element(options, kind);
            return Framing { element, reveal, ..Framing::default() };
        }
    }
    Framing {
        area: match (full_page, clip) {
            (Some(full_page), _) => Area::FullPage(full_page),
            (None, Some(clip)) => Area::Clip(clip),
            (None, None) => Area::Viewport,
        },
        element,
        reveal,
        beyond_viewport: beyond_viewport.unwrap_or(reaches_out),
    }
}

fn refuse_all(options: &mut Options, kind: Kind) {
    options.refuse_meaningless(&["selector"], kind.in_case());
    refuse_all_but_the_element(options, kind);
}

fn refuse_all_but_the_element(options: &mut Options, kind: Kind) {
    let in_case = kind.in_case();
    options.refuse_meaningless(&["capture_beyond_viewport"], in_case);
    options.refuse_meaningless(&OF_A_TALL_PICTURE, in_case);
    options.refuse_meaningless(&OF_THE_CLIP, in_case);
}

fn reveal(options: &mut Options, is_full: bool) -> Option<Reveal> {
    let scrolls = options.truth("full_page_scroll");
    if !is_full {
        options.refuse_without(&["full_page_scroll"], "full_page");
    }
    if !is_full || scrolls == Some(false) {
        let needed = if is_full { "full_page_scroll" } else { "full_page" };
        options.refuse_without(&OF_THE_SCROLL, needed);
    }
    let least = u32::try_from(Reveal::MIN_DELAY.as_millis()).unwrap_or(MAX_STEP_DELAY_MS);
    let delay = values::whole(least..=MAX_STEP_DELAY_MS);
    let delay = options.read("full_page_scroll_delay", delay);
    let step_px = options.read("full_page_scroll_by", values::whole(1..=MAX_PX));
    (is_full && scrolls != Some(false)).then(|| Reveal {
        step_px,
        delay: delay.map_or(Reveal::DEFAULT_DELAY, |ms| Duration::from_millis(ms.into())),
    })
}

fn full_page(options: &mut Options, is_full: bool) -> Option<FullPage> {
    let max_height_px = options.read("full_page_max_height", values::whole(1..=MAX_PX));
    let assembly =
        values::choice(&[("default", Assembly::Automatic), ("by_sections", Assembly::Sections)]);
    let assembly = options.read("full_page_algorithm", assembly);
    let sticky = values::choice(&[("once", Sticky::Once), ("as_is", Sticky::AsIs)]);
    let sticky = options.read("full_page_sticky", sticky);
    let slices = slices(options);
    if !is_full {
        options.refuse_without(&OF_A_TALL_PICTURE, "full_page");
        return None;
    }
    Some(FullPage {
        max_height_px,
        assembly: assembly.unwrap_or_default(),
        sticky: sticky.unwrap_or_default(),
        slices,
    })
}

const SLICE_HEIGHT_PX: u32 = 4_000;

fn slices(options: &mut Options) -> Option<Slices> {
    let are_wanted = options.truth("full_page_slices");
    let height = values::whole(1..=Slices::MAX_HEIGHT_PX);
    let height_px = options.read("full_page_slice_height", height).unwrap_or(SLICE_HEIGHT_PX);
    let most = Slices::MAX_HEIGHT_PX - Slices::MIN_ADVANCE_PX;
    let overlap = options.read("full_page_slice_overlap_height", values::whole(0..=most));
    let overlap_px = overlap.unwrap_or(0);
    if are_wanted != Some(true) {
        options.refuse_without(&OF_SLICES, "full_page_slices");
        return None;
    }
    if height_px < overlap_px + Slices::MIN_ADVANCE_PX {
        let least = overlap_px + Slices::MIN_ADVANCE_PX;
        let complaint = format!("must be at least {least}, 100 above the overlap");
        options.fault("full_page_slice_height", &complaint);
    }
    Some(Slices { height_px, overlap_px })
}

fn element(options: &mut Options) -> Option<Element> {
    let selector = options.read("selector", values::filled_text);
    let cut = values::choice(&[("default", ElementCut::Box), ("clip", ElementCut::Clip)]);
    let cut = options.read("selector_algorithm", cut);
    let scroll_into_view = options.truth("selector_scroll_into_view");
    let is_required = options.truth("error_on_selector_not_found");
    if !options.has("selector") {
        options.refuse_without(&OF_THE_ELEMENT, "selector");
    }
    selector.map(|selector| Element {
        selector,
        cut: cut.unwrap_or(ElementCut::Box),
        scroll_into_view: scroll_into_view.unwrap_or(true),
        missing: match is_required {
            Some(true) => Missing::Fail,
            Some(false) | None => Missing::Ignore,
        },
    })
}

fn clip(options: &mut Options, is_full: bool) -> Option<Rectangle> {
    let x = options.read("clip_x", values::whole(0..=MAX_PX));
    let y = options.read("clip_y", values::whole(0..=MAX_PX));
    let width = options.read("clip_width", values::whole(1..=MAX_PX));
    let height = options.read("clip_height", values::whole(1..=MAX_PX));
    for side in ["clip_width", "clip_height"] {
        if !options.has(side) {
            options.refuse_without(&OF_THE_CLIP, side);
        }
        options.refuse_beside(side, "selector");
        if is_full {
            options.refuse_beside(side, "full_page");
        }
    }
    Some(Rectangle { x: x.unwrap_or(0), y: y.unwrap_or(0), width: width?, height: height? })
}
