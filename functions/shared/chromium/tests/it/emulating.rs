//! What a page is told about its device and its reader.

use darkroom_core::capture::{
    CaptureSpec, ColorScheme, Csp, Determinism, Geolocation, JavaScript, Media, Motion,
    MotionPreference, Screen, Source, Viewport,
};
use darkroom_core::failure::FailureKind;

use crate::site::html;
use crate::studio::{Pixels, Studio, document, full_page, spec, wait_for};

/// A page that is green where this is true.
fn green_if(condition: &str) -> String {
    html(&format!(
        "<body style='background:#ff0000'><script>\
         if ({condition}) document.body.style.background = '#00ff00'</script>"
    ))
}

const GREEN: &str = "00ff00";

type Change = fn(&mut CaptureSpec);

#[tokio::test]
async fn a_page_is_told_what_was_asked_for_and_nothing_else() {
    let studio = Studio::open().await;
    let cases: &[(Change, &str)] = &[
        (
            |it| it.emulation.color_scheme = Some(ColorScheme::Dark),
            "matchMedia('(prefers-color-scheme: dark)').matches",
        ),
        (
            |it| it.emulation.motion_preference = MotionPreference::Reduced,
            "matchMedia('(prefers-reduced-motion: reduce)').matches",
        ),
        (|it| it.emulation.media = Some(Media::Print), "matchMedia('print').matches"),
        (
            |it| it.emulation.time_zone = Some("Asia/Tokyo".to_owned()),
            "Intl.DateTimeFormat().resolvedOptions().timeZone === 'Asia/Tokyo' \
             && new Date(0).getHours() === 9",
        ),
        (
            |it| it.emulation.locale = Some("de-DE".to_owned()),
            "navigator.language === 'de-DE' && navigator.languages.join() === 'de-DE,de' \
             && (1234.5).toLocaleString() === '1.234,5'",
        ),
        (
            |it| (it.viewport.width_px, it.viewport.screen.is_mobile) = (390, true),
            "innerWidth === 980 && screen.width === 390 && screen.orientation.type === 'portrait-primary'",
        ),
        (
            |it| it.viewport.screen.has_touch = true,
            "'ontouchstart' in window && matchMedia('(pointer: coarse)').matches \
             && navigator.maxTouchPoints === 5",
        ),
        (
            |it| it.request.user_agent = Some("Odd/1.0 (Windows NT 10.0)".to_owned()),
            "navigator.userAgent === 'Odd/1.0 (Windows NT 10.0)' && navigator.platform === 'Win32' \
             && !navigator.userAgentData?.brands.length",
        ),
    ];
    for (change, condition) in cases {
        let mut spec = studio.spec(&green_if(condition));
        spec.viewport = Viewport::desktop(600, 800);
        for expected in ["ff0000", GREEN] {
            let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
            assert_eq!(pixels.at(300, 400), expected, "{condition}");
            change(&mut spec);
        }
    }
}

#[tokio::test]
async fn a_reader_of_whom_nothing_is_said_reads_english_in_the_light() {
    let studio = Studio::open().await;
    let condition = "navigator.languages.join() === 'en-US,en' && !('ontouchstart' in window) \
                     && matchMedia('(prefers-color-scheme: light)').matches";
    let mut spec = studio.spec(&green_if(condition));
    for color_scheme in [None, Some(ColorScheme::Light)] {
        spec.emulation.color_scheme = color_scheme;
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!(pixels.at(640, 400), GREEN, "{color_scheme:?}");
    }
    let heads = studio.site.heads().concat().to_lowercase();
    assert!(heads.contains("accept-language: en-us,en;q=0.9"), "{heads}");
}

#[tokio::test]
async fn a_locale_is_told_to_hosts() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/bands");
    spec.emulation.locale = Some("fr-CA".to_owned());
    studio.take(&spec).await.unwrap();
    let heads = studio.site.heads().concat().to_lowercase();
    assert!(heads.contains("accept-language: fr-ca,fr;q=0.9"), "{heads}");
    assert!(heads.contains(" chrome/") && !heads.contains("headless"), "{heads}");
}

#[tokio::test]
async fn what_the_browser_does_not_know_is_refused() {
    let studio = Studio::open().await;
    let cases: [(Change, &str); 2] = [
        (|it| it.emulation.time_zone = Some("Mars/Base".to_owned()), "time zone"),
        (|it| it.emulation.locale = Some("no locale".to_owned()), "locale"),
    ];
    for (change, named) in cases {
        let mut spec = studio.spec("/bands");
        change(&mut spec);
        let failure = studio.take(&spec).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidOption, "{failure}");
        assert!(failure.message.contains(named), "{failure}");
    }
}

