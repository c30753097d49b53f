//! A job and the only transitions it has.
//!
//! ```text
//! accepted → queued → rendering → completed | failed
//!     │         └────────↑ ↺ (yielded, or its lease lapsed)
//!     ├──────────────────┘ (the worker was faster than the `queued` write)
//!     └→ rejected
//! ```
//!
//! A job whose client waits on its connection is never queued: it goes from accepted to rendering.
//!
//! A transition consumes the job and gives a [`Step`]: the job as it would be,
//! to be stored on condition that the stored one still is at the version from
//! which the step was taken. Whoever loses that race has changed nothing.

use std::time::Duration;

use crate::account::ExternalIdentifier;
use crate::artifact::{Artifact, InputKey};
use crate::cache::CachePlace;
use crate::capture::{CaptureSpec, Timeout};
use crate::failure::{Blame, Failure, FailureKind};
use crate::id::{AccountId, ClaimToken, JobId, TraceId};
use crate::idempotency::{self, Idempotency, IdempotencyKey};
use crate::storage::{STORING, Storage};
use crate::time::{Day, Period, Timestamp};
use crate::url::CallbackUrl;
use crate::usage::CaptureKind;

/// The claims that a job may use up; the one after ends it without Chromium.
pub const MAX_CLAIMS: u8 = 3;

/// How long a queued job may wait for a worker before it is shed unrendered.
pub const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// As [`MAX_WAIT`], of a job whose client waits.
const MAX_WAIT_OF_CLIENT: Duration = Duration::from_secs(90);

/// What a lease runs beyond the work itself: starting a browser, uploading.
const LEASE_SLACK: Duration = Duration::from_secs(25);

/// What the message stays hidden beyond the lease, so that the lease has lapsed
/// when another worker receives it.
const HIDDEN_BEYOND_LEASE: Duration = Duration::from_secs(5);

/// A capture that was asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What was asked, which never changes.
    pub order: Order,
    /// How many transitions it has made.
    pub version: u32,
    /// Whether it counts against its account's quota.
    pub charge: Charge,
    /// How many workers have claimed it.
    pub claims: u8,
    /// What earlier claims used up of the timeout.
    pub spent: Duration,
    /// Where it stands.
    pub state: JobState,
}

/// What a client asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    /// Whose job it is.
    pub account: AccountId,
    /// The public API through which it came, and in which it is answered.
    pub dialect: Dialect,
    /// Whether its client waits for it.
    pub mode: Mode,
    /// Follows it through logs and into headers.
    pub trace: TraceId,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it is shed if no worker has claimed it.
    pub expires_at: Timestamp,
    /// How long rendering may take, over all claims.
    pub timeout: Timeout,
    /// What to capture.
    pub spec: SpecPlace,
    /// What kind of capture that is.
    pub kind: CaptureKind,
    /// Where else the result is put.
    pub storage: Option<Storage>,
    /// Whom to tell when it has ended.
    pub callback: Option<Callback>,
    /// The client's own name for it.
    pub external_identifier: Option<ExternalIdentifier>,
    /// How a repeat of the request that asked for it is known.
    pub idempotency: Option<Idempotency>,
    /// The place in the cache that it takes.
    pub cache: Option<CachePlace>,
    /// Whether it counts, until it has ended, among those that its account may have at once.
    pub holds_place: bool,
    /// Scheme and host under which clients reach this deployment, without a
    /// slash at the end.
    pub public_origin: String,
}

impl Order {
    /// The quota period to which it is charged.
    #[must_use]
    pub fn period(&self) -> Period {
        Period::of(self.accepted_at)
    }

    /// The day on which it counts.
    #[must_use]
    pub fn day(&self) -> Day {
        Day::of(self.accepted_at)
    }

    /// How long a worker may be at it: rendering, and putting the result where else it is wanted.
    #[must_use]
    pub fn work_time(&self) -> Duration {
        let storing = if self.storage.is_some() { STORING } else { Duration::ZERO };
        self.timeout.as_duration() + storing
    }

