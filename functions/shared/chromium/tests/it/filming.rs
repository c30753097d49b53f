//! Clips: what moves is shown as it moves, whatever the machine does meanwhile.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use darkroom_chromium::Frames;
use darkroom_core::capture::{
    BackSteps, Canvas, CaptureSpec, Clip, Container, Determinism, Easing, JavaScript, Landmark,
    Output, Power, Scroll, Then, Viewport,
};

use crate::projector::{Shown, frames_by_time, frames_of_gif, frames_of_mp4};
use crate::site::html;
use crate::studio::{AMPLE, Photo, Pixels, Studio, document};

fn clip(container: Container, seconds: u64) -> Clip {
    let duration = Duration::from_secs(seconds);
    Clip { container, duration, canvas: Canvas::Window, scroll: None }
}

fn filmed(spec: CaptureSpec, clip: Clip) -> CaptureSpec {
    let viewport = Viewport::desktop(400, 100);
    CaptureSpec { output: Output::Clip(Box::new(clip)), viewport, ..spec }
}

async fn film(studio: &Studio, body: &str, clip: Clip) -> Photo {
    studio.take(&filmed(studio.spec(&html(body)), clip)).await.unwrap()
}

/// A black bar that a script moves by a pixel each 10 ms of its own time, one that styles move
/// just as fast, and one that a timer moves by 10 px each 100 ms.
const MOVING: &str = "<style>i{position:absolute;width:20px;height:20px;background:black}
    @keyframes go{to{transform:translateX(300px)}}#b{top:30px;animation:go 3s linear}
    #c{top:60px}</style><i id=a></i><i id=b></i><i id=c></i><script>
    let begin; const tick = (time) => { begin ??= time; a.style.left = (time - begin) / 10 + 'px';
    requestAnimationFrame(tick) }; requestAnimationFrame(tick);
    let times = 0; setInterval(() => { c.style.left = ++times * 10 + 'px' }, 100)</script>";

#[tokio::test]
async fn frames_are_exactly_their_span_apart() {
    let studio = Studio::open().await;
    let frames = frames_of_mp4(&film(&studio, MOVING, clip(Container::Mp4, 2)).await);
    assert_eq!((frames.len(), frames[0].width, frames[0].height), (50, 400, 100));
    for y in [10, 40] {
        let places: Vec<_> = frames.iter().map(|frame| frame.dark_from(y).unwrap()).collect();
        let steps: Vec<_> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|&step| step == 4), "{y}: {places:?}");
    }
    // Two frames and a half each.
    let timed: Vec<_> = frames.iter().map(|frame| frame.dark_from(70).unwrap() / 10).collect();
    let (first, rest) = (timed[0], &timed[1..]);
    assert!((19..=20).contains(&(rest[48] - first)), "{timed:?}");
    assert!(timed.windows(6).all(|some| some[5] - some[0] == 2), "{timed:?}");
    let frames = frames_of_gif(&film(&studio, MOVING, clip(Container::Gif, 2)).await);
    assert_eq!(frames.len(), 25);
    assert!(frames.iter().all(|(_, ms)| *ms == 80));
    let places: Vec<_> = frames.iter().map(|(frame, _)| frame.dark_from(10).unwrap()).collect();
    assert!(places.windows(2).all(|pair| pair[1] - pair[0] == 8), "{places:?}");
}

#[tokio::test]
async fn a_clip_is_the_same_each_time_and_in_each_browser() {
    let studio = Studio::open().await;
    let other = Studio::open().await;
    // With a picture that takes its time, and one that a script asks for late.
    let page = format!(
        "{MOVING}<img src=/slow-image><script>setTimeout(() => {{ document.body.append(\
         Object.assign(new Image, {{ src: '/slow-image' }})) }}, 500)</script>"
    );
    let make = |studio: &Studio| filmed(studio.spec(&html(&page)), clip(Container::Mp4, 1));
    let first = studio.take(&make(&studio)).await.unwrap();
    assert_eq!(frames_of_mp4(&first).len(), 25);
    for studio in [&studio, &other] {
        let again = studio.take(&make(studio)).await.unwrap();
        assert!(*again == *first, "{again:?} {first:?}");
    }
    // A document that comes with the request has no host; and time begins with it. Browsers blur
    // a tenth of a millisecond.
    let told = "<pre id=t></pre><script>setInterval(() => { \
                t.textContent = Math.round(performance.now()) }, 40)</script>";
    let make = || filmed(document(&format!("{MOVING}{told}")), clip(Container::Mp4, 1));
    let first = studio.take(&make()).await.unwrap();
    let again = other.take(&make()).await.unwrap();
    assert!(*again == *first, "{again:?} {first:?}");
}

