//! What the cache has for a request: an equal capture that was taken before, or is being taken.
//!
//! An entry names jobs, and is written by the transaction that accepts the newest of them. What an
//! entry is worth is told by how its jobs stand, so nothing ever has to be taken out of the cache:
//! the next capture takes the place of one that came to nothing.

use std::time::Duration;

use darkroom_core::cache::{CacheEntry, CachePlace, Caching, Worth};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::job::{Job, JobState};
use darkroom_core::port::PortResult;
use darkroom_core::time::Timestamp;

use crate::submit::SubmitPorts;

/// How long what is stale isn't made anew after that came to nothing: else each request for a page
/// that is down would be a capture, and charged by ScreenNabster's rules.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// What the cache has for a request.
pub(crate) enum Recalled {
    /// A result.
    Kept {
        /// Whose it is.
        job: Job,
        /// The place that another capture is to take, where this one is stale.
        renewal: Option<CachePlace>,
    },
    /// A capture that is under way, and the place that another may take from it.
    Promised(Job, CachePlace),
    /// Nothing of use: a capture takes this place.
    Missing(CachePlace),
}

/// Looks what the cache has.
pub(crate) async fn recall(
    ports: SubmitPorts<'_>,
    account: &AccountId,
    caching: &Caching,
) -> PortResult<Recalled> {
    let place = |from, before| CachePlace { key: caching.key.clone(), from, before };
    let Some(entry) = ports.jobs.cached(account, &caching.key).await? else {
        return Ok(Recalled::Missing(place(None, None)));
    };
    let newest = ports.jobs.find(entry.job).await?;
    let now = ports.clock.now();
    let worth = match &newest {
        Some(job) => worth(ports, job, caching, now).await?,
        None => Worth::Nothing,
    };
    let from = Some(entry.job);
    let Some(job) = newest else {
        return Ok(Recalled::Missing(place(from, entry.before)));
    };
    // Good for others perhaps, who let it be older.
    let is_completed = matches!(job.state, JobState::Completed { .. });
    let next = place(from, if is_completed { from } else { entry.before });
    match worth {
        Worth::Fresh => return Ok(Recalled::Kept { job, renewal: None }),
        Worth::Stale => return Ok(Recalled::Kept { job, renewal: Some(next) }),
        Worth::Promise | Worth::Nothing => {}
    }
    if let Some((before, is_fresh)) = before(ports, entry, caching, now).await? {
        let rests = is_fresh || worth == Worth::Promise || has_just_failed(&job, now);
        return Ok(Recalled::Kept { job: before, renewal: (!rests).then_some(next) });
    }
    Ok(match worth {
        Worth::Promise => Recalled::Promised(job, next),
        Worth::Fresh | Worth::Stale | Worth::Nothing => Recalled::Missing(next),
    })
}

/// What a job is worth, which is nothing where its result was deleted.
pub(crate) async fn worth(
    ports: SubmitPorts<'_>,
    job: &Job,
    caching: &Caching,
    now: Timestamp,
) -> PortResult<Worth> {
    let worth = caching.worth(job, now);
    if let (Worth::Fresh | Worth::Stale, JobState::Completed { artifact, .. }) = (worth, &job.state)
        && !ports.artifacts.exists(&artifact.key).await?
    {
        return Ok(Worth::Nothing);
    }
    Ok(worth)
}

/// The capture before the newest, while its result will do; whether that is fresh.
async fn before(
    ports: SubmitPorts<'_>,
    entry: CacheEntry,
    caching: &Caching,
    now: Timestamp,
) -> PortResult<Option<(Job, bool)>> {
    let other = entry.before.filter(|id: &JobId| *id != entry.job);
    let Some(id) = other else { return Ok(None) };
    let Some(job) = ports.jobs.find(id).await? else { return Ok(None) };
    Ok(match worth(ports, &job, caching, now).await? {
        Worth::Fresh => Some((job, true)),
        Worth::Stale => Some((job, false)),
        Worth::Promise | Worth::Nothing => None,
    })
}

fn has_just_failed(job: &Job, now: Timestamp) -> bool {
    match job.state {
        JobState::Failed { at, .. } | JobState::Rejected { at } => now < at + AFTER_FAILURE,
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Completed { .. } => false,
    }
}
