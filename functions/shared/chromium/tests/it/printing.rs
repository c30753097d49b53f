//! How pages are printed. Chromium leaves the objects of a PDF readable, only their
//! streams are packed; so a sheet is found as its words.

use std::time::Duration;

use darkroom_core::capture::{
    CaptureSpec, Fit, Margins, Media, Orientation, Outline, Output, Paper, PaperSize, Print,
    Reveal, Source, Tagging,
};
use darkroom_core::failure::FailureKind;
use darkroom_core::port::{Camera, Content};

use crate::studio::{AMPLE, Pixels, Studio, spec};

/// Five sheets of A4, with headings.
const SHEETS: &str = "<!doctype html><title>t</title><body style='background:#00ff00'>\
    <h1>one</h1><p>a<p style='break-before:page'>2<p style='break-before:page'>3\
    <h2 style='break-before:page'>four</h2><p style='break-before:page'>5";

async fn print(studio: &Studio, html: &str, print: Print) -> Result<String, FailureKind> {
    let source = spec(Source::Html(html.to_owned()));
    let spec = CaptureSpec { output: Output::Pdf(Box::new(print)), ..source };
    let file = studio.take(&spec).await.map_err(|failure| failure.kind)?;
    Ok(file.iter().map(|&byte| char::from(byte)).collect())
}

/// Width and height of each sheet, in points.
fn sheets(pdf: &str) -> Vec<(f64, f64)> {
    let boxes = pdf.split("/MediaBox [").skip(1);
    let side = |text: &str| text.parse::<f64>().unwrap();
    boxes
        .map(|rest| {
            let sides: Vec<_> = rest.split(']').next().unwrap().split_whitespace().collect();
            (side(sides[2]), side(sides[3]))
        })
        .collect()
}

#[tokio::test]
async fn a_sheet_is_as_large_as_asked() {
    let studio = Studio::open().await;
    let of_page = "<style>@page { size: 400pt 300pt }</style>p";
    let custom = Paper::Custom { width_in: 3.0, height_in: 5.0 };
    for (html, paper, width, height) in [
        ("p", Paper::Size(PaperSize::A4), 595.0, 842.0),
        ("p", Paper::Size(PaperSize::A0), 2384.0, 3370.0),
        ("p", Paper::Size(PaperSize::Letter), 612.0, 792.0),
        ("p", custom, 216.0, 360.0),
        (of_page, Paper::OfPage, 400.0, 300.0),
        ("p", Paper::OfPage, 595.0, 842.0),
        // Chromium turns a sheet the way that the page's rule lies.
        (of_page, Paper::Size(PaperSize::A4), 842.0, 595.0),
    ] {
        let pdf = print(&studio, html, Print { paper, ..Print::default() }).await.unwrap();
        assert!(near(sheets(&pdf)[0], (width, height)), "{paper:?}: {:?}", sheets(&pdf));
        let orientation = Orientation::Landscape;
        if html == "p" {
            let print_ = Print { paper, orientation, ..Print::default() };
            let pdf = print(&studio, html, print_).await.unwrap();
            assert!(near(sheets(&pdf)[0], (height, width)), "{paper:?}: {:?}", sheets(&pdf));
        }
    }
}

/// Chromium rounds to pixels, 4/3 to a point.
fn near(sheet: (f64, f64), wanted: (f64, f64)) -> bool {
    (sheet.0 - wanted.0).abs() <= 1.5 && (sheet.1 - wanted.1).abs() <= 1.5
}

#[tokio::test]
async fn only_the_sheets_that_are_asked_for_are_printed() {
    let studio = Studio::open().await;
    for (ranges, count) in [("", 5), ("2", 1), ("1-2, 4", 3), ("4-", 2), ("-3", 3), ("4-9", 2)] {
        let print_ = Print { page_ranges: ranges.to_owned(), ..Print::default() };
        let pdf = print(&studio, SHEETS, print_).await.unwrap();
        assert_eq!(sheets(&pdf).len(), count, "{ranges}");
    }
    let print_ = Print { page_ranges: "7-9".to_owned(), ..Print::default() };
    let kind = print(&studio, SHEETS, print_).await.unwrap_err();
    assert_eq!(kind, FailureKind::InvalidOption);
}

