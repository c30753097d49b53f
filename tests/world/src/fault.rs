//! Faults: what can happen at a port call.

use std::time::Duration;

use darkroom_core::port::{PortError, PortResult};
use darkroom_core::time::Timestamp;

use crate::state::State;
use crate::world::World;

/// What happens at one port call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// The service refuses; nothing has happened.
    Refused,
    /// The service is throttled, or the write met another one; nothing has happened.
    Throttled,
    /// The service did it, but the reply is lost.
    ReplyLost,
    /// The service did it, the reply is lost, and the client of the service does it again.
    Repeated,
    /// It takes long.
    Slow,
    /// The function dies before the call reaches the service.
    CrashBefore,
    /// The function dies when the service has done it.
    CrashAfter,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 7] = [
        Self::Refused,
        Self::Throttled,
        Self::ReplyLost,
        Self::Repeated,
        Self::Slow,
        Self::CrashBefore,
        Self::CrashAfter,
    ];
}

/// How many port calls went wrong in each way.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Faults([usize; Fault::ALL.len()]);

impl Faults {
    /// In this way.
    #[must_use]
    pub fn of(&self, fault: Fault) -> usize {
        Fault::ALL.iter().zip(self.0).filter(|(it, _)| **it == fault).map(|(_, count)| count).sum()
    }

    /// In any way.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    fn note(&mut self, fault: Fault) {
        for (it, count) in Fault::ALL.iter().zip(&mut self.0) {
            *count += usize::from(*it == fault);
        }
    }
}

impl std::ops::AddAssign for Faults {
    fn add_assign(&mut self, other: Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
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

/// How long a slow call takes: longer than a result may be read.
const SLOW: Duration = Duration::from_secs(12);

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

    /// Of the `count` port calls from the `nth` on, counted as above, each conditional write
    /// finds that another one came before it, which left all else as it was.
    pub fn overtake_calls(&self, nth: usize, count: usize) {
        self.with(|state| state.overtaken = state.calls + nth..state.calls + nth + count);
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
    pub fn faults(&self) -> Faults {
        self.with(|state| state.faults)
    }

    /// How many port calls were made so far.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.with(|state| state.calls)
    }

    /// One call of an AWS service, whose client repeats what got no reply: `effect` is
    /// what the service does. A crash is a call that never returns; whoever polls the
    /// flow drops it.
    pub(crate) async fn call<T: Send>(
        &self,
        service: &'static str,
        effect: impl Fn(&mut State) -> T + Send,
    ) -> PortResult<T> {
        let fault = self.begin_call().await;
        if fault == Some(Fault::Repeated) {
            self.with(&effect);
            self.turn().await;
        }
        self.end_call(service, fault, effect).await
    }

    /// As [`Self::call`], of something that is never repeated behind a flow's back.
    pub(crate) async fn call_once<T: Send>(
        &self,
        service: &'static str,
        effect: impl FnOnce(&mut State) -> T + Send,
    ) -> PortResult<T> {
        let fault = self.begin_call().await;
        self.end_call(service, fault, effect).await
    }

    pub(crate) async fn begin_call(&self) -> Option<Fault> {
        self.turn().await;
        let call_time = self.with(|state| state.call_time);
        if call_time > Duration::ZERO {
            self.spend(call_time).await;
        }
        let fault = self.next_fault();
        if fault == Some(Fault::Slow) {
            self.spend(SLOW).await;
        }
        fault
    }

    async fn end_call<T: Send>(
        &self,
        service: &'static str,
        fault: Option<Fault>,
        effect: impl FnOnce(&mut State) -> T + Send,
    ) -> PortResult<T> {
        match fault {
            None | Some(Fault::Slow | Fault::Repeated) => Ok(self.with(effect)),
            Some(Fault::Refused) => Err(refused(service)),
            Some(Fault::Throttled) => {
                Err(PortError::Busy { service, cause: "injected".to_owned() })
            }
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
            if let Some(fault) = fault {
                state.faults.note(fault);
            }
            fault
        })
    }
}

pub(crate) fn refused(service: &'static str) -> PortError {
    PortError::Unavailable { service, cause: "injected".to_owned() }
}
