//! What a capture asks of its page's surroundings. A page is made ready before
//! anybody knows what for; this is applied right before the content is loaded.

use chromiumoxide::cdp::browser_protocol::emulation::SetDeviceMetricsOverrideParams;
use darkroom_core::capture::{CaptureSpec, Viewport};
use darkroom_core::failure::Failure;

use crate::page::Page;

/// Makes the page's surroundings what the capture asks for.
pub(crate) async fn apply(page: &Page, spec: &CaptureSpec) -> Result<(), Failure> {
    page.call(metrics(&spec.viewport)).await?;
    Ok(())
}

fn metrics(viewport: &Viewport) -> SetDeviceMetricsOverrideParams {
    let (width, height) = (i64::from(viewport.width_px), i64::from(viewport.height_px));
    SetDeviceMetricsOverrideParams::new(width, height, viewport.scale, false)
}
