//! Accepting one capture and waiting for its end: what a client gets that holds its connection.
//!
//! Nothing is queued, and nobody takes the capture up again: when this yields a job it has ended,
//! and a refusal that names no job isn't charged for. Where this function dies, the watchdog ends
//! the job.

use std::time::Duration;

use darkroom_core::cache::{CachePlace, Caching, Worth};
use darkroom_core::failure::FailureKind;
use darkroom_core::id::JobId;
use darkroom_core::job::{Job, JobState, Step};
use darkroom_core::port::{Advance, PortError, Renderer, Rendering};
use darkroom_core::time::Timestamp;
use darkroom_dialects::{Refusal, Shared, Way};

use crate::ending::{EndingPorts, end, forget_input};
use crate::recall::{Recalled, recall, worth};
use crate::refusal::{RETRY_AFTER, busy, of_port};
use crate::share::{SharePorts, keep, told_to};
use crate::submit::{Accepted, Asking, SubmitPorts, accept};

/// What a worker may take beyond the job's timeout: to start a browser, and to store the result.
const SLACK: Duration = Duration::from_secs(15);

/// How long a client that shares is held at most where it has waited for another request's capture
/// before one of its own: Lambda ends api after 240 s, and a result takes time to be sent.
const LONGEST: Duration = Duration::from_secs(150);

/// The rests between looks at a capture that another request waits for too: doubled from one look to
/// the next.
const FIRST_REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(1);

/// How often the job is looked at when others move it meanwhile.
const LOOKS: u8 = 3;

/// The ports that waiting for a capture needs.
#[derive(Clone, Copy)]
pub struct ObtainPorts<'a> {
    /// What accepting and sharing need.
    pub share: SharePorts<'a>,
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
    let SubmitPorts { clock, .. } = ports.share.submit;
    let began = clock.now();
    let within = asking.submission.timeout.as_duration() + SLACK;
    let mut awaited = None;
    let mut rest = FIRST_REST;
    while clock.now() < began + within {
        let news = match awaited {
            Some(id) => news_of(ports, asking, caching, id).await?,
            None => News::Lost,
        };
        match news {
            News::Over(job) => return told(ports, asking, caching, *job, Way::Joined),
            News::Rejected => return Err(busy()),
            News::Awaited => {}
            News::Lost => match ask(ports, asking, caching, began + LONGEST).await? {
                Found::Job(job, way) => return told(ports, asking, caching, *job, way),
                Found::Promise(id) => awaited = Some(id),
                Found::Outrun => {}
            },
        }
        clock.rest(rest).await;
        rest = LONGEST_REST.min(rest * 2);
    }
    Err(busy())
}

/// What is known of a capture that another request asked for, and this one waits for.
enum News {
    /// It has ended, and that counts for this request too.
    Over(Box<Job>),
    /// It was never begun.
    Rejected,
    /// It is still under way.
    Awaited,
    /// It is of no use to this request.
    Lost,
}

async fn news_of(
    ports: ObtainPorts<'_>,
    asking: Asking<'_>,
    caching: &Caching,
    id: JobId,
) -> Result<News, Refusal> {
    let SharePorts { submit, .. } = ports.share;
    let Some(job) = submit.jobs.find(id).await.map_err(of_port)? else { return Ok(News::Lost) };
    let worth = worth(submit, &job, caching, submit.clock.now()).await;
    Ok(match (worth.map_err(of_port)?, &job.state) {
        (Worth::Promise, _) => News::Awaited,
        (Worth::Fresh, _) => News::Over(keep(ports.share, asking, job, None).await?.into()),
        (_, JobState::Failed { .. }) if counts(&job, asking) => {
            News::Over(told_to(job, asking).into())
        }
        (_, JobState::Rejected { .. }) => News::Rejected,
        (
            _,
            JobState::Accepted
            | JobState::Queued
            | JobState::Rendering(_)
            | JobState::Completed { .. }
            | JobState::Failed { .. },
        ) => News::Lost,
    })
}

/// What a look into the cache led to.
enum Found {
    /// An ended job.
    Job(Box<Job>, Way),
    /// One that is under way.
    Promise(JobId),
    /// Another request has just taken the place.
    Outrun,
}

/// Looks into the cache, and has a capture taken that it lacks, if that can end until then.
async fn ask(
    ports: ObtainPorts<'_>,
    asking: Asking<'_>,
    caching: &Caching,
    until: Timestamp,
) -> Result<Found, Refusal> {
    let SharePorts { submit, .. } = ports.share;
    let account = &asking.account.id;
    let found = recall(submit, account, caching).await.map_err(of_port)?;
    let place = match found {
        Recalled::Kept { job, renewal } => {
            let job = keep(ports.share, asking, job, renewal).await?;
            return Ok(Found::Job(job.into(), Way::Kept));
        }
        Recalled::Promised(job, _) => return Ok(Found::Promise(job.id)),
        Recalled::Missing(place) => place,
    };
    if submit.clock.now() + asking.submission.timeout.as_duration() + SLACK > until {
        return Err(busy());
    }
    let way = if place.before.is_some() { Way::Renewed } else { Way::Made };
    Ok(match make(ports, asking, Some(place)).await? {
        Some(job) if job.order.trace == asking.trace => Found::Job(job.into(), way),
        // The first request's with the same idempotency key.
        Some(job) => Found::Job(job.into(), Way::Kept),
        None => Found::Outrun,
    })
}

/// What the client is told of this job, which has ended, or is the one of a repeat that hasn't.
fn told(
    ports: ObtainPorts<'_>,
    asking: Asking<'_>,
    caching: &Caching,
    job: Job,
    way: Way,
) -> Result<Obtained, Refusal> {
    if !job.has_ended() {
        return Err(key_busy());
    }
    let age = match &job.state {
        JobState::Completed { artifact, .. } => {
            ports.share.submit.clock.now().since(artifact.stored_at)
        }
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Failed { .. }
        | JobState::Rejected { .. } => Duration::ZERO,
    };
    let shared = Some(Shared { way, age, fresh_for: caching.fresh_for });
    Ok(Obtained { job: told_to(job, asking), shared })
}

/// Whether the failure of a capture that was waited for counts for this request too: one that ran
/// out of a shorter time than this request allows doesn't, and whoever has a webhook is told of a
/// job of its own.
fn counts(job: &Job, asking: Asking<'_>) -> bool {
    let ran_out = matches!(&job.state, JobState::Failed { failure, .. }
        if failure.kind == FailureKind::Timeout);
    let had_less_time = ran_out && job.order.timeout < asking.submission.timeout;
    !had_less_time && asking.submission.callback.is_none()
}

/// Has a capture of its own taken, in this place of the cache. None if another has that.
async fn make(
    ports: ObtainPorts<'_>,
    asking: Asking<'_>,
    place: Option<CachePlace>,
) -> Result<Option<Job>, Refusal> {
    let job = match accept(ports.share.submit, asking, place, &Job::accept).await? {
        Accepted::New(job) => job,
        Accepted::Repeated(job) if job.has_ended() => return Ok(Some(job)),
        Accepted::Repeated(_) => return Err(key_busy()),
        Accepted::Outrun => return Ok(None),
    };
    let within = job.order.work_time() + SLACK;
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
    ended(ports.share.submit, job.id, worker).await.map(Some)
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
