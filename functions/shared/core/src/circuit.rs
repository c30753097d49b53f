//! The circuit of a receiver.
//!
//! Where webhooks to one host and port fail again and again, the others are postponed, and one
//! at a time finds out whether the receiver is back. So a dead receiver holds up neither the
//! notifiers nor, with messages that wait, their queue.
//!
//! It opens when 70 % fail of at least 20 attempts that ended within one minute by the clock
//! (Convoy's rate, of twice as many): a handful of hopeless jobs keep their exact schedule.

use std::fmt;
use std::time::Duration;

use crate::delivery::{AttemptOutcome, LONGEST_LEASE, PostFault};
use crate::id::{AccountId, ClaimToken};
use crate::time::{Minute, Timestamp};
use crate::url::CallbackUrl;

/// Attempts that must have ended in a minute before their rate tells anything.
const LEAST_ATTEMPTS: u32 = 20;

/// Of ten attempts, the failures at which a circuit opens.
const FAILURES_OF_TEN: u32 = 7;

/// How long a circuit stays open at first; twice as long each time it was for nothing.
const FIRST_REST: Duration = Duration::from_secs(30);

/// And at most: what is postponed comes back within twice that, and SQS delays a message by
/// 900 s at most.
const LONGEST_REST: Duration = Duration::from_secs(450);

/// Whoever finds out whether a receiver is back has this long to tell.
const PROBE: Duration = LONGEST_LEASE;

/// Where an account's webhooks go to: its own part of a callback's host and port. Many accounts
/// may have theirs at one host, which can refuse those of one and take those of another.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Receiver(String);

impl Receiver {
    /// The receiver behind a callback of this account.
    #[must_use]
    pub fn of(account: &AccountId, callback: &CallbackUrl) -> Self {
        let url = callback.as_url();
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        Self(format!("{account}#{host}:{port}"))
    }
}

impl fmt::Display for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a receiver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Circuit {
    /// Whose it is.
    pub receiver: Receiver,
    /// How many transitions it has made; 0 while it isn't stored yet.
    pub version: u32,
    /// Where it stands.
    pub state: CircuitState,
    /// The latest minute in which an attempt failed.
    pub latest: Option<(Minute, Tally)>,
}

/// Where a circuit stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CircuitState {
    /// Attempts are made as they fall due.
    Closed,
    /// Attempts are postponed.
    Open {
        /// From then on one is made, to find out.
        until: Timestamp,
        /// How long it rests this time.
        rest: Duration,
    },
    /// An attempt is being made, to find out; others are postponed.
    Probing {
        /// Marks the notifier that makes it: two may begin in the same millisecond.
        token: ClaimToken,
        /// From then on another one is made.
        until: Timestamp,
        /// How long it rested last time.
        rest: Duration,
    },
}

/// Attempts that ended in a minute, from the first failure on.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Tally {
    /// All of them.
    pub attempts: u32,
    /// Those that failed.
    pub failures: u32,
}

impl Tally {
    /// One attempt.
    #[must_use]
    pub const fn one(health: Health) -> Self {
        let failures = match health {
            Health::Well => 0,
            Health::Ill { .. } => 1,
        };
        Self { attempts: 1, failures }
    }

    const fn is_hopeless(self) -> bool {
        self.attempts >= LEAST_ATTEMPTS && self.failures * 10 >= self.attempts * FAILURES_OF_TEN
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.attempts += other.attempts;
        self.failures += other.failures;
    }
}

/// What an attempt tells of its receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// It took the webhook, or refused it for good (410).
    Well,
    /// It didn't.
    Ill {
        /// For how long it wants to be left alone.
        retry_after: Option<Duration>,
    },
}

impl Health {
    /// What this outcome tells; nothing where the fault was ours.
    #[must_use]
    pub fn of(outcome: &AttemptOutcome) -> Option<Self> {
        match outcome {
            AttemptOutcome::Answered(answer) => match answer.status {
                200..300 | 410 => Some(Self::Well),
                _ => Some(Self::Ill { retry_after: answer.retry_after }),
            },
            AttemptOutcome::Unanswered { class: PostFault::Artifact, .. } => None,
            AttemptOutcome::Unanswered { .. } => Some(Self::Ill { retry_after: None }),
        }
    }
}

/// A transition that is to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CircuitStep {
    /// The circuit after it.
    pub circuit: Circuit,
    /// The version that must still be stored; 0: none must be.
    pub from_version: u32,
}

/// What becomes of the wish to make an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Admission {
    /// Make it.
    Pass,
    /// Store this step, then make it: it finds out whether the receiver is back.
    Probe(CircuitStep),
    /// Not before then.
    Postpone(Timestamp),
}

impl Circuit {
    /// The circuit of a receiver of which nothing is known.
    #[must_use]
    pub const fn closed(receiver: Receiver) -> Self {
        Self { receiver, version: 0, state: CircuitState::Closed, latest: None }
    }

