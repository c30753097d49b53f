//! Whole pages: what loads on the way down, how tall they may be, what stands once.

use std::fmt::Write;
use std::time::{Duration, Instant};

use darkroom_chromium::Frames;
use darkroom_core::capture::{
    Area, Assembly, CaptureSpec, Framing, FullPage, LifecycleEvent, Reveal, Sticky, Viewport,
};
use darkroom_core::failure::FailureKind;

use crate::site::html;
use crate::studio::{AMPLE, Pixels, Studio, document, full_page};

/// For what takes seconds where nothing else goes on.
const LONG: Duration = Duration::from_secs(180);

/// A page of bands of 50 px, each of its own colour.
fn bands(height_px: u32) -> String {
    format!(
        "<style>i{{display:block;height:50px}}</style><script>let all = '';\
         for (let i = 0; i < {height_px} / 50; i++) all += \
         `<i style=\"background:#${{(0x100000 + i).toString(16)}}\"></i>`;\
         document.write(all)</script>"
    )
}

fn assert_bands(pixels: &Pixels, band_px: u32, case: &str) {
    for band in 0..pixels.height / band_px {
        let colour = format!("{:06x}", 0x10_00_00 + band);
        for row in [0, band_px - 1] {
            let y = band * band_px + row;
            assert_eq!(pixels.at(0, y), colour, "{case}, row {y}");
            assert_eq!(pixels.at(pixels.width - 1, y), colour, "{case}, row {y}");
        }
    }
}

/// A page of bands of 50 px, across each of which stands its number: 16 cells, black
/// for the bits that it has.
fn numbered(height_px: u32) -> CaptureSpec {
    let body = format!(
        "<style>i{{display:block;height:50px;position:relative;background:#fff}}\
         b{{position:absolute;width:6.25%;height:100%;background:#000}}</style><script>let all = '';\
         for (let i = 0; i < {height_px} / 50; i++) {{ all += '<i>';\
         for (let bit = 0; bit < 16; bit++) if (i >> bit & 1) all += `<b style=left:${{bit * 6.25}}%></b>`;\
         all += '</i>' }} document.write(all)</script>"
    );
    CaptureSpec { framing: full_page(), ..document(&body) }
}

/// Reads the number of the band that each row belongs to.
fn assert_numbered(file: &[u8], (width, height): (u32, u32), scale: u32, case: &str) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    assert_eq!((reader.info().width, reader.info().height), (width, height), "{case}");
    let channels = reader.info().color_type.samples();
    let cell = width as usize / 16;
    for y in 0..height {
        let row = reader.next_row().unwrap().unwrap();
        // Both edges of each cell tell the same.
        let [left, right] = [0, cell - 1].map(|x| {
            let is_black = |bit: usize| row.data()[(bit * cell + x) * channels] == 0;
            (0..16).filter(|&bit| is_black(bit)).map(|bit| 1_u32 << bit).sum::<u32>()
        });
        let band = y / (50 * scale);
        assert_eq!((left, right), (band, band), "{case}, row {y}");
    }
}

fn whole(body: &str, full: FullPage) -> CaptureSpec {
    let framing = Framing { area: Area::FullPage(full), ..full_page() };
    CaptureSpec { framing, viewport: Viewport::desktop(400, 800), ..document(body) }
}

fn in_sections() -> FullPage {
    FullPage { assembly: Assembly::Sections, ..FullPage::default() }
}

#[tokio::test]
async fn every_row_of_a_tall_page_is_where_it_belongs_by_the_browsers_own_clock() {
    let studio = Studio::with_frames(Frames::Free).await;
    for (height, scale) in [(5_000, 1), (16_500, 1), (16_500, 2), (40_000, 1), (100_000, 1)] {
        let mut spec = whole(&bands(height), FullPage::default());
        spec.viewport.scale = f64::from(scale);
        let case = format!("{height} px at scale {scale}");
        let pixels = Pixels::read(&studio.take_within(&spec, LONG).await.unwrap());
        assert_eq!((pixels.width, pixels.height), (400 * scale, height * scale), "{case}");
        assert_bands(&pixels, 50 * scale, &case);
    }
}

