//! Waits until a page is ready to be drawn.

use std::time::Duration;

use darkroom_core::capture::{CaptureSpec, Framing, LifecycleEvent};
use darkroom_core::failure::Failure;
use serde_json::Value;
use tokio::time::sleep;

use crate::changes;
use crate::fault::Stage;
use crate::page::Page;
use crate::selector::{Search, searching};
use crate::still::MAX_SIDE_PX;

/// How long fonts and images may take to settle after `load`; 20 to 60 ms are usual.
const SETTLE_LIMIT: Duration = Duration::from_secs(2);

/// How long a page may take to show all that loads when it comes into view.
const REVEAL_LIMIT: Duration = Duration::from_secs(3);

/// Waits for everything that was asked for. If another document takes the place
/// of this one meanwhile (a redirect by script), it waits for that. Yields the
/// [generation](crate::watcher::Progress::generation) of the one that is ready.
pub(crate) async fn until_ready(
    page: &Page,
    spec: &CaptureSpec,
    framing: &Framing,
) -> Result<u32, Failure> {
    loop {
        if let Some(document) = ready(page, spec, framing).await? {
            return Ok(document);
        }
    }
}

/// The document that began this, if it was there to the end.
async fn ready(page: &Page, spec: &CaptureSpec, framing: &Framing) -> Result<Option<u32>, Failure> {
    let wait = &spec.wait;
    events(page, &wait.until).await;
    let document = page.progress.borrow().generation;
    if !changes::apply(page, &spec.changes, document, wait.navigation).await? {
        return Ok(None);
    }
    if let Some(wanted) = &wait.selector {
        page.enter(Stage::Selector);
        let search = Search {
            option: "The selector to wait for",
            selector: &wanted.selector,
            pierces_shadow_trees: spec.changes.pierces_shadow_trees,
        };
        search.ask(page, APPEARS, &[]).await?;
    }
    if framing.reveal.is_some() {
        page.enter(Stage::Revealing);
        let depth = Value::from(MAX_SIDE_PX);
        page.ask(REVEAL, &[millis(REVEAL_LIMIT), depth]).await?;
    } else if wait.until.is_empty() {
        page.enter(Stage::Settling);
        page.ask(SETTLE, &[millis(SETTLE_LIMIT)]).await?;
    }
    page.enter(Stage::Delay);
    sleep(wait.delay).await;
    Ok((page.progress.borrow().generation == document).then_some(document))
}

async fn events(page: &Page, until: &[LifecycleEvent]) {
    let until = if until.is_empty() { &[LifecycleEvent::Load] } else { until };
    for &event in until {
        page.enter(Stage::Event(event));
        page.until(|progress| progress.has_reached(event)).await;
    }
}

fn millis(span: Duration) -> Value {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX).into()
}

const SETTLE: &str = include_str!("script/settle.js");
const REVEAL: &str = include_str!("script/reveal.js");
const APPEARS: &str = searching!("appears.js");
