//! What a page tells about itself beside its picture.

use std::collections::BTreeSet;

use darkroom_core::artifact::FileKind;
use darkroom_core::capture::{
    Background, Canvas, CaptureSpec, Clip, Container, Effort, Encoding, Fact, HostErrors, Image,
    Inquiry, Markup, Output, Quality, Record, Resize, Source,
};
use darkroom_core::port::Camera as _;
use darkroom_core::report::{Datum, FontStack, Icon, PixelSize, Property};

use crate::site::html;
use crate::studio::{AMPLE, Studio, document, spec};

const PAGE: &str = "\
    <link rel='shortcut icon' href=/small.png sizes='16x16' type=image/png>\
    <link rel=icon href=/large.png sizes='32x32 192x192' type=image/png>\
    <link rel=apple-touch-icon href=/touch.png sizes=1024x1024>\
    <meta property=og:title content='A \"title\"'><meta property=og:image content=/a.png>\
    <meta property=og:image content=/b.png><meta name=og:type content=website>\
    <meta property=twitter:title content=other>\
    <style>body { font-family: 'My, Font', Georgia, serif } code { font-family: monospace }\
    .none { font-family: Unseen; display: none }</style>\
    <h1>One</h1><p>Two <b></b><code>three</code></p><p class=none>hidden</p>\
    <div id=host></div><script>document.title = ' Straße & «more» '; host.attachShadow({ mode: 'open' }).innerHTML =\
    '<i style=\"font-family: Inner\">four</i>'</script>";

fn asking(facts: &[Fact], spec: CaptureSpec) -> CaptureSpec {
    let facts = facts.iter().copied().collect::<BTreeSet<_>>();
    CaptureSpec { inquiry: Inquiry { facts, ..Inquiry::default() }, ..spec }
}

async fn told(studio: &Studio, spec: &CaptureSpec) -> Vec<Datum> {
    studio.camera.capture(spec, AMPLE).await.unwrap().report.metadata
}

fn property(name: &str, value: &str) -> Property {
    Property { name: name.to_owned(), value: value.to_owned() }
}

fn stack(first: &str, fallback: &[&str], elements: &[&str]) -> FontStack {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    FontStack { first: first.to_owned(), fallback: owned(fallback), elements: owned(elements) }
}

#[tokio::test]
async fn every_field_of_a_page_is_told() {
    let studio = Studio::open().await;
    let facts = [
        Fact::ImageSize,
        Fact::Fonts,
        Fact::PageTitle,
        Fact::OpenGraph,
        Fact::Icon,
        Fact::StatusCode,
        Fact::Verdict,
    ];
    let spec = asking(&facts, studio.spec(&html(PAGE)));
    let icon =
        Icon { url: studio.site.url("/large.png"), media_type: Some("image/png".to_owned()) };
    let expected = [
        Datum::ImageSize(Some(PixelSize { width: 1_280, height: 800 })),
        Datum::Fonts(vec![
            stack("My, Font", &["Georgia", "serif"], &["h1", "p"]),
            stack("monospace", &[], &["code"]),
            stack("Inner", &[], &["i"]),
        ]),
        Datum::PageTitle("Straße & «more»".to_owned()),
        Datum::OpenGraph(vec![
            property("title", "A \"title\""),
            property("image", "/a.png"),
            property("image", "/b.png"),
            property("type", "website"),
        ]),
        Datum::Icon(Some(icon)),
        Datum::StatusCode,
        Datum::Verdict,
    ];
    assert_eq!(told(&studio, &spec).await, expected);
}

#[tokio::test]
async fn a_page_that_says_nothing_of_itself_has_its_hosts_icon_if_it_has_a_host() {
    let studio = Studio::open().await;
    let facts = [Fact::Fonts, Fact::PageTitle, Fact::OpenGraph, Fact::Icon];
    let nothing = |title: &str, icon: Option<Icon>| {
        [
            Datum::Fonts(Vec::new()),
            Datum::PageTitle(title.to_owned()),
            Datum::OpenGraph(Vec::new()),
            Datum::Icon(icon),
        ]
    };
    let icon = Icon { url: studio.site.url("/favicon.ico"), media_type: None };
    // What a drawing calls a link is none.
    let drawing = "<svg><link rel=icon href=/x.png></svg>";
    let of_host = asking(&facts, studio.spec(&html(drawing)));
    assert_eq!(told(&studio, &of_host).await, nothing("test", Some(icon)));
    let of_request = asking(&facts, document("<img>"));
    assert_eq!(told(&studio, &of_request).await, nothing("", None));
}

