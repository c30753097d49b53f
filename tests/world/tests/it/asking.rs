//! How tests speak to the api, and what it answers to whoever asks.

use std::time::Duration;

use bytes::Bytes;
use darkroom_core::artifact::FileKind;
use darkroom_core::failure::FailureKind;
use darkroom_core::job::JobState;
use darkroom_core::port::Extra;
use darkroom_core::report::PixelSize;
use darkroom_world::requests::{HOOK, to_nab, to_take};
use darkroom_world::{Customer, World};
use http::{Request, Response};
use serde_json::{Value, json};

/// Asks Nodium's dialect for a capture with a callback and error reports.
pub(crate) fn take(world: &World, customer: &Customer) -> Option<Response<Bytes>> {
    take_with(world, customer, json!({"webhook_url": HOOK, "webhook_errors": true}))
}

/// As [`take`], with these options beside the URL.
pub(crate) fn take_with(
    world: &World,
    customer: &Customer,
    options: Value,
) -> Option<Response<Bytes>> {
    world.request(&to_take(customer, options))
}

/// Asks ScreenNabster's dialect for a capture with a callback and error reports.
pub(crate) fn nab(world: &World, customer: &Customer) -> Option<Response<Bytes>> {
    world.request(&to_nab(customer))
}

/// The reference of an accepted capture.
pub(crate) fn reference(response: &Response<Bytes>) -> String {
    assert_eq!(response.status(), 202, "{response:?}");
    response.headers()["x-nodium-reference"].to_str().unwrap().to_owned()
}

pub(crate) fn get(world: &World, customer: &Customer, path: &str) -> (u16, Value) {
    send(world, customer, "GET", path)
}

pub(crate) fn send(world: &World, customer: &Customer, method: &str, path: &str) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-access-key", customer.access_key.expose())
        .header("x-api-key", customer.access_key.expose())
        .body(Bytes::new());
    let response = world.request(&request.unwrap()).unwrap();
    let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
    (response.status().as_u16(), body)
}

fn status(world: &World, customer: &Customer, reference: &str) -> (u16, Value) {
    get(world, customer, &format!("/api/v1/screenshot/status/{reference}"))
}

#[test]
fn nodiums_status_has_its_three_answers() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let good = reference(&take(&world, &customer).unwrap());
    let (code, body) = status(&world, &customer, &good);
    assert_eq!((code, body), (200, json!({"status": "processing", "reference": good})));
    world.run();
    let (code, body) = status(&world, &customer, &good);
    assert_eq!((code, &body["status"]), (200, &json!("completed")));
    assert!(body["screenshot_url"].as_str().unwrap().starts_with("https://bucket.example/"));

    world.next_captures_fail(&[FailureKind::Timeout]);
    let bad = reference(&take(&world, &customer).unwrap());
    world.run();
    let expected = json!({
        "status": "failed", "reference": bad,
        "error_code": "timeout_error", "message": "Operation timed out",
    });
    assert_eq!(status(&world, &customer, &bad), (200, expected));
}

#[test]
fn another_accounts_reference_is_unknown() {
    let world = World::new(2);
    let (mine, other) = (world.customer(1, 10), world.customer(2, 10));
    let reference = reference(&take(&world, &mine).unwrap());
    assert_eq!(status(&world, &other, &reference).0, 404);
    assert_eq!(status(&world, &mine, "8472910").0, 404);
    let (code, _) = send(&world, &other, "DELETE", &format!("/v1/jobs/{reference}"));
    assert_eq!(code, 404);
    world.run();
    assert_eq!(status(&world, &mine, &reference).0, 200);
}

#[test]
fn both_spellings_of_an_id_lead_to_the_job() {
    let world = World::new(3);
    let customer = world.customer(1, 10);
    let response = nab(&world, &customer).unwrap();
    let accepted: Value = serde_json::from_slice(response.body()).unwrap();
    let uuid = accepted["job_id"].as_str().unwrap();
    assert_eq!(accepted["status"], "queued");
    let (code, body) = get(&world, &customer, &format!("/api/v1/capture/{uuid}"));
    assert_eq!((code, &body["job_id"]), (200, &json!(uuid)));
    world.run();
    assert_eq!(get(&world, &customer, &format!("/v1/jobs/{uuid}")).0, 200);
}

#[test]
fn a_link_that_is_about_to_end_is_replaced_and_a_lost_result_is_gone() {
    let world = World::new(4);
    let customer = world.customer(1, 10);
    let reference = reference(&take(&world, &customer).unwrap());
    world.run();
    let first = status(&world, &customer, &reference).1["screenshot_url"].clone();
    world.pass(Duration::from_secs(4 * 24 * 60 * 60));
    let fresh = status(&world, &customer, &reference).1["screenshot_url"].clone();
    assert_ne!(first, fresh);
    world.lose_results();
    assert_eq!(status(&world, &customer, &reference).0, 410);
    let (code, job) = get(&world, &customer, &format!("/v1/jobs/{reference}"));
    assert_eq!((code, &job["state"]), (200, &json!("completed")), "its record is still there");
}

