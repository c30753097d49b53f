//! Delivering: the schedule to the second, signatures by a second hand, large
//! results in pieces.

use std::time::Duration;

use bytes::Bytes;
use darkroom_core::delivery::{AttemptOutcome, Phase, PostFault};
use darkroom_core::id::DeliveryId;
use darkroom_core::key::SigningKeys;
use darkroom_core::signature::Signing;
use darkroom_core::time::Timestamp;
use darkroom_world::requests::HOOK;
use darkroom_world::{Fault, Received, World};
use serde_json::{Value, json};

use crate::asking::{nab, reference, take, take_with};

/// Seconds between the first POST and each.
fn seconds(posts: &[Received]) -> Vec<f64> {
    posts.iter().map(|post| post.at.since(posts[0].at).as_secs_f64()).collect()
}

#[test]
fn a_result_that_is_read_for_too_long_is_not_posted_but_tried_again() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    reference(&take(&world, &customer).unwrap());
    world.run_until_ended();
    // find the job, its delivery and the circuit, hide, claim, keys, open
    world.break_call(6, Fault::Slow);
    world.run();
    world.assert_at_rest();
    let attempts = world.delivery(world.jobs()[0].id).unwrap().attempts;
    assert!(matches!(&attempts[0].outcome,
        AttemptOutcome::Unanswered { class: PostFault::Artifact, detail } if detail.contains("too long")));
    assert!(matches!(attempts[1].outcome, AttemptOutcome::Answered(_)));
    assert_eq!(world.received().len(), 1);
}

#[test]
fn a_hopeless_receiver_gets_four_posts_10_60_and_300_seconds_apart() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.always_answers(500);
    reference(&take(&world, &customer).unwrap());
    world.run();
    world.assert_at_rest();
    let times = seconds(&world.received());
    assert_eq!(times.len(), 4);
    for (time, due) in times.iter().zip([0.0, 10.0, 70.0, 370.0]) {
        assert!((due..due + 4.0).contains(time), "{times:?}");
    }
    let numbers: Vec<_> = world.received().iter().map(|post| post.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[test]
fn a_receiver_that_recovers_at_the_third_attempt_gets_three() {
    let world = World::new(2);
    let customer = world.customer(1, 10);
    world.next_answers(&[500, 302]);
    reference(&take(&world, &customer).unwrap());
    world.run();
    assert_eq!(world.received().len(), 3);
    assert!(matches!(world.delivery(world.jobs()[0].id).unwrap().phase, Phase::Delivered { .. }));
}

#[test]
fn a_receiver_that_hangs_is_tried_again_from_the_end_of_its_30_seconds() {
    let world = World::new(3);
    let customer = world.customer(1, 10);
    world.never_answers();
    reference(&take(&world, &customer).unwrap());
    world.run();
    assert_eq!(seconds(&world.received()), [0.0, 40.0, 130.0, 460.0]);
}

#[test]
fn a_receiver_that_is_gone_hears_no_more() {
    let world = World::new(4);
    let customer = world.customer(1, 10);
    world.always_answers(410);
    reference(&take(&world, &customer).unwrap());
    world.run();
    world.assert_at_rest();
    assert_eq!(world.received().len(), 1);
}

#[test]
fn nodiums_webhook_carries_the_bytes_and_screennabsters_a_link() {
    let world = World::new(5);
    let customer = world.customer(1, 10);
    let options = json!({"webhook_url": HOOK, "external_identifier": "order-12345"});
    let reference = reference(&take_with(&world, &customer, options).unwrap());
    world.run();
    let post = &world.received()[0];
    assert_eq!(post.body, b"\x89PNG picture");
    for (name, value) in [
        ("x-nodium-reference", reference.as_str()),
        ("x-nodium-external-identifier", "order-12345"),
        ("x-nodium-rendering-seconds", "1.25"),
        ("x-nodium-size-bytes", "12"),
        ("content-type", "image/png"),
    ] {
        assert_eq!(post.header(name), Some(value), "{name}");
    }

    nab(&world, &customer).unwrap();
    world.run();
    let post = &world.received()[1];
    let body: Value = serde_json::from_slice(&post.body).unwrap();
    assert_eq!(body["event"], "capture.completed");
    assert!(body["result_url"].as_str().unwrap().starts_with("https://bucket.example/results/"));
    assert_eq!(post.header("x-screennabster-external-identifier"), Some("report-2026-04-25"));
}

#[test]
fn a_result_of_20_mib_is_signed_and_sent_in_pieces() {
    let world = World::new(6);
    let customer = world.customer(1, 10);
    let picture: Vec<u8> = (0_u32..20 << 20).map(|at| (at % 251) as u8).collect();
    world.pictures_are(Bytes::from(picture.clone()));
    reference(&take(&world, &customer).unwrap());
    world.run();
    let post = &world.received()[0];
    assert!(post.body == picture, "byte-exact");
    let id = DeliveryId::of(world.jobs()[0].id);
    assert_eq!(post.header("webhook-id"), Some(id.as_str()));
    let sent = Timestamp::from_secs(post.header("webhook-timestamp").unwrap().parse().unwrap());
    let keys = SigningKeys::first(customer.signing_key, sent);
    let mut signing = Signing::begin(&keys, &id, sent);
    signing.update(&post.body);
    let signatures = signing.finish();
    assert_eq!(post.header("x-nodium-signature"), Some(signatures.seed_hex.as_str()));
    assert_eq!(post.header("webhook-signature"), Some(signatures.standard.as_str()));
}

#[test]
fn a_failure_is_posted_only_on_request() {
    for (errors, posts) in [(false, 0), (true, 1)] {
        let world = World::new(7);
        let customer = world.customer(1, 10);
        world.next_captures_fail(&[darkroom_core::failure::FailureKind::Timeout]);
        let options = json!({"webhook_url": HOOK, "webhook_errors": errors});
        reference(&take_with(&world, &customer, options).unwrap());
        world.run();
        world.assert_at_rest();
        let received = world.received();
        assert_eq!(received.len(), posts);
        if let [post] = &received[..] {
            assert_eq!(post.header("x-nodium-error-code"), Some("timeout_error"));
            assert_eq!(post.header("x-nodium-error-message"), Some("Operation timed out"));
        }
    }
}

#[test]
fn a_result_deleted_before_its_announcement_is_abandoned_not_sent_empty() {
    let world = World::new(8);
    let customer = world.customer(1, 10);
    world.always_answers(500);
    reference(&take(&world, &customer).unwrap());
    world.run_for(Duration::from_secs(5));
    assert_eq!(world.received().len(), 1);
    world.lose_results();
    world.run();
    assert_eq!(world.received().len(), 1);
}