    /// Until when a repeat of its request is known.
    #[must_use]
    pub fn key_kept_until(&self) -> Timestamp {
        self.accepted_at + idempotency::KEPT
    }
}

/// A public API that Darkroom speaks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Dialect {
    /// Nodium's, `/api/v1/screenshot`.
    Nodium,
    /// ScreenNabster's, `/api/v1/capture`.
    ScreenNabster,
}

impl Dialect {
    /// Whether a capture that fails through the page's fault stays charged.
    /// Nodium's public docs call failures free; ScreenNabster's seed releases
    /// only what was never persisted or enqueued.
    const fn charges_failures(self) -> bool {
        match self {
            Self::Nodium => false,
            Self::ScreenNabster => true,
        }
    }
}

/// How the client that asked for a capture gets it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    /// It was answered before; the capture waits in the queue, and is sent there again if its
    /// worker is lost.
    Asynchronous,
    /// It waits on its connection. Nothing is queued, and nobody takes the capture up again.
    Synchronous,
}

impl Mode {
    /// How long a capture may wait for a worker before it is shed unrendered.
    #[must_use]
    pub const fn max_wait(self) -> Duration {
        match self {
            Self::Asynchronous => MAX_WAIT,
            Self::Synchronous => MAX_WAIT_OF_CLIENT,
        }
    }
}

/// Where a job's specification is kept.
#[derive(Clone, PartialEq, Debug)]
pub enum SpecPlace {
    /// In the job itself.
    Inline(Box<CaptureSpec>),
    /// In the bucket, because it is large. Deleted when the job ends.
    Stored(InputKey),
}

/// Whom to tell when a job has ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Callback {
    /// Where to post.
    pub url: CallbackUrl,
    /// Whether the seed's signature header is wanted.
    pub sign: Signed,
    /// Whether a failure is announced too.
    pub errors: Announce,
}

/// Whether the seeds' signature header is put on a webhook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signed {
    /// It is.
    Yes,
    /// The client asked for none (`webhook_sign=false`).
    No,
}

/// Which ends of a job are announced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Announce {
    /// Completion only.
    Completed,
    /// Completion and failure (`webhook_errors`).
    Everything,
}

/// Whether a job counts against the quota.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Charge {
    /// One unit of the period of its acceptance.
    Charged,
    /// The unit was given back.
    Released,
    /// It never did: its result was there already.
    Free,
}

/// Where a job stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum JobState {
    /// Stored and charged; not known to be in the queue.
    Accepted,
    /// In the queue; its client was told so.
    Queued,
    /// Never queued; its client got an error.
    Rejected {
        /// When.
        at: Timestamp,
    },
    /// A worker has it.
    Rendering(Claim),
    /// The result is stored.
    Completed {
        /// When.
        at: Timestamp,
        /// Time spent on the claim that succeeded.
        rendering: Duration,
        /// The result.
        artifact: Artifact,
    },
    /// There will be no result.
    Failed {
        /// When.
        at: Timestamp,
        /// Why.
        failure: Failure,
    },
}

/// A worker's hold on a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Marks the worker's writes.
    pub token: ClaimToken,
    /// When it began.
    pub at: Timestamp,
    /// From when on another worker may claim the job.
    pub lease_until: Timestamp,
}

/// A transition that is to be stored.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// The job after it.
    pub job: Job,
    /// The version that must still be stored.
    pub from_version: u32,
    /// Whether the unit of quota goes back to its period with it, in the same
    /// transaction.
    pub releases: bool,
}

/// What became of the wish to claim a job.
#[derive(Clone, PartialEq, Debug)]
pub enum ClaimVerdict {
    /// Store this step, then render.
    Claim(Step),
    /// Store this step, which ends the job: it expired, or used up its claims.
    End(Step),
    /// Another worker holds it until then.
    Held(Timestamp),
    /// It has ended, or was rejected.
    Over,
}

