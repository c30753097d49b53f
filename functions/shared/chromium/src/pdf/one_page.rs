//! The sheet on which all of a page fits.

use chromiumoxide::cdp::browser_protocol::page::PrintToPdfParams;
use darkroom_core::capture::{CaptureSpec, Emulation, Media, Print, Viewport};
use darkroom_core::failure::{Failure, FailureKind};

use super::{Sheet, params};
use crate::connection::CallError;
use crate::page::Page;
use crate::{emulation, fault, frames};

/// The tallest sheet: a PDF's coordinates end at 14,400 points (ISO 32000-1, annex C).
const MAX_HEIGHT_IN: f64 = 200.0;

/// CSS pixels to the inch.
const PX: f64 = 96.0;

/// What a document as it was measured is taken times when it doesn't fit, one after
/// the other: on paper it is laid out a little differently.
const STEPS: [f64; 6] = [1.0, 1.01, 1.05, 1.25, 1.6, 2.5];

/// Finds a sheet of this width that is as tall as the page.
pub(super) async fn sheet(
    page: &Page,
    spec: &CaptureSpec,
    print: &Print,
    (width, _): Sheet,
) -> Result<Sheet, Failure> {
    let content_in = width - print.margins.left_in - print.margins.right_in;
    let document_px = height(page, spec, content_in * PX / print.scale).await?;
    let margins_in = print.margins.top_in + print.margins.bottom_in;
    for step in STEPS {
        // One more for what is lost by rounding to points.
        let height = ((document_px * step + 1.0) * print.scale).ceil() / PX + margins_in;
        if height > MAX_HEIGHT_IN {
            break;
        }
        if fits(page, print, (width, height)).await? {
            return Ok((width, height));
        }
    }
    let message = format!(
        "The page doesn't fit on one sheet, which is {MAX_HEIGHT_IN} in tall at most; print it \
         on several, or smaller"
    );
    Err(Failure::new(FailureKind::TooLarge, message))
}

/// How tall the document is when it is this wide, in CSS pixels and in the medium
/// that it is printed in.
async fn height(page: &Page, spec: &CaptureSpec, width_px: f64) -> Result<f64, Failure> {
    let media = spec.emulation.media.unwrap_or(Media::Print);
    let in_print = Emulation { media: Some(media), ..spec.emulation.clone() };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand")]
    let width_px = width_px.round().max(1.0) as u32;
    let mut viewport = spec.viewport;
    (viewport.width_px, viewport.screen.is_mobile) = (width_px, false);
    let taller = Viewport { height_px: viewport.height_px * 2, ..viewport };
    frames::alongside(page, async {
        let mut height = None;
        for (window, is_first) in [(taller, true), (viewport, false)] {
            emulation::look(page, &window, &in_print).await?;
            let arguments = [width_px.into(), window.height_px.into(), is_first.into()];
            height = page.ask(include_str!("../script/height.js"), &arguments).await?;
        }
        emulation::look(page, &spec.viewport, &spec.emulation).await?;
        Ok(height.and_then(|height| height.as_f64()).unwrap_or_default())
    })
    .await
}

/// Whether there is nothing to print on a second sheet, which Chromium refuses to.
async fn fits(page: &Page, print: &Print, sheet: Sheet) -> Result<bool, Failure> {
    let second = PrintToPdfParams { page_ranges: Some(String::from("2")), ..params(print, sheet) };
    match page.tools.call(second).await {
        Ok(_) => Ok(false),
        Err(CallError::Refused { .. }) => Ok(true),
        Err(fault) => Err(fault::of_call(&fault)),
    }
}
