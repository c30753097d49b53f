//! When attempts are made: 10,000 deliveries to receivers that never take them, each to one of
//! its own, so that no circuit opens.

use std::collections::HashMap;
use std::time::Duration;

use darkroom_core::delivery::Phase;
use darkroom_world::requests::to_take;
use darkroom_world::{Concurrency, Tally, Weather, World};
use serde_json::json;

const DELIVERIES: u32 = 10_000;

/// One request in so long: the renders of one second are two and a half at once.
const APART: Duration = Duration::from_millis(500);

/// Beyond its due time, an attempt is made within this: whole seconds of visibility, and what
/// a poller takes.
const TOLERANCE: Duration = Duration::from_secs(2);

/// The visibility timeout of the results queue (the template's).
const VISIBILITY: Duration = Duration::from_secs(6 * 120);

const CALM: Weather = Weather {
    concurrency: Concurrency { captures: 20, results: 100, watchdogs: 20 },
    stalls_one_in: 0,
    duplicates_one_in: 0,
    throttled_one_in: 0,
    deaths_one_in: 0,
    poll_lag: Duration::from_millis(250),
    rough_turns: usize::MAX,
};

/// How late each attempt was, the earliest first, over all deliveries.
fn lateness(weather: Weather) -> (Vec<Duration>, Tally) {
    let world = World::new(1);
    let customer = world.customer(1, u64::from(DELIVERIES));
    world.always_answers(500);
    let ask = |number: u32| {
        let hook = format!("https://hooks-{number}.example/ready");
        (APART * number, to_take(&customer, json!({"webhook_url": hook})))
    };
    let requests: Vec<_> = (0..DELIVERIES).map(ask).collect();
    let (_, tally) = world.interleave(1, weather, &requests);
    world.assert_at_rest();

    let mut first_at = HashMap::new();
    for post in world.received() {
        let id = post.header("webhook-id").unwrap().to_owned();
        first_at.entry((id, post.number)).or_insert(post.at);
    }
    let mut late = Vec::new();
    for job in world.jobs() {
        let delivery = world.delivery(job.id).unwrap();
        assert!(matches!(delivery.phase, Phase::Abandoned { .. }), "{:?}", delivery.phase);
        for (failed, delay) in delivery.attempts.iter().zip([10, 60, 300]) {
            let due = failed.at + failed.took + Duration::from_secs(delay);
            let made = first_at[&(delivery.id().to_string(), failed.number + 1)];
            assert!(made >= due, "early");
            late.push(made.since(due));
        }
    }
    assert_eq!(late.len(), 3 * DELIVERIES as usize, "every delivery has its four attempts");
    late.sort_unstable();
    (late, tally)
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

#[expect(clippy::print_stdout, reason = "the figures are what the run is for")]
fn told(name: &str, late: &[Duration], tally: &Tally) {
    println!(
        "{name}: {} retries, late by {:?} (p50), {:?} (p90), {:?} (p99), {:?} at most; \
         {} turns, {} receives throttled, {} functions died",
        late.len(),
        percentile(late, 50),
        percentile(late, 90),
        percentile(late, 99),
        percentile(late, 100),
        tally.turns,
        tally.throttled,
        tally.deaths,
    );
}

#[test]
fn without_faults_every_retry_comes_within_two_seconds_of_its_due_time() {
    let (late, tally) = lateness(CALM);
    told("calm", &late, &tally);
    assert!(percentile(&late, 100) <= TOLERANCE, "{:?}", percentile(&late, 100));
}

#[test]
fn throttled_receives_and_crashes_cost_no_attempt_and_little_time() {
    let rough = Weather { throttled_one_in: 20, deaths_one_in: 100, ..CALM };
    let (late, tally) = lateness(rough);
    told("rough", &late, &tally);
    assert!(tally.throttled > 2_000 && tally.deaths > 500, "{tally:?}");
    assert!(percentile(&late, 90) <= TOLERANCE, "{:?}", percentile(&late, 90));
    assert!(percentile(&late, 99) <= VISIBILITY + TOLERANCE, "{:?}", percentile(&late, 99));
}