impl Job {
    /// A job that is about to be stored.
    #[must_use]
    pub const fn accept(id: JobId, order: Order) -> Self {
        Self {
            id,
            order,
            version: 1,
            charge: Charge::Charged,
            claims: 0,
            spent: Duration::ZERO,
            state: JobState::Accepted,
        }
    }

    /// A job that is about to be stored with the result of another, which somebody else asked for
    /// before.
    #[must_use]
    pub fn of_result(id: JobId, order: Order, artifact: Artifact) -> Self {
        let at = order.accepted_at;
        let state = JobState::Completed { at, rendering: Duration::ZERO, artifact };
        let order = Order { holds_place: false, ..order };
        Self { charge: Charge::Free, state, ..Self::accept(id, order) }
    }

    /// `accepted → queued`; none from anywhere else.
    #[must_use]
    pub fn queue(self) -> Option<Step> {
        matches!(self.state, JobState::Accepted).then(|| self.step(JobState::Queued))
    }

    /// `accepted → rejected`, giving the unit of quota back; none from anywhere
    /// else.
    #[must_use]
    pub fn reject(self, now: Timestamp) -> Option<Step> {
        let accepted = matches!(self.state, JobState::Accepted);
        accepted.then(|| self.step(JobState::Rejected { at: now }).releasing())
    }

    /// A worker's wish to render the job under a fresh `token`.
    #[must_use]
    pub fn claim(self, token: ClaimToken, now: Timestamp) -> ClaimVerdict {
        if let Some(verdict) = self.taken(now) {
            return verdict;
        }
        if self.claims >= MAX_CLAIMS {
            return ClaimVerdict::End(self.lose_worker(now));
        }
        if self.claims == 0 && now >= self.order.expires_at {
            return ClaimVerdict::End(self.end(now, Failure::plain(FailureKind::Expired)));
        }
        let lease_until = now + self.order.work_time() + LEASE_SLACK;
        let mut step = self.step(JobState::Rendering(Claim { token, at: now, lease_until }));
        step.job.claims = step.job.claims.saturating_add(1);
        ClaimVerdict::Claim(step)
    }

    /// The end of a job that nobody will take up again, if nobody has it any more; none from
    /// anywhere else.
    #[must_use]
    pub fn give_up(self, now: Timestamp) -> Option<Step> {
        self.taken(now).is_none().then(|| self.lose_worker(now))
    }

    /// `rendering → failed`, whoever has the claim, the worker being known to be lost. None from
    /// anywhere else.
    #[must_use]
    pub fn cut_short(self, now: Timestamp) -> Option<Step> {
        matches!(self.state, JobState::Rendering(_)).then(|| self.lose_worker(now))
    }

    /// Gives a claim up so that another worker may try again. `rendering` is what
    /// the camera took, which counts against the timeout; what our own services
    /// took doesn't. None unless `token` holds the job.
    #[must_use]
    pub fn yield_claim(
        self,
        token: ClaimToken,
        now: Timestamp,
        rendering: Duration,
    ) -> Option<Step> {
        let claim = self.held_by(token)?;
        let spent = self.spent + rendering;
        let mut step = self.step(JobState::Rendering(Claim { lease_until: now, ..claim }));
        step.job.spent = spent;
        Some(step)
    }

    /// `rendering → completed`; none unless `token` holds the job.
    #[must_use]
    pub fn complete(self, token: ClaimToken, now: Timestamp, artifact: Artifact) -> Option<Step> {
        let claim = self.held_by(token)?;
        let rendering = now.since(claim.at);
        Some(self.step(JobState::Completed { at: now, rendering, artifact }))
    }

    /// `rendering → failed`; none unless `token` holds the job.
    #[must_use]
    pub fn fail(self, token: ClaimToken, now: Timestamp, failure: Failure) -> Option<Step> {
        self.held_by(token)?;
        Some(self.end(now, failure))
    }

    /// What is left of the timeout for the claim that holds the job.
    #[must_use]
    pub fn render_budget(&self) -> Duration {
        self.order.timeout.as_duration().saturating_sub(self.spent)
    }

