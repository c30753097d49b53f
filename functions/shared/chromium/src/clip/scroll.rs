//! Scrolls a page while it is filmed.

use std::time::Duration;

use darkroom_core::capture::{CaptureSpec, Journey, Scroll};
use darkroom_core::failure::Failure;
use serde_json::Value;

use crate::page::Page;
use crate::selector::{Search, searching};

/// Scrolls a page as it is asked to.
pub(super) struct Scroller<'a> {
    page: &'a Page,
    spec: &'a CaptureSpec,
    scroll: &'a Scroll,
    journey: Journey<'a>,
    /// How far down the way goes, as far as is known, in CSS pixels.
    end: Option<f64>,
}

impl<'a> Scroller<'a> {
    pub(super) fn new(page: &'a Page, spec: &'a CaptureSpec, scroll: &'a Scroll) -> Self {
        Self { page, spec, scroll, journey: Journey::new(scroll), end: None }
    }

    /// Scrolls the page to where it is at this moment of the clip.
    pub(super) async fn scroll(&mut self, moment: Duration) -> Result<(), Failure> {
        if self.end.is_none() {
            self.end = self.end(None).await?;
        }
        let y = self.journey.at(moment, self.end.unwrap_or(0.0));
        // Between two pixels letters would be drawn otherwise.
        let scale = self.spec.viewport.scale;
        if let Some(end) = self.end(Some((y * scale).round() / scale)).await? {
            self.end = Some(end);
        }
        Ok(())
    }

    /// Whether the clip has shown all that it is to show.
    pub(super) fn ends_clip(&self) -> bool {
        self.journey.ends_clip()
    }

    /// Scrolls to a place, if one is given. Yields how far down the way goes, or nothing if the
    /// page went elsewhere meanwhile.
    async fn end(&self, y: Option<f64>) -> Result<Option<f64>, Failure> {
        let end = self.page.ask(include_str!("../script/travel.js"), &[Value::from(y)]).await?;
        let end = end.and_then(|end| end.as_f64());
        let Some(landmark) = &self.scroll.until else { return Ok(end) };
        let search = Search {
            option: "The selector to scroll to",
            selector: &landmark.selector,
            pierces_shadow_trees: self.spec.changes.pierces_shadow_trees,
        };
        let above = [landmark.above_px.into()];
        let top = search.ask(self.page, searching!("landmark.js"), &above).await?;
        let top = top.and_then(|top| top.as_f64());
        Ok(end.map(|end| top.map_or(end, |top| top.min(end))))
    }
}
