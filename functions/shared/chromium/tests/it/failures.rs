//! What is said of a page that can't be captured.

use std::time::{Duration, Instant};

use darkroom_core::capture::{Encoding, Framing, HostErrors, Output, Quality, Source, Viewport};
use darkroom_core::failure::FailureKind;
use darkroom_core::port::Camera;
use tokio::net::TcpListener;

use crate::site::Site;
use crate::studio::{PNG, Pixels, Studio, full_page, spec, target, wait_for};

#[tokio::test]
async fn an_error_status_fails_or_is_drawn_as_asked() {
    let studio = Studio::open().await;
    for (path, status) in [("/missing", "404"), ("/broken", "500"), ("/redirect?/missing", "404")] {
        let mut spec = studio.spec(path);
        let failure = studio.take(&spec).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::HostError, "{path} {failure}");
        assert!(failure.message.ends_with(status), "{failure}");
        spec.rules.host_errors = HostErrors::Draw;
        let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
        let colour = if status == "404" { "ff0000" } else { "ffffff" };
        assert_eq!(pixels.at(640, 400), colour, "{path}");
    }
}

/// Pages that go elsewhere, with what is there then: an error, or a good page.
fn leaving(wait_ms: u32) -> [(String, bool); 4] {
    [
        (format!("/leave?{wait_ms},/missing"), false),
        (format!("/leave?{wait_ms},/blue"), true),
        ("/refresh?/missing".to_owned(), false),
        ("/refresh?/blue".to_owned(), true),
    ]
}

#[tokio::test]
async fn a_page_that_leaves_during_the_delay_is_judged_by_where_it_goes() {
    let studio = Studio::open().await;
    for (path, is_good) in leaving(100) {
        for output in [PNG, Output::Pdf(Box::default())] {
            let mut spec = studio.spec(&path);
            let is_pdf = output != PNG;
            spec.output = output;
            spec.wait.delay = Duration::from_secs(1);
            match studio.take(&spec).await {
                Ok(_) if is_good && is_pdf => {}
                Ok(picture) if is_good => {
                    assert_eq!(Pixels::read(&picture).at(640, 400), "0000ff", "{path}");
                }
                Ok(_) => panic!("{path}: an error page was drawn"),
                Err(failure) => {
                    assert!(!is_good, "{path}: {failure}");
                    assert_eq!(failure.kind, FailureKind::HostError, "{path} {failure}");
                }
            }
        }
    }
}

