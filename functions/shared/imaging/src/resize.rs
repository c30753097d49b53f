//! Smaller and larger pictures.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use crate::picture::{Picture, View};
use crate::rows::{Channels, Frame};
use crate::size::MAX_PIXELS;

/// The size that a picture shall have, in pixels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resize {
    /// So wide; as high as the shape asks.
    Width(u32),
    /// So high; as wide as the shape asks.
    Height(u32),
    /// Exactly this box; the shape gives way.
    Box {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

impl Resize {
    /// Width and height that a picture of `width` × `height` gets, rounded to
    /// the nearest pixel and at least one.
    #[must_use]
    pub fn of_picture(self, width: u32, height: u32) -> (u32, u32) {
        match self {
            Self::Width(wanted) => (wanted, in_proportion(height, wanted, width)),
            Self::Height(wanted) => (in_proportion(width, wanted, height), wanted),
            Self::Box { width, height } => (width, height),
        }
    }
}

/// `side` × `wanted` ÷ `of`, at least one.
fn in_proportion(side: u32, wanted: u32, of: u32) -> u32 {
    let of = u64::from(of.max(1));
    let scaled = (u64::from(side) * u64::from(wanted) + of / 2) / of;
    u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
}

/// A size that can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ResizeError {
    /// No pixel, or more than are held at once.
    #[error(
        "the resized picture would have {width} × {height} pixels; one to {MAX_PIXELS} in all \
         are made"
    )]
    Size {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// The pixels can't be computed; a fault of ours.
    #[error("the picture can't be resized")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl View<'_> {
    /// These pixels at another size, by a Lanczos filter over three lobes;
    /// colours weigh by their opacity, so that no transparent one shines through.
    ///
    /// # Errors
    /// When the size has no pixels or more than [`MAX_PIXELS`].
    pub fn resized(self, to: Resize) -> Result<Picture, ResizeError> {
        let (width, height) = to.of_picture(self.width(), self.height());
        let frame = Frame { width, height, ..self.frame() };
        if !(1..=MAX_PIXELS).contains(&frame.pixels()) {
            return Err(ResizeError::Size { width, height });
        }
        let pixels = match frame.channels {
            Channels::Rgb => filtered::<U8x3>(self, frame)?,
            Channels::Rgba => filtered::<U8x4>(self, frame)?,
        };
        Ok(Picture::of(frame, pixels))
    }
}

/// Typed, because the library's own dispatch compiles all its kinds of pixel.
fn filtered<P: PixelTrait>(view: View<'_>, to: Frame) -> Result<Vec<u8>, ResizeError> {
    // Not the library's own cropping: its filter reads over the crop's edges.
    let from = TypedImageRef::<P>::from_buffer(view.width(), view.height(), view.packed());
    let from = from.map_err(failed)?;
    let mut pixels = vec![0; to.row_bytes() * to.height as usize];
    let mut onto =
        TypedImage::<P>::from_buffer(to.width, to.height, &mut pixels).map_err(failed)?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize_typed(&from, &mut onto, &options).map_err(failed)?;
    Ok(pixels)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ResizeError {
    ResizeError::Failed(Box::new(error))
}
