//! Nodium's wire contract: its seed's examples word for word, then what the
//! seed leaves to its public docs.

use crate::support::{
    bare, completed, completed_with_files, failed, fresh_links, job, key, keyless, noon, posted,
    read, refused_in, rendering, request, submission, told, written,
};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::JobId;
use darkroom_core::job::{Dialect, JobState, Signed};
use darkroom_core::key::{SigningKey, SigningKeys};
use darkroom_core::signature::Signing;
use darkroom_dialects::{Action, Credential, Refusal, Tongue, WebhookBody};

const TAKE: &str = "https://api.nodium.io/api/v1/screenshot/take";

#[test]
fn the_seeds_requests_are_read() {
    let enabling = r#"{
"url": "https://example.com",
"format": "png",
"async": true,
"webhook_url": "https://hooks.example.com/screenshot-ready"
}"#;
    let custom_identifier = r#"{
"url": "https://example.com",
"format": "png",
"async": true,
"webhook_url": "https://hooks.example.com/screenshot-ready",
"external_identifier": "order-12345"
}"#;
    let code_example = r#"{
"url": "https://heavy-page.example.com",
"format": "png",
"async": true,
"webhook_url": "https://hooks.example.com/screenshot-ready",
"webhook_sign": true,
"webhook_errors": true,
"external_identifier": "job-42",
"timeout": 120
}"#;
    let read = [enabling, custom_identifier, code_example]
        .map(|body| told(&submission(&request("POST", TAKE, body))));
    insta::assert_snapshot!(read.join("\n"));
}

#[test]
fn a_capture_is_what_screenshotone_makes_of_nothing() {
    let get = request("GET", "/api/v1/screenshot/take?url=https://example.com&async=true", "");
    insta::assert_snapshot!(told(&submission(&get)), @r#"
    Nodium https://example.com/
    Image(Image { encoding: Jpeg(Quality(100)), background: Page, resize: None, more_sizes: [] }) Viewport
    Viewport { width_px: 1280, height_px: 1024, scale: 1.0, screen: Screen { is_mobile: false, has_touch: false } }
    Wait { until: [], selector: None, function: None, delay: 0ns, navigation: 30s, late: Fail }
    Fail errors, 60 s
    no callback
    identifier None
    "#);
}

#[test]
fn query_and_body_are_one() {
    let mixed = request(
        "POST",
        "/api/v1/screenshot/take?async=true&timeout=90&wait_until=load",
        r#"{"url": "https://example.com", "timeout": 90, "wait_until": ["load"], "delay": "5", "html": null}"#,
    );
    let submission = submission(&mixed);
    assert_eq!(submission.timeout.as_secs(), 90);
    assert_eq!(submission.spec.wait.delay.as_secs(), 5);
}

/// Target, body, headers, and what they come to.
type KeyCase<'c> = (&'c str, &'c str, &'c [(&'c str, &'c str)], Credential);

