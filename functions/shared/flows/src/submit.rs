//! Accepting one capture. The order of the steps is the one that was
//! model-checked; see ARCHITECTURE.md, «Accepting».

use std::num::NonZeroU32;
use std::time::Duration;

use darkroom_core::account::Account;
use darkroom_core::artifact::InputKey;
use darkroom_core::cache::CachePlace;
use darkroom_core::id::{JobId, TraceId};
use darkroom_core::job::{Job, JobState, Order, SpecPlace};
use darkroom_core::message::Message;
use darkroom_core::port::{
    Acceptance, Advance, ArtifactStore, Clock, Entropy, JobStore, PortError, PortResult, Queue,
};
use darkroom_core::time::{Minute, Timestamp};
use darkroom_core::usage::CaptureKind;
use darkroom_dialects::{Refusal, Submission};

use crate::ending::forget_input;
use crate::mail::send;
use crate::refusal::{RETRY_AFTER, busy, of_port};

/// The watchdog's first look comes when the request that sent it is certainly
/// over: api's function times out after 240 s.
const FIRST_LOOK: Duration = Duration::from_secs(300);

/// A specification above this lies in the bucket instead of the job's item. An
/// item holds 400 KB, and JSON may spell one byte in six.
const MAX_INLINE_BYTES: usize = 32 * 1024;

/// Ids that are drawn before a collision counts as a fault of ours. Two jobs of
/// one millisecond collide once in four million.
const MAX_DRAWS: usize = 3;

/// The ports that accepting needs.
#[derive(Clone, Copy)]
pub struct SubmitPorts<'a> {
    /// Where jobs are stored and charged.
    pub jobs: &'a dyn JobStore,
    /// Where large specifications go.
    pub artifacts: &'a dyn ArtifactStore,
    /// Where captures and watchdogs are sent.
    pub queue: &'a dyn Queue,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Draws ids.
    pub entropy: &'a dyn Entropy,
}

impl std::fmt::Debug for SubmitPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubmitPorts")
    }
}

/// A capture that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Who.
    pub account: &'a Account,
    /// What.
    pub submission: &'a Submission,
    /// By which the request is known.
    pub trace: TraceId,
    /// Scheme and host under which clients reach this deployment.
    pub public_origin: &'a str,
}

/// Accepts a capture: a job that is stored, charged and queued. The repeat of a request
/// with an idempotency key yields the first one's job, however far that is.
///
/// # Errors
///
/// [`Refusal::QuotaUsedUp`]; [`Refusal::TooManyStarts`] and [`Refusal::TooManyAtOnce`] where
/// the account is limited; [`Refusal::IdempotencyKeyUsed`] for a key that came with
/// another request, [`Refusal::IdempotencyKeyBusy`] while the first with it is being
/// accepted, [`Refusal::Gone`] when its job was deleted; [`Refusal::Busy`] when a service didn't do its
/// part, [`Refusal::Internal`] when it holds something unreadable: then nothing
/// stays charged.
pub async fn submit(ports: SubmitPorts<'_>, asking: Asking<'_>) -> Result<Job, Refusal> {
    submit_in(ports, asking, None).await?.ok_or_else(busy)
}

/// As [`submit`], for a job that takes this place in the cache. None if another has that.
pub(crate) async fn submit_in(
    ports: SubmitPorts<'_>,
    asking: Asking<'_>,
    place: Option<CachePlace>,
) -> Result<Option<Job>, Refusal> {
    match accept(ports, asking, place, &Job::accept).await? {
        Accepted::New(job) => enqueue(ports, job).await.map(Some),
        Accepted::Repeated(job) => Ok(Some(job)),
        Accepted::Outrun => Ok(None),
    }
}

/// A job that was accepted.
pub(crate) enum Accepted {
    /// Just now, and by nothing else than this request.
    New(Job),
    /// By the first request with the same idempotency key, and more than accepted by now; or by
    /// this request, and somebody else has moved it on.
    Repeated(Job),
    /// It wasn't: another request for the same has the place in the cache.
    Outrun,
}

/// Steps 1 and 2 for a job that is made of an id and an order, and takes this place in the cache.
pub(crate) async fn accept(
    ports: SubmitPorts<'_>,
    asking: Asking<'_>,
    place: Option<CachePlace>,
    born: &(dyn Fn(JobId, Order) -> Job + Sync),
) -> Result<Accepted, Refusal> {
    let Asking { account, .. } = asking;
    for _ in 0..MAX_DRAWS {
        let (id, order) = new_order(ports, asking, place.clone());
        let job = born(id, order);
        let refusal = match persist(ports, asking, &job).await {
            Ok(Acceptance::Stored) => return Ok(Accepted::New(job)),
            Ok(Acceptance::IdTaken) => continue,
            // Stored and charged perhaps, the reply being lost.
            Err(error) => return settle(ports, job, error).await.map(Accepted::Repeated),
            Ok(Acceptance::KeyTaken(first)) => {
                forget_input(ports.artifacts, &job).await;
                return repeated(ports, &job, first).await.map(Accepted::Repeated);
            }
            Ok(Acceptance::CacheTaken) => {
                forget_input(ports.artifacts, &job).await;
                return Ok(Accepted::Outrun);
            }
            Ok(Acceptance::QuotaUsedUp) => {
                let (quota_per_month, period) = (account.quota_per_month, job.order.period());
                Refusal::QuotaUsedUp { quota_per_month, period }
            }
            Ok(Acceptance::TooManyStarts) => too_many_starts(account, job.order.accepted_at),
            Ok(Acceptance::TooManyAtOnce) => too_many_at_once(account),
        };
        forget_input(ports.artifacts, &job).await;
        return Err(refusal);
    }
    Err(busy())
}