#[tokio::test]
async fn every_row_of_a_tall_page_has_its_number_at_the_usual_width() {
    let studio = Studio::open().await;
    for (height, scale) in [(5_000, 1), (16_500, 1), (16_500, 2), (40_000, 1), (100_000, 1)] {
        let mut spec = numbered(height);
        spec.viewport.scale = f64::from(scale);
        let case = format!("{height} px at scale {scale}");
        let file = studio.take_within(&spec, LONG).await.unwrap();
        assert_numbered(&file, (1280 * scale, height * scale), scale, &case);
    }
}

#[tokio::test]
async fn sections_fit_together_at_any_scale() {
    let studio = Studio::open().await;
    for scale in [1.0, 1.5, 2.0] {
        let mut spec = whole(&bands(4_150), in_sections());
        spec.viewport.scale = scale;
        let pixels = Pixels::read(&studio.take_within(&spec, LONG).await.unwrap());
        let band_px = if scale > 1.9 {
            100
        } else if scale > 1.4 {
            75
        } else {
            50
        };
        assert_eq!(pixels.height, 83 * band_px, "{scale}");
        assert_bands(&pixels, band_px, &format!("scale {scale}"));
    }
}

#[tokio::test]
async fn all_of_48_lazy_images_are_drawn() {
    let studio = Studio::open().await;
    let image = studio.site.url("/red.png");
    let mut page = String::from("<style>div{height:200px}img{display:block}</style>");
    for index in 0..48 {
        write!(page, "<div><img loading=lazy width=100 height=100 src='{image}?{index}'></div>")
            .unwrap();
    }
    let spec = whole(&page, FullPage::default());
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    let red = (0..48).filter(|index| pixels.at(50, index * 200 + 50) == "ff0000").count();
    assert_eq!((pixels.height, red), (9_600, 48));
}

#[tokio::test]
async fn content_that_shows_only_in_the_window_is_there_in_sections() {
    let studio = Studio::open().await;
    let page = "<style>p{margin:0;height:100px}</style><body><script>\
        const watch = new IntersectionObserver((entries) => { for (const { target, isIntersecting } of entries) \
        target.style.background = isIntersecting ? '#00ff00' : '#ff0000' });\
        for (let i = 0; i < 40; i++) { const p = document.createElement('p'); \
        document.body.append(p); watch.observe(p) }</script>";
    let pixels = Pixels::read(&studio.take(&whole(page, in_sections())).await.unwrap());
    let shown = (0..40).filter(|row| pixels.at(200, row * 100 + 50) == "00ff00").count();
    assert_eq!((pixels.height, shown), (4_000, 40));
}

#[tokio::test]
async fn a_script_that_removes_itself_is_known_to_have_run() {
    let studio = Studio::open().await;
    let page = "<div style='height:3000px'></div><p id=seen style='margin:0;height:100px'></p><script>\
        new IntersectionObserver(([entry]) => { if (entry.isIntersecting) \
        document.getElementById('seen').style.background = '#00ff00' }).observe(document.getElementById('seen'));\
        document.currentScript.remove()</script>";
    let pixels = Pixels::read(&studio.take(&whole(page, FullPage::default())).await.unwrap());
    assert_eq!(pixels.at(200, 3_050), "00ff00");
}

#[tokio::test]
async fn images_in_shadow_trees_are_waited_for() {
    let studio = Studio::open().await;
    let image = studio.site.url("/slow-image");
    let tree =
        |inside: &str| format!("<div><template shadowrootmode=open>{inside}</template></div>");
    let lazy =
        format!("<img loading=lazy width=100 height=100 style='display:block' src='{image}?lazy'>");
    let page = tree(&format!("<p style='margin:0;height:4000px'></p>{}", tree(&lazy)));
    for full in [FullPage::default(), in_sections()] {
        let mut spec = whole(&page, full.clone());
        // Shorter than the image takes: what has begun to come is waited for at the end.
        spec.framing.reveal =
            Some(Reveal { delay: Duration::from_millis(20), ..Reveal::default() });
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!((pixels.height, &*pixels.at(50, 4_050)), (4_100, "ff0000"), "{full:?}");
    }
}

