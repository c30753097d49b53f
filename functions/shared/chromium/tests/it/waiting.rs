//! When a page counts as ready.

use std::time::{Duration, Instant};

use darkroom_core::capture::{
    Enough, Gesture, Late, LifecycleEvent, Missing, Motion, Output, SelectorWait, Source,
};
use darkroom_core::failure::FailureKind;
use darkroom_core::port::Camera;

use crate::site::html;
use crate::studio::{PNG, Pixels, Studio, spec, wait_for};

#[tokio::test]
async fn a_selector_is_waited_for() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/late");
    spec.wait.selector = wait_for("p#late");
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(pixels.at(640, 400), "00ff00");
}

#[tokio::test]
async fn a_selector_that_is_none_fails_at_once() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/bands");
    spec.wait.selector = wait_for("p##");
    let failure = studio.take(&spec).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidOption);
    assert!(failure.message.contains("not a valid CSS selector"), "{failure}");
}

#[tokio::test]
async fn a_delay_is_rested() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/late");
    let early = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(early.at(640, 400), "ff0000");
    spec.wait.delay = Duration::from_secs(1);
    let late = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(late.at(640, 400), "00ff00");
}

#[tokio::test]
async fn each_event_is_waited_for_and_no_other() {
    use LifecycleEvent::{Load, NetworkAlmostIdle, NetworkIdle};

    let studio = Studio::open().await;
    for (path, event, colour) in [
        ("/stages", Load, "ff0000"),
        ("/stages", NetworkIdle, "00ff00"),
        // Two requests are on their way for good.
        ("/stages?/hang", NetworkAlmostIdle, "00ff00"),
    ] {
        let mut spec = studio.spec(path);
        spec.wait.until = vec![event];
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!(pixels.at(640, 400), colour, "{path}, {event:?}");
    }
    let mut spec = studio.spec("/stages?/hang");
    spec.wait.until = vec![Load, NetworkIdle];
    let failure = studio.camera.capture(&spec, Duration::from_secs(3)).await.unwrap_err();
    assert!(failure.message.contains("network to fall idle"), "{failure}");
}

#[tokio::test]
async fn a_page_is_ready_before_a_resource_that_it_need_not_wait_for() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/hanging-image");
    spec.wait.until = vec![LifecycleEvent::DomContentLoaded];
    let started = Instant::now();
    studio.take(&spec).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_redirect_by_script_is_followed() {
    let studio = Studio::open().await;
    let pixels = Pixels::read(&studio.take(&studio.spec("/go?/bands")).await.unwrap());
    assert_eq!(pixels.at(640, 300), "00ff00");
}

#[tokio::test]
async fn a_selector_finds_what_is_in_a_shadow_tree_if_asked_to() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/shadow");
    spec.wait.selector = wait_for("#inside");
    let failure = studio.camera.capture(&spec, Duration::from_secs(2)).await.unwrap_err();
    assert!(failure.message.contains("matches the selector"), "{failure}");
    spec.changes.pierces_shadow_trees = true;
    studio.take(&spec).await.unwrap();
}

#[tokio::test]
async fn as_many_elements_as_selectors_are_waited_for_where_asked() {
    let studio = Studio::open().await;
    for (enough, colour) in [(Enough::One, "ff0000"), (Enough::Count, "00ff00")] {
        let mut spec = studio.spec("/grows");
        spec.wait.until = vec![LifecycleEvent::DomContentLoaded];
        // Two of the same kind are enough.
        spec.wait.selector = wait_for(".item, .none").map(|it| SelectorWait { enough, ..it });
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!(pixels.at(640, 400), colour, "{enough:?}");
    }
}

#[tokio::test]
async fn a_function_is_waited_for_until_it_is_true() {
    let studio = Studio::open().await;
    for function in [
        "steps === 2",
        "steps > 1;",
        "() => steps > 1",
        "async () => steps > 1",
        "function () { return steps > 1 }",
        "document.querySelectorAll('.item')[1].tagName === 'P'",
        "// a comment\nsteps === 2 // and another",
    ] {
        let mut spec = studio.spec("/grows");
        spec.wait.function = Some(function.to_owned());
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!(pixels.at(640, 400), "00ff00", "{function}");
    }
}

