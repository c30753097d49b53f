//! Clips: where they are asked for, and by which options.

use std::time::Duration;

use darkroom_core::capture::{
    BackSteps, Canvas, Clip, Container, Easing, Landmark, Output, Power, Scroll, Then,
};
use serde_json::{Value, json};

use crate::support::{faults, request, submission};

const ANIMATE: &str = "/api/v1/screenshot/animate";
const TAKE: &str = "/api/v1/screenshot/take";
const CAPTURE: &str = "/api/v1/capture";

fn with(mut options: Value) -> String {
    options["url"] = "https://example.com".into();
    options.to_string()
}

fn output(path: &str, options: Value) -> Output {
    submission(&request("POST", path, &with(options))).spec.output
}

fn clip(path: &str, options: Value) -> Clip {
    match output(path, options) {
        Output::Clip(clip) => *clip,
        other => panic!("{other:?}"),
    }
}

fn told(path: &str, options: Value) -> Vec<String> {
    faults(&request("POST", path, &with(options)))
}

fn plain(container: Container) -> Clip {
    let duration = Duration::from_secs(5);
    Clip { container, duration, canvas: Canvas::Window, scroll: None }
}

#[test]
fn a_clip_is_what_animate_makes_and_what_its_formats_are_elsewhere() {
    assert_eq!(clip(ANIMATE, json!({})), plain(Container::Mp4));
    let by_get = request("GET", &format!("{ANIMATE}?url=https%3A%2F%2Fexample.com"), "");
    assert_eq!(submission(&by_get).spec.output, Output::Clip(Box::new(plain(Container::Mp4))));
    for (format, container) in
        [("mp4", Container::Mp4), ("webm", Container::WebM), ("GIF ", Container::Gif)]
    {
        assert_eq!(clip(ANIMATE, json!({ "format": format })), plain(container));
    }
    assert_eq!(clip(TAKE, json!({"format": "mp4"})), plain(Container::Mp4));
    assert_eq!(clip(CAPTURE, json!({"output": "webm"})), plain(Container::WebM));
    // A gif moves where that is asked for.
    for (options, moves) in [
        (json!({"format": "gif"}), false),
        (json!({"format": "gif", "duration": 5}), true),
        (json!({"format": "gif", "scenario": "default"}), true),
    ] {
        assert_eq!(matches!(output(TAKE, options), Output::Clip(_)), moves);
    }
}

#[test]
fn every_option_of_a_scroll_is_read() {
    let options = json!({
        "scenario": "scroll", "duration": 12, "width": 640, "height": 480, "scroll_duration": 900,
        "scroll_delay": 200, "scroll_by": 700, "scroll_start_immediately": false,
        "scroll_start_delay": 50, "scroll_complete": false, "scroll_back_algorithm": "repeat",
        "scroll_back_after_duration": 6000, "scroll_till_selector": "#end",
        "scroll_till_selector_adjust_top": -40, "scroll_to_end_after": 4000,
        "scroll_easing": "ease_in_out_cubic",
    });
    let ms = Duration::from_millis;
    let scroll = Scroll {
        start: ms(250),
        step_px: 700,
        step: ms(900),
        rest: ms(200),
        easing: Easing::InOut(Power::Cubic),
        until: Some(Landmark { selector: "#end".to_owned(), above_px: -40 }),
        leap: Some(ms(4_000)),
        then: Then::Back { at: Some(ms(6_000)), steps: BackSteps::Same },
        ends_clip: false,
    };
    let expected = Clip {
        container: Container::Mp4,
        duration: Duration::from_secs(12),
        canvas: Canvas::Exact { width: 640, height: 480 },
        scroll: Some(scroll),
    };
    assert_eq!(clip(ANIMATE, options), expected);
    let scroll = |options: Value| {
        let mut options = options;
        options["scenario"] = "scroll".into();
        clip(ANIMATE, options).scroll.unwrap()
    };
    assert_eq!(scroll(json!({})), Scroll::default());
    let stopped = json!({"scroll_back": false, "scroll_stop_after_duration": 700});
    assert_eq!(scroll(stopped).then, Then::Stay { at: Some(ms(700)) });
    let ratio = clip(ANIMATE, json!({"aspect_ratio": "16:9"})).canvas;
    assert_eq!(ratio, Canvas::Ratio { width: 16, height: 9 });
}

