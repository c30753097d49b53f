//! Options of a capture: all of them at once, and what doesn't go together.

use crate::support::{faults, request, submission};
use darkroom_dialects::Submission;
use serde_json::{Map, Value, json};

const TAKE: &str = "/api/v1/screenshot/take";
const CAPTURE: &str = "/api/v1/capture";

fn taken(path: &str, body: &Value) -> Submission {
    submission(&request("POST", path, &body.to_string()))
}

/// The faults of these options beside what every request needs.
fn told(options: &Value) -> Vec<String> {
    let mut body = json!({"url": "https://example.com", "async": true});
    merge(&mut body, options);
    faults(&request("POST", TAKE, &body.to_string()))
}

fn merge(body: &mut Value, options: &Value) {
    let more = options.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
}

/// Every option of a picture that can be asked for together, none at its default but
/// `capture_beyond_viewport`, of which the other value contradicts `full_page`.
pub(crate) fn a_picture() -> Value {
    let mut body = json!({
        "url": "https://example.com/page",
        "async": true,
        "format": "avif",
        "image_quality": 71,
        "image_width": 640,
        "image_height": "480",
        "image_sizes": ["320x", "x200", "64x64"],
        "omit_background": true,
        "viewport_device": "pixel_7",
        "viewport_width": 500,
        "device_scale_factor": 2.5,
        "viewport_mobile": false,
        "viewport_landscape": true,
        "full_page": true,
        "full_page_scroll": true,
        "full_page_scroll_delay": 250,
        "full_page_scroll_by": 700,
        "full_page_max_height": 9000,
        "full_page_algorithm": "by_sections",
        "full_page_sticky": "once",
        "full_page_slices": true,
        "full_page_slice_height": 3000,
        "full_page_slice_overlap_height": 50,
        "capture_beyond_viewport": true,
        "selector": "#app",
        "selector_algorithm": "clip",
        "selector_scroll_into_view": false,
        "error_on_selector_not_found": true,
        "timeout": 300,
    });
    merge(&mut body, &a_reader());
    merge(&mut body, &a_page_without_clutter());
    merge(&mut body, &a_page_that_is_changed());
    merge(&mut body, &a_page_that_is_told_of());
    body
}

fn a_page_that_is_told_of() -> Value {
    json!({
        "metadata_image_size": true,
        "metadata_fonts": true,
        "metadata_page_title": true,
        "metadata_open_graph": true,
        "metadata_icon": true,
        "metadata_content": true,
        "metadata_content_format": "markdown",
        "metadata_http_response_status_code": true,
        "metadata_http_response_headers": true,
        "metadata_verdict": true,
        "metadata_har": true,
        "metadata_console": true,
        "metadata_waterfall": true,
    })
}

fn a_page_without_clutter() -> Value {
    json!({
        "block_ads": true,
        "block_trackers": true,
        "block_cookie_banners": true,
        "block_banners_by_heuristics": true,
        "block_chats": true,
        "block_socials": true,
        "block_annoyances": true,
        "block_requests": ["*/ads/*", "https://cdn.example/old.js"],
        "block_resources": ["font", "websocket"],
    })
}

fn a_reader() -> Value {
    json!({
        "dark_mode": true,
        "reduced_motion": true,
        "media_type": "print",
        "time_zone": "asia/tokyo",
        "locale": "de-CH",
        "geolocation_latitude": 35.6895,
        "geolocation_longitude": "-139.7",
        "geolocation_accuracy": 20,
        "javascript": false,
        "bypass_csp": true,
        "animations": "finish",
        "deterministic": true,
        "authorization": "Basic eDp5",
        "headers": ["X-Token: t0p", "Accept-Language:  de"],
        "cookies": [
            "session=a b; Domain=.Example.com; Path=/app; Secure; HttpOnly; SameSite=Strict",
            {"name": "plain", "value": "1", "httpOnly": true, "secure": false, "maxAge": 60},
        ],
    })
}

