use std::time::Duration;

use darkroom_aws::ledger::DynamoLedger;
use darkroom_contract::orders::{NOW, token};
use darkroom_core::delivery::{
    Attempt, AttemptOutcome, AttemptVerdict, Delivery, PostFault, RetrySchedule,
};
use darkroom_core::id::JobId;
use darkroom_core::port::{Advance, Ledger as _};

use crate::ground::Ground;

#[tokio::test]
async fn an_attempt_that_took_no_whole_milliseconds_is_recognised_all_the_same() {
    let ground = Ground::new().await;
    let ledger = DynamoLedger::new(ground.table.clone());
    let delivery = Delivery::begin(JobId::new(NOW, 1), NOW);
    let lease = Duration::from_secs(45);
    let AttemptVerdict::Claim(claimed) = delivery.claim(token(1), NOW, lease) else { panic!() };
    ledger.advance(&claimed).await.unwrap();
    let attempt = Attempt {
        number: 1,
        at: NOW,
        took: Duration::from_micros(1_234_567),
        address: None,
        outcome: AttemptOutcome::Unanswered { class: PostFault::Tls, detail: String::new() },
    };
    let settled = claimed.delivery.settle(token(1), attempt, &RetrySchedule::seed()).unwrap();
    for _ in 0..2 {
        assert_eq!(ledger.advance(&settled).await.unwrap(), Advance::Done);
    }
    let stored = ledger.find(settled.delivery.job).await.unwrap().unwrap();
    assert_eq!(stored.phase, settled.delivery.phase);
    assert_eq!(stored.attempts[0].took, Duration::from_millis(1_234));
}
