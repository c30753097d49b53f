use std::time::Duration;

use darkroom_aws::ledger::DynamoLedger;
use darkroom_core::delivery::{
    Answer, Attempt, AttemptOutcome, AttemptVerdict, Delivery, DeliveryStep, RetrySchedule,
};
use darkroom_core::id::JobId;
use darkroom_core::port::{Advance, Ledger as _};
use darkroom_core::time::Timestamp;

use crate::ground::Ground;
use crate::orders::{NOW, token};

const LEASE: Duration = Duration::from_secs(45);

fn claim(delivery: Delivery, by: u8, at: Timestamp) -> DeliveryStep {
    match delivery.claim(token(by), at, LEASE) {
        AttemptVerdict::Claim(step) => step,
        other => panic!("{other:?}"),
    }
}

fn answered(number: u8, at: Timestamp) -> Attempt {
    Attempt {
        number,
        at,
        took: Duration::from_micros(1_234_567),
        address: Some("203.0.113.7:443".parse().unwrap()),
        outcome: AttemptOutcome::Answered(Answer {
            status: 500,
            body_head: "no".to_owned(),
            retry_after: Some(Duration::from_secs(15)),
            location: None,
        }),
    }
}

#[tokio::test]
async fn of_two_notifiers_one_makes_the_attempt() {
    let ground = Ground::new().await;
    let ledger = DynamoLedger::new(ground.table.clone());
    let job = JobId::new(NOW, 1);
    assert_eq!(ledger.find(job).await.unwrap(), None);
    let one = claim(Delivery::begin(job, NOW), 1, NOW);
    let other = claim(Delivery::begin(job, NOW), 2, NOW);
    assert_eq!(ledger.advance(&one).await.unwrap(), Advance::Done);
    assert_eq!(ledger.advance(&other).await.unwrap(), Advance::Raced);
    assert_eq!(ledger.advance(&one).await.unwrap(), Advance::Done, "again");
    assert_eq!(ledger.find(job).await.unwrap(), Some(one.delivery));
}

#[tokio::test]
async fn a_recorded_attempt_is_recognised_when_its_reply_was_lost() {
    let ground = Ground::new().await;
    let ledger = DynamoLedger::new(ground.table.clone());
    let claimed = claim(Delivery::begin(JobId::new(NOW, 1), NOW), 1, NOW);
    ledger.advance(&claimed).await.unwrap();
    let schedule = RetrySchedule::seed();
    let settled = claimed.delivery.clone().settle(token(1), answered(1, NOW), &schedule).unwrap();
    for _ in 0..2 {
        assert_eq!(ledger.advance(&settled).await.unwrap(), Advance::Done);
    }
    let late = claimed.delivery.settle(token(1), answered(1, NOW + LEASE), &schedule);
    assert_eq!(ledger.advance(&late.unwrap()).await.unwrap(), Advance::Raced);

    let stored = ledger.find(settled.delivery.job).await.unwrap().unwrap();
    assert_eq!(stored.phase, settled.delivery.phase);
    assert_eq!(stored.attempts[0].took, Duration::from_millis(1_234));
    let next = claim(stored, 2, NOW + Duration::from_secs(60));
    assert_eq!(ledger.advance(&next).await.unwrap(), Advance::Done);
}
