//! What a page's host is sent.

use darkroom_core::capture::{Cookie, Header, SameSite, Source};
use darkroom_core::failure::FailureKind;
use darkroom_core::secret::SecretText;

use crate::site::{Site, html};
use crate::studio::{Pixels, Studio, spec, target};

fn secret(value: &str) -> SecretText {
    SecretText::new(value.to_owned())
}

fn header(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: secret(value) }
}

fn cookie(name: &str) -> Cookie {
    Cookie {
        name: name.to_owned(),
        value: secret("yes"),
        domain: None,
        path: None,
        secure: false,
        http_only: false,
        same_site: None,
    }
}

/// Whether each request for a path that begins like this has this line, in any case.
fn sent(site: &Site, path: &str, line: &str) -> bool {
    let start = format!("GET {path}");
    let heads: Vec<_> = site.heads().into_iter().filter(|head| head.starts_with(&start)).collect();
    assert!(!heads.is_empty(), "{path} was never asked for");
    let line = format!("\r\n{line}\r\n").to_lowercase();
    heads.iter().all(|head| head.to_lowercase().contains(&line))
}

#[tokio::test]
async fn headers_go_to_the_pages_own_host_alone() {
    let (studio, other) = (Studio::open().await, Site::start().await);
    let body = format!(
        "<img src=/red.png?own><img src='{}'><img src='{}'>\
         <iframe src='{}'></iframe><script>fetch('/pink', {{ headers: {{ 'X-Own': 'page' }} }})</script>",
        other.url("/red.png?foreign"),
        studio.site.url(&format!("/redirect?{}", other.url("/red.png?led"))),
        other.url(&html(&format!("<img src='{}'>", studio.site.url("/red.png?back")))),
    );
    let mut spec = studio.spec(&html(&body));
    spec.request.headers = vec![header("x-own", "capture"), header("ACCEPT", "odd/kind")];
    spec.request.authorization = Some(secret("Basic b3duOmhvc3Q="));
    studio.take(&spec).await.unwrap();
    for path in ["/html", "/red.png?own", "/redirect", "/red.png?back", "/pink"] {
        for line in ["X-Own: capture", "Accept: odd/kind", "Authorization: Basic b3dUOmhvc3Q="] {
            assert!(sent(&studio.site, path, line), "{path}: {line}");
        }
    }
    let heads = other.heads().concat().to_lowercase();
    for path in ["/red.png?foreign", "/red.png?led", "/html"] {
        assert!(heads.contains(&format!("get {path}")), "{path}: {heads}");
    }
    let page = studio.site.url("/html?").to_lowercase();
    let referrer = |head: &String| head.to_lowercase().contains(&format!("referer: {page}"));
    assert!(studio.site.heads().iter().any(referrer), "the own host is told which page it was");
    assert!(!other.heads().iter().any(referrer), "{heads}");
    for word in ["x-own: capture", "odd/kind", "authorization"] {
        assert!(!heads.contains(word), "{word}: {heads}");
    }
}

#[tokio::test]
async fn headers_do_not_follow_a_redirect_to_another_host() {
    let (studio, other) = (Studio::open().await, Site::start().await);
    let landing = format!("<img src='{}'><img src=/red.png>", studio.site.url("/red.png?home"));
    let to = other.url(&format!("/redirect?{}", other.url(&html(&landing))));
    let mut spec = spec(Source::Url(target(&studio.site.url(&format!("/redirect?{to}")))));
    spec.request.headers = vec![header("X-Own", "capture")];
    studio.take(&spec).await.unwrap();
    assert!(sent(&studio.site, "/redirect", "X-Own: capture"));
    assert!(sent(&studio.site, "/red.png?home", "X-Own: capture"));
    assert_eq!(other.paths().len(), 3, "{:?}", other.paths());
    assert!(!other.heads().concat().contains("X-Own"));
}

#[tokio::test]
async fn a_claimed_browser_gives_its_own_hints() {
    let studio = Studio::open().await;
    let cases = [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36 Edg/125.0.0.0",
            &["\"microsoft edge\";v=\"125\"", "sec-ch-ua-platform: \"windows\""][..],
            &["google chrome", "mobile: ?1"][..],
        ),
        (
            "Mozilla/5.0 (Linux; Android 13; K) Chrome/126.0.0.0 Mobile Safari/537.36",
            &[
                "\"google chrome\";v=\"126\"",
                "sec-ch-ua-platform: \"android\"",
                "sec-ch-ua-mobile: ?1",
            ],
            &[],
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            &[],
            &["sec-ch"],
        ),
    ];
    for (name, expected, unexpected) in cases {
        let mut spec = studio.spec("/bands");
        spec.request.user_agent = Some(name.to_owned());
        studio.take(&spec).await.unwrap();
        let head = studio.site.heads().pop().unwrap().to_lowercase();
        assert!(head.contains(&format!("user-agent: {}\r\n", name.to_lowercase())), "{head}");
        assert!(expected.iter().all(|part| head.contains(part)), "{head}");
        assert!(!unexpected.iter().any(|part| head.contains(part)), "{head}");
    }
}

#[tokio::test]
async fn cookies_are_there_before_the_page_and_gone_after_the_capture() {
    let studio = Studio::open().await;
    let body = "<body style='background:#ff0000'><script>\
                if (document.cookie.includes('open=yes') && !document.cookie.includes('hidden'))\
                document.body.style.background = '#00ff00'</script>\
                <img src=/red.png>";
    let mut spec = studio.spec(&html(body));
    spec.request.cookies = vec![
        cookie("open"),
        Cookie { http_only: true, same_site: Some(SameSite::Strict), ..cookie("hidden") },
        Cookie { path: Some("/elsewhere".to_owned()), ..cookie("away") },
        Cookie { domain: Some("example.com".to_owned()), ..cookie("foreign") },
        Cookie { secure: true, ..cookie("safe") },
    ];
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    for path in ["/html", "/red.png"] {
        let heads = studio.site.heads();
        let head = heads.iter().find(|head| head.starts_with(&format!("GET {path}"))).unwrap();
        assert!(head.contains("open=yes") && head.contains("hidden=yes"), "{head}");
        assert!(!head.contains("away=") && !head.contains("foreign="), "{head}");
    }
    assert_eq!(pixels.at(640, 400), "00ff00");
    studio.take(&studio.spec("/bands")).await.unwrap();
    assert!(!studio.site.heads().pop().unwrap().contains("=yes"));
}

#[tokio::test]
async fn a_document_without_a_host_sends_cookies_where_they_belong() {
    let studio = Studio::open().await;
    let body = format!("<img src='{}'>", studio.site.url("/red.png"));
    let mut spec = spec(Source::Html(body));
    spec.request.cookies =
        vec![cookie("nowhere"), Cookie { domain: Some("127.0.0.1".to_owned()), ..cookie("there") }];
    spec.request.headers = vec![header("X-Own", "capture")];
    studio.take(&spec).await.unwrap();
    let head = studio.site.heads().concat();
    assert!(!head.contains("nowhere=") && !head.contains("X-Own"), "{head}");
}

#[tokio::test]
async fn a_cookie_that_breaks_the_rules_is_refused() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/bands");
    spec.request.cookies =
        vec![Cookie { domain: Some("example.com".to_owned()), ..cookie("__Host-a") }];
    let failure = studio.take(&spec).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidOption, "{failure}");
    assert!(failure.message.contains("cookies"), "{failure}");
}
