//! How a clip is made: a picture that moves.

use std::time::Duration;

use darkroom_core::capture::{
    BackSteps, Canvas, Clip, Container, Easing, Landmark, Power, Scroll, Then, Viewport,
};

use super::given::Options;
use super::kind::Kind;
use super::known::{Known, built};
use super::values;

/// No clip is longer, so what is later never comes.
const MAX_MS: u64 = 30_000;

const MOMENT: &str = "a whole number of milliseconds from 0 to 30000";
const SIDE: &str = "a whole number of pixels from 1 to 3840";

pub(super) const OPTIONS: &[Known] = &[
    built(
        "duration",
        "a whole number of seconds from 1 to 30",
        Some("5"),
        "How long the clip is at most: 25 frames a second, 12.5 of a gif. With `format` gif, asks for a moving one.",
    ),
    built(
        "width",
        SIDE,
        None,
        "Width of the clip at `device_scale_factor` 1; that of the window if it isn't given. The window keeps its proportions, between bars where it has others. An odd side of an mp4 or a webm loses its last pixel. Needs `height`.",
    ),
    built("height", SIDE, None, "Height of the clip. Needs `width`."),
    built(
        "aspect_ratio",
        "4:3 or 16:9",
        None,
        "Proportions of the clip, which is just as large as the window needs. Not with `width` and `height`. Default: the window's own.",
    ),
    built(
        "scenario",
        "default or scroll",
        Some("default"),
        "`default` shows the page as it stands, `scroll` scrolls it down and back. With `format` gif, asks for a moving one.",
    ),
    built(
        "scroll_duration",
        "a whole number of milliseconds from 100 to 30000",
        Some("1500"),
        "How long a step takes. Needs `scenario=scroll`.",
    ),
    built(
        "scroll_delay",
        MOMENT,
        Some("500"),
        "The rest between two steps. Needs `scenario=scroll`.",
    ),
    built(
        "scroll_by",
        "a whole number of pixels from 1 to 33554432",
        Some("1000"),
        "How far a step goes. Needs `scenario=scroll`.",
    ),
    built(
        "scroll_start_immediately",
        "true or false",
        Some("true"),
        "Whether the first step doesn't wait for `scroll_delay`. Needs `scenario=scroll`.",
    ),
    built(
        "scroll_start_delay",
        MOMENT,
        Some("0"),
        "When the scrolling begins. Needs `scenario=scroll`.",
    ),
    built(
        "scroll_complete",
        "true or false",
        Some("true"),
        "Whether the clip ends when the scrolling is over. Needs `scenario=scroll`.",
    ),
    built(
        "scroll_back",
        "true or false",
        Some("true"),
        "Whether the page is scrolled back to its top. Needs `scenario=scroll`.",
    ),
    built(
        "scroll_back_algorithm",
        "once or repeat",
        Some("once"),
        "`once` goes back in one step at once, `repeat` in steps and rests like those of the way down. Needs `scroll_back`.",
    ),
    built(
        "scroll_back_after_duration",
        MOMENT,
        None,
        "When the way back begins at the latest, wherever the page is. Needs `scroll_back`.",
    ),
    built(
        "scroll_stop_after_duration",
        MOMENT,
        None,
        "When the scrolling stops at the latest, wherever the page is. Needs `scroll_back` to be false.",
    ),
    built(
        "scroll_till_selector",
        "a CSS selector",
        None,
        "Scroll no further down than to the first element that matches, if one does. Needs `scenario=scroll`.",
    ),
    built(
        "scroll_till_selector_adjust_top",
        "a whole number of pixels from -32768 to 32767",
        Some("0"),
        "How much of the window stays above that element. Needs `scroll_till_selector`.",
    ),
    built(
        "scroll_to_end_after",
        MOMENT,
        None,
        "When what is left of the way down is gone in one step. Needs `scenario=scroll`.",
    ),
    built(
        "scroll_easing",
        "linear, or one of ease_in_, ease_out_ and ease_in_out_ followed by quad, cubic, quart or quint",
        Some("ease_in_out_quint"),
        "How a step gains speed and loses it. Needs `scenario=scroll`.",
    ),
];