#[tokio::test]
async fn in_deterministic_mode_clock_and_chance_are_the_same_too() {
    let studio = Studio::open().await;
    let page = "<canvas id=a width=400 height=20></canvas><pre id=t></pre><script>
        const pen = a.getContext('2d'); setInterval(() => { t.textContent = new Date().toJSON();
        pen.fillRect(Math.random() * 400, 0, 2, 20) }, 40)</script>";
    let make = || {
        let mut spec = filmed(studio.spec(&html(page)), clip(Container::Mp4, 1));
        spec.emulation.determinism = Determinism::On;
        spec
    };
    let first = studio.take(&make()).await.unwrap();
    assert!(*studio.take(&make()).await.unwrap() == *first);
    let moves = frames_of_mp4(&first).windows(2).filter(|pair| differ(&pair[0], &pair[1])).count();
    assert_eq!(moves, 24);
}

fn differ(one: &Shown, other: &Shown) -> bool {
    let places = (0..one.height).flat_map(|y| (0..one.width).map(move |x| (x, y)));
    places.into_iter().any(|(x, y)| one.is_dark(x, y) != other.is_dark(x, y))
}

/// Rows of 10 px, each of which tells its number in bits of 40 px, up to 5,120 px.
const RULER: &str = "<body><script>for (let row = 0; row < 512; row++) { const line = \
    document.createElement('div'); line.style.cssText = 'height:10px;display:flex'; \
    for (let bit = 0; bit < 10; bit++) { const cell = document.createElement('b'); \
    cell.style.cssText = `width:40px;background:${row >> bit & 1 ? 'black' : 'white'}`; \
    line.append(cell) } document.body.append(line) }</script>";

/// How far down the page is in a frame of [`RULER`], to the pixel.
fn place(frame: &Shown) -> u32 {
    let number = |y| {
        let bits = (0..10).filter(|bit| frame.is_dark(bit * 40 + 20, y));
        bits.fold(0, |all, bit| all + (1 << bit))
    };
    let first: u32 = number(0);
    // Where the next row begins.
    let below = (1..=10).zip(1..).find(|&(y, _)| number(y) != first).unwrap().1;
    first * 10 + (10 - below)
}

fn scrolled(scroll: Scroll, seconds: u64) -> Clip {
    Clip { scroll: Some(scroll), ..clip(Container::Gif, seconds) }
}

#[tokio::test]
async fn a_page_is_scrolled_as_its_easing_has_it() {
    let studio = Studio::open().await;
    for easing in [Easing::Linear, Easing::In(Power::Quad), Easing::InOut(Power::Quint)] {
        let scroll =
            Scroll { step_px: 1_200, easing, then: Then::Stay { at: None }, ..Scroll::default() };
        let frames = frames_by_time(&film(&studio, RULER, scrolled(scroll, 3)).await);
        let places: Vec<_> = frames.iter().map(|frame| f64::from(place(frame))).collect();
        let expected = (0..37_u32).map(|number| {
            let time = |ms: u32| f64::from(ms.min(1_500)) / 1_500.0;
            let now = number * 80;
            let second = if now > 2_000 { easing.done(time(now - 2_000)) } else { 0.0 };
            ((easing.done(time(now)) + second) * 1_200.0).round()
        });
        assert_eq!(places, expected.collect::<Vec<_>>(), "{easing:?}");
    }
}

#[tokio::test]
async fn a_page_is_scrolled_down_and_back_and_that_is_all() {
    let studio = Studio::open().await;
    let quick = Scroll {
        step: Duration::from_millis(400),
        rest: Duration::from_millis(80),
        step_px: 2_510,
        easing: Easing::Linear,
        ..Scroll::default()
    };
    // The page can be scrolled by 5,020 px: two steps down, one back.
    let frames = frames_by_time(&film(&studio, RULER, scrolled(quick.clone(), 9)).await);
    let places: Vec<_> = frames.iter().map(|frame| place(frame)).collect();
    assert_eq!(places.len(), 1 + (400 + 80 + 400 + 400) / 80, "{places:?}");
    assert_eq!((places[5], places[6], places[11], places[16]), (2_510, 2_510, 5_020, 0));
    let until = Some(Landmark { selector: "div:nth-of-type(101)".to_owned(), above_px: 30 });
    let back = Then::Back { at: None, steps: BackSteps::Same };
    let scroll = Scroll { until, then: back, ..quick };
    let frames = frames_by_time(&film(&studio, RULER, scrolled(scroll, 9)).await);
    let places: Vec<_> = frames.iter().map(|frame| place(frame)).collect();
    assert_eq!((places.len(), places[5], places[11]), (12, 970, 0), "{places:?}");
}

