//! Bad input, and what its sender is told.

use crate::support::{faults, keyless, read, request, submission};
use bytes::Bytes;
use darkroom_dialects::{Credential, MAX_BODY_BYTES, Refusal};
use http::{HeaderValue, Request};

const GOOD: &str = r#""url": "https://example.com", "async": true"#;

fn take(body: &str) -> Request<Bytes> {
    request("POST", "/api/v1/screenshot/take", body)
}

fn with(option: &str) -> Request<Bytes> {
    take(&format!("{{{GOOD}, {option}}}"))
}

/// Issue 2, «Bad input», as far as options go; then the rest of each rule.
#[test]
fn each_fault_says_what_is_wrong_and_how_to_mend_it() {
    let cases = [
        (r#""blok_ads": true"#, "`blok_ads` is not an option; did you mean `block_ads`?"),
        (r#""sreen": true"#, "`sreen` is not an option"),
        (
            r#""metadata_title": true"#,
            "`metadata_title` is not an option; did you mean `metadata_page_title`?",
        ),
        (r#""block_ads": 2"#, "`block_ads` must be true or false (default false)"),
        (
            r#""block_resources": ["images"]"#,
            "`block_resources` must be a list of document, stylesheet, image, media, font, script, texttrack, xhr, fetch, eventsource, websocket, manifest, other",
        ),
        (
            r#""servers_region[]": true"#,
            "`servers_region` is not available in this version: it is the AWS region in which you deploy",
        ),
        (
            r#""timeout": 301"#,
            "`timeout` must be a whole number of seconds from 1 to 300 (default 60)",
        ),
        (
            r#""webhook_url": "http://192.168.0.1/hook""#,
            "`webhook_url` is not allowed: it lies in a private or reserved network; use a host that is reachable from the internet",
        ),
        (
            r#""webhook_url": "ftp://hooks.example.com""#,
            "`webhook_url` must begin with http:// or https://",
        ),
        (
            r#""external_identifier": "a\r\nx-evil: 1""#,
            "`external_identifier` must be 1 to 256 printable ASCII characters, without blanks at either end",
        ),
        (
            r#""external_identifier": 7"#,
            "`external_identifier` must be 1 to 256 printable ASCII characters, without blanks at either end",
        ),
    ];
    for (option, expected) in cases {
        assert_eq!(faults(&with(option)), [expected], "{option}");
    }
}

#[test]
fn an_idempotency_key_that_cannot_be_read_is_refused_rather_than_ignored() {
    let expected = "`idempotency-key` must be 1 to 255 printable ASCII characters, which may stand in double quotes";
    let long = "k".repeat(256);
    let bad: [&[u8]; 7] =
        [b"", b"\"\"", b"\"open", br#""a\b""#, br#""a"b"#, b"\xc3\xa4", long.as_bytes()];
    for (path, body) in [
        ("/api/v1/screenshot/take", r#"{"url": "https://example.com", "async": true}"#),
        ("/api/v1/capture", r#"{"url": "https://example.com", "background": true}"#),
    ] {
        for value in bad {
            let request = marked(request("POST", path, body), value);
            assert_eq!(faults(&request), [expected], "{path} {value:?}");
        }
    }
}

#[test]
fn the_fingerprint_of_a_request_tells_method_target_and_body_but_no_other_header() {
    let path = "/api/v1/screenshot/take?url=https://example.com&async=true";
    let mark = |request| submission(&marked(request, b"k")).idempotency.unwrap();
    let first = mark(request("POST", path, ""));
    let mut same = request("POST", path, "");
    same.headers_mut().insert("user-agent", "another".parse().unwrap());
    assert_eq!(mark(same), first);
    for other in [
        request("GET", path, ""),
        request("POST", &format!("{path}&delay=1"), ""),
        request("POST", path, r#"{"delay": 1}"#),
    ] {
        assert_ne!(mark(other).fingerprint, first.fingerprint);
    }
}

fn marked(mut request: Request<Bytes>, key: &[u8]) -> Request<Bytes> {
    request.headers_mut().insert("idempotency-key", HeaderValue::from_bytes(key).unwrap());
    request
}

#[test]
fn each_value_out_of_range_is_told_its_range() {
    let cases = [
        (
            r#""format": "heif""#,
            "`format` heif is not available in this version; use png, jpeg, jpg, webp, avif, gif, tiff, pdf, mp4, webm, html, markdown or text",
        ),
        (
            r#""format": "bmp""#,
            "`format` must be png, jpeg, jpg, webp, avif, gif, tiff, pdf, mp4, webm, html, markdown or text (default jpg)",
        ),
        (
            r#""response_type": "xml""#,
            "`response_type` must be by_format, json or empty (default by_format)",
        ),
        (
            r#""image_quality": 101"#,
            "`image_quality` must be a whole number from 0 to 100 (default 100)",
        ),
        (
            r#""format": "pdf", "image_quality": 90"#,
            "`image_quality` has no meaning for a pdf; leave it out",
        ),
        (
            r#""viewport_width": 0"#,
            "`viewport_width` must be a whole number of pixels from 1 to 7680 (default 1280)",
        ),
        (
            r#""device_scale_factor": 6"#,
            "`device_scale_factor` must be a number from 1 to 5 (default 1)",
        ),
        (r#""full_page": "yes""#, "`full_page` must be true or false (default false)"),
        (
            r#""wait_until": ["loaded"]"#,
            "`wait_until` must be a list of load, domcontentloaded, networkidle0, networkidle2",
        ),
        (
            r#""wait_until": 1"#,
            "`wait_until` must be a list of load, domcontentloaded, networkidle0, networkidle2",
        ),
        (
            r#""delay": 31, "timeout": 60"#,
            "`delay` must be a whole number of seconds from 0 to 30 (default 0)",
        ),
        (
            r#""delay": 10, "timeout": 10"#,
            "`delay` must be shorter than `timeout`, or the capture would always time out",
        ),
        (r#""wait_for_selector": """#, "`wait_for_selector` must not be empty"),
        (r#""html": "<p>""#, "`html` contradicts `url`; give one of them"),
        (
            r#""webhook_errors": true"#,
            "`webhook_errors` needs `webhook_url`; give that too, or leave it out",
        ),
    ];
    for (option, expected) in cases {
        assert_eq!(faults(&with(option)), [expected], "{option}");
    }
}

#[test]
fn a_target_is_needed() {
    let no_target =
        "`url` is missing; give the page's address in `url`, or a document in `html` or `markdown`";
    let cases: [(&str, &[&str]); 5] = [
        ("", &[no_target]),
        (r#"{"async": true}"#, &[no_target]),
        (
            r#"{"async": "maybe", "url": "https://example.com"}"#,
            &["`async` must be true or false (default false)"],
        ),
        (
            r#"{"async": true, "url": "example.com"}"#,
            &[
                "`url` is not a valid absolute URL (relative URL without a base); write it like https://example.com/page",
            ],
        ),
        (r#"{"async": true, "url": 5}"#, &["`url` must be a string"]),
    ];
    for (body, expected) in cases {
        assert_eq!(faults(&take(body)), expected, "{body}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let body = r#"{"url": "nowhere", "timeout": 0, "foo": 1, "cache": true, "full_page": 7}"#;
    insta::assert_debug_snapshot!(faults(&take(body)));
}

#[test]
fn a_body_that_cannot_be_read_is_told_where() {
    let cases = [
        ("{\n  \"url\": oops}", "`body` is not valid JSON: expected value at line 2, column 10"),
        ("{\"url\"", "`body` is not valid JSON: EOF while parsing an object at line 1, column 6"),
        ("[1]", "`body` must be a JSON object, such as {\"url\": \"https://example.com\"}"),
        ("null", "`body` must be a JSON object, such as {\"url\": \"https://example.com\"}"),
    ];
    for (body, expected) in cases {
        assert_eq!(faults(&take(body)), [expected], "{body}");
    }
    let latin =
        Request::post("/api/v1/screenshot/take").body(Bytes::from_static(b"{\"a\": \"\xe4\"}"));
    assert_eq!(
        faults(&latin.unwrap())[0],
        "`body` is not valid JSON: invalid unicode code point at line 1, column 8"
    );
    let deep = "[".repeat(100_000);
    assert_eq!(
        faults(&take(&deep))[0],
        "`body` is not valid JSON: recursion limit exceeded at line 1, column 128"
    );
}

#[test]
fn a_form_is_refused_by_name() {
    for media_type in ["application/x-www-form-urlencoded", "Multipart/Form-Data; boundary=x"] {
        let form = keyless(
            "POST",
            "/api/v1/capture",
            "url=https://example.com",
            &[("content-type", media_type)],
        );
        assert_eq!(
            faults(&form)[0],
            "`body` is a form; send a JSON object with Content-Type: application/json"
        );
    }
}

#[test]
fn a_garbled_query_is_a_fault_and_no_guess() {
    let cases = [
        ("url=100%", "`url` is not percent-encoded UTF-8; encode its value (a bare % as %25)"),
        ("url=%zz", "`url` is not percent-encoded UTF-8; encode its value (a bare % as %25)"),
        ("url=%E4", "`url` is not percent-encoded UTF-8; encode its value (a bare % as %25)"),
        (
            "%ff=1",
            "`query` has a name that is not percent-encoded UTF-8; encode it (a bare % as %25)",
        ),
    ];
    for (query, expected) in cases {
        let get = request("GET", &format!("/api/v1/screenshot/take?{query}"), "");
        assert_eq!(faults(&get)[0], expected, "{query}");
    }
}

#[test]
fn two_values_for_one_option_must_agree() {
    let twice = request(
        "GET",
        "/api/v1/screenshot/take?async=1&url=https://a.example&url=https://a.example",
        "",
    );
    assert_eq!(faults(&twice), ["`url` is given more than once; give it once"]);
    let both = request(
        "POST",
        "/api/v1/screenshot/take?async=1&url=https://a.example&timeout=60",
        r#"{"url": "https://b.example", "timeout": "60"}"#,
    );
    assert_eq!(faults(&both), ["`url` is given twice, with different values; give it once"]);
}

#[test]
fn a_body_over_five_megabytes_is_refused_whole() {
    let html = |bytes: usize| {
        let frame = r#"{"async": true, "html": ""}"#.len();
        take(&format!(r#"{{"async": true, "html": "{}"}}"#, "a".repeat(bytes - frame)))
    };
    assert!(read(&html(MAX_BODY_BYTES)).action.is_ok());
    assert_eq!(read(&html(MAX_BODY_BYTES + 1)).action, Err(Refusal::BodyTooLarge));
    let keyless = keyless("POST", "/api/v1/screenshot/take", &"a".repeat(6_000_000), &[]);
    assert_eq!(read(&keyless).credential, Credential::NotNeeded);
}

#[test]
fn a_flood_of_options_is_cut_short() {
    let many: Vec<String> = (0..50_000).map(|n| format!("\"o{n}\": 1")).collect();
    let told = faults(&take(&format!("{{{}}}", many.join(","))));
    assert_eq!(told[0], "`query` and body hold more options than there are");
    assert!(told.len() <= 3, "{}", told.len());
    let long = format!("\"{}\": 1", "ü".repeat(10_000));
    assert_eq!(faults(&with(&long)), [format!("`{}…` is not an option", "ü".repeat(64))]);
}

/// Damaged requests, the same ones at each run.
#[test]
fn nothing_that_a_client_sends_makes_it_panic() {
    let whole =
        br#"{"url": "https://example.com", "async": true, "wait_until": ["load"], "delay": 3}"#;
    let mut random: u64 = 1;
    let mut draw = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(random >> 33).unwrap() % below
    };
    for _ in 0..3_000 {
        let mut body = whole.to_vec();
        let mut query = whole.map(|byte| if byte.is_ascii_graphic() { byte } else { b'&' });
        for _ in 0..=draw(4) {
            body[draw(whole.len())] = u8::try_from(draw(256)).unwrap();
            query[draw(whole.len())] = b"%=&[]+0"[draw(7)];
        }
        let query = String::from_utf8(query.to_vec()).unwrap().replace(['"', '{', '}'], "%");
        for path in ["/api/v1/screenshot/take", "/api/v1/capture", "/v1/jobs"] {
            let request = Request::post(format!("{path}?{query}")).body(body.clone().into());
            let _call = read(&request.unwrap());
        }
    }
}
