//! Telling how a job stands, with a link that works.

use std::time::Duration;

use darkroom_core::account::Account;
use darkroom_core::artifact::Link;
use darkroom_core::id::JobId;
use darkroom_core::job::{Job, JobState};
use darkroom_core::port::{ArtifactStore, Clock, JobStore, Links, PortResult};
use darkroom_core::time::Timestamp;
use darkroom_dialects::Refusal;

use crate::refusal::of_port;

/// A stored link that ends within this span is replaced by a fresh one, so that
/// whoever polls has time to follow it.
const LINK_MARGIN: Duration = Duration::from_secs(60);

/// The ports that looking at jobs needs.
#[derive(Clone, Copy)]
pub struct StatusPorts<'a> {
    /// Where jobs are.
    pub jobs: &'a dyn JobStore,
    /// Where results are.
    pub artifacts: &'a dyn ArtifactStore,
    /// Makes fresh links.
    pub links: &'a dyn Links,
    /// Tells the time.
    pub clock: &'a dyn Clock,
}

impl std::fmt::Debug for StatusPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StatusPorts")
    }
}

/// A job of this account, and the link to its result if it has one.
///
/// # Errors
///
/// [`Refusal::NotFound`] for an id that is no job's, another account's, or a
/// rejected job's, whose client never got it; [`Refusal::Gone`] when the
/// result is no longer stored; [`Refusal::Busy`] when a service failed.
pub async fn status(
    ports: StatusPorts<'_>,
    account: &Account,
    id: JobId,
) -> Result<(Job, Option<Link>), Refusal> {
    let job = owned(ports, account, id).await?;
    let link = live_link(ports, &job).await.map_err(of_port)?;
    match link {
        LiveLink::None => Ok((job, None)),
        LiveLink::Some(link) => Ok((job, Some(link))),
        LiveLink::Gone => Err(Refusal::Gone),
    }
}

/// As [`status`], but a job whose result is no longer stored is shown with the
/// link that it had, which tells by its expiry that it has ended.
///
/// # Errors
///
/// As [`status`], [`Refusal::Gone`] aside.
pub async fn show(
    ports: StatusPorts<'_>,
    account: &Account,
    id: JobId,
) -> Result<(Job, Option<Link>), Refusal> {
    let job = owned(ports, account, id).await?;
    match live_link(ports, &job).await.map_err(of_port)? {
        LiveLink::Some(link) => Ok((job, Some(link))),
        LiveLink::None | LiveLink::Gone => Ok((job, None)),
    }
}

/// A job of this account.
pub(crate) async fn owned(
    ports: StatusPorts<'_>,
    account: &Account,
    id: JobId,
) -> Result<Job, Refusal> {
    let job = ports.jobs.find(id).await.map_err(of_port)?;
    let visible = |job: &Job| {
        job.order.account == account.id && !matches!(job.state, JobState::Rejected { .. })
    };
    job.filter(visible).ok_or(Refusal::NotFound)
}

/// Where an own link leads: to the bytes, for some minutes.
///
/// # Errors
///
/// [`Refusal::NotFound`] for a link that isn't ours; [`Refusal::Gone`] for one
/// that has expired or whose result is no longer stored; [`Refusal::Busy`] when
/// a service failed.
pub async fn follow_link(
    ports: StatusPorts<'_>,
    id: JobId,
    expires_at: Timestamp,
    signature: &str,
) -> Result<Link, Refusal> {
    if !ports.links.verify(id, expires_at, signature).await.map_err(of_port)? {
        return Err(Refusal::NotFound);
    }
    let now = ports.clock.now();
    if now >= expires_at {
        return Err(Refusal::Gone);
    }
    let Some(job) = ports.jobs.find(id).await.map_err(of_port)? else {
        return Err(Refusal::Gone);
    };
    let JobState::Completed { artifact, .. } = &job.state else {
        return Err(Refusal::NotFound);
    };
    if !ports.artifacts.exists(&artifact.key).await.map_err(of_port)? {
        return Err(Refusal::Gone);
    }
    ports.links.short_link(id, artifact, now).await.map_err(of_port)
}

enum LiveLink {
    None,
    Some(Link),
    Gone,
}

async fn live_link(ports: StatusPorts<'_>, job: &Job) -> PortResult<LiveLink> {
    let JobState::Completed { artifact, .. } = &job.state else {
        return Ok(LiveLink::None);
    };
    let now = ports.clock.now();
    if artifact.link.expires_at > now + LINK_MARGIN {
        return Ok(LiveLink::Some(artifact.link.clone()));
    }
    if !ports.artifacts.exists(&artifact.key).await? {
        return Ok(LiveLink::Gone);
    }
    ports.links.link(job, &artifact.key, artifact.format, now).await.map(LiveLink::Some)
}
