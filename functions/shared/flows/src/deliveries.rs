//! The delivery log, and sending webhooks again by hand.

use std::time::Duration;

use darkroom_core::delivery::{Delivery, DeliveryStep, Phase};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::job::{Job, JobState};
use darkroom_core::message::Message;
use darkroom_core::port::{Advance, ArtifactStore, Clock, JobStore, Ledger, PortResult, Queue};
use darkroom_dialects::{Again, Refusal, Span};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::ending::announce;
use crate::mail::send;
use crate::refusal::of_port;
use crate::status::owned;

/// The watchdog's look at a webhook that is sent again: should its message be lost, the
/// janitor sends another.
const FIRST_LOOK: Duration = Duration::from_secs(60);

/// Jobs that one request looks at.
const JOBS_AT_ONCE: u8 = 100;

/// And how many of them side by side.
const SIDE_BY_SIDE: usize = 8;

/// The ports that the delivery log needs.
#[derive(Clone, Copy)]
pub struct DeliveriesPorts<'a> {
    /// Where jobs are.
    pub jobs: &'a dyn JobStore,
    /// Holds the attempts.
    pub ledger: &'a dyn Ledger,
    /// Tells whether a result is still there.
    pub artifacts: &'a dyn ArtifactStore,
    /// Where results and watchdogs are sent.
    pub queue: &'a dyn Queue,
    /// Tells the time.
    pub clock: &'a dyn Clock,
}

impl std::fmt::Debug for DeliveriesPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeliveriesPorts")
    }
}

/// The attempts at a job's webhook; no delivery before the first was begun.
///
/// # Errors
///
/// [`Refusal::NotFound`] as for [`status`](crate::status::status); [`Refusal::Busy`] when a
/// service failed.
pub async fn log(
    ports: DeliveriesPorts<'_>,
    account: &AccountId,
    id: JobId,
) -> Result<(Job, Option<Delivery>), Refusal> {
    let job = owned(ports.jobs, account, id).await?;
    let delivery = ports.ledger.find(id).await.map_err(of_port)?;
    Ok((job, delivery))
}

/// Sends a job's webhook once more.
///
/// # Errors
///
/// [`Refusal::NotFound`] as for [`status`](crate::status::status); [`Refusal::NoWebhook`] for a
/// job whose end isn't announced; [`Refusal::StillDelivering`] while attempts are to come;
/// [`Refusal::Gone`] when the result is no longer stored; [`Refusal::Busy`] when a service
/// failed.
pub async fn again(
    ports: DeliveriesPorts<'_>,
    account: &AccountId,
    id: JobId,
) -> Result<(Job, Delivery), Refusal> {
    let job = owned(ports.jobs, account, id).await?;
    if job.announcement().is_none() {
        return Err(Refusal::NoWebhook);
    }
    let delivery = ports.ledger.find(id).await.map_err(of_port)?;
    let step = delivery.and_then(|delivery| delivery.again(ports.clock.now()));
    let step = step.ok_or(Refusal::StillDelivering)?;
    if is_gone(ports.artifacts, &job).await.map_err(of_port)? {
        return Err(Refusal::Gone);
    }
    match reopen(ports, &job, &step).await.map_err(of_port)? {
        Advance::Done => Ok((job, step.delivery)),
        Advance::Raced => Err(Refusal::StillDelivering),
    }
}

/// Sends every webhook once more that failed for good, of the jobs that were accepted in a
/// span of time: of at most a hundred of them, the newest first.
///
/// # Errors
///
/// [`Refusal::Busy`] when a service failed. What was sent again by then is.
pub async fn failed_again(
    ports: DeliveriesPorts<'_>,
    account: &AccountId,
    span: Span,
) -> Result<Again, Refusal> {
    let end = span.before.unwrap_or_else(|| JobId::new(span.to, 0));
    let page = ports.jobs.list(account, Some(end), JOBS_AT_ONCE).await;
    let page = page.map_err(of_port)?;
    let oldest = JobId::new(span.from, 0);
    let next_before = page.next_before.filter(|next| *next > oldest);
    let within = page.jobs.into_iter().filter(|job| job.id >= oldest);
    let looks = stream::iter(within.map(|job| failed_again_one(ports, job))).buffered(SIDE_BY_SIDE);
    let sent: Vec<Option<JobId>> = looks.try_collect().await.map_err(of_port)?;
    Ok(Again { sent: sent.into_iter().flatten().collect(), next_before })
}

/// The job, if its webhook had failed for good and is sent again.
async fn failed_again_one(ports: DeliveriesPorts<'_>, job: Job) -> PortResult<Option<JobId>> {
    if job.announcement().is_none() {
        return Ok(None);
    }
    let Some(delivery) = ports.ledger.find(job.id).await? else {
        return Ok(None);
    };
    let has_failed = match delivery.phase {
        Phase::Abandoned { .. } | Phase::Refused { .. } => true,
        Phase::Due { .. } | Phase::Claimed { .. } | Phase::Delivered { .. } => false,
    };
    let step = delivery.again(ports.clock.now()).filter(|_| has_failed);
    let Some(step) = step else { return Ok(None) };
    if is_gone(ports.artifacts, &job).await? {
        return Ok(None);
    }
    let advance = reopen(ports, &job, &step).await?;
    Ok((advance == Advance::Done).then_some(job.id))
}

/// The watchdog first, as at accept: whatever is lost afterwards, somebody looks.
async fn reopen(ports: DeliveriesPorts<'_>, job: &Job, step: &DeliveryStep) -> PortResult<Advance> {
    send(ports.queue, job, Message::Watch(job.id), FIRST_LOOK).await?;
    let advance = ports.ledger.advance(step).await?;
    if advance == Advance::Done
        && let Err(error) = announce(ports.queue, job).await
    {
        tracing::warn!(job.id = %job.id, %error, "the watchdog will send a webhook again");
    }
    Ok(advance)
}

async fn is_gone(artifacts: &dyn ArtifactStore, job: &Job) -> PortResult<bool> {
    match &job.state {
        JobState::Completed { artifact, .. } => Ok(!artifacts.exists(&artifact.key).await?),
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Rejected { .. }
        | JobState::Failed { .. } => Ok(false),
    }
}
