//! Our own API: jobs, own links, and paths that are nobody's.

use std::time::Duration;

use crate::support::{
    bare, completed, completed_with_files, failed, faults, fresh_link, fresh_links, job, key,
    keyless, noon, read, refused_in, rendering, request, written,
};
use darkroom_core::capture::Source;
use darkroom_core::delivery::{
    Answer, Attempt, AttemptOutcome, Delivery, Phase, PostFault, Sequel,
};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::JobId;
use darkroom_core::job::{Announce, Charge, Dialect, JobState};
use darkroom_core::port::{JobPage, OwnLink};
use darkroom_core::time::Timestamp;
use darkroom_dialects::{Action, Again, Credential, Refusal, Span, Tongue};

#[test]
fn requests_are_read_by_path_and_method() {
    let id = JobId::parse_decimal("8472910").unwrap();
    let uuid = id.to_uuid();
    let list = |before, limit| Ok(Action::ListJobs { before, limit });
    let cases = [
        ("GET", "/v1/jobs".to_owned(), list(None, 20)),
        ("GET", "/v1/jobs?limit=100&before=8472910".to_owned(), list(Some(id), 100)),
        ("GET", format!("/v1/jobs?before={uuid}"), list(Some(id), 20)),
        ("GET", "/v1/jobs/8472910".to_owned(), Ok(Action::ShowJob(id))),
        ("GET", format!("/v1/jobs/{uuid}"), Ok(Action::ShowJob(id))),
        ("DELETE", format!("/v1/jobs/{uuid}"), Ok(Action::DeleteJob(id))),
        ("GET", "/v1/jobs/8472910/delivery".to_owned(), Ok(Action::ShowDelivery(id))),
        ("POST", format!("/v1/jobs/{uuid}/delivery/retry"), Ok(Action::DeliverAgain(id))),
        (
            "POST",
            "/v1/deliveries/retry?from=2026-04-11T00:00:00Z&to=2026-04-12T00:00:00%2B01:00&before=8472910"
                .to_owned(),
            Ok(Action::DeliverFailedAgain(Span {
                from: Timestamp::parse_rfc3339("2026-04-11T00:00:00Z").unwrap(),
                to: Timestamp::parse_rfc3339("2026-04-11T23:00:00Z").unwrap(),
                before: Some(id),
            })),
        ),
        (
            "GET",
            "/v1/jobs/1/delivery/retry".to_owned(),
            Err(Refusal::MethodNotAllowed { allow: "POST" }),
        ),
        ("POST", "/v1/jobs/1/delivery".to_owned(), Err(Refusal::MethodNotAllowed { allow: "GET" })),
        ("GET", "/v1/deliveries/retry".to_owned(), Err(Refusal::MethodNotAllowed { allow: "POST" })),
        ("GET", "/v1/deliveries/test".to_owned(), Err(Refusal::MethodNotAllowed { allow: "POST" })),
        ("GET", "/v1/jobs/1/deliveries".to_owned(), Err(Refusal::NoSuchEndpoint)),
        ("GET", "/v1/jobs/abc".to_owned(), Err(Refusal::NotFound)),
        ("POST", "/v1/jobs".to_owned(), Err(Refusal::MethodNotAllowed { allow: "GET" })),
        ("PUT", "/v1/jobs/1".to_owned(), Err(Refusal::MethodNotAllowed { allow: "GET, DELETE" })),
        ("GET", "/".to_owned(), Err(Refusal::NoSuchEndpoint)),
        ("GET", "/v1".to_owned(), Err(Refusal::NoSuchEndpoint)),
        ("GET", "/api/v1/screenshots".to_owned(), Err(Refusal::NoSuchEndpoint)),
    ];
    for (method, path, expected) in cases {
        let call = read(&request(method, &path, ""));
        assert_eq!((call.action, call.tongue), (expected, Tongue::Darkroom), "{method} {path}");
    }
}

