//! The circuits of receivers: conditional writes on versions, and a count for one minute.

use async_trait::async_trait;
use darkroom_core::circuit::{Circuit, CircuitState, CircuitStep, Receiver, Tally};
use darkroom_core::port::{Advance, Circuits, PortResult};
use darkroom_core::time::Minute;
use std::time::Duration;

use crate::state::State;
use crate::world::World;

#[async_trait]
impl Circuits for World {
    async fn find(&self, receiver: &Receiver) -> PortResult<Circuit> {
        self.call("circuits.find", |state| stored(state, receiver)).await
    }

    async fn count(&self, receiver: &Receiver, minute: Minute, one: Tally) -> PortResult<Tally> {
        self.call("circuits.count", |state| {
            let mut circuit = stored(state, receiver);
            let tally = match circuit.latest {
                Some((latest, _)) if latest > minute => return Tally::default(),
                Some((latest, mut tally)) if latest == minute => {
                    tally += one;
                    tally
                }
                Some(_) | None if one.failures == 0 => return Tally::default(),
                Some(_) | None => one,
            };
            circuit.latest = Some((minute, tally));
            state.circuits.insert(receiver.clone(), circuit);
            tally
        })
        .await
    }

    async fn advance(&self, step: &CircuitStep) -> PortResult<Advance> {
        self.call("circuits.advance", |state| {
            if state.is_overtaken() {
                return Advance::Raced;
            }
            let stored = stored(state, &step.circuit.receiver);
            if (stored.version, stored.state) == (step.circuit.version, step.circuit.state) {
                return Advance::Done;
            }
            if stored.version != step.from_version {
                return Advance::Raced;
            }
            state.circuits.insert(step.circuit.receiver.clone(), step.circuit.clone());
            Advance::Done
        })
        .await
    }
}

fn stored(state: &State, receiver: &Receiver) -> Circuit {
    state.circuits.get(receiver).cloned().unwrap_or_else(|| Circuit::closed(receiver.clone()))
}

impl World {
    /// The receiver's circuit has opened just now, for so long.
    pub fn open_circuit(&self, receiver: Receiver, rest: Duration) {
        self.with(|state| {
            let state_of = CircuitState::Open { until: state.now + rest, rest };
            let circuit = Circuit { version: 1, state: state_of, ..Circuit::closed(receiver) };
            state.circuits.insert(circuit.receiver.clone(), circuit);
        });
    }

    /// Where a receiver's circuit stands.
    #[must_use]
    pub fn circuit(&self, receiver: &Receiver) -> CircuitState {
        self.with(|state| stored(state, receiver).state)
    }
}