#[tokio::test]
async fn the_status_is_that_of_the_document_that_is_shown() {
    let studio = Studio::open().await;
    for (path, status) in [("/missing", Some(404)), ("/redirect?/red.png", Some(200))] {
        let mut spec = asking(&[Fact::StatusCode], studio.spec(path));
        spec.rules.host_errors = HostErrors::Draw;
        let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
        assert_eq!(picture.report.status, status, "{path}");
    }
    let picture = studio.camera.capture(&document("<p>"), AMPLE).await.unwrap();
    assert_eq!(picture.report.status, None);
}

async fn size_of(studio: &Studio, output: Output) -> Option<(u32, u32)> {
    let spec = asking(&[Fact::ImageSize], CaptureSpec { output, ..document("<p>some words") });
    match told(studio, &spec).await[..] {
        [Datum::ImageSize(size)] => size.map(|it| (it.width, it.height)),
        ref other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_size_is_that_of_the_file() {
    let studio = Studio::open().await;
    let quality = Quality::new(80).unwrap();
    let encodings = [
        Encoding::Png(Effort::Fast),
        Encoding::Png(Effort::Small),
        Encoding::Jpeg(quality),
        Encoding::WebP(quality),
        Encoding::Avif(quality),
        Encoding::Gif,
        Encoding::Tiff,
    ];
    for encoding in encodings {
        let resized = Image {
            encoding,
            background: Background::Page,
            resize: Some(Resize::Width(640)),
            more_sizes: vec![Resize::Width(50)],
        };
        assert_eq!(
            size_of(&studio, Output::Image(resized)).await,
            Some((640, 400)),
            "{encoding:?}"
        );
    }
    assert_eq!(size_of(&studio, Output::image(Encoding::Jpeg(quality))).await, Some((1_280, 800)));
    let clip = |container| Clip {
        container,
        duration: Clip::MAX_DURATION / 30,
        canvas: Canvas::Exact { width: 321, height: 201 },
        scroll: None,
    };
    for (container, size) in [(Container::Mp4, (320, 200)), (Container::Gif, (321, 201))] {
        let output = Output::Clip(Box::new(clip(container)));
        assert_eq!(size_of(&studio, output).await, Some(size), "{container:?}");
    }
    for output in [Output::Pdf(Box::default()), Output::Text(Markup::Plain)] {
        assert_eq!(size_of(&studio, output).await, None);
    }
}

/// Beside a picture as beside everything else.
#[tokio::test]
async fn what_the_page_says_is_a_further_file() {
    let studio = Studio::open().await;
    let words = "<h1>Title</h1><p>Some <em>words</em>";
    let clip = Clip {
        container: Container::Gif,
        duration: Clip::MAX_DURATION / 30,
        canvas: Canvas::Window,
        scroll: None,
    };
    for (output, markup, expected) in [
        (Output::image(Encoding::Png(Effort::Fast)), Markup::Markdown, "# Title\n\nSome *words*\n"),
        (Output::Pdf(Box::default()), Markup::Plain, "Title\n\nSome words\n"),
        (
            Output::Clip(Box::new(clip)),
            Markup::Html,
            "<html><head></head><body><h1>Title</h1><p>Some <em>words</em></p></body></html>",
        ),
        (Output::Text(Markup::Plain), Markup::Markdown, "# Title\n\nSome *words*\n"),
    ] {
        let inquiry = Inquiry { content: Some(markup), ..Inquiry::default() };
        let source = Source::Html(words.to_owned());
        let spec = CaptureSpec { inquiry, output, ..spec(source) };
        let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
        let [content] = &picture.extras[..] else { panic!("{:?}", picture.extras) };
        assert_eq!(content.kind, FileKind::Content(markup));
        assert_eq!(content.content, expected, "{:?}", spec.output);
    }
}

/// Its worker takes all the memory that there is once the page is busy with telling.
#[tokio::test]
async fn a_page_that_dies_of_what_it_tells_has_its_picture() {
    let studio = Studio::open().await;
    let body = "<h1>There</h1><div id=many hidden></div><script>\
        many.innerHTML = '<p>words <b>and</b> words</p>'.repeat(200000);\
        const greed = `let last = 0; const all = []; onmessage = () => { last = Date.now() };\
          setInterval(() => { if (!last || Date.now() - last < 400) return;\
            for (;;) all.push(new Uint8Array(64 << 20).fill(1)) }, 20)`;\
        const worker = new Worker(URL.createObjectURL(new Blob([greed])));\
        onload = () => setInterval(() => worker.postMessage(0), 20)</script>";
    let mut spec = studio.spec(&html(body));
    spec.inquiry.content = Some(Markup::Markdown);
    let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
    assert!(picture.extras.is_empty(), "the page was done before it died");
    assert_eq!(picture.report.verdict.summary(), "fine");
    // And so has the next.
    studio.take(&document("<p>fine")).await.unwrap();
}

/// Elements hide what a form or a document has of its own if they are named so, and a script
/// may cut a letter in half.
#[tokio::test]
async fn odd_names_and_halves_of_letters_are_in_nobodys_way() {
    let studio = Studio::open().await;
    let body = "<form style='position:fixed;inset:0;background:#fff'><p>Words of the page itself\
        <input name=parentElement><input name=getRootNode></form>\
        <img name=title><img name=host><form name=links></form><form name=images></form>\
        <form name=fonts></form><form name=documentElement></form>\
        <div id=half style='position:fixed;top:0'></div>\
        <script>half.textContent = 'half a letter \\ud83d'</script>";
    let mut spec = asking(&[Fact::PageTitle, Fact::Fonts], studio.spec(&html(body)));
    spec.inquiry.records = [Record::Har].into();
    let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
    let metadata = &picture.report.metadata;
    assert!(metadata.contains(&Datum::PageTitle("test".to_owned())), "{metadata:?}");
    let har = String::from_utf8(picture.extras[0].content.to_vec()).unwrap();
    assert!(har.contains(r#""title":"test""#), "{har}");
    assert_eq!(picture.report.verdict.summary(), "fine");
}

/// What a hostile page says of itself has room in its job's record.
#[tokio::test]
async fn nothing_that_is_told_is_long() {
    let studio = Studio::open().await;
    let body = "<p><script>const long = 'x'.repeat(500000);\
        for (let i = 0; i < 3000; i++) {\
          const meta = document.head.appendChild(document.createElement('meta'));\
          meta.setAttribute('property', 'og:' + (i % 2 ? i : ''));\
          meta.content = i % 3 ? '' : '\\u0001'.repeat(5000);\
          const p = document.body.appendChild(document.createElement('p'));\
          p.textContent = i; p.style.fontFamily = 'f' + i }\
        const icon = document.head.appendChild(document.createElement('link'));\
        Object.assign(icon, { rel: 'ICON', href: '/i.svg', type: long });\
        document.title = long</script>";
    let facts = [Fact::Fonts, Fact::PageTitle, Fact::OpenGraph, Fact::Icon];
    let spec = asking(&facts, studio.spec(&html(body)));
    let told = told(&studio, &spec).await;
    assert_eq!(told.len(), 4);
    let mut lengths = told.iter().map(|datum| format!("{datum:?}").len());
    assert!(lengths.all(|length| length < 9_000), "{:?}", lengths.collect::<Vec<_>>());
    let [Datum::Fonts(fonts), Datum::PageTitle(title), _, Datum::Icon(Some(icon))] = &told[..]
    else {
        panic!("{told:?}")
    };
    // Of 54 or 55 bytes each.
    assert_eq!((fonts.len(), title.len()), (72, 1_000));
    assert_eq!(icon.media_type.as_ref().map(String::len), Some(100));
}