#[tokio::test]
async fn what_loads_when_it_comes_into_view_is_there_in_every_frame() {
    let studio = Studio::open().await;
    let images = (0..20).fold(String::new(), |all, number| {
        all + &format!(
            "<img loading=lazy src='/slow-image?{number}' width=400 height=100 \
                        style='display:block'>"
        )
    });
    let page = format!("<div style='height:3000px;background:red'></div>{images}");
    let scroll = Scroll {
        step_px: 5_000,
        easing: Easing::Linear,
        then: Then::Stay { at: None },
        ..Scroll::default()
    };
    let frames = frames_by_time(&film(&studio, &page, scrolled(scroll, 2)).await);
    let holes = frames.iter().filter(|frame| (0..100).any(|y| !frame.is_dark(200, y))).count();
    assert_eq!((frames.len(), holes), (20, 0));
    let asked = studio.site.paths().iter().filter(|path| path.starts_with("/slow-image")).count();
    assert_eq!(asked, 20);
}

#[tokio::test]
async fn a_page_that_waits_for_ever_gives_its_clip() {
    let studio = Studio::open().await;
    for waiting in [
        "<img src=/hang>",
        "<script>fetch('/hang')</script>",
        "<script>new EventSource('/endless')</script>",
        "<script src=/hang></script>",
        "<iframe src=/hang></iframe>",
    ] {
        let spec = studio.spec(&html(&format!("{MOVING}{waiting}")));
        let spec = filmed(spec, clip(Container::Mp4, 1));
        let frames = studio.take_within(&spec, Duration::from_secs(8)).await.unwrap();
        let frames = frames_of_mp4(&frames);
        assert_eq!(frames.len(), 25, "{waiting}");
        let places: Vec<_> = frames.iter().map(|frame| frame.dark_from(40).unwrap()).collect();
        // The step that was given up may have begun: by a part of it, frames and time are apart.
        let is_even = |pair: &[usize]| (3..=5).contains(&(pair[1] - pair[0]));
        assert!(places.windows(2).all(is_even), "{waiting}: {places:?}");
    }
}

#[tokio::test]
async fn mp4_and_webm_play_in_a_browser() {
    let studio = Studio::open().await;
    for (container, media_type) in [(Container::Mp4, "video/mp4"), (Container::WebM, "video/webm")]
    {
        let file = film(&studio, MOVING, clip(container, 2)).await;
        let data = STANDARD.encode(&*file);
        // Where the bar is in some frames, and what the player knows of the clip.
        let page = format!(
            "<video id=v muted src='data:{media_type};base64,{data}'></video><canvas id=c \
             width=400 height=100></canvas><script>const pen = c.getContext('2d'); (async () => \
             {{ await new Promise((it) => {{ v.onloadeddata = it }}); const told = [v.duration, \
             v.videoWidth, v.videoHeight]; for (const time of [0.02, 0.5, 1, 1.5, 1.98]) {{ \
             v.currentTime = time; await new Promise((it) => {{ v.onseeked = it }}); \
             pen.drawImage(v, 0, 0); const row = pen.getImageData(0, 40, 400, 1).data; let x = 0; \
             while (x < 400 && row[4 * x] > 127) x++; told.push(x) }} \
             await fetch('{}?' + told, {{ mode: 'no-cors' }}); window.told = true }})()</script>",
            studio.site.url("/told"),
        );
        let mut spec = document(&page);
        spec.wait.function = Some("window.told".to_owned());
        studio.take(&spec).await.unwrap();
        let paths = studio.site.paths();
        let told = paths.iter().rev().find_map(|path| path.strip_prefix("/told?")).unwrap();
        let told: Vec<f64> = told.split(',').map(|number| number.parse().unwrap()).collect();
        let [duration, width, height, places @ ..] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((*duration, *width, *height), (2.0, 400.0, 100.0), "{container:?}");
        let steps: Vec<_> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (step, expected) in steps.iter().zip([48.0, 52.0, 48.0, 48.0]) {
            assert!((step - expected).abs() <= 5.0, "{container:?}: {places:?}");
        }
    }
}

#[tokio::test]
async fn a_clip_is_made_where_frames_cannot_be_driven() {
    let studio = Studio::with_frames(Frames::Free).await;
    let frames = frames_of_mp4(&film(&studio, MOVING, clip(Container::Mp4, 1)).await);
    let places: Vec<_> = frames.iter().map(|frame| frame.dark_from(10).unwrap()).collect();
    assert_eq!(frames.len(), 25);
    assert!(places.is_sorted() && places[24] > places[0] + 40, "{places:?}");
}

