//! Which part of a page is drawn.

use darkroom_chromium::Frames;
use darkroom_core::capture::{
    Area, Background, CaptureSpec, Effort, Element, ElementCut, Encoding, Framing, FullPage, Image,
    Missing, Output, Rectangle, Screen, Viewport,
};
use darkroom_core::failure::FailureKind;

use crate::site::html;
use crate::studio::{Pixels, Studio, document};

/// Rows of 100 px, each cut into four columns of 100 px, a colour to each cell.
fn cells() -> String {
    let cells = (0..30_u32).flat_map(|row| (0..4_u32).map(move |column| (row, column)));
    let cells = cells.map(|(row, column)| {
        let (left, top, colour) = (column * 100, row * 100, cell(row, column));
        format!("<i style='left:{left}px;top:{top}px;background:#{colour}'></i>")
    });
    let cells: String = cells.collect();
    format!("<style>i{{position:absolute;width:100px;height:100px}}</style>{cells}")
}

fn cell(row: u32, column: u32) -> String {
    format!("{:06x}", 0x10_00_00 + row * 0x100 + column)
}

fn clip(x: u32, y: u32, width: u32, height: u32) -> Framing {
    Framing {
        area: Area::Clip(Rectangle { x, y, width, height }),
        beyond_viewport: true,
        ..Framing::default()
    }
}

fn element(selector: &str) -> Framing {
    let element = Element {
        selector: selector.to_owned(),
        cut: ElementCut::Box,
        scroll_into_view: true,
        missing: Missing::Fail,
    };
    Framing { element: Some(element), beyond_viewport: true, ..Framing::default() }
}

fn capture(page: &str, framing: Framing) -> CaptureSpec {
    CaptureSpec { framing, ..document(page) }
}

