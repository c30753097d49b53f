//! Whether an attempt that is due may be made, its receiver's circuit being what it is, and
//! what an attempt tells the circuit.

use std::time::Duration;

use darkroom_core::circuit::{Admission, Circuit, CircuitState, Health, Receiver, Tally};
use darkroom_core::delivery::{Delivery, Phase, Sequel};
use darkroom_core::id::ClaimToken;
use darkroom_core::job::Job;
use darkroom_core::message::Message;
use darkroom_core::port::{
    Advance, Circuits, Clock, Disposal, Entropy, InFlight, Ledger, PortResult, Queue,
};
use darkroom_core::time::{Minute, Timestamp};

use crate::mail::{AFTER_FAULT, rest, send};

/// The ports that postponing needs.
#[derive(Clone, Copy)]
pub(crate) struct PostponePorts<'a> {
    pub(crate) circuits: &'a dyn Circuits,
    pub(crate) ledger: &'a dyn Ledger,
    pub(crate) queue: &'a dyn Queue,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) entropy: &'a dyn Entropy,
}

/// Whether an attempt may be made.
pub(crate) enum Permit {
    /// It may. What is known of its receiver is to be told of it.
    Now(Circuit),
    /// Not before then.
    NotBefore(Timestamp),
}

/// Whether this delivery's attempt, which is due, may be made. One that was asked for by hand
/// always may, and so may all where circuits can't be read: they are a courtesy.
pub(crate) async fn permit(
    ports: PostponePorts<'_>,
    receiver: Receiver,
    delivery: &Delivery,
    token: ClaimToken,
) -> Permit {
    let circuit = match ports.circuits.find(&receiver).await {
        Ok(circuit) => circuit,
        Err(error) => {
            tracing::warn!(%receiver, %error, "a circuit could not be read");
            return Permit::Now(Circuit::closed(receiver));
        }
    };
    let now = ports.clock.now();
    let [a, b, c, d, ..] = ports.entropy.draw();
    let draw = u32::from_be_bytes([a, b, c, d]);
    match (circuit.admit(token, now, draw), delivery.sequel) {
        (Admission::Pass, _) | (_, Sequel::Nothing) => Permit::Now(circuit),
        (Admission::Postpone(until), Sequel::Schedule) => Permit::NotBefore(until),
        (Admission::Probe(step), Sequel::Schedule) => match ports.circuits.advance(&step).await {
            Ok(Advance::Done) => Permit::Now(step.circuit),
            Ok(Advance::Raced) => Permit::NotBefore(Circuit::after_probe(now, draw)),
            Err(error) => {
                tracing::warn!(%receiver, %error, "a circuit could not be written");
                Permit::Now(circuit)
            }
        },
    }
}

/// Puts the attempt that is due off until then, or gives the delivery up where that has gone on
/// for too long.
pub(crate) async fn postpone(
    ports: PostponePorts<'_>,
    job: &Job,
    delivery: Delivery,
    until: Timestamp,
    message: &dyn InFlight,
) -> PortResult<Disposal> {
    let now = ports.clock.now();
    let step = delivery.postpone(until, now);
    if ports.ledger.advance(&step).await? == Advance::Raced {
        return Ok(rest(message, AFTER_FAULT).await);
    }
    let Phase::Due { number, at } = step.delivery.phase else {
        tracing::warn!(job.id = %job.id, "a webhook is given up: its receiver fails for too long");
        return Ok(Disposal::Delete);
    };
    let delay = at.since(now);
    tracing::info!(job.id = %job.id, account.id = %job.order.account, attempt = number,
        delay_ms = delay.as_millis(), "an attempt is postponed: its receiver's circuit is open");
    Ok(wait(ports, job, delay, message).await)
}

/// Has the message come back after so long without being in flight meanwhile.
///
/// A message that waits hidden is in flight, of which a queue takes 120,000; so a new one is
/// sent, which is merely delayed.
pub(crate) async fn wait(
    ports: PostponePorts<'_>,
    job: &Job,
    delay: Duration,
    message: &dyn InFlight,
) -> Disposal {
    match send(ports.queue, job, Message::Result(job.id), delay).await {
        Ok(()) => Disposal::Delete,
        Err(error) => {
            tracing::warn!(job.id = %job.id, %error, "a postponed attempt waits in flight");
            rest(message, delay).await
        }
    }
}

/// Tells the circuit of an attempt, or that it told nothing of its receiver. That the circuit
/// can't be told costs no attempt.
pub(crate) async fn report(
    ports: PostponePorts<'_>,
    admitted: &Circuit,
    sequel: Sequel,
    health: Option<Health>,
) {
    // That a receiver still fails tells nothing new if it was asked by hand.
    if sequel == Sequel::Nothing && health != Some(Health::Well) {
        return;
    }
    if let Err(error) = try_report(ports, admitted, health).await {
        tracing::warn!(receiver = %admitted.receiver, %error, "a circuit could not be written");
    }
}

async fn try_report(
    ports: PostponePorts<'_>,
    admitted: &Circuit,
    health: Option<Health>,
) -> PortResult<()> {
    let now = ports.clock.now();
    let step = match (health, admitted.state) {
        (None, _) => admitted.learn_nothing(now),
        (Some(health), CircuitState::Closed) => {
            let one = Tally::one(health);
            let minute = Minute::of(now);
            let tally = ports.circuits.count(&admitted.receiver, minute, one).await?;
            admitted.learn(health, tally, now)
        }
        (Some(health), CircuitState::Open { .. } | CircuitState::Probing { .. }) => {
            admitted.learn(health, Tally::default(), now)
        }
    };
    let Some(step) = step else { return Ok(()) };
    let advance = ports.circuits.advance(&step).await?;
    tracing::warn!(receiver = %admitted.receiver, state = ?step.circuit.state, ?advance,
        "a receiver's circuit changes");
    Ok(())
}