#[tokio::test]
async fn frames_have_the_size_that_was_asked_for() {
    let studio = Studio::open().await;
    let page = "<div style='height:100vh;background:linear-gradient(90deg,black 50%,white 50%)'>";
    for (canvas, scale, expected) in [
        (Canvas::Window, 1.0, (400, 100)),
        (Canvas::Window, 2.0, (800, 200)),
        (Canvas::Window, 1.25, (500, 124)),
        (Canvas::Exact { width: 200, height: 51 }, 1.0, (200, 50)),
        (Canvas::Ratio { width: 4, height: 3 }, 1.0, (400, 300)),
    ] {
        for container in [Container::Mp4, Container::Gif] {
            let mut spec = filmed(studio.spec(&html(page)), Clip { canvas, ..clip(container, 1) });
            spec.viewport.scale = scale;
            let file = studio.take(&spec).await.unwrap();
            let (frame, expected) = match container {
                Container::Gif => {
                    let (width, height) = canvas.size(spec.viewport.picture_px(), scale);
                    let frame = frames_of_gif(&file).remove(0).0;
                    (frame, (width as usize, height as usize))
                }
                _ => (frames_of_mp4(&file).remove(0), expected),
            };
            assert_eq!((frame.width, frame.height), expected, "{canvas:?} {scale}");
            let middle = frame.height / 2;
            assert!(frame.is_dark(frame.width / 2 - 2, middle), "{canvas:?} {scale}");
            assert!(!frame.is_dark(frame.width / 2 + 2, middle), "{canvas:?} {scale}");
        }
    }
}

#[tokio::test]
async fn a_page_is_scrolled_in_its_own_pixels_whatever_the_scale() {
    let studio = Studio::open().await;
    let scroll = Scroll { easing: Easing::Linear, ..Scroll::default() };
    let mut spec = filmed(studio.spec(&html(RULER)), scrolled(scroll, 1));
    spec.viewport = Viewport { scale: 2.0, ..Viewport::desktop(400, 50) };
    let frames = frames_by_time(&studio.take(&spec).await.unwrap());
    // A bit of the ruler is twice as wide and a row twice as high.
    let row = |frame: &Shown| {
        (0..10).filter(|bit| frame.is_dark(bit * 80 + 40, 0)).fold(0, |all, bit| all + (1 << bit))
    };
    let rows: Vec<usize> = frames.iter().map(|frame| row(frame)).collect();
    let expected: Vec<_> = (0..12).map(|number| number * 80 * 2 / 3 / 10).collect();
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn a_page_that_goes_elsewhere_is_shown_going_there() {
    let studio = Studio::open().await;
    let away = html("<body style='background:black'>");
    let page = format!("<script>setTimeout(() => {{ location.href = '{away}' }}, 700)</script>");
    let frames = frames_of_mp4(&film(&studio, &page, clip(Container::Mp4, 2)).await);
    assert_eq!(frames.len(), 50);
    assert!(!frames[0].is_dark(200, 50) && frames[49].is_dark(200, 50));
}

#[tokio::test]
async fn styles_move_where_scripts_are_off() {
    let studio = Studio::open().await;
    let mut spec = filmed(studio.spec(&html(MOVING)), clip(Container::Mp4, 1));
    spec.emulation.java_script = JavaScript::Off;
    let frames = frames_of_mp4(&studio.take(&spec).await.unwrap());
    let places: Vec<_> = frames.iter().map(|frame| frame.dark_from(40).unwrap()).collect();
    assert!(places.windows(2).all(|pair| pair[1] - pair[0] == 4), "{places:?}");
    assert_eq!(frames.iter().map(|frame| frame.dark_from(10)).max(), Some(Some(0)));
}

#[tokio::test]
async fn the_next_capture_has_its_own_time_again() {
    let studio = Studio::open().await;
    film(&studio, MOVING, clip(Container::Mp4, 1)).await;
    let page = "<script>const begin = Date.now(); setTimeout(() => { document.body.bgColor = \
                Date.now() - begin < 900 ? 'lime' : 'red' }, 200)</script>";
    let mut spec = studio.spec(&html(page));
    spec.wait.delay = Duration::from_millis(400);
    let pixels = Pixels::read(&studio.take_within(&spec, AMPLE).await.unwrap());
    assert_eq!(pixels.at(9, 9), "00ff00");
}
