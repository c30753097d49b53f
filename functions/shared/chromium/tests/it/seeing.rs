//! What is seen of a page: its facts, as far as something is told of them.

use darkroom_core::capture::{
    Area, CaptureSpec, Element, ElementCut, Framing, FullPage, Markup, Missing, Output, Rectangle,
    Resource, UrlPattern,
};
use darkroom_core::port::Camera;

use crate::site::html;
use crate::studio::{AMPLE, Studio};

/// What is found, in details.
async fn told(studio: &Studio, spec: &CaptureSpec) -> Vec<String> {
    let picture = studio.camera.capture(spec, AMPLE).await.unwrap();
    let findings = picture.report.verdict.findings.iter();
    findings.map(|it| format!("{}: {}", it.kind.name(), it.detail)).collect()
}

/// What is found on a page of the host with this body.
async fn told_of(studio: &Studio, body: &str) -> Vec<String> {
    told(studio, &studio.spec(&html(body))).await
}

const TEXT: &str = "<p>Bread is baked here every day but Sunday, of rye and of wheat.</p>";

#[tokio::test]
async fn images_are_missing_where_they_would_be_seen() {
    let studio = Studio::open().await;
    let url = studio.site.url("");
    let none: [&str; 0] = [];
    let image = |style: &str| format!("{TEXT}<img src=/none.png style='{style}'>");
    for style in [
        "width:1px;height:1px",
        "display:none",
        "visibility:hidden",
        "width:90px;height:90px;opacity:0",
        "width:90px;height:90px;position:absolute;top:2000px",
        "width:90px;height:90px;position:absolute;left:-900px",
    ] {
        assert_eq!(told_of(&studio, &image(style)).await, none, "{style}");
    }
    let seen = format!("{}<img src=/red.png width=90 height=90>", image("width:90px;height:90px"));
    let found = format!("images_missing: 1 of 2 images in view is missing: {url}/none.png");
    assert_eq!(told_of(&studio, &seen).await, [found.as_str()]);
    let in_shadow = format!(
        "{TEXT}<div><template shadowrootmode=open><img src=/none.png width=90 height=90></template></div>"
    );
    let alone = format!("images_missing: The image in view couldn't be had: {url}/none.png");
    assert_eq!(told_of(&studio, &in_shadow).await, [alone.as_str()]);
    let behind = format!("{TEXT}<div style='height:90px;background:url(/none.png)'></div>");
    assert_eq!(told_of(&studio, &behind).await, [alone.as_str()]);
}

#[tokio::test]
async fn what_counts_as_seen_is_what_is_drawn() {
    let studio = Studio::open().await;
    let body = format!(
        "{TEXT}<img src=/none.png width=90 height=90 style='position:absolute;top:2000px'>"
    );
    let window = studio.spec(&html(&body));
    let area = |area| Framing { area, beyond_viewport: true, ..Framing::default() };
    let page = CaptureSpec { framing: area(Area::FullPage(FullPage::default())), ..window.clone() };
    let clip = Rectangle { x: 0, y: 1_950, width: 300, height: 300 };
    let clip = CaptureSpec { framing: area(Area::Clip(clip)), ..window.clone() };
    let count =
        async |spec| told(&studio, spec).await.iter().filter(|it| it.starts_with("images")).count();
    assert_eq!(count(&window).await, 0);
    assert_eq!(count(&page).await, 1);
    assert_eq!(count(&clip).await, 1);
}

/// A text has no images, and what lies over the rest of the window isn't in the picture of a part.
#[tokio::test]
async fn what_is_not_drawn_is_not_told() {
    let studio = Studio::open().await;
    let banner = "<h1>News</h1><div id=ask style='position:fixed;bottom:0;width:100%;height:150px;background:#fff'>\
        <p>We use cookies on this site <button>Accept all</button></div>";
    let window = studio.spec(&html(&format!("{TEXT}{banner}")));
    let one = |selector: &str| {
        let mut spec = window.clone();
        spec.framing.element = Some(Element {
            selector: selector.to_owned(),
            cut: ElementCut::Box,
            scroll_into_view: true,
            missing: Missing::Fail,
        });
        spec
    };
    let (heading, asking) = (one("h1"), one("#ask"));
    let clip = |y| Rectangle { x: 0, y, width: 300, height: 100 };
    let part = |y| {
        let framing = Framing { area: Area::Clip(clip(y)), ..Framing::default() };
        CaptureSpec { framing, ..window.clone() }
    };
    for (spec, count) in [(&window, 1), (&heading, 0), (&asking, 0), (&part(0), 0), (&part(690), 1)]
    {
        let told = told(&studio, spec).await;
        assert_eq!(told.iter().filter(|it| it.starts_with("dialog")).count(), count, "{told:?}");
    }
    let mut text = studio.spec(&html(&format!("{TEXT}<img src=/none.png width=90 height=90>")));
    text.output = Output::Text(Markup::Plain);
    assert_eq!(told(&studio, &text).await, [""; 0]);
}

#[tokio::test]
async fn what_the_capture_blocks_is_not_missing() {
    let studio = Studio::open().await;
    let body = format!(
        "<link rel=stylesheet href=/none.css><style>@font-face{{font-family:F;src:url(/none.woff2)}}\
         p{{font-family:F}}</style>{TEXT}<img src=/none.png width=90 height=90>"
    );
    let plain = studio.spec(&html(&body));
    let kinds = |details: Vec<String>| -> Vec<String> {
        details.iter().map(|it| it.split(':').next().unwrap().to_owned()).collect()
    };
    let all = ["half_loaded", "fonts_missing", "images_missing"];
    assert_eq!(kinds(told(&studio, &plain).await), all);
    let mut by_pattern = plain.clone();
    by_pattern.blocking.requests.extend(UrlPattern::parse("*/none.*"));
    assert_eq!(told(&studio, &by_pattern).await, [""; 0]);
    let mut by_kind = plain;
    by_kind.blocking.resources = [Resource::Image, Resource::Font, Resource::Stylesheet].into();
    assert_eq!(told(&studio, &by_kind).await, [""; 0]);
}

