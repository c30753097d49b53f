//! Parts of a picture.

use darkroom_imaging::{Area, Channels, Encoding, OutsideError};

use crate::pictures::{drawn, noise, picture, quality, rgba};

#[test]
fn a_cut_shows_what_was_there() {
    for channels in [Channels::Rgb, Channels::Rgba] {
        let whole = picture(&drawn(40, 30, channels, noise));
        for (x, y, width, height) in
            [(0, 0, 40, 30), (0, 7, 40, 9), (3, 2, 1, 1), (39, 29, 1, 1), (5, 0, 20, 30)]
        {
            let cut = whole.cut(Area { x, y, width, height }).unwrap();
            let again = picture(&cut.encoded(Encoding::Png).unwrap());
            let pixels = rgba(&whole);
            let rows = (y..y + height).flat_map(|y| (x..x + width).map(move |x| (x, y)));
            let expected: Vec<_> = rows.map(|(x, y)| pixels[(y * 40 + x) as usize]).collect();
            assert_eq!(rgba(&again), expected, "{x}, {y}, {width}, {height}");
        }
    }
}

#[test]
fn every_format_takes_a_cut() {
    let whole = picture(&drawn(40, 30, Channels::Rgba, noise));
    let cut = whole.cut(Area { x: 7, y: 3, width: 21, height: 11 }).unwrap();
    let alone = picture(&cut.encoded(Encoding::Png).unwrap());
    let at = quality(80);
    for encoding in
        [Encoding::Jpeg(at), Encoding::WebP(at), Encoding::Avif(at), Encoding::Gif, Encoding::Tiff]
    {
        let file = cut.encoded(encoding).unwrap();
        assert_eq!(file, alone.view().encoded(encoding).unwrap(), "{encoding:?}");
    }
}

#[test]
fn a_rectangle_over_an_edge_is_refused() {
    let whole = picture(&drawn(40, 30, Channels::Rgb, noise));
    for (x, y, width, height) in [
        (0, 0, 41, 30),
        (1, 0, 40, 30),
        (0, 30, 1, 1),
        (40, 0, 1, 1),
        (0, 0, 0, 5),
        (0, 0, 5, 0),
        (u32::MAX, 0, 2, 1),
        (0, u32::MAX, 1, u32::MAX),
    ] {
        let area = Area { x, y, width, height };
        let refused = whole.cut(area).err();
        assert_eq!(refused, Some(OutsideError { area, width: 40, height: 30 }));
    }
}

/// Height of the picture, of a slice, the overlap; the slices' rows and heights.
type Sliced = (u32, u32, u32, &'static [(u32, u32)]);

#[test]
fn slices_cover_the_picture_and_overlap_as_asked() {
    let cases: [Sliced; 9] = [
        (100, 40, 0, &[(0, 40), (40, 40), (80, 20)]),
        (100, 40, 10, &[(0, 40), (30, 40), (60, 40)]),
        (101, 40, 10, &[(0, 40), (30, 40), (60, 40), (90, 11)]),
        (80, 40, 0, &[(0, 40), (40, 40)]),
        (40, 40, 20, &[(0, 40)]),
        (5, 40, 0, &[(0, 5)]),
        (3, 1, 0, &[(0, 1), (1, 1), (2, 1)]),
        // Neither asks for endless slices.
        (3, 2, 9, &[(0, 2), (1, 2)]),
        (2, 0, 0, &[(0, 1), (1, 1)]),
    ];
    for (whole, height, overlap, expected) in cases {
        let tall = picture(&drawn(3, whole, Channels::Rgb, noise));
        let slices: Vec<_> = tall.slices(height, overlap).collect();
        let seen: Vec<_> = slices.iter().map(|it| (it.offset_y, it.view.height())).collect();
        assert_eq!(seen, expected, "{whole} in {height} over {overlap}");
        for slice in slices {
            let file = slice.view.encoded(Encoding::Png).unwrap();
            let start = slice.offset_y as usize * 9;
            let end = start + slice.view.height() as usize * 9;
            assert_eq!(picture(&file).pixels(), &tall.pixels()[start..end]);
        }
    }
}
