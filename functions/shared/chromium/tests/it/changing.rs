//! What a capture does to its page.

use std::time::Duration;

use darkroom_core::capture::{CaptureSpec, Gesture, LifecycleEvent, Missing, ScrollTo};
use darkroom_core::failure::FailureKind;
use darkroom_core::port::Camera;

use crate::site::html;
use crate::studio::{Pixels, Studio};

/// Red, with a blue box of 100 by 100 pixels in the corner; no script or style of
/// anybody else is allowed.
const STRICT: &str = "\
    <meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">\
    <body bgcolor=#ff0000><table id=box class=box bgcolor=#0000ff width=100 height=100><td></table>";

/// The box is in a shadow tree, 200 pixels away from the corner where the pointer
/// rests.
const SHADOW: &str = "<body style='background:#ff0000'><div id=host style='margin:200px'></div><script>\
    host.attachShadow({ mode: 'open' }).innerHTML =\
    '<style>p{margin:0;width:100px;height:100px;background:#0000ff}p:hover{background:#00ff00}</style>\
    <p class=box></p>'</script>";

type Change = fn(&mut CaptureSpec);
type MissingChange = fn(&mut CaptureSpec, Missing);

fn gesture(selector: &str, missing: Missing) -> Option<Gesture> {
    Some(Gesture { selector: selector.to_owned(), missing })
}

async fn draw(studio: &Studio, spec: &CaptureSpec) -> Pixels {
    Pixels::read(&studio.take(spec).await.unwrap())
}

#[tokio::test]
async fn styles_come_last_and_no_policy_blocks_them() {
    let studio = Studio::open().await;
    let mut spec = studio.spec(&html(STRICT));
    spec.changes.styles = Some("body { background: #00ff00 }".to_owned());
    assert_eq!(draw(&studio, &spec).await.at(640, 400), "00ff00");
    let mut spec = studio.spec(&html("<style>body{background:#ff0000}</style>"));
    let import = format!("@import '{}'; body {{ background: #00ff00 }}", studio.site.url("/none"));
    spec.changes.styles = Some(import);
    assert_eq!(draw(&studio, &spec).await.at(640, 400), "00ff00");
    assert!(studio.site.paths().contains(&"/none".to_owned()), "nothing was imported");
}

#[tokio::test]
async fn scripts_run_as_the_pages_own_and_are_awaited() {
    let studio = Studio::open().await;
    let green = "document.body.style.background = '#00ff00'";
    let cases = [
        format!("if (mine === 7) {green}"),
        format!("new Promise(resolve => setTimeout(resolve, 300)).then(() => {{ {green} }})"),
        format!("{green}; throw new Error('mine')"),
        format!("{green}; Promise.reject('mine')"),
    ];
    for script in cases {
        let mut spec =
            studio.spec(&html("<body style='background:#ff0000'><script>const mine = 7</script>"));
        spec.changes.scripts = Some(script.clone());
        assert_eq!(draw(&studio, &spec).await.at(640, 400), "00ff00", "{script}");
    }
    // A policy of the page counts for what it loads, not for the capture's script.
    let mut spec = studio.spec(&html(STRICT));
    spec.changes.scripts = Some("document.body.bgColor = '#00ff00'".to_owned());
    assert_eq!(draw(&studio, &spec).await.at(640, 400), "00ff00");
}

#[tokio::test]
async fn a_script_that_does_not_end_meets_the_deadline() {
    let studio = Studio::open().await;
    for script in ["for (;;) {}", "new Promise(() => {})"] {
        let mut spec = studio.spec("/bands");
        spec.changes.scripts = Some(script.to_owned());
        let failure = studio.camera.capture(&spec, Duration::from_secs(2)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Timeout, "{script}: {failure}");
        assert!(failure.message.contains("was changed"), "{failure}");
    }
}

