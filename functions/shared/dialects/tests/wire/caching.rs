//! What is shared: which requests ask for the same, and what a request may say of it.

use std::collections::BTreeSet;
use std::time::Duration;

use darkroom_core::address::Reach;
use darkroom_core::cache::CacheKey;
use darkroom_core::job::Dialect;
use darkroom_dialects::{Action, Availability, Terms, options};
use serde_json::{Value, json};

use crate::options::{a_picture, a_print};
use crate::support::{faults, region, request, submission};

const TAKE: &str = "/api/v1/screenshot/take";
const CAPTURE: &str = "/api/v1/capture";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Options that say who asks and what is done with the picture, which is the same in any case.
const BESIDE: [&str; 25] = [
    "access_key",
    "signature",
    "async",
    "response_type",
    "attachment_name",
    "webhook_url",
    "webhook_sign",
    "webhook_errors",
    "external_identifier",
    "timeout",
    "cache",
    "cache_ttl",
    "cache_stale_ttl",
    "expires",
    "store",
    "storage_url",
    "storage_headers",
    "storage_fields",
    "storage_role",
    "storage_bucket",
    "storage_region",
    "storage_path",
    "storage_class",
    "storage_acl",
    "storage_return_location",
];

fn key(path: &str, body: &Value) -> CacheKey {
    submission(&request("POST", path, &body.to_string())).caching.unwrap().key
}

fn is_good(path: &str, body: &Value) -> bool {
    let call = crate::support::read(&request("POST", path, &body.to_string()));
    matches!(call.action, Ok(Action::Submit(_)))
}

fn shared(mut body: Value) -> Value {
    body["cache"] = true.into();
    body
}

/// Requests in one of which each option has a value that isn't its default.
fn bodies() -> [Value; 10] {
    let sheets = json!({
        "html": "<p>", "format": "pdf", "pdf_paper_format": "Letter", "pdf_fit_one_page": true,
        "pdf_tagged": true, "pdf_margin_right": "1cm", "pdf_margin_bottom": "1cm",
    });
    let clip = json!({
        "html": "<p>", "format": "png", "clip_x": 10, "clip_y": 20, "clip_width": 300,
        "clip_height": 40, "capture_beyond_viewport": false, "cache_key": "b",
        "wait_until": ["load"],
    });
    let window = json!({
        "url": "https://example.com", "viewport_height": 500, "viewport_has_touch": true,
        "viewport_mobile": true, "scripts": "a()", "scripts_wait_until": ["load"],
        "user_agent": "me", "format": "png",
    });
    let page = json!({
        "url": "https://example.com", "format": "png", "full_page": true,
        "full_page_scroll": false, "full_page_sticky": "as_is", "hover": "nav", "error_on_hover_selector_not_found": false,
    });
    let own_sheet = json!({"html": "<p>", "format": "pdf", "pdf_prefer_css_page_size": true});
    let scroll = json!({
        "html": "<p>", "format": "mp4", "duration": 9, "width": 64, "height": 48,
        "scenario": "scroll", "scroll_duration": 900, "scroll_delay": 200, "scroll_by": 700,
        "scroll_start_delay": 50, "scroll_complete": false, "scroll_back_algorithm": "repeat",
        "scroll_back_after_duration": 6000, "scroll_till_selector": "#end",
        "scroll_till_selector_adjust_top": -40, "scroll_to_end_after": 4000,
        "scroll_easing": "linear",
    });
    let stop = json!({
        "html": "<p>", "format": "webm", "scenario": "scroll", "aspect_ratio": "4:3",
        "scroll_start_immediately": false, "scroll_back": false,
        "scroll_stop_after_duration": 700,
    });
    let still = json!({"html": "<p>", "format": "gif", "duration": 5});
    [a_picture(), a_print(), sheets, clip, window, page, own_sheet, scroll, stop, still].map(shared)
}

/// The body without an option, and without those that can't be there without it.
fn without(body: &Value, name: &str) -> Option<Value> {
    let mut body = body.clone();
    let fields = body.as_object_mut()?;
    fields.remove(name)?;
    while !is_good(TAKE, &body) {
        let told = faults(&request("POST", TAKE, &body.to_string()));
        let fields = body.as_object_mut()?;
        let left = fields.len();
        fields.retain(|option, _| !told.iter().any(|it| it.starts_with(&format!("`{option}` "))));
        if fields.len() == left {
            return None;
        }
    }
    Some(body)
}

