//! Functions beside one another: any of them may stand between its read and its write
//! while others go on, stall beyond its lease, die, or be handed the same message twice.

use darkroom_world::simulation::simulate;
use darkroom_world::{Fault, Tally};

/// Seeds of one run; one seed is one schedule.
const SEEDS: u64 = 1_000;

#[test]
fn whatever_the_order_each_answer_binds_and_quota_adds_up() {
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        let outcome = simulate(seed);
        assert!(outcome.violations.is_empty(), "seed {seed}: {:?}", outcome.violations);
        tally += outcome.tally;
    }
    println!("{SEEDS} seeds: {tally:?}");
    for fault in Fault::ALL {
        assert!(tally.faults.of(fault) > 500, "{fault:?} hardly struck");
    }
    let rare = [tally.killed, tally.timeouts, tally.stalls, tally.duplicates, tally.crowded];
    assert!(rare.into_iter().all(|count| count > 100), "{tally:?}");
}

#[test]
fn one_seed_is_one_schedule() {
    for seed in 0..50 {
        assert_eq!(simulate(seed).tally, simulate(seed).tally);
    }
}
