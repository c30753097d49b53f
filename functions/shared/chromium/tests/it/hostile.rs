//! Pages that mean harm: how the capture of each ends, and that the next one on the
//! same browser is right.

use std::time::{Duration, Instant};

use darkroom_core::capture::{CaptureSpec, Framing, Late, LifecycleEvent, Output};
use darkroom_core::failure::FailureKind;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::processes::renderers;
use crate::studio::{AMPLE, Pixels, Studio, full_page};

/// A page, and what becomes of it.
struct Hostile {
    path: &'static str,
    ask: fn(&mut CaptureSpec),
    within: Duration,
    end: End,
    browser: Browser,
}

enum End {
    /// With this kind of failure, whose message has these words.
    Fails(FailureKind, &'static str),
    /// With this picture.
    Draws(fn(&Pixels) -> bool),
}

enum Browser {
    /// The next capture is taken with the same.
    Stays,
    /// It is replaced on purpose.
    Goes,
    /// It is replaced where a frame that the page's leaving cut short was never
    /// answered.
    MayGo,
}

const PLAIN: fn(&mut CaptureSpec) = |_| {};
const NEVER_IDLE: fn(&mut CaptureSpec) = |spec| spec.wait.until = vec![LifecycleEvent::NetworkIdle];
const BEST_EFFORT: fn(&mut CaptureSpec) = |spec| spec.wait.late = Late::Draw;

const GREEN: End = End::Draws(|pixels| pixels.at(640, 400) == "00ff00");

/// How long a page may take that never becomes ready.
const SHORT: Duration = Duration::from_secs(3);

const fn row(path: &'static str, end: End) -> Hostile {
    Hostile { path, ask: PLAIN, within: AMPLE, end, browser: Browser::Stays }
}

const fn late(path: &'static str, stage: &'static str) -> Hostile {
    let end = End::Fails(FailureKind::Timeout, stage);
    Hostile { within: SHORT, ..row(path, end) }
}

fn pages() -> Vec<Hostile> {
    use FailureKind::{Network, NotAPage, PageCrashed, Timeout};
    let load = "page's load event";
    let tall = |spec: &mut CaptureSpec| spec.framing = Framing { reveal: None, ..full_page() };
    let printed = |spec: &mut CaptureSpec| spec.output = Output::Pdf(Box::default());
    vec![
        late("/hang", "page's host to answer"),
        late("/hanging-image", load),
        late("/endless", load),
        late("/spin", load),
        late("/spin-after-load", "settling"),
        Hostile { ask: printed, ..late("/spin-in-print", "picture was drawn") },
        row("/alerts", End::Fails(Timeout, "one dialog after another")),
        row("/eat", End::Fails(PageCrashed, "")),
        row("/popup", GREEN),
        row("/close", End::Draws(|pixels| pixels.at(640, 400) == "ffffff")),
        row("/download", End::Fails(NotAPage, "download")),
        row("/frames", End::Draws(shows_100_frames)),
        row("/around", End::Fails(Network, "ERR_TOO_MANY_REDIRECTS")),
        late("/on", load),
        // Between two of its documents, whatever they are waited for.
        late("/on-load", "timed out while"),
        Hostile { ask: BEST_EFFORT, within: SHORT, ..row("/on-load", GREEN) },
        Hostile { ask: tall, browser: Browser::MayGo, ..row("/on-later", GREEN) },
        Hostile { ask: NEVER_IDLE, ..late("/polls", "network to fall idle") },
        Hostile {
            ask: |spec| {
                NEVER_IDLE(spec);
                BEST_EFFORT(spec);
            },
            within: SHORT,
            ..row("/polls", GREEN)
        },
    ]
}

fn shows_100_frames(pixels: &Pixels) -> bool {
    (0..100).all(|cell| {
        let (x, y) = (cell % 10 * 128, cell / 10 * 80);
        let colour = format!("{:06x}", 0x10_00_00 + cell);
        [(0, 0), (127, 0), (64, 40), (0, 79), (127, 79)]
            .iter()
            .all(|(right, down)| pixels.at(x + right, y + down) == colour)
    })
}

#[tokio::test]
async fn a_hostile_page_ends_as_it_should_and_the_next_capture_is_right() {
    let studio = Studio::open().await;
    for page in pages() {
        ends_as_it_should(&studio, page).await;
    }
}

#[tokio::test]
async fn a_page_that_eats_memory_costs_its_browser_and_the_next_capture_is_right() {
    let studio = Studio::with_memory(768).await;
    let end = End::Fails(FailureKind::PageCrashed, "more memory");
    ends_as_it_should(&studio, Hostile { browser: Browser::Goes, ..row("/eat-buffers", end) })
        .await;
    let visits = studio.site.paths().iter().filter(|path| *path == "/eat-buffers").count();
    assert_eq!(visits, 1, "it is tried again");
}

async fn ends_as_it_should(studio: &Studio, hostile: Hostile) {
    let Hostile { path, ask, within, end, browser } = hostile;
    let first = studio.browser();
    let mut spec = studio.spec(path);
    ask(&mut spec);
    let started = Instant::now();
    let picture = studio.take_within(&spec, within).await;
    let took = started.elapsed();
    assert!(took < within + Duration::from_secs(1), "{path} took {took:?}");
    match (end, picture) {
        (End::Fails(kind, words), Err(failure)) => {
            assert_eq!(failure.kind, kind, "{path}: {failure}");
            assert!(failure.message.contains(words), "{path}: {failure}");
        }
        (End::Draws(is_right), Ok(file)) => assert!(is_right(&Pixels::read(&file)), "{path}"),
        (_, picture) => panic!("{path}: {picture:?}"),
    }
    assert_bands(studio, path).await;
    match browser {
        Browser::Stays => assert_eq!(studio.browser(), first, "{path}"),
        Browser::Goes => assert_ne!(studio.browser(), first, "{path}"),
        Browser::MayGo => {}
    }
}

/// Takes a picture of a plain page.
async fn assert_bands(studio: &Studio, after: &str) {
    let pixels = Pixels::read(&studio.take(&studio.spec("/bands")).await.unwrap());
    assert_eq!((pixels.width, pixels.height), (1280, 800), "after {after}");
    for (band, colour) in ["ff0000", "00ff00", "0000ff", "102030"].iter().enumerate() {
        for row in [0, 199] {
            let y = u32::try_from(band).unwrap() * 200 + row;
            for x in [0, 640, 1279] {
                assert_eq!(pixels.at(x, y), *colour, "after {after}, {x}, {y}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_whose_renderer_is_killed_once_is_drawn_and_one_that_always_is_fails() {
    let studio = Studio::open().await;
    let browser = studio.browser().unwrap();
    for signal in [Signal::SIGKILL, Signal::SIGSEGV, Signal::SIGABRT] {
        for (kills, is_drawn) in [(1, true), (2, false)] {
            let path = format!("/cell?00ff00&{signal}{kills}");
            let mut spec = studio.spec(&path);
            spec.wait.delay = Duration::from_secs(1);
            let killer = async {
                for visit in 1..=kills {
                    studio.site.asked_times(&path, visit).await;
                    for renderer in renderers(browser) {
                        let _ended = kill(Pid::from_raw(renderer.cast_signed()), signal);
                    }
                }
            };
            let (picture, ()) = tokio::join!(studio.take(&spec), killer);
            match picture {
                Ok(file) => assert!(is_drawn && Pixels::read(&file).at(640, 400) == "00ff00"),
                Err(failure) => {
                    assert!(!is_drawn, "{path}: {failure}");
                    assert_eq!(failure.kind, FailureKind::PageCrashed, "{path}: {failure}");
                }
            }
            assert_bands(&studio, &path).await;
            assert_eq!(studio.browser(), Some(browser), "{path}");
        }
    }
}