#[tokio::test]
async fn what_is_not_drawn_is_neither_asked_for_nor_waited_for() {
    let studio = Studio::open().await;
    let image = studio.site.url("/hang");
    let below = format!(
        "<p style='margin:0;height:9000px'></p><img loading=lazy width=9 height=9 src='{image}?below'>"
    );
    let hidden = format!("<img loading=lazy style='display:none' src='{image}?hidden'>");
    let cut = FullPage { max_height_px: Some(2_000), ..FullPage::default() };
    for script in ["", "<script>1</script>"] {
        for (page, full) in [(&below, cut.clone()), (&hidden, FullPage::default())] {
            let begun = Instant::now();
            studio.take(&whole(&format!("{page}{script}"), full)).await.unwrap();
            // The last images of a page may take three.
            assert!(begun.elapsed() < Duration::from_millis(2_500), "{page}{script}");
        }
    }
    assert!(!studio.site.paths().iter().any(|path| path.starts_with("/hang")));
}

#[tokio::test]
async fn a_page_that_grows_is_followed_and_cut_off() {
    let studio = Studio::open().await;
    // Each time that its end comes into view, another 1,000 px come from the host.
    let more = studio.site.url("/slow-more");
    let page = |times: u32| {
        format!(
            "<style>p{{margin:0;height:1000px;background:#00ff00}}</style><p></p><p></p><b id=end></b><script>\
             let left = {times};\
             new IntersectionObserver(async ([entry], watch) => {{ while (entry.isIntersecting && left-- > 0) {{\
             watch.unobserve(end); await fetch('{more}', {{ mode: 'no-cors' }});\
             end.before(document.createElement('p')); watch.observe(end); return }} }}).observe(end)</script>"
        )
    };
    let pixels = Pixels::read(&studio.take(&whole(&page(5), FullPage::default())).await.unwrap());
    assert_eq!(pixels.height, 7_000, "followed to its end");
    let cut = FullPage { max_height_px: Some(4_500), ..FullPage::default() };
    let pixels = Pixels::read(&studio.take(&whole(&page(1_000), cut)).await.unwrap());
    assert_eq!(pixels.height, 4_500, "cut off");
    assert_eq!(pixels.at(200, 4_499), "00ff00");
}

#[tokio::test]
async fn bars_stand_once_or_wherever_the_page_was_scrolled_to_as_asked() {
    let studio = Studio::open().await;
    let page = "<body style='height:4000px;background:#00ff00'>\
        <header style='position:sticky;top:0;height:50px;background:#ff0000'></header>\
        <nav style='position:fixed;bottom:0;width:100%;height:40px;background:#ff00ff'></nav>\
        <p style='margin:0;height:3900px'></p>\
        <footer style='position:sticky;bottom:40px;height:50px;background:#0000ff'></footer>\
        <script>scrollTo(0, 1000)</script>";
    let once = [vec![(0, 50)], vec![(760, 40)], vec![(710, 50)]];
    let scrolled = [vec![(1_000, 50)], vec![(1_760, 40)], vec![(1_710, 50)]];
    let windows = |top: u32, height: u32| -> Vec<_> {
        (0..5).map(|window| (window * 800 + top, height)).collect()
    };
    let each = [windows(0, 50), windows(760, 40), windows(710, 50)];
    for (assembly, sticky, expected) in [
        (Assembly::Automatic, Sticky::Once, &once),
        (Assembly::Automatic, Sticky::AsIs, &scrolled),
        (Assembly::Sections, Sticky::Once, &once),
        (Assembly::Sections, Sticky::AsIs, &each),
    ] {
        let mut spec = whole(page, FullPage { assembly, sticky, ..FullPage::default() });
        spec.framing.reveal = None;
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!(pixels.height, 4_000);
        let found = ["ff0000", "ff00ff", "0000ff"].map(|colour| bars(&pixels, colour));
        assert_eq!(found, *expected, "{assembly:?}, {sticky:?}");
    }
}

/// Where rows of this colour begin to stand together, and how many do.
fn bars(pixels: &Pixels, colour: &str) -> Vec<(u32, u32)> {
    let mut bars: Vec<(u32, u32)> = Vec::new();
    for y in (0..pixels.height).filter(|&y| pixels.at(200, y) == colour) {
        match bars.last_mut() {
            Some((top, height)) if *top + *height == y => *height += 1,
            _ => bars.push((y, 1)),
        }
    }
    bars
}

