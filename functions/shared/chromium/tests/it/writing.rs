//! What a page says, as HTML, Markdown and plain text.

use darkroom_core::capture::{
    CaptureSpec, Clutter, Element, ElementCut, Markup, Missing, Output, Source,
};
use darkroom_core::failure::FailureKind;

use crate::site::html;
use crate::studio::{Studio, spec};

async fn written(studio: &Studio, spec: &CaptureSpec, markup: Markup) -> String {
    let spec = CaptureSpec { output: Output::Text(markup), ..spec.clone() };
    String::from_utf8(studio.take(&spec).await.unwrap().to_vec()).unwrap()
}

fn page(html: &str) -> CaptureSpec {
    spec(Source::Html(html.to_owned()))
}

fn element(selector: &str, missing: Missing) -> Option<Element> {
    let selector = selector.to_owned();
    Some(Element { selector, cut: ElementCut::Box, scroll_into_view: true, missing })
}

#[tokio::test]
async fn html_is_what_scripts_have_made_of_the_page() {
    let studio = Studio::open().await;
    let spec = page(
        "<!DOCTYPE html><html lang=en><title>A &amp; b</title><p id=a>first<br><img alt='<x>'></p>\
         <div id=host></div><script>a.append('second');\
         host.attachShadow({ mode: 'open' }).innerHTML = '<b>inside</b>'</script></html>",
    );
    assert_eq!(
        written(&studio, &spec, Markup::Html).await,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>A &amp; b</title></head>\
         <body><p id=\"a\">first<br><img alt=\"&lt;x&gt;\">second</p>\
         <div id=\"host\"><template shadowrootmode=\"open\"><b>inside</b></template></div>\
         <script>a.append('second');\
         host.attachShadow({ mode: 'open' }).innerHTML = '<b>inside</b>'</script></body></html>"
    );
    let bare = page("<p>no type");
    let text = written(&studio, &bare, Markup::Html).await;
    assert_eq!(text, "<html><head></head><body><p>no type</p></body></html>");
}

#[tokio::test]
async fn markdown_keeps_headings_lists_tables_links_and_images() {
    let studio = Studio::open().await;
    let body = "<h1>Title</h1><p>Some <em>words</em>, <strong>more</strong> and <code>code</code>.</p>\
         <ul><li>one</li><li><a href='/pink'>two</a></li></ul><ol><li>first</li></ol>\
         <blockquote><p>said</p></blockquote><pre><code class='language-rust'>fn main() {}\n</code></pre>\
         <table><thead><tr><th>Name</th><th>Age</th></tr></thead><tbody><tr><td>A</td><td>1</td></tr></tbody></table>\
         <img src=/red.png alt=red><del>old</del><script>var unseen = 1</script><noscript>unseen</noscript>";
    let spec = studio.spec(&html(body));
    let origin = studio.site.url("");
    let expected = format!(
        "# Title\n\nSome *words*, **more** and `code`.\n\n-   one\n-   [two]({origin}/pink)\n\n\
         1.  first\n\n> said\n\n```rust\nfn main() {{}}\n```\n\n| Name | Age |\n| --- | --- |\n| A   | 1   |\n\n\
         ![red]({origin}/red.png)~~old~~\n"
    );
    assert_eq!(written(&studio, &spec, Markup::Markdown).await, expected);
}

#[tokio::test]
async fn plain_text_is_what_is_seen() {
    let studio = Studio::open().await;
    let spec = page(
        "<style>p { text-transform: uppercase }</style><h1>Title</h1><p>some   words</p>\
         <p hidden>unseen</p><ul><li>one</li></ul><script>0</script>",
    );
    assert_eq!(written(&studio, &spec, Markup::Plain).await, "Title\n\nSOME WORDS\n\none\n");
}

#[tokio::test]
async fn one_element_can_be_written_alone() {
    let studio = Studio::open().await;
    let mut spec = page("<h1>Title</h1><article><p>body</p></article><hr class=end>");
    spec.framing.element = element("article", Missing::Fail);
    assert_eq!(written(&studio, &spec, Markup::Html).await, "<article><p>body</p></article>");
    assert_eq!(written(&studio, &spec, Markup::Markdown).await, "body\n");
    assert_eq!(written(&studio, &spec, Markup::Plain).await, "body\n");
    spec.framing.element = element(".end", Missing::Fail);
    assert_eq!(written(&studio, &spec, Markup::Html).await, "<hr class=\"end\">");
    // One that isn't there is everything, unless it must be there.
    spec.framing.element = element(".none", Missing::Ignore);
    assert_eq!(written(&studio, &spec, Markup::Markdown).await, "# Title\n\nbody\n\n* * *\n");
    for (selector, kind) in
        [(".none", FailureKind::SelectorNotFound), ("<p>", FailureKind::InvalidOption)]
    {
        spec.framing.element = element(selector, Missing::Fail);
        spec.output = Output::Text(Markup::Plain);
        assert_eq!(studio.take(&spec).await.unwrap_err().kind, kind, "{selector}");
    }
}

#[tokio::test]
async fn what_is_blocked_is_not_among_the_words() {
    let studio = Studio::open().await;
    let mut spec = page("<p>content</p><hr><div class=ad-content-rectangle>Buy!</div>");
    assert_eq!(written(&studio, &spec, Markup::Plain).await, "content\n\nBuy!\n");
    spec.blocking.clutter = [Clutter::Ads].into();
    spec.changes.remove = vec!["hr".to_owned()];
    assert_eq!(written(&studio, &spec, Markup::Plain).await, "content\n");
    assert_eq!(written(&studio, &spec, Markup::Markdown).await, "content\n");
    let whole = "<html><head></head><body><p>content</p></body></html>";
    assert_eq!(written(&studio, &spec, Markup::Html).await, whole);
}

#[tokio::test]
async fn odd_names_and_letters_are_in_nobodys_way() {
    let studio = Studio::open().await;
    // A cut-off emoji, and a form whose fields stand in the way of its own properties.
    let odd = "<form class='ad-content-rectangle'><input name=id><input name=classList></form>\
         <p id=cut></p><script>cut.className = '\\ud83d'; cut.textContent = 'a\\ud83d'</script>";
    let mut spec = page(odd);
    spec.blocking.clutter = [Clutter::Ads].into();
    assert_eq!(written(&studio, &spec, Markup::Plain).await, "a\u{fffd}\n");
}
