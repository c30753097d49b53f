//! Storms: many jobs while any call of any flow may fail, lose its reply or be
//! its function's last.

use darkroom_core::job::JobState;
use darkroom_world::World;

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
            .map(|answer| answer.map(|response| response.status().as_u16()))
            .collect();
        world.run_with_duplicates();
        world.assert_at_rest();
        let accepted = answers.iter().filter(|it| **it == Some(202)).count();
        let ended = world
            .jobs()
            .iter()
            .filter(|job| !matches!(job.state, JobState::Rejected { .. }))
            .count();
        assert!(ended >= accepted, "seed {seed}: {accepted} accepted, {ended} ended");
        faults += world.faults();
    }
    assert!(faults > 1_000, "only {faults} faults struck");
}
