//! What comes out.

use darkroom_chromium::Frames;
use darkroom_core::capture::{Encoding, Framing, Output, Quality, Source, Viewport};

use crate::studio::{Pixels, Studio, full_page, spec};

#[tokio::test]
async fn a_png_has_the_pages_pixels_whoever_draws_the_frames() {
    for frames in [Frames::Driven, Frames::Free] {
        let studio = Studio::with_frames(frames).await;
        let pixels = Pixels::read(&studio.take(&studio.spec("/bands")).await.unwrap());
        assert_eq!((pixels.width, pixels.height), (1280, 800), "{frames:?}");
        for (y, colour) in [(0, "ff0000"), (199, "ff0000"), (200, "00ff00"), (599, "0000ff")] {
            assert_eq!(pixels.at(0, y), colour, "{frames:?}, row {y}");
            assert_eq!(pixels.at(1279, y), colour, "{frames:?}, row {y}");
        }
        assert_eq!(pixels.at(640, 799), "102030", "{frames:?}");
    }
}

#[tokio::test]
async fn each_output_is_a_file_of_its_kind() {
    let good = Quality::new(90).unwrap();
    let poor = Quality::new(10).unwrap();
    for frames in [Frames::Driven, Frames::Free] {
        let studio = Studio::with_frames(frames).await;
        let take = async |output| {
            let spec = darkroom_core::capture::CaptureSpec { output, ..studio.spec("/text") };
            studio.take(&spec).await.unwrap()
        };
        let jpeg = take(Output::image(Encoding::Jpeg(good))).await;
        assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]), "{frames:?}");
        assert!(take(Output::image(Encoding::Jpeg(poor))).await.len() < jpeg.len(), "{frames:?}");
        let webp = take(Output::image(Encoding::WebP(good))).await;
        assert_eq!((&webp[..4], &webp[8..12]), (&b"RIFF"[..], &b"WEBP"[..]), "{frames:?}");
        assert!(take(Output::image(Encoding::WebP(poor))).await.len() < webp.len(), "{frames:?}");
        let pdf = take(Output::Pdf(Box::default())).await;
        assert!(
            pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"),
            "{frames:?}"
        );
        assert!(pdf.len() > 5_000, "{frames:?}: {} bytes", pdf.len());
    }
}

#[tokio::test]
async fn a_full_page_is_as_high_as_its_content_and_its_hero_as_the_window() {
    for frames in [Frames::Driven, Frames::Free] {
        let studio = Studio::with_frames(frames).await;
        let mut spec = studio.spec("/long");
        spec.framing = full_page();
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!((pixels.width, pixels.height), (1280, 3000), "{frames:?}");
        assert_eq!(pixels.at(640, 799), "ff0000", "{frames:?}");
        assert_eq!(pixels.at(640, 800), "0000ff", "{frames:?}");
        assert_eq!(pixels.at(640, 2999), "0000ff", "{frames:?}");
    }
}

#[tokio::test]
async fn a_full_page_shows_what_loads_when_it_comes_into_view() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/lazy");
    spec.framing = full_page();
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(pixels.height, 6200);
    assert_eq!(pixels.at(50, 3050), "ff0000", "a lazy image");
    assert_eq!(pixels.at(50, 6150), "00ff00", "an element watched by the page");
}

#[tokio::test]
async fn scale_multiplies_pixels() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/bands");
    spec.viewport = Viewport { scale: 2.0, ..Viewport::desktop(300, 400) };
    for (framing, height) in [(Framing::default(), 800), (full_page(), 1600)] {
        spec.framing = framing;
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!((pixels.width, pixels.height), (600, height));
        assert_eq!(pixels.at(599, 399), "ff0000");
        assert_eq!(pixels.at(599, 400), "00ff00");
    }
}

#[tokio::test]
async fn a_window_of_any_size_is_filled() {
    let studio = Studio::open().await;
    for (width_px, height_px) in [(300, 200), (1280, 800), (1920, 1080), (2560, 1600)] {
        let mut spec = studio.spec("/pink");
        spec.viewport = Viewport::desktop(width_px, height_px);
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!((pixels.width, pixels.height), (width_px, height_px));
        assert_eq!(pixels.at(width_px - 1, height_px - 1), "ff00ff");
    }
}

#[tokio::test]
async fn html_is_drawn_with_what_it_links_to() {
    let studio = Studio::open().await;
    let html = format!(
        "<!doctype html><style>body{{margin:0;background:#00ff00}}</style>\
         <img style='display:block;width:100px;height:100px' src='{}'><img src=relative.png>",
        studio.site.url("/red.png")
    );
    let pixels = Pixels::read(&studio.take(&spec(Source::Html(html))).await.unwrap());
    assert_eq!(pixels.at(50, 50), "ff0000");
    assert_eq!(pixels.at(1000, 700), "00ff00");
    assert_eq!(studio.site.paths(), ["/red.png"]);
}

#[tokio::test]
async fn hosts_are_told_of_an_ordinary_chrome() {
    let studio = Studio::open().await;
    studio.take(&studio.spec("/text")).await.unwrap();
    let head = studio.site.heads().concat().to_lowercase();
    assert!(head.contains("user-agent: mozilla/5.0"), "{head}");
    assert!(head.contains(" chrome/"), "{head}");
    assert!(!head.contains("headless"), "{head}");
    assert!(!head.contains("proxy-connection"), "{head}");
}

#[tokio::test]
async fn two_captures_at_once_do_not_mix() {
    let studio = Studio::for_two().await;
    let (bands, mut long) = (studio.spec("/bands"), studio.spec("/long"));
    long.framing = full_page();
    for _ in 0..5 {
        let (bands, long) = tokio::join!(studio.take(&bands), studio.take(&long));
        assert_eq!(Pixels::read(&bands.unwrap()).at(640, 300), "00ff00");
        assert_eq!(Pixels::read(&long.unwrap()).at(640, 300), "ff0000");
    }
}
