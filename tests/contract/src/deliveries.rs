//! `Ledger`: each attempt is claimed once and recorded once.

use std::time::Duration;

use darkroom_core::delivery::{
    Answer, Attempt, AttemptOutcome, AttemptVerdict, Delivery, DeliveryStep, Phase, PostFault,
    RetrySchedule,
};
use darkroom_core::id::JobId;
use darkroom_core::port::Advance;
use darkroom_core::time::Timestamp;
use futures::future::join;

use crate::Ground;
use crate::orders::{NOW, token};

const LEASE: Duration = Duration::from_secs(45);

/// Longer than any delay of the schedule.
const APART: Duration = Duration::from_secs(1_000);

async fn advance(ground: &dyn Ground, step: &DeliveryStep) -> Advance {
    ground.ledger().advance(step).await.unwrap()
}

async fn find(ground: &dyn Ground, job: JobId) -> Option<Delivery> {
    ground.ledger().find(job).await.unwrap()
}

fn claim(delivery: Delivery, by: u8, at: Timestamp) -> DeliveryStep {
    match delivery.claim(token(by), at, LEASE) {
        AttemptVerdict::Claim(step) => step,
        other => panic!("{other:?}"),
    }
}

fn settle(claimed: &DeliveryStep, attempt: Attempt) -> DeliveryStep {
    let Phase::Claimed { token, .. } = claimed.delivery.phase else { panic!() };
    claimed.delivery.clone().settle(token, attempt, &RetrySchedule::seed()).unwrap()
}

/// An attempt that was answered with this status.
fn answered(number: u8, at: Timestamp, status: u16) -> Attempt {
    Attempt {
        number,
        at,
        took: Duration::from_millis(1_234),
        address: Some("203.0.113.7:443".parse().unwrap()),
        outcome: AttemptOutcome::Answered(Answer {
            status,
            body_head: "no".to_owned(),
            retry_after: Some(Duration::from_secs(15)),
            location: Some("/elsewhere".to_owned()),
        }),
    }
}

pub(crate) async fn of_two_notifiers_one_makes_the_attempt(ground: &dyn Ground) {
    let job = ground.job(1).id;
    assert_eq!(find(ground, job).await, None);
    let [one, other] = [1, 2].map(|by| claim(Delivery::begin(job, NOW), by, NOW));
    let race = join(advance(ground, &one), advance(ground, &other)).await;
    let (won, lost) = match race {
        (Advance::Done, Advance::Raced) => (one, other),
        (Advance::Raced, Advance::Done) => (other, one),
        both => panic!("{both:?}"),
    };
    assert_eq!(advance(ground, &won).await, Advance::Done, "again");
    assert_eq!(advance(ground, &lost).await, Advance::Raced);
    assert_eq!(find(ground, job).await, Some(won.delivery));
}

pub(crate) async fn a_recorded_attempt_is_recognised_when_its_reply_was_lost(ground: &dyn Ground) {
    let job = ground.job(1).id;
    let claimed = claim(Delivery::begin(job, NOW), 1, NOW);
    assert_eq!(advance(ground, &claimed).await, Advance::Done);
    let settled = settle(&claimed, answered(1, NOW, 500));
    for _ in 0..2 {
        assert_eq!(advance(ground, &settled).await, Advance::Done);
    }
    let late = settle(&claimed, answered(1, NOW + LEASE, 500));
    assert_eq!(advance(ground, &late).await, Advance::Raced);
    assert_eq!(find(ground, job).await, Some(settled.delivery));
}

pub(crate) async fn attempts_are_kept_in_order_until_the_last(ground: &dyn Ground) {
    let job = ground.job(1).id;
    let mut delivery = Delivery::begin(job, NOW);
    for number in 1..=4 {
        let at = NOW + APART * u32::from(number);
        let claimed = claim(delivery, number, at);
        assert_eq!(advance(ground, &claimed).await, Advance::Done);
        let mut attempt = answered(number, at, 500 + u16::from(number));
        if number == 3 {
            attempt.address = None;
            let detail = "no such name".to_owned();
            attempt.outcome =
                AttemptOutcome::Unanswered { class: PostFault::NameNotResolved, detail };
        }
        let settled = settle(&claimed, attempt);
        assert_eq!(advance(ground, &settled).await, Advance::Done);
        delivery = find(ground, job).await.unwrap();
        assert_eq!(delivery, settled.delivery);
    }
    let numbers: Vec<_> = delivery.attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert!(matches!(delivery.phase, Phase::Abandoned { .. }), "{:?}", delivery.phase);
}

pub(crate) async fn a_step_that_was_overtaken_is_raced(ground: &dyn Ground) {
    let job = ground.job(1).id;
    let first = claim(Delivery::begin(job, NOW), 1, NOW);
    let taken_over = claim(first.delivery.clone(), 2, NOW + LEASE);
    for step in [&first, &taken_over] {
        assert_eq!(advance(ground, step).await, Advance::Done);
    }
    for late in [&first, &settle(&first, answered(1, NOW, 200))] {
        assert_eq!(advance(ground, late).await, Advance::Raced);
    }
    assert_eq!(find(ground, job).await, Some(taken_over.delivery));
}

pub(crate) async fn a_step_of_a_delivery_that_is_not_there_is_raced(ground: &dyn Ground) {
    let job = ground.job(1).id;
    let claimed = claim(Delivery::begin(job, NOW), 1, NOW);
    let settled = settle(&claimed, answered(1, NOW, 200));
    assert_eq!(advance(ground, &settled).await, Advance::Raced);
    assert_eq!(find(ground, job).await, None);
}

pub(crate) async fn a_delivery_that_is_wanted_once_more_is_kept_as_such(ground: &dyn Ground) {
    let job = ground.job(1).id;
    let claimed = claim(Delivery::begin(job, NOW), 1, NOW);
    let settled = settle(&claimed, answered(1, NOW, 410));
    let again = settled.delivery.clone().again(NOW + APART).unwrap();
    for step in [claimed, settled, again] {
        assert_eq!(advance(ground, &step).await, Advance::Done);
        assert_eq!(find(ground, job).await, Some(step.delivery));
    }
}
