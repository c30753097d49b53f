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
use darkroom_core::capture::{Extent, Quality, Viewport};
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

/// How a picture is encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoding {
    /// By Chromium's fast encoder: half the time, a third more bytes.
    Png,
    /// Lossy.
    Jpeg(Quality),
    /// Lossy.
    WebP(Quality),
}

/// Draws the page.
pub(crate) async fn take(
    page: &Page,
    viewport: &Viewport,
    extent: Extent,
    encoding: Encoding,
) -> Result<Bytes, Failure> {
    let clip = match extent {
        Extent::Viewport => None,
        Extent::FullPage => Some(whole_page(page).await?),
    };
    encoding.check_size(viewport, clip.as_ref())?;
    // A frame is always drawn at scale 1, whatever is emulated.
    if page.frames == Frames::Driven
        && clip.is_none()
        && (viewport.scale - 1.0).abs() < f64::EPSILON
        && let Some(picture) = frames::draw(page, &encoding.in_frame()).await
    {
        return Ok(picture.into());
    }
    frames::alongside(page, capture(page, encoding.of_screen(clip))).await
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

impl Encoding {
    fn check_size(self, viewport: &Viewport, clip: Option<&page::Viewport>) -> Result<(), Failure> {
        let window = (f64::from(viewport.width_px), f64::from(viewport.height_px));
        let (width, height) = clip.map_or(window, |clip| (clip.width, clip.height));
        let (width, height) = (width * viewport.scale, height * viewport.scale);
        let longest = match self {
            Self::Png | Self::Jpeg(_) => MAX_SIDE_PX,
            Self::WebP(_) => MAX_WEBP_SIDE_PX,
        };
        if width.max(height) <= f64::from(longest) && width * height <= MAX_AREA_PX {
            return Ok(());
        }
        Err(fault::too_large(width, height, longest))
    }

    const fn quality(self) -> Option<Quality> {
        match self {
            Self::Png => None,
            Self::Jpeg(quality) | Self::WebP(quality) => Some(quality),
        }
    }

    fn in_frame(self) -> ScreenshotParams {
        ScreenshotParams {
            format: Some(match self {
                Self::Png => ScreenshotParamsFormat::Png,
                Self::Jpeg(_) => ScreenshotParamsFormat::Jpeg,
                Self::WebP(_) => ScreenshotParamsFormat::Webp,
            }),
            quality: self.quality().map(|quality| quality.percent().into()),
            optimize_for_speed: Some(true),
        }
    }

    fn of_screen(self, clip: Option<page::Viewport>) -> CaptureScreenshotParams {
        CaptureScreenshotParams {
            format: Some(match self {
                Self::Png => CaptureScreenshotFormat::Png,
                Self::Jpeg(_) => CaptureScreenshotFormat::Jpeg,
                Self::WebP(_) => CaptureScreenshotFormat::Webp,
            }),
            quality: self.quality().map(|quality| quality.percent().into()),
            capture_beyond_viewport: Some(clip.is_some()),
            clip,
            from_surface: None,
            optimize_for_speed: Some(true),
        }
    }
}