#[tokio::test]
async fn what_a_script_or_a_click_leads_to_is_changed_and_drawn() {
    let studio = Studio::open().await;
    let to = studio.site.url(&html("<body style='background:#ff0000'><p id=box>there</p>"));
    let lead = html(&format!(
        "<style>a{{position:absolute;left:2000px;top:3000px}}</style><a href='{to}'>there</a>"
    ));
    let styles = Some("body { background: #00ff00 !important }".to_owned());
    let mut by_script = studio.spec(&lead);
    by_script.changes.scripts = Some("document.querySelector('a').click()".to_owned());
    by_script.changes.scripts_wait = vec![LifecycleEvent::Load];
    let mut by_click = studio.spec(&lead);
    by_click.changes.click = gesture("a", Missing::Fail);
    for mut spec in [by_script, by_click] {
        spec.changes.styles = styles.clone();
        spec.changes.hide = vec!["#box".to_owned()];
        let before = studio.site.paths().len();
        let pixels = draw(&studio, &spec).await;
        assert!(pixels.corner(400, 100).iter().all(|colour| colour == "00ff00"));
        let pages = studio.site.paths().split_off(before);
        let pages: Vec<_> = pages.iter().filter(|path| path.starts_with("/html")).collect();
        assert_eq!(pages.len(), 2, "{pages:?}");
    }
}

#[tokio::test]
async fn what_scripts_lead_to_or_ask_for_is_waited_for_where_asked() {
    let studio = Studio::open().await;
    let to = studio.site.url(&html("<body style='background:#00ff00'>"));
    let more = studio.site.url("/slow-more");
    let later = format!("void setTimeout(() => {{ location.href = '{to}' }}, 200)");
    let asks = format!(
        "void (async () => {{ for (let i = 0; i < 4; i++) await fetch('{more}', {{ mode: 'no-cors' }});\
         document.body.style.background = '#00ff00' }})()"
    );
    let asks_and_leaves = format!(
        "void fetch('{more}', {{ mode: 'no-cors' }}).then(() => {{ location.href = '{to}' }})"
    );
    let both = vec![LifecycleEvent::Load, LifecycleEvent::NetworkIdle];
    for (script, events) in [
        (&later, vec![LifecycleEvent::Load]),
        (&later, vec![LifecycleEvent::DomContentLoaded]),
        (&later, vec![LifecycleEvent::NetworkAlmostIdle]),
        (&asks, vec![LifecycleEvent::NetworkIdle]),
        (&asks_and_leaves, both),
    ] {
        let mut spec = studio.spec(&html("<body style='background:#ff0000'>"));
        spec.wait.until = vec![LifecycleEvent::NetworkIdle];
        spec.changes.scripts = Some(script.clone());
        spec.changes.scripts_wait = events.clone();
        let pixels = draw(&studio, &spec).await;
        assert_eq!(pixels.at(640, 400), "00ff00", "{script}: {events:?}");
    }
}

#[tokio::test]
async fn scripts_that_lead_nowhere_are_not_waited_for() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/polls");
    spec.changes.scripts = Some("document.body.style.background = '#0000ff'".to_owned());
    spec.changes.scripts_wait = vec![
        LifecycleEvent::Load,
        LifecycleEvent::DomContentLoaded,
        LifecycleEvent::NetworkAlmostIdle,
    ];
    assert_eq!(draw(&studio, &spec).await.at(640, 400), "0000ff");
}

#[tokio::test]
async fn elements_are_hidden_and_removed_when_they_come_later_too() {
    let studio = Studio::open().await;
    let body = "<style>body{margin:0}div{height:100px;background:#ff0000}\
                p{visibility:visible;background:#ff0000;margin:0;height:100px}</style>\
                <div class=ad><p></p></div>\
                <script>setTimeout(() => { document.body.insertAdjacentHTML('beforeend',\
                '<div class=ad></div><div style=\"background:#0000ff\"></div>') }, 300)</script>";
    let cases: [(Change, [&str; 3]); 2] = [
        (|it| it.changes.hide = vec!["p, .ad".to_owned()], ["ffffff", "ffffff", "0000ff"]),
        (|it| it.changes.remove = vec![".ad".to_owned()], ["0000ff", "ffffff", "ffffff"]),
    ];
    for (change, expected) in cases {
        let mut spec = studio.spec(&html(body));
        change(&mut spec);
        spec.wait.delay = Duration::from_secs(1);
        let pixels = draw(&studio, &spec).await;
        let rows: Vec<_> = (0..3).map(|row| pixels.at(640, row * 100 + 50)).collect();
        assert_eq!(rows, expected);
    }
}

