//! What happens whenever a job ends, whoever ends it: the transition is stored,
//! what was kept for rendering goes, and its end is announced.

use std::time::Duration;

use darkroom_core::job::{Job, SpecPlace, Step};
use darkroom_core::message::Message;
use darkroom_core::port::{Advance, ArtifactStore, JobStore, PortResult, Queue};

use crate::mail::send;

/// The ports that ending a job needs.
#[derive(Clone, Copy)]
pub struct EndingPorts<'a> {
    /// Where the job is.
    pub jobs: &'a dyn JobStore,
    /// Where its specification may lie.
    pub artifacts: &'a dyn ArtifactStore,
    /// Where its end is announced.
    pub queue: &'a dyn Queue,
}

impl std::fmt::Debug for EndingPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EndingPorts")
    }
}

/// Stores the transition that ends a job, then announces it. When the
/// announcement isn't sent the job has ended all the same: whoever meets it next
/// announces it.
///
/// # Errors
///
/// Those of the store and of the queue.
pub async fn end(ports: EndingPorts<'_>, step: &Step) -> PortResult<Advance> {
    let advance = ports.jobs.advance(step).await?;
    if advance == Advance::Done {
        forget_input(ports.artifacts, &step.job).await;
        announce(ports.queue, &step.job).await?;
    }
    Ok(advance)
}

/// Tells the notifier of an ended job, if anyone wants to know. Telling it twice
/// is harmless: the attempt ledger posts once.
///
/// # Errors
///
/// Those of the queue.
pub async fn announce(queue: &dyn Queue, job: &Job) -> PortResult<()> {
    if job.announcement().is_none() {
        return Ok(());
    }
    send(queue, job, Message::Result(job.id), Duration::ZERO).await
}

/// Deletes a specification that nobody will read again. What fails here is
/// swept by the bucket's lifecycle rule.
pub(crate) async fn forget_input(artifacts: &dyn ArtifactStore, job: &Job) {
    let SpecPlace::Stored(key) = &job.order.spec else {
        return;
    };
    if let Err(error) = artifacts.delete_input(key).await {
        tracing::warn!(job.id = %job.id, %error, "a stored specification was not deleted");
    }
}