fn a_page_that_is_changed() -> Value {
    json!({
        "styles": "p { color: red }",
        "scripts": "go()",
        "scripts_wait_until": ["domcontentloaded", "networkidle2"],
        "hide_selectors": [".ad", "#chat"],
        "remove_selectors": "dialog",
        "click": "button",
        "error_on_click_selector_not_found": false,
        "hover": "nav",
        "error_on_hover_selector_not_found": true,
        "scroll_into_view": "#below",
        "scroll_into_view_adjust_top": -20,
        "include_shadow_dom": true,
        "wait_until": ["load", "networkidle0"],
        "delay": 3,
        "wait_for_selector": "a, b",
        "wait_for_selector_algorithm": "at_least_by_count",
        "wait_for_function": "() => window.ready",
        "navigation_timeout": 5,
        "best_effort": true,
        "fail_if_content_contains": ["Access denied"],
        "fail_if_content_missing": "Welcome",
        "fail_if_request_failed": ["*.js", "https://cdn.example/*"],
        "ignore_host_errors": true,
    })
}

pub(crate) fn a_print() -> Value {
    json!({
        "markdown": "# Title",
        "async": true,
        "format": "pdf",
        "full_page": true,
        "user_agent": "Mozilla/5.0",
        "cookies": "a=b; domain=example.com",
        "pdf_paper_width": "100mm",
        "pdf_paper_height": "6in",
        "pdf_landscape": true,
        "pdf_print_background": false,
        "pdf_margin": 96,
        "pdf_margin_top": "0.5in",
        "pdf_margin_left": "1cm",
        "pdf_page_ranges": "1-5,8",
        "pdf_header_template": "<b>head</b>",
        "pdf_footer_template": "<i>foot</i>",
        "pdf_scale": 0.7,
        "pdf_outline": true,
    })
}

#[test]
fn every_option_is_read() {
    insta::assert_debug_snapshot!("a_picture_with_everything", taken(TAKE, &a_picture()));
    insta::assert_debug_snapshot!("a_print_with_everything", taken(TAKE, &a_print()));
    let sheets = json!({
        "html": "<p>", "async": true, "format": "pdf", "pdf_paper_format": "Letter",
        "pdf_fit_one_page": true, "pdf_tagged": true,
    });
    insta::assert_debug_snapshot!("a_single_sheet", taken(TAKE, &sheets).spec);
    let clip = json!({
        "html": "<p>", "async": true, "format": "png", "image_quality": 60,
        "clip_x": 10, "clip_y": 20, "clip_width": 300, "clip_height": 40,
    });
    insta::assert_debug_snapshot!("a_clip_as_a_small_png", taken(TAKE, &clip).spec);
    let text = json!({
        "html": "<p>", "async": true, "format": "markdown", "full_page": true, "selector": "main",
        "error_on_selector_not_found": true, "remove_selectors": "nav", "block_ads": true,
    });
    insta::assert_debug_snapshot!("the_words_of_an_element", taken(TAKE, &text).spec);
}

#[test]
fn what_no_text_has_is_told() {
    for format in ["html", "markdown", "text"] {
        let options = json!({
            "format": format, "image_quality": 80, "image_width": 9, "omit_background": true,
            "full_page": true, "full_page_slices": true, "clip_width": 9, "clip_height": 9,
            "pdf_scale": 1, "duration": 3,
        });
        let told = told(&options);
        for name in ["image_quality", "image_width", "full_page_slices", "clip_width"] {
            let expected =
                format!("`{name}` has no meaning for html, markdown and text; leave it out");
            assert!(told.contains(&expected), "{told:?}");
        }
        let expected =
            "`omit_background` can't be had of what is no picture; use png, webp or avif";
        assert!(told.contains(&expected.to_owned()), "{told:?}");
        for name in ["pdf_scale", "duration"] {
            assert!(told.iter().any(|it| it.starts_with(&format!("`{name}` needs"))), "{told:?}");
        }
    }
}

