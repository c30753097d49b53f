//! Bands that become one picture.

use std::cell::Cell;
use std::io::{self, Write};

use darkroom_imaging::{BandError, Channels, EncodeError, Encoding, Picture, Sheet, join, recode};

use crate::pictures::{drawn, noise, page, picture, png_of, quality};

fn all() -> [Encoding; 8] {
    let at = quality(80);
    [
        Encoding::Png,
        Encoding::FastPng,
        Encoding::Jpeg(at),
        Encoding::Jpeg(quality(100)),
        Encoding::WebP(at),
        Encoding::Avif(at),
        Encoding::Gif,
        Encoding::Tiff,
    ]
}

/// The picture as PNGs of so many rows each.
fn bands(whole: &Picture, heights: &[u32]) -> Vec<Vec<u8>> {
    let row = whole.width() as usize * whole.channels().bytes();
    let mut rest = whole.pixels();
    let mut band = |&height: &u32| {
        let (band, below) = rest.split_at(height as usize * row);
        rest = below;
        png_of(whole.width(), height, whole.channels(), band)
    };
    heights.iter().map(&mut band).collect()
}

fn sheet_of(whole: &Picture) -> Sheet {
    Sheet { width: whole.width(), height: whole.height(), channels: whole.channels() }
}

#[test]
fn bands_joined_equal_the_whole_in_every_format() {
    for channels in [Channels::Rgb, Channels::Rgba] {
        let whole = picture(&drawn(33, 50, channels, noise));
        for encoding in all() {
            let expected = whole.view().encoded(encoding).unwrap();
            for heights in [&[50][..], &[20, 30], &[1, 48, 1], &[17, 17, 16]] {
                let mut file = Vec::new();
                join(sheet_of(&whole), bands(&whole, heights), encoding, &mut file).unwrap();
                assert_eq!(file, expected, "{encoding:?} {heights:?} {channels:?}");
            }
        }
    }
}

#[test]
fn one_file_becomes_another_row_by_row() {
    let png = drawn(90, 41, Channels::Rgb, page);
    for encoding in all() {
        let mut file = Vec::new();
        recode(&png, encoding, &mut file).unwrap();
        assert_eq!(file, picture(&png).view().encoded(encoding).unwrap(), "{encoding:?}");
    }
}

#[test]
fn a_sheet_without_opacity_lays_bands_on_white() {
    let clear = drawn(5, 4, Channels::Rgba, |_, _| [0, 0, 0, 0]);
    let half = drawn(5, 4, Channels::Rgba, |_, _| [255, 0, 0, 128]);
    let solid = drawn(5, 4, Channels::Rgb, |_, _| [1, 2, 3, 255]);
    let sheet = Sheet { width: 5, height: 12, channels: Channels::Rgb };
    let mut file = Vec::new();
    join(sheet, [&clear, &half, &solid], Encoding::Png, &mut file).unwrap();
    let joined = picture(&file);
    assert_eq!(joined.channels(), Channels::Rgb);
    let pixels = joined.pixels().as_chunks::<3>().0;
    assert_eq!([pixels[0], pixels[25], pixels[59]], [[255; 3], [255, 127, 127], [1, 2, 3]]);
}

#[test]
fn a_sheet_with_opacity_takes_bands_without() {
    let clear = drawn(5, 4, Channels::Rgba, |_, _| [7, 7, 7, 9]);
    let solid = drawn(5, 4, Channels::Rgb, |_, _| [1, 2, 3, 255]);
    let sheet = Sheet { width: 5, height: 8, channels: Channels::Rgba };
    let mut file = Vec::new();
    join(sheet, [&solid, &clear], Encoding::Png, &mut file).unwrap();
    let joined = picture(&file);
    let pixels = joined.pixels().as_chunks::<4>().0;
    assert_eq!([pixels[0], pixels[39]], [[1, 2, 3, 255], [7, 7, 7, 9]]);
}

#[test]
fn a_band_is_asked_for_when_the_one_before_is_read() {
    let whole = picture(&drawn(8, 30, Channels::Rgb, noise));
    let asked = Cell::new(0);
    let counting = bands(&whole, &[10, 10, 10]).into_iter().inspect(|_| asked.set(asked.get() + 1));
    let sheet = Sheet { height: 15, ..sheet_of(&whole) };
    let refused = join(sheet, counting, Encoding::Png, io::sink()).unwrap_err();
    assert!(matches!(refused, EncodeError::Bands(BandError::TooManyRows { height: 15 })));
    assert_eq!(asked.get(), 2);
}

#[test]
fn bands_that_dont_make_the_picture_are_told_in_every_format() {
    let whole = picture(&drawn(8, 30, Channels::Rgb, noise));
    let narrow = drawn(7, 10, Channels::Rgb, noise);
    let [first, second, third]: [Vec<u8>; 3] = bands(&whole, &[10, 10, 10]).try_into().unwrap();
    let cut_short = second[..second.len() / 2].to_vec();
    let cases: [(&str, Vec<Vec<u8>>); 6] = [
        ("the bands end after 20 of 30 rows", vec![first.clone(), second.clone()]),
        ("the bands end after 0 of 30 rows", vec![]),
        (
            "the bands go on after the picture's 30 rows",
            vec![first.clone(), second, third.clone(), first.clone()],
        ),
        ("band 1 is 7 pixels wide, the picture 8", vec![first.clone(), narrow, third.clone()]),
        ("band 1 of the picture can't be read", vec![first.clone(), cut_short, third]),
        ("band 0 of the picture can't be read", vec![b"no picture".to_vec(), first]),
    ];
    for (said, bands) in cases {
        for encoding in all() {
            let refused = join(sheet_of(&whole), &bands, encoding, io::sink()).unwrap_err();
            assert!(matches!(refused, EncodeError::Bands(_)), "{refused:?}");
            assert_eq!(refused.to_string(), said, "{encoding:?}");
        }
    }
}

#[test]
fn a_sheet_too_large_for_its_format_asks_for_no_band() {
    let untouched = std::iter::from_fn(|| -> Option<Vec<u8>> { panic!("no band is needed") });
    let sheet = Sheet { width: 1_280, height: 100_000, channels: Channels::Rgb };
    let refused = join(sheet, untouched, Encoding::WebP(quality(80)), io::sink());
    assert!(matches!(refused, Err(EncodeError::TooLarge(_))));
}

/// A sink that takes so many bytes and no more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 < bytes.len() {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no space is left"));
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_sink_that_is_full_is_told_in_every_format() {
    let png = drawn(64, 64, Channels::Rgb, noise);
    for encoding in all() {
        for room in [0, 20, 600] {
            let refused = recode(&png, encoding, Full(room)).unwrap_err();
            assert!(matches!(refused, EncodeError::Sink(_)), "{encoding:?}, {room}: {refused:?}");
        }
    }
}
