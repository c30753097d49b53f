//! Pictures to work on, and how alike two are.

use darkroom_core::capture::Quality;
use darkroom_imaging::{Channels, Picture};

pub(crate) fn quality(percent: u8) -> Quality {
    Quality::new(percent).unwrap()
}

/// A PNG of these pixels, as Chromium's fast encoder writes it.
pub(crate) fn png_of(width: u32, height: u32, channels: Channels, pixels: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(match channels {
        Channels::Rgb => png::ColorType::Rgb,
        Channels::Rgba => png::ColorType::Rgba,
    });
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
    file
}

/// A picture whose pixels are told by their place.
pub(crate) fn drawn(
    width: u32,
    height: u32,
    channels: Channels,
    pixel: impl Fn(u32, u32) -> [u8; 4],
) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            pixels.extend_from_slice(&pixel(x, y)[..channels.bytes()]);
        }
    }
    png_of(width, height, channels, &pixels)
}

fn byte(value: u32) -> u8 {
    u8::try_from(value % 256).unwrap()
}

/// Different everywhere, never smooth; the last value is an opacity.
pub(crate) fn noise(x: u32, y: u32) -> [u8; 4] {
    let mut seed = (x + 1).wrapping_mul(2_654_435_761) ^ (y + 1).wrapping_mul(40_503);
    for shift in [13, 7, 17] {
        seed ^= seed.rotate_left(shift).wrapping_mul(2_246_822_519);
    }
    seed.to_le_bytes()
}

/// Like a page: a soft ground, dark strokes, a coloured box; opaque.
pub(crate) fn page(x: u32, y: u32) -> [u8; 4] {
    let stroke = y % 16 < 9 && (x / 3 + y / 16).is_multiple_of(3) && (8..56).contains(&(x % 64));
    match (stroke, x % 64 > 40 && y % 48 > 30) {
        (true, _) => [34, 34, 51, 255],
        (false, true) => [200, 60, 40, 255],
        (false, false) => [byte(255 - x / 8 % 32), byte(240 + y / 16 % 16), 250, 255],
    }
}

/// The pixels of a picture with opacity, whether it has any or not.
pub(crate) fn rgba(picture: &Picture) -> Vec<[u8; 4]> {
    match picture.channels() {
        Channels::Rgba => picture.pixels().as_chunks::<4>().0.to_vec(),
        Channels::Rgb => {
            let pixels = picture.pixels().as_chunks::<3>().0.iter();
            pixels.map(|[r, g, b]| [*r, *g, *b, 255]).collect()
        }
    }
}

/// How alike two lots of bytes are, in dB; 30 is fair, 40 hard to tell apart.
pub(crate) fn psnr(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let squares = one.iter().zip(other).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
    let mean = squares.sum::<f64>() / f64::from(u32::try_from(one.len()).unwrap());
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

pub(crate) fn picture(png: &[u8]) -> Picture {
    Picture::decode(png).unwrap()
}
