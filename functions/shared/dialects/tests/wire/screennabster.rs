//! ScreenNabster's wire contract: its seed's examples word for word, then what
//! the seed leaves to its public docs.

use crate::support::{
    bare, completed, completed_with_files, failed, faults, fresh_links, job, key, keyless, noon,
    posted, read, refused_in, rendering, request, submission, told, written,
};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::{DeliveryId, JobId};
use darkroom_core::job::{Dialect, JobState};
use darkroom_core::signature::Signatures;
use darkroom_dialects::{Action, Credential, Refusal, Tongue};

const CAPTURE: &str = "https://screennabster.com/api/v1/capture";

#[test]
fn the_seeds_request_is_read() {
    // What its `JSON.stringify` makes of the object in enqueue.ts.
    let body = r#"{"url":"https://example.com/long-report","output":"pdf","background":true,"callback_url":"https://api.mycompany.com/hooks/screennabster","webhook_errors":true,"external_identifier":"report-2026-04-25"}"#;
    insta::assert_snapshot!(told(&submission(&request("POST", CAPTURE, body))), @r#"
    ScreenNabster https://example.com/long-report
    Pdf(Print { paper: Size(A4), orientation: Portrait, margins: Margins { top_in: 0.4, right_in: 0.4, bottom_in: 0.4, left_in: 0.4 }, background: true, scale: 1.0, page_ranges: "", header: None, footer: None, tagging: No, outline: No, fit: Sheets }) Viewport
    Viewport { width_px: 1280, height_px: 800, scale: 1.0, screen: Screen { is_mobile: false, has_touch: false } }
    Wait { until: [], selector: None, function: None, delay: 0ns, navigation: 30s, late: Fail }
    Draw errors, 60 s
    to https://api.mycompany.com/hooks/screennabster signed Yes announcing Everything
    identifier Some("report-2026-04-25")
    "#);
}

#[test]
fn its_own_names_and_screenshotones_are_the_same_options() {
    let own = "?url=https://example.com&background=true&output=jpg&screen_width=390\
        &screen_height=844&callback_url=https://a.example/";
    let aliases = "?url=https://example.com&async=true&format=jpeg&viewport_width=390\
        &viewport_height=844&webhook_url=https://a.example/&webhook_sign=true";
    let [own, aliases] =
        [own, aliases].map(|query| submission(&request("GET", &format!("{CAPTURE}{query}"), "")));
    assert_eq!(own, aliases);
    insta::assert_snapshot!(told(&own), @r"
    ScreenNabster https://example.com/
    Image(Image { encoding: Jpeg(Quality(80)), background: Page, resize: None, more_sizes: [] }) Viewport
    Viewport { width_px: 390, height_px: 844, scale: 1.0, screen: Screen { is_mobile: false, has_touch: false } }
    Wait { until: [], selector: None, function: None, delay: 0ns, navigation: 30s, late: Fail }
    Draw errors, 60 s
    to https://a.example/ signed Yes announcing Completed
    identifier None
    ");
}

#[test]
fn contradictions_and_what_it_lacks_are_told() {
    let body = r#"{"url": "https://example.com", "background": true, "screen_width": 390,
        "viewport_width": 400, "output": "html", "quality": 101, "device": "iPhone 15",
        "webhook_sign": false, "access_key": "x"}"#;
    insta::assert_debug_snapshot!(faults(&request("POST", CAPTURE, body)));
}

#[test]
fn the_key_lies_in_its_header_only() {
    let key = key();
    let good = key.expose();
    let cases = [
        (&[("x-api-key", good)], Credential::Key(key.clone())),
        (&[("x-api-key", "pk_123")], Credential::Malformed),
        (&[("x-access-key", good)], Credential::Missing),
    ];
    for (headers, expected) in cases {
        let call = read(&keyless("POST", CAPTURE, "{", headers));
        assert_eq!(call.credential, expected);
    }
}

#[test]
fn a_poll_is_read_by_our_spelling_only() {
    let job = JobId::parse_decimal("8472910").unwrap();
    let cases = [
        ("GET", format!("/{}", job.to_uuid()), Ok(Action::Status(job))),
        ("GET", "/550e8400-e29b-41d4-a716-446655440000".to_owned(), Err(Refusal::NotFound)),
        ("GET", "/8472910".to_owned(), Err(Refusal::NotFound)),
        ("GET", "/".to_owned(), Err(Refusal::NotFound)),
        ("GET", "/bulk".to_owned(), Err(Refusal::MethodNotAllowed { allow: "POST" })),
        ("POST", "/usage".to_owned(), Err(Refusal::MethodNotAllowed { allow: "GET" })),
        ("PUT", String::new(), Err(Refusal::MethodNotAllowed { allow: "GET, POST" })),
        ("DELETE", "/1".to_owned(), Err(Refusal::MethodNotAllowed { allow: "GET" })),
    ];
    for (method, path, expected) in cases {
        let call = read(&request(method, &format!("/api/v1/capture{path}"), ""));
        assert_eq!((call.action, call.tongue), (expected, Tongue::ScreenNabster), "{path}");
    }
}

#[test]
fn an_accepted_capture_is_answered_with_the_seeds_three_fields() {
    let job = job(Dialect::ScreenNabster, JobState::Queued);
    let answers = [job.clone(), bare(job)].map(|job| written(&darkroom_dialects::accepted(&job)));
    insta::assert_snapshot!(answers.join("\n"));
}

#[test]
fn a_poll_tells_every_state() {
    let timeout = Failure::plain(FailureKind::Timeout);
    let states = [
        JobState::Accepted,
        JobState::Queued,
        rendering(),
        completed(),
        failed(timeout),
        JobState::Rejected { at: noon() },
    ];
    let answers = states.map(|state| {
        let job = job(Dialect::ScreenNabster, state);
        written(&darkroom_dialects::status(Tongue::ScreenNabster, &job, None))
    });
    let done = bare(job(Dialect::Nodium, completed()));
    let fresh = darkroom_dialects::status(Tongue::ScreenNabster, &done, Some(&fresh_links()));
    insta::assert_snapshot!(format!("{}\n{}", answers.join("\n"), written(&fresh)));
}

#[test]
fn a_poll_lists_slices_and_sizes_and_the_webhook_stays_the_seeds() {
    let (state, links) = completed_with_files();
    let done = job(Dialect::ScreenNabster, state);
    let answer = darkroom_dialects::status(Tongue::ScreenNabster, &done, Some(&links));
    insta::assert_snapshot!(written(&answer));
    let plain = job(Dialect::ScreenNabster, completed());
    let webhook = |job| darkroom_dialects::webhook(job, Some(&links.main));
    assert_eq!(webhook(&done), webhook(&plain));
}

#[test]
fn every_failure_has_a_code() {
    for kind in FailureKind::ALL {
        let job = job(Dialect::ScreenNabster, failed(Failure::plain(kind)));
        let answer = darkroom_dialects::status(Tongue::ScreenNabster, &job, None);
        let body = std::str::from_utf8(answer.body()).unwrap();
        let code = match kind {
            FailureKind::Storage
            | FailureKind::StorageDenied
            | FailureKind::StorageInvalid
            | FailureKind::StorageUnavailable => "STORAGE_ERROR",
            _ => "RENDER_ERROR",
        };
        assert!(body.contains(code), "{body}");
    }
}

#[test]
fn events_have_the_seeds_fields_in_the_seeds_order() {
    let completed_json = r#"{
  "event": "capture.completed",
  "job_id": "550e8400-e29b-41d4-a716-446655440000",
  "created_at": "2026-04-11T15:04:05.123Z",
  "result_url": "https://…supabase…/signed-url…",
  "external_identifier": "report-2026-04-25"
}"#;
    let failed_json = r#"{
  "event": "capture.failed",
  "job_id": "550e8400-e29b-41d4-a716-446655440000",
  "created_at": "2026-04-11T15:04:05.123Z",
  "error": "Navigation timeout",
  "error_code": "RENDER_ERROR",
  "external_identifier": "report-2026-04-25"
}"#;
    let failure = Failure::new(FailureKind::Timeout, "Navigation timeout");
    let verdict = "x-screennabster-verdict: fine\n";
    for (state, seed, verdict) in
        [(completed(), completed_json, verdict), (failed(failure), failed_json, "")]
    {
        let job = job(Dialect::ScreenNabster, state);
        let webhook = darkroom_dialects::webhook(&job, None).unwrap();
        let ours = posted(&webhook)
            .replace(&job.id.to_uuid(), "550e8400-e29b-41d4-a716-446655440000")
            .replace(
                "https://cdn.nodium.io/screenshots/8472910.png",
                "https://…supabase…/signed-url…",
            )
            .replace("order-12345", "report-2026-04-25");
        let seed = seed.replace("\n  ", "").replace('\n', "").replace("\": ", "\":");
        let headers = "content-type: application/json\n\
            x-screennabster-external-identifier: report-2026-04-25\n";
        assert_eq!(ours, format!("{headers}{verdict}\n{seed}\n"));
    }
}

