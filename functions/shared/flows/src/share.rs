//! Giving one capture's result to every request for it.

use std::time::Duration;

use darkroom_core::artifact::Artifact;
use darkroom_core::cache::{CachePlace, Caching};
use darkroom_core::job::{Job, JobState, Mode, Order};
use darkroom_core::port::Links;
use darkroom_dialects::{Answer, Refusal, Submission};

use crate::ending::announce;
use crate::recall::{Recalled, recall};
use crate::refusal::{busy, of_port};
use crate::status::{StatusPorts, links_of};
use crate::submit::{Accepted, Asking, SubmitPorts, accept, submit_in};

/// How often the cache is looked at for a client that is answered at once, and how long apart.
const LOOKS: usize = 20;
const LOOK_REST: Duration = Duration::from_millis(100);

/// The ports that sharing needs.
#[derive(Clone, Copy)]
pub struct SharePorts<'a> {
    /// What accepting needs.
    pub submit: SubmitPorts<'a>,
    /// Makes links.
    pub links: &'a dyn Links,
}

impl std::fmt::Debug for SharePorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharePorts")
    }
}

/// As [`submit`](crate::submit::submit), of a capture that is shared: yields the job of another
/// request for the same if there is one that can be told to this one too.
///
/// # Errors
///
/// Those of [`submit`](crate::submit::submit).
pub async fn submit_shared(
    ports: SharePorts<'_>,
    asking: Asking<'_>,
    caching: &Caching,
) -> Result<Job, Refusal> {
    let account = &asking.account.id;
    for _ in 0..LOOKS {
        let found = recall(ports.submit, account, caching).await;
        let place = match found.map_err(of_port)? {
            Recalled::Kept { job, renewal } => return keep(ports, asking, job, renewal).await,
            Recalled::Promised(..) if asking.is_told_apart() => None,
            Recalled::Promised(job, place) if !will_do(&job, asking) => Some(place),
            // Until then it may still be rejected, and a 202 binds.
            Recalled::Promised(job, _) if matches!(job.state, JobState::Accepted) => {
                ports.submit.clock.rest(LOOK_REST).await;
                continue;
            }
            Recalled::Promised(job, _) => return Ok(told_to(job, asking)),
            Recalled::Missing(place) => Some(place),
        };
        if let Some(job) = submit_in(ports.submit, asking, place).await? {
            return Ok(job);
        }
    }
    submit_in(ports.submit, asking, None).await?.ok_or_else(busy)
}

/// Whether a capture that is under way is as good for a client that polls as one of its own: it has
/// as much time, and is taken up again if its worker is lost.
fn will_do(job: &Job, asking: Asking<'_>) -> bool {
    job.order.mode == Mode::Asynchronous && job.order.timeout >= asking.submission.timeout
}

/// The job of a client that gets this result: the one whose it is, or one of its own, which is
/// announced. What is stale is made anew for those who ask later.
pub(crate) async fn keep(
    ports: SharePorts<'_>,
    asking: Asking<'_>,
    kept: Job,
    renewal: Option<CachePlace>,
) -> Result<Job, Refusal> {
    if let Some(place) = renewal {
        renew(ports.submit, asking, place).await;
    }
    if !asking.is_told_apart() {
        return Ok(told_to(kept, asking));
    }
    let artifact = with_live_link(ports, kept).await?;
    let born = |id, order: Order| Job::of_result(id, order, artifact.clone());
    match accept(ports.submit, asking, None, &born).await? {
        Accepted::New(job) => {
            // What isn't sent now is sent by the watchdog.
            if let Err(error) = announce(ports.submit.queue, &job).await {
                tracing::warn!(job.id = %job.id, %error, "a result is not announced yet");
            }
            Ok(job)
        }
        Accepted::Repeated(job) => Ok(job),
        Accepted::Outrun => Err(busy()),
    }
}

/// The result of this job, with a link that lives.
async fn with_live_link(ports: SharePorts<'_>, kept: Job) -> Result<Artifact, Refusal> {
    let links = links_of(ports.into(), &kept).await?;
    let JobState::Completed { artifact, .. } = kept.state else { return Err(Refusal::Internal) };
    Ok(match links {
        Some(links) => Artifact { link: links.main, ..artifact },
        None => artifact,
    })
}

async fn renew(ports: SubmitPorts<'_>, asking: Asking<'_>, place: CachePlace) {
    let submission = Submission {
        answer: Answer::Accepted,
        callback: None,
        external_identifier: None,
        idempotency: None,
        ..asking.submission.clone()
    };
    let asking = Asking { submission: &submission, ..asking };
    if let Err(refusal) = submit_in(ports, asking, Some(place)).await {
        tracing::warn!(?refusal, "a stale result could not be made anew");
    }
}

/// Another client's job, as it is told to one that asked for the same.
pub(crate) fn told_to(job: Job, asking: Asking<'_>) -> Job {
    let Asking { submission, trace, public_origin, .. } = asking;
    let order = Order {
        dialect: submission.dialect,
        trace,
        callback: submission.callback.clone(),
        external_identifier: submission.external_identifier.clone(),
        public_origin: public_origin.to_owned(),
        ..job.order
    };
    Job { order, ..job }
}

impl Asking<'_> {
    /// Whether its job can't be another client's too: it is told of when nobody remembers who asked.
    fn is_told_apart(self) -> bool {
        let Submission { answer, callback, external_identifier, .. } = self.submission;
        let is_polled = answer.mode() == Mode::Asynchronous;
        callback.is_some() || (is_polled && external_identifier.is_some())
    }
}

impl<'a> From<SharePorts<'a>> for StatusPorts<'a> {
    fn from(ports: SharePorts<'a>) -> Self {
        let SubmitPorts { jobs, artifacts, clock, .. } = ports.submit;
        Self { jobs, artifacts, links: ports.links, clock }
    }
}
