//! Pictures as they lie in the frames of a film.

use std::cmp::Ordering;

use crate::picture::Picture;
use crate::resize::{Resize, ResizeError};
use crate::rows::{Channels, on_white};

/// The same side, or one pixel less: colours are kept for squares of four pixels.
#[must_use]
pub const fn even(side: u32) -> u32 {
    if side < 2 { 2 } else { side - side % 2 }
}

/// Red, green and blue of a frame, in whose middle the picture lies, as large as fits. A side
/// that is one pixel too long is cut.
pub(super) fn fit(picture: &Picture, size: (u32, u32)) -> Result<Vec<u8>, ResizeError> {
    let (width, height) = size;
    let is_close = |side: u32, wanted: u32| side == wanted || side == wanted + 1;
    if is_close(picture.width(), width) && is_close(picture.height(), height) {
        return Ok(laid(picture, size));
    }
    let shapes = u64::from(picture.width()) * u64::from(height);
    let resize = match shapes.cmp(&(u64::from(width) * u64::from(picture.height()))) {
        Ordering::Less => Resize::Height(height),
        Ordering::Equal => Resize::Box { width, height },
        Ordering::Greater => Resize::Width(width),
    };
    Ok(laid(&picture.view().resized(resize)?, size))
}

/// The picture in the middle of black, without what is outside.
fn laid(picture: &Picture, (width, height): (u32, u32)) -> Vec<u8> {
    let (wide, high) = (picture.width().min(width), picture.height().min(height));
    let (left, top) = ((width - wide) / 2, (height - high) / 2);
    let row_bytes = width as usize * Channels::Rgb.bytes();
    let mut frame = vec![0; row_bytes * height as usize];
    let start = left as usize * Channels::Rgb.bytes();
    let end = start + wide as usize * Channels::Rgb.bytes();
    let from = picture.pixels().chunks(picture.width() as usize * picture.channels().bytes());
    let onto = frame.chunks_mut(row_bytes).skip(top as usize);
    for (from, onto) in from.take(high as usize).zip(onto) {
        let Some(onto) = onto.get_mut(start..end) else { continue };
        match picture.channels() {
            Channels::Rgb => {
                for (byte, onto) in from.iter().zip(onto) {
                    *onto = *byte;
                }
            }
            Channels::Rgba => {
                let (colours, _) = from.as_chunks::<4>();
                let (onto, _) = onto.as_chunks_mut::<3>();
                for (pixel, onto) in colours.iter().zip(onto) {
                    *onto = on_white(*pixel);
                }
            }
        }
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Frame;

    /// Red on the left, green on the right.
    fn halves(width: u32, height: u32) -> Picture {
        let row = (0..width).flat_map(|x| if x < width / 2 { [255, 0, 0] } else { [0, 255, 0] });
        let row: Vec<u8> = row.collect();
        let frame = Frame { width, height, channels: Channels::Rgb };
        Picture::of(frame, row.repeat(height as usize))
    }

    fn pixel(frame: &[u8], width: u32, x: u32, y: u32) -> &[u8] {
        let at = ((y * width + x) * 3) as usize;
        &frame[at..at + 3]
    }

    #[test]
    fn a_picture_of_the_same_size_is_left_as_it_is() {
        let picture = halves(8, 6);
        assert_eq!(fit(&picture, (8, 6)).unwrap(), picture.pixels());
    }

    #[test]
    fn the_last_pixel_of_an_odd_side_is_cut() {
        let frame = fit(&halves(9, 7), (even(9), even(7))).unwrap();
        assert_eq!(frame.len(), 8 * 6 * 3);
        assert_eq!(pixel(&frame, 8, 3, 5), [255, 0, 0]);
        assert_eq!(pixel(&frame, 8, 4, 0), [0, 255, 0]);
    }

    #[test]
    fn other_shapes_lie_between_bars() {
        // Twice as wide: bars above and below.
        let frame = fit(&halves(40, 20), (20, 20)).unwrap();
        for (x, y, expected) in
            [(2, 4, [0; 3]), (2, 5, [255, 0, 0]), (17, 14, [0, 255, 0]), (17, 15, [0; 3])]
        {
            assert_eq!(pixel(&frame, 20, x, y), expected, "{x} {y}");
        }
        // Twice as high: bars on both sides.
        let frame = fit(&halves(10, 20), (20, 20)).unwrap();
        for (x, expected) in [(4, [0; 3]), (6, [255, 0, 0]), (13, [0, 255, 0]), (15, [0; 3])] {
            assert_eq!(pixel(&frame, 20, x, 10), expected, "{x}");
        }
        // The same shape: none.
        let frame = fit(&halves(40, 40), (20, 20)).unwrap();
        assert_eq!(pixel(&frame, 20, 0, 0), [255, 0, 0]);
    }
}
