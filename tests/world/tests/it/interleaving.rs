//! Functions beside one another: any of them may stand between its read and its write
//! while others go on, stall beyond its lease, die, or be handed the same message twice.

use bytes::Bytes;
use darkroom_core::job::JobState;
use darkroom_world::{Customer, World};
use http::Request;
use serde_json::json;

use crate::asking::{HOOK, accepted_id, to_nab, to_take};

/// Seeds of one run; one seed is one schedule.
const SEEDS: u64 = 1_000;

/// Both dialects' captures, more of them than the quota allows.
const REQUESTS: usize = 5;
const QUOTA: u64 = 4;

#[test]
fn whatever_the_order_each_answer_binds_and_quota_adds_up() {
    let (mut deaths, mut stalls, mut duplicates, mut crowded, mut faults) = (0, 0, 0, 0, 0);
    for seed in 0..SEEDS {
        let world = World::new(seed);
        let customer = world.customer(1, QUOTA);
        world.next_answers(&[500, 200, 503]);
        world.storm(seed, 12, 150);
        let requests: Vec<_> = (0..REQUESTS).map(|number| request(&customer, number)).collect();
        let (answers, tally) = world.interleave(seed, &requests);
        world.assert_at_rest();
        assert!(world.quota_used(&customer.id) <= QUOTA, "seed {seed}: beyond the quota");
        for answer in answers.iter().flatten().filter(|answer| answer.status() == 202) {
            let state = &world.job(accepted_id(answer)).unwrap().state;
            let ended = matches!(state, JobState::Completed { .. } | JobState::Failed { .. });
            assert!(ended, "seed {seed}: a 202 ended as {state:?}");
        }
        assert_attempts(&world, seed);
        deaths += tally.deaths;
        stalls += tally.stalls;
        duplicates += tally.duplicates;
        crowded += tally.crowded;
        faults += world.faults();
    }
    println!(
        "{SEEDS} seeds: {faults} calls went wrong, {deaths} functions died, {stalls} stalled, \
         {duplicates} messages came twice, {crowded} turns beside others"
    );
    assert!(deaths.min(stalls).min(duplicates).min(crowded).min(faults) > 1_000);
}

fn request(customer: &Customer, number: usize) -> Request<Bytes> {
    if number.is_multiple_of(2) {
        to_take(customer, json!({"webhook_url": HOOK, "webhook_errors": true}))
    } else {
        to_nab(customer)
    }
}

/// There are four attempts at most. One may be posted again by whoever takes it over, and
/// late by a notifier that stalled for longer than its lease right before it sent.
fn assert_attempts(world: &World, seed: u64) {
    for post in world.received() {
        let id = post.header("webhook-id").unwrap();
        assert!((1..=4).contains(&post.number), "seed {seed}: {id}: attempt {}", post.number);
    }
}
