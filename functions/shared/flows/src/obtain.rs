//! Accepting one capture and waiting for its end: what a client gets that holds its connection.
//!
//! Nothing is queued, and nobody takes the capture up again: when this yields a job it has ended,
//! and a refusal that names no job isn't charged for. Where this function dies, the watchdog ends
//! the job.

use std::time::Duration;

use darkroom_core::cache::{CacheClaim, Caching};
use darkroom_core::failure::FailureKind;
use darkroom_core::id::JobId;
use darkroom_core::job::{Job, JobState, Step};
use darkroom_core::port::{Advance, PortError, Renderer, Rendering};
use darkroom_dialects::{Refusal, Shared, Way};

use crate::ending::{EndingPorts, end, forget_input};
use crate::recall::{Recalled, recall, told_to};
use crate::refusal::{RETRY_AFTER, busy, of_port};
use crate::submit::{Accepted, Asking, SubmitPorts, accept, keep};

/// What a worker may take beyond the job's timeout: to start a browser, and to store the result.
const SLACK: Duration = Duration::from_secs(15);

/// The rests between looks at a capture that another request waits for too: doubled from one look to
/// the next.
const FIRST_REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(1);

/// How often the job is looked at when others move it meanwhile.
const LOOKS: u8 = 3;

/// The ports that waiting for a capture needs.
#[derive(Clone, Copy)]
pub struct ObtainPorts<'a> {
    /// What accepting needs.
    pub submit: SubmitPorts<'a>,
    /// Has the capture rendered.
    pub renderer: &'a dyn Renderer,
}

impl std::fmt::Debug for ObtainPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ObtainPorts")
    }
}

/// What a client gets that waited.
#[derive(Clone, PartialEq, Debug)]
pub struct Obtained {
    /// The job, which is completed or failed.
    pub job: Job,
    /// What the cache has to do with it, if its result is shared.
    pub shared: Option<Shared>,
}

/// Accepts a capture, has it rendered, and yields its job, which is completed or failed.
///
/// The repeat of a request with an idempotency key yields the first one's job; one that is shared
/// may yield the job of another request for the same.
///
/// # Errors
///
/// Those of [`submit`](crate::submit::submit); [`Refusal::Busy`] too when no worker was free,
/// or an equal capture that is under way takes too long, [`Refusal::IdempotencyKeyBusy`] until the
/// first request with the key has ended, and [`Refusal::Unsettled`] when what became of the job
/// can't be read.
pub async fn obtain(ports: ObtainPorts<'_>, asking: Asking<'_>) -> Result<Obtained, Refusal> {
    match &asking.submission.caching {
        Some(caching) => share(ports, asking, caching).await,
        None => {
            let job = make(ports, asking, None).await?.ok_or_else(busy)?;
            Ok(Obtained { job, shared: None })
        }
    }
}

/// The result of an equal capture: one that is kept, or under way, or made now.
async fn share(
    ports: ObtainPorts<'_>,
    asking: Asking<'_>,
    caching: &Caching,
) -> Result<Obtained, Refusal> {
    let SubmitPorts { jobs, clock, .. } = ports.submit;
    let obtained = |job: Job, way, age| {
        let shared = Some(Shared { way, age, fresh_for: caching.fresh_for });
        Ok(Obtained { job, shared })
    };
    let patience = clock.now() + asking.submission.timeout.as_duration() + SLACK;
    let mut awaited: Option<JobId> = None;
    let mut rest = FIRST_REST;
    while clock.now() < patience {
        match recall(jobs, clock, asking, caching).await.map_err(of_port)? {
            Recalled::Kept(kept) => {
                let way = if awaited == Some(kept.job.id) { Way::Joined } else { Way::Kept };
                let age = kept.age;
                let job = keep(ports.submit, asking, kept).await?;
                return if job.has_ended() { obtained(job, way, age) } else { Err(key_busy()) };
            }
            Recalled::Missing { last: Some(last), .. }
                if awaited == Some(last.id) && counts(&last, asking) =>
            {
                return match last.state {
                    JobState::Failed { .. } => {
                        let job = told_to(last, asking.submission, asking.trace);
                        obtained(job, Way::Joined, Duration::ZERO)
                    }
                    _ => Err(busy()),
                };
            }
            Recalled::Missing { claim, .. } => {
                if let Some(job) = make(ports, asking, Some(claim)).await? {
                    return obtained(job, Way::Made, Duration::ZERO);
                }
            }
            Recalled::Promised(job) => awaited = Some(job.id),
        }
        clock.rest(rest).await;
        rest = LONGEST_REST.min(rest * 2);
    }
    Err(busy())
}

