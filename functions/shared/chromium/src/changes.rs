//! What a capture does to its page before it is drawn, in the order of
//! [`PageChanges`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::input::{
    DispatchMouseEventParams, DispatchMouseEventType, MouseButton,
};
use chromiumoxide::cdp::browser_protocol::network;
use chromiumoxide::cdp::js_protocol::runtime::EvaluateParams;
use darkroom_core::capture::{Gesture, LifecycleEvent, Missing, PageChanges, ScrollTo};
use darkroom_core::failure::Failure;
use serde_json::Value;
use tokio::time::timeout;

use crate::fault::Stage;
use crate::page::Page;
use crate::selector::{Search, searching};
use crate::watcher::Progress;

/// How long a page that a script ran in makes no request, or leads nowhere, until
/// that counts: what Chromium's own idleness of the network takes.
const QUIET: Duration = Duration::from_millis(500);

/// What is done once to a page, however often another document takes its place:
/// it may be what led there.
#[derive(Default, Debug)]
pub(crate) struct Once {
    scripts: AtomicBool,
    click: AtomicBool,
}

/// Makes the changes to this document. False if it went away meanwhile, so that
/// they are to be made to the one that takes its place. `patience` is how long a
/// host may take to begin its answer, should they lead to one.
pub(crate) async fn apply(
    page: &Page,
    changes: &PageChanges,
    document: u32,
    patience: Duration,
) -> Result<bool, Failure> {
    if *changes == PageChanges::default() {
        return Ok(true);
    }
    page.enter(Stage::Changing);
    // What leads elsewhere by itself isn't the page that the changes are for.
    depart(page, patience).await;
    if page.progress.borrow().generation != document {
        return Ok(false);
    }
    if let Some(css) = &changes.styles {
        page.ask(include_str!("script/style.js"), &[css.as_str().into()]).await?;
    }
    if let Some(script) = &changes.scripts {
        run_once(page, script, &changes.scripts_wait, patience).await?;
        if page.progress.borrow().generation != document {
            return Ok(false);
        }
        page.enter(Stage::Changing);
    }
    declare(page, changes).await?;
    point(page, changes, patience).await?;
    if let Some(scroll_to) = &changes.scroll_to {
        scroll(page, changes, scroll_to).await?;
    }
    Ok(page.progress.borrow().generation == document)
}

/// Runs a script unless it has led to this document, and waits for the events.
async fn run_once(
    page: &Page,
    script: &str,
    events: &[LifecycleEvent],
    patience: Duration,
) -> Result<(), Failure> {
    if !page.once.scripts.swap(true, Ordering::Relaxed) {
        return run_and_wait(page, script, events, patience).await;
    }
    for &event in events {
        page.enter(Stage::Event(event));
        page.until(|progress| progress.has_reached(event)).await;
    }
    Ok(())
}

/// Runs a script, and waits for what it asks for or leads to, as far as there are
/// events to wait for.
async fn run_and_wait(
    page: &Page,
    script: &str,
    events: &[LifecycleEvent],
    patience: Duration,
) -> Result<(), Failure> {
    let document = page.progress.borrow().generation;
    if !events.is_empty() {
        page.call(network::EnableParams::default()).await?;
    }
    page.enter(Stage::Running);
    run(page, script).await?;
    depart(page, patience).await;
    for &event in events {
        page.enter(Stage::Event(event));
        match event {
            // These have come before; they are those of another document, if there
            // is to be one.
            LifecycleEvent::DomContentLoaded | LifecycleEvent::Load => {
                let left = page.until(|now| now.leaving || now.generation != document);
                let _stays = timeout(QUIET, left).await;
            }
            LifecycleEvent::NetworkAlmostIdle => fall_idle(page, document, 2).await,
            LifecycleEvent::NetworkIdle => fall_idle(page, document, 0).await,
        }
    }
    depart(page, patience).await;
    Ok(())
}

/// Waits until this document has had so many requests at most, of those that it
/// made since the script ran, for as long as Chromium takes for idleness; or until
/// another has taken its place.
async fn fall_idle(page: &Page, document: u32, most: usize) {
    let is_gone = |now: &Progress| now.generation != document;
    let is_idle = |now: &Progress| !now.leaving && now.in_flight.len() <= most;
    loop {
        page.until(|now| is_gone(now) || is_idle(now)).await;
        let disturbed = page.until(|now| is_gone(now) || !is_idle(now));
        if timeout(QUIET, disturbed).await.is_err() || is_gone(&page.progress.borrow()) {
            return;
        }
    }
}