/// What asks for a gif that moves.
const ASKING: [&str; 2] = ["duration", "scenario"];

const OF_THE_SCROLL: [&str; 14] = [
    "scroll_duration",
    "scroll_delay",
    "scroll_by",
    "scroll_start_immediately",
    "scroll_start_delay",
    "scroll_complete",
    "scroll_back",
    "scroll_back_algorithm",
    "scroll_back_after_duration",
    "scroll_stop_after_duration",
    "scroll_till_selector",
    "scroll_till_selector_adjust_top",
    "scroll_to_end_after",
    "scroll_easing",
];

const EASINGS: &[(&str, Easing)] = &[
    ("linear", Easing::Linear),
    ("ease_in_quad", Easing::In(Power::Quad)),
    ("ease_out_quad", Easing::Out(Power::Quad)),
    ("ease_in_out_quad", Easing::InOut(Power::Quad)),
    ("ease_in_cubic", Easing::In(Power::Cubic)),
    ("ease_out_cubic", Easing::Out(Power::Cubic)),
    ("ease_in_out_cubic", Easing::InOut(Power::Cubic)),
    ("ease_in_quart", Easing::In(Power::Quart)),
    ("ease_out_quart", Easing::Out(Power::Quart)),
    ("ease_in_out_quart", Easing::InOut(Power::Quart)),
    ("ease_in_quint", Easing::In(Power::Quint)),
    ("ease_out_quint", Easing::Out(Power::Quint)),
    ("ease_in_out_quint", Easing::InOut(Power::Quint)),
];

/// Whether a gif is to move.
pub(super) fn is_asked_for(options: &Options) -> bool {
    ASKING.iter().any(|option| options.has(option))
}

/// Notes that each of these options needs a clip.
fn refuse_all(options: &mut Options) {
    let format = options.word("format");
    let complaint = format!(
        "needs a clip: `{format}` mp4 or webm, or gif with `duration` or `scenario`; set that, or \
         leave it out"
    );
    for option in OPTIONS {
        options.refuse(option.name, &complaint);
    }
}

/// How a clip of a window is made. Unless one is wanted every option of these is a
/// fault; there is no `kind` where it couldn't be read.
pub(super) fn read(options: &mut Options, kind: Option<Kind>, viewport: &Viewport) -> Clip {
    let container = match kind {
        Some(Kind::Clip(container)) => Some(container),
        Some(Kind::Still(_) | Kind::Pdf | Kind::Text(_)) => {
            refuse_all(options);
            None
        }
        None => None,
    };
    let most = Clip::MAX_DURATION.as_secs();
    let seconds = options.read("duration", values::whole(1..=most)).unwrap_or(5);
    let canvas = canvas(options);
    if container.is_some() {
        refuse_size(options, canvas, viewport);
    }
    let scenario = values::choice(&[("default", false), ("scroll", true)]);
    let scrolls = options.read("scenario", scenario) == Some(true);
    let scroll = scroll(options);
    if !scrolls && container.is_some() {
        for option in OF_THE_SCROLL {
            options.refuse(option, "needs `scenario` to be scroll; set that, or leave it out");
        }
    }
    Clip {
        container: container.unwrap_or(Container::Mp4),
        duration: Duration::from_secs(seconds),
        canvas,
        scroll: scrolls.then_some(scroll),
    }
}

fn canvas(options: &mut Options) -> Canvas {
    let side = || values::whole(1..=Clip::MAX_LONG_PX);
    let (width, height) = (options.read("width", side()), options.read("height", side()));
    let ratio = options.read("aspect_ratio", values::choice(&[("4:3", (4, 3)), ("16:9", (16, 9))]));
    for (side, other) in [("width", "height"), ("height", "width")] {
        if !options.has(other) {
            options.refuse_without(&[side], other);
        }
        options.refuse_beside(side, "aspect_ratio");
    }
    match (width.zip(height), ratio) {
        (Some((width, height)), _) => Canvas::Exact { width, height },
        (None, Some((width, height))) => Canvas::Ratio { width, height },
        (None, None) => Canvas::Window,
    }
}