#[test]
fn a_deleted_job_takes_its_result_and_its_stored_options_along() {
    let world = World::new(5);
    let customer = world.customer(1, 10);
    let html = format!("<p>{}</p>", "x".repeat(100_000));
    let request = Request::post("/api/v1/screenshot/take")
        .header("x-access-key", customer.access_key.expose())
        .header("content-type", "application/json")
        .body(Bytes::from(json!({"html": html, "format": "png", "async": true}).to_string()));
    let reference = reference(&world.request(&request.unwrap()).unwrap());
    assert_eq!(world.objects(), (0, 1), "a large specification lies in the bucket");
    let path = format!("/v1/jobs/{reference}");
    assert_eq!(send(&world, &customer, "DELETE", &path).0, 409);
    world.run();
    assert_eq!(world.objects(), (1, 0), "and goes when the job has ended");
    assert_eq!(send(&world, &customer, "DELETE", &path).0, 200);
    assert_eq!(world.objects(), (0, 0));
    assert_eq!(status(&world, &customer, &reference).0, 404);
}

/// Two slices and a size.
pub(crate) fn extras() -> Vec<Extra> {
    let pixels = PixelSize { width: 400, height: 300 };
    let kinds = [
        FileKind::Slice { index: 0, offset_y_px: 0, pixels },
        FileKind::Slice { index: 1, offset_y_px: 300, pixels },
        FileKind::Size { index: 0, pixels },
    ];
    let extra = |kind: FileKind| Extra { kind, content: Bytes::from(kind.name()) };
    kinds.map(extra).to_vec()
}

#[test]
fn further_files_have_links_of_their_own_and_go_with_their_job() {
    let world = World::new(7);
    let customer = world.customer(1, 10);
    world.next_capture_has_extras(Bytes::from_static(b"whole"), extras());
    let reference = reference(&take(&world, &customer).unwrap());
    world.run();
    world.assert_at_rest();
    assert_eq!(world.objects(), (4, 0));
    let (_, body) = status(&world, &customer, &reference);
    let result = body["screenshot_url"].as_str().unwrap().split_once('?').unwrap().0.to_owned();
    let url_of = |url: &Value, name: &str| {
        let url = url.as_str().unwrap();
        assert!(url.starts_with(&format!("{result}/{name}?")), "{url}");
    };
    url_of(&body["slices"][0]["url"], "slice-0");
    url_of(&body["slices"][1]["url"], "slice-1");
    url_of(&body["sizes"][0]["url"], "size-0");
    assert_eq!(body["slices"][1]["offset_y"], 300);

    // Links of our own lead to the file that they name.
    let (from, until) = (format!("/r/{reference}"), 2_000_000_000);
    for (name, expected) in
        [("", ""), ("/slice-1", "/slice-1"), ("/size-0", "/size-0"), ("/slice-2", "404")]
    {
        let (code, body) = get(&world, &customer, &format!("{from}/{until}/right{name}"));
        if expected == "404" {
            assert_eq!(code, 404);
            continue;
        }
        assert_eq!((code, &body["url"]), (302, &json!(format!("{result}{expected}?short"))));
    }
    assert_eq!(send(&world, &customer, "DELETE", &format!("/v1/jobs/{reference}")).0, 200);
    assert_eq!(world.objects(), (0, 0));
}

#[test]
fn jobs_are_listed_newest_first_and_page_by_page() {
    let world = World::new(6);
    let customer = world.customer(1, 10);
    let mut references: Vec<_> = (0..5)
        .map(|_| {
            world.pass(Duration::from_secs(1));
            reference(&take(&world, &customer).unwrap())
        })
        .collect();
    references.reverse();
    let (_, page) = get(&world, &customer, "/v1/jobs?limit=3");
    let ids = |page: &Value| -> Vec<String> {
        let jobs = page["jobs"].as_array().unwrap();
        jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&page), references[..3]);
    let (_, rest) = get(&world, &customer, &format!("/v1/jobs?before={}", references[2]));
    assert_eq!(ids(&rest), references[3..]);
}

#[test]
fn a_link_that_ends_within_a_minute_is_not_told_any_more() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let reference = reference(&take(&world, &customer).unwrap());
    world.run();
    let JobState::Completed { artifact, .. } = &world.jobs()[0].state else { panic!() };
    let told = || {
        let (code, told) = status(&world, &customer, &reference);
        assert_eq!(code, 200, "{told}");
        told["screenshot_url"].as_str().unwrap().to_owned()
    };
    world.pass((artifact.link.expires_at.since(world.now())) - Duration::from_millis(60_001));
    assert_eq!(told(), artifact.link.url);
    world.pass(Duration::from_millis(1));
    assert_ne!(told(), artifact.link.url);
    world.pass(Duration::from_secs(30));
    assert_ne!(told(), artifact.link.url);
}

#[test]
fn options_of_more_than_32_kb_lie_in_the_bucket() {
    for (bytes, stored) in [(30_000, 0), (34_000, 1)] {
        let world = World::new(1);
        let customer = world.customer(1, 10);
        take_with(&world, &customer, json!({"styles": "x".repeat(bytes)})).unwrap();
        assert_eq!(world.objects(), (0, stored));
        world.run();
        world.assert_at_rest();
    }
}
