//! What a picture is made into.

use std::time::Instant;

use darkroom_core::artifact::FileKind;
use darkroom_core::capture::{
    Area, Background, CaptureSpec, Effort, Encoding, FullPage, Image, Output, Quality, Resize,
    Slices, Viewport,
};
use darkroom_core::failure::FailureKind;
use darkroom_core::port::{Camera as _, Extra};
use darkroom_core::report::PixelSize;

use crate::studio::{AMPLE, Pixels, Studio, document};

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

fn with_sizes(mut spec: CaptureSpec, sizes: &[Resize]) -> CaptureSpec {
    if let Output::Image(image) = &mut spec.output {
        image.more_sizes = sizes.to_vec();
    }
    spec
}

/// The page of four bands, 50 pixels each, in slices of this height and overlap.
fn sliced(encoding: Encoding, scale: f64, height_px: u32, overlap_px: u32) -> CaptureSpec {
    let bands = ["#ff0000", "#00ff00", "#0000ff", "#ffff00"]
        .map(|colour| format!("<p style='margin:0;height:50px;background:{colour}'></p>"));
    let mut spec = image(encoding, None);
    spec.source = document(&bands.concat()).source;
    spec.viewport = Viewport { scale, ..Viewport::desktop(100, 80) };
    let slices = Some(Slices { height_px, overlap_px });
    spec.framing.area = Area::FullPage(FullPage { slices, ..FullPage::default() });
    spec.framing.beyond_viewport = true;
    spec
}

/// What a further file says of its own size.
fn size_of(extra: &Extra) -> (u32, u32) {
    match extra.kind {
        FileKind::Slice { pixels, .. } | FileKind::Size { pixels, .. } => {
            (pixels.width, pixels.height)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_picture_is_cut_into_slices_besides() {
    let studio = Studio::open().await;
    let spec = sliced(Encoding::Png(Effort::Fast), 2.0, 120, 20);
    let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
    let whole = Pixels::read(&picture.content.collect().await.unwrap());
    assert_eq!((whole.width, whole.height), (200, 400));
    let seen: Vec<_> = picture.extras.iter().map(|it| it.kind).collect();
    let slice = |index, offset_y_px, height| FileKind::Slice {
        index,
        offset_y_px,
        pixels: PixelSize { width: 200, height },
    };
    assert_eq!(seen, [slice(0, 0, 240), slice(1, 200, 200)]);
    for (extra, offset) in picture.extras.iter().zip([0, 200]) {
        let pixels = Pixels::read(&extra.content);
        assert_eq!((pixels.width, pixels.height), size_of(extra));
        for y in 0..pixels.height {
            assert_eq!(pixels.at(100, y), whole.at(100, y + offset), "{:?}, row {y}", extra.kind);
        }
    }
    // A page that is no taller than a slice has one all the same.
    let spec = sliced(Encoding::WebP(Quality::new(80).unwrap()), 1.0, 1_000, 0);
    let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
    let [only] = &picture.extras[..] else { panic!("{:?}", picture.extras.len()) };
    assert_eq!(size_of(only), (100, 200));
    assert_eq!(only.content.get(8..12), Some(&b"WEBP"[..]));
}

#[tokio::test]
async fn a_picture_is_made_in_several_sizes() {
    let studio = Studio::open().await;
    let sizes = [Resize::Width(150), Resize::Exact { width: 30, height: 60 }];
    for resize in [None, Some(Resize::Width(600))] {
        let spec = with_sizes(image(Encoding::Png(Effort::Fast), resize), &sizes);
        let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
        let main = Pixels::read(&picture.content.collect().await.unwrap());
        assert_eq!(main.width, if resize.is_some() { 600 } else { 300 });
        let of =
            |index, width, height| FileKind::Size { index, pixels: PixelSize { width, height } };
        let seen = picture.extras.iter().map(|it| it.kind);
        assert_eq!(seen.collect::<Vec<_>>(), [of(0, 150, 100), of(1, 30, 60)]);
        for extra in &picture.extras {
            let pixels = Pixels::read(&extra.content);
            let size @ (width, height) = (pixels.width, pixels.height);
            assert_eq!(size, size_of(extra));
            assert_eq!(pixels.at(width / 2, height / 4), "ff0000");
            assert_eq!(pixels.at(width / 2, height * 3 / 4), "0000ff");
        }
    }
}

/// A jpeg, which Chromium writes itself where it is the only file, is ours here.
#[tokio::test]
async fn further_files_have_the_encoding_of_the_first() {
    let studio = Studio::open().await;
    let jpeg = Encoding::Jpeg(Quality::new(80).unwrap());
    let spec = with_sizes(image(jpeg, None), &[Resize::Width(20)]);
    let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
    let main = picture.content.collect().await.unwrap();
    for file in [&main, &picture.extras[0].content] {
        assert_eq!(file.get(..3), Some(&b"\xff\xd8\xff"[..]));
    }
}

#[tokio::test]
async fn another_picture_is_taken_while_one_is_developed() {
    let studio = Studio::open().await;
    // Seconds of work for this encoder, as it is built for tests.
    let mut slow = image(Encoding::Avif(Quality::new(100).unwrap()), None);
    slow.source =
        document("<style>html{background:repeating-conic-gradient(red,lime 1deg)}").source;
    let quick = image(Encoding::Png(Effort::Fast), None);
    let timed = async |spec: &CaptureSpec| {
        studio.take(spec).await.unwrap();
        Instant::now()
    };
    let (developed, taken) = tokio::join!(timed(&slow), timed(&quick));
    assert!(taken < developed, "it waited for the other {:?}", taken - developed);
}

#[tokio::test]
async fn too_many_further_files_fail_before_anything_is_drawn() {
    let studio = Studio::open().await;
    let png = Encoding::Png(Effort::Fast);
    let large = |side| Resize::Exact { width: side, height: side };
    let cases = [
        (sliced(png, 1.0, 100, 99), "101 slices"),
        (with_sizes(image(png, None), &[large(8_000), large(8_001), large(8_002)]), "192 million"),
        (with_sizes(image(png, None), &[large(9_000)]), "9000 by 9000"),
        (image(png, Some(large(9_000))), "9000 by 9000"),
    ];
    for (spec, expected) in cases {
        let failure = studio.take(&spec).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::TooLarge);
        assert!(failure.message.contains(expected), "{failure}");
    }
}