fn too_many_starts(account: &Account, now: Timestamp) -> Refusal {
    let limit = account.limits.starts_per_minute.map_or(0, NonZeroU32::get);
    Refusal::TooManyStarts { limit, retry_after: Minute::of(now).end().since(now) }
}

fn too_many_at_once(account: &Account) -> Refusal {
    let limit = account.limits.at_once.map_or(0, NonZeroU32::get);
    Refusal::TooManyAtOnce { limit, retry_after: RETRY_AFTER }
}

fn new_order(
    ports: SubmitPorts<'_>,
    asking: Asking<'_>,
    place: Option<CachePlace>,
) -> (JobId, Order) {
    let Asking { account, submission, trace, public_origin } = asking;
    let now = ports.clock.now();
    let [a, b, c, d, ..] = ports.entropy.draw();
    let id = JobId::new(now, u32::from_be_bytes([a, b, c, d]));
    let spec = if submission.spec.weight_bytes() > MAX_INLINE_BYTES
        || submission.spec.holds_credentials()
    {
        SpecPlace::Stored(InputKey::of(id))
    } else {
        SpecPlace::Inline(Box::new(submission.spec.clone()))
    };
    let order = Order {
        account: account.id.clone(),
        dialect: submission.dialect,
        mode: submission.answer.mode(),
        trace,
        accepted_at: now,
        expires_at: now + submission.answer.mode().max_wait(),
        timeout: submission.timeout,
        spec,
        kind: CaptureKind::of(&submission.spec),
        storage: submission.storage.clone(),
        callback: submission.callback.clone(),
        external_identifier: submission.external_identifier.clone(),
        idempotency: submission.idempotency.clone(),
        cache: place,
        holds_place: account.limits.at_once.is_some(),
        public_origin: public_origin.to_owned(),
    };
    (id, order)
}

/// Steps 1 and 2: the watchdog first, so that whatever is lost afterwards
/// somebody looks; then job and charge in one transaction.
async fn persist(ports: SubmitPorts<'_>, asking: Asking<'_>, job: &Job) -> PortResult<Acceptance> {
    send(ports.queue, job, Message::Watch(job.id), FIRST_LOOK).await?;
    if let SpecPlace::Stored(key) = &job.order.spec
        && !job.has_ended()
    {
        ports.artifacts.put_input(key, &asking.submission.spec).await?;
    }
    ports.jobs.accept(job, asking.account).await
}

/// The job that the first request with the same idempotency key made.
async fn repeated(ports: SubmitPorts<'_>, repeat: &Job, first: JobId) -> Result<Job, Refusal> {
    let Some(job) = ports.jobs.find(first).await.map_err(of_port)? else {
        return Err(Refusal::Gone);
    };
    let fingerprint = |job: &Job| job.order.idempotency.clone().map(|mark| mark.fingerprint);
    if fingerprint(&job) != fingerprint(repeat) {
        return Err(Refusal::IdempotencyKeyUsed);
    }
    match job.state {
        // Nobody was answered yet, or its key is free again by now.
        JobState::Accepted | JobState::Rejected { .. } => {
            Err(Refusal::IdempotencyKeyBusy { retry_after: RETRY_AFTER })
        }
        JobState::Queued
        | JobState::Rendering(_)
        | JobState::Completed { .. }
        | JobState::Failed { .. } => Ok(job),
    }
}

/// Steps 3 and 4. Whoever answers the client with the job has seen it stored as
/// queued or further.
async fn enqueue(ports: SubmitPorts<'_>, job: Job) -> Result<Job, Refusal> {
    if let Err(error) = send(ports.queue, &job, Message::Capture(job.id), Duration::ZERO).await {
        return settle(ports, job, error).await;
    }
    let Some(step) = job.clone().queue() else {
        return Ok(job);
    };
    match ports.jobs.advance(&step).await {
        Ok(Advance::Done) => Ok(step.job),
        Ok(Advance::Raced) => found(ports, &job).await,
        Err(error) => settle(ports, job, error).await,
    }
}

/// A send or write of unknown outcome is settled by one conditional write: either
/// the job is rejected and its unit goes back, or a worker already has it, or it
/// never was stored.
async fn settle(ports: SubmitPorts<'_>, job: Job, error: PortError) -> Result<Job, Refusal> {
    tracing::warn!(job.id = %job.id, %error, "a job could not be queued");
    let Some(step) = job.clone().reject(ports.clock.now()) else {
        return found(ports, &job).await;
    };
    match ports.jobs.advance(&step).await {
        Ok(Advance::Done) => {
            forget_input(ports.artifacts, &job).await;
            Err(busy())
        }
        Ok(Advance::Raced) => found(ports, &job).await,
        // The watchdog will find it `accepted` and do the same.
        Err(error) => Err(of_port(error)),
    }
}

/// The job as somebody else has moved it, or what is left of one that never was
/// stored.
async fn found(ports: SubmitPorts<'_>, job: &Job) -> Result<Job, Refusal> {
    match ports.jobs.find(job.id).await.map_err(of_port)? {
        Some(moved) if !matches!(moved.state, JobState::Accepted | JobState::Rejected { .. }) => {
            Ok(moved)
        }
        Some(_) => Err(busy()),
        None => {
            forget_input(ports.artifacts, job).await;
            Err(busy())
        }
    }
}
