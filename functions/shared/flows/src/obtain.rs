//! Accepting one capture and waiting for its end: what a client gets that holds its connection.
//!
//! Nothing is queued, and nobody takes the capture up again: when this yields a job it has ended,
//! and a refusal that names no job isn't charged for. Where this function dies, the watchdog ends
//! the job.

use std::time::Duration;

use darkroom_core::account::Account;
use darkroom_core::id::{JobId, TraceId};
use darkroom_core::job::{Job, JobState, Step};
use darkroom_core::port::{Advance, PortError, Renderer, Rendering};
use darkroom_dialects::{Refusal, Submission};

use crate::ending::{EndingPorts, end, forget_input};
use crate::refusal::{RETRY_AFTER, busy};
use crate::submit::{Accepted, SubmitPorts, accept};

/// What a worker may take beyond the job's timeout: to start a browser, and to store the result.
const SLACK: Duration = Duration::from_secs(15);

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

/// Accepts a capture, has it rendered, and yields its job, which is completed or failed. The
/// repeat of a request with an idempotency key yields the first one's job.
///
/// # Errors
///
/// Those of [`submit`](crate::submit::submit); [`Refusal::Busy`] too when no worker was free,
/// [`Refusal::IdempotencyKeyBusy`] until the first request with the key has ended, and
/// [`Refusal::Unsettled`] when what became of the job can't be read.
pub async fn obtain(
    ports: ObtainPorts<'_>,
    account: &Account,
    submission: &Submission,
    trace: TraceId,
    public_origin: &str,
) -> Result<Job, Refusal> {
    let job = match accept(ports.submit, account, submission, trace, public_origin).await? {
        Accepted::New(job) => job,
        Accepted::Repeated(job) if job.has_ended() => return Ok(job),
        Accepted::Repeated(_) => {
            return Err(Refusal::IdempotencyKeyBusy { retry_after: RETRY_AFTER });
        }
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
    ended(ports.submit, job.id, worker).await
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