#[test]
fn a_storage_failure_has_the_seeds_other_code_and_no_identifier_is_no_field() {
    let storage = failed(Failure::plain(FailureKind::Storage));
    let job = bare(job(Dialect::ScreenNabster, storage));
    let webhook = darkroom_dialects::webhook(&job, None).unwrap();
    insta::assert_snapshot!(posted(&webhook));
}

#[test]
fn a_webhook_is_always_signed_with_the_seeds_prefix() {
    let mut job = job(Dialect::ScreenNabster, completed());
    let signatures = Signatures { seed_hex: "0a1b".to_owned(), standard: "v1,AAAA".to_owned() };
    let id = DeliveryId::of(job.id);
    let expected = [
        ("x-screennabster-signature", "sha256=0a1b"),
        ("webhook-id", id.as_str()),
        ("webhook-timestamp", "1775919845"),
        ("webhook-signature", "v1,AAAA"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let signed = darkroom_dialects::signature_headers(&job, &signatures, &id, noon());
    assert_eq!(signed, expected);
    job.order.callback = None;
    assert_eq!(darkroom_dialects::signature_headers(&job, &signatures, &id, noon()), expected);
}

#[test]
fn refusals_are_worded_as_its_docs_say() {
    insta::assert_snapshot!(refused_in(Tongue::ScreenNabster));
}
