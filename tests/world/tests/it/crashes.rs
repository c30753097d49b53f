//! Storms: many jobs while any call of any flow may fail, lose its reply or be
//! its function's last.

use darkroom_core::job::JobState;
use darkroom_world::World;
use darkroom_world::requests::accepted_id;

use crate::asking::{nab, take};

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
            let state = &world.job(accepted_id(answer).unwrap()).unwrap().state;
            let ended = matches!(state, JobState::Completed { .. } | JobState::Failed { .. });
            assert!(ended, "seed {seed}: a 202 ended as {state:?}");
        }
        faults += world.faults().total();
    }
    assert!(faults > 1_000, "only {faults} faults struck");
}
