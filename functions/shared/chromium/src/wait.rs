//! Waits until a page is ready to be drawn.

use std::time::Duration;

use chromiumoxide::cdp::js_protocol::runtime::EvaluateParams;
use darkroom_core::capture::{CaptureSpec, Enough, LifecycleEvent, SelectorWait};
use darkroom_core::failure::{Failure, FailureKind};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::blocking;
use crate::changes;
use crate::connection::CallError;
use crate::fault::{self, Stage};
use crate::page::Page;
use crate::reveal;
use crate::selector::{Search, searching};
use crate::settle::{Images, settle};
use crate::sticky;

/// How long fonts and images may take to settle after `load`; 20 to 60 ms are usual.
const SETTLE_LIMIT: Duration = Duration::from_secs(2);

/// Between two looks at whether a function has come true: about a frame. Asked
/// from outside, so that nothing that a page does to its timers is in the way.
const LOOK_REST: Duration = Duration::from_millis(16);

/// Waits for everything that was asked for. If another document takes the place
/// of this one meanwhile (a redirect by script), it waits for that. Yields the
/// [generation](crate::watcher::Progress::generation) of the one that is ready.
pub(crate) async fn until_ready(
    page: &Page,
    spec: &CaptureSpec,
    last_call: Instant,
) -> Result<u32, Failure> {
    loop {
        if let Some(document) = ready(page, spec, last_call).await? {
            return Ok(document);
        }
    }
}

/// The document that began this, if it was there to the end.
async fn ready(
    page: &Page,
    spec: &CaptureSpec,
    last_call: Instant,
) -> Result<Option<u32>, Failure> {
    let wait = &spec.wait;
    let coming = async {
        events(page, &wait.until).await;
        page.enter(Stage::Arriving);
        page.progress.borrow().generation
    };
    let (document, ()) = tokio::join!(coming, page.make_world());
    blocking::clean(page, wait.navigation).await?;
    if !changes::apply(page, &spec.changes, document, wait.navigation).await? {
        return Ok(None);
    }
    what_is_asked_for(page, spec).await?;
    rest(page, spec, last_call).await?;
    blocking::hide(page).await?;
    sticky::unscroll(page, &spec.framing).await?;
    Ok((page.progress.borrow().generation == document).then_some(document))
}

/// An element, and a function that comes true.
async fn what_is_asked_for(page: &Page, spec: &CaptureSpec) -> Result<(), Failure> {
    if let Some(wanted) = &spec.wait.selector {
        page.enter(Stage::Selector);
        let search = Search {
            option: "The selector to wait for",
            selector: &wanted.selector,
            pierces_shadow_trees: spec.changes.pierces_shadow_trees,
        };
        search.ask(page, APPEARS, &[least(wanted).into()]).await?;
    }
    match &spec.wait.function {
        Some(function) => comes_true(page, function).await,
        None => Ok(()),
    }
}

/// What loads late, and the rest that was asked for.
async fn rest(page: &Page, spec: &CaptureSpec, last_call: Instant) -> Result<(), Failure> {
    let wait = &spec.wait;
    if let Some(wanted) = &spec.framing.reveal {
        reveal::through(page, spec, wanted, last_call).await?;
    } else if wait.until.is_empty() {
        // Whoever judges the document needs the status: asked while nobody waits for it.
        tokio::try_join!(settle(page, spec, Images::InView, SETTLE_LIMIT), page.status())?;
    }
    if !wait.delay.is_zero() {
        page.enter(Stage::Delay);
        sleep(wait.delay).await;
    }
    Ok(())
}

async fn events(page: &Page, until: &[LifecycleEvent]) {
    let until = if until.is_empty() { &[LifecycleEvent::Load] } else { until };
    for &event in until {
        page.enter(Stage::Event(event));
        page.until(|progress| progress.has_reached(event)).await;
    }
}

/// How many elements must be there.
fn least(wanted: &SelectorWait) -> usize {
    match wanted.enough {
        Enough::One => 1,
        Enough::Count => selectors_in(&wanted.selector),
    }
}

/// How many selectors a list has: one more than it has commas outside of strings,
/// escapes, brackets and parentheses (CSS Selectors 4, «selector list»).
fn selectors_in(list: &str) -> usize {
    let (mut count, mut depth, mut quote) = (1, 0_usize, None);
    let mut letters = list.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', _) => drop(letters.next()),
            (_, Some(end)) if letter == end => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(letter),
            ('(' | '[', None) => depth += 1,
            (')' | ']', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => count += 1,
            _ => {}
        }
    }
    count
}

/// Waits until the client's expression, or the result of its function, is true. It
/// runs among the page's own scripts, whose variables it can read. One that throws,
/// or whose promise is broken, is not true yet.
async fn comes_true(page: &Page, function: &str) -> Result<(), Failure> {
    page.enter(Stage::Function);
    let function = function.trim_end_matches(|it: char| it == ';' || it.is_whitespace());
    // Read but not run: what is wrong with this one are its words.
    if matches!(evaluate(page, &format!("() => (\n{function}\n)")).await?, Some(None)) {
        return Err(Failure::new(
            FailureKind::InvalidOption,
            "The function to wait for is neither a JavaScript expression nor a function",
        ));
    }
    let look = format!(
        "(async () => {{ const it = (\n{function}\n); \
         return Boolean(await (typeof it === 'function' ? it() : it)) }})()"
    );
    while let Some(seen) = evaluate(page, &look).await? {
        if seen == Some(Value::Bool(true)) {
            break;
        }
        sleep(LOOK_REST).await;
    }
    Ok(())
}

/// What an expression comes to in the page's own world; none within if it threw.
/// None if the document went away.
async fn evaluate(page: &Page, expression: &str) -> Result<Option<Option<Value>>, Failure> {
    let before = page.progress.borrow().generation;
    let params = EvaluateParams {
        await_promise: Some(true),
        return_by_value: Some(true),
        silent: Some(true),
        ..EvaluateParams::new(expression)
    };
    match page.tools.call(params).await {
        Ok(answer) if answer.exception_details.is_some() => Ok(Some(None)),
        Ok(answer) => Ok(Some(Some(answer.result.value.unwrap_or_default()))),
        Err(CallError::Refused { .. }) if page.has_moved_on(before).await => Ok(None),
        Err(fault) => Err(fault::of_call(&fault)),
    }
}

const APPEARS: &str = searching!("appears.js");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_selector_more_than_it_has_commas_of_its_own() {
        let cases = [
            ("p", 1),
            (".a,.b", 2),
            ("p, div > a, #x", 3),
            (":is(p, a), b", 2),
            ("[title='a,b'], c", 2),
            ("[title=\"a\\\",b\"]", 1),
            ("a\\,b, c", 2),
            (":not(:is(a, b), c)", 1),
        ];
        for (list, count) in cases {
            assert_eq!(selectors_in(list), count, "{list}");
        }
    }
}