/// What `option` is told that needs something else.
fn needs(option: &str, needed: &str) -> String {
    format!("`{option}` needs {needed}; set that, or leave it out")
}

/// Each option with what it is told beside others.
fn check(path: &str, options: Value, expected: &[String]) {
    let mut told = told(path, options);
    told.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(told, expected);
}

#[test]
fn what_has_no_meaning_for_a_clip_is_told() {
    let meaningless = |option: &str| {
        format!("`{option}` has no meaning for a clip (mp4, webm or a moving gif); leave it out")
    };
    for options in [
        json!({"full_page": true, "image_quality": 5}),
        json!({"selector": "a"}),
        json!({"clip_width": 5, "clip_height": 5}),
        json!({"image_sizes": ["5x"], "image_width": 5}),
    ] {
        let names: Vec<_> = options.as_object().unwrap().keys().map(|it| meaningless(it)).collect();
        check(ANIMATE, options, &names);
    }
    let opaque = "`omit_background` can't be had of a clip; use png, webp or avif";
    check(ANIMATE, json!({"omit_background": true}), &[opaque.to_owned()]);
    let running = "`animations` must be running in a clip, which shows them";
    check(ANIMATE, json!({"animations": "finish"}), &[running.to_owned()]);
    let pdf = needs("pdf_scale", "`output` to be pdf");
    check(CAPTURE, json!({"pdf_scale": 1, "output": "mp4"}), &[pdf]);
}

#[test]
fn what_needs_a_clip_or_a_scroll_is_told() {
    let clip = "a clip: `format` mp4 or webm, or gif with `duration` or `scenario`";
    check(
        TAKE,
        json!({"duration": 3, "scroll_by": 5}),
        &[needs("duration", clip), needs("scroll_by", clip)],
    );
    check(TAKE, json!({"format": "gif", "scroll_by": 5}), &[needs("scroll_by", clip)]);
    let scroll = needs("scroll_by", "`scenario` to be scroll");
    check(ANIMATE, json!({"scroll_by": 5}), &[scroll]);
    let back = needs("scroll_stop_after_duration", "`scroll_back` to be false");
    check(ANIMATE, json!({"scenario": "scroll", "scroll_stop_after_duration": 5}), &[back]);
    let height = "`width` needs `height`; give that too, or leave it out";
    check(ANIMATE, json!({"width": 640}), &[height.to_owned()]);
    let ratio = ["width", "height"]
        .map(|it| format!("`{it}` contradicts `aspect_ratio`; give one of them"));
    check(ANIMATE, json!({"width": 640, "height": 480, "aspect_ratio": "4:3"}), &ratio);
}

#[test]
fn what_no_clip_can_be_is_told() {
    let here = "`format` must be mp4, webm or gif here (default mp4)";
    check(ANIMATE, json!({"format": "png"}), &[here.to_owned()]);
    let left_out = "`format` mov is not available in this version; use png, jpeg, jpg, webp, \
                    avif, gif, tiff, pdf, mp4, webm, html, markdown or text";
    check(ANIMATE, json!({"format": "mov"}), &[left_out.to_owned()]);
    let window = "`format` would make a clip of a window of 4000 × 100 pixels, and 3840 × 2160 are \
                  possible at most; make the window or `device_scale_factor` smaller";
    let wide = json!({"viewport_width": 4000, "viewport_height": 100});
    check(ANIMATE, wide, &[window.to_owned()]);
    let canvas = "`format` would make a clip of 3000 × 3000 pixels, and 3840 × 2160 are possible at \
                  most; make it smaller by `width` and `height`";
    check(ANIMATE, json!({"width": 3000, "height": 3000}), &[canvas.to_owned()]);
    let small = "`format` would make a clip of 640 × 15 pixels, and each side has 16 at least; make \
                 the window larger, or give a larger `width` and `height`";
    check(ANIMATE, json!({"width": 640, "height": 15}), &[small.to_owned()]);
    clip(ANIMATE, json!({"animations": "running", "deterministic": true}));
}