#[test]
fn every_option_that_changes_a_picture_changes_its_key() {
    let mut told = BTreeSet::new();
    for body in bodies() {
        let whole = key(TAKE, &body);
        for name in body.as_object().unwrap().keys() {
            let Some(known) = options(Dialect::Nodium).find(|known| known.name == *name) else {
                panic!("{name}")
            };
            if BESIDE.contains(&known.name) {
                continue;
            }
            // A source can't be left out: another one takes its place.
            let other = match name.as_str() {
                "url" | "html" | "markdown" => {
                    let mut body = body.clone();
                    body[name] = "https://example.com/other".into();
                    Some(body)
                }
                _ => without(&body, name),
            };
            let Some(other) = other else { panic!("{name} can't be left out of {body}") };
            if key(TAKE, &other) != whole {
                told.insert(known.name);
            }
        }
    }
    let built = options(Dialect::Nodium).filter(|it| it.availability == Availability::Built);
    let all: BTreeSet<_> = built.map(|it| it.name).filter(|it| !BESIDE.contains(it)).collect();
    let missing: Vec<_> = all.difference(&told).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn who_asks_and_how_it_is_told_does_not_change_the_key() {
    let plain = json!({"url": "https://example.com", "format": "png", "cache": true});
    let whole = key(TAKE, &plain);
    for beside in [
        json!({"access_key": "dr_live_x"}),
        json!({"async": true}),
        json!({"response_type": "json"}),
        json!({"attachment_name": "a.png"}),
        json!({"external_identifier": "a"}),
        json!({"timeout": 7}),
        json!({"cache_ttl": 86_400, "cache_stale_ttl": 60}),
        // Defaults that are spelt out.
        json!({"viewport_width": 1280, "viewport_height": 1024, "delay": 0}),
    ] {
        let mut body = plain.clone();
        body.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
        assert_eq!(key(TAKE, &body), whole, "{beside}");
    }
    let query = "cache=true&format=png&url=https%3A%2F%2Fexample.com&access_key=k";
    let by_query = submission(&request("GET", &format!("{TAKE}?{query}"), ""));
    assert_eq!(by_query.caching.unwrap().key, whole);
    let reach = Reach::public();
    let region = region();
    let terms =
        Terms { reach: &reach, region: &region, results_kept: DAY, cache_with_webhooks: true };
    let mut hooked = plain;
    hooked["webhook_url"] = "https://hooks.example/".into();
    hooked["webhook_errors"] = true.into();
    let call = darkroom_dialects::read(&request("POST", TAKE, &hooked.to_string()), &terms);
    let Ok(Action::Submit(submission)) = call.action else { panic!("{:?}", call.action) };
    assert_eq!(submission.caching.unwrap().key, whole);
    // Where a page is drawn as it stands when time is up, that counts.
    let hasty =
        json!({"url": "https://example.com", "format": "png", "cache": true, "best_effort": true});
    let mut patient = hasty.clone();
    patient["timeout"] = 7.into();
    assert_ne!(key(TAKE, &hasty), key(TAKE, &patient));
    // The same picture by the other dialect.
    let other = json!({"url": "https://example.com", "screen_height": 1024, "cache": true,
                       "ignore_host_errors": false});
    assert_eq!(key(CAPTURE, &other), whole);
}

#[test]
fn a_result_is_shared_for_four_hours_or_as_long_as_is_said_while_it_is_kept() {
    let lives = |options: Value| {
        let mut body = shared(options);
        body["url"] = "https://example.com".into();
        let caching = submission(&request("POST", TAKE, &body.to_string())).caching.unwrap();
        (caching.fresh_for.as_secs(), caching.stale_for.as_secs())
    };
    assert_eq!(lives(json!({})), (14_400, 0));
    assert_eq!(lives(json!({"cache_ttl": 86_400, "cache_stale_ttl": 60})), (86_400, 60));
    let month = 2_592_000;
    assert_eq!(lives(json!({"cache_ttl": month, "cache_stale_ttl": month})), (2_592_000, 0));
    let reach = Reach::public();
    let region = region();
    let terms =
        Terms { reach: &reach, region: &region, results_kept: DAY, cache_with_webhooks: false };
    let body = json!({"url": "https://example.com", "cache": true, "cache_stale_ttl": month});
    let call = darkroom_dialects::read(&request("POST", TAKE, &body.to_string()), &terms);
    let Ok(Action::Submit(submission)) = call.action else { panic!("{:?}", call.action) };
    let caching = submission.caching.unwrap();
    assert_eq!((caching.fresh_for.as_secs(), caching.stale_for.as_secs()), (14_400, 72_000));
}

#[test]
fn what_goes_wrong_with_sharing_is_told_with_its_remedy() {
    let webhook = |word| format!("`cache` doesn't go with `{word}`; leave one of them out");
    let cases = [
        (TAKE, json!({"cache": true, "webhook_url": "https://e.com"}), vec![webhook("webhook_url")]),
        (
            CAPTURE,
            json!({"cache": true, "callback_url": "https://e.com"}),
            vec![webhook("callback_url")],
        ),
        (
            TAKE,
            json!({"cache_ttl": 14_400, "cache_key": "a"}),
            ["cache_ttl", "cache_key"]
                .map(|name| format!("`{name}` needs `cache`; give that too, or leave it out"))
                .to_vec(),
        ),
        (
            TAKE,
            json!({"cache": false, "cache_stale_ttl": 5}),
            vec!["`cache_stale_ttl` needs `cache` to be true; set that, or leave it out".to_owned()],
        ),
        (
            TAKE,
            json!({"cache": true, "cache_ttl": 14_399, "cache_key": "a-b"}),
            vec![
                "`cache_ttl` must be a whole number of seconds from 14400 to 2592000 (default 14400)".to_owned(),
                "`cache_key` must be 1 to 250 ASCII letters and digits".to_owned(),
            ],
        ),
    ];
    for (path, options, expected) in cases {
        let mut body = json!({"url": "https://example.com"});
        body.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        assert_eq!(faults(&request("POST", path, &body.to_string())), expected, "{options}");
    }
    for length in [1, 250] {
        let body = json!({"url": "https://e.com", "cache": true, "cache_key": "k".repeat(length)});
        assert!(is_good(TAKE, &body));
    }
    for length in [0, 251] {
        let body = json!({"url": "https://e.com", "cache": true, "cache_key": "k".repeat(length)});
        assert!(!is_good(TAKE, &body));
    }
}
