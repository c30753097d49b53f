//! Faults: what can happen at a port call.

use std::time::Duration;

use darkroom_core::port::{PortError, PortResult};
use darkroom_core::time::Timestamp;

use crate::world::World;

/// What happens at one port call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// The service refuses; nothing has happened.
    Refused,
    /// The service did it, but the reply is lost.
    ReplyLost,
    /// The function dies before the call reaches the service.
    CrashBefore,
    /// The function dies when the service has done it.
    CrashAfter,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 4] =
        [Self::Refused, Self::ReplyLost, Self::CrashBefore, Self::CrashAfter];
}

/// Which calls of a run go wrong.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// None.
    Calm,
    /// The one with this number, counted from 0.
    Nth(usize, Fault),
    /// All until then are refused.
    Outage { until: Timestamp },
    /// Each with a chance of one in `one_in`, drawn from the seed, for the first
    /// `until` calls.
    Storm { seed: u64, one_in: u64, until: usize },
}

impl Plan {
    fn fault_of(&mut self, call: usize, now: Timestamp) -> Option<Fault> {
        match self {
            Self::Calm => None,
            Self::Outage { until } => (now < *until).then_some(Fault::Refused),
            Self::Nth(nth, fault) => (call == *nth).then_some(*fault),
            Self::Storm { seed, one_in, until } => {
                let draw = next_random(seed);
                let which = usize::try_from(draw >> 32).unwrap_or(0) % Fault::ALL.len();
                let strikes = call < *until && draw.is_multiple_of(*one_in);
                if strikes { Fault::ALL.get(which).copied() } else { None }
            }
        }
    }
}

/// The generator «`SplitMix64`», which is enough to spread faults and ids.
pub(crate) fn next_random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl World {
    /// The `nth` port call from now on, counted from 0, goes wrong like this.
    pub fn break_call(&self, nth: usize, fault: Fault) {
        self.with(|state| state.plan = Plan::Nth(state.calls + nth, fault));
    }

    /// Every call for the next `span` is refused.
    pub fn outage(&self, span: Duration) {
        self.with(|state| state.plan = Plan::Outage { until: state.now + span });
    }

    /// Each of the next `calls` goes wrong with a chance of one in `one_in`, as
    /// the seed has it.
    pub fn storm(&self, seed: u64, one_in: u64, calls: usize) {
        self.with(|state| state.plan = Plan::Storm { seed, one_in, until: state.calls + calls });
    }

    /// How many port calls went wrong so far.
    #[must_use]
    pub fn faults(&self) -> usize {
        self.with(|state| state.faults)
    }

    /// How many port calls were made so far.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.with(|state| state.calls)
    }

    /// One call of a port: `effect` is what the service does. A crash is a call
    /// that never returns; whoever polls the flow drops it.
    pub(crate) async fn call<T: Send>(
        &self,
        service: &'static str,
        effect: impl FnOnce(&mut crate::state::State) -> T + Send,
    ) -> PortResult<T> {
        self.turn().await;
        match self.next_fault() {
            None => Ok(self.with(effect)),
            Some(Fault::Refused) => Err(refused(service)),
            Some(Fault::ReplyLost) => {
                self.with(effect);
                Err(refused(service))
            }
            Some(Fault::CrashBefore) => self.die().await,
            Some(Fault::CrashAfter) => {
                self.with(effect);
                self.die().await
            }
        }
    }

    fn next_fault(&self) -> Option<Fault> {
        self.with(|state| {
            let call = state.calls;
            state.calls += 1;
            let fault = state.plan.fault_of(call, state.now);
            state.faults += usize::from(fault.is_some());
            fault
        })
    }
}

fn refused(service: &'static str) -> PortError {
    PortError::Unavailable { service, cause: "injected".to_owned() }
}
