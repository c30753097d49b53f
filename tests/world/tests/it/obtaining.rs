//! Clients that wait: what they get, whatever becomes of the worker, and what they pay.

use darkroom_core::failure::FailureKind;
use darkroom_core::job::JobState;
use darkroom_world::requests::{HOOK, keyed, obtained_id, to_take_now};
use darkroom_world::{Customer, Fault, World};
use http::Response;
use serde_json::{Value, json};

use crate::asking::get;

/// The calls of a request that goes well before its worker is called: the account, the watchdog, the
/// transaction.
const BEFORE_RENDERING: usize = 3;

/// The worker's: find, claim, capture, put, link, end.
const RENDERING: usize = 6;

fn obtain(world: &World, customer: &Customer, options: Value) -> Response<bytes::Bytes> {
    world.request(&to_take_now(customer, options)).unwrap()
}

fn code(answer: &Response<bytes::Bytes>) -> &str {
    answer.headers()["x-nodium-error-code"].to_str().unwrap()
}

#[test]
fn a_client_that_waits_gets_the_picture_and_pays_once() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let answer = obtain(&world, &customer, json!({"external_identifier": "order-1"}));
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.body(), &world_picture());
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.headers()["x-nodium-external-identifier"], "order-1");
    assert_eq!(answer.headers()["x-nodium-rendering-seconds"], "1.25");
    let id = obtained_id(&answer).unwrap();
    let (status, shown) = get(&world, &customer, &format!("/api/v1/screenshot/status/{id}"));
    assert_eq!((status, shown["status"].as_str()), (200, Some("completed")));
    assert_eq!(world.quota_used(&customer.id), 1);
    world.run();
    world.assert_at_rest();
    assert_eq!(world.captures(), 1);
}

fn world_picture() -> bytes::Bytes {
    bytes::Bytes::from_static(b"\x89PNG picture")
}

#[test]
fn the_answer_may_be_json_or_say_nothing_of_the_result() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let answer = obtain(&world, &customer, json!({"response_type": "json"}));
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body["status"], "completed");
    assert!(body["screenshot_url"].as_str().unwrap().contains("results/"), "{body}");
    let answer = obtain(&world, &customer, json!({"response_type": "empty"}));
    assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (200, b"\n".as_slice()));
    assert!(obtained_id(&answer).is_some());
}

#[test]
fn head_is_get_without_the_body_and_asks_for_no_capture() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let id = obtained_id(&obtain(&world, &customer, json!({}))).unwrap();
    let head = |path: &str| {
        let key = customer.access_key.expose();
        let uri = format!("/api/v1/screenshot/{path}access_key={key}");
        let request = http::Request::builder().method("HEAD").uri(uri).body(bytes::Bytes::new());
        let answer = world.request(&request.unwrap()).unwrap();
        assert_eq!(answer.body().as_ref(), b"\n");
        answer
    };
    let status = head(&format!("status/{id}?"));
    assert_eq!(
        (status.status().as_u16(), &status.headers()["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    for wanted in ["take?url=https://example.com&", "take?delay=-1&"] {
        let answer = head(wanted);
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["allow"]),
            (405, &"GET, POST".parse().unwrap())
        );
    }
    assert_eq!(world.quota_used(&customer.id), 1);
}

#[test]
fn a_result_that_is_too_large_to_stream_is_led_to() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.pictures_are(vec![0; 100 << 20].into());
    assert_eq!(obtain(&world, &customer, json!({})).status(), 200);
    world.pictures_are(vec![0; (100 << 20) + 1].into());
    assert_eq!(obtain(&world, &customer, json!({})).status(), 303);
}

#[test]
fn a_worker_out_of_sight_is_left_to_end_the_job() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    // The claim is made, and the reply of the call is lost: here, one after the other.
    world.break_call(BEFORE_RENDERING, Fault::ReplyLost);
    let answer = obtain(&world, &customer, json!({}));
    // It hadn't begun, and never will.
    assert_eq!((answer.status().as_u16(), obtained_id(&answer)), (503, None));
    world.run();
    world.assert_at_rest();
    assert_eq!((world.captures(), world.quota_used(&customer.id)), (0, 0));
}

#[test]
fn at_most_twelve_calls_are_made_for_a_client_that_waits() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    obtain(&world, &customer, json!({}));
    // The call of the worker, the job as it has ended, the result.
    assert_eq!(world.calls(), BEFORE_RENDERING + 1 + RENDERING + 2);
}

#[test]
fn a_page_that_fails_is_told_at_once_and_costs_nothing() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.next_captures_fail(&[FailureKind::Timeout]);
    let answer = obtain(&world, &customer, json!({}));
    assert_eq!((answer.status().as_u16(), code(&answer)), (500, "timeout_error"));
    assert_eq!(world.quota_used(&customer.id), 0);
    world.next_captures_fail(&[FailureKind::SelectorNotFound]);
    let answer = obtain(&world, &customer, json!({}));
    assert_eq!((answer.status().as_u16(), code(&answer)), (400, "selector_not_found"));
    world.run();
    world.assert_at_rest();
}

#[test]
fn a_broken_browser_is_tried_again_while_the_client_waits() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.next_captures_fail(&[FailureKind::Browser, FailureKind::Browser]);
    assert_eq!(obtain(&world, &customer, json!({})).status(), 200);
    assert_eq!(world.captures(), 3);
    world.next_captures_fail(&[FailureKind::Browser; 3]);
    let answer = obtain(&world, &customer, json!({}));
    assert_eq!((answer.status().as_u16(), code(&answer)), (500, "internal_application_error"));
    assert_eq!(world.quota_used(&customer.id), 1);
    world.run();
    world.assert_at_rest();
}

