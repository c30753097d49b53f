//! When a page counts as ready.

use std::time::{Duration, Instant};

use darkroom_core::capture::LifecycleEvent;
use darkroom_core::failure::FailureKind;
use darkroom_core::port::Camera;

use crate::studio::{Pixels, Studio, wait_for};

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
async fn each_event_can_be_waited_for() {
    let studio = Studio::open().await;
    for event in [
        LifecycleEvent::DomContentLoaded,
        LifecycleEvent::Load,
        LifecycleEvent::NetworkAlmostIdle,
        LifecycleEvent::NetworkIdle,
    ] {
        let mut spec = studio.spec("/late");
        spec.wait.until = vec![event];
        studio.take(&spec).await.unwrap();
    }
    // Polling ten times a second, this page never falls idle altogether.
    let mut spec = studio.spec("/polls");
    spec.wait.until = vec![LifecycleEvent::Load, LifecycleEvent::NetworkAlmostIdle];
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(pixels.at(640, 400), "00ff00");
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