#[tokio::test]
async fn fonts_are_missing_that_text_is_set_in() {
    let studio = Studio::open().await;
    let with = |source: &str, family: &str| {
        format!(
            "<style>@font-face{{font-family:'My Font';src:{source}}}p{{font-family:{family}}}</style>{TEXT}"
        )
    };
    let missing = "fonts_missing: Text is set in fonts that couldn't be had: “My Font”";
    assert_eq!(told_of(&studio, &with("url(/none.woff2)", "'My Font'")).await, [missing]);
    for (source, family) in [
        ("url(/none.woff2)", "serif"),
        ("local('No Such Font')", "'My Font'"),
        ("url(/none.woff2)", "'Other Font'"),
    ] {
        assert_eq!(told_of(&studio, &with(source, family)).await, [""; 0], "{source} {family}");
    }
}

#[tokio::test]
async fn a_sheet_is_missed_where_nothing_else_styles_the_page() {
    let studio = Studio::open().await;
    let url = studio.site.url("");
    let unstyled = "half_loaded: The page is hardly styled: its style sheet is missing";
    let missing = format!("{unstyled}, {url}/none.css");
    let page = |link: &str| format!("{link}{TEXT}");
    assert_eq!(told_of(&studio, &page("<link rel=stylesheet href=/none.css>")).await, [missing]);
    for link in [
        "<link rel=stylesheet href=/none.css media=print>",
        "<link rel='alternate stylesheet' href=/none.css title=dark>",
        "<link rel=stylesheet href=/none.css disabled>",
    ] {
        assert_eq!(told_of(&studio, &page(link)).await, [""; 0], "{link}");
    }
}

#[tokio::test]
async fn words_are_read_where_they_are_seen() {
    let studio = Studio::open().await;
    let error = "<h1>Page not found</h1>";
    let found = "error_page: HTTP status 200, but the page tells of an error: “page not found”";
    let shadow = format!("<div><template shadowrootmode=open>{error}</template></div>");
    let contents = format!("<div style='display:contents'>{error}</div>");
    for body in [error.to_owned(), shadow, contents] {
        assert_eq!(told_of(&studio, &body).await, [found], "{body}");
    }
    for style in [
        "display:none",
        "opacity:0",
        "visibility:hidden",
        "position:absolute;left:-9999px",
        "height:0;overflow:hidden",
    ] {
        let body = format!("{TEXT}<div style='{style}'>{error}</div>");
        assert_eq!(told_of(&studio, &body).await, [""; 0], "{style}");
    }
}

#[tokio::test]
async fn layers_are_met_wherever_they_are() {
    let studio = Studio::open().await;
    let page = TEXT.repeat(20);
    let banner = "<p>We use cookies to make this better.</p><button>Accept all</button>";
    let fixed = "position:fixed;bottom:0;left:0;right:0;background:#fff";
    let shadow = format!(
        "<div><template shadowrootmode=open><div style='{fixed}'>{banner}</div></template></div>"
    );
    let framed = format!(
        "<iframe style='{fixed};width:100%;height:200px;border:0' srcdoc='{banner}'></iframe>"
    );
    let modal = format!(
        "<dialog>{banner}</dialog><script>document.querySelector('dialog').showModal()</script>"
    );
    let popover = format!(
        "<div popover>{banner}</div><script>document.querySelector('[popover]').showPopover()</script>"
    );
    for layer in [format!("<div style='{fixed}'>{banner}</div>"), shadow, framed, modal, popover] {
        let told = told_of(&studio, &format!("{page}{layer}")).await;
        assert!(told.len() == 1 && told[0].contains("We use cookies"), "{layer}: {told:?}");
    }
    let shell = format!("<div style='position:fixed;inset:0;overflow:auto'>{page}{banner}</div>");
    let inline = format!("{page}{banner}");
    let hidden = format!("{page}<div style='{fixed};display:none'>{banner}</div>");
    for body in [shell, inline, hidden] {
        assert_eq!(told_of(&studio, &body).await, [""; 0], "{body}");
    }
}

#[tokio::test]
async fn blank_is_seen_by_pixels_and_without_them_by_the_document() {
    let studio = Studio::open().await;
    let pixels = "blank: The picture is of one colour all over";
    for body in [
        "",
        "<p style='color:#fff'>Bread is baked here every day but Sunday</p>",
        "<p>Bread</p><div style='position:fixed;inset:0;background:#fff;pointer-events:none'></div>",
        "<canvas width=300 height=300></canvas>",
    ] {
        assert_eq!(told_of(&studio, body).await, [pixels], "{body}");
    }
    let text = |body: &str| CaptureSpec {
        output: Output::Text(Markup::Plain),
        ..studio.spec(&html(body))
    };
    let document = "blank: The document has no words and nothing else to show";
    assert_eq!(told(&studio, &text("")).await, [document]);
    assert_eq!(told(&studio, &text("<canvas></canvas>")).await, [""; 0]);
    assert_eq!(told(&studio, &text(TEXT)).await, [""; 0]);
}
