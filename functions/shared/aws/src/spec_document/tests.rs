//! What is stored is what is read, field by field and name by name.

use std::time::Duration;

use darkroom_core::capture::{
    Area, Assembly, BackSteps, Background, Blocking, Canvas, CaptureSpec, Clip, Clutter,
    ColorScheme, Container, Cookie, Csp, Determinism, Easing, Effort, Element, ElementCut,
    Emulation, Encoding, Enough, Fact, FailRules, Fit, Framing, FullPage, Geolocation, Gesture,
    Header, HostErrors, Image, Inquiry, JavaScript, Landmark, Late, LifecycleEvent, Margins,
    Markup, Media, Missing, Motion, MotionPreference, Orientation, Outline, Output, PageChanges,
    Paper, PaperSize, Power, Print, Quality, Record, Rectangle, RequestChanges, Resize, Resource,
    Reveal, SameSite, Screen, Scroll, ScrollTo, SelectorWait, Slices, Source, Sticky, Tagging,
    Then, UrlPattern, Viewport, Wait,
};
use darkroom_core::secret::SecretText;
use serde_json::Value;

use super::SpecDocument;

fn stored(spec: &CaptureSpec) -> String {
    serde_json::to_string(&SpecDocument::from(spec)).unwrap()
}

fn read(text: &str) -> Result<CaptureSpec, String> {
    let document: SpecDocument = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
    CaptureSpec::try_from(document).map_err(|fault| fault.0)
}

fn plain(output: Output) -> CaptureSpec {
    CaptureSpec::plain(Source::Html("<p>".to_owned()), output, Viewport::desktop(1280, 800))
}

fn png() -> Output {
    Output::image(Encoding::Png(Effort::Fast))
}