/// Whether what became of a capture that was waited for counts for this request too: one that ran
/// out of a shorter time than this request allows doesn't, and whoever has a webhook is told of a
/// job of its own.
fn counts(last: &Job, asking: Asking<'_>) -> bool {
    let ran_out = matches!(&last.state, JobState::Failed { failure, .. }
        if failure.kind == FailureKind::Timeout);
    let had_less_time = ran_out && last.order.timeout < asking.submission.timeout;
    !had_less_time && asking.submission.callback.is_none()
}

/// Has a capture of its own taken, in this place of the cache. None if another has that.
async fn make(
    ports: ObtainPorts<'_>,
    asking: Asking<'_>,
    claim: Option<CacheClaim>,
) -> Result<Option<Job>, Refusal> {
    let job = match accept(ports.submit, asking, claim).await? {
        Accepted::New(job) => job,
        Accepted::Repeated(job) if job.has_ended() => return Ok(Some(job)),
        Accepted::Repeated(_) => {
            return Err(key_busy());
        }
        Accepted::Outrun => return Ok(None),
    };
    let within = job.order.timeout.as_duration() + SLACK;
    let worker = match ports.renderer.render(job.id, within).await {
        Ok(Rendering::Ended) => Worker::Ended,
        Ok(Rendering::Throttled) => {
            tracing::warn!(job.id = %job.id, "no worker was free for a client that waits");
            Worker::Ended
        }
        Err(error) => {
            tracing::error!(job.id = %job.id, %error, "a worker is out of sight");
            Worker::OutOfSight
        }
    };
    ended(ports.submit, job.id, worker).await.map(Some)
}

const fn key_busy() -> Refusal {
    Refusal::IdempotencyKeyBusy { retry_after: RETRY_AFTER }
}

/// What is known of the worker that was called.
#[derive(Clone, Copy)]
enum Worker {
    /// It has ended, or never was.
    Ended,
    /// It may be at the job, or begin later.
    OutOfSight,
}

/// The job as it has ended. One that was never begun is rejected; one that its worker left behind
/// is ended as failed; one whose worker is out of sight is left to that, and to the watchdog.
async fn ended(ports: SubmitPorts<'_>, id: JobId, worker: Worker) -> Result<Job, Refusal> {
    let unsettled = Refusal::Unsettled { job: id, retry_after: RETRY_AFTER };
    let unknown = |error: PortError| {
        tracing::error!(job.id = %id, %error, "what became of a capture isn't known");
        unsettled.clone()
    };
    for _ in 0..LOOKS {
        let Some(job) = ports.jobs.find(id).await.map_err(unknown)? else {
            return Err(Refusal::Gone);
        };
        let now = ports.clock.now();
        match (&job.state, worker) {
            (JobState::Completed { .. } | JobState::Failed { .. }, _) => return Ok(job),
            (JobState::Rejected { .. }, _) => return Err(busy()),
            (JobState::Accepted | JobState::Queued, _) => {
                if let Some(step) = job.reject(now)
                    && ports.jobs.advance(&step).await.map_err(unknown)? == Advance::Done
                {
                    forget_input(ports.artifacts, &step.job).await;
                    return Err(busy());
                }
            }
            (JobState::Rendering(_), Worker::OutOfSight) => return Err(unsettled),
            (JobState::Rendering(_), Worker::Ended) => {
                if let Some(step) = job.cut_short(now) {
                    cut_short(ports, &step).await;
                }
            }
        }
    }
    Err(unsettled)
}

/// Ends a job that its worker left behind. The next look tells whether it has, and the watchdog
/// announces what couldn't be announced now.
async fn cut_short(ports: SubmitPorts<'_>, step: &Step) {
    let SubmitPorts { jobs, artifacts, queue, .. } = ports;
    if let Err(error) = end(EndingPorts { jobs, artifacts, queue }, step).await {
        tracing::error!(job.id = %step.job.id, %error, "a job that was left behind is not settled");
    }
}
