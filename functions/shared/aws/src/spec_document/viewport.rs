//! The window of a page, as it is stored.

use darkroom_core::capture::{Screen, Viewport};
use serde::{Deserialize, Serialize};

/// The core's `Viewport`, its screen included.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewportDocument {
    width_px: u32,
    height_px: u32,
    scale: f64,
    #[serde(default)]
    is_mobile: bool,
    #[serde(default)]
    has_touch: bool,
}

impl From<&Viewport> for ViewportDocument {
    fn from(viewport: &Viewport) -> Self {
        let Viewport { width_px, height_px, scale, screen } = *viewport;
        let Screen { is_mobile, has_touch } = screen;
        Self { width_px, height_px, scale, is_mobile, has_touch }
    }
}

impl From<ViewportDocument> for Viewport {
    fn from(document: ViewportDocument) -> Self {
        let ViewportDocument { width_px, height_px, scale, is_mobile, has_touch } = document;
        Self { width_px, height_px, scale, screen: Screen { is_mobile, has_touch } }
    }
}