#[tokio::test]
async fn everything_fits_on_one_sheet_where_asked() {
    let studio = Studio::open().await;
    let rows = |count: usize| {
        "<!doctype html><style>body{margin:0}div{height:96px}</style>".to_owned()
            + &"<div>row</div>".repeat(count)
    };
    let landscape = "<style>@page { size: 500pt 300pt; }</style>";
    let for_print = "<style>@media print { .more { height: 960px } }</style><div class=more></div>";
    for (html, scale, least, most) in [
        (rows(50), 1.0, 50.8, 51.0),
        (rows(50), 0.5, 25.8, 26.0),
        (rows(2), 1.0, 2.8, 3.0),
        (format!("{}<style>body{{min-height:100vh}}</style>", rows(50)), 1.0, 50.8, 51.0),
        (format!("{}<p style='height:100vh;margin:0'>", rows(5)), 1.0, 13.0, 15.0),
        (format!("{landscape}{}", rows(30)), 1.0, 30.8, 31.0),
        (format!("{}{for_print}", rows(20)), 1.0, 30.8, 31.0),
        (SHEETS.to_owned(), 1.0, 2.0, 6.0),
        (format!("{}<p style='position:absolute;top:2000px'>low", rows(2)), 1.0, 21.0, 24.0),
    ] {
        let print_ = Print { fit: Fit::OnePage, scale, ..Print::default() };
        let pdf = print(&studio, &html, print_).await.unwrap();
        let [(width, height)] = sheets(&pdf)[..] else {
            panic!("{:?}", sheets(&pdf));
        };
        assert!((width - 595.0).abs() <= 1.5, "{width}");
        assert!((least * 72.0..most * 72.0).contains(&height), "{} in: {html:.80}", height / 72.0);
    }
    let margins = Margins { top_in: 0.0, right_in: 0.0, bottom_in: 0.0, left_in: 0.0 };
    let print_ = Print { fit: Fit::OnePage, margins, ..Print::default() };
    assert_eq!(sheets(&print(&studio, "<body style='margin:0'>", print_).await.unwrap()).len(), 1);
    let print_ = Print { fit: Fit::OnePage, ..Print::default() };
    assert_eq!(print(&studio, &rows(210), print_).await.unwrap_err(), FailureKind::TooLarge);
}

#[tokio::test]
async fn one_sheet_is_as_tall_as_the_page_is_in_the_medium_that_is_printed() {
    let studio = Studio::open().await;
    let html = "<!doctype html><style>body{margin:0}div{height:960px}\
        @media print{.screen{display:none}}@media screen{.print{display:none}}</style>\
        <div>a</div><div class=screen>b</div><div class=screen>c</div><div class=print>d</div>";
    for (media, inches) in [(None, 20.8), (Some(Media::Print), 20.8), (Some(Media::Screen), 30.8)] {
        let source = spec(Source::Html(html.to_owned()));
        let print = Print { fit: Fit::OnePage, ..Print::default() };
        let mut spec = CaptureSpec { output: Output::Pdf(Box::new(print)), ..source };
        spec.emulation.media = media;
        let file = studio.take(&spec).await.unwrap();
        let pdf: String = file.iter().map(|&byte| char::from(byte)).collect();
        let [(_, height)] = sheets(&pdf)[..] else {
            panic!("{:?}", sheets(&pdf));
        };
        assert!((inches..inches + 0.2).contains(&(height / 72.0)), "{media:?}: {height}");
    }
}

