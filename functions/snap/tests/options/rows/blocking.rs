//! What the page is kept from asking for, and rid of.

use super::{Row, colour, option, told};

/// A red box over a lime page.
macro_rules! box_of {
    ($names:literal) => {
        concat!("<body bgcolor=lime><div ", $names, " style='height:50px;background:red'></div>")
    };
}

/// Says its own button's name when it is pressed.
const BANNER: &str = "<body bgcolor=lime>\
    <div id=onetrust-consent-sdk><div id=onetrust-banner-sdk style='height:50px;background:red'>\
    We use cookies <button id=onetrust-accept-btn-handler>Accept</button>\
    <button id=onetrust-reject-all-handler>Reject</button></div></div><script>\
    document.querySelector('#onetrust-reject-all-handler').onclick = () => {\
    tell('rejected'); document.querySelector('#onetrust-consent-sdk').remove() }</script>";

/// The same of nobody's make.
const UNKNOWN: &str = "<body bgcolor=lime>\
    <div id=question style='position:fixed;inset:0 0 auto;height:60px;background:red'>\
    We and our partners use cookies to improve your experience. <button id=no>Reject all</button> \
    <button>Accept all</button></div><script>\
    document.querySelector('#no').onclick = () => {\
    tell('rejected'); document.querySelector('#question').remove() }</script>";

const ASKS: &str = "<script>fetch('/a').then(() => fetch('/b?1').then(() => tell('both'), () => tell('a')),\
    () => fetch('/b?1').then(() => tell('b'), () => tell('none')))</script>";

const ADVERTISED: &str = "<script src=/bannerpop/uploads/1.js onload=\"tell('advertised')\" onerror=\"tell('alone')\"></script>";

const TRACKED: &str =
    "<script src=/fbevents.js onload=\"tell('tracked')\" onerror=\"tell('alone')\"></script>";

const IDLE: &[&str] = &["wait_until=networkidle0"];

pub(crate) const ROWS: &[Row] = &[
    option("block_ads=true").on(ADVERTISED).turns(told, "advertised", "alone"),
    option("block_trackers=true").on(TRACKED).turns(told, "tracked", "alone"),
    option("block_cookie_banners=true").on(BANNER).turns(
        |it| format!("{} {}", it.colour(2, 2), it.told()),
        "red ",
        "lime rejected",
    ),
    option("block_banners_by_heuristics=true").on(UNKNOWN).turns(
        |it| format!("{} {}", it.colour(2, 2), it.told()),
        "red ",
        "lime rejected",
    ),
    option("block_chats=true")
        .on(box_of!("class=online-chat-root-Verbox"))
        .turns(colour, "red", "lime"),
    option("block_socials=true")
        .on(box_of!("class=zalo-share-button"))
        .turns(colour, "red", "lime"),
    option("block_annoyances=true")
        .on(box_of!("class=smartbanner--ios"))
        .turns(colour, "red", "lime"),
    option("block_requests=*/b?*").with(IDLE).on(ASKS).turns(told, "both", "a"),
    option("block_resources=fetch").with(IDLE).on(ASKS).turns(told, "both", "none"),
];