#[test]
fn screennabster_takes_all_of_it_under_its_own_names() {
    let renamed = [
        ("async", "background"),
        ("format", "output"),
        ("image_quality", "quality"),
        ("image_width", "thumb_width"),
        ("image_height", "thumb_height"),
        ("viewport_device", "device"),
        ("viewport_width", "screen_width"),
        ("viewport_landscape", "screen_landscape"),
    ];
    let shared = a_picture();
    let mut own = shared.clone();
    for (shared, own_name) in renamed {
        let value = own.as_object_mut().unwrap().remove(shared).unwrap();
        own.as_object_mut().unwrap().insert(own_name.to_owned(), value);
    }
    let nodium = taken(TAKE, &shared);
    for body in [shared, own] {
        let screennabster = taken(CAPTURE, &body);
        assert_eq!(screennabster.spec, nodium.spec);
        assert_eq!(screennabster.timeout, nodium.timeout);
    }
    let nothing = json!({"url": "https://example.com", "background": true, "output": "pdf"});
    insta::assert_debug_snapshot!("screennabsters_defaults", taken(CAPTURE, &nothing).spec);
}

/// A body's objects are the one form that a query hasn't.
#[test]
fn a_query_says_the_same_as_a_body() {
    let mut body = a_picture();
    body["cookies"] = json!(["a=b; Secure", "c=d"]);
    let mut pairs = Vec::new();
    for (name, value) in body.as_object().unwrap() {
        match value {
            Value::Array(items) => {
                pairs.extend(items.iter().map(|item| format!("{name}[]={}", encoded(item))));
            }
            one => pairs.push(format!("{name}={}", encoded(one))),
        }
    }
    let query = request("GET", &format!("{TAKE}?{}", pairs.join("&")), "");
    assert_eq!(submission(&query), taken(TAKE, &body));
}