#[tokio::test]
async fn bars_stand_once_and_a_hero_stays_as_high_as_the_window() {
    let studio = Studio::open().await;
    let page = "<header style='position:sticky;top:0;height:50px;background:#ff0000'></header>\
        <div style='height:100vh;background:#0000ff'></div><div style='height:3000px;background:#00ff00'></div>\
        <footer style='position:fixed;bottom:0;width:100%;height:40px;background:#ff00ff'></footer>";
    for assembly in [Assembly::Automatic, Assembly::Sections] {
        let full = FullPage { assembly, ..FullPage::default() };
        let pixels = Pixels::read(&studio.take(&whole(page, full)).await.unwrap());
        assert_eq!(pixels.height, 3_850, "{assembly:?}");
        let rows =
            |colour: &str| (0..pixels.height).filter(|&y| pixels.at(200, y) == colour).count();
        let found = ["ff0000", "ff00ff", "0000ff"].map(rows);
        assert_eq!(found, [50, 40, 710 + 50], "{assembly:?}");
    }
}

#[tokio::test]
async fn a_picture_of_many_sections_may_take_longer_than_one_that_is_stuck() {
    let studio = Studio::open().await;
    // In each window an image is waited for, in vain and for 400 ms.
    let windows = "<p style='margin:0;height:800px'><img src=/hang width=9 height=9>".repeat(12);
    let mut spec = studio.spec(&html(&windows));
    spec.viewport = Viewport::desktop(400, 800);
    spec.framing = Framing { area: Area::FullPage(in_sections()), ..Framing::default() };
    spec.wait.until = vec![LifecycleEvent::DomContentLoaded];
    let pixels = studio.take_within(&spec, Duration::from_secs(12)).await.unwrap();
    assert_eq!(Pixels::read(&pixels).height, 9_600);
    let visits = studio.site.paths().iter().filter(|path| path.starts_with("/html")).count();
    assert_eq!(visits, 1, "no other browser has to draw it");
}

#[tokio::test]
async fn a_page_wider_than_the_window_is_drawn_as_wide_as_it_is() {
    let studio = Studio::open().await;
    let page = "<div style='width:700px;height:900px;background:#00ff00'></div>";
    let pixels = Pixels::read(&studio.take(&whole(page, FullPage::default())).await.unwrap());
    assert_eq!((pixels.width, pixels.height), (700, 900));
    assert_eq!(pixels.at(699, 899), "00ff00");
}

#[tokio::test]
async fn a_page_without_an_end_is_followed_for_40_000_pixels() {
    let studio = Studio::open().await;
    let endless = "<style>p{margin:0;height:3000px;background:#00ff00}</style><p></p><p></p><b id=end></b><script>\
        const add = () => end.before(document.createElement('p'));\
        new IntersectionObserver(([{ isIntersecting }], watch) => { if (!isIntersecting) return;\
        add(); watch.unobserve(end); watch.observe(end) }).observe(end)</script>";
    for scale in [1, 2] {
        let mut spec = whole(endless, FullPage::default());
        // Few steps, so that no limit of time ends them.
        spec.viewport =
            Viewport { scale: f64::from(scale), ..Viewport::desktop(100, 3_000 / scale) };
        let pixels = Pixels::read(&studio.take_within(&spec, LONG).await.unwrap());
        assert!((40_000..50_000).contains(&pixels.height), "{} at scale {scale}", pixels.height);
        assert_eq!(pixels.at(50, pixels.height - 1), "00ff00");
    }
}

#[tokio::test]
async fn what_is_too_tall_is_refused_with_a_way_out() {
    let studio = Studio::open().await;
    let mut spec = whole("<div style='height:30000px'></div>", FullPage::default());
    spec.viewport = Viewport { scale: 5.0, ..Viewport::desktop(1280, 800) };
    spec.framing.reveal = None;
    let failure = studio.take_within(&spec, AMPLE).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLarge);
    assert!(failure.message.contains("6400 by 150000 pixels"), "{failure}");
    assert!(failure.message.contains("a smaller scale"), "{failure}");
    assert!(failure.message.contains("a limit to its height"), "{failure}");
}
