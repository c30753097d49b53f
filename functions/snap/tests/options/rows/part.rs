//! Which part of the page is drawn.

use crate::taken::Taken;

use super::{Row, colour, option, size};

/// 300 px, three times as tall as the window.
const TALL: &str = "<style>p{height:100px}</style>\
    <p style=background:red><p style=background:lime><p style=background:blue>";

/// A box at 1,000 px that is painted once it has come into the window.
const LAZY: &str = "<p style=height:1000px><p id=box style=height:100px><script>\
    new IntersectionObserver(([{ isIntersecting }]) => {\
    if (isIntersecting) box.style.background = 'lime' }).observe(box)</script>";

/// Each place that the window is scrolled to gets a mark.
const MARKED: &str = "<style>body{height:400px}\
    i{position:absolute;width:9px;height:9px;background:blue}</style>\
    <script>onscroll = () => {\
    document.body.insertAdjacentHTML('beforeend', `<i style='top:${scrollY}px'>`) }</script>";

/// A box at 500 px of 1,000 that is painted 1,500 ms after it has come into the window.
const ASKING: &str = "<style>body{height:1000px}</style><p style=height:500px>\
    <p id=box style=height:99px><script>\
    new IntersectionObserver(async ([{ isIntersecting }], watch) => { if (isIntersecting) {\
    watch.disconnect(); await fetch('/more?1500'); box.style.background = 'lime' }\
    }).observe(box)</script>";

/// Another 200 px, and no more, come 1,500 ms after its end has been scrolled to.
const GROWING: &str = "<style>div{height:200px}</style><div></div><div></div><b id=end></b><script>\
    new IntersectionObserver(async ([{ isIntersecting }], watch) => { if (isIntersecting) {\
    watch.disconnect(); await fetch('/more?1500'); end.before(document.createElement('div')) }\
    }).observe(end)</script>";

/// A box is lime while it is in the window, and red otherwise.
const SHY: &str = "<p style=height:250px><p id=box style=height:50px><script>\
    new IntersectionObserver(([{ isIntersecting }]) => {\
    box.style.background = isIntersecting ? 'lime' : 'red' }).observe(box)</script>";

/// A bar that stays at the top of the window.
const BARRED: &str = "<style>body{height:350px}</style>\
    <p style='position:fixed;width:100%;height:10px;background:red'>";

/// A box of 50 by 20 px at 200 px. It is red, and lime once it was scrolled to.
const LOW: &str = "<style>body{height:400px}#box{position:absolute;top:200px;width:50px;\
    height:20px;background:red}</style><p id=box><script>\
    onscroll = () => { box.style.background = 'lime' }</script>";

/// A box that moves, to where it was not, when it is scrolled to.
const FLEEING: &str = "<style>body{height:400px}#box{position:absolute;top:200px;width:50px;\
    height:20px;background:red}</style><p id=box><script>\
    onscroll = () => { box.style.top = '250px' }</script>";

/// 100 by 50 px each: red and lime above blue and black.
const QUARTERS: &str = "<style>p{float:left;width:100px;height:50px}</style>\
    <p style=background:red><p style=background:lime>\
    <p style=background:blue><p style=background:black>";

const FULL_PAGE: &[&str] = &["full_page=true"];

pub(crate) const ROWS: &[Row] = &[
    option("full_page=true").on(TALL).turns(size, "200x100", "200x300"),
    option("full_page_scroll=false").with(FULL_PAGE).on(LAZY).turns(
        |it| it.colour(2, 1_050),
        "lime",
        "white",
    ),
    option("full_page_scroll_delay=5000")
        .instead_of("full_page_scroll_delay=100")
        .with(FULL_PAGE)
        .on(GROWING)
        .turns(size, "200x400", "200x600"),
    option("full_page_scroll_delay=5000")
        .instead_of("full_page_scroll_delay=100")
        .with(FULL_PAGE)
        .on(ASKING)
        .turns(|it| it.colour(2, 550), "white", "lime"),
    option("full_page_scroll_delay=5000")
        .instead_of("full_page_scroll_delay=100")
        .with(FULL_PAGE)
        .on("<div style=height:3500px></div><img loading=lazy src=/lime.svg?4000 width=100 height=100>")
        .turns(|it| it.colour(2, 3_550), "white", "lime"),
    option("full_page_scroll_by=30").with(FULL_PAGE).on(MARKED).turns(
        |it| it.colours(&[(2, 32), (2, 62), (2, 102)]),
        "white white blue",
        "blue blue white",
    ),
    option("full_page_max_height=150").with(FULL_PAGE).on(TALL).turns(size, "200x300", "200x150"),
    option("full_page_algorithm=by_sections").with(FULL_PAGE).on(SHY).turns(
        |it| it.colour(2, 275),
        "red",
        "lime",
    ),
    option("full_page_sticky=as_is")
        .with(&["full_page=true", "full_page_algorithm=by_sections"])
        .on(BARRED)
        .turns(|it| it.colours(&[(2, 2), (2, 102), (2, 202)]), "red white white", "red red red"),
    option("full_page_slices=true").with(FULL_PAGE).on(TALL).turns(
        Taken::further_sizes,
        "",
        "200x300",
    ),
    option("full_page_slice_height=200")
        .with(&["full_page=true", "full_page_slices=true"])
        .on(TALL)
        .turns(Taken::further_sizes, "200x300", "200x200 200x100"),
    option("full_page_slice_overlap_height=50")
        .with(&["full_page=true", "full_page_slices=true", "full_page_slice_height=200"])
        .on(TALL)
        .turns(Taken::further_sizes, "200x200 200x100", "200x200 200x150"),
    option("capture_beyond_viewport=false")
        .with(&["selector=#box"])
        .on("<p id=box style='width:50px;height:300px'>")
        .turns(size, "50x300", "50x100"),
    option("capture_beyond_viewport=false")
        .with(&["clip_y=90", "clip_width=50", "clip_height=50"])
        .on(TALL)
        .turns(size, "50x50", "50x10"),
    option("selector=#box").on(LOW).turns(size, "200x100", "50x20"),
    option("selector_algorithm=clip")
        .with(&["selector=#box"])
        .on(FLEEING)
        .turns(colour, "red", "white"),
    option("selector_scroll_into_view=false")
        .with(&["selector=#box"])
        .on(LOW)
        .turns(colour, "lime", "red"),
    option("error_on_selector_not_found=true")
        .with(&["selector=#none"])
        .on(LOW)
        .turns(size, "200x100", NO_ELEMENT),
    option("clip_x=100")
        .with(&["clip_width=50", "clip_height=50"])
        .on(QUARTERS)
        .turns(colour, "red", "lime"),
    option("clip_y=50")
        .with(&["clip_width=50", "clip_height=50"])
        .on(QUARTERS)
        .turns(colour, "red", "blue"),
    option("clip_width=30")
        .instead_of("clip_width=50")
        .with(&["clip_height=50"])
        .on(QUARTERS)
        .turns(size, "50x50", "30x50"),
    option("clip_height=30")
        .instead_of("clip_height=50")
        .with(&["clip_width=50"])
        .on(QUARTERS)
        .turns(size, "50x50", "50x30"),
];

const NO_ELEMENT: &str =
    "selector_not_found: The selector of what to capture matches no element of the page";