fn encoded(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// The same orders at each run.
#[test]
fn the_order_of_options_does_not_matter() {
    let mut random: u64 = 1;
    let faulty = json!({
        "url": "https://example.com", "html": "<p>", "async": true, "clip_x": 1, "format": "pdf",
        "selector": "a", "full_page_slices": true, "pdf_margin": "9in", "delay": 30, "timeout": 9,
        "headers": ["Host: a", "b"], "geolocation_latitude": 1, "image_width": 0, "sreen": 1,
    });
    let (whole, mut expected) = (taken(TAKE, &a_picture()), told(&faulty));
    expected.sort();
    for _ in 0..50 {
        let good = shuffled(&a_picture(), &mut random);
        assert_eq!(submission(&request("POST", TAKE, &good)), whole, "{good}");
        let bad = shuffled(&faulty, &mut random);
        let mut told = faults(&request("POST", TAKE, &bad));
        told.sort();
        assert_eq!(told, expected, "{bad}");
    }
}

fn shuffled(body: &Value, random: &mut u64) -> String {
    let mut fields: Vec<_> = body.as_object().unwrap().iter().collect();
    for last in (1..fields.len()).rev() {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        fields.swap(last, usize::try_from(*random >> 33).unwrap() % (last + 1));
    }
    let fields = fields.into_iter().map(|(name, value)| format!("{}: {value}", json!(name)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

#[test]
fn what_does_not_go_together_is_refused_with_its_remedy() {
    let page = json!({"full_page": true});
    let pdf = json!({"format": "pdf"});
    let cases: &[(Value, Value)] = &[
        (json!({}), json!({"markdown": "#"})),
        (json!({}), json!({"full_page_scroll": false})),
        (json!({}), json!({"full_page_scroll_by": 5, "full_page_max_height": 5})),
        (page.clone(), json!({"full_page_scroll": false, "full_page_scroll_delay": 100})),
        (page.clone(), json!({"full_page_slice_height": 500})),
        (
            json!({"full_page": true, "full_page_slices": true}),
            json!({"full_page_slice_height": 500, "full_page_slice_overlap_height": 401}),
        ),
        (json!({}), json!({"full_page_sticky": "once", "full_page_slices": true})),
        (json!({}), json!({"selector_algorithm": "clip", "error_on_selector_not_found": true})),
        (json!({}), json!({"clip_x": 5, "clip_width": 5})),
        (page.clone(), json!({"capture_beyond_viewport": false})),
        (page, json!({"clip_width": 5, "clip_height": 5})),
        (json!({"selector": "a"}), json!({"clip_width": 5, "clip_height": 5})),
        (pdf.clone(), json!({"image_width": 5, "image_sizes": ["5x"], "omit_background": true})),
        (pdf.clone(), json!({"selector": "a", "clip_width": 5, "clip_height": 5})),
        (json!({"format": "pdf", "full_page": true}), json!({"full_page_max_height": 5})),
        (json!({}), json!({"omit_background": true})),
        (json!({"format": "gif"}), json!({"image_quality": 50})),
        (json!({"format": "tiff"}), json!({"image_quality": 50})),
        (json!({}), json!({"image_sizes": ["5x", "05x"]})),
        (json!({}), json!({"image_sizes": ["x"]})),
        (json!({}), json!({"viewport_device": "iphone 12 pro maxi"})),
        (json!({}), json!({"viewport_device": "toaster"})),
        (json!({}), json!({"time_zone": "Berlin"})),
        (json!({}), json!({"locale": "deutsch"})),
        (json!({}), json!({"geolocation_latitude": 5})),
        (json!({}), json!({"geolocation_accuracy": 5})),
        (json!({"deterministic": true}), json!({"animations": "running"})),
        (json!({}), json!({"scripts_wait_until": ["load"]})),
        (json!({}), json!({"error_on_click_selector_not_found": true})),
        (json!({}), json!({"scroll_into_view_adjust_top": 5})),
        (json!({}), json!({"wait_for_selector_algorithm": "at_least_one"})),
        (json!({}), json!({"hide_selectors": ["a", " "]})),
        (json!({}), json!({"pdf_scale": 1, "pdf_margin": 5})),
        (json!({"format": "pfd"}), json!({"pdf_scale": 1})),
        (json!({"full_page": false}), json!({"full_page_scroll": true})),
        (pdf.clone(), json!({"pdf_paper_width": "5in"})),
        (
            json!({"format": "pdf", "pdf_paper_format": "a4"}),
            json!({"pdf_paper_width": "5in", "pdf_paper_height": "5in"}),
        ),
        (pdf.clone(), json!({"pdf_prefer_css_page_size": true, "pdf_paper_format": "a4"})),
        (pdf.clone(), json!({"pdf_prefer_css_page_size": true, "pdf_fit_one_page": true})),
        (pdf.clone(), json!({"pdf_page_ranges": "1", "pdf_fit_one_page": true})),
        (pdf.clone(), json!({"pdf_margin_left": "5in", "pdf_margin_right": "4in"})),
        (pdf.clone(), json!({"pdf_tagged": false, "pdf_outline": true})),
        (pdf, json!({"pdf_paper_width": "5em", "pdf_page_ranges": "5-1"})),
    ];
    let told = cases.iter().map(|(context, options)| {
        let mut both = context.clone();
        merge(&mut both, options);
        format!("{both}\n  {}", told(&both).join("\n  "))
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_cannot_be_told_of_a_page_is_refused_with_its_remedy() {
    let told_of = |options: &Value| told(options).concat();
    let format = json!({"metadata_content_format": "text"});
    assert_eq!(
        told_of(&format),
        "`metadata_content_format` needs `metadata_content`; give that too, or leave it out"
    );
    let unknown = json!({"metadata_content": true, "metadata_content_format": "pdf"});
    assert_eq!(
        told_of(&unknown),
        "`metadata_content_format` must be html, markdown or text (default html)"
    );
    for format in ["pdf", "html"] {
        let size = told_of(&json!({"format": format, "metadata_image_size": true}));
        assert!(size.starts_with("`metadata_image_size` has no meaning for "), "{size}");
    }
    let document = json!({
        "html": "<p>", "async": true, "metadata_page_title": true,
        "metadata_http_response_status_code": true, "metadata_http_response_headers": true,
    });
    assert_eq!(
        faults(&request("POST", TAKE, &document.to_string())),
        [
            "`metadata_http_response_status_code` needs `url`; give that too, or leave it out",
            "`metadata_http_response_headers` needs `url`; give that too, or leave it out",
        ]
    );
}

#[test]
fn formats_that_are_not_made_yet_are_refused_by_name() {
    for format in ["jp2", "heif", "mov", "avi"] {
        let expected = format!("`format` {format} is not available in this version; use png");
        let told = told(&json!({"format": format}));
        assert!(told.concat().starts_with(&expected), "{told:?}");
    }
}

#[test]
fn headers_and_cookies_are_judged_one_by_one_and_never_repeated() {
    let headers = json!({"headers": [
        "X-Good: 1", "Host: secret", "no colon secret", "X Bad: secret", "Cookie: secret",
        "sec-ch-ua: secret", "x-good: secret", "X-Ü: secret", "X-V: s\u{e9}cret", "X-Line: a\r\nb: secret",
        "User-Agent: secret", "content-length: secret", "Connection: secret", "Proxy-Authorization: secret",
        "cookie2: secret",
    ]});
    let cookies = json!({"cookies": [
        "secret", "a b=secret", "a=secret; Domain=https://e.com", "a=secret; Path=app",
        "a=secret; SameSite=Often", "a=secret; SameSite=None", "__Secure-a=secret",
        "__Host-a=secret; Secure; Domain=e.com", "a=s\u{e9}cret", "a=secret; Colour=red",
        {"name": "a"}, {"name": "a", "value": "secret", "path": {}},
    ]});
    let others = [
        json!({"headers": [5]}),
        json!({"headers": {"a": []}}),
        json!({"headers": [{"name": "a"}]}),
        json!({"headers": {"Authorization": "secret"}, "authorization": "secret"}),
        json!({"authorization": "sécret"}),
        json!({"user_agent": " secret"}),
        json!({"cookies": [5]}),
    ];
    let mut all: Vec<String> = [headers, cookies].iter().chain(&others).flat_map(told).collect();
    let documents = json!({
        "html": "<p>", "async": true, "headers": ["a: b"], "authorization": "x", "cookies": ["a=b"],
    });
    all.extend(faults(&request("POST", TAKE, &documents.to_string())));
    let all = all.join("\n");
    assert!(!all.contains("secret"), "{all}");
    insta::assert_snapshot!(all);
}

#[test]
fn headers_may_be_an_object_or_objects() {
    let forms = [
        json!(["X-A: 1", "X-B: two"]),
        json!({"X-A": 1, "X-B": "two"}),
        json!([{"name": "X-A", "value": "1"}, "X-B:two "]),
    ];
    let [first, rest @ ..] = forms.map(|headers| {
        let body = json!({"url": "https://e.com", "async": true, "headers": headers});
        taken(TAKE, &body).spec.request
    });
    assert_eq!(first.headers[1].value.expose(), "two");
    assert_eq!(rest, [first.clone(), first]);
}

#[test]
fn a_device_is_what_is_not_said_otherwise() {
    let read = |options: Value| {
        let mut body =
            json!({"url": "https://e.com", "async": true, "viewport_device": "iPhone 13"});
        merge(&mut body, &options);
        taken(TAKE, &body).spec
    };
    let device = read(json!({}));
    assert_eq!((device.viewport.width_px, device.viewport.height_px), (390, 664));
    assert!(device.viewport.screen.is_mobile && device.viewport.screen.has_touch);
    assert!(device.request.user_agent.unwrap().contains("iPhone"));
    let turned = read(json!({"viewport_landscape": true}));
    assert_eq!((turned.viewport.width_px, turned.viewport.height_px), (664, 390));
    let altered =
        read(json!({"viewport_has_touch": false, "device_scale_factor": 1, "user_agent": "x"}));
    assert!(!altered.viewport.screen.has_touch);
    assert_eq!(altered.viewport.scale.to_bits(), 1.0_f64.to_bits());
    assert_eq!(altered.request.user_agent.as_deref(), Some("x"));
}

#[test]
fn an_empty_object_of_options_is_a_plain_capture() {
    let body = Value::Object(Map::from_iter([
        ("url".to_owned(), json!("https://example.com")),
        ("async".to_owned(), json!(true)),
    ]));
    insta::assert_debug_snapshot!("nodiums_defaults", taken(TAKE, &body).spec);
}