#[test]
fn the_key_may_lie_in_header_query_or_body() {
    let key = key();
    let good = key.expose();
    let body = format!(r#"{{"access_key": "{good}"}}"#);
    let in_query = format!("{TAKE}?access_key={good}");
    let found = Credential::Key(key.clone());
    let cases: [KeyCase<'_>; 10] = [
        (TAKE, "", &[("x-access-key", good)], found.clone()),
        (&in_query, "", &[], found.clone()),
        (TAKE, &body, &[], found.clone()),
        (&in_query, r#"{"access_key": "no"}"#, &[], found),
        (&in_query, "", &[("x-access-key", "no")], Credential::Malformed),
        (TAKE, "", &[], Credential::Missing),
        (TAKE, r#"{"access_key": 7}"#, &[], Credential::Malformed),
        ("/api/v1/screenshot/take?access_key=", "", &[], Credential::Malformed),
        // The key could be in what can't be read: the fault there is told first.
        (TAKE, "{", &[], Credential::NotNeeded),
        (TAKE, "{", &[("x-access-key", "YOUR_API_KEY")], Credential::Malformed),
    ];
    for (target, body, headers, expected) in cases {
        let call = read(&keyless("POST", target, body, headers));
        assert_eq!(call.credential, expected, "{target} {body}");
    }
}

#[test]
fn the_seeds_poll_is_read() {
    let key = key();
    let seed = "https://api.nodium.io/api/v1/screenshot/status/8472910?access_key=";
    let call = read(&keyless("GET", &format!("{seed}{}", key.expose()), "", &[]));
    assert_eq!(call.tongue, Tongue::Nodium);
    assert_eq!(call.credential, Credential::Key(key));
    assert_eq!(call.action, Ok(Action::Status(JobId::parse_decimal("8472910").unwrap())));
}

#[test]
fn whatever_else_is_asked_of_the_path_is_refused() {
    let not_found = Err(Refusal::NotFound);
    let nowhere = Err(Refusal::NoSuchEndpoint);
    let get_only = Err(Refusal::MethodNotAllowed { allow: "GET" });
    let get_or_post = Err(Refusal::MethodNotAllowed { allow: "GET, POST" });
    let cases = [
        ("GET", "/status/08472910", &not_found),
        ("GET", "/status/", &not_found),
        ("GET", "/status/1/2", &not_found),
        ("GET", "/status/%31", &not_found),
        ("POST", "/status/1", &get_only),
        ("HEAD", "/status/1", &get_only),
        ("HEAD", "/take", &get_or_post),
        ("OPTIONS", "/take", &get_or_post),
        ("DELETE", "/take", &get_or_post),
        ("POST", "/take/", &nowhere),
        ("POST", "/animate/", &nowhere),
        ("DELETE", "/animate", &get_or_post),
        ("POST", "", &nowhere),
    ];
    for (method, path, expected) in cases {
        let call = read(&request(method, &format!("/api/v1/screenshot{path}"), ""));
        assert_eq!((&call.action, call.tongue), (expected, Tongue::Nodium), "{method} {path}");
    }
}

#[test]
fn an_accepted_capture_has_the_seeds_headers_and_a_body() {
    let answer = darkroom_dialects::accepted(&job(Dialect::Nodium, JobState::Queued));
    insta::assert_snapshot!(written(&answer), @r#"
    202 Accepted
    content-type: application/json
    cache-control: no-store
    x-nodium-reference: 8472910
    x-nodium-trace-id: abababababababababababababababab

    {"status":"processing","reference":"8472910"}
    "#);
}

#[test]
fn a_poll_is_answered_in_the_seeds_three_shapes() {
    let processing = r#"{
"status": "processing",
"reference": "8472910"
}"#;
    let complete = r#"{
"status": "completed",
"reference": "8472910",
"screenshot_url": "https://cdn.nodium.io/screenshots/8472910.png"
}"#;
    let error = r#"{
"status": "failed",
"reference": "8472910",
"error_code": "timeout_error",
"message": "Operation timed out"
}"#;
    let timeout = Failure::plain(FailureKind::Timeout);
    let cases = [
        (JobState::Accepted, processing),
        (JobState::Queued, processing),
        (rendering(), processing),
        (completed(), complete),
        (failed(timeout), error),
    ];
    for (state, seed) in cases {
        let answer = darkroom_dialects::status(Tongue::Nodium, &job(Dialect::Nodium, state), None);
        // Fields and their order are the seed's; its line breaks are the page's.
        let seed = seed.replace('\n', "").replace("\": ", "\":");
        assert_eq!(std::str::from_utf8(answer.body()).unwrap(), seed);
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/json");
    }
}

#[test]
fn a_poll_tells_the_fresh_link_and_what_became_of_a_rejected_job() {
    let job_done = job(Dialect::ScreenNabster, completed());
    let rejected = job(Dialect::Nodium, JobState::Rejected { at: noon() });
    let answers = [
        darkroom_dialects::status(Tongue::Nodium, &job_done, Some(&fresh_links())),
        darkroom_dialects::status(Tongue::Nodium, &rejected, None),
    ];
    insta::assert_snapshot!(answers.map(|it| written(&it)).join("\n"));
}

#[test]
fn a_poll_lists_the_slices_and_sizes_that_were_asked_for() {
    let (state, links) = completed_with_files();
    let done = job(Dialect::Nodium, state);
    let answer = darkroom_dialects::status(Tongue::Nodium, &done, Some(&links));
    insta::assert_snapshot!(written(&answer));
}

#[test]
fn every_failure_has_a_code() {
    let codes = FailureKind::ALL.map(|kind| {
        let job = job(Dialect::Nodium, failed(Failure::plain(kind)));
        let answer = darkroom_dialects::status(Tongue::Nodium, &job, None);
        format!("{}: {}", kind.name(), std::str::from_utf8(answer.body()).unwrap())
    });
    insta::assert_snapshot!(codes.join("\n"));
}

#[test]
fn a_webhook_carries_the_bytes_and_the_seeds_headers() {
    let webhook = darkroom_dialects::webhook(&job(Dialect::Nodium, completed()), None).unwrap();
    assert_eq!(webhook.body, WebhookBody::Artifact);
    insta::assert_snapshot!(posted(&webhook), @r"
    content-type: image/png
    x-nodium-reference: 8472910
    x-nodium-trace-id: abababababababababababababababab
    x-nodium-rendering-seconds: 3.45
    x-nodium-size-bytes: 245760
    x-nodium-external-identifier: order-12345
    x-nodium-verdict: fine

    (the result)
    ");
    let bare = bare(job(Dialect::Nodium, completed()));
    let headers = darkroom_dialects::webhook(&bare, None).unwrap().headers;
    assert!(headers.iter().all(|(name, _)| name != "x-nodium-external-identifier"));
}

#[test]
fn a_failure_is_told_in_the_seeds_error_headers() {
    let timeout = failed(Failure::plain(FailureKind::Timeout));
    let webhook = darkroom_dialects::webhook(&job(Dialect::Nodium, timeout), None).unwrap();
    insta::assert_snapshot!(posted(&webhook), @r#"
    content-type: application/json
    x-nodium-reference: 8472910
    x-nodium-trace-id: abababababababababababababababab
    x-nodium-error-code: timeout_error
    x-nodium-error-message: Operation timed out
    x-nodium-external-identifier: order-12345

    {"status":"failed","reference":"8472910","error_code":"timeout_error","message":"Operation timed out"}
    "#);
}

#[test]
fn an_error_header_is_printable_whatever_the_message_holds() {
    let failure = Failure::new(FailureKind::HostError, "it said «nö»\r\nx-evil: 1");
    let webhook = darkroom_dialects::webhook(&job(Dialect::Nodium, failed(failure)), None).unwrap();
    let message = webhook.headers.iter().find(|(name, _)| name == "x-nodium-error-message");
    assert_eq!(message.unwrap().1, "it said ?n????x-evil: 1");
}

#[test]
fn only_an_ended_job_has_a_webhook() {
    for state in
        [JobState::Accepted, JobState::Queued, rendering(), JobState::Rejected { at: noon() }]
    {
        for dialect in [Dialect::Nodium, Dialect::ScreenNabster] {
            assert!(darkroom_dialects::webhook(&job(dialect, state.clone()), None).is_none());
        }
    }
}

#[test]
fn a_webhook_is_signed_as_the_seed_says_unless_the_client_wants_none() {
    let mut job = job(Dialect::Nodium, completed());
    let keys = SigningKeys::first(SigningKey::from_random([1; 32]), noon());
    let id = darkroom_core::id::DeliveryId::of(job.id);
    let mut signing = Signing::begin(&keys, &id, noon());
    signing.update(b"the picture");
    let signatures = signing.finish();
    let signed = |job: &_| {
        let headers = darkroom_dialects::signature_headers(job, &signatures, &id, noon());
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!("signed", signed(&job));
    job.order.callback.as_mut().unwrap().sign = Signed::No;
    let unsigned = signed(&job);
    assert!(!unsigned.contains("x-nodium-signature"), "{unsigned}");
    assert!(unsigned.contains("webhook-signature"), "{unsigned}");
}

#[test]
fn refusals_are_worded_as_its_docs_say() {
    insta::assert_snapshot!(refused_in(Tongue::Nodium));
}
