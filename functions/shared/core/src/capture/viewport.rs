//! The window in which a page is laid out.

use std::hash::{Hash, Hasher};

/// The window of a page, in CSS pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Viewport {
    /// 1 to 7,680 (8K, the widest that a peer offers).
    pub width_px: u32,
    /// 1 to 7,680.
    pub height_px: u32,
    /// Picture pixels to a CSS pixel, 1 to 5 (ScreenshotOne's range).
    pub scale: f64,
    /// The screen behind the window.
    pub screen: Screen,
}

impl Viewport {
    /// The longest side that is accepted.
    pub const MAX_SIDE_PX: u32 = 7_680;
    /// The largest scale that is accepted.
    pub const MAX_SCALE: f64 = 5.0;

    /// A desktop's window of one picture pixel to a CSS pixel.
    #[must_use]
    pub const fn desktop(width_px: u32, height_px: u32) -> Self {
        let screen = Screen { is_mobile: false, has_touch: false };
        Self { width_px, height_px, scale: 1.0, screen }
    }

    /// Width and height of its picture.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "38,400 at most")]
    pub fn picture_px(&self) -> (u32, u32) {
        let scaled = |px: u32| (f64::from(px) * self.scale).round() as u32;
        (scaled(self.width_px), scaled(self.height_px))
    }
}

impl Hash for Viewport {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { width_px, height_px, scale, screen } = self;
        (width_px, height_px, scale.to_bits(), screen).hash(state);
    }
}

/// What kind of screen a page believes to be on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Screen {
    /// Whether the page's viewport tag counts and text is sized for a phone.
    pub is_mobile: bool,
    /// Whether it is touched.
    pub has_touch: bool,
}
