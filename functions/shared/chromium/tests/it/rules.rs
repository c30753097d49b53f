//! What makes a capture fail although its page could be drawn.

use darkroom_core::capture::{HostErrors, Source, UrlPattern};
use darkroom_core::failure::FailureKind;

use crate::site::html;
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

/// A host that hangs up on everybody.
async fn rude_host() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn a_request_that_must_not_fail_is_one_that_fits() {
    let studio = Studio::open().await;
    let rude = rude_host().await;
    let framed = studio.site.url(&html("<script src=/gone.js></script>"));
    let leads = studio.site.url("/redirect?/gone.js");
    for (body, pattern, fails) in [
        ("<script src=/gone.js></script>".to_owned(), "*/gone.js", true),
        ("<script src=/gone.js></script>".to_owned(), "*/other.js", false),
        ("<script src=/gone.js></script><img src=/red.png>".to_owned(), "*.png", false),
        (format!("<img src='{rude}/a.png'>"), "*/a.png", true),
        (format!("<img src='{rude}/a.png'>"), "*/b.png", false),
        (format!("<iframe src='{framed}'></iframe>"), "*/gone.js", true),
        ("<iframe src=/broken></iframe>".to_owned(), "*/broken", true),
        (format!("<script src='{leads}'></script>"), "*/redirect*", true),
        (
            "<script>const it = new AbortController();\
             fetch('/hang', { signal: it.signal }).catch(() => 0); it.abort()</script>"
                .to_owned(),
            "*/hang",
            false,
        ),
        (
            "<meta http-equiv=Content-Security-Policy content='img-src none'><img src=/red.png>"
                .to_owned(),
            "*.png",
            true,
        ),
    ] {
        let mut spec = studio.spec(&html(&body));
        studio.take(&spec).await.unwrap();
        let patterns = ["nowhere", pattern].map(|it| UrlPattern::parse(it).unwrap());
        spec.rules.request_failed = patterns.to_vec();
        match studio.take(&spec).await {
            Err(failure) if fails => {
                assert_eq!(failure.kind, FailureKind::RequestFailed, "{body}");
                assert!(
                    failure.message.contains(&format!("\u{201c}{pattern}\u{201d}")),
                    "{failure}"
                );
            }
            other => assert!(other.is_ok() && !fails, "{body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_document_itself_is_judged_by_its_status() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/broken");
    spec.rules.request_failed = UrlPattern::parse("*").into_iter().collect();
    assert_eq!(studio.take(&spec).await.unwrap_err().kind, FailureKind::HostError);
    spec.rules.host_errors = HostErrors::Draw;
    studio.take(&spec).await.unwrap();
}
