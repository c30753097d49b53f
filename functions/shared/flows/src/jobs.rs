//! Listing and deleting an account's jobs.

use darkroom_core::account::Account;
use darkroom_core::id::JobId;
use darkroom_core::job::{Job, JobState};
use darkroom_core::port::{JobPage, PortResult};
use darkroom_dialects::Refusal;
use futures::{TryStreamExt as _, stream};

use crate::ending::forget_input;
use crate::refusal::of_port;
use crate::status::{StatusPorts, owned};

/// How many files of a result are deleted at once.
const DELETED_AT_ONCE: usize = 8;

/// A page of an account's jobs, the newest first. Rejected ones are left out: their
/// clients never got an id; so a page may be shorter than asked for.
///
/// # Errors
///
/// [`Refusal::Busy`] when the store failed.
pub async fn list(
    ports: StatusPorts<'_>,
    account: &Account,
    before: Option<JobId>,
    limit: u8,
) -> Result<JobPage, Refusal> {
    let mut page = ports.jobs.list(&account.id, before, limit).await.map_err(of_port)?;
    page.jobs.retain(|job| !matches!(job.state, JobState::Rejected { .. }));
    Ok(page)
}

/// Deletes an ended job with its result, all files of it, and its stored specification. The job
/// itself goes last: whatever happens in between, it can be deleted again.
///
/// # Errors
///
/// [`Refusal::NotFound`] as for [`status`](crate::status::status);
/// [`Refusal::StillRunning`] before it has ended; [`Refusal::Busy`] when a
/// service failed.
pub async fn delete(ports: StatusPorts<'_>, account: &Account, id: JobId) -> Result<Job, Refusal> {
    let job = owned(ports.jobs, &account.id, id).await?;
    if !job.has_ended() {
        return Err(Refusal::StillRunning);
    }
    remove(ports, &job).await.map_err(of_port)?;
    Ok(job)
}

async fn remove(ports: StatusPorts<'_>, job: &Job) -> PortResult<()> {
    if let JobState::Completed { artifact, .. } = &job.state
        // A result that came from the cache is another job's.
        && artifact.key.is_of(job.id)
    {
        let keys = artifact.files.iter().map(|file| artifact.file_key(file));
        let deletions = keys.chain([artifact.key.clone()]).map(Ok);
        let delete = async |key| ports.artifacts.delete(&key).await;
        stream::iter(deletions).try_for_each_concurrent(DELETED_AT_ONCE, delete).await?;
    }
    forget_input(ports.artifacts, job).await;
    ports.jobs.remove(job).await
}
