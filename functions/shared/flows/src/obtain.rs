//! Accepting one capture and waiting for its end: what a client gets that holds its connection.
//!
//! Nothing is queued, and nobody takes the capture up again: when this yields a job it has ended,
//! and a refusal that names no job isn't charged for. Where this function dies, the watchdog ends
//! the job.

use std::time::Duration;

use darkroom_core::account::Account;
use darkroom_core::id::{JobId, TraceId};
use darkroom_core::job::{Job, JobState};
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
    match ports.renderer.render(job.id, job.order.timeout.as_duration() + SLACK).await {
        Ok(Rendering::Ended) => {}
        Ok(Rendering::Throttled) => {
            tracing::warn!(job.id = %job.id, "no worker was free for a client that waits");
        }
        Err(error) => {
            tracing::error!(job.id = %job.id, %error, "a worker is out of sight");
        }
    }
    ended(ports.submit, job.id).await
}

/// The job as it has ended. One that its worker left behind is ended here: rejected if it never
/// was begun, else failed.
async fn ended(ports: SubmitPorts<'_>, id: JobId) -> Result<Job, Refusal> {
    let unsettled = |error: PortError| {
        tracing::error!(job.id = %id, %error, "what became of a capture isn't known");
        Refusal::Unsettled { job: id, retry_after: RETRY_AFTER }
    };
    for _ in 0..LOOKS {
        let Some(job) = ports.jobs.find(id).await.map_err(unsettled)? else {
            return Err(Refusal::Gone);
        };
        let now = ports.clock.now();
        match job.state {
            JobState::Completed { .. } | JobState::Failed { .. } => return Ok(job),
            JobState::Rejected { .. } => return Err(busy()),
            JobState::Accepted | JobState::Queued => {
                if let Some(step) = job.reject(now)
                    && ports.jobs.advance(&step).await.map_err(unsettled)? == Advance::Done
                {
                    forget_input(ports.artifacts, &step.job).await;
                    return Err(busy());
                }
            }
            JobState::Rendering(_) => {
                let SubmitPorts { jobs, artifacts, queue, .. } = ports;
                let ending = EndingPorts { jobs, artifacts, queue };
                if let Some(step) = job.cut_short(now)
                    && end(ending, &step).await.map_err(unsettled)? == Advance::Done
                {
                    return Ok(step.job);
                }
            }
        }
    }
    Err(Refusal::Unsettled { job: id, retry_after: RETRY_AFTER })
}
