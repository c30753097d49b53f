//! Formats that keep what one sees.

use darkroom_imaging::{Channels, EncodeError, Encoding, TooLargeError};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;

use crate::pictures::{drawn, noise, page, picture, psnr, quality};

const SIZES: [(u32, u32); 6] = [(1, 1), (1, 33), (33, 1), (15, 17), (16, 8), (129, 70)];

fn from_jpeg(file: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut decoder = JpegDecoder::new(ZCursor::new(file));
    let pixels = decoder.decode().unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    (width, height, pixels)
}

fn from_webp(file: &[u8]) -> (Channels, Vec<u8>) {
    let decoded = webp::Decoder::new(file).decode().unwrap();
    let channels = if decoded.is_alpha() { Channels::Rgba } else { Channels::Rgb };
    (channels, decoded.to_vec())
}

#[test]
fn jpeg_looks_the_better_the_higher_its_quality() {
    let whole = picture(&drawn(640, 400, Channels::Rgb, page));
    let mut last_bytes = 0;
    for (percent, least_db) in [(0, 10.0), (30, 20.0), (80, 25.0), (90, 30.0), (100, 45.0)] {
        let file = whole.view().encoded(Encoding::Jpeg(quality(percent))).unwrap();
        let (width, height, pixels) = from_jpeg(&file);
        assert_eq!((width, height), (640, 400));
        let db = psnr(&pixels, whole.pixels());
        assert!(db >= least_db, "quality {percent}: {db:.1} dB");
        assert!(file.len() > last_bytes, "quality {percent}: {} bytes", file.len());
        last_bytes = file.len();
    }
}

#[test]
fn webp_looks_the_better_the_higher_its_quality() {
    let whole = picture(&drawn(640, 400, Channels::Rgb, page));
    let mut last_bytes = 0;
    for (percent, least_db) in [(0, 10.0), (30, 18.0), (80, 20.0), (100, 22.0)] {
        let file = whole.view().encoded(Encoding::WebP(quality(percent))).unwrap();
        let (channels, pixels) = from_webp(&file);
        assert_eq!(channels, Channels::Rgb);
        let db = psnr(&pixels, whole.pixels());
        assert!(db >= least_db, "quality {percent}: {db:.1} dB");
        assert!(file.len() > last_bytes, "quality {percent}: {} bytes", file.len());
        last_bytes = file.len();
    }
}

#[test]
fn lossy_formats_take_odd_sizes() {
    for (width, height) in SIZES {
        let whole = picture(&drawn(width, height, Channels::Rgb, |_, _| [200, 100, 50, 255]));
        for percent in [0, 80, 95, 100] {
            let jpeg = whole.view().encoded(Encoding::Jpeg(quality(percent))).unwrap();
            let (read_width, read_height, pixels) = from_jpeg(&jpeg);
            assert_eq!([read_width, read_height], [width, height].map(|side| side as usize));
            let db = psnr(&pixels, whole.pixels());
            assert!(percent < 80 || db > 38.0, "jpeg {percent}, {width} × {height}: {db:.1} dB");
            let webp = whole.view().encoded(Encoding::WebP(quality(percent))).unwrap();
            let db = psnr(&from_webp(&webp).1, whole.pixels());
            assert!(percent < 80 || db > 35.0, "webp {percent}, {width} × {height}: {db:.1} dB");
        }
    }
}

#[test]
fn webp_keeps_opacity_exactly() {
    let whole = picture(&drawn(64, 64, Channels::Rgba, |x, y| {
        [200, 100, 50, u8::try_from((x * 4 + y) % 256).unwrap()]
    }));
    let file = whole.view().encoded(Encoding::WebP(quality(80))).unwrap();
    let (channels, pixels) = from_webp(&file);
    assert_eq!(channels, Channels::Rgba);
    let opacity = |pixels: &[u8]| -> Vec<u8> {
        pixels.as_chunks::<4>().0.iter().map(|pixel| pixel[3]).collect()
    };
    assert_eq!(opacity(&pixels), opacity(whole.pixels()));
}

