//! The delivery log, and webhooks that are sent again by hand.

use std::time::Duration;

use bytes::Bytes;
use darkroom_world::requests::{HOOK, to_take};
use darkroom_world::{Customer, Fault, World};
use http::Request;
use serde_json::{Value, json};

use crate::asking::{get, reference, send, take, take_with};

fn delivery(world: &World, customer: &Customer, id: &str) -> Value {
    let (code, body) = get(world, customer, &format!("/v1/jobs/{id}/delivery"));
    assert_eq!(code, 200, "{body}");
    body
}

fn retry(world: &World, customer: &Customer, id: &str) -> (u16, Value) {
    send(world, customer, "POST", &format!("/v1/jobs/{id}/delivery/retry"))
}

/// The numbers and statuses of a job's attempts.
fn attempts(shown: &Value) -> Vec<(u64, u64)> {
    let attempts = shown["attempts"].as_array().unwrap();
    let number = |it: &Value, name: &str| it[name].as_u64().unwrap();
    attempts.iter().map(|it| (number(it, "number"), number(it, "status"))).collect()
}

#[test]
fn the_log_tells_each_attempt_and_what_comes_next() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.always_answers(503);
    let id = reference(&take(&world, &customer).unwrap());
    assert_eq!(delivery(&world, &customer, &id)["state"], "waiting", "it hasn't ended");
    world.run_for(Duration::from_secs(30));
    let shown = delivery(&world, &customer, &id);
    assert_eq!((&shown["state"], attempts(&shown)), (&json!("due"), vec![(1, 503), (2, 503)]));
    assert!(shown["next_at"].is_string());
    world.run();
    let shown = delivery(&world, &customer, &id);
    assert_eq!((&shown["state"], attempts(&shown).len()), (&json!("abandoned"), 4));
    let stranger = world.customer(2, 10);
    assert_eq!(get(&world, &stranger, &format!("/v1/jobs/{id}/delivery")).0, 404);
    assert_eq!(retry(&world, &stranger, &id).0, 404);
}

#[test]
fn a_webhook_is_sent_again_once_under_the_same_id() {
    let world = World::new(2);
    let customer = world.customer(1, 10);
    world.always_answers(500);
    let id = reference(&take(&world, &customer).unwrap());
    world.run_for(Duration::from_secs(5));
    assert_eq!(retry(&world, &customer, &id).0, 409, "attempts are to come");
    world.run();
    let (code, body) = retry(&world, &customer, &id);
    assert_eq!((code, &body["state"]), (202, &json!("due")));
    assert_eq!(retry(&world, &customer, &id).0, 409);
    world.run();
    world.always_answers(200);
    assert_eq!(retry(&world, &customer, &id).0, 202);
    // At once, without waiting for the watchdog.
    world.run_for(Duration::from_secs(1));
    assert_eq!(world.received().len(), 6);
    world.run();
    let shown = delivery(&world, &customer, &id);
    let expected = vec![(1, 500), (2, 500), (3, 500), (4, 500), (5, 500), (6, 200)];
    assert_eq!((&shown["state"], attempts(&shown)), (&json!("delivered"), expected));
    let received = world.received();
    let ids: std::collections::HashSet<_> =
        received.iter().map(|post| post.header("webhook-id").unwrap()).collect();
    assert_eq!((received.len(), ids.len()), (6, 1));
}

#[test]
fn what_cannot_be_sent_again_is_refused() {
    let world = World::new(3);
    let customer = world.customer(1, 10);
    let unwanted = reference(&take_with(&world, &customer, json!({})).unwrap());
    let lost = reference(&take(&world, &customer).unwrap());
    world.run();
    assert_eq!(retry(&world, &customer, &unwanted).1["error"]["code"], "no_webhook");
    world.lose_results();
    assert_eq!(retry(&world, &customer, &lost).0, 410);
}

#[test]
fn a_retry_survives_whatever_goes_wrong_with_it() {
    for fault in Fault::ALL {
        for call in 0..7 {
            let world = World::new(4);
            let customer = world.customer(1, 10);
            world.always_answers(500);
            let id = reference(&take(&world, &customer).unwrap());
            world.run();
            world.always_answers(200);
            world.break_call(call, fault);
            let path = format!("/v1/jobs/{id}/delivery/retry");
            let request = Request::post(path)
                .header("x-access-key", customer.access_key.expose())
                .body(Bytes::new());
            let answer = world.request(&request.unwrap()).map(|answer| answer.status().as_u16());
            world.run();
            let context = format!("{fault:?} at {call}: {answer:?}");
            let state = delivery(&world, &customer, &id)["state"].clone();
            match answer {
                Some(202) => assert_eq!(state, "delivered", "{context}"),
                Some(503) | None => {
                    assert!(state == "delivered" || state == "abandoned", "{context}: {state}");
                }
                Some(_) => panic!("{context}"),
            }
            assert!(world.received().len() <= 6, "{context}");
        }
    }
}

#[test]
fn a_test_event_is_what_a_receiver_will_get() {
    for dialect in ["nodium", "screennabster"] {
        let world = World::new(5);
        let customer = world.customer(1, 10);
        let path = format!("/v1/deliveries/test?callback_url={HOOK}&dialect={dialect}");
        let (code, begun) = send(&world, &customer, "POST", &path);
        assert_eq!((code, &begun["state"]), (202, &"waiting".into()), "{begun}");
        assert_eq!(begun["callback_url"], HOOK);
        world.run();
        let [post] = <[_; 1]>::try_from(world.received()).unwrap();
        let identifier = post.header(&format!("x-{dialect}-external-identifier"));
        assert_eq!(identifier, Some("test-event"));
        let shown = delivery(&world, &customer, begun["id"].as_str().unwrap());
        assert_eq!(shown["state"], "delivered");
        world.assert_at_rest();
    }
}

#[test]
fn all_that_failed_in_a_span_of_time_is_sent_again_page_by_page() {
    let world = World::new(5);
    let customer = world.customer(1, 1_000);
    let ask = |count: usize| -> Vec<String> {
        let ids = (0..count).map(|_| {
            world.pass(Duration::from_secs(1));
            let request = to_take(&customer, json!({"webhook_url": HOOK}));
            reference(&world.request(&request).unwrap())
        });
        ids.collect()
    };
    let early = ask(1);
    world.always_answers(410);
    world.run();
    let from = world.now_rfc3339();
    let failed = ask(130);
    let to = world.now_rfc3339();
    world.run();
    world.always_answers(200);
    let good = ask(1);
    world.run();
    assert_eq!(good.len() + early.len(), 2);

    let mut sent = Vec::new();
    let mut page = format!("/v1/deliveries/retry?from={from}&to={to}");
    loop {
        let (code, body) = send(&world, &customer, "POST", &page);
        assert_eq!(code, 202, "{body}");
        let ids = body["sent"].as_array().unwrap().iter();
        sent.extend(ids.map(|it| it["id"].as_str().unwrap().to_owned()));
        let Some(before) = body["next_before"].as_str() else { break };
        page = format!("/v1/deliveries/retry?from={from}&to={to}&before={before}");
    }
    sent.sort();
    let mut expected = failed[..129].to_vec();
    expected.sort();
    assert_eq!(sent, expected, "the last one was accepted at the end, which is no part of it");
    world.run();
    let delivered = |id: &String| delivery(&world, &customer, id)["state"] == "delivered";
    assert!(expected.iter().all(delivered));
    assert!(!delivered(&early[0]));
}
