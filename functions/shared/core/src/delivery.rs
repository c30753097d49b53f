//! The announcement of a job's end.
//!
//! Which attempts were made, and when the next one is due. The ledger alone counts attempts; how often the queue handed a
//! message out decides nothing, since throttled receives count there too.

use std::net::SocketAddr;
use std::time::Duration;

use crate::artifact::ByteSize;
use crate::id::{ClaimToken, DeliveryId, JobId};
use crate::time::Timestamp;

/// Attempts that are kept in the ledger; redelivery by hand can make more.
const MAX_KEPT_ATTEMPTS: usize = 50;

/// A receiver has this long to answer, counted from the last byte sent (both
/// seeds: 30 s).
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest that one POST may take, its body's upload included.
const MAX_POST: Duration = Duration::from_secs(60);

/// The bandwidth that a receiver of a large body must offer.
const SLOWEST_UPLOAD: ByteSize = ByteSize::from_mib(2);

/// What a lease runs beyond the POST: reading the artifact (9 s), connecting (5 s).
const BEFORE_POST: Duration = Duration::from_secs(14);

/// And recording what came of it.
const AFTER_POST: Duration = Duration::from_secs(1);

/// The longest lease of an attempt.
pub const LONGEST_LEASE: Duration =
    Duration::from_secs(BEFORE_POST.as_secs() + MAX_POST.as_secs() + AFTER_POST.as_secs());

/// How long attempts are postponed while their receiver's circuit is open, before the delivery
/// is given up. What is given up can be sent again by hand.
const MAX_POSTPONED: Duration = Duration::from_secs(60 * 60);

/// Delays between a failed attempt's end and the next attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RetrySchedule(Vec<Duration>);

impl RetrySchedule {
    /// 10 s, 60 s, 300 s (Nodium seed, «Retry Policy»).
    #[must_use]
    pub fn seed() -> Self {
        Self([10, 60, 300].into_iter().map(Duration::from_secs).collect())
    }

    /// The delay after the failure of attempt `number` (from 1); none after the
    /// last. A receiver's Retry-After is honoured between the schedule's own
    /// delay and its double.
    fn after(&self, number: u8, retry_after: Option<Duration>) -> Option<Duration> {
        let delay = *self.0.get(usize::from(number.checked_sub(1)?))?;
        Some(retry_after.map_or(delay, |wish| wish.clamp(delay, delay * 2)))
    }
}

/// The delivery of one job's announcement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The job that it announces.
    pub job: JobId,
    /// How many transitions it has made; 0 while it isn't stored yet.
    pub version: u32,
    /// Where it stands.
    pub phase: Phase,
    /// What follows a failed attempt.
    pub sequel: Sequel,
    /// Since when the attempt that is due is postponed, its receiver's circuit being open.
    pub postponed_since: Option<Timestamp>,
    /// The attempts that were recorded, oldest first.
    pub attempts: Vec<Attempt>,
}

/// What follows a failed attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sequel {
    /// The next one, as the schedule has it.
    Schedule,
    /// Nothing: this one was asked for by hand.
    Nothing,
}

/// Where a delivery stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Phase {
    /// An attempt is to be made.
    Due {
        /// Which, from 1.
        number: u8,
        /// Not before.
        at: Timestamp,
    },
    /// A notifier is making an attempt.
    Claimed {
        /// Which, from 1.
        number: u8,
        /// Marks the notifier's record.
        token: ClaimToken,
        /// From when on the same attempt may be made again.
        lease_until: Timestamp,
    },
    /// The receiver has it.
    Delivered {
        /// When it answered.
        at: Timestamp,
    },
    /// The last attempt failed.
    Abandoned {
        /// When.
        at: Timestamp,
    },
    /// The receiver answered 410 and wants no more.
    Refused {
        /// When.
        at: Timestamp,
    },
}

/// One POST and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Which, from 1.
    pub number: u8,
    /// When it began.
    pub at: Timestamp,
    /// From the first byte dialled to the last byte read.
    pub took: Duration,
    /// The address that was dialled, once a name was resolved.
    pub address: Option<SocketAddr>,
    /// What came of it.
    pub outcome: AttemptOutcome,
}