#[tokio::test]
async fn selectors_search_shadow_trees_only_if_asked_to() {
    let studio = Studio::open().await;
    let box_of = |hide: bool| {
        let mut spec = studio.spec(&html(SHADOW));
        if hide {
            spec.changes.hide = vec![".box".to_owned()];
        } else {
            spec.changes.hover = gesture(".box", Missing::Ignore);
        }
        spec
    };
    for (hide, found) in [(true, "ff0000"), (false, "00ff00")] {
        let mut spec = box_of(hide);
        assert_eq!(draw(&studio, &spec).await.at(250, 250), "0000ff");
        spec.changes.pierces_shadow_trees = true;
        assert_eq!(draw(&studio, &spec).await.at(250, 250), found);
    }
}

#[tokio::test]
async fn a_click_is_one_of_the_pointer() {
    let studio = Studio::open().await;
    let body = "<div style='height:3000px'></div><button>go</button><script>\
                document.querySelector('button').onclick = (event) => {\
                if (event.isTrusted) document.body.style.background = '#00ff00' }</script>";
    let mut spec = studio.spec(&html(body));
    spec.changes.click = gesture("button", Missing::Fail);
    assert_eq!(draw(&studio, &spec).await.at(1000, 100), "00ff00");
}

#[tokio::test]
async fn a_page_that_leads_on_by_itself_is_not_the_one_to_change() {
    let studio = Studio::open().await;
    let there = html(
        "<body style='background:#ff0000'><button>go</button><script>\
         document.querySelector('button').onclick = () => { document.body.style.background = '#00ff00' }</script>",
    );
    let mut spec = studio.spec(&format!("/go?{there}"));
    spec.changes.click = gesture("button", Missing::Fail);
    assert_eq!(draw(&studio, &spec).await.at(1000, 700), "00ff00");
}

#[tokio::test]
async fn an_element_that_is_not_there_fails_or_does_not_as_asked() {
    let studio = Studio::open().await;
    let cases: [(MissingChange, &str); 2] = [
        (|it, missing| it.changes.click = gesture("#none", missing), "to click"),
        (|it, missing| it.changes.hover = gesture("#none", missing), "to hover"),
    ];
    for (change, named) in cases {
        let mut spec = studio.spec("/bands");
        change(&mut spec, Missing::Ignore);
        studio.take(&spec).await.unwrap();
        change(&mut spec, Missing::Fail);
        let failure = studio.take(&spec).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::SelectorNotFound, "{failure}");
        assert!(failure.message.contains(named), "{failure}");
    }
}

#[tokio::test]
async fn a_selector_that_is_none_is_named() {
    let studio = Studio::open().await;
    let bad = || "p##".to_owned();
    let mut cases: Vec<_> = (0..6).map(|_| studio.spec("/bands")).collect();
    cases[0].changes.hide = vec![bad()];
    cases[1].changes.remove = vec!["p".to_owned(), "p {} body".to_owned()];
    cases[2].changes.click = gesture(&bad(), Missing::Ignore);
    cases[3].changes.hover = gesture(&bad(), Missing::Ignore);
    cases[4].changes.scroll_to = Some(ScrollTo { selector: bad(), adjust_top_px: 0 });
    // CSS closes what is open at the end, which is after the declaration here.
    cases[5].changes.hide = vec![":is(p".to_owned()];
    let named = ["hide", "remove", "click", "hover", "scroll to", "hide"];
    for (spec, named) in cases.iter().zip(named) {
        let failure = studio.take(spec).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidOption, "{named}: {failure}");
        assert!(failure.message.contains(named), "{failure}");
    }
}

#[tokio::test]
async fn a_page_is_scrolled_to_an_element_and_what_stays_above_it() {
    let studio = Studio::open().await;
    let body = "<div style='height:3000px;background:#ff0000'></div>\
                <div id=there style='height:3000px;background:#00ff00'></div>";
    let scroll_to = |selector: &str, adjust_top_px| {
        Some(ScrollTo { selector: selector.to_owned(), adjust_top_px })
    };
    for (to, first_green) in [
        (scroll_to("#there", 0), Some(0)),
        (scroll_to("#there", 50), Some(50)),
        (scroll_to("#none", 50), None),
    ] {
        let mut spec = studio.spec(&html(body));
        spec.changes.scroll_to = to;
        let pixels = draw(&studio, &spec).await;
        let green = (0..pixels.height).find(|&y| pixels.at(640, y) == "00ff00");
        assert_eq!(green, first_green);
    }
}