#[tokio::test]
async fn a_clip_is_drawn_to_the_pixel_at_any_scale_whoever_draws_the_frames() {
    for frames in [Frames::Driven, Frames::Free] {
        let studio = Studio::with_frames(frames).await;
        for (scale, pixels_of_100) in [(1.0, 100), (1.5, 150), (2.0, 200), (3.0, 300), (5.0, 500)] {
            for (x, y) in [(100, 200), (0, 2_600)] {
                let mut spec = capture(&cells(), clip(x, y, 200, 300));
                spec.viewport.scale = scale;
                let case = format!("{frames:?}, scale {scale}, {x}, {y}");
                let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
                let size = (pixels.width, pixels.height);
                assert_eq!(size, (2 * pixels_of_100, 3 * pixels_of_100), "{case}");
                for (row, column) in [(0, 0), (0, 1), (1, 1), (2, 0), (2, 1)] {
                    let colour = cell(y / 100 + row, x / 100 + column);
                    let (left, top) = (column * pixels_of_100, row * pixels_of_100);
                    assert_eq!(pixels.at(left, top), colour, "{case}: {row}, {column}");
                    let (right, bottom) = (left + pixels_of_100 - 1, top + pixels_of_100 - 1);
                    assert_eq!(pixels.at(right, bottom), colour, "{case}: {row}, {column}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_clip_ends_with_the_window_unless_it_may_reach_beyond() {
    let studio = Studio::open().await;
    let mut framing = clip(100, 700, 200, 300);
    let beyond = Pixels::read(&studio.take(&capture(&cells(), framing.clone())).await.unwrap());
    assert_eq!((beyond.width, beyond.height), (200, 300));
    framing.beyond_viewport = false;
    let within = Pixels::read(&studio.take(&capture(&cells(), framing)).await.unwrap());
    assert_eq!((within.width, within.height), (200, 100));
    assert_eq!(within.at(199, 99), cell(7, 2));
}

#[tokio::test]
async fn a_clip_outside_the_page_fails_with_the_reason() {
    let studio = Studio::open().await;
    for (framing, place) in [
        (clip(0, 5_000, 10, 10), "outside the page"),
        (Framing { beyond_viewport: false, ..clip(0, 900, 10, 10) }, "outside the window"),
    ] {
        let failure = studio.take(&capture(&cells(), framing)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidOption);
        assert!(failure.message.contains(place), "{failure}");
    }
}

#[tokio::test]
async fn an_element_is_cut_out_at_its_border_box_wherever_it_lies() {
    let studio = Studio::open().await;
    for (style, size) in [
        ("left:40px;top:50px;width:60px;height:30px", (60, 30)),
        ("left:40px;top:2500px;width:60px;height:30px;border:5px solid #0000ff", (70, 40)),
        ("left:-20px;top:50px;width:60px;height:30px", (40, 30)),
        ("left:0;top:-10px;width:60px;height:30px", (60, 20)),
        ("left:0.5px;top:100.25px;width:60px;height:30px", (61, 31)),
        ("left:0;top:100px;width:60px;height:1500px", (60, 1_500)),
    ] {
        let page =
            format!("<p class=it style='position:absolute;margin:0;background:#0000ff;{style}'>");
        let spec = capture(&format!("{}{page}", cells()), element("p.it"));
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!((pixels.width, pixels.height), size, "{style}");
        let (x, y) = (size.0 / 2, size.1 / 2);
        assert_eq!(pixels.at(x, y), "0000ff", "{style}");
    }
}

#[tokio::test]
async fn an_element_in_a_shadow_tree_is_found_if_trees_are_pierced() {
    let studio = Studio::open().await;
    let page = "<div id=host></div><script>host.attachShadow({ mode: 'open' }).innerHTML = \
                '<b style=\"display:block;width:50px;height:20px;background:#00ff00\"></b>'</script>";
    let mut spec = capture(page, element("b"));
    let failure = studio.take(&spec).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::SelectorNotFound, "{failure}");
    spec.changes.pierces_shadow_trees = true;
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!((pixels.width, pixels.height), (50, 20));
    assert_eq!(pixels.at(25, 10), "00ff00");
}

#[tokio::test]
async fn an_element_that_is_not_there_fails_or_is_done_without() {
    let studio = Studio::open().await;
    for (selector, reason) in [("#none", "matches no element"), ("#hidden", "not to be seen")] {
        let page = format!("{}<p id=hidden style='display:none'>", cells());
        let mut spec = capture(&page, element(selector));
        let failure = studio.take(&spec).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::SelectorNotFound);
        assert!(failure.message.contains(reason), "{failure}");
        spec.framing.element.as_mut().unwrap().missing = Missing::Ignore;
        spec.framing.area = Area::Viewport;
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!((pixels.width, pixels.height), (1280, 800));
    }
}

#[tokio::test]
async fn an_element_that_moves_when_it_is_scrolled_to_is_drawn_where_it_is_or_was() {
    let studio = Studio::open().await;
    let page = "<body style='height:3000px;background:#0000ff'>\
                <p id=it style='position:absolute;top:2000px;margin:0;width:40px;height:40px;background:#00ff00'>\
                <script>onscroll = () => { it.style.top = '2100px' }</script>";
    for (cut, colour) in [(ElementCut::Box, "00ff00"), (ElementCut::Clip, "0000ff")] {
        let mut spec = capture(page, element("#it"));
        spec.framing.element.as_mut().unwrap().cut = cut;
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        assert_eq!((pixels.width, pixels.height), (40, 40), "{cut:?}");
        assert_eq!(pixels.at(20, 20), colour, "{cut:?}");
    }
}

#[tokio::test]
async fn a_transparent_picture_shows_nothing_where_the_page_paints_nothing() {
    let page = "<p style='margin:0;width:50px;height:50px;background:#ff0000'></p>\
                <p style='margin:0;width:50px;height:50px;background:#00ff0080'></p>";
    for frames in [Frames::Driven, Frames::Free] {
        let studio = Studio::with_frames(frames).await;
        for framing in [Framing::default(), clip(0, 0, 100, 200)] {
            for effort in [Effort::Fast, Effort::Small] {
                let mut spec = capture(page, framing.clone());
                spec.output = Output::Image(Image {
                    encoding: Encoding::Png(effort),
                    background: Background::Transparent,
                    resize: None,
                    more_sizes: Vec::new(),
                });
                let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
                let opacity = [25, 75, 150].map(|y| pixels.opacity(25, y));
                assert_eq!(opacity, [255, 128, 0], "{frames:?}, {framing:?}, {effort:?}");
            }
        }
    }
}

/// Four fields, 490 px wide and 1,500 px high, on a page that says nothing of phones.
const FIELDS: &str = "<style>i{float:left;width:490px;height:1500px}</style>\
    <i style='background:#ff0000'></i><i style='background:#00ff00'></i>\
    <i style='background:#0000ff'></i><i id=last style='background:#ff00ff'></i>";

#[tokio::test]
async fn a_phone_shows_all_of_a_page_that_has_no_viewport_tag_at_any_scale() {
    let screen = Screen { is_mobile: true, has_touch: true };
    let whole = Area::FullPage(FullPage::default());
    let whole = Framing { area: whole, beyond_viewport: true, ..Framing::default() };
    let cut = Framing { beyond_viewport: false, ..clip(0, 1_000, 980, 3_000) };
    let fields = ["ff0000", "00ff00", "0000ff", "ff00ff"];
    for frames in [Frames::Driven, Frames::Free] {
        let studio = Studio::with_frames(frames).await;
        for scale in [1, 2, 3] {
            // Such a page is laid out 980 px wide, and this window shows 2,121 px of
            // its height.
            for (framing, width, height, expected) in [
                (Framing::default(), 390, 844, fields),
                (whole.clone(), 980, 3_000, fields),
                (clip(0, 1_000, 980, 1_000), 980, 1_000, fields),
                (cut.clone(), 980, 1_121, fields),
                (element("#last"), 490, 1_500, ["ff00ff"; 4]),
            ] {
                let case = format!("{frames:?}, scale {scale}, {framing:?}");
                let mut spec = capture(FIELDS, framing);
                spec.viewport = Viewport { screen, ..Viewport::desktop(390, 844) };
                spec.viewport.scale = f64::from(scale);
                let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
                let (right, bottom) = (pixels.width - 1, pixels.height - 1);
                assert_eq!((right + 1, bottom + 1), (width * scale, height * scale), "{case}");
                let corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)];
                assert_eq!(corners.map(|(x, y)| pixels.at(x, y)), expected, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_window_that_is_drawn_after_an_element_of_an_older_document_is_the_window() {
    let studio = Studio::open().await;
    let to = studio.site.url("/pink");
    // Stripes, so that the drawing takes longer than the way to the other document.
    let page = format!(
        "<p style='height:1000px'>a<p id=it style='height:30000px;\
         background:repeating-linear-gradient(45deg,#0000ff,#00ff00 9px)'>\
         <script>onscroll = () => setTimeout(() => {{ location.href = '{to}' }}, 60)</script>"
    );
    let mut spec = studio.spec(&html(&page));
    spec.framing = element("#it");
    spec.framing.element.as_mut().unwrap().missing = Missing::Ignore;
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!((pixels.width, pixels.height), (1280, 800));
    assert_eq!(pixels.at(1279, 799), "ff00ff");
}
