//! A still picture: PNG, JPEG, WebP.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chromiumoxide::cdp::browser_protocol::headless_experimental::{
    ScreenshotParams, ScreenshotParamsFormat,
};
use chromiumoxide::cdp::browser_protocol::page::{
    self, CaptureScreenshotFormat, CaptureScreenshotParams, GetLayoutMetricsParams,
};
use darkroom_core::capture::{Area, Encoding, Framing, Rectangle, Viewport};
use darkroom_core::failure::{Failure, FailureKind};

use crate::fault;
use crate::frames::{self, Frames};
use crate::page::Page;

/// The longest side of a picture. Up to here every row was found where it belongs.
pub(crate) const MAX_SIDE_PX: u32 = 40_000;

/// The longest side that the WebP format can hold (RFC 9649, 14 bits).
const MAX_WEBP_SIDE_PX: u32 = 16_383;

/// The largest picture. 51 million pixels took 600 MB; drawing takes 4 to 8 bytes
/// a pixel several times over.
const MAX_AREA_PX: f64 = 64_000_000.0;

/// Draws the page.
pub(crate) async fn take(
    page: &Page,
    viewport: &Viewport,
    framing: &Framing,
    encoding: Encoding,
) -> Result<Bytes, Failure> {
    let clip = match framing.area {
        Area::Viewport => None,
        Area::FullPage(_) => Some(whole_page(page).await?),
        Area::Clip(clip) => Some(rectangle(clip)),
    };
    check_size(encoding, viewport, clip.as_ref())?;
    // A frame is always drawn at scale 1, whatever is emulated.
    if page.frames == Frames::Driven
        && clip.is_none()
        && (viewport.scale - 1.0).abs() < f64::EPSILON
        && let Some(picture) = frames::draw(page, &in_frame(encoding)).await
    {
        return Ok(picture.into());
    }
    frames::alongside(page, capture(page, of_screen(encoding, clip))).await
}

/// The whole content, without laying it out anew: a hero of `100vh` keeps the
/// window's height.
async fn whole_page(page: &Page) -> Result<page::Viewport, Failure> {
    let content = page.call(GetLayoutMetricsParams {}).await?.css_content_size;
    Ok(page::Viewport { x: 0.0, y: 0.0, width: content.width, height: content.height, scale: 1.0 })
}

/// One picture by `Page.captureScreenshot`, and one more try: right after a
/// navigation the browser now and then has none to give.
async fn capture(page: &Page, params: CaptureScreenshotParams) -> Result<Bytes, Failure> {
    let answer = match page.tools.call(params.clone()).await {
        Ok(answer) => answer,
        Err(fault) => {
            tracing::debug!(%fault, "no picture at the first try");
            page.call(params).await?
        }
    };
    let data: &[u8] = answer.data.as_ref();
    let picture = STANDARD.decode(data).map_err(|fault| {
        tracing::warn!(%fault, "an unreadable picture");
        Failure::plain(FailureKind::Browser)
    })?;
    Ok(picture.into())
}

fn rectangle(clip: Rectangle) -> page::Viewport {
    page::Viewport {
        x: clip.x.into(),
        y: clip.y.into(),
        width: clip.width.into(),
        height: clip.height.into(),
        scale: 1.0,
    }
}

fn check_size(
    encoding: Encoding,
    viewport: &Viewport,
    clip: Option<&page::Viewport>,
) -> Result<(), Failure> {
    let window = (f64::from(viewport.width_px), f64::from(viewport.height_px));
    let (width, height) = clip.map_or(window, |clip| (clip.width, clip.height));
    let (width, height) = (width * viewport.scale, height * viewport.scale);
    let longest = match encoding {
        Encoding::WebP(_) => MAX_WEBP_SIDE_PX,
        Encoding::Png(_)
        | Encoding::Jpeg(_)
        | Encoding::Avif(_)
        | Encoding::Gif
        | Encoding::Tiff => MAX_SIDE_PX,
    };
    if width.max(height) <= f64::from(longest) && width * height <= MAX_AREA_PX {
        return Ok(());
    }
    Err(fault::too_large(width, height, longest))
}

/// Percent.
fn quality(encoding: Encoding) -> Option<i64> {
    match encoding {
        Encoding::Jpeg(quality) | Encoding::WebP(quality) => Some(quality.percent().into()),
        Encoding::Png(_) | Encoding::Avif(_) | Encoding::Gif | Encoding::Tiff => None,
    }
}

fn in_frame(encoding: Encoding) -> ScreenshotParams {
    ScreenshotParams {
        format: Some(match encoding {
            Encoding::Jpeg(_) => ScreenshotParamsFormat::Jpeg,
            Encoding::WebP(_) => ScreenshotParamsFormat::Webp,
            Encoding::Png(_) | Encoding::Avif(_) | Encoding::Gif | Encoding::Tiff => {
                ScreenshotParamsFormat::Png
            }
        }),
        quality: quality(encoding),
        optimize_for_speed: Some(true),
    }
}

fn of_screen(encoding: Encoding, clip: Option<page::Viewport>) -> CaptureScreenshotParams {
    CaptureScreenshotParams {
        format: Some(match encoding {
            Encoding::Jpeg(_) => CaptureScreenshotFormat::Jpeg,
            Encoding::WebP(_) => CaptureScreenshotFormat::Webp,
            Encoding::Png(_) | Encoding::Avif(_) | Encoding::Gif | Encoding::Tiff => {
                CaptureScreenshotFormat::Png
            }
        }),
        quality: quality(encoding),
        capture_beyond_viewport: Some(clip.is_some()),
        clip,
        from_surface: None,
        optimize_for_speed: Some(true),
    }
}
