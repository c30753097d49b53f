//! The window in which a page is laid out.

use darkroom_core::capture::{Screen, Viewport};

use super::device::{self, Device};
use super::given::Options;
use super::known::{Known, built};
use super::submission::Defaults;
use super::values;

const SIDE: &str = "a whole number of pixels from 1 to 7680";

pub(super) const OPTIONS: &[Known] = &[
    built(
        "viewport_device",
        "the name of a device",
        None,
        "A device of the list below, however its name is spaced and capitalised: its window, scale, kind of screen and user agent, unless they are given. With `_landscape` after its name, the device on its side.",
    ),
    built("viewport_width", SIDE, Some("1280"), "Width of the window in CSS pixels."),
    built("viewport_height", SIDE, Some("1024"), "Height of the window in CSS pixels."),
    built(
        "device_scale_factor",
        "a number from 1 to 5",
        Some("1"),
        "Picture pixels to a CSS pixel.",
    ),
    built(
        "viewport_mobile",
        "true or false",
        Some("false"),
        "Whether the page's viewport tag counts and text is sized as on a phone.",
    ),
    built("viewport_has_touch", "true or false", Some("false"), "Emulate a touch screen."),
    built(
        "viewport_landscape",
        "true or false",
        Some("false"),
        "Turn a window that is higher than wide on its side.",
    ),
];

/// The window, and the device that it is of.
pub(super) fn read(options: &mut Options, defaults: &Defaults) -> (Viewport, Option<Device>) {
    let device = options.read("viewport_device", device::named);
    let usual = device
        .map_or_else(|| Viewport::desktop(defaults.width_px, defaults.height_px), |it| it.viewport);
    let side = || values::whole(1..=Viewport::MAX_SIDE_PX);
    let scale = values::number(1.0..=Viewport::MAX_SCALE);
    let viewport = Viewport {
        width_px: options.read("viewport_width", side()).unwrap_or(usual.width_px),
        height_px: options.read("viewport_height", side()).unwrap_or(usual.height_px),
        scale: options.read("device_scale_factor", scale).unwrap_or(usual.scale),
        screen: Screen {
            is_mobile: options.truth("viewport_mobile").unwrap_or(usual.screen.is_mobile),
            has_touch: options.truth("viewport_has_touch").unwrap_or(usual.screen.has_touch),
        },
    };
    let is_turned = options.truth("viewport_landscape") == Some(true);
    (if is_turned { device::turned(viewport) } else { viewport }, device)
}
