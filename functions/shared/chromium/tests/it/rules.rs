//! What makes a capture fail although its page could be drawn.

use darkroom_core::capture::{Source, UrlPattern};
use darkroom_core::failure::FailureKind;

use crate::studio::{Studio, spec};

const TEXTS: &str = "<!doctype html><title>Titled</title><p>Plain   <b>Words</b>\
    <p style='display:none'>unrendered<p style='visibility:hidden'>invisible\
    <p style='text-transform:uppercase'>risen<input value=typed><script>/* scripted */</script>\
    <div id=open></div><div id=gone style='display:none'></div>\
    <iframe srcdoc='<p>framed'></iframe><iframe style='display:none' srcdoc='<p>unframed'></iframe>\
    <script>const shade = (host, html) => {\
    document.getElementById(host).attachShadow({ mode: 'open' }).innerHTML = html };\
    shade('open', '<style>p{color:red}</style>bare<p>shaded<p style=display:none>shady');\
    shade('gone', '<p>lost')</script>";

#[tokio::test]
async fn only_what_is_to_be_read_counts_as_shown() {
    let studio = Studio::open().await;
    for (text, is_shown) in [
        ("plain words", true),
        ("Plain\nWORDS", true),
        ("Risen", true),
        ("framed", true),
        ("shaded", true),
        ("bare", true),
        ("unrendered", false),
        ("invisible", false),
        ("Titled", false),
        ("typed", false),
        ("scripted", false),
        ("color:red", false),
        ("shady", false),
        ("lost", false),
        ("unframed", false),
    ] {
        let mut unwanted = spec(Source::Html(TEXTS.to_owned()));
        let mut wanted = unwanted.clone();
        unwanted.rules.content_contains = vec!["nowhere".to_owned(), text.to_owned()];
        wanted.rules.content_missing = vec!["plain".to_owned(), text.to_owned()];
        let unwanted = studio.take(&unwanted).await.map_err(|failure| failure.kind);
        let wanted = studio.take(&wanted).await.map_err(|failure| failure.kind);
        if is_shown {
            assert_eq!(unwanted.unwrap_err(), FailureKind::ContentContains, "{text}");
            wanted.expect(text);
        } else {
            unwanted.expect(text);
            assert_eq!(wanted.unwrap_err(), FailureKind::ContentMissing, "{text}");
        }
    }
}

#[tokio::test]
async fn the_rule_that_failed_is_named() {
    let studio = Studio::open().await;
    let mut spec = spec(Source::Html("<p>Access denied, they say".to_owned()));
    spec.rules.content_contains = vec!["access DENIED".to_owned()];
    let failure = studio.take(&spec).await.unwrap_err();
    assert_eq!(failure.message, "The page shows “access DENIED”, which it must not show");
}

#[tokio::test]
async fn a_rule_that_is_not_watched_for_is_refused_and_not_ignored() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/bands");
    spec.rules.request_failed = UrlPattern::parse("*").into_iter().collect();
    let failure = studio.take(&spec).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidOption, "{failure}");
}