#[test]
fn jpeg_lies_on_white() {
    for (opacity, expected) in [(0, [255, 255, 255]), (128, [255, 127, 127]), (255, [255, 0, 0])] {
        // One pixel less opaque than the rest keeps the channel.
        let pixel = |x, y| [255, 0, 0, if (x, y) == (0, 0) { 254 } else { opacity }];
        let whole = picture(&drawn(32, 32, Channels::Rgba, pixel));
        let file = whole.view().encoded(Encoding::Jpeg(quality(100))).unwrap();
        let (_, _, pixels) = from_jpeg(&file);
        let middle = pixels.as_chunks::<3>().0[16 * 32 + 16];
        assert!(psnr(&middle, &expected) > 38.0, "{opacity}: {middle:?}");
    }
}

/// The size in an AVIF's `ispe` box (ISO/IEC 23008-12, 6.5.3).
fn avif_size(file: &[u8]) -> (u32, u32) {
    let at = file.windows(4).position(|bytes| bytes == b"ispe").unwrap() + 8;
    let side = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
    (side(at), side(at + 4))
}

#[test]
fn avif_says_its_size_and_whether_it_has_opacity() {
    for (width, height) in [(1, 1), (1, 9), (31, 18)] {
        for channels in [Channels::Rgb, Channels::Rgba] {
            let whole = picture(&drawn(width, height, channels, noise));
            for percent in [0, 80, 100] {
                let file = whole.view().encoded(Encoding::Avif(quality(percent))).unwrap();
                assert_eq!(&file[4..12], b"ftypavif");
                assert_eq!(avif_size(&file), (width, height));
                let opacity = file.windows(4).any(|bytes| bytes == b"auxC");
                assert_eq!(opacity, channels == Channels::Rgba, "{width} × {height}");
            }
        }
    }
}

#[test]
fn avif_is_the_larger_the_higher_its_quality() {
    let whole = picture(&drawn(96, 64, Channels::Rgb, page));
    let sizes = [10, 50, 80, 100]
        .map(|percent| whole.view().encoded(Encoding::Avif(quality(percent))).unwrap().len());
    assert!(sizes.is_sorted(), "{sizes:?}");
}

#[test]
fn what_a_format_cant_hold_is_refused_with_its_limit() {
    let at = quality(80);
    let cases = [
        (Encoding::Jpeg(at), 65_500, 1, true),
        (Encoding::Jpeg(at), 65_501, 1, false),
        (Encoding::Jpeg(at), 1, 65_501, false),
        (Encoding::WebP(at), 16_383, 2, true),
        (Encoding::WebP(at), 2, 16_384, false),
        (Encoding::WebP(at), 16_383, 16_383, false),
        (Encoding::Gif, 65_536, 1, false),
        (Encoding::Avif(at), 4_096, 4_096, true),
        (Encoding::Avif(at), 4_096, 4_097, false),
        (Encoding::Tiff, 1_280, 100_000, true),
        (Encoding::Tiff, 12_800, 100_000, false),
        (Encoding::Png, 1_280, 1_000_000, true),
        (Encoding::Png, 0, 1, false),
    ];
    for (encoding, width, height, fits) in cases {
        let checked = encoding.check_size(width, height);
        assert_eq!(checked.is_ok(), fits, "{encoding:?}, {width} × {height}: {checked:?}");
    }
    let tall = picture(&drawn(1, 16_384, Channels::Rgb, page));
    let refused = tall.view().encoded(Encoding::WebP(at)).unwrap_err();
    assert!(matches!(
        refused,
        EncodeError::TooLarge(TooLargeError::Side { limit: 16_383, height: 16_384, .. })
    ));
    assert_eq!(
        refused.to_string(),
        "the picture has 1 × 16384 pixels, and webp takes at most 16383 a side: \
         ask for png or tiff, for a lower scale, or for a smaller picture"
    );
}
