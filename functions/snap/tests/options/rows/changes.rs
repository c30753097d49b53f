//! What is done to the page.

use crate::taken::Taken;

use super::{Row, colour, option, size};

/// A red box above lime.
const BOXED: &str = "<style>p{height:50px}</style>\
    <p id=box style=background:red><p style=background:lime>";

/// Lime where it was clicked, blue where the pointer rests.
const TOUCHY: &str = "<style>p{height:50px}#box{background:red}#box:hover{background:blue}\
    .clicked{background:lime!important}</style><p><p id=box onclick=\"className = 'clicked'\">";

/// A box at 300 px.
const FAR: &str = "<style>body{height:900px}</style><p style=height:300px>\
    <p id=box style='height:50px;background:lime'>";

/// A box in a shadow tree.
const SHADOW: &str = "<div id=host></div><script>host.attachShadow({ mode: 'open' }).innerHTML =\
    '<p id=box style=\"margin:0;height:50px;background:red\">'</script>";

/// A page that is lime once its host has answered what it was made to ask.
const ASKING: &str = "<body bgcolor=red><script>const ask = () => {\
    fetch('/more?1500').then(() => { document.body.bgColor = 'lime' }) }</script>";

pub(crate) const ROWS: &[Row] = &[
    option("styles=p { background: lime !important }").on(BOXED).turns(colour, "red", "lime"),
    option("scripts=box.style.background = 'lime'").on(BOXED).turns(colour, "red", "lime"),
    option("scripts_wait_until=networkidle0")
        .with(&["scripts=ask()"])
        .on(ASKING)
        .turns(colour, "red", "lime"),
    option("scripts_wait_until=load")
        .with(&["scripts=setTimeout(() => { location.href = '/lime?1000' }, 300)"])
        .on(BOXED)
        .turns(colour, "red", "lime"),
    option("hide_selectors=#box").on(BOXED).turns(upper_and_lower, "red lime", "white lime"),
    option("hide_selectors[]=#box").with(&["hide_selectors[]=p + p"]).on(BOXED).turns(
        upper_and_lower,
        "red white",
        "white white",
    ),
    option("remove_selectors=#box").on(BOXED).turns(upper_and_lower, "red lime", "lime white"),
    option("click=#box").on(TOUCHY).turns(lower, "red", "lime"),
    option("error_on_click_selector_not_found=false").with(&["click=#none"]).on(TOUCHY).turns(
        lower,
        NOTHING_TO_CLICK,
        "red",
    ),
    option("hover=#box").on(TOUCHY).turns(lower, "red", "blue"),
    option("error_on_hover_selector_not_found=false").with(&["hover=#none"]).on(TOUCHY).turns(
        lower,
        NOTHING_TO_HOVER,
        "red",
    ),
    option("scroll_into_view=#box").on(FAR).turns(top, "none", "0"),
    option("scroll_into_view=#none")
        .on(FAR)
        .instead_of("scroll_into_view=#box")
        .turns(top, "0", "none"),
    option("scroll_into_view_adjust_top=30")
        .with(&["scroll_into_view=#box"])
        .on(FAR)
        .turns(top, "0", "30"),
    option("scroll_into_view_adjust_top=-20")
        .with(&["scroll_into_view=#box"])
        .on(FAR)
        .turns(lime_rows, "50", "30"),
    option("include_shadow_dom=true")
        .with(&["hide_selectors=#box"])
        .on(SHADOW)
        .turns(colour, "red", "white"),
    option("include_shadow_dom=true")
        .with(&["selector=#box"])
        .on(SHADOW)
        .turns(size, "200x100", "200x50"),
];

const NOTHING_TO_CLICK: &str =
    "selector_not_found: The selector to click matches no element that the page shows";
const NOTHING_TO_HOVER: &str =
    "selector_not_found: The selector to hover matches no element that the page shows";

fn upper_and_lower(it: &Taken) -> String {
    it.colours(&[(2, 25), (2, 75)])
}

fn lower(it: &Taken) -> String {
    it.colour(2, 75)
}

/// The first row of the picture that is lime.
fn top(it: &Taken) -> String {
    let found = (0..100).find(|&y| it.colour(2, y) == "lime");
    found.map_or_else(|| "none".to_owned(), |y| y.to_string())
}

fn lime_rows(it: &Taken) -> String {
    it.pixels().rows_of("lime").to_string()
}
