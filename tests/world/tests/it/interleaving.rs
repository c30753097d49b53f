//! Functions beside one another: any of them may stand between its read and its write
//! while others go on, stall beyond its lease, die, or be handed the same message twice.

use std::collections::HashMap;

use bytes::Bytes;
use darkroom_core::job::{Job, JobState};
use darkroom_world::{Customer, World};
use http::{Request, Response};
use serde_json::json;

use crate::asking::{HOOK, accepted_id, to_nab, to_take};
use crate::repeating::keyed;

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
        assert_one_job_a_key(&world, &answers, seed);
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

/// The first and the third are the same, under one idempotency key.
fn request(customer: &Customer, number: usize) -> Request<Bytes> {
    let taken = to_take(customer, json!({"webhook_url": HOOK, "webhook_errors": true}));
    match number {
        0 | 2 => keyed(taken, "k"),
        4 => taken,
        _ => to_nab(customer),
    }
}

fn assert_one_job_a_key(world: &World, answers: &[Option<Response<Bytes>>], seed: u64) {
    let is_live = |job: &Job| !matches!(job.state, JobState::Rejected { .. });
    let keyed = |job: &Job| job.order.idempotency.is_some() && is_live(job);
    let made: Vec<_> = world.jobs().into_iter().filter(keyed).map(|job| job.id).collect();
    assert!(made.len() <= 1, "seed {seed}: {} jobs under one key", made.len());
    for answer in [&answers[0], &answers[2]].into_iter().flatten() {
        if answer.status() == 202 {
            assert_eq!(made, [accepted_id(answer)], "seed {seed}");
        }
    }
}

/// Attempts of one delivery are made in their order, four at most; one is repeated only by
/// who takes it over, and then under its own number.
fn assert_attempts(world: &World, seed: u64) {
    let mut last: HashMap<String, u8> = HashMap::new();
    for post in world.received() {
        let id = post.header("webhook-id").unwrap().to_owned();
        let before = last.insert(id, post.number).unwrap_or(1);
        assert!((before..=4).contains(&post.number), "seed {seed}: {} after {before}", post.number);
    }
}