    /// Whether an attempt that is due may be made by the notifier with this fresh `token`.
    /// `draw` spreads those that are postponed over the time that the circuit rests, lest they
    /// all come back at once.
    #[must_use]
    pub fn admit(&self, token: ClaimToken, now: Timestamp, draw: u32) -> Admission {
        let (until, rest, span) = match self.state {
            CircuitState::Closed => return Admission::Pass,
            CircuitState::Open { until, rest } => (until, rest, rest),
            CircuitState::Probing { until, rest, .. } => (until, rest, FIRST_REST),
        };
        if now < until {
            return Admission::Postpone(until + spread(span, draw));
        }
        let until = now + PROBE;
        Admission::Probe(self.step(CircuitState::Probing { token, until, rest }))
    }

    /// Until when an attempt is postponed where another one finds out.
    #[must_use]
    pub fn after_probe(now: Timestamp, draw: u32) -> Timestamp {
        now + PROBE + spread(FIRST_REST, draw)
    }

    /// What a probe comes to that told nothing of its receiver: another one is to find out.
    #[must_use]
    pub fn learn_nothing(&self, now: Timestamp) -> Option<CircuitStep> {
        match self.state {
            CircuitState::Probing { rest, .. } => {
                Some(self.step(CircuitState::Open { until: now, rest }))
            }
            CircuitState::Closed | CircuitState::Open { .. } => None,
        }
    }

    /// What an attempt that was admitted comes to, and all that ended in its minute.
    #[must_use]
    pub fn learn(&self, health: Health, minute: Tally, now: Timestamp) -> Option<CircuitStep> {
        let state = match (self.state, health) {
            (CircuitState::Closed, Health::Ill { retry_after }) if minute.is_hopeless() => {
                open(FIRST_REST, retry_after, now)
            }
            (CircuitState::Probing { rest, .. }, Health::Ill { retry_after }) => {
                open(rest * 2, retry_after, now)
            }
            (CircuitState::Open { .. } | CircuitState::Probing { .. }, Health::Well) => {
                CircuitState::Closed
            }
            (CircuitState::Closed, Health::Ill { .. } | Health::Well)
            | (CircuitState::Open { .. }, Health::Ill { .. }) => return None,
        };
        Some(self.step(state))
    }

    fn step(&self, state: CircuitState) -> CircuitStep {
        let (from_version, version) = (self.version, self.version + 1);
        let receiver = self.receiver.clone();
        CircuitStep { circuit: Self { receiver, version, state, latest: None }, from_version }
    }
}

fn open(rest: Duration, retry_after: Option<Duration>, now: Timestamp) -> CircuitState {
    let rest = rest.max(retry_after.unwrap_or_default()).min(LONGEST_REST);
    CircuitState::Open { until: now + rest, rest }
}