    /// How long the message of a job that was just claimed stays hidden.
    #[must_use]
    pub fn hidden_while_rendering(&self) -> Duration {
        self.order.work_time() + LEASE_SLACK + HIDDEN_BEYOND_LEASE
    }

    /// Whether a worker may still try again after the claim it holds.
    #[must_use]
    pub const fn has_claims_left(&self) -> bool {
        self.claims < MAX_CLAIMS
    }

    /// Whether nothing more will be rendered for it.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        match self.state {
            JobState::Completed { .. } | JobState::Failed { .. } | JobState::Rejected { .. } => {
                true
            }
            JobState::Accepted | JobState::Queued | JobState::Rendering(_) => false,
        }
    }

    /// The callback that its end is to be announced to, if it has ended in a
    /// way that is announced.
    #[must_use]
    pub fn announcement(&self) -> Option<&Callback> {
        let callback = self.order.callback.as_ref()?;
        let announced = match (&self.state, callback.errors) {
            (JobState::Completed { .. }, _) | (JobState::Failed { .. }, Announce::Everything) => {
                true
            }
            (JobState::Failed { .. }, Announce::Completed)
            | (
                JobState::Accepted
                | JobState::Queued
                | JobState::Rendering(_)
                | JobState::Rejected { .. },
                _,
            ) => false,
        };
        announced.then_some(callback)
    }

    /// What keeps others from taking the job over.
    fn taken(&self, now: Timestamp) -> Option<ClaimVerdict> {
        match self.state {
            JobState::Rejected { .. } | JobState::Completed { .. } | JobState::Failed { .. } => {
                Some(ClaimVerdict::Over)
            }
            JobState::Rendering(held) if now < held.lease_until => {
                Some(ClaimVerdict::Held(held.lease_until))
            }
            JobState::Accepted | JobState::Queued | JobState::Rendering(_) => None,
        }
    }

    fn lose_worker(self, now: Timestamp) -> Step {
        self.end(now, Failure::plain(FailureKind::WorkersLost))
    }

    fn held_by(&self, token: ClaimToken) -> Option<Claim> {
        match &self.state {
            JobState::Rendering(claim) if claim.token == token => Some(*claim),
            JobState::Rendering(_)
            | JobState::Accepted
            | JobState::Queued
            | JobState::Rejected { .. }
            | JobState::Completed { .. }
            | JobState::Failed { .. } => None,
        }
    }

    fn end(self, now: Timestamp, failure: Failure) -> Step {
        let keeps_charge = match failure.kind.blame() {
            Blame::Request => self.order.dialect.charges_failures(),
            Blame::Darkroom => false,
        };
        let step = self.step(JobState::Failed { at: now, failure });
        if keeps_charge { step } else { step.releasing() }
    }

    fn step(self, state: JobState) -> Step {
        let from_version = self.version;
        Step {
            job: Self { version: from_version + 1, state, ..self },
            from_version,
            releases: false,
        }
    }
}

impl Step {
    /// The idempotency key that is to be forgotten with it, in the same transaction: a job that
    /// is rejected was never answered for, and its client may try again. One that is
    /// no longer kept may be another job's by now.
    #[must_use]
    pub fn frees_key(&self) -> Option<&IdempotencyKey> {
        let JobState::Rejected { at } = self.job.state else { return None };
        let kept = at < self.job.order.key_kept_until();
        self.job.order.idempotency.as_ref().filter(|_| kept).map(|mark| &mark.key)
    }

    /// Whether the job's place among those that its account may have at once is given back with
    /// it, in the same transaction.
    #[must_use]
    pub const fn frees_place(&self) -> bool {
        self.job.order.holds_place && self.job.has_ended()
    }