fn quality(percent: u8) -> Quality {
    Quality::new(percent).unwrap()
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// A specification of which nothing is at its default.
fn everything() -> CaptureSpec {
    CaptureSpec {
        source: Source::Markdown("# «ü»".to_owned()),
        output: Output::Image(Image {
            encoding: Encoding::Avif(quality(71)),
            background: Background::Transparent,
            resize: Some(Resize::Exact { width: 640, height: 480 }),
            more_sizes: vec![Resize::Width(320), Resize::Height(200)],
        }),
        viewport: Viewport {
            width_px: 390,
            height_px: 844,
            scale: 2.625,
            screen: Screen { is_mobile: true, has_touch: true },
        },
        framing: framing(),
        emulation: emulation(),
        request: request(),
        blocking: blocking(),
        changes: changes(),
        wait: Wait {
            until: vec![LifecycleEvent::Load, LifecycleEvent::NetworkIdle],
            selector: Some(SelectorWait { selector: "a, b".to_owned(), enough: Enough::Count }),
            function: Some("() => window.ready".to_owned()),
            delay: Duration::from_secs(3),
            navigation: Duration::from_millis(1_500),
            late: Late::Draw,
        },
        rules: FailRules {
            host_errors: HostErrors::Draw,
            content_contains: vec!["Access denied".to_owned()],
            content_missing: vec!["Welcome".to_owned(), "Bye".to_owned()],
            request_failed: vec![UrlPattern::parse("*.js").unwrap()],
        },
        inquiry: Inquiry {
            facts: [
                Fact::ImageSize,
                Fact::Fonts,
                Fact::PageTitle,
                Fact::OpenGraph,
                Fact::Icon,
                Fact::StatusCode,
                Fact::Headers,
                Fact::Verdict,
            ]
            .into(),
            content: Some(Markup::Markdown),
            records: [Record::Har, Record::Console, Record::Waterfall].into(),
        },
    }
}

fn framing() -> Framing {
    Framing {
        area: Area::FullPage(FullPage {
            max_height_px: Some(9_000),
            assembly: Assembly::Sections,
            sticky: Sticky::Once,
            slices: Some(Slices { height_px: 4_000, overlap_px: 50 }),
        }),
        element: Some(Element {
            selector: "#app".to_owned(),
            cut: ElementCut::Clip,
            scroll_into_view: true,
            missing: Missing::Fail,
        }),
        reveal: Some(Reveal { step_px: Some(700), delay: Duration::from_millis(250) }),
        beyond_viewport: true,
    }
}

fn emulation() -> Emulation {
    Emulation {
        color_scheme: Some(ColorScheme::Dark),
        motion_preference: MotionPreference::Reduced,
        media: Some(Media::Print),
        time_zone: Some("Asia/Tokyo".to_owned()),
        locale: Some("de-CH".to_owned()),
        geolocation: Some(Geolocation { latitude: 35.689_5, longitude: -0.1, accuracy_m: 0.3 }),
        java_script: JavaScript::Off,
        csp: Csp::Bypassed,
        motion: Motion::Finished,
        determinism: Determinism::On,
    }
}

fn request() -> RequestChanges {
    RequestChanges {
        user_agent: Some("Mozilla/5.0".to_owned()),
        headers: vec![Header { name: "X-Token".to_owned(), value: secret("t0p") }],
        cookies: vec![Cookie {
            name: "session".to_owned(),
            value: secret("abc"),
            domain: Some("example.com".to_owned()),
            path: Some("/app".to_owned()),
            secure: true,
            http_only: true,
            same_site: Some(SameSite::Strict),
        }],
        authorization: Some(secret("Basic eDp5")),
    }
}

fn blocking() -> Blocking {
    let resources = [
        Resource::Document,
        Resource::Stylesheet,
        Resource::Image,
        Resource::Media,
        Resource::Font,
        Resource::Script,
        Resource::TextTrack,
        Resource::Xhr,
        Resource::Fetch,
        Resource::EventSource,
        Resource::WebSocket,
        Resource::Manifest,
        Resource::Other,
    ];
    Blocking {
        clutter: Clutter::ALL.into(),
        resources: resources.into(),
        requests: vec![UrlPattern::parse("*/ads/*").unwrap()],
    }
}

fn changes() -> PageChanges {
    PageChanges {
        styles: Some("p { color: red }".to_owned()),
        scripts: Some("go()".to_owned()),
        scripts_wait: vec![LifecycleEvent::DomContentLoaded, LifecycleEvent::NetworkAlmostIdle],
        hide: vec![".ad".to_owned()],
        remove: vec!["#cookie".to_owned(), "dialog".to_owned()],
        click: Some(Gesture { selector: "button".to_owned(), missing: Missing::Fail }),
        hover: Some(Gesture { selector: "nav".to_owned(), missing: Missing::Ignore }),
        scroll_to: Some(ScrollTo { selector: "#below".to_owned(), adjust_top_px: -20 }),
        pierces_shadow_trees: true,
    }
}

fn print() -> Print {
    Print {
        paper: Paper::Custom { width_in: 3.937, height_in: 0.1 + 0.2 },
        orientation: Orientation::Landscape,
        margins: Margins { top_in: 0.0, right_in: 0.1, bottom_in: 1.0 / 3.0, left_in: 2.5 },
        background: false,
        scale: 0.7,
        page_ranges: "1-5, 8".to_owned(),
        header: Some("<b>head</b>".to_owned()),
        footer: Some("<i>foot</i>".to_owned()),
        tagging: Tagging::Yes,
        outline: Outline::Yes,
        fit: Fit::OnePage,
    }
}

fn clip() -> Clip {
    let scroll = Scroll {
        start: Duration::from_millis(100),
        step_px: 700,
        step: Duration::from_millis(1_200),
        rest: Duration::from_millis(300),
        easing: Easing::InOut(Power::Cubic),
        until: Some(Landmark { selector: "#end".to_owned(), above_px: -20 }),
        leap: Some(Duration::from_secs(4)),
        then: Then::Back { at: Some(Duration::from_secs(5)), steps: BackSteps::Same },
        ends_clip: false,
    };
    Clip {
        container: Container::WebM,
        duration: Duration::from_secs(7),
        canvas: Canvas::Ratio { width: 16, height: 9 },
        scroll: Some(scroll),
    }
}

/// Clips of every other name.
fn clips() -> impl Iterator<Item = Output> {
    let easings = [
        Easing::Linear,
        Easing::In(Power::Quad),
        Easing::Out(Power::Quart),
        Easing::InOut(Power::Quint),
    ];
    let thens = [
        Then::Stay { at: None },
        Then::Stay { at: Some(Duration::from_secs(1)) },
        Then::Back { at: None, steps: BackSteps::One },
    ];
    let still = [Container::Mp4, Container::Gif].map(|container| Clip {
        container,
        canvas: Canvas::Exact { width: 640, height: 480 },
        scroll: None,
        ..clip()
    });
    let scrolls = easings.into_iter().flat_map(move |easing| {
        thens.map(|then| Scroll { easing, then, until: None, leap: None, ..Scroll::default() })
    });
    let scrolled = scrolls.map(|scroll| {
        let canvas = Canvas::Window;
        Clip { canvas, scroll: Some(scroll), ..clip() }
    });
    still.into_iter().chain(scrolled).map(|clip| Output::Clip(Box::new(clip)))
}

#[test]
fn every_field_survives_a_round_trip() {
    let outputs = [Output::Pdf(Box::new(print())), Output::Clip(Box::new(clip())), png()];
    for spec in outputs.map(plain).into_iter().chain([everything()]) {
        assert_eq!(read(&stored(&spec)), Ok(spec));
    }
}

#[test]
fn every_other_name_survives_a_round_trip() {
    let encodings = [
        Encoding::Png(Effort::Small),
        Encoding::Jpeg(quality(0)),
        Encoding::WebP(quality(100)),
        Encoding::Gif,
        Encoding::Tiff,
    ];
    let images = encodings.into_iter().map(Output::image);
    let sizes = PaperSize::ALL.into_iter().map(Paper::Size).chain([Paper::OfPage]);
    let prints = sizes.map(|paper| Output::Pdf(Box::new(Print { paper, ..Print::default() })));
    let texts = [Markup::Html, Markup::Markdown, Markup::Plain].map(Output::Text);
    for output in images.chain(prints).chain(clips()).chain(texts) {
        let spec = plain(output);
        assert_eq!(read(&stored(&spec)), Ok(spec));
    }
    for same_site in [SameSite::Lax, SameSite::None] {
        let mut spec = everything();
        spec.request.cookies[0].same_site = Some(same_site);
        assert_eq!(read(&stored(&spec)), Ok(spec));
    }
    let mut spec = everything();
    spec.emulation.color_scheme = Some(ColorScheme::Light);
    spec.emulation.media = Some(Media::Screen);
    spec.wait.selector = Some(SelectorWait { selector: "a".to_owned(), enough: Enough::One });
    spec.framing.area = Area::Clip(Rectangle { x: 1, y: 2, width: 3, height: 4 });
    spec.framing.element = Some(Element {
        selector: "b".to_owned(),
        cut: ElementCut::Box,
        scroll_into_view: false,
        missing: Missing::Ignore,
    });
    assert_eq!(read(&stored(&spec)), Ok(spec));
}

/// These names lie in tables and buckets: one that changes makes jobs in flight
/// unreadable.
#[test]
fn the_stored_names_stay() {
    assert_eq!(
        stored(&plain(png())),
        r#"{"source":{"html":"<p>"},"output":{"image":{"encoding":{"png":"fast"},"background":"page"}},"viewport":{"width_px":1280,"height_px":800,"scale":1.0,"is_mobile":false,"has_touch":false}}"#
    );
    let written = |spec: &CaptureSpec| -> Value { serde_json::from_str(&stored(spec)).unwrap() };
    let expected: Value = serde_json::from_str(include_str!("everything.json")).unwrap();
    assert_eq!(written(&everything()), expected);
    let expected: Value = serde_json::from_str(include_str!("print.json")).unwrap();
    assert_eq!(written(&plain(Output::Pdf(Box::new(print())))), expected);
    let expected: Value = serde_json::from_str(include_str!("clip.json")).unwrap();
    assert_eq!(written(&plain(Output::Clip(Box::new(clip())))), expected);
}

#[test]
fn what_is_not_understood_whole_is_not_read() {
    let whole = stored(&everything());
    let cases = [
        (r#""beyond_viewport""#, r#""beyond""#),
        (r#""scripts_wait":["#, r#""tomorrow":1,"scripts_wait":["#),
        (r#"{"avif":71}"#, r#"{"avif":101}"#),
        (r#"["*.js"]"#, r#"[" "]"#),
        (r#""markdown":"#, r#""url":"#),
        (r#""finished""#, r#""melting""#),
    ];
    for (from, to) in cases {
        let altered = whole.replacen(from, to, 1);
        assert_ne!(altered, whole, "{from}");
        assert!(read(&altered).is_err(), "{to}");
    }
}
