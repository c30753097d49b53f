//! What the cache has for a request: an equal capture that was taken before, or is being taken.
//!
//! An entry names jobs, and is written by the transaction that accepts the newest of them. What an
//! entry is worth is told by how its jobs stand, so nothing ever has to be taken out of the cache:
//! the next capture takes the place of one that came to nothing.

use std::time::Duration;

use darkroom_core::cache::{CacheClaim, CacheEntry, Caching, Worth};
use darkroom_core::id::{JobId, TraceId};
use darkroom_core::job::{Job, Order};
use darkroom_core::port::{Clock, JobStore, PortResult};
use darkroom_core::time::Timestamp;
use darkroom_dialects::Submission;

use crate::submit::Asking;

/// What the cache has for a request.
pub(crate) enum Recalled {
    /// A result.
    Kept(Kept),
    /// A capture that is under way.
    Promised(Job),
    /// Nothing: a capture takes this place.
    Missing {
        /// Which one.
        claim: CacheClaim,
        /// The capture that had it, and came to nothing.
        last: Option<Job>,
    },
}

/// A result that the cache has.
pub(crate) struct Kept {
    /// Whose it is.
    pub(crate) job: Job,
    /// How old it is.
    pub(crate) age: Duration,
    /// The place that another capture is to take, since this one is stale.
    pub(crate) renewal: Option<CacheClaim>,
}

/// Looks what the cache has.
pub(crate) async fn recall(
    jobs: &dyn JobStore,
    clock: &dyn Clock,
    asking: Asking<'_>,
    caching: &Caching,
) -> PortResult<Recalled> {
    let Some(entry) = jobs.cached(&asking.account.id, &caching.key).await? else {
        return Ok(Recalled::Missing { claim: claim(caching, None, None), last: None });
    };
    let found = jobs.find(entry.job).await?;
    let now = clock.now();
    let (job, is_promised) = match found.map(|job| (caching.worth(&job, now), job)) {
        Some((Worth::Fresh { age }, job)) => {
            return Ok(Recalled::Kept(Kept { job, age, renewal: None }));
        }
        Some((Worth::Stale { age }, job)) => {
            let renewal = Some(claim(caching, Some(entry.job), Some(entry.job)));
            return Ok(Recalled::Kept(Kept { job, age, renewal }));
        }
        Some((worth, job)) => (Some(job), worth == Worth::Promise),
        None => (None, false),
    };
    if let Some((before, age)) = before(jobs, entry, caching, now).await? {
        let renewal = (!is_promised).then(|| claim(caching, Some(entry.job), Some(before.id)));
        return Ok(Recalled::Kept(Kept { job: before, age, renewal }));
    }
    Ok(match job {
        Some(job) if is_promised => Recalled::Promised(job),
        last => Recalled::Missing { claim: claim(caching, Some(entry.job), None), last },
    })
}

/// The capture before the last one, while its result will do.
async fn before(
    jobs: &dyn JobStore,
    entry: CacheEntry,
    caching: &Caching,
    now: Timestamp,
) -> PortResult<Option<(Job, Duration)>> {
    let Some(id) = entry.before else { return Ok(None) };
    let Some(job) = jobs.find(id).await? else { return Ok(None) };
    Ok(match caching.worth(&job, now) {
        Worth::Fresh { age } | Worth::Stale { age } => Some((job, age)),
        Worth::Promise | Worth::Nothing => None,
    })
}

fn claim(caching: &Caching, from: Option<JobId>, before: Option<JobId>) -> CacheClaim {
    CacheClaim { key: caching.key.clone(), from, before }
}

/// Another client's job, as it is told to one that asked for the same.
pub(crate) fn told_to(job: Job, submission: &Submission, trace: TraceId) -> Job {
    let order = Order {
        dialect: submission.dialect,
        trace,
        callback: submission.callback.clone(),
        external_identifier: submission.external_identifier.clone(),
        ..job.order
    };
    Job { order, ..job }
}
