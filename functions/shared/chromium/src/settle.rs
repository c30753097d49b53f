//! Brings a page that has loaded to rest: its fonts and images, and frames with them.

use std::time::Duration;

use darkroom_core::capture::CaptureSpec;
use darkroom_core::failure::Failure;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

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
/// The limit is kept here: where a page's scripts are stopped, our timers there are too.
pub(crate) async fn settle(
    page: &Page,
    spec: &CaptureSpec,
    images: Images,
    limit: Duration,
) -> Result<(), Failure> {
    let end = Instant::now() + limit;
    page.enter(Stage::Arriving);
    let all = [(images == Images::All).into()];
    let arriving = page.ask(script!("inert.js", "images.js" => "arrive.js"), &all);
    let Ok(is_inert) = timeout_at(end, arriving).await else {
        return Ok(());
    };
    if is_inert? == Some(Value::Bool(true)) && runs_nothing(spec) {
        return Ok(());
    }
    page.enter(Stage::Settling);
    let frames = page.ask(include_str!("script/frames.js"), &[]);
    timeout_at(end, frames).await.map_or(Ok(()), |made| made.map(|_two| ()))
}

/// Whether the capture runs no script of its own in the page, which would leave no
/// trace in it.
pub(crate) fn runs_nothing(spec: &CaptureSpec) -> bool {
    spec.changes.scripts.is_none() && spec.wait.function.is_none()
}