#[tokio::test]
async fn a_phone_heeds_the_viewport_tag() {
    let studio = Studio::open().await;
    let body = "<meta name=viewport content=width=device-width>\
                <style>body{background:#ff0000}@media (width: 390px){body{background:#00ff00}}</style>";
    let mut spec = studio.spec(&html(body));
    spec.viewport = Viewport::desktop(390, 844);
    spec.viewport.screen.is_mobile = true;
    spec.viewport.scale = 2.0;
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!((pixels.width, pixels.height), (780, 1688));
    assert_eq!(pixels.at(400, 800), GREEN);
}

#[tokio::test]
async fn a_window_is_its_own_captures_only() {
    let studio = Studio::open().await;
    let phone = Viewport {
        scale: 2.0,
        screen: Screen { is_mobile: true, has_touch: true },
        ..Viewport::desktop(390, 844)
    };
    let page = "<meta name=viewport content='width=device-width'><script>\
        const is = (width, height, scale, coarse) => innerWidth === width && innerHeight === height \
        && devicePixelRatio === scale && matchMedia('(pointer: coarse)').matches === coarse;\
        document.documentElement.style.background = is(390, 844, 2, true) ? '#ff0000' : \
        is(1280, 800, 1, false) ? '#0000ff' : '#000000'</script>";
    let desktop = Viewport::desktop(1280, 800);
    for (viewport, size, colour) in [
        (phone, (780, 1_688), "ff0000"),
        (phone, (780, 1_688), "ff0000"),
        (desktop, (1_280, 800), "0000ff"),
        (desktop, (1_280, 800), "0000ff"),
        (phone, (780, 1_688), "ff0000"),
    ] {
        let spec = CaptureSpec { viewport, ..document(page) };
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!(((pixels.width, pixels.height), &*pixels.at(9, 9)), (size, colour));
    }
}

#[tokio::test]
async fn a_page_may_ask_where_it_is() {
    let studio = Studio::open().await;
    let body = "<body><script>navigator.geolocation.getCurrentPosition(({ coords }) => {\
                document.body.innerHTML = '<p id=there>';\
                if (coords.latitude === 52.5 && coords.longitude === -13.25 && coords.accuracy === 10)\
                document.body.style.background = '#00ff00' })</script>";
    let mut spec = studio.spec(&html(body));
    spec.emulation.geolocation =
        Some(Geolocation { latitude: 52.5, longitude: -13.25, accuracy_m: 10.0 });
    spec.wait.selector = wait_for("#there");
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(pixels.at(640, 400), GREEN);
}

#[tokio::test]
async fn without_scripts_a_page_is_drawn_as_it_was_sent() {
    let studio = Studio::open().await;
    let body = "<body style='background:#00ff00'><noscript><p id=plain></p></noscript>\
                <script>document.body.style.background = '#ff0000'</script>";
    let url = studio.spec(&html(body));
    for mut spec in [url, spec(Source::Html(body.to_owned()))] {
        spec.emulation.java_script = JavaScript::Off;
        // Scripts of ours still run, those that need timers too.
        spec.wait.selector = wait_for("#plain");
        spec.changes.pierces_shadow_trees = true;
        spec.framing = full_page();
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!(pixels.at(640, 400), GREEN, "{:?}", spec.source);
    }
}

#[tokio::test]
async fn scripts_of_the_capture_run_where_the_pages_own_do_not() {
    let studio = Studio::open().await;
    let mut spec = studio.spec(&html("<body bgcolor=#ff0000><button>go</button>"));
    spec.emulation.java_script = JavaScript::Off;
    spec.emulation.motion = Motion::Finished;
    spec.changes.scripts = Some(
        "Promise.resolve('#00ff00').then(colour => { document.body.bgColor = colour })".to_owned(),
    );
    spec.changes.styles = Some("button { color: red }".to_owned());
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(pixels.at(640, 400), GREEN);
}

#[tokio::test]
async fn a_policy_counts_unless_it_is_bypassed() {
    let studio = Studio::open().await;
    let body = "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\">\
                <body bgcolor=#ff0000><script>document.body.bgColor = '#00ff00'</script>";
    let mut spec = studio.spec(&html(body));
    for (csp, expected) in [(Csp::Enforced, "ff0000"), (Csp::Bypassed, GREEN)] {
        spec.emulation.csp = csp;
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!(pixels.at(640, 400), expected, "{csp:?}");
    }
}

