//! A moving picture of a page.

use std::time::Duration;

use super::output::Format;
use super::scroll::Scroll;

/// A moving picture of what the window shows, without sound.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Clip {
    /// The kind of file.
    pub container: Container,
    /// How long it is at most, 1 s to [`Clip::MAX_DURATION`].
    pub duration: Duration,
    /// The size of its frames.
    pub canvas: Canvas,
    /// How the page is scrolled meanwhile; else it stands still.
    pub scroll: Option<Scroll>,
}

impl Clip {
    /// The longest clip (ScreenshotOne's range).
    pub const MAX_DURATION: Duration = Duration::from_secs(30);

    /// The longest side of a frame: that of 4K, upright or not, which is as much as the
    /// encoder of H.264 takes.
    pub const MAX_LONG_PX: u32 = 3_840;

    /// The longest that the other side may be.
    pub const MAX_SHORT_PX: u32 = 2_160;

    /// The shortest side that the encoder of H.264 takes.
    pub const MIN_PX: u32 = 16;

    /// How many frames it has at most.
    #[must_use]
    pub fn frames(&self) -> u32 {
        let frames = self.duration.as_millis() / self.container.frame_span().as_millis();
        u32::try_from(frames).unwrap_or(u32::MAX)
    }

    pub(super) fn weight_bytes(&self) -> usize {
        self.scroll.as_ref().map_or(0, Scroll::weight_bytes)
    }
}

/// The kind of file that a clip becomes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Container {
    /// H.264 in MP4.
    Mp4,
    /// VP9 in WebM.
    WebM,
    /// GIF, of 256 colours a frame.
    Gif,
}

impl Container {
    /// The kind of file.
    #[must_use]
    pub const fn format(self) -> Format {
        match self {
            Self::Mp4 => Format::Mp4,
            Self::WebM => Format::WebM,
            Self::Gif => Format::Gif,
        }
    }

    /// How long each frame is shown: 25 of them a second; of a GIF, which takes several
    /// times the bytes, half as many.
    #[must_use]
    pub const fn frame_span(self) -> Duration {
        match self {
            Self::Mp4 | Self::WebM => Duration::from_millis(40),
            Self::Gif => Duration::from_millis(80),
        }
    }
}

/// The size of a clip's frames. The window keeps its proportions in them, in the middle of
/// bars where it has others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Canvas {
    /// That of the window, in device pixels.
    Window,
    /// This, times the scale of the device.
    Exact {
        /// Pixels at scale 1.
        width: u32,
        /// Pixels at scale 1.
        height: u32,
    },
    /// The smallest of these proportions that holds the window.
    Ratio {
        /// In units of which the height has `height`.
        width: u32,
        /// In units of which the width has `width`.
        height: u32,
    },
}

impl Canvas {
    /// Width and height of a frame in which a window of this many device pixels is shown.
    #[must_use]
    pub fn size(self, window: (u32, u32), scale: f64) -> (u32, u32) {
        let scaled = |px: u32| pixels(f64::from(px) * scale);
        match self {
            Self::Window => window,
            Self::Exact { width, height } => (scaled(width), scaled(height)),
            Self::Ratio { width, height } => {
                let ratio = f64::from(width) / f64::from(height);
                let (window_width, window_height) = (f64::from(window.0), f64::from(window.1));
                let wide = pixels(window_height * ratio).max(window.0);
                (wide, pixels(window_width / ratio).max(window.1))
            }
        }
    }
}

/// A length in whole pixels, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn pixels(length: f64) -> u32 {
    length.round().max(1.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_has_the_frames_of_its_duration() {
        let clip = |container, duration| Clip {
            container,
            duration: Duration::from_secs(duration),
            canvas: Canvas::Window,
            scroll: None,
        };
        for (container, seconds, frames) in [
            (Container::Mp4, 5, 125),
            (Container::WebM, 30, 750),
            (Container::Gif, 5, 62),
            (Container::Gif, 1, 12),
        ] {
            assert_eq!(clip(container, seconds).frames(), frames, "{container:?}");
        }
    }

    #[test]
    fn a_canvas_holds_the_window() {
        let window = (1280, 800);
        for (canvas, scale, expected) in [
            (Canvas::Window, 1.0, (1280, 800)),
            (Canvas::Exact { width: 640, height: 480 }, 1.0, (640, 480)),
            (Canvas::Exact { width: 640, height: 480 }, 2.0, (1280, 960)),
            (Canvas::Ratio { width: 4, height: 3 }, 1.0, (1280, 960)),
            (Canvas::Ratio { width: 16, height: 9 }, 1.0, (1422, 800)),
            (Canvas::Ratio { width: 16, height: 10 }, 3.0, (1280, 800)),
        ] {
            assert_eq!(canvas.size(window, scale), expected, "{canvas:?}");
        }
    }
}