#[tokio::test]
async fn no_document_is_drawn_that_was_not_judged() {
    let studio = Studio::open().await;
    // Sooner or later than the drawing begins, and in the midst of it.
    for wait_ms in (0..120).step_by(20) {
        for (path, is_good) in leaving(wait_ms) {
            for (scale, framing) in
                [(1.0, Framing::default()), (2.0, Framing::default()), (1.0, full_page())]
            {
                let mut spec = studio.spec(&path);
                (spec.viewport.scale, spec.framing) = (scale, framing);
                let case = format!("{path}, scale {scale}, {:?}", spec.framing.area);
                match studio.take(&spec).await.map(|file| Pixels::read(&file)) {
                    Ok(pixels) => {
                        let is_known = ["00ff00", "0000ff"].contains(&&*pixels.at(640, 400));
                        assert!(is_known, "{case}: {}", pixels.at(640, 400));
                        assert_eq!(f64::from(pixels.width), 1280.0 * scale, "{case}");
                    }
                    Err(failure) => {
                        assert!(!is_good, "{case}: {failure}");
                        assert_eq!(failure.kind, FailureKind::HostError, "{case}: {failure}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_apart() {
    let studio = Studio::open().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let go = |to: &str| studio.site.url(&format!("/go?{to}"));
    let redirect = |to: &str| studio.site.url(&format!("/redirect?{to}"));
    let metadata = "http://169.254.169.254/latest/meta-data/";
    let cases = [
        ("http://nowhere.invalid/".to_owned(), FailureKind::NameNotResolved),
        ("https://nowhere.invalid/".to_owned(), FailureKind::NameNotResolved),
        (format!("http://{closed}/"), FailureKind::Network),
        (format!("https://{closed}/"), FailureKind::Network),
        // Speaks no TLS.
        (format!("https://{}/", studio.site.address), FailureKind::Network),
        (redirect(metadata), FailureKind::ForbiddenAddress),
        (redirect("https://10.0.0.1/"), FailureKind::ForbiddenAddress),
        (go(metadata), FailureKind::ForbiddenAddress),
        (go("https://nowhere.invalid/"), FailureKind::NameNotResolved),
        (studio.site.url("/empty"), FailureKind::NotAPage),
        (studio.site.url("/download"), FailureKind::NotAPage),
        (redirect("file:///etc/passwd"), FailureKind::Network),
    ];
    for (url, expected) in cases {
        for host_errors in [HostErrors::Fail, HostErrors::Draw] {
            let mut spec = spec(Source::Url(target(&url)));
            spec.rules.host_errors = host_errors;
            let failure = studio.take(&spec).await.expect_err(&url);
            assert_eq!(failure.kind, expected, "{url}: {failure}");
        }
    }
}

#[tokio::test]
async fn chromium_listens_on_no_port() {
    let studio = Studio::open().await;
    studio.take(&studio.spec("/bands")).await.unwrap();
    assert_eq!(studio.listening_ports(), Vec::<String>::new());
}

#[tokio::test]
async fn a_frame_shows_what_is_on_an_open_port_and_nothing_of_a_closed_one() {
    let closed = Site::start().await;
    let studio = Studio::with_closed(vec![closed.address.port()]).await;
    let corner = async |url: &str| {
        let framed = studio.spec(&format!("/frame?{url}"));
        let pixels = Pixels::read(&studio.take(&framed).await.unwrap());
        // A frame that is refused doesn't spoil the page around it.
        assert_eq!(pixels.at(1000, 700), "00ff00", "{url}");
        pixels.corner(300, 150)
    };
    let open = corner(&studio.site.url("/pink")).await;
    assert!(open.iter().all(|colour| colour == "ff00ff"));
    // The proxy's own words, black on the page's green, wherever a frame leads.
    let refused = corner(&closed.url("/pink")).await;
    assert!(refused.iter().all(|colour| colour.starts_with("00") && colour.ends_with("00")));
    for url in [
        format!("http://localhost:{}/pink", closed.address.port()),
        studio.site.url(&format!("/redirect?{}", closed.url("/pink"))),
    ] {
        assert!(corner(&url).await == refused, "{url}");
    }
    assert_eq!(closed.paths(), Vec::<String>::new());
}

#[tokio::test]
async fn no_page_outlives_its_deadline() {
    let studio = Studio::open().await;
    let budget = Duration::from_secs(2);
    let cases = [
        ("/hang", "host to answer"),
        ("/hanging-image", "load event"),
        ("/spin", "load event"),
        ("/spin-after-load", "settling"),
        ("/never?selector", "matches the selector"),
    ];
    for (path, during) in cases {
        let mut spec = studio.spec(path);
        if path.ends_with("selector") {
            spec = studio.spec("/bands");
            spec.wait.selector = wait_for("#never");
        }
        let started = Instant::now();
        let failure = studio.camera.capture(&spec, budget).await.unwrap_err();
        let took = started.elapsed();
        assert_eq!(failure.kind, FailureKind::Timeout, "{path}: {failure}");
        assert!(failure.message.starts_with("Operation timed out"), "{failure}");
        assert!(failure.message.contains(during), "{path}: {failure}");
        assert!(took < budget + Duration::from_secs(1), "{path} took {took:?}");
        studio.take(&studio.spec("/bands")).await.unwrap();
    }
}

#[tokio::test]
async fn a_page_that_is_stuck_twice_in_drawing_times_out() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/spin-in-print");
    spec.output = Output::Pdf(Box::default());
    let budget = Duration::from_secs(10);
    let started = Instant::now();
    let failure = studio.camera.capture(&spec, budget).await.unwrap_err();
    let took = started.elapsed();
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
    assert!(failure.message.contains("picture was drawn"), "{failure}");
    assert_eq!(studio.site.paths().len(), 2);
    assert!(took < budget + Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn dialogs_are_dismissed_and_a_loop_of_them_fails() {
    let studio = Studio::open().await;
    let pixels = Pixels::read(&studio.take(&studio.spec("/alert")).await.unwrap());
    assert_eq!(pixels.at(640, 400), "00ff00");
    let failure = studio.take(&studio.spec("/alerts")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert!(failure.message.contains("dialog"), "{failure}");
}

#[tokio::test]
async fn popups_are_closed_and_the_page_is_drawn() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/popup");
    spec.wait.delay = Duration::from_secs(2);
    let pixels = Pixels::read(&studio.take(&spec).await.unwrap());
    assert_eq!(pixels.at(640, 400), "00ff00", "no popup was opened");
    // Each popup that lives fetches this 50 times a second.
    let beats = studio.site.paths().iter().filter(|path| *path == "/beat").count();
    assert!(beats < 50, "{beats} signs of life from popups");
}

#[tokio::test]
async fn no_document_leads_out_of_the_web() {
    let studio = Studio::open().await;
    let secret = "/proc/self/environ";
    for target in [
        &format!("file://{secret}"),
        "chrome://version/",
        "view-source:about:blank",
        "data:text/html,<body style=background:red>",
        "chrome://crash",
    ] {
        let html = format!(
            "<!doctype html><body style='background:#00ff00'>\
             <iframe style='position:fixed;left:0;top:0;border:0;width:300px;height:150px' \
             src='{target}'></iframe>\
             <script>location.href = '{target}'; open('{target}'); location.assign('{target}')</script>"
        );
        let pixels = Pixels::read(&studio.take(&spec(Source::Html(html))).await.unwrap());
        assert_eq!(pixels.at(1000, 700), "00ff00", "{target}");
        // Only what the page itself says may be in its frame.
        let framed = if target.starts_with("data:") { "ff0000" } else { "00ff00" };
        assert!(pixels.corner(300, 150).iter().all(|colour| colour == framed), "{target}");
    }
}

#[tokio::test]
async fn a_page_that_kills_its_renderer_fails_alone() {
    let studio = Studio::open().await;
    let browsers = studio.camera.process_ids();
    let failure = studio.take(&studio.spec("/eat")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::PageCrashed, "{failure}");
    studio.take(&studio.spec("/close")).await.unwrap();
    assert_eq!(studio.camera.process_ids(), browsers);
}

#[tokio::test]
async fn a_picture_that_cannot_be_drawn_is_refused() {
    let studio = Studio::open().await;
    let mut tall = studio.spec("/tall");
    tall.framing = full_page();
    let mut tall_webp = studio.spec("/lazy");
    tall_webp.framing = full_page();
    tall_webp.output = Output::image(Encoding::WebP(Quality::new(80).unwrap()));
    tall_webp.viewport.scale = 3.0;
    let mut vast = studio.spec("/bands");
    vast.viewport = Viewport { scale: 2.0, ..Viewport::desktop(7680, 7680) };
    for spec in [tall, tall_webp, vast] {
        let failure = studio.take(&spec).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::TooLarge, "{failure}");
    }
}