/// Boxes of 100 by 100 pixels, one below the other, each with an animation.
const MOVING: &str = "
    <style>
      @keyframes go { from { background: #ff0000 } to { background: #0000ff } }
      @keyframes turn { from { background: #00ff00 } 50%, to { background: #ff0000 } }
      div, iframe { display: block; width: 100px; height: 100px; border: 0 }
      #ends { background: #00ff00; animation: go 100s linear }
      #stays { animation: go 100s linear forwards }
      #endless { animation: turn 1s linear infinite }
      #late { background: #ff0000; transition: background 100s }
    </style>
    <div id=ends></div><div id=stays></div><div id=endless></div><div id=late></div>
    <div id=host></div>
    <iframe srcdoc='<style>@keyframes go{to{background:#0000ff}}body{background:#ff0000;animation:go 100s forwards}</style><body>'></iframe>
    <svg width=100 height=100 style='display:block'><rect width=100 height=100 fill=#00ff00>
    <animate attributeName=fill values='#00ff00;#ff0000' calcMode=discrete dur=0.1s begin=0.01s fill=freeze /></rect></svg>
    <script>
      host.attachShadow({ mode: 'open' }).innerHTML =
        '<style>@keyframes go{to{background:#0000ff}}p{margin:0;height:100px;background:#ff0000;animation:go 100s forwards}</style><p>';
      getComputedStyle(late).background;
      late.style.background = '#0000ff';
    </script>";

#[tokio::test]
async fn motion_is_brought_to_rest_wherever_it_is() {
    let studio = Studio::open().await;
    let expected = ["00ff00", "0000ff", "00ff00", "0000ff", "0000ff", "0000ff", "00ff00"];
    for (motion, determinism) in
        [(Motion::Finished, Determinism::Off), (Motion::Running, Determinism::On)]
    {
        let mut spec = studio.spec(&html(MOVING));
        (spec.emulation.motion, spec.emulation.determinism) = (motion, determinism);
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        let boxes: Vec<_> = (0..7).map(|row| pixels.at(50, row * 100 + 50)).collect();
        assert_eq!(boxes, expected, "{motion:?}");
    }
    let pixels = Pixels::read(&studio.take(&studio.spec(&html(MOVING))).await.unwrap());
    assert_ne!(pixels.at(50, 150), "0000ff", "an animation goes on");
}

#[tokio::test]
async fn what_moves_anew_after_each_end_is_not_waited_for() {
    let studio = Studio::open().await;
    let body = "<body><script>const again = () => {\
                document.body.animate([{ opacity: 0 }, { opacity: 1 }], 1e5).onfinish = again };\
                again()</script>";
    let mut spec = studio.spec(&html(body));
    spec.emulation.motion = Motion::Finished;
    studio.take(&spec).await.unwrap();
}

#[tokio::test]
async fn videos_are_paused() {
    let studio = Studio::open().await;
    let body = "<body style='background:#ff0000'><canvas id=film></canvas><video id=reel muted></video>\
                <script>film.getContext('2d').fillRect(0, 0, 9, 9);\
                reel.onpause = () => { document.body.style.background = '#00ff00' };\
                reel.onplay = () => { film.className = 'on' };\
                reel.srcObject = film.captureStream(); reel.play()</script>";
    let mut spec = studio.spec(&html(body));
    spec.emulation.motion = Motion::Finished;
    spec.wait.selector = wait_for(".on");
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(pixels.at(1000, 700), GREEN);
}

#[tokio::test]
async fn what_stands_beside_a_film_is_drawn_as_it_is() {
    let studio = Studio::open().await;
    let body = "<body style='background:#ff0000'><canvas id=film></canvas><video id=reel muted></video>\
                <script>film.getContext('2d').fillRect(0, 0, 9, 9);\
                reel.onplay = () => { film.className = 'on'; document.body.style.background = '#00ff00' };\
                reel.srcObject = film.captureStream(); reel.play()</script>";
    let mut spec = studio.spec(&html(body));
    spec.wait.selector = wait_for(".on");
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(pixels.at(1000, 700), GREEN);
}

#[tokio::test]
async fn nothing_blinks_in_a_page_at_rest() {
    let studio = Studio::open().await;
    let body = "<input autofocus style='font-size:200px;width:100%;border:0;outline:0;caret-color:#ff0000'>";
    let mut spec = studio.spec(&html(body));
    spec.emulation.motion = Motion::Finished;
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert!(pixels.corner(100, 200).iter().all(|colour| colour == "ffffff"));
}

#[tokio::test]
async fn a_document_that_knows_no_dark_stays_light_and_one_that_does_is_dark() {
    let studio = Studio::open().await;
    for (body, expected) in [
        ("<p>plain", "ffffff"),
        ("<meta name=color-scheme content='light dark'>", "121212"),
        ("<style>body{background:#0000ff}</style>", "0000ff"),
        ("<style>@media (prefers-color-scheme:dark){body{background:#111111}}</style>", "111111"),
    ] {
        for mut spec in [document(body), studio.spec(&html(body))] {
            spec.emulation.color_scheme = Some(ColorScheme::Dark);
            let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
            assert_eq!(pixels.at(700, 500), expected, "{body} {:?}", spec.source);
        }
    }
}