/// Runs a script as the page's own. What it throws is its author's affair, as with
/// any script of a page.
async fn run(page: &Page, script: &str) -> Result<(), Failure> {
    let params = EvaluateParams { await_promise: Some(true), ..EvaluateParams::new(script) };
    let Some(answer) = page.evaluate(params).await? else {
        return Ok(());
    };
    if answer.exception_details.is_some() {
        tracing::debug!("a script of the capture threw");
    }
    Ok(())
}

/// If the page is about to go elsewhere, waits until it has, or doesn't.
pub(crate) async fn depart(page: &Page, patience: Duration) {
    let settled = page.until(|progress| !progress.leaving);
    let _late = timeout(patience, settled).await;
}

/// Hides and removes, by style sheets: what comes later is meant too.
async fn declare(page: &Page, changes: &PageChanges) -> Result<(), Failure> {
    let hide = changes
        .hide
        .iter()
        .map(|selector| ("A selector to hide", selector, "visibility: hidden !important", true));
    let remove = changes
        .remove
        .iter()
        .map(|selector| ("A selector to remove", selector, "display: none !important", false));
    for (option, selector, declaration, deep) in hide.chain(remove) {
        let arguments = [Value::from(declaration), Value::from(deep)];
        let search = search(changes, option, selector);
        if search.ask(page, searching!("declare.js"), &arguments).await? == Some(false.into()) {
            return Err(search.invalid());
        }
    }
    Ok(())
}

/// Clicks, then rests the pointer.
async fn point(page: &Page, changes: &PageChanges, patience: Duration) -> Result<(), Failure> {
    if let Some(gesture) = &changes.click
        && !page.once.click.load(Ordering::Relaxed)
    {
        let search = search(changes, "The selector to click", &gesture.selector);
        if let Some(target) = aim(page, search, gesture).await? {
            page.once.click.store(true, Ordering::Relaxed);
            press(page, target).await?;
            depart(page, patience).await;
        }
    }
    if let Some(gesture) = &changes.hover {
        let search = search(changes, "The selector to hover", &gesture.selector);
        if let Some(target) = aim(page, search, gesture).await? {
            page.call(mouse(DispatchMouseEventType::MouseMoved, target)).await?;
        }
    }
    Ok(())
}

/// Brings the element into view; yields its middle. None if there is none, and
/// there needn't be, or the document went away.
async fn aim(
    page: &Page,
    search: Search<'_>,
    gesture: &Gesture,
) -> Result<Option<(f64, f64)>, Failure> {
    let Some(middle) = search.ask(page, searching!("aim.js"), &[]).await? else {
        return Ok(None);
    };
    let middle = middle.get(0).and_then(Value::as_f64).zip(middle.get(1).and_then(Value::as_f64));
    match (middle, gesture.missing) {
        (None, Missing::Fail) => Err(search.not_found()),
        (middle, Missing::Fail | Missing::Ignore) => Ok(middle),
    }
}

async fn press(page: &Page, target: (f64, f64)) -> Result<(), Failure> {
    page.call(mouse(DispatchMouseEventType::MouseMoved, target)).await?;
    for event in [DispatchMouseEventType::MousePressed, DispatchMouseEventType::MouseReleased] {
        page.call(DispatchMouseEventParams {
            button: Some(MouseButton::Left),
            click_count: Some(1),
            ..mouse(event, target)
        })
        .await?;
    }
    // The news that it led elsewhere comes before the answer to this.
    page.evaluate(EvaluateParams::new("0")).await?;
    Ok(())
}

fn mouse(event: DispatchMouseEventType, (x, y): (f64, f64)) -> DispatchMouseEventParams {
    DispatchMouseEventParams::new(event, x, y)
}

async fn scroll(page: &Page, changes: &PageChanges, to: &ScrollTo) -> Result<(), Failure> {
    let search = search(changes, "The selector to scroll to", &to.selector);
    search.ask(page, searching!("scroll.js"), &[to.adjust_top_px.into()]).await?;
    Ok(())
}

fn search<'a>(changes: &PageChanges, option: &'static str, selector: &'a str) -> Search<'a> {
    Search { option, selector, pierces_shadow_trees: changes.pierces_shadow_trees }
}