#[test]
fn where_no_worker_is_free_the_client_is_sent_away_and_pays_nothing() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.break_call(BEFORE_RENDERING, Fault::Throttled);
    let answer = obtain(&world, &customer, json!({}));
    assert_eq!((answer.status().as_u16(), code(&answer)), (503, "temporary_unavailable"));
    assert_eq!(answer.headers()["retry-after"], "2");
    assert_eq!(world.quota_used(&customer.id), 0);
    assert!(matches!(world.jobs()[0].state, JobState::Rejected { .. }));
    world.run();
    world.assert_at_rest();
    assert_eq!(world.captures(), 0);
}

#[test]
fn what_was_kept_for_a_capture_that_was_not_begun_is_gone_with_it() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    // Credentials lie in the bucket: one call more.
    world.break_call(BEFORE_RENDERING + 1, Fault::Throttled);
    let answer = obtain(&world, &customer, json!({"cookies": ["a=b; Domain=example.com"]}));
    assert_eq!((answer.status().as_u16(), world.objects()), (503, (0, 0)));
}

#[test]
fn a_short_timeout_is_the_pages_and_not_the_workers() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    assert_eq!(obtain(&world, &customer, json!({"timeout": 2})).status(), 200);
}

#[test]
fn a_worker_that_dies_ends_the_job_at_once() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.next_captures_kill(1);
    let answer = obtain(&world, &customer, json!({"webhook_url": HOOK, "webhook_errors": true}));
    assert_eq!((answer.status().as_u16(), code(&answer)), (500, "internal_application_error"));
    assert_eq!(world.quota_used(&customer.id), 0);
    world.run();
    world.assert_at_rest();
    assert_eq!((world.captures(), world.received().len()), (1, 1));
}

#[test]
fn a_job_whose_client_and_worker_are_gone_is_ended_by_its_watchdog_and_not_rendered_again() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    // The claim, after which everything dies.
    world.next_captures_kill(1);
    world.break_call(BEFORE_RENDERING + 1 + 3, Fault::CrashBefore);
    assert!(world.request(&to_take_now(&customer, json!({}))).is_none());
    assert!(matches!(world.jobs()[0].state, JobState::Rendering(_)));
    world.run();
    world.assert_at_rest();
    assert!(matches!(world.jobs()[0].state, JobState::Failed { .. }));
    assert_eq!((world.captures(), world.quota_used(&customer.id)), (1, 0));
}

#[test]
fn a_result_that_cannot_be_opened_is_led_to() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.break_call(BEFORE_RENDERING + 1 + RENDERING + 1, Fault::Refused);
    let answer = obtain(&world, &customer, json!({}));
    assert_eq!(answer.status(), 303);
    assert!(answer.headers()["location"].to_str().unwrap().contains("results/"));
    assert_eq!(world.quota_used(&customer.id), 1);
}

#[test]
fn what_cannot_be_told_is_told_by_the_status() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.break_call(BEFORE_RENDERING + 1 + RENDERING, Fault::Refused);
    let answer = obtain(&world, &customer, json!({}));
    assert_eq!((answer.status().as_u16(), code(&answer)), (503, "temporary_unavailable"));
    let id = obtained_id(&answer).unwrap();
    let (_, shown) = get(&world, &customer, &format!("/api/v1/screenshot/status/{id}"));
    assert_eq!(shown["status"], "completed");
}

#[test]
fn a_repeat_under_the_same_key_gets_the_same_picture_for_nothing() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let request = keyed(to_take_now(&customer, json!({})), "order-1");
    let [first, second] = [(); 2].map(|()| world.request(&request).unwrap());
    assert_eq!((first.status(), first.body()), (second.status(), second.body()));
    assert_eq!(obtained_id(&first), obtained_id(&second));
    assert_eq!((world.captures(), world.quota_used(&customer.id)), (1, 1));
    // Of one that is under way nothing can be told.
    world.break_call(BEFORE_RENDERING + 1 + 3, Fault::CrashBefore);
    world.next_captures_kill(1);
    let request = keyed(to_take_now(&customer, json!({})), "order-2");
    assert!(world.request(&request).is_none());
    let repeat = world.request(&request).unwrap();
    assert_eq!((repeat.status().as_u16(), code(&repeat)), (409, "idempotency_key_busy"));
}

#[test]
fn whatever_goes_wrong_the_client_is_told_and_pays_for_a_picture_only() {
    for fault in Fault::ALL {
        for call in 0..BEFORE_RENDERING + RENDERING + 8 {
            let world = World::new(1);
            let customer = world.customer(1, 10);
            world.break_call(call, fault);
            let answer = world.request(&to_take_now(&customer, json!({})));
            world.run();
            world.assert_at_rest();
            let used = world.quota_used(&customer.id);
            let completed = |job: &darkroom_core::job::Job| {
                u64::from(matches!(job.state, JobState::Completed { .. }))
            };
            assert_eq!(
                used,
                world.jobs().iter().map(completed).sum::<u64>(),
                "{fault:?} at {call}"
            );
            let Some(answer) = answer else { continue };
            match answer.status().as_u16() {
                200 | 303 => assert_eq!(used, 1, "{fault:?} at {call}"),
                503 if obtained_id(&answer).is_some() => {}
                500 | 503 => assert_eq!(used, 0, "{fault:?} at {call}"),
                status => panic!("{status} after {fault:?} at {call}"),
            }
        }
    }
}
