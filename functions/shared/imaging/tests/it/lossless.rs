//! Formats that keep every pixel.

use std::io::Cursor;

use darkroom_imaging::{Channels, Encoding, Picture};
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use crate::pictures::{drawn, noise, page, picture, rgba};

const SIZES: [(u32, u32); 7] = [(1, 1), (1, 77), (77, 1), (2, 3), (17, 16), (255, 33), (640, 401)];

fn opaque_noise(x: u32, y: u32) -> [u8; 4] {
    let [red, green, blue, _] = noise(x, y);
    [red, green, blue, 255]
}

#[test]
fn every_pixel_survives_png_with_opacity_and_without() {
    for (width, height) in SIZES {
        for channels in [Channels::Rgb, Channels::Rgba] {
            let whole = picture(&drawn(width, height, channels, noise));
            let again = picture(&whole.view().encoded(Encoding::Png).unwrap());
            assert_eq!(again.pixels(), whole.pixels(), "{width} × {height}, {channels:?}");
            assert_eq!(again.channels(), channels);
        }
    }
}

#[test]
fn an_opaque_picture_loses_its_opacity_and_nothing_else() {
    let with = drawn(64, 48, Channels::Rgba, opaque_noise);
    let without = drawn(64, 48, Channels::Rgb, opaque_noise);
    assert_eq!(picture(&with), picture(&without));
    let file = picture(&with).view().encoded(Encoding::Png).unwrap();
    assert_eq!(file[25], 2, "the PNG's colour type is RGB");
}

#[test]
fn one_clear_pixel_keeps_opacity_wherever_it_stands() {
    for (clear_x, clear_y) in [(0, 0), (7, 5), (0, 3), (7, 0), (3, 5)] {
        let pixel = |x, y| {
            let [red, green, blue, _] = noise(x, y);
            [red, green, blue, if (x, y) == (clear_x, clear_y) { 3 } else { 255 }]
        };
        let whole = picture(&drawn(8, 6, Channels::Rgba, pixel));
        let expected: Vec<_> = (0..48).map(|at| pixel(at % 8, at / 8)).collect();
        assert_eq!(whole.channels(), Channels::Rgba);
        assert_eq!(rgba(&whole), expected);
    }
}

#[test]
fn a_small_png_is_smaller_than_chromiums_fast_one() {
    let fast = drawn(640, 400, Channels::Rgb, page);
    let small = picture(&fast).view().encoded(Encoding::Png).unwrap();
    assert!(small.len() < fast.len(), "{} of {}", small.len(), fast.len());
}

#[test]
fn every_pixel_survives_tiff_with_opacity_and_without() {
    // The last has several strips.
    for (width, height) in SIZES.into_iter().chain([(700, 1_200)]) {
        for channels in [Channels::Rgb, Channels::Rgba] {
            let whole = picture(&drawn(width, height, channels, noise));
            let file = whole.view().encoded(Encoding::Tiff).unwrap();
            let mut decoder = Decoder::new(Cursor::new(file)).unwrap();
            assert_eq!(decoder.dimensions().unwrap(), (width, height));
            let DecodingResult::U8(pixels) = decoder.read_image().unwrap() else {
                panic!("eight bits are expected")
            };
            assert!(pixels == whole.pixels(), "{width} × {height}, {channels:?}");
            let opacity = decoder.find_tag(Tag::ExtraSamples).unwrap();
            assert_eq!(opacity.is_some(), channels == Channels::Rgba);
        }
    }
}

/// The pixels that a GIF shows; those seen through are all zero.
fn shown(file: &[u8]) -> Vec<[u8; 4]> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(file).unwrap();
    let frame = decoder.read_next_frame().unwrap().unwrap();
    let pixels = frame.buffer.as_chunks::<4>().0.iter();
    pixels.map(|pixel| if pixel[3] == 0 { [0; 4] } else { *pixel }).collect()
}

#[test]
fn up_to_256_colours_survive_gif() {
    for colours in [1_u32, 2, 3, 255, 256] {
        let pixel = |x: u32, y: u32| {
            let colour = u8::try_from((x + y * 20) % colours).unwrap();
            [colour, 255 - colour, 7, 255]
        };
        let whole = picture(&drawn(20, 20, Channels::Rgb, pixel));
        assert_eq!(shown(&whole.view().encoded(Encoding::Gif).unwrap()), rgba(&whole));
    }
}

#[test]
fn gif_keeps_what_is_seen_through_apart_from_every_colour() {
    // More colours than places, black among them, and a clear stripe.
    let pixel = |x: u32, y: u32| {
        let [red, green, blue, _] = if x.is_multiple_of(5) { [0; 4] } else { noise(x, y) };
        [red, green, blue, if x < 3 { 20 } else { 255 }]
    };
    let whole = picture(&drawn(64, 64, Channels::Rgba, pixel));
    let shown = shown(&whole.view().encoded(Encoding::Gif).unwrap());
    for (at, pixel) in shown.iter().enumerate() {
        assert_eq!(pixel[3] == 0, at % 64 < 3, "pixel {at}");
    }
}

#[test]
fn what_is_half_seen_through_lies_on_white_in_a_gif() {
    let whole = picture(&drawn(4, 4, Channels::Rgba, |_, _| [255, 0, 0, 128]));
    let file = whole.view().encoded(Encoding::Gif).unwrap();
    assert_eq!(shown(&file), [[255, 127, 127, 255]; 16]);
}

#[test]
fn a_wholly_clear_picture_is_a_gif_too() {
    let whole = picture(&drawn(3, 2, Channels::Rgba, |_, _| [9, 9, 9, 0]));
    assert_eq!(shown(&whole.view().encoded(Encoding::Gif).unwrap()), [[0; 4]; 6]);
}

#[test]
fn greys_and_palettes_read_as_colours() {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 2, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette([1, 2, 3, 4, 5, 6].as_slice());
    encoder.write_header().unwrap().write_image_data(&[1, 0]).unwrap();
    assert_eq!(Picture::decode(&file).unwrap().pixels(), [4, 5, 6, 1, 2, 3]);
}
