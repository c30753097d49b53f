//! `Circuits`: a count for one minute, and a state that changes from where it began.

use std::time::Duration;

use darkroom_core::address::Reach;
use darkroom_core::circuit::{
    Admission, Circuit, CircuitState, CircuitStep, Health, Receiver, Tally,
};
use darkroom_core::port::Advance;
use darkroom_core::time::{Minute, Timestamp};
use darkroom_core::url::CallbackUrl;
use futures::future::join_all;

use crate::Ground;
use crate::orders::{NOW, account, token};

const ILL: Health = Health::Ill { retry_after: None };
const HOPELESS: Tally = Tally { attempts: 20, failures: 20 };

fn receiver_at(url: &str) -> Receiver {
    Receiver::of(&account(1), &CallbackUrl::parse(url, &Reach::public()).unwrap())
}

fn receiver() -> Receiver {
    receiver_at("https://hooks.example/ready")
}

async fn stored(ground: &dyn Ground) -> Circuit {
    ground.circuits().find(&receiver()).await.unwrap()
}

async fn advance(ground: &dyn Ground, step: &CircuitStep) -> Advance {
    ground.circuits().advance(step).await.unwrap()
}

async fn count(ground: &dyn Ground, at: Timestamp, health: Health) -> Tally {
    let one = Tally::one(health);
    ground.circuits().count(&receiver(), Minute::of(at), one).await.unwrap()
}

/// An open circuit that is probed by this notifier.
fn probe(circuit: &Circuit, by: u8) -> CircuitStep {
    let CircuitState::Open { until, .. } = circuit.state else { panic!("{circuit:?}") };
    match circuit.admit(token(by), until, 0) {
        Admission::Probe(step) => step,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn attempts_are_counted_a_minute_at_a_time(ground: &dyn Ground) {
    assert_eq!(stored(ground).await, Circuit::closed(receiver()));
    let next = NOW + Duration::from_secs(60);
    for (at, health, attempts, failures) in [
        // What goes well counts since something failed.
        (NOW, Health::Well, 0, 0),
        (NOW, ILL, 1, 1),
        (NOW, ILL, 2, 2),
        (NOW, Health::Well, 3, 2),
        (next, Health::Well, 0, 0),
        (next, ILL, 1, 1),
        (next, Health::Well, 2, 1),
        // Whose clock is behind counts for nothing.
        (NOW, ILL, 0, 0),
    ] {
        assert_eq!(count(ground, at, health).await, Tally { attempts, failures });
    }
    let latest = Some((Minute::of(next), Tally { attempts: 2, failures: 1 }));
    assert_eq!(stored(ground).await, Circuit { latest, ..Circuit::closed(receiver()) });
}

pub(crate) async fn attempts_that_end_at_once_are_all_counted(ground: &dyn Ground) {
    let sums = join_all((0..20).map(|_| count(ground, NOW, ILL))).await;
    assert_eq!(sums.iter().map(|sum| sum.attempts).max(), Some(20));
}

pub(crate) async fn a_circuit_opens_is_probed_by_one_and_closes(ground: &dyn Ground) {
    count(ground, NOW, ILL).await;
    let open = stored(ground).await.learn(ILL, HOPELESS, NOW).unwrap();
    // Twice, its reply being lost.
    for _ in 0..2 {
        assert_eq!(advance(ground, &open).await, Advance::Done);
        assert_eq!(stored(ground).await, open.circuit);
    }
    let [one, other] = [1, 2].map(|by| probe(&open.circuit, by));
    for (step, expected) in [(&one, Advance::Done), (&other, Advance::Raced), (&one, Advance::Done)]
    {
        assert_eq!(advance(ground, step).await, expected);
        assert_eq!(stored(ground).await, one.circuit);
    }
    let closed = one.circuit.learn(Health::Well, Tally::default(), NOW).unwrap();
    assert_eq!(advance(ground, &closed).await, Advance::Done);
    assert_eq!(stored(ground).await, closed.circuit);
    // And counts anew.
    assert_eq!(count(ground, NOW, ILL).await, Tally::one(ILL));
}

pub(crate) async fn a_step_of_a_circuit_that_moved_on_is_raced_and_forgets_nothing(
    ground: &dyn Ground,
) {
    let open = stored(ground).await.learn(ILL, HOPELESS, NOW).unwrap();
    let probing = probe(&open.circuit, 1);
    // Nobody has stored yet where this one began.
    assert_eq!(advance(ground, &probing).await, Advance::Raced);
    assert_eq!(stored(ground).await, Circuit::closed(receiver()));
    let closed = probing.circuit.learn(Health::Well, Tally::default(), NOW).unwrap();
    for step in [&open, &probing, &closed] {
        assert_eq!(advance(ground, step).await, Advance::Done);
    }
    count(ground, NOW, ILL).await;
    for late in [&open, &probing] {
        assert_eq!(advance(ground, late).await, Advance::Raced);
    }
    let latest = Some((Minute::of(NOW), Tally::one(ILL)));
    assert_eq!(stored(ground).await, Circuit { latest, ..closed.circuit });
}

pub(crate) async fn each_receiver_has_a_circuit_of_its_own(ground: &dyn Ground) {
    let open = stored(ground).await.learn(ILL, HOPELESS, NOW).unwrap();
    assert_eq!(advance(ground, &open).await, Advance::Done);
    let other = receiver_at("https://hooks.example:8443/ready");
    assert_eq!(ground.circuits().find(&other).await.unwrap(), Circuit::closed(other));
}
