use std::time::Duration;

use darkroom_aws::circuits::DynamoCircuits;
use darkroom_core::address::Reach;
use darkroom_core::circuit::{Admission, Circuit, CircuitState, Health, Receiver, Tally};
use darkroom_core::port::{Advance, Circuits as _};
use darkroom_core::time::{Minute, Timestamp};
use darkroom_core::url::CallbackUrl;

use crate::ground::Ground;
use crate::orders::{NOW, token};

const ILL: Health = Health::Ill { retry_after: None };
const HOPELESS: Tally = Tally { attempts: 20, failures: 20 };

fn receiver() -> Receiver {
    Receiver::of(&CallbackUrl::parse("https://hooks.example/ready", &Reach::public()).unwrap())
}

async fn stored(circuits: &DynamoCircuits) -> Circuit {
    circuits.find(&receiver()).await.unwrap()
}

/// Has another notifier's probe stored first.
async fn probed_by(circuits: &DynamoCircuits, byte: u8, at: Timestamp) -> Advance {
    match stored(circuits).await.admit(token(byte), at, 0) {
        Admission::Probe(step) => circuits.advance(&step).await.unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn attempts_are_counted_a_minute_at_a_time() {
    let ground = Ground::new().await;
    let circuits = DynamoCircuits::new(ground.table.clone());
    assert_eq!(stored(&circuits).await, Circuit::closed(receiver()));
    let minute = Minute::of(NOW);
    let next = Minute::of(NOW + Duration::from_secs(60));
    let (ill, well) = (Tally::one(ILL), Tally::one(Health::Well));
    for (minute, one, attempts, failures) in [
        (minute, ill, 1, 1),
        (minute, ill, 2, 2),
        (minute, well, 3, 2),
        (next, well, 1, 0),
        (next, ill, 2, 1),
        // Whose clock is behind counts for nothing.
        (minute, ill, 0, 0),
    ] {
        let sum = circuits.count(&receiver(), minute, one).await.unwrap();
        assert_eq!(sum, Tally { attempts, failures });
    }
    let latest = stored(&circuits).await.latest;
    assert_eq!(latest, Some((next, Tally { attempts: 2, failures: 1 })));
}

#[tokio::test]
async fn attempts_that_end_at_once_are_all_counted() {
    let ground = Ground::new().await;
    let circuits = DynamoCircuits::new(ground.table.clone());
    let count = || {
        let circuits = circuits.clone();
        async move { circuits.count(&receiver(), Minute::of(NOW), Tally::one(ILL)).await.unwrap() }
    };
    let sums = futures::future::join_all((0..20).map(|_| count())).await;
    let most = sums.iter().map(|sum| sum.attempts).max();
    assert_eq!(most, Some(20));
}

#[tokio::test]
async fn a_circuit_opens_is_probed_by_one_and_closes() {
    let ground = Ground::new().await;
    let circuits = DynamoCircuits::new(ground.table.clone());
    circuits.count(&receiver(), Minute::of(NOW), Tally::one(ILL)).await.unwrap();
    let seen = stored(&circuits).await;
    let open = seen.learn(ILL, HOPELESS, NOW).unwrap();
    assert_eq!(circuits.advance(&open).await.unwrap(), Advance::Done);
    // Again, its reply being lost.
    assert_eq!(circuits.advance(&open).await.unwrap(), Advance::Done);
    assert_eq!(stored(&circuits).await, open.circuit);

    let CircuitState::Open { until, .. } = open.circuit.state else { panic!() };
    let other = match open.circuit.admit(token(2), until, 0) {
        Admission::Probe(step) => step,
        other => panic!("{other:?}"),
    };
    assert_eq!(probed_by(&circuits, 1, until).await, Advance::Done);
    assert_eq!(circuits.advance(&other).await.unwrap(), Advance::Raced);
    let probing = stored(&circuits).await;
    assert!(matches!(probing.state, CircuitState::Probing { token: by, .. } if by == token(1)));

    let closed = probing.learn(Health::Well, Tally::default(), until).unwrap();
    assert_eq!(circuits.advance(&closed).await.unwrap(), Advance::Done);
    assert_eq!(stored(&circuits).await, closed.circuit);
    // And counts anew.
    let sum = circuits.count(&receiver(), Minute::of(NOW), Tally::one(ILL)).await.unwrap();
    assert_eq!(sum, Tally { attempts: 1, failures: 1 });
}
