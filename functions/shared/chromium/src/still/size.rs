//! How large a picture may be, and from when on it is drawn in sections.

use darkroom_core::capture::{CaptureSpec, Image, Slices, Viewport};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_imaging::{Encoding, TooLargeError};

use super::part::Part;
use crate::besides::{self, Besides};
use crate::develop;

/// The longest side that Chromium draws in one piece. Up to here every row was
/// found where it belongs.
const MAX_SIDE_PX: u32 = 40_000;

/// The largest area that Chromium draws in one piece. 51 million pixels took 1 GiB of
/// memory so, and 330 MiB in sections; which take a third more time, of a page of
/// 13 million whose images are hard to compress.
const MAX_AREA_PX: u64 = 32_000_000;

/// The largest picture that is drawn at all: 1,280 by 131,072 pixels. Its file is
/// held in memory, at the worst with three bytes a pixel.
const MAX_DRAWN_PX: u64 = 160 << 20;

/// How far down a page is gone that grows while it is scrolled, in picture pixels.
pub(crate) const GROWN_PAGE_PX: f64 = 40_000.0;

/// How a picture is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pieces {
    /// At once.
    One,
    /// One section after the other, since Chromium can't, or would take too much
    /// memory.
    Sections,
}

/// How a part of this size is drawn, if its file can hold it. None is the window.
pub(super) fn judge(
    part: Option<Part>,
    spec: &CaptureSpec,
    image: &Image,
) -> Result<Pieces, Failure> {
    let viewport = &spec.viewport;
    let window = (f64::from(viewport.width_px), f64::from(viewport.height_px));
    let (width, height) = part.map_or(window, |part| (part.width, part.height));
    let (width, height) = (pixels(width, viewport), pixels(height, viewport));
    let area = u64::from(width) * u64::from(height);
    let encoding = develop::encoding(image.encoding);
    let besides = Besides::of(spec, image);
    // What is resized, cut or made in several sizes is held as it is drawn.
    let is_held = image.resize.is_some() || !besides.is_empty();
    let largest = if is_held { darkroom_imaging::MAX_PIXELS } else { MAX_DRAWN_PX };
    let resized = image
        .resize
        .map_or((width, height), |resize| develop::size(resize).of_picture(width, height));
    if width > MAX_SIDE_PX || area > largest {
        return Err(too_large(&format!(
            "The picture would be {width} by {height} pixels; at most {MAX_SIDE_PX} across and \
             {} million in all can be drawn{}",
            largest / 1_000_000,
            if is_held { " where it is resized, sliced or made in several sizes" } else { "" }
        )));
    }
    encoding.check_size(resized.0, resized.1).map_err(|fault| of_format(&fault))?;
    if image.resize.is_some() {
        judge_resized(resized)?;
    }
    judge_besides(&besides, (width, height), encoding)?;
    Ok(if height > MAX_SIDE_PX || area > MAX_AREA_PX { Pieces::Sections } else { Pieces::One })
}

/// Whether a file of this size can be made by resizing.
fn judge_resized((width, height): (u32, u32)) -> Result<(), Failure> {
    let most = darkroom_imaging::MAX_PIXELS;
    if u64::from(width) * u64::from(height) > most {
        let message = format!(
            "A file would be {width} by {height} pixels; at most {} million in all are made of a \
             picture in another size. Ask for a smaller size",
            most / 1_000_000
        );
        return Err(Failure::new(FailureKind::TooLarge, message));
    }
    Ok(())
}

/// Whether the further files can be made of a picture of this size.
fn judge_besides(
    besides: &Besides,
    (width, height): (u32, u32),
    encoding: Encoding,
) -> Result<(), Failure> {
    let slices = besides.slices(height);
    if slices > Slices::MAX_COUNT {
        let most = Slices::MAX_COUNT;
        let message = format!(
            "The picture would be cut into {slices} slices; at most {most} are made. Ask for \
             taller slices, for less overlap, or for a limit to the page's height"
        );
        return Err(Failure::new(FailureKind::TooLarge, message));
    }
    let mut area = 0_u64;
    for (width, height) in besides.sizes(width, height) {
        encoding.check_size(width, height).map_err(|fault| of_format(&fault))?;
        judge_resized((width, height))?;
        area = area.saturating_add(u64::from(width) * u64::from(height));
    }
    if area > besides::MAX_PIXELS {
        let (area, most) = (area / 1_000_000, besides::MAX_PIXELS / 1_000_000);
        let message = format!(
            "The slices and further sizes would have {area} million pixels together; at most \
             {most} million are made. Ask for fewer or smaller ones, or for less overlap"
        );
        return Err(Failure::new(FailureKind::TooLarge, message));
    }
    Ok(())
}

/// So many picture pixels are so many CSS pixels, at least one.
pub(crate) fn pixels(css: f64, viewport: &Viewport) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded on both sides; a cast saturates"
    )]
    let pixels = (css * viewport.scale).round().clamp(1.0, f64::from(u32::MAX)) as u32;
    pixels
}

fn of_format(fault: &TooLargeError) -> Failure {
    match *fault {
        TooLargeError::Side { format, width, height, limit } => too_large(&format!(
            "The picture would be {width} by {height} pixels; a {format} file can hold at most \
             {limit} on a side"
        )),
        TooLargeError::Area { format, width, height, limit } => too_large(&format!(
            "The picture would be {width} by {height} pixels; as {format} at most {} million in \
             all can be made",
            limit / 1_000_000
        )),
        TooLargeError::Empty { .. } => {
            Failure::new(FailureKind::InvalidOption, "The picture would have no pixels")
        }
    }
}

fn too_large(what: &str) -> Failure {
    let message = format!(
        "{what}. Ask for png or jpeg, for a smaller scale, for a part of the page or a limit to \
         its height, or for a PDF"
    );
    Failure::new(FailureKind::TooLarge, message)
}