    fn releasing(mut self) -> Self {
        self.job.charge = Charge::Released;
        self.releases = true;
        self
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::address::Reach;
    use crate::artifact::{ArtifactKey, ByteSize, Link};
    use crate::capture::{Effort, Encoding, Format, Output, Source, Viewport};
    use crate::idempotency::Fingerprint;
    use crate::report::Report;
    use crate::storage::{Place, SignedUpload};
    use crate::url::{TargetUrl, UploadUrl};

    pub(crate) const START: Timestamp = Timestamp::from_secs(1_790_000_000);

    fn token(byte: u8) -> ClaimToken {
        ClaimToken::from_random([byte; 16])
    }

    pub(crate) fn job(dialect: Dialect) -> Job {
        let url = TargetUrl::parse("https://example.com/", &Reach::public()).unwrap();
        let spec = CaptureSpec::plain(
            Source::Url(url),
            Output::image(Encoding::Png(Effort::Fast)),
            Viewport::desktop(1280, 800),
        );
        let order = Order {
            account: AccountId::from_random([1; 10]),
            dialect,
            mode: Mode::Asynchronous,
            trace: TraceId::from_random([2; 16]),
            accepted_at: START,
            expires_at: START + MAX_WAIT,
            timeout: Timeout::DEFAULT,
            spec: SpecPlace::Inline(Box::new(spec)),
            kind: CaptureKind::Screenshot,
            storage: None,
            callback: None,
            external_identifier: None,
            idempotency: None,
            cache: None,
            holds_place: false,
            public_origin: "https://shots.example".to_owned(),
        };
        Job::accept(JobId::new(START, 5), order)
    }

    pub(crate) fn claimed(job: Job, by: u8, now: Timestamp) -> Job {
        match job.claim(token(by), now) {
            ClaimVerdict::Claim(step) => step.job,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn artifact(job: &Job, by: u8) -> Artifact {
        Artifact {
            key: ArtifactKey::of(job.id, token(by)),
            format: Format::Png,
            size: ByteSize::from_bytes(1),
            stored_at: START,
            link: Link { url: "https://bucket.example/x".to_owned(), expires_at: START },
            files: Vec::new(),
            report: Report::default(),
        }
    }

    #[test]
    fn the_worker_may_be_faster_than_the_queued_write() {
        let accepted = job(Dialect::Nodium);
        let rendering = claimed(accepted.clone(), 1, START);
        assert_eq!(rendering.version, 2);
        assert!(rendering.queue().is_none());
        assert_eq!(accepted.queue().unwrap().from_version, 1);
    }

    #[test]
    fn who_puts_the_result_elsewhere_too_has_15_seconds_more() {
        let plain = job(Dialect::Nodium);
        let mut stored = plain.clone();
        let url = UploadUrl::parse("https://e.com/a", &Reach::public()).unwrap();
        let upload = SignedUpload { url, headers: Vec::new(), form: None };
        stored.order.storage = Some(Storage { place: Place::Url(upload), tells_location: false });
        let lease = |job: Job| match claimed(job, 1, START).state {
            JobState::Rendering(claim) => claim.lease_until.since(START),
            other => panic!("{other:?}"),
        };
        let more = Duration::from_secs(15);
        assert_eq!(stored.order.work_time(), plain.order.work_time() + more);
        assert_eq!(stored.hidden_while_rendering(), plain.hidden_while_rendering() + more);
        assert_eq!(lease(stored), lease(plain) + more);
    }

    #[test]
    fn only_an_accepted_job_is_rejected_and_it_gives_its_unit_back() {
        let step = job(Dialect::ScreenNabster).reject(START).unwrap();
        assert!(step.releases);
        assert_eq!(step.job.charge, Charge::Released);
        let queued = job(Dialect::ScreenNabster).queue().unwrap().job;
        assert!(queued.reject(START).is_none());
        assert_eq!(step.job.claim(token(1), START), ClaimVerdict::Over);
    }

    #[test]
    fn a_rejected_job_frees_its_key_while_it_is_kept() {
        let mark = Idempotency {
            key: IdempotencyKey::parse("k").unwrap(),
            fingerprint: Fingerprint::of(&[]),
        };
        let mut marked = job(Dialect::Nodium);
        marked.order.idempotency = Some(mark.clone());
        let until = START + Duration::from_secs(24 * 60 * 60);
        let early = until - Duration::from_millis(1);
        let freed = |at| marked.clone().reject(at).unwrap().frees_key().cloned();
        assert_eq!((freed(early), freed(until)), (Some(mark.key), None));
        assert_eq!(marked.clone().queue().unwrap().frees_key(), None);
        assert_eq!(job(Dialect::Nodium).reject(START).unwrap().frees_key(), None);
    }

    #[test]
    fn a_held_job_is_left_alone_until_its_lease_lapses() {
        let held = claimed(job(Dialect::Nodium), 1, START);
        let until = START + Duration::from_secs(85);
        assert_eq!(held.hidden_while_rendering(), Duration::from_secs(90));
        let early = until - Duration::from_millis(1);
        assert_eq!(held.clone().claim(token(2), early), ClaimVerdict::Held(until));
        let second = claimed(held, 2, until);
        assert_eq!(second.claims, 2);
        assert!(
            second.clone().fail(token(1), until, Failure::plain(FailureKind::Timeout)).is_none()
        );
        let late = artifact(&second, 1);
        assert!(second.complete(token(1), until, late).is_none(), "the first worker came back");
    }

    #[test]
    fn the_fourth_claim_ends_the_job_and_gives_its_unit_back() {
        let mut at = START;
        let mut it = job(Dialect::ScreenNabster);
        for by in 1..=3 {
            it = claimed(it, by, at);
            at = at + Duration::from_secs(90);
        }
        assert!(!it.has_claims_left());
        let ClaimVerdict::End(step) = it.claim(token(4), at) else { panic!() };
        assert!(step.releases);
        let JobState::Failed { failure, .. } = step.job.state else { panic!() };
        assert_eq!(failure.kind, FailureKind::WorkersLost);
    }

    #[test]
    fn what_nobody_will_take_up_again_ends_when_its_lease_has_lapsed() {
        let lease = Timeout::DEFAULT.as_duration() + LEASE_SLACK;
        let rendering = claimed(job(Dialect::Nodium), 1, START);
        let early = START + lease - Duration::from_millis(1);
        assert_eq!(rendering.clone().give_up(early), None);
        let step = rendering.give_up(START + lease).unwrap();
        assert!(matches!(&step.job.state, JobState::Failed { failure, .. }
            if failure.kind == FailureKind::WorkersLost));
        assert!(step.releases);
        assert_eq!(step.job.give_up(START + lease), None);
        assert!(job(Dialect::Nodium).give_up(START).is_some());
    }

    #[test]
    fn a_job_whose_worker_is_known_to_be_lost_is_ended_before_its_lease_has_lapsed() {
        let rendering = claimed(job(Dialect::ScreenNabster), 1, START);
        let step = rendering.clone().cut_short(START).unwrap();
        assert_eq!((step.job.charge, step.releases), (Charge::Released, true));
        assert_eq!(step.from_version, rendering.version);
        assert_eq!(step.job.cut_short(START), None);
        assert_eq!(job(Dialect::Nodium).cut_short(START), None);
    }

    #[test]
    fn a_client_waits_for_a_worker_a_minute_and_a_half_and_the_queue_a_day() {
        assert_eq!(Mode::Asynchronous.max_wait(), Duration::from_secs(86_400));
        assert_eq!(Mode::Synchronous.max_wait(), Duration::from_secs(90));
    }

    #[test]
    fn a_yielded_claim_counts_its_time_but_not_the_wait_after_it() {
        let held = claimed(job(Dialect::Nodium), 1, START);
        let later = START + Duration::from_secs(20);
        let yielded = held.yield_claim(token(1), later, Duration::from_secs(20)).unwrap().job;
        let again = claimed(yielded, 2, later + Duration::from_secs(5));
        assert_eq!(again.render_budget(), Duration::from_secs(40));
    }

    #[test]
    fn a_job_expires_only_while_no_worker_has_had_it() {
        let late = START + MAX_WAIT;
        let ClaimVerdict::End(step) = job(Dialect::Nodium).claim(token(1), late) else { panic!() };
        assert!(step.releases);
        let held = claimed(job(Dialect::Nodium), 1, START);
        assert!(matches!(held.claim(token(2), late), ClaimVerdict::Claim(_)));
    }

    #[test]
    fn who_pays_for_a_failure_depends_on_blame_and_dialect() {
        let cases = [
            (Dialect::Nodium, FailureKind::Timeout, true),
            (Dialect::Nodium, FailureKind::Browser, true),
            (Dialect::ScreenNabster, FailureKind::Timeout, false),
            (Dialect::ScreenNabster, FailureKind::Storage, true),
            (Dialect::ScreenNabster, FailureKind::Internal, true),
        ];
        for (dialect, kind, released) in cases {
            let held = claimed(job(dialect), 1, START);
            let step = held.fail(token(1), START, Failure::plain(kind)).unwrap();
            assert_eq!(step.releases, released, "{dialect:?} {kind:?}");
        }
    }

    #[test]
    fn failures_are_announced_only_on_request() {
        let url = CallbackUrl::parse("https://hooks.example/", &Reach::public()).unwrap();
        for (errors, announced) in [(Announce::Completed, false), (Announce::Everything, true)] {
            let mut it = job(Dialect::Nodium);
            it.order.callback = Some(Callback { url: url.clone(), sign: Signed::Yes, errors });
            let held = claimed(it, 1, START);
            assert!(held.announcement().is_none());
            let done = artifact(&held, 1);
            let completed = held.clone().complete(token(1), START, done).unwrap().job;
            assert!(completed.announcement().is_some());
            let failure = Failure::plain(FailureKind::Timeout);
            let failed = held.fail(token(1), START, failure).unwrap().job;
            assert_eq!(failed.announcement().is_some(), announced);
        }
    }

    #[test]
    fn a_job_has_ended_when_nothing_more_is_rendered_for_it() {
        let rendering = claimed(job(Dialect::Nodium), 1, START);
        let artifact = artifact(&rendering, 1);
        let failure = Failure::plain(FailureKind::Timeout);
        for (job, has_ended) in [
            (job(Dialect::Nodium), false),
            (job(Dialect::Nodium).queue().unwrap().job, false),
            (rendering.clone(), false),
            (job(Dialect::Nodium).reject(START).unwrap().job, true),
            (rendering.clone().complete(token(1), START, artifact).unwrap().job, true),
            (rendering.fail(token(1), START, failure).unwrap().job, true),
        ] {
            assert_eq!(job.has_ended(), has_ended, "{:?}", job.state);
        }
        assert_eq!(MAX_WAIT, Duration::from_secs(86_400));
    }

    #[test]
    fn a_worker_may_try_again_until_the_third_claim() {
        let mut job = job(Dialect::Nodium);
        for (claims, has_some) in [(0, true), (2, true), (3, false), (4, false)] {
            job.claims = claims;
            assert_eq!(job.has_claims_left(), has_some, "{claims}");
        }
    }

    #[test]
    fn a_job_may_begin_with_the_result_of_another_and_is_free_then() {
        let later = START + Duration::from_secs(9);
        let mut order = job(Dialect::Nodium).order;
        order.accepted_at = later;
        order.holds_place = true;
        let artifact = artifact(&job(Dialect::Nodium), 1);
        let it = Job::of_result(JobId::new(later, 6), order, artifact.clone());
        let state = JobState::Completed { at: later, rendering: Duration::ZERO, artifact };
        assert_eq!((it.charge, it.order.holds_place, it.state), (Charge::Free, false, state));
    }

    #[test]
    fn a_place_is_given_back_by_an_end_where_one_is_held() {
        let mut holder = job(Dialect::Nodium);
        holder.order.holds_place = true;
        assert!(holder.clone().reject(START).unwrap().frees_place());
        assert!(!holder.queue().unwrap().frees_place());
        assert!(!job(Dialect::Nodium).reject(START).unwrap().frees_place());
    }
}
