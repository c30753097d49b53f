//! The files that are made of a picture besides its own: slices of it, and all of
//! it in other sizes. Both are made of the picture as it was drawn, in its own
//! encoding; which they are is known before anything is drawn.

use darkroom_core::artifact::FileKind;
use darkroom_core::capture::{Area, CaptureSpec, Image, Slices, Viewport};
use darkroom_core::port::Extra;
use darkroom_core::report::PixelSize;
use darkroom_imaging::{EncodeError, Encoding, Picture, Resize, ResizeError, View};

use crate::develop;
use crate::still::pixels;

/// The most pixels of all further files of a picture together: as many as two of
/// the largest pictures that are held have, so that their making stays a matter of
/// seconds and their files fit beside it in memory.
pub(crate) const MAX_PIXELS: u64 = 2 * darkroom_imaging::MAX_PIXELS;

/// Which further files are made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Besides {
    cut: Option<Cut>,
    sizes: Vec<Resize>,
}

/// How slices are cut, in picture pixels.
#[derive(Clone, Copy, Debug)]
struct Cut {
    height: u32,
    overlap: u32,
}

/// Why a further file couldn't be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExtraError {
    #[error(transparent)]
    Resized(#[from] ResizeError),
    #[error(transparent)]
    Encoded(#[from] EncodeError),
}

impl Besides {
    /// What is asked for beside the picture.
    pub(crate) fn of(spec: &CaptureSpec, image: &Image) -> Self {
        let slices = match &spec.framing.area {
            Area::FullPage(full) => full.slices,
            Area::Viewport | Area::Clip(_) => None,
        };
        Self {
            cut: slices.map(|slices| Cut::of(slices, &spec.viewport)),
            sizes: image.more_sizes.iter().copied().map(develop::size).collect(),
        }
    }

    /// Whether the picture's own file is all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.cut.is_none() && self.sizes.is_empty()
    }

    /// Into how many slices a picture of this height is cut.
    pub(crate) fn slices(&self, height: u32) -> u32 {
        self.cut.map_or(0, |cut| {
            let below_the_first = height.saturating_sub(cut.height);
            1 + below_the_first.div_ceil(cut.height - cut.overlap)
        })
    }

    /// The largest that files of a picture of this size can be.
    pub(crate) fn sizes(&self, width: u32, height: u32) -> impl Iterator<Item = (u32, u32)> {
        let slice = self.cut.map(|cut| (width, height.min(cut.height)));
        let slices = (0..self.slices(height)).filter_map(move |_| slice);
        slices.chain(self.sizes.iter().map(move |size| size.of_picture(width, height)))
    }

    /// Makes the files, one when the one before it is taken.
    pub(crate) fn make(
        &self,
        picture: &Picture,
        encoding: Encoding,
    ) -> impl Iterator<Item = Result<Extra, ExtraError>> {
        let cut = self.cut.into_iter();
        let slices = cut.flat_map(|cut| picture.slices(cut.height, cut.overlap)).zip(0..);
        let slices = slices.map(move |(slice, index)| {
            let (offset_y_px, pixels) = (slice.offset_y, size_of(slice.view));
            extra(FileKind::Slice { index, offset_y_px, pixels }, slice.view, encoding)
        });
        let sizes = self.sizes.iter().zip(0..).map(move |(size, index)| {
            let resized = picture.view().resized(*size)?;
            let pixels = size_of(resized.view());
            extra(FileKind::Size { index, pixels }, resized.view(), encoding)
        });
        slices.chain(sizes)
    }
}

impl Cut {
    fn of(slices: Slices, viewport: &Viewport) -> Self {
        let height = pixels(slices.height_px.into(), viewport);
        let overlap = match slices.overlap_px {
            0 => 0,
            overlap => pixels(overlap.into(), viewport),
        };
        // Scaled down, the two may become one.
        Self { height, overlap: overlap.min(height - 1) }
    }
}

fn extra(kind: FileKind, view: View<'_>, encoding: Encoding) -> Result<Extra, ExtraError> {
    let content = view.encoded(encoding)?.into();
    Ok(Extra { kind, content })
}

fn size_of(view: View<'_>) -> PixelSize {
    PixelSize { width: view.width(), height: view.height() }
}
