//! Requests that are repeated under an idempotency key: one job, one charge, one answer.

use std::time::Duration;

use bytes::Bytes;
use darkroom_core::id::JobId;
use darkroom_core::job::JobState;
use darkroom_world::requests::{accepted_id, keyed, to_nab, to_take};
use darkroom_world::{Customer, Fault, World};
use http::{Request, Response};
use serde_json::{Value, json};

use crate::asking::send;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn take(customer: &Customer, key: &str) -> Request<Bytes> {
    keyed(to_take(customer, json!({})), key)
}

/// The job that a request made.
fn made(response: &Response<Bytes>) -> JobId {
    accepted_id(response).unwrap()
}

fn code(response: &Response<Bytes>) -> (u16, String) {
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    let code = body["error"]["code"].as_str().or_else(|| body["code"].as_str()).unwrap_or_default();
    (response.status().as_u16(), code.to_owned())
}

#[test]
fn a_repeat_gets_the_first_answer_whatever_became_of_the_job() {
    for request in [to_take as fn(&Customer, Value) -> _, |customer, _| to_nab(customer)] {
        let world = World::new(1);
        let customer = world.customer(1, 1);
        let request = keyed(request(&customer, json!({})), "\"a key\"");
        let first = world.request(&request).unwrap();
        let bare = keyed(request.clone(), "a key");
        for repeat in [&request, &bare] {
            let again = world.request(repeat).unwrap();
            assert_eq!((again.status(), again.headers()), (first.status(), first.headers()));
            assert_eq!(again.body(), first.body(), "though the quota is used up");
            world.run();
        }
        assert_eq!((world.jobs().len(), world.quota_used(&customer.id)), (1, 1));
        world.assert_at_rest();
    }
}

#[test]
fn a_key_belongs_to_one_request_of_one_account_for_a_day() {
    let world = World::new(2);
    let (mine, other) = (world.customer(1, 10), world.customer(2, 10));
    let first = made(&world.request(&take(&mine, "k")).unwrap());
    let used = (409, "idempotency_key_used".to_owned());
    let larger = keyed(to_take(&mine, json!({"viewport_width": 1300})), "k");
    assert_eq!(code(&world.request(&larger).unwrap()), used);
    let elsewhere = world.request(&keyed(to_nab(&mine), "k")).unwrap();
    assert_eq!(code(&elsewhere), (409, "IDEMPOTENCY_KEY_USED".to_owned()));
    assert_ne!(made(&world.request(&take(&other, "k")).unwrap()), first);
    assert_ne!(made(&world.request(&take(&mine, "K")).unwrap()), first);

    world.run();
    world.pass(DAY - Duration::from_secs(3600));
    assert_eq!(made(&world.request(&take(&mine, "k")).unwrap()), first);
    world.pass(Duration::from_secs(3600));
    assert_ne!(made(&world.request(&take(&mine, "k")).unwrap()), first);
    world.run();
    world.assert_at_rest();
}

#[test]
fn a_repeat_of_a_request_whose_job_was_deleted_takes_no_second_picture() {
    let world = World::new(3);
    let customer = world.customer(1, 10);
    let id = made(&world.request(&take(&customer, "k")).unwrap());
    world.run();
    assert_eq!(send(&world, &customer, "DELETE", &format!("/v1/jobs/{id}")).0, 200);
    assert_eq!(code(&world.request(&take(&customer, "k")).unwrap()).0, 410);
    assert_eq!(world.captures(), 1);
}

#[test]
fn a_repeat_of_a_large_request_leaves_no_specification_behind() {
    let world = World::new(4);
    let customer = world.customer(1, 10);
    let request = keyed(to_take(&customer, json!({"styles": "x".repeat(100_000)})), "k");
    let ids: Vec<_> = (0..2).map(|_| made(&world.request(&request).unwrap())).collect();
    assert_eq!(ids[0], ids[1]);
    assert_eq!(world.objects(), (0, 1));
    world.run();
    world.assert_at_rest();
}

/// Clients retry exactly when something went wrong.
#[test]
fn whatever_goes_wrong_with_the_first_its_repeats_make_one_job() {
    for fault in Fault::ALL {
        for call in 0..7 {
            let world = World::new(5);
            let customer = world.customer(1, 10);
            world.break_call(call, fault);
            let answers: Vec<_> =
                (0..3).filter_map(|_| world.request(&take(&customer, "k"))).collect();
            let context = format!("{fault:?} at {call}");
            for answer in &answers {
                assert!(matches!(answer.status().as_u16(), 202 | 409 | 503), "{context}");
            }
            world.run();
            world.assert_at_rest();
            let late = made(&world.request(&take(&customer, "k")).unwrap());
            let early = answers.iter().filter_map(accepted_id);
            for id in early {
                assert_eq!(id, late, "{context}");
            }
            world.run();
            world.assert_at_rest();
            let done = |state: &JobState| matches!(state, JobState::Completed { .. });
            let completed = world.jobs().iter().filter(|job| done(&job.state)).count();
            assert_eq!((completed, world.quota_used(&customer.id)), (1, 1), "{context}");
        }
    }
}