/// A part of `rest`, as drawn.
fn spread(rest: Duration, draw: u32) -> Duration {
    let rest_ms = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(u64::from(draw) % rest_ms.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Reach;
    use crate::delivery::Answer;

    const START: Timestamp = Timestamp::from_secs(1_790_000_000);
    const ILL: Health = Health::Ill { retry_after: None };
    const HOPELESS: Tally = Tally { attempts: 20, failures: 14 };

    fn receiver(url: &str) -> Receiver {
        let account = AccountId::from_random([1; 10]);
        Receiver::of(&account, &CallbackUrl::parse(url, &Reach::public()).unwrap())
    }

    fn closed() -> Circuit {
        Circuit::closed(receiver("https://hooks.example/ready"))
    }

    fn after(span: Duration) -> Timestamp {
        START + span
    }

    fn opened() -> Circuit {
        closed().learn(ILL, HOPELESS, START).unwrap().circuit
    }

    fn token(byte: u8) -> ClaimToken {
        ClaimToken::from_random([byte; 16])
    }

    fn admit(circuit: &Circuit, now: Timestamp, draw: u32) -> Admission {
        circuit.admit(token(1), now, draw)
    }

    fn probing(circuit: &Circuit, now: Timestamp) -> Circuit {
        match admit(circuit, now, 0) {
            Admission::Probe(step) => step.circuit,
            other => panic!("{other:?}"),
        }
    }

    fn long_probe(state: CircuitState) -> CircuitState {
        match state {
            CircuitState::Probing { token, until, .. } => {
                CircuitState::Probing { token, until, rest: LONGEST_REST }
            }
            other => panic!("{other:?}"),
        }
    }

    fn rest_of(circuit: &Circuit) -> Duration {
        match circuit.state {
            CircuitState::Open { rest, .. } | CircuitState::Probing { rest, .. } => rest,
            CircuitState::Closed => Duration::ZERO,
        }
    }

    #[test]
    fn a_receiver_is_a_host_and_a_port_of_an_account() {
        for (url, expected) in [
            ("https://Hooks.Example/a?b", "hooks.example:443"),
            ("http://hooks.example/", "hooks.example:80"),
            ("https://hooks.example:8443/", "hooks.example:8443"),
        ] {
            let account = "acct_01010101010101010101";
            assert_eq!(receiver(url).to_string(), format!("{account}#{expected}"));
        }
    }

    #[test]
    fn a_circuit_opens_when_most_of_twenty_attempts_fail() {
        for (attempts, failures, opens) in
            [(19, 19, false), (20, 13, false), (20, 14, true), (100, 69, false), (100, 70, true)]
        {
            let step = closed().learn(ILL, Tally { attempts, failures }, START);
            assert_eq!(step.is_some(), opens, "{failures} of {attempts}");
        }
        // It isn't opened by an attempt that goes well.
        assert_eq!(closed().learn(Health::Well, HOPELESS, START), None);
        let CircuitStep { circuit, from_version } = closed().learn(ILL, HOPELESS, START).unwrap();
        assert_eq!((circuit.version, from_version), (1, 0));
        assert_eq!(rest_of(&circuit), FIRST_REST);
    }

    #[test]
    fn an_open_circuit_postpones_until_one_finds_out() {
        let circuit = opened();
        let until = after(FIRST_REST);
        let early = until - Duration::from_millis(1);
        assert_eq!(admit(&circuit, early, 0), Admission::Postpone(until));
        let spread = Duration::from_millis(29_999);
        assert_eq!(admit(&circuit, START, 29_999), Admission::Postpone(until + spread));
        assert_eq!(admit(&circuit, START, 30_000), Admission::Postpone(until));
        assert_ne!(circuit.admit(token(1), until, 0), circuit.admit(token(2), until, 0));
        // Whoever comes next while it is found out waits, and finds out itself if nothing came of it.
        let probing = probing(&circuit, until);
        assert_eq!(probing.version, 2);
        assert_eq!(admit(&probing, until, 0), Admission::Postpone(until + PROBE));
        assert!(matches!(admit(&probing, until + PROBE, 0), Admission::Probe(_)));
        // Its own rest is over: what is postponed needn't wait for that long again.
        let later = Admission::Postpone(until + PROBE + FIRST_REST - Duration::from_millis(1));
        let long = Circuit { state: long_probe(probing.state), ..probing.clone() };
        assert_eq!(admit(&long, until, 29_999), later);
        let unknown = probing.learn_nothing(until).unwrap().circuit;
        assert!(matches!(admit(&unknown, until, 0), Admission::Probe(_)));
        assert_eq!(circuit.learn_nothing(until), None);
        // That others fail which had begun before tells nothing new.
        assert_eq!(circuit.learn(ILL, HOPELESS, until), None);
        assert_eq!(Circuit::after_probe(START, 1), after(PROBE + Duration::from_millis(1)));
    }

    #[test]
    fn a_receiver_that_is_back_closes_it_and_one_that_is_not_rests_for_longer() {
        let mut circuit = opened();
        let mut now = START;
        for rest_s in [60, 120, 240, 450, 450] {
            let CircuitState::Open { until, .. } = circuit.state else { panic!() };
            now = until;
            circuit = probing(&circuit, now).learn(ILL, Tally::default(), now).unwrap().circuit;
            assert_eq!(rest_of(&circuit), Duration::from_secs(rest_s));
            assert_eq!(admit(&circuit, now, 0), Admission::Postpone(now + rest_of(&circuit)));
        }
        let back = circuit.learn(Health::Well, Tally::default(), now).unwrap().circuit;
        assert_eq!(back.state, CircuitState::Closed);
        assert_eq!(admit(&back, now, 0), Admission::Pass);
    }

    #[test]
    fn a_wish_to_be_left_alone_is_honoured_as_far_as_a_message_is_delayed() {
        for (wish_s, rest_s) in [(5, 30), (100, 100), (86_400, 450)] {
            let ill = Health::Ill { retry_after: Some(Duration::from_secs(wish_s)) };
            let circuit = closed().learn(ill, HOPELESS, START).unwrap().circuit;
            assert_eq!(rest_of(&circuit), Duration::from_secs(rest_s));
            let Admission::Postpone(until) = admit(&circuit, START, u32::MAX) else { panic!() };
            assert!(until <= after(Duration::from_secs(900)), "{until}");
        }
    }

    #[test]
    fn tallies_add_up() {
        let mut all = Tally::one(ILL);
        all += Tally::one(Health::Well);
        all += Tally::one(ILL);
        assert_eq!(all, Tally { attempts: 3, failures: 2 });
    }

    #[test]
    fn an_outcome_tells_of_its_receiver_unless_the_fault_was_ours() {
        let answered = |status, retry_after| {
            let (body_head, location) = (String::new(), None);
            AttemptOutcome::Answered(Answer { status, body_head, retry_after, location })
        };
        let unanswered =
            |class| AttemptOutcome::Unanswered { class, detail: String::from("detail") };
        let wish = Some(Duration::from_secs(7));
        for (outcome, health) in [
            (answered(200, None), Some(Health::Well)),
            (answered(299, None), Some(Health::Well)),
            (answered(410, None), Some(Health::Well)),
            (answered(301, None), Some(ILL)),
            (answered(503, wish), Some(Health::Ill { retry_after: wish })),
            (unanswered(PostFault::Timeout), Some(ILL)),
            (unanswered(PostFault::Artifact), None),
        ] {
            assert_eq!(Health::of(&outcome), health, "{outcome:?}");
        }
    }
}