#[tokio::test]
async fn a_function_that_cannot_be_read_fails_at_once() {
    let studio = Studio::open().await;
    for function in ["return steps", "steps ===", "if (steps) {}", ")("] {
        let mut spec = studio.spec("/grows");
        spec.wait.function = Some(function.to_owned());
        let failure = studio.take(&spec).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidOption, "{function}: {failure}");
    }
}

#[tokio::test]
async fn a_wait_that_never_ends_is_named() {
    let studio = Studio::open().await;
    let mut function = studio.spec("/bands");
    function.wait.function = Some("nowhere.at.all".to_owned());
    let mut answer = studio.spec("/hang");
    answer.wait.navigation = Duration::from_secs(1);
    let document = spec(Source::Html("<script>for (;;) {}</script>".to_owned()));
    for (spec, words) in [
        (function, "Operation timed out while waiting for the function to come true"),
        (answer, "The page's host did not answer within 1 s"),
        (document, "Operation timed out while the document was read"),
    ] {
        let failure = studio.camera.capture(&spec, Duration::from_secs(4)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
        assert_eq!(failure.message, words);
    }
}

#[tokio::test]
async fn a_late_page_is_drawn_as_it_is_where_asked() {
    let studio = Studio::open().await;
    let budget = Duration::from_secs(4);
    for output in [PNG, Output::Pdf(Box::default())] {
        let is_pdf = output != PNG;
        let mut spec = studio.spec("/half");
        (spec.output, spec.wait.late) = (output, Late::Draw);
        let picture = studio.camera.capture(&spec, budget).await.unwrap();
        if !is_pdf {
            assert_eq!(
                Pixels::read(&picture.content.collect().await.unwrap()).at(640, 400),
                "00ff00"
            );
        }
        spec.wait.late = Late::Fail;
        let failure = studio.camera.capture(&spec, budget).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
    }
}

#[tokio::test]
async fn a_late_page_is_changed_and_brought_to_rest_as_far_as_it_can_be() {
    let studio = Studio::open().await;
    let body = "<style>@keyframes go{to{background:#0000ff}}\
        p{margin:0;height:100px;background:#ff0000}#moves{animation:go 100s forwards}</style>\
        <p id=moves><p class=hidden><p class=removed><p id=clicked onclick='style.background = \"#00ff00\"'>\
        <p id=styled><script src=/hang></script>";
    let gesture =
        |selector: &str| Some(Gesture { selector: selector.to_owned(), missing: Missing::Fail });
    let mut spec = studio.spec(&html(body));
    spec.wait.late = Late::Draw;
    spec.emulation.motion = Motion::Finished;
    spec.changes.styles = Some("#styled { background: #ff00ff !important }".to_owned());
    spec.changes.hide = vec![".hidden".to_owned()];
    spec.changes.remove = vec![".removed".to_owned()];
    spec.changes.click = gesture("#clicked");
    // It may be one of those that are yet to come.
    spec.changes.hover = gesture("#none");
    let picture = studio.camera.capture(&spec, Duration::from_secs(6)).await.unwrap();
    let pixels = Pixels::read(&picture.content.collect().await.unwrap());
    let rows = [50, 150, 250, 350].map(|y| pixels.at(640, y));
    assert_eq!(rows, ["0000ff", "ffffff", "00ff00", "ff00ff"]);
}

#[tokio::test]
async fn nothing_is_drawn_of_a_page_of_which_nothing_came() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/hang");
    spec.wait.late = Late::Draw;
    let failure = studio.camera.capture(&spec, Duration::from_secs(2)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
}

/// What hangs in their heads keeps these from being painted.
#[tokio::test]
async fn a_late_page_is_drawn_without_the_style_sheet_or_script_that_keeps_it_from_being_drawn() {
    let studio = Studio::open().await;
    let head = "<style>body { background: #00ff00 }</style>";
    for (hangs, colour) in [
        ("<link rel=stylesheet href=/hang><p>words", "00ff00"),
        ("<script src=/hang></script><p>words", "00ff00"),
    ] {
        for seconds in [4, 9] {
            let mut spec = studio.spec(&html(&format!("{head}{hangs}")));
            spec.wait.late = Late::Draw;
            let picture = studio.camera.capture(&spec, Duration::from_secs(seconds)).await.unwrap();
            let pixels = Pixels::read(&picture.content.collect().await.unwrap());
            assert_eq!(pixels.at(640, 400), colour, "{hangs}, {seconds} s");
        }
    }
}
