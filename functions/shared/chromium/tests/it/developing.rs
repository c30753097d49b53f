//! What a picture is made into.

use darkroom_core::capture::{
    Area, Background, CaptureSpec, Effort, Encoding, FullPage, Image, Output, Quality, Resize,
    Slices, Viewport,
};
use darkroom_core::failure::FailureKind;

use crate::studio::{Pixels, Studio, document};

fn image(encoding: Encoding, resize: Option<Resize>) -> CaptureSpec {
    let output = Output::Image(Image {
        encoding,
        background: Background::Page,
        resize,
        more_sizes: Vec::new(),
    });
    let page = "<p style='margin:0;height:100px;background:#ff0000'></p>\
                <p style='margin:0;height:100px;background:#0000ff'></p>";
    CaptureSpec { output, viewport: Viewport::desktop(300, 200), ..document(page) }
}

#[tokio::test]
async fn each_encoding_makes_a_file_of_its_kind() {
    let studio = Studio::open().await;
    let good = Quality::new(80).unwrap();
    for (encoding, at, magic) in [
        (Encoding::Png(Effort::Fast), 0, &b"\x89PNG"[..]),
        (Encoding::Png(Effort::Small), 0, b"\x89PNG"),
        (Encoding::Jpeg(good), 0, b"\xff\xd8\xff"),
        (Encoding::WebP(good), 8, b"WEBP"),
        (Encoding::Avif(good), 4, b"ftypavif"),
        (Encoding::Gif, 0, b"GIF89a"),
        (Encoding::Tiff, 0, b"II*\0"),
    ] {
        for resize in [None, Resize::new(Some(150), None)] {
            let file = studio.take(&image(encoding, resize)).await.unwrap();
            assert_eq!(file.get(at..at + magic.len()), Some(magic), "{encoding:?}, {resize:?}");
        }
    }
}

#[tokio::test]
async fn a_picture_is_resized_after_it_was_drawn() {
    let studio = Studio::open().await;
    for (width, height, size) in [
        (Some(150), None, (150, 100)),
        (None, Some(400), (600, 400)),
        (Some(30), Some(60), (30, 60)),
    ] {
        for effort in [Effort::Fast, Effort::Small] {
            let spec = image(Encoding::Png(effort), Resize::new(width, height));
            let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
            assert_eq!((pixels.width, pixels.height), size);
            assert_eq!(pixels.at(size.0 / 2, size.1 / 4), "ff0000");
            assert_eq!(pixels.at(size.0 / 2, size.1 * 3 / 4), "0000ff");
        }
    }
}

#[tokio::test]
async fn more_files_of_a_picture_are_refused_and_not_left_out() {
    let studio = Studio::open().await;
    let mut sizes = image(Encoding::Png(Effort::Fast), None);
    if let Output::Image(image) = &mut sizes.output {
        image.more_sizes = vec![Resize::Width(100)];
    }
    let mut slices = image(Encoding::Png(Effort::Fast), None);
    let cut = Slices { height_px: 1_000, overlap_px: 0 };
    slices.framing.area = Area::FullPage(FullPage { slices: Some(cut), ..FullPage::default() });
    for spec in [sizes, slices] {
        let failure = studio.take(&spec).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidOption);
        assert!(failure.message.contains("not available in this version"), "{failure}");
    }
}
