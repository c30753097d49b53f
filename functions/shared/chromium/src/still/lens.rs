//! One picture of a part of a page, by a driven frame or by a screenshot.

use bytes::Bytes;
use chromiumoxide::cdp::browser_protocol::headless_experimental::{
    ScreenshotParams, ScreenshotParamsFormat,
};
use chromiumoxide::cdp::browser_protocol::page::{
    CaptureScreenshotFormat, CaptureScreenshotParams,
};
use chromiumoxide::types::{Command, Method, MethodId};
use darkroom_core::capture::{Quality, Viewport};
use darkroom_core::failure::Failure;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::part::Part;
use super::size::pixels;
use crate::emulation;
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

/// Draws a part; none is what the window shows, at scale 1.
pub(super) async fn draw(
    page: &Page,
    viewport: &Viewport,
    part: Option<Part>,
    file: File,
) -> Result<Bytes, Failure> {
    if page.frames == Frames::Driven {
        if let Some(part) = part {
            point(page, viewport, Some(part)).await?;
        }
        if let Some(picture) = frames::draw(page, &of_frame(file)).await {
            return Ok(picture.into());
        }
        point(page, viewport, None).await?;
    }
    frames::alongside(page, screenshot(page, of_screen(file, part))).await
}

/// Makes frames show this part of the page instead of what is in the window, at
/// the page's scale. The page isn't laid out anew and doesn't notice. That
/// shows nothing outside the window unless the main frame's content isn't
/// clipped to it, which is a [flag](Frames::flags) of the browser's.
async fn point(page: &Page, viewport: &Viewport, part: Option<Part>) -> Result<(), Failure> {
    let window =
        Part { x: 0.0, y: 0.0, width: viewport.width_px.into(), height: viewport.height_px.into() };
    let visible = part.unwrap_or(window);
    let mut metrics = emulation::metrics(viewport);
    metrics.viewport = part.map(Into::into);
    let size = SetVisibleSize {
        width: pixels(visible.width, viewport),
        height: pixels(visible.height, viewport),
    };
    tokio::try_join!(page.call(metrics), page.call(size))?;
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
