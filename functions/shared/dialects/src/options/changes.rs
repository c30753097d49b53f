//! What is done to a page before it is drawn.

use darkroom_core::capture::{Gesture, LifecycleEvent, Missing, PageChanges, ScrollTo};

use super::given::Options;
use super::known::{Known, built, ours};
use super::{values, wait};

const SELECTORS: &str = "a CSS selector or a list of them";

/// The farthest that a page is shifted by hand, in CSS pixels.
const MAX_ADJUST_PX: i32 = 100_000;

pub(super) const OPTIONS: &[Known] = &[
    built("styles", "a string", None, "CSS that is added to the page."),
    built("scripts", "a string", None, "JavaScript that runs in the page once it has loaded."),
    built(
        "scripts_wait_until",
        wait::EVENT_NAMES,
        None,
        "Events that must have come after the scripts: load and domcontentloaded those of the page that the scripts lead to, if they do within half a second; networkidle0 and networkidle2 half a second without a request (with two at most) of those made since. Needs `scripts`.",
    ),
    built("hide_selectors", SELECTORS, None, "Make what matches invisible; it keeps its place."),
    ours("remove_selectors", SELECTORS, None, "Take what matches out of the layout."),
    built("click", "a CSS selector", None, "Click the first element that matches."),
    built(
        "error_on_click_selector_not_found",
        "true or false",
        Some("true"),
        "Fail if there is nothing to click. Needs `click`.",
    ),
    built("hover", "a CSS selector", None, "Rest the pointer on the first element that matches."),
    built(
        "error_on_hover_selector_not_found",
        "true or false",
        Some("true"),
        "Fail if there is nothing to hover over. Needs `hover`.",
    ),
    built(
        "scroll_into_view",
        "a CSS selector",
        None,
        "Scroll the page to the first element that matches, if one does.",
    ),
    built(
        "scroll_into_view_adjust_top",
        "a whole number of pixels from -100000 to 100000",
        Some("0"),
        "CSS pixels that stay free above that element. Needs `scroll_into_view`.",
    ),
    built(
        "include_shadow_dom",
        "true or false",
        Some("false"),
        "Let every selector search open shadow trees too.",
    ),
];

/// What is done to the page.
pub(super) fn read(options: &mut Options) -> PageChanges {
    PageChanges {
        styles: options.read("styles", values::filled_text),
        scripts: options.read("scripts", values::filled_text),
        scripts_wait: scripts_wait(options),
        hide: options.read("hide_selectors", values::filled_texts).unwrap_or_default(),
        remove: options.read("remove_selectors", values::filled_texts).unwrap_or_default(),
        click: gesture(options, "click", "error_on_click_selector_not_found"),
        hover: gesture(options, "hover", "error_on_hover_selector_not_found"),
        scroll_to: scroll_to(options),
        pierces_shadow_trees: options.truth("include_shadow_dom").unwrap_or(false),
    }
}

fn scripts_wait(options: &mut Options) -> Vec<LifecycleEvent> {
    if !options.has("scripts") {
        options.refuse_without(&["scripts_wait_until"], "scripts");
    }
    options.read("scripts_wait_until", values::choices(wait::EVENTS)).unwrap_or_default()
}

fn gesture(options: &mut Options, name: &'static str, error: &str) -> Option<Gesture> {
    let selector = options.read(name, values::filled_text);
    let is_required = options.truth(error);
    if !options.has(name) {
        options.refuse_without(&[error], name);
    }
    let missing = match is_required {
        Some(true) | None => Missing::Fail,
        Some(false) => Missing::Ignore,
    };
    selector.map(|selector| Gesture { selector, missing })
}

fn scroll_to(options: &mut Options) -> Option<ScrollTo> {
    let selector = options.read("scroll_into_view", values::filled_text);
    let adjust = values::whole(-MAX_ADJUST_PX..=MAX_ADJUST_PX);
    let adjust = options.read("scroll_into_view_adjust_top", adjust);
    if !options.has("scroll_into_view") {
        options.refuse_without(&["scroll_into_view_adjust_top"], "scroll_into_view");
    }
    selector.map(|selector| ScrollTo { selector, adjust_top_px: adjust.unwrap_or(0) })
}
