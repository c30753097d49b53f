//! When the page counts as ready.

use super::{Row, colour, option, size};

/// Red, then lime when its load event has come, which a picture holds up.
const LOADS: &str =
    "<body bgcolor=red onload=\"document.body.bgColor = 'lime'\"><img src='/lime.svg?1500' hidden>";

/// Red, then lime after three answers, the first of which is asked for once it has loaded.
const CHATTY: &str = "<body bgcolor=red><script>onload = async () => {\
    for (const each of 'abc') await fetch(each + '?400'); document.body.bgColor = 'lime' }</script>";

/// The same, and two requests that are never answered.
const HANGING: &str = "<body bgcolor=red><script>onload = async () => {\
    fetch('/hang?20000'); fetch('/hang?20001');\
    for (const each of 'abc') await fetch(each + '?400'); document.body.bgColor = 'lime' }</script>";

/// Lime after 1,500 ms, with an element and a variable.
const LATE: &str = "<body bgcolor=red><p class=item><script>let steps = 0; setTimeout(() => {\
    document.body.bgColor = 'lime'; steps = 1;\
    document.body.insertAdjacentHTML('beforeend', '<p class=item id=late>') }, 1500)</script>";

/// Letters that are boxes, in a font that comes a second after the load event.
const LETTERED: &str = "<style>@font-face { font-family: late; src: url(/block.ttf?1000) }\
    p { font: 60px serif; color: blue }</style><p id=box>XXX<script>\
    onload = () => { box.style.fontFamily = 'late, serif' }</script>";

/// A picture that is asked for after the load event.
const ILLUSTRATED: &str = "<script>onload = () => {\
    document.body.innerHTML = '<img src=/lime.svg?1000>' }</script>";

/// Half of it, and a script that doesn't come.
const HALF: &str = "<body bgcolor=lime><p>half<script src=/hang?20000></script><p>more";

pub(crate) const ROWS: &[Row] = &[
    option("wait_until=domcontentloaded").on(LOADS).turns(colour, "lime", "red"),
    option("wait_until=load")
        .instead_of("wait_until=domcontentloaded")
        .on(LOADS)
        .turns(colour, "red", "lime"),
    // Where nothing is asked for, fonts and pictures in view are waited for too.
    option("wait_until=load").on(LETTERED).turns(|it| it.colour(30, 30), "blue", "white"),
    option("wait_until=load").on(ILLUSTRATED).turns(colour, "lime", "white"),
    option("wait_until=networkidle0").on(CHATTY).turns(colour, "red", "lime"),
    option("wait_until=networkidle2").on(HANGING).turns(colour, "red", "lime"),
    option("wait_until=networkidle0")
        .with(&["timeout=3"])
        .on(HANGING)
        .turns(colour, "red", NEVER_IDLE),
    option("delay=2").on(LATE).turns(colour, "red", "lime"),
    option("wait_for_selector=#late").on(LATE).turns(colour, "red", "lime"),
    option("wait_for_selector_algorithm=at_least_by_count")
        .with(&["wait_for_selector=p, .item"])
        .on(LATE)
        .turns(colour, "red", "lime"),
    option("wait_for_function=steps === 1").on(LATE).turns(colour, "red", "lime"),
    option("navigation_timeout=1").at("/?1500").turns(size, "200x100", NO_HOST).within_ms(2_000),
    // Whatever it is that takes so long.
    option("timeout=1").at("/?1500").turns(size, "200x100", UNANSWERED).within_ms(2_000),
    option("timeout=1")
        .on("<img src=/lime.svg?1500>")
        .turns(size, "200x100", UNLOADED)
        .within_ms(2_000),
    option("timeout=1")
        .with(&["scripts=new Promise((done) => setTimeout(done, 1500))"])
        .turns(size, "200x100", CHANGING)
        .within_ms(2_000),
    option("timeout=1")
        .on("<script>onload = () => setTimeout(() => { const end = Date.now() + 1500;\
             while (Date.now() < end); })</script>")
        .turns(size, "200x100", SETTLING)
        .within_ms(2_000),
    option("timeout=1")
        .with(&["wait_for_selector=#late"])
        .on("<script>setTimeout(() => { document.body.id = 'late' }, 1500)</script>")
        .turns(size, "200x100", NO_ELEMENT)
        .within_ms(2_000),
    option("timeout=1")
        .with(&["wait_for_function=document.body.id"])
        .on("<script>setTimeout(() => { document.body.id = 'late' }, 1500)</script>")
        .turns(size, "200x100", NEVER_TRUE)
        .within_ms(2_000),
    option("timeout=2")
        .with(&["delay=1"])
        .on("<img src=/lime.svg?1300>")
        .turns(size, "200x100", DELAYED)
        .within_ms(3_000),
    option("best_effort=true")
        .with(&["timeout=2"])
        .on(HALF)
        .turns(|it| it.colour(2, 80), UNLOADED, "lime")
        .within_ms(2_000),
    option("best_effort=true")
        .with(&["timeout=2", "format=pdf"])
        .on(HALF)
        .turns(|it| it.sheets()[0].text(), UNLOADED, "half")
        .within_ms(2_000),
    option("best_effort=true")
        .with(&["timeout=4", "selector=#box"])
        .on(HALF_SEEN)
        .turns(|it| it.colour(2, 2), UNLOADED, "lime")
        .within_ms(4_000),
    option("best_effort=true")
        .with(&["timeout=4", "full_page=true", "full_page_algorithm=by_sections"])
        .on(HALF_SEEN)
        .turns(|it| it.colour(2, 2), UNLOADED, "lime")
        .within_ms(4_000),
];

/// A picture in view that doesn't come.
const HALF_SEEN: &str = "<div id=box style='height:100px;background:lime'></div>\
    <img src=/lime.svg?30000 width=100 height=50>";

const NO_HOST: &str = "timeout: The page's host did not answer within 1 s";
const NEVER_IDLE: &str =
    "timeout: Operation timed out while waiting for the page's network to fall idle";
const UNANSWERED: &str = "timeout: Operation timed out while waiting for the page's host to answer";
const UNLOADED: &str = "timeout: Operation timed out while waiting for the page's load event";
const CHANGING: &str =
    "timeout: Operation timed out while the page was changed as the capture asked";
const SETTLING: &str =
    "timeout: Operation timed out while the page's fonts and images were settling";
const NO_ELEMENT: &str =
    "timeout: Operation timed out while waiting for an element that matches the selector";
const NEVER_TRUE: &str = "timeout: Operation timed out while waiting for the function to come true";
const DELAYED: &str = "timeout: Operation timed out during the delay that was asked for";
