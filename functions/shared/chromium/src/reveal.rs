//! Makes a page load what it loads only when it comes into view, before all of it
//! is drawn: a scroll down the page and back to the top.

use std::slice;
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::network;
use darkroom_core::capture::{Area, CaptureSpec, Reveal};
use darkroom_core::failure::Failure;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::fault::Stage;
use crate::page::Page;
use crate::script::{millis, script};
use crate::settle::{Images, has_run_scripts, settle};
use crate::still::GROWN_PAGE_PX;

/// How long the reveal takes at most, however much time there is.
const LIMIT: Duration = Duration::from_secs(20);

/// How long the last images of a page may take to load.
const LAST_LIMIT: Duration = Duration::from_secs(3);

/// How long a page has at its end to ask for more by a script that was told of
/// the scroll a little later.
const BOTTOM_REST: Duration = Duration::from_millis(60);

/// Shows the page to itself. It takes no longer than half of what is left until
/// `last_call`; what hasn't come by then is drawn as it is.
pub(crate) async fn through(
    page: &Page,
    spec: &CaptureSpec,
    reveal: &Reveal,
    last_call: Instant,
) -> Result<(), Failure> {
    let left = last_call.saturating_duration_since(Instant::now());
    let end = Instant::now() + LIMIT.min(left / 2);
    page.enter(Stage::Revealing);
    let left = || end.saturating_duration_since(Instant::now());
    let most_px = most_px(spec).unwrap_or(f64::MAX);
    let limit = match load_all(page, spec, most_px).await? {
        Some(windows) => left().min(LAST_LIMIT.max(reveal.delay * windows)),
        None => {
            Walk { page, reveal, depth: Depth::of(spec), end }.down().await?;
            left().min(LAST_LIMIT)
        }
    };
    page.ask(include_str!("script/unscroll.js"), &[]).await?;
    settle(page, spec, Images::Above(most_px), limit).await
}

/// Where what is drawn of a page ends at the latest, in CSS pixels, if that was asked for.
fn most_px(spec: &CaptureSpec) -> Option<f64> {
    match &spec.framing.area {
        Area::FullPage(full) => full.max_height_px.map(f64::from),
        Area::Viewport | Area::Clip(_) => None,
    }
}

/// Has a page load its lazy images above this row at once, if it can't react to being
/// scrolled to. Tells then in how many windows some are to come.
async fn load_all(page: &Page, spec: &CaptureSpec, most_px: f64) -> Result<Option<u32>, Failure> {
    if has_run_scripts(page, spec).await? {
        return Ok(None);
    }
    let windows =
        page.ask(script!("inert.js", "images.js" => "eager.js"), &[most_px.into()]).await?;
    Ok(windows.and_then(|windows| serde_json::from_value(windows).ok()))
}

/// How far down a page is gone.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Depth {
    /// This many CSS pixels.
    Exactly(f64),
    /// As far as it reaches before, or this many CSS pixels if it grows on the way.
    Grown(f64),
}

impl Depth {
    fn of(spec: &CaptureSpec) -> Self {
        let grown = Self::Grown(GROWN_PAGE_PX / spec.viewport.scale);
        most_px(spec).map_or(grown, Self::Exactly)
    }
}

/// Where a walk has come to, in CSS pixels from the top.
#[derive(Clone, Copy, Deserialize, Debug)]
struct Place {
    /// Where the next step leads to.
    next: f64,
    /// The furthest that the window can be moved.
    bottom: f64,
    /// Where it ends at the latest.
    depth: f64,
}

/// How far a walk leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Goal {
    /// Until the window would reach the end of the page.
    BeforeBottom,
    /// To the end.
    Bottom,
}

#[derive(Clone, Copy, Debug)]
struct Walk<'a> {
    page: &'a Page,
    reveal: &'a Reveal,
    depth: Depth,
    end: Instant,
}

impl Walk<'_> {
    /// Goes down step by step, on and on while the page grows. It ends early if
    /// the document goes away.
    async fn down(mut self) -> Result<(), Failure> {
        // What is asked for from now on is mostly what comes into view on the way.
        self.page.call(network::EnableParams::default()).await?;
        let Some(mut place) = self.go(0.0, Goal::BeforeBottom).await? else {
            return Ok(());
        };
        if place.bottom <= 0.0 {
            return Ok(());
        }
        self.depth = Depth::Exactly(place.depth);
        while Instant::now() < self.end {
            let Some(reached) = self.go(place.next, Goal::Bottom).await? else {
                return Ok(());
            };
            self.rest().await;
            let Some(now) = self.go(reached.next, Goal::BeforeBottom).await? else {
                return Ok(());
            };
            if now.bottom <= reached.bottom {
                return Ok(());
            }
            place = now;
        }
        Ok(())
    }

    /// None if the document went away.
    async fn go(self, from: f64, goal: Goal) -> Result<Option<Place>, Failure> {
        let (depth_px, at_least) = match self.depth {
            Depth::Exactly(depth_px) => (depth_px, false),
            Depth::Grown(depth_px) => (depth_px, true),
        };
        let walk = json!({
            "from": from,
            "to_bottom": goal == Goal::Bottom,
            "step_px": self.reveal.step_px,
            "depth_px": depth_px,
            "at_least": at_least,
            "delay_ms": millis(self.reveal.delay),
            "limit_ms": millis(self.end.saturating_duration_since(Instant::now())),
        });
        let script = script!("find.js", "images.js" => "reveal.js");
        let place = self.page.ask(script, slice::from_ref(&walk)).await?;
        Ok(place.and_then(|place| serde_json::from_value(place).ok()))
    }

    /// Rests until nothing is on its way any more.
    async fn rest(self) {
        self.page.enter(Stage::Arriving);
        sleep(BOTTOM_REST).await;
        let arrived = self.page.until(|progress| progress.in_flight.is_empty());
        let _late = timeout(self.reveal.delay, arrived).await;
        self.page.enter(Stage::Revealing);
    }
}