/// What came of a POST.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AttemptOutcome {
    /// The receiver answered.
    Answered(Answer),
    /// There was no answer.
    Unanswered {
        /// Why, as a closed class.
        class: PostFault,
        /// For the delivery log: the cause in words.
        detail: String,
    },
}

/// A receiver's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// At most 1 KiB from the beginning of its body, made printable.
    pub body_head: String,
    /// Its `Retry-After`, as a span.
    pub retry_after: Option<Duration>,
    /// Its `Location`; redirects are recorded and not followed.
    pub location: Option<String>,
}

/// Why a POST got no answer. The names are stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PostFault {
    /// The name has no address.
    NameNotResolved,
    /// The URL or one of the addresses of its name is forbidden.
    ForbiddenAddress,
    /// No connection within five seconds, or it was refused.
    Connect,
    /// TLS failed.
    Tls,
    /// No complete answer in time.
    Timeout,
    /// The connection broke, or spoke no HTTP.
    Broken,
    /// The result could not be read for sending: our own fault.
    Artifact,
}

impl PostFault {
    /// Every fault, in the order of declaration.
    pub const ALL: [Self; 7] = [
        Self::NameNotResolved,
        Self::ForbiddenAddress,
        Self::Connect,
        Self::Tls,
        Self::Timeout,
        Self::Broken,
        Self::Artifact,
    ];

    /// The stable name, as stored and listed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NameNotResolved => "name_not_resolved",
            Self::ForbiddenAddress => "forbidden_address",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Artifact => "artifact",
        }
    }

    /// The fault with this stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }
}

/// A transition that is to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryStep {
    /// The delivery after it.
    pub delivery: Delivery,
    /// The version that must still be stored; 0: none must be.
    pub from_version: u32,
}

/// What became of the wish to make an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AttemptVerdict {
    /// Store this step, then post.
    Claim(DeliveryStep),
    /// Nothing to do before then: the attempt isn't due, or another notifier is
    /// making it.
    NotBefore(Timestamp),
    /// It has ended.
    Over,
}

impl Delivery {
    /// The delivery of a job whose end is to be announced, due at once.
    #[must_use]
    pub const fn begin(job: JobId, now: Timestamp) -> Self {
        Self {
            job,
            version: 0,
            phase: Phase::Due { number: 1, at: now },
            sequel: Sequel::Schedule,
            postponed_since: None,
            attempts: Vec::new(),
        }
    }

    /// The wish to have it once more, at once: one attempt, which no other follows. None while
    /// it isn't settled.
    #[must_use]
    pub fn again(self, now: Timestamp) -> Option<DeliveryStep> {
        match self.phase {
            Phase::Delivered { .. } | Phase::Abandoned { .. } | Phase::Refused { .. } => {}
            Phase::Due { .. } | Phase::Claimed { .. } => return None,
        }
        let last = self.attempts.last().map_or(0, |attempt| attempt.number);
        let number = last.saturating_add(1);
        let it = Self { sequel: Sequel::Nothing, postponed_since: None, ..self };
        Some(it.step(Phase::Due { number, at: now }))
    }

    /// Its `webhook-id`.
    #[must_use]
    pub fn id(&self) -> DeliveryId {
        DeliveryId::of(self.job)
    }

    /// The attempt that is due, or being made, or was the last.
    #[must_use]
    pub fn number(&self) -> u8 {
        match self.phase {
            Phase::Due { number, .. } | Phase::Claimed { number, .. } => number,
            Phase::Delivered { .. } | Phase::Abandoned { .. } | Phase::Refused { .. } => {
                self.attempts.last().map_or(1, |attempt| attempt.number)
            }
        }
    }

