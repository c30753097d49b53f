//! Other sizes of a picture.

use darkroom_imaging::{Channels, Resize, ResizeError};

use crate::pictures::{drawn, noise, page, picture, psnr, rgba};

#[test]
fn one_side_keeps_the_shape_and_two_make_the_box() {
    let cases = [
        (Resize::Width(640), (1_280, 800), (640, 400)),
        (Resize::Height(400), (1_280, 800), (640, 400)),
        (Resize::Box { width: 100, height: 100 }, (1_280, 800), (100, 100)),
        (Resize::Width(2_560), (1_280, 800), (2_560, 1_600)),
        (Resize::Width(333), (1_000, 1_000), (333, 333)),
        (Resize::Width(3), (1_000, 100), (3, 1)),
        (Resize::Width(200), (1_280, 40_000), (200, 6_250)),
        (Resize::Width(1), (1, u32::MAX), (1, u32::MAX)),
        (Resize::Width(u32::MAX), (1, u32::MAX), (u32::MAX, u32::MAX)),
    ];
    for (resize, (from_width, from_height), expected) in cases {
        assert_eq!(resize.of_picture(from_width, from_height), expected);
    }
}

#[test]
fn several_sizes_come_from_one_picture() {
    for channels in [Channels::Rgb, Channels::Rgba] {
        let whole = picture(&drawn(96, 64, channels, noise));
        for (width, height) in [(1, 1), (48, 32), (96, 64), (200, 10), (7, 133)] {
            let resized = whole.view().resized(Resize::Box { width, height }).unwrap();
            assert_eq!((resized.width(), resized.height()), (width, height));
            assert_eq!(resized.channels(), channels);
        }
    }
}

#[test]
fn the_same_size_is_the_same_picture() {
    let whole = picture(&drawn(96, 64, Channels::Rgb, noise));
    assert_eq!(whole.view().resized(Resize::Width(96)).unwrap(), whole);
}

#[test]
fn half_the_size_looks_like_the_mean_of_four() {
    let soft = |x: u32, y: u32| {
        let wave = |at: u32| 128.0 + 100.0 * (f64::from(at) / 9.0).sin();
        [wave(x), wave(y), wave(x + y), 255.0].map(|value| format!("{value:.0}").parse().unwrap())
    };
    let whole = picture(&drawn(128, 96, Channels::Rgb, soft));
    let half = whole.view().resized(Resize::Width(64)).unwrap();
    let pixels = rgba(&whole);
    let mut means = Vec::new();
    for (y, x) in (0..48_usize).flat_map(|y| (0..64_usize).map(move |x| (y, x))) {
        let four = [(0, 0), (0, 1), (1, 0), (1, 1)]
            .map(|(dy, dx)| pixels[(2 * y + dy) * 128 + 2 * x + dx]);
        means.extend([0, 1, 2].map(|channel: usize| {
            let sum: u16 = four.iter().map(|pixel| u16::from(pixel[channel])).sum();
            u8::try_from(sum / 4).unwrap()
        }));
    }
    let db = psnr(half.pixels(), &means);
    assert!(db > 40.0, "{db:.1} dB");
}

#[test]
fn a_clear_pixels_colour_never_shines_through() {
    // Red that is clear beside blue that isn't: no purple may arise.
    let pixel = |x: u32, _| if x % 8 < 4 { [255, 0, 0, 0] } else { [0, 0, 255, 255] };
    let whole = picture(&drawn(64, 64, Channels::Rgba, pixel));
    for to in [Resize::Width(30), Resize::Width(101), Resize::Height(8)] {
        let resized = whole.view().resized(to).unwrap();
        for [red, _, blue, opacity] in rgba(&resized) {
            assert!(red == 0 || opacity == 0, "red {red} at opacity {opacity}");
            assert!(opacity < 8 || blue > 200, "blue {blue} at opacity {opacity}");
        }
    }
}

#[test]
fn a_slice_resizes_without_its_surroundings() {
    let whole = picture(&drawn(60, 60, Channels::Rgb, |x, y| {
        if (20..40).contains(&y) { [0, 200, 0, 255] } else { noise(x, y) }
    }));
    let slice = whole.slices(20, 0).nth(1).unwrap();
    let resized = slice.view.resized(Resize::Width(50)).unwrap();
    assert!(rgba(&resized).iter().all(|pixel| *pixel == [0, 200, 0, 255]));
}

#[test]
fn sizes_without_pixels_or_with_too_many_are_refused() {
    let whole = picture(&drawn(16, 16, Channels::Rgb, page));
    for (width, height) in [(0, 5), (5, 0), (100_000, 100_000), (u32::MAX, u32::MAX)] {
        let refused = whole.view().resized(Resize::Box { width, height });
        assert!(matches!(refused, Err(ResizeError::Size { .. })), "{width} × {height}");
    }
    assert!(whole.view().resized(Resize::Width(0)).is_err());
}
