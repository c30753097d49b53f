//! Parts of a picture.

use darkroom_imaging::{Channels, Encoding};

use crate::pictures::{drawn, noise, picture, quality};

#[test]
fn every_format_takes_a_slice() {
    let whole = picture(&drawn(40, 30, Channels::Rgba, noise));
    let slice = whole.slices(11, 0).nth(1).unwrap().view;
    let alone = picture(&slice.encoded(Encoding::Png).unwrap());
    let at = quality(80);
    for encoding in
        [Encoding::Jpeg(at), Encoding::WebP(at), Encoding::Avif(at), Encoding::Gif, Encoding::Tiff]
    {
        let file = slice.encoded(encoding).unwrap();
        assert_eq!(file, alone.view().encoded(encoding).unwrap(), "{encoding:?}");
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
