//! Brings a page that has loaded to rest: its fonts and images, and frames with them.

use std::time::Duration;

use darkroom_core::capture::CaptureSpec;
use darkroom_core::failure::Failure;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::fault::Stage;
use crate::page::Page;
use crate::script::script;

/// Which images are waited for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Images {
    /// Those in the window.
    InView,
    /// Those above this row of the page, in CSS pixels.
    Above(f64),
}

/// What the page tells of itself when its images are there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arrival {
    is_inert: bool,
    shows_films: bool,
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
    let document = page.progress.borrow().generation;
    page.enter(Stage::Arriving);
    let depth_px = match images {
        Images::InView => [Value::Null],
        Images::Above(depth_px) => [depth_px.into()],
    };
    let arriving = async {
        tokio::try_join!(
            has_run_scripts(page, spec),
            page.ask(script!("find.js", "inert.js", "images.js" => "arrive.js"), &depth_px),
        )
    };
    let Ok(arrived) = timeout_at(end, arriving).await else {
        return Ok(());
    };
    let (has_run_scripts, told) = arrived?;
    if let Some(Ok(arrival)) = told.map(serde_json::from_value::<Arrival>) {
        page.shows_films(document, arrival.shows_films);
        if arrival.is_inert && !has_run_scripts {
            return Ok(());
        }
    }
    page.enter(Stage::Settling);
    let frames = page.ask(include_str!("script/frames.js"), &[]);
    timeout_at(end, frames).await.map_or(Ok(()), |made| made.map(|_two| ()))
}

/// Whether a script has run in the page, of its own or of the capture's.
pub(crate) async fn has_run_scripts(page: &Page, spec: &CaptureSpec) -> Result<bool, Failure> {
    let has_own = spec.changes.scripts.is_some() || spec.wait.function.is_some();
    Ok(has_own || page.has_run_scripts().await?)
}
