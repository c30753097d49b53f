//! Storms: many jobs while any call of any flow may fail, lose its reply or be
//! its function's last.

use std::collections::HashMap;

use darkroom_core::job::JobState;
use darkroom_world::World;

use crate::asking::{accepted_id, nab, take};

/// Seeds of one run; one seed is one schedule.
const SEEDS: u64 = 300;

#[test]
fn in_every_storm_each_answer_binds_and_quota_adds_up() {
    let mut faults = 0;
    for seed in 0..SEEDS {
        let world = World::new(seed);
        let customer = world.customer(1, 100);
        world.next_answers(&[500, 200, 503]);
        world.storm(seed, 9, 120);
        let answers: Vec<_> = (0..3)
            .flat_map(|_| [take(&world, &customer), nab(&world, &customer)])
            .flatten()
            .filter(|response| response.status() == 202)
            .collect();
        world.run_with_duplicates();
        world.assert_at_rest();
        for answer in &answers {
            let state = &world.job(accepted_id(answer)).unwrap().state;
            let ended = matches!(state, JobState::Completed { .. } | JobState::Failed { .. });
            assert!(ended, "seed {seed}: a 202 ended as {state:?}");
        }
        assert_posts_are_in_order(&world, seed);
        faults += world.faults();
    }
    assert!(faults > 1_000, "only {faults} faults struck");
}

/// Attempts of one delivery are made in their order; one is repeated only
/// after a crash, and then under its own number.
fn assert_posts_are_in_order(world: &World, seed: u64) {
    let mut last: HashMap<String, u8> = HashMap::new();
    for post in world.received() {
        let id = post.header("webhook-id").unwrap().to_owned();
        let before = last.insert(id, post.number).unwrap_or(post.number);
        assert!(before <= post.number, "seed {seed}: attempt {} after {before}", post.number);
        assert!(post.number <= 4, "seed {seed}: attempt {}", post.number);
    }
}