#[test]
fn a_page_has_bounds() {
    let bad = request("GET", "/v1/jobs?limit=101&before=x&state=failed", "");
    insta::assert_debug_snapshot!(faults(&bad), @r#"
    [
        "`state` is not an option",
        "`before` must be the id of a job",
        "`limit` must be a whole number from 1 to 100 (default 20)",
    ]
    "#);
}

#[test]
fn a_span_of_time_has_a_beginning_and_an_end() {
    let all_faults = |body| faults(&request("POST", "/v1/deliveries/retry", body));
    insta::assert_debug_snapshot!(all_faults(r#"{"from": "yesterday"}"#), @r#"
    [
        "`from` must be a time as RFC 3339 spells it, such as 2026-04-11T15:04:00Z",
        "`to` is missing; give a time as RFC 3339 spells it, such as 2026-04-11T15:04:00Z",
    ]
    "#);
    let backwards = r#"{"from": "2026-04-11T15:04:00Z", "to": "2026-04-11T15:04:00Z"}"#;
    assert_eq!(all_faults(backwards), ["`to` must be later than `from`"]);
}

#[test]
fn a_test_event_is_a_capture_of_a_page_of_our_own() {
    let asked = |path: &str| {
        let call = read(&request("POST", path, ""));
        match call.action {
            Ok(Action::TestWebhook(submission)) => *submission,
            other => panic!("{other:?}"),
        }
    };
    let hook = "callback_url=https://hooks.example/a";
    let plain = asked(&format!("/v1/deliveries/test?{hook}"));
    assert_eq!(plain.dialect, Dialect::Nodium);
    assert!(matches!(&plain.spec.source, Source::Html(page) if page.contains("test event")));
    let callback = plain.callback.unwrap();
    assert_eq!(
        (callback.url.as_str(), callback.errors),
        ("https://hooks.example/a", Announce::Everything)
    );
    assert_eq!(plain.external_identifier.unwrap().as_str(), "test-event");
    let nabbed = asked(&format!("/v1/deliveries/test?{hook}&dialect=screennabster"));
    assert_eq!(nabbed.dialect, Dialect::ScreenNabster);
    let mut keyed = request("POST", &format!("/v1/deliveries/test?{hook}"), "");
    keyed.headers_mut().insert("idempotency-key", "a".parse().unwrap());
    let Ok(Action::TestWebhook(submission)) = read(&keyed).action else { panic!() };
    assert!(submission.idempotency.is_some());

    let all_faults = |body| faults(&request("POST", "/v1/deliveries/test", body));
    insta::assert_debug_snapshot!(all_faults(r#"{"dialect": "morse"}"#), @r#"
    [
        "`dialect` must be nodium or screennabster (default nodium)",
        "`callback_url` is missing; give the address of your receiver",
    ]
    "#);
    insta::assert_debug_snapshot!(all_faults(r#"{"callback_url": "http://10.0.0.1/"}"#), @r#"
    [
        "`callback_url` is not allowed: it lies in a private or reserved network; use a host that is reachable from the internet",
    ]
    "#);
}

#[test]
fn a_delivery_is_shown_with_everything_that_is_known_of_its_attempts() {
    let it = job(Dialect::Nodium, failed(Failure::plain(FailureKind::Timeout)));
    let attempt = |number, outcome| Attempt {
        number,
        at: noon(),
        took: Duration::from_millis(1_234),
        address: Some("203.0.113.7:443".parse().unwrap()),
        outcome,
    };
    let answer = Answer {
        status: 302,
        body_head: "moved".to_owned(),
        retry_after: Some(Duration::from_secs(15)),
        location: Some("https://elsewhere.example/".to_owned()),
    };
    let unanswered = AttemptOutcome::Unanswered {
        class: PostFault::Tls,
        detail: "a bad certificate".to_owned(),
    };
    let delivery = Delivery {
        job: it.id,
        version: 4,
        phase: Phase::Due { number: 3, at: noon() },
        sequel: Sequel::Schedule,
        postponed_since: Some(noon()),
        attempts: vec![
            attempt(1, AttemptOutcome::Answered(answer)),
            Attempt { address: None, ..attempt(2, unanswered) },
        ],
    };
    let again = Again { sent: vec![it.id], next_before: Some(it.id) };
    let answers = [
        darkroom_dialects::delivery(&it, None),
        darkroom_dialects::delivery(&it, Some(&delivery)),
        darkroom_dialects::delivered_again(&it, &delivery),
        darkroom_dialects::failed_delivered_again(&again),
    ];
    insta::assert_snapshot!(answers.map(|answer| written(&answer)).join("\n"));
}

#[test]
fn the_key_is_a_bearer_token_or_either_seeds_header() {
    let key = key();
    let good = key.expose();
    let bearer = format!("Bearer {good}");
    let lower_case = format!("bearer {good}");
    let found = Credential::Key(key.clone());
    let cases: [(&[(&str, &str)], Credential); 7] = [
        (&[("authorization", &bearer)], found.clone()),
        (&[("authorization", &lower_case)], found.clone()),
        (&[("x-access-key", good)], found.clone()),
        (&[("x-api-key", good)], found.clone()),
        (&[("authorization", "Basic YTpi"), ("x-api-key", good)], found),
        (&[("authorization", "Bearer ä")], Credential::Malformed),
        (&[], Credential::Missing),
    ];
    for (headers, expected) in cases {
        let call = read(&keyless("GET", "/v1/jobs", "", headers));
        assert_eq!(call.credential, expected, "{headers:?}");
    }
}

#[test]
fn an_own_link_is_followed_without_a_key() {
    let call = read(&keyless("GET", "/r/8472910/1800000000/0a1b", "", &[]));
    assert_eq!(call.credential, Credential::NotNeeded);
    let main = OwnLink {
        job: JobId::parse_decimal("8472910").unwrap(),
        expires_at: Timestamp::from_secs(1_800_000_000),
        signature: "0a1b".to_owned(),
        file: None,
    };
    assert_eq!(call.action, Ok(Action::FollowLink(main.clone())));
    let call = read(&keyless("GET", "/r/8472910/1800000000/0a1b/slice-0", "", &[]));
    let slice = OwnLink { file: Some("slice-0".to_owned()), ..main };
    assert_eq!(call.action, Ok(Action::FollowLink(slice)));
    for bad in [
        "/r/",
        "/r/1",
        "/r/1/2",
        "/r/1/2/",
        "/r/1/2/3/",
        "/r/1/2/3/4/5",
        "/r/x/2/3",
        "/r/1/+2/3",
        "/r/1/x/3",
    ] {
        assert_eq!(read(&keyless("GET", bad, "", &[])).action, Err(Refusal::NotFound), "{bad}");
    }
    let head = read(&keyless("HEAD", "/r/1/2/3", "", &[])).action;
    assert_eq!(head, Err(Refusal::MethodNotAllowed { allow: "GET" }));
}

#[test]
fn a_job_is_shown_in_every_state() {
    let states = [
        JobState::Accepted,
        JobState::Queued,
        JobState::Rejected { at: noon() },
        rendering(),
        completed(),
        failed(Failure::plain(FailureKind::HostError)),
    ];
    let answers = states.map(|state| {
        let mut job = job(Dialect::Nodium, state);
        if matches!(job.state, JobState::Rejected { .. } | JobState::Failed { .. }) {
            job.charge = Charge::Released;
        }
        written(&darkroom_dialects::job(&job, None))
    });
    let fresh = bare(job(Dialect::ScreenNabster, completed()));
    let fresh = written(&darkroom_dialects::job(&fresh, Some(&fresh_links())));
    insta::assert_snapshot!(format!("{}\n{fresh}", answers.join("\n")));
}

#[test]
fn further_files_are_listed_and_have_links_where_one_job_is_shown() {
    let (state, links) = completed_with_files();
    let done = job(Dialect::Nodium, state);
    let shown = written(&darkroom_dialects::job(&done, Some(&links)));
    let page = JobPage { jobs: vec![done], next_before: None };
    insta::assert_snapshot!(format!("{shown}\n{}", written(&darkroom_dialects::jobs(&page))));
}

#[test]
fn a_full_page_tells_where_the_next_begins() {
    let jobs = vec![bare(job(Dialect::ScreenNabster, JobState::Queued))];
    let next_before = Some(jobs[0].id);
    let pages = [(jobs.clone(), next_before), (jobs, None), (vec![], None)];
    let pages = pages.map(|(jobs, next_before)| {
        written(&darkroom_dialects::jobs(&JobPage { jobs, next_before }))
    });
    insta::assert_snapshot!(pages.join("\n"));
}

#[test]
fn deletions_and_redirects_have_bodies() {
    let deleted = written(&darkroom_dialects::deleted(&job(Dialect::Nodium, completed())));
    let redirect = written(&darkroom_dialects::redirect(&fresh_link()));
    insta::assert_snapshot!(format!("{deleted}\n{redirect}"));
}

#[test]
fn refusals_have_one_shape() {
    insta::assert_snapshot!(refused_in(Tongue::Darkroom));
}
