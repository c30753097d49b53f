//! How large a picture may be.

use crate::encode::Encoding;

/// The most pixels that are held at once: 64 Mi, 256 MB of them with opacity.
/// A page of 1,280 × 40,000 or of 2,560 × 16,500 is below it.
pub const MAX_PIXELS: u64 = 64 << 20;

/// The most pixels of a TIFF, of which the compressed bytes are held: a page of
/// 1,280 × 100,000 is below it.
const MAX_TIFF_PIXELS: u64 = 128 << 20;

/// The most pixels of an AVIF. Its encoder takes about a second for each
/// million, and can't be interrupted.
const MAX_AVIF_PIXELS: u64 = 16 << 20;

/// A picture that its format, or this machine, can't hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TooLargeError {
    /// A side is longer than the format can write down.
    #[error(
        "the picture has {width} × {height} pixels, and {format} takes at most {limit} a side: \
         ask for png or tiff, for a lower scale, or for a smaller picture"
    )]
    Side {
        /// The format's name.
        format: &'static str,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Pixels a side.
        limit: u32,
    },
    /// There are more pixels than are worked on at once.
    #[error(
        "the picture has {width} × {height} pixels, and as {format} at most {limit} in all are \
         taken: ask for png or jpeg, for a lower scale, or for a smaller picture"
    )]
    Area {
        /// The format's name.
        format: &'static str,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Pixels in all.
        limit: u64,
    },
    /// There is nothing to see.
    #[error("the picture has {width} × {height} pixels: it needs at least one")]
    Empty {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

impl Encoding {
    /// Whether a picture of this size can become such a file; known before
    /// anything is captured.
    ///
    /// # Errors
    /// [`TooLargeError`] names the limit that is passed and how to stay below.
    pub fn check_size(self, width: u32, height: u32) -> Result<(), TooLargeError> {
        if width == 0 || height == 0 {
            return Err(TooLargeError::Empty { width, height });
        }
        let format = self.name();
        if let Some(limit) = self.max_side().filter(|limit| width.max(height) > *limit) {
            return Err(TooLargeError::Side { format, width, height, limit });
        }
        let pixels = u64::from(width) * u64::from(height);
        if let Some(limit) = self.max_pixels().filter(|limit| pixels > *limit) {
            return Err(TooLargeError::Area { format, width, height, limit });
        }
        Ok(())
    }

    /// The longest side in pixels, as the formats' own limits are.
    const fn max_side(self) -> Option<u32> {
        match self {
            // Two of 2³¹ − 1; nothing here comes near.
            Self::Png | Self::FastPng | Self::Tiff => None,
            // The file can say 65,535; libjpeg, which reads most of them, stops here.
            Self::Jpeg(_) => Some(65_500),
            Self::WebP(_) => Some(16_383),
            Self::Avif(_) | Self::Gif => Some(65_535),
        }
    }

    const fn max_pixels(self) -> Option<u64> {
        match self {
            // Rows are read, written and forgotten.
            Self::Png | Self::FastPng | Self::Jpeg(_) => None,
            Self::WebP(_) | Self::Gif => Some(MAX_PIXELS),
            Self::Avif(_) => Some(MAX_AVIF_PIXELS),
            Self::Tiff => Some(MAX_TIFF_PIXELS),
        }
    }
}
