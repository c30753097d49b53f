//! One picture of a part of a page, by a driven frame or by a screenshot.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use chromiumoxide::cdp::browser_protocol::headless_experimental::{
    ScreenshotParams, ScreenshotParamsFormat,
};
use chromiumoxide::cdp::browser_protocol::page::{
    self, CaptureScreenshotFormat, CaptureScreenshotParams, GetLayoutMetricsParams,
};
use chromiumoxide::types::{Command, Method, MethodId};
use darkroom_core::capture::{Quality, Viewport};
use darkroom_core::failure::Failure;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::part::Part;
use super::size::pixels;
use crate::emulation;
use crate::fault::Stage;
use crate::file;
use crate::frames::{self, Frames};
use crate::page::Page;

/// What Chromium writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum File {
    /// By its fast encoder.
    Png,
    /// With this quality.
    Jpeg(Quality),
}

/// Draws a part; none is what the window shows.
pub(super) async fn draw(
    page: &Page,
    viewport: &Viewport,
    part: Option<Part>,
    file: File,
) -> Result<Bytes, Failure> {
    page.enter(Stage::Drawing);
    if page.frames == Frames::Driven {
        if let Some(view) = View::of(page, viewport, part).await? {
            page.aimed.store(true, Ordering::Relaxed);
            aim(page, viewport, view).await?;
        }
        if page.may_show_films() {
            frames::catch_up(page).await;
        }
        if let Some(picture) = frames::draw(page, &of_frame(file)).await {
            return Ok(picture.into());
        }
        aim(page, viewport, View::unaimed(viewport)).await?;
    }
    frames::alongside(page, screenshot(page, of_screen(file, part))).await
}

/// Has the next frame show what is in the window, at its scale.
pub(crate) async fn show_window(page: &Page, viewport: &Viewport) -> Result<(), Failure> {
    if is_plain(viewport) {
        return Ok(());
    }
    aim(page, viewport, View::of_window(page, viewport).await?).await
}

/// Whether a pixel of the page is one of the picture.
fn is_plain(viewport: &Viewport) -> bool {
    (viewport.scale - 1.0).abs() < f64::EPSILON
}

/// What frames show.
struct View {
    /// The part of the page; none is the window, at scale 1.
    part: Option<page::Viewport>,
    /// Of the picture.
    size: SetVisibleSize,
}

impl View {
    /// None if frames show it by themselves.
    async fn of(
        page: &Page,
        viewport: &Viewport,
        part: Option<Part>,
    ) -> Result<Option<Self>, Failure> {
        Ok(match part {
            Some(part) => Some(Self::of_part(viewport, part)),
            None if is_plain(viewport) && !page.aimed.load(Ordering::Relaxed) => None,
            None => Some(Self::of_window(page, viewport).await?),
        })
    }

    fn of_part(viewport: &Viewport, part: Part) -> Self {
        let size = SetVisibleSize {
            width: pixels(part.width, viewport),
            height: pixels(part.height, viewport),
        };
        Self { part: Some(part.into()), size }
    }

    /// A phone shrinks a page that is wider than it until the window shows all of
    /// its width.
    async fn of_window(page: &Page, viewport: &Viewport) -> Result<Self, Failure> {
        let shown = page.call(GetLayoutMetricsParams {}).await?.css_visual_viewport;
        let part = page::Viewport {
            x: shown.page_x,
            y: shown.page_y,
            width: shown.client_width,
            height: shown.client_height,
            scale: shown.scale,
        };
        Ok(Self { part: Some(part), ..Self::unaimed(viewport) })
    }

    /// What frames show before they are aimed.
    fn unaimed(viewport: &Viewport) -> Self {
        let size = SetVisibleSize {
            width: pixels(viewport.width_px.into(), viewport),
            height: pixels(viewport.height_px.into(), viewport),
        };
        Self { part: None, size }
    }
}

/// Makes frames show a part of the page instead of what is in the window, at
/// the page's scale. The page isn't laid out anew and doesn't notice. That
/// shows nothing outside the window unless the main frame's content isn't
/// clipped to it, which is a [flag](Frames::flags) of the browser's.
async fn aim(page: &Page, viewport: &Viewport, view: View) -> Result<(), Failure> {
    let mut metrics = emulation::metrics(viewport);
    metrics.viewport = view.part;
    tokio::try_join!(page.call(metrics), page.call(view.size))?;
    Ok(())
}

/// `Emulation.setVisibleSize`, in picture pixels. The protocol crate leaves it out,
/// as it does with all that is called deprecated.
#[derive(Serialize, Debug)]
struct SetVisibleSize {
    width: u32,
    height: u32,
}

impl Method for SetVisibleSize {
    fn identifier(&self) -> MethodId {
        "Emulation.setVisibleSize".into()
    }
}

impl Command for SetVisibleSize {
    type Response = IgnoredAny;
}

/// One picture by `Page.captureScreenshot`, and one more try: right after a
/// navigation the browser now and then has none to give.
async fn screenshot(page: &Page, params: CaptureScreenshotParams) -> Result<Bytes, Failure> {
    let answer = match page.tools.call(params.clone()).await {
        Ok(answer) => answer,
        Err(fault) => {
            tracing::debug!(%fault, "no picture at the first try");
            page.call(params).await?
        }
    };
    file::decode(answer.data.as_ref())
}

fn of_frame(file: File) -> ScreenshotParams {
    let (format, quality) = match file {
        File::Png => (ScreenshotParamsFormat::Png, None),
        File::Jpeg(quality) => (ScreenshotParamsFormat::Jpeg, Some(quality.percent().into())),
    };
    ScreenshotParams { format: Some(format), quality, optimize_for_speed: Some(true) }
}

fn of_screen(file: File, part: Option<Part>) -> CaptureScreenshotParams {
    let (format, quality) = match file {
        File::Png => (CaptureScreenshotFormat::Png, None),
        File::Jpeg(quality) => (CaptureScreenshotFormat::Jpeg, Some(quality.percent().into())),
    };
    CaptureScreenshotParams {
        format: Some(format),
        quality,
        capture_beyond_viewport: Some(part.is_some()),
        clip: part.map(Into::into),
        from_surface: None,
        optimize_for_speed: Some(true),
    }
}
