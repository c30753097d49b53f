//! What moves, and how. Clips are looked at as gifs, whose pixels are exact.

use crate::taken::{Pixels, Taken};

use super::{Row, option};

/// 200 rows of 10 px, each of which tells its number in bits of 25 px; the page can be
/// scrolled by 1,900 px.
const RULER: &str = "<style>body{margin:0}</style><body><script>for (let row = 0; row < 200; row++) {\
    const line = document.createElement('div'); line.id = 'r' + row; \
    line.style.cssText = 'height:10px;display:flex;width:200px'; \
    for (let bit = 0; bit < 8; bit++) { const cell = document.createElement('b'); \
    cell.style.cssText = `width:25px;background:${row >> bit & 1 ? 'black' : 'white'}`; \
    line.append(cell) } document.body.append(line) }</script>";

/// Down at an even speed, for four seconds in any case.
const EVENLY: &[&str] = &[
    "format=gif",
    "duration=4",
    "scenario=scroll",
    "scroll_easing=linear",
    "scroll_complete=false",
];

const QUICKLY: &[&str] = &[
    "format=gif",
    "duration=4",
    "scenario=scroll",
    "scroll_easing=linear",
    "scroll_complete=false",
    "scroll_duration=500",
];

const DOWN: &[&str] = &[
    "format=gif",
    "duration=4",
    "scenario=scroll",
    "scroll_easing=linear",
    "scroll_complete=false",
    "scroll_back=false",
];

const TO_A_ROW: &[&str] = &[
    "format=gif",
    "duration=4",
    "scenario=scroll",
    "scroll_easing=linear",
    "scroll_complete=false",
    "scroll_till_selector=#r40",
];

/// Where [`EVENLY`] leads.
const USUALLY: &str = "0 260 530 800 1000 1000 1240 1480 1720 1770";

pub(crate) const ROWS: &[Row] = &[
    option("duration=2")
        .instead_of("duration=5")
        .with(&["format=gif"])
        .turns(length, "4960 ms", "2000 ms"),
    option("width=100")
        .instead_of("width=150")
        .with(&["format=gif", "duration=1", "height=60"])
        .turns(size, "150x60", "100x60"),
    option("height=40")
        .instead_of("height=60")
        .with(&["format=gif", "duration=1", "width=100"])
        .turns(size, "100x60", "100x40"),
    option("aspect_ratio=16:9")
        .with(&["format=gif", "duration=1"])
        .turns(size, "200x100", "200x113"),
    option("scenario=scroll")
        .instead_of("scenario=default")
        .with(&["format=gif", "duration=4"])
        .on(RULER)
        .turns(places, "0 0 0 0 0 0 0 0 0 0", "0 20 640 990 1000 1000 1010 1580 1890 1900"),
    option("scroll_duration=500").with(EVENLY).on(RULER).turns(
        places,
        USUALLY,
        "0 800 1000 1360 1520 0 0 0 0 0",
    ),
    option("scroll_delay=100").with(EVENLY).on(RULER).turns(
        places,
        USUALLY,
        "0 260 530 800 1000 1240 1480 1720 1770 1260",
    ),
    option("scroll_by=300").with(EVENLY).on(RULER).turns(
        places,
        USUALLY,
        "0 80 160 240 300 300 380 460 540 600",
    ),
    option("scroll_start_immediately=false").with(EVENLY).on(RULER).turns(
        places,
        USUALLY,
        "0 0 200 460 730 1000 1000 1180 1420 1660",
    ),
    option("scroll_start_delay=400").with(EVENLY).on(RULER).turns(
        places,
        USUALLY,
        "0 0 260 530 800 1000 1000 1240 1480 1720",
    ),
    option("scroll_complete=false")
        .instead_of("scroll_complete=true")
        .with(&[
            "format=gif",
            "duration=4",
            "scenario=scroll",
            "scroll_duration=500",
            "scroll_delay=0",
        ])
        .on(RULER)
        .turns(length, "1600 ms", "4000 ms"),
    option("scroll_back=false").with(EVENLY).on(RULER).turns(
        places,
        USUALLY,
        "0 260 530 800 1000 1000 1240 1480 1720 1900",
    ),
    option("scroll_back_algorithm=repeat").with(QUICKLY).on(RULER).turns(
        places,
        "0 800 1000 1360 1520 0 0 0 0 0",
        "0 800 1000 1360 1900 1900 1100 900 540 0",
    ),
    option("scroll_back_after_duration=800").with(EVENLY).on(RULER).turns(
        places,
        USUALLY,
        "0 260 530 390 240 100 0 0 0 0",
    ),
    option("scroll_stop_after_duration=800").with(DOWN).on(RULER).turns(
        places,
        "0 260 530 800 1000 1000 1240 1480 1720 1900",
        "0 260 530 530 530 530 530 530 530 530",
    ),
    option("scroll_till_selector=#r40").with(EVENLY).on(RULER).turns(
        places,
        USUALLY,
        "0 100 210 320 370 260 160 50 0 0",
    ),
    option("scroll_till_selector_adjust_top=100").with(TO_A_ROW).on(RULER).turns(
        places,
        "0 100 210 320 370 260 160 50 0 0",
        "0 80 160 240 280 200 120 40 0 0",
    ),
    option("scroll_to_end_after=800").with(EVENLY).on(RULER).turns(
        places,
        USUALLY,
        "0 260 530 890 1260 1620 1770 1260 760 250",
    ),
    option("scroll_easing=ease_in_quad")
        .instead_of("scroll_easing=linear")
        .with(&["format=gif", "duration=4", "scenario=scroll", "scroll_complete=false"])
        .on(RULER)
        .turns(places, USUALLY, "0 70 280 640 1000 1000 1060 1250 1570 1890"),
];

/// How long the clip is.
fn length(it: &Taken) -> String {
    format!("{} ms", it.frames().len() * 80)
}

/// The frames', in pixels.
fn size(it: &Taken) -> String {
    let Pixels { width, height, .. } = it.frames().remove(0);
    format!("{width}x{height}")
}

/// How far down [`RULER`] is every 400 ms: the place of the row at the upper edge.
fn places(it: &Taken) -> String {
    let row = |frame: &Pixels| {
        let bits = (0..8).filter(|bit| frame.colour(bit * 25 + 12, 0) == "black");
        bits.fold(0, |row, bit| row + (1 << bit))
    };
    let places = it.frames().into_iter().step_by(5).map(|frame| (row(&frame) * 10).to_string());
    places.collect::<Vec<_>>().join(" ")
}
