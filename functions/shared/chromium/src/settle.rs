//! Brings a page that has loaded to rest: its fonts and images, and frames with them.

use std::time::Duration;

use darkroom_core::failure::Failure;
use serde_json::Value;
use tokio::time::Instant;

use crate::fault::Stage;
use crate::page::Page;
use crate::script::script;

/// Which images are waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Images {
    /// Those in the window.
    InView,
    /// All of the page's.
    All,
}

/// Waits until web fonts and images are there, and for two frames made with them, for
/// so long at most. Where nothing happens by itself, the picture's own frame does.
pub(crate) async fn settle(page: &Page, images: Images, limit: Duration) -> Result<(), Failure> {
    let end = Instant::now() + limit;
    page.enter(Stage::Arriving);
    let arguments = [(images == Images::All).into(), millis(limit)];
    let is_inert = page.ask(script!("inert.js", "arrive.js"), &arguments).await?;
    if is_inert != Some(Value::Bool(true)) {
        page.enter(Stage::Settling);
        let left = [millis(end.saturating_duration_since(Instant::now()))];
        page.ask(include_str!("script/frames.js"), &left).await?;
    }
    Ok(())
}

fn millis(span: Duration) -> Value {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX).into()
}