    /// A notifier's wish to make the next attempt, for which it needs `lease`.
    /// After a lapsed lease it is the same attempt again: nobody knows whether
    /// its POST went out.
    #[must_use]
    pub fn claim(self, token: ClaimToken, now: Timestamp, lease: Duration) -> AttemptVerdict {
        let (number, not_before) = match self.phase {
            Phase::Due { number, at } => (number, at),
            Phase::Claimed { number, lease_until, .. } => (number, lease_until),
            Phase::Delivered { .. } | Phase::Abandoned { .. } | Phase::Refused { .. } => {
                return AttemptVerdict::Over;
            }
        };
        if now < not_before {
            return AttemptVerdict::NotBefore(not_before);
        }
        let lease_until = now + lease;
        let it = Self { postponed_since: None, ..self };
        AttemptVerdict::Claim(it.step(Phase::Claimed { number, token, lease_until }))
    }

    /// Puts the attempt that is due off until then, because its receiver's circuit is open.
    /// After an hour of that the delivery is given up.
    #[must_use]
    pub fn postpone(self, until: Timestamp, now: Timestamp) -> DeliveryStep {
        let since = self.postponed_since.unwrap_or(now);
        let phase = if now.since(since) < MAX_POSTPONED {
            Phase::Due { number: self.number(), at: until }
        } else {
            Phase::Abandoned { at: now }
        };
        Self { postponed_since: Some(since), ..self }.step(phase)
    }

    /// Records an attempt. None unless `token` holds the attempt: then another
    /// notifier has taken it over, and its record counts.
    #[must_use]
    pub fn settle(
        mut self,
        token: ClaimToken,
        attempt: Attempt,
        schedule: &RetrySchedule,
    ) -> Option<DeliveryStep> {
        let Phase::Claimed { number, token: holder, .. } = self.phase else {
            return None;
        };
        if holder != token {
            return None;
        }
        let ended = attempt.at + attempt.took;
        let phase = match (next_after(number, &attempt.outcome, schedule), self.sequel) {
            (Next::Delivered, _) => Phase::Delivered { at: ended },
            (Next::Refused, _) => Phase::Refused { at: ended },
            (Next::Abandoned, _) | (Next::Again(_), Sequel::Nothing) => {
                Phase::Abandoned { at: ended }
            }
            (Next::Again(delay), Sequel::Schedule) => {
                Phase::Due { number: number + 1, at: ended + delay }
            }
        };
        self.attempts.push(attempt);
        let surplus = self.attempts.len().saturating_sub(MAX_KEPT_ATTEMPTS);
        self.attempts.drain(..surplus);
        Some(self.step(phase))
    }

    fn step(self, phase: Phase) -> DeliveryStep {
        let from_version = self.version;
        DeliveryStep { delivery: Self { version: from_version + 1, phase, ..self }, from_version }
    }
}

enum Next {
    Delivered,
    Refused,
    Abandoned,
    Again(Duration),
}

fn next_after(number: u8, outcome: &AttemptOutcome, schedule: &RetrySchedule) -> Next {
    let retry_after = match outcome {
        AttemptOutcome::Answered(answer) if (200..300).contains(&answer.status) => {
            return Next::Delivered;
        }
        AttemptOutcome::Answered(answer) if answer.status == 410 => return Next::Refused,
        AttemptOutcome::Answered(answer) => answer.retry_after,
        AttemptOutcome::Unanswered { .. } => None,
    };
    schedule.after(number, retry_after).map_or(Next::Abandoned, Next::Again)
}

/// How long the POST of a body of this size may take, once connected: the
/// receiver's 30 s, and for large bodies their upload at 2 MiB/s, 60 s in all.
#[must_use]
pub fn post_budget(body: ByteSize) -> Duration {
    let upload_ms = body.as_bytes().saturating_mul(1000) / SLOWEST_UPLOAD.as_bytes();
    (ANSWER_TIMEOUT + Duration::from_millis(upload_ms)).min(MAX_POST)
}

/// How long a notifier that posts a body of this size holds the attempt.
#[must_use]
pub fn attempt_lease(body: ByteSize) -> Duration {
    BEFORE_POST + post_budget(body) + AFTER_POST
}