#[tokio::test]
async fn what_shows_when_it_comes_into_view_is_printed_where_a_scroll_is_asked_for() {
    let studio = Studio::open().await;
    let rows = "<div style='height:20000px'></div>";
    let image = studio.site.url("/red.png");
    // Images that are lazy by themselves Chromium loads when it prints.
    let html = format!(
        "<!doctype html>{rows}<img id=it width=9 height=9>{rows}<script>\
         new IntersectionObserver(([entry]) => {{ if (entry.isIntersecting) it.src = '{image}' }})\
         .observe(it)</script>"
    );
    for reveal in [None, Some(Reveal::default())] {
        let source = spec(Source::Html(html.clone()));
        let mut spec = CaptureSpec { output: Output::Pdf(Box::default()), ..source };
        spec.framing.reveal = reveal.clone();
        let file = studio.take(&spec).await.unwrap();
        let text: String = file.iter().map(|&byte| char::from(byte)).collect();
        assert_eq!(text.contains("/Subtype /Image"), reveal.is_some(), "{reveal:?}");
        assert!(sheets(&text).len() > 35, "all of the page is printed");
    }
}

#[tokio::test]
async fn tags_and_an_outline_are_there_where_asked() {
    let studio = Studio::open().await;
    for (tagging, outline, has_tags, has_outline) in [
        (Tagging::No, Outline::No, false, false),
        (Tagging::Yes, Outline::No, true, false),
        (Tagging::No, Outline::Yes, true, true),
    ] {
        let pdf = print(&studio, SHEETS, Print { tagging, outline, ..Print::default() }).await;
        let pdf = pdf.unwrap();
        assert_eq!(pdf.contains("/StructTreeRoot"), has_tags, "{tagging:?} {outline:?}");
        assert_eq!(pdf.contains("/Outlines"), has_outline, "{tagging:?} {outline:?}");
    }
}

#[tokio::test]
async fn of_a_header_and_a_footer_none_is_there_that_was_not_asked_for() {
    let studio = Studio::open().await;
    let text = || Some("<b style='font-size:20px'>Zq</b>".to_owned());
    let fonts = |pdf: &str| pdf.matches("/Type /FontDescriptor").count();
    let html = "<!doctype html><title>A title</title>";
    let empty = print(&studio, html, Print::default()).await.unwrap();
    assert_eq!(fonts(&empty), 0);
    for print_ in
        [Print { header: text(), ..Print::default() }, Print { footer: text(), ..Print::default() }]
    {
        // Of what Chromium would print by itself (date, title, address), nothing.
        assert_eq!(fonts(&print(&studio, html, print_).await.unwrap()), 1);
    }
}

/// A page whose PDF is some 20 MB: noise doesn't pack.
const NOISE: &str = "<!doctype html><canvas width=2600 height=2600></canvas><script>\
    const context = document.querySelector('canvas').getContext('2d');\
    const image = context.createImageData(2600, 2600);\
    const pixels = new Uint32Array(image.data.buffer); let seed = 1;\
    for (let i = 0; i < pixels.length; i++) {\
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; pixels[i] = seed | 0xff000000 }\
    context.putImageData(image, 0, 0)</script>";

#[tokio::test]
async fn a_large_pdf_is_passed_on_while_it_is_read() {
    let studio = Studio::open().await;
    let noise = spec(Source::Html(NOISE.to_owned()));
    let noise = CaptureSpec { output: Output::Pdf(Box::default()), ..noise };
    let picture = studio.camera.capture(&noise, AMPLE).await.unwrap();
    assert!(matches!(picture.content, Content::Stream(_)));
    // Another capture goes on meanwhile.
    let bands = studio.take(&studio.spec("/bands")).await.unwrap();
    assert_eq!(Pixels::read(&bands).at(640, 300), "00ff00");
    let file = picture.content.collect().await.unwrap();
    assert!(file.len() > 10_000_000, "{} bytes", file.len());
    assert!(file.starts_with(b"%PDF-") && file.trim_ascii_end().ends_with(b"%%EOF"));

    // The deadline of the capture is that of its stream.
    let budget = Duration::from_secs(8);
    let picture = studio.camera.capture(&noise, budget).await.unwrap();
    tokio::time::sleep(budget).await;
    let failure = picture.content.collect().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
    assert!(failure.message.contains("while the file was read"), "{failure}");
}