/// Both the window, of which each frame is a picture, and the clip are judged.
fn refuse_size(options: &mut Options, canvas: Canvas, viewport: &Viewport) {
    let window = viewport.picture_px();
    let (width, height) = canvas.size(window, viewport.scale);
    let (long, short, least) = (Clip::MAX_LONG_PX, Clip::MAX_SHORT_PX, Clip::MIN_PX);
    let is_too_large =
        |(width, height): (u32, u32)| width.max(height) > long || width.min(height) > short;
    if width.min(height) < least {
        let complaint = format!(
            "would make a clip of {width} × {height} pixels, and each side has {least} at least; \
             make the window larger, or give a larger `width` and `height`"
        );
        options.fault(options.word("format"), &complaint);
    }
    if is_too_large(window) {
        let (width, height) = window;
        let complaint = format!(
            "would make a clip of a window of {width} × {height} pixels, and {long} × {short} are \
             possible at most; make the window or `device_scale_factor` smaller"
        );
        options.fault(options.word("format"), &complaint);
    } else if is_too_large((width, height)) {
        let complaint = format!(
            "would make a clip of {width} × {height} pixels, and {long} × {short} are possible at \
             most; make it smaller by `width` and `height`"
        );
        options.fault(options.word("format"), &complaint);
    }
}

fn scroll(options: &mut Options) -> Scroll {
    let usual = Scroll::default();
    let mut moment =
        |option| options.read(option, values::whole(0..=MAX_MS)).map(Duration::from_millis);
    let rest = moment("scroll_delay").unwrap_or(usual.rest);
    let start = moment("scroll_start_delay").unwrap_or(usual.start);
    let leap = moment("scroll_to_end_after");
    let starts_at_once = options.truth("scroll_start_immediately") != Some(false);
    let least = u64::try_from(Scroll::MIN_STEP.as_millis()).unwrap_or(MAX_MS);
    let step = options.read("scroll_duration", values::whole(least..=MAX_MS));
    let step_px = options.read("scroll_by", values::whole(1..=33_554_432));
    Scroll {
        start: if starts_at_once { start } else { start + rest },
        step_px: step_px.unwrap_or(usual.step_px),
        step: step.map_or(usual.step, Duration::from_millis),
        rest,
        easing: options.read("scroll_easing", values::choice(EASINGS)).unwrap_or(usual.easing),
        until: landmark(options),
        leap,
        then: then(options),
        ends_clip: options.truth("scroll_complete") != Some(false),
    }
}

fn landmark(options: &mut Options) -> Option<Landmark> {
    let selector = options.read("scroll_till_selector", values::filled_text);
    let above = options.read("scroll_till_selector_adjust_top", values::whole(-32_768..=32_767));
    if !options.has("scroll_till_selector") {
        options.refuse_without(&["scroll_till_selector_adjust_top"], "scroll_till_selector");
    }
    selector.map(|selector| Landmark { selector, above_px: above.unwrap_or(0) })
}

fn then(options: &mut Options) -> Then {
    let goes_back = options.truth("scroll_back") != Some(false);
    let names = values::choice(&[("once", BackSteps::One), ("repeat", BackSteps::Same)]);
    let steps = options.read("scroll_back_algorithm", names);
    let mut moment =
        |option| options.read(option, values::whole(0..=MAX_MS)).map(Duration::from_millis);
    let back = moment("scroll_back_after_duration");
    let stop = moment("scroll_stop_after_duration");
    if goes_back {
        let complaint = "needs `scroll_back` to be false; set that, or leave it out";
        options.refuse("scroll_stop_after_duration", complaint);
        Then::Back { at: back, steps: steps.unwrap_or(BackSteps::One) }
    } else {
        let of_the_way_back = ["scroll_back_algorithm", "scroll_back_after_duration"];
        options.refuse_without(&of_the_way_back, "scroll_back");
        Then::Stay { at: stop }
    }
}