/// When the POST of a body of this size must have begun at the latest, so that it ends
/// before the lease does: whoever takes the attempt over must not meet it.
#[must_use]
pub fn send_by(lease_until: Timestamp, body: ByteSize) -> Timestamp {
    lease_until - AFTER_POST - post_budget(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_790_000_000);
    const LEASE: Duration = Duration::from_secs(45);

    fn token(byte: u8) -> ClaimToken {
        ClaimToken::from_random([byte; 16])
    }

    fn begun() -> Delivery {
        Delivery::begin(JobId::new(START, 1), START)
    }

    fn claim(delivery: Delivery, now: Timestamp) -> Delivery {
        match delivery.claim(token(1), now, LEASE) {
            AttemptVerdict::Claim(step) => step.delivery,
            other => panic!("{other:?}"),
        }
    }

    fn answered(at: Timestamp, status: u16, retry_after_s: Option<u64>) -> Attempt {
        let answer = Answer {
            status,
            body_head: String::new(),
            retry_after: retry_after_s.map(Duration::from_secs),
            location: None,
        };
        Attempt {
            number: 1,
            at,
            took: Duration::from_secs(2),
            address: None,
            outcome: AttemptOutcome::Answered(answer),
        }
    }

    fn settled(delivery: Delivery, attempt: Attempt) -> Delivery {
        delivery.settle(token(1), attempt, &RetrySchedule::seed()).unwrap().delivery
    }

    #[test]
    fn a_hopeless_receiver_gets_four_attempts_each_counted_from_the_failure_before() {
        let mut delivery = begun();
        let mut now = START;
        for (number, delay) in [(1, 10), (2, 60), (3, 300)] {
            delivery = settled(claim(delivery, now), answered(now, 500, None));
            now = now + Duration::from_secs(2 + delay);
            assert_eq!(delivery.phase, Phase::Due { number: number + 1, at: now });
            let early = now - Duration::from_millis(1);
            let verdict = delivery.clone().claim(token(2), early, LEASE);
            assert_eq!(verdict, AttemptVerdict::NotBefore(now));
        }
        delivery = settled(claim(delivery, now), answered(now, 500, None));
        assert_eq!(delivery.phase, Phase::Abandoned { at: now + Duration::from_secs(2) });
        assert_eq!(delivery.attempts.len(), 4);
        assert_eq!(delivery.claim(token(1), now, LEASE), AttemptVerdict::Over);
    }

    #[test]
    fn only_2xx_is_success_and_410_ends_it() {
        let cases =
            [(200, true), (204, true), (299, true), (301, false), (304, false), (500, false)];
        for (status, delivered) in cases {
            let delivery = settled(claim(begun(), START), answered(START, status, None));
            let is = matches!(delivery.phase, Phase::Delivered { .. });
            assert_eq!(is, delivered, "{status}");
        }
        let gone = settled(claim(begun(), START), answered(START, 410, None));
        assert!(matches!(gone.phase, Phase::Refused { .. }));
    }

    #[test]
    fn retry_after_is_honoured_between_the_delay_and_its_double() {
        for (wish, delay) in [(None, 10), (Some(0), 10), (Some(15), 15), (Some(3_600), 20)] {
            let delivery = settled(claim(begun(), START), answered(START, 503, wish));
            let at = START + Duration::from_secs(2 + delay);
            assert_eq!(delivery.phase, Phase::Due { number: 2, at }, "{wish:?}");
        }
    }

    #[test]
    fn a_crashed_attempt_is_made_again_under_its_own_number() {
        let held = claim(begun(), START);
        let verdict = held.clone().claim(token(2), START + Duration::from_secs(44), LEASE);
        assert_eq!(verdict, AttemptVerdict::NotBefore(START + LEASE));
        let AttemptVerdict::Claim(step) = held.claim(token(2), START + LEASE, LEASE) else {
            panic!()
        };
        assert!(matches!(step.delivery.phase, Phase::Claimed { number: 1, .. }));
        let late = answered(START, 200, None);
        assert!(step.delivery.settle(token(1), late, &RetrySchedule::seed()).is_none());
    }

    #[test]
    fn a_settled_delivery_may_be_asked_for_again_and_gets_one_attempt() {
        assert_eq!(begun().again(START), None);
        assert_eq!(claim(begun(), START).again(START), None);
        let delivered = settled(claim(begun(), START), answered(START, 200, None));
        let later = START + Duration::from_secs(500);
        let again = delivered.again(later).unwrap().delivery;
        assert_eq!(again.phase, Phase::Due { number: 2, at: later });
        let failed =
            settled(claim(again, later), Attempt { number: 2, ..answered(later, 500, None) });
        assert!(matches!(failed.phase, Phase::Abandoned { .. }), "no schedule follows");
        let third = failed.again(later).unwrap().delivery;
        assert!(matches!(third.phase, Phase::Due { number: 3, .. }));
    }

    #[test]
    fn a_postponed_attempt_keeps_its_number_and_is_given_up_after_an_hour() {
        let failed = settled(claim(begun(), START), answered(START, 500, None));
        let hour = Duration::from_secs(3_600);
        let mut delivery = failed;
        for (now, until) in [(20, 50), (50, 110), (3_619, 4_000)] {
            let [now, until] = [now, until].map(|secs| START + Duration::from_secs(secs));
            delivery = delivery.postpone(until, now).delivery;
            assert_eq!(delivery.phase, Phase::Due { number: 2, at: until });
        }
        let since = START + Duration::from_secs(20);
        assert_eq!(delivery.postponed_since, Some(since));
        let given_up = delivery.clone().postpone(since + hour * 2, since + hour).delivery;
        assert_eq!(given_up.phase, Phase::Abandoned { at: since + hour });
        assert_eq!(given_up.number(), 1);
        let never = begun().postpone(START, START).delivery.postpone(START, START + hour);
        assert_eq!(never.delivery.again(START).unwrap().delivery.number(), 1);
        // Once an attempt is made, the hour begins anew.
        assert_eq!(claim(delivery, since + hour * 2).postponed_since, None);
        let again = given_up.again(since + hour).unwrap().delivery;
        assert_eq!((again.postponed_since, again.number()), (None, 2));
    }

    #[test]
    fn large_bodies_get_time_to_upload() {
        assert_eq!(post_budget(ByteSize::from_bytes(300)), Duration::from_secs(30));
        assert_eq!(post_budget(ByteSize::from_mib(20)), Duration::from_secs(40));
        assert_eq!(post_budget(ByteSize::from_mib(500)), Duration::from_secs(60));
        assert_eq!(attempt_lease(ByteSize::from_bytes(0)), Duration::from_secs(45));
        assert_eq!(attempt_lease(ByteSize::from_mib(500)), LONGEST_LEASE);
    }

    #[test]
    fn each_fault_is_found_again_by_its_stored_name() {
        for fault in PostFault::ALL {
            assert!(fault.name().len() > 2);
            assert_eq!(PostFault::from_name(fault.name()), Some(fault));
        }
        assert_eq!(PostFault::from_name("nonsense"), None);
    }

    #[test]
    fn a_post_begins_so_early_that_it_ends_before_the_lease() {
        let lease_until = START + Duration::from_secs(100);
        assert_eq!(send_by(lease_until, ByteSize::from_bytes(0)), START + Duration::from_secs(69));
        assert_eq!(send_by(lease_until, ByteSize::from_mib(20)), START + Duration::from_secs(59));
    }

    #[test]
    fn each_transition_is_one_version_on() {
        let AttemptVerdict::Claim(first) = begun().claim(token(1), START, LEASE) else { panic!() };
        assert_eq!((first.from_version, first.delivery.version), (0, 1));
        let second =
            first.delivery.settle(token(1), answered(START, 500, None), &RetrySchedule::seed());
        let second = second.unwrap();
        assert_eq!((second.from_version, second.delivery.version), (1, 2));
        let third = second.delivery.postpone(START, START);
        assert_eq!((third.from_version, third.delivery.version), (2, 3));
    }
}
