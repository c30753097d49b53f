//! Telling how a job stands, with a link that works.

use std::time::Duration;

use darkroom_core::account::Account;
use darkroom_core::artifact::{Artifact, Link, ResultLinks};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::job::{Job, JobState, Mode};
use darkroom_core::port::{ArtifactStore, Clock, JobStore, LinkTarget, Links, OwnLink, PortResult};
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

/// A job of this account, and the links to its result if it has one.
///
/// # Errors
///
/// [`Refusal::NotFound`] for an id that is no job's, another account's, or that of a
/// job which never was queued, whose client never got it; [`Refusal::Gone`] when the
/// result is no longer stored; [`Refusal::Busy`] when a service failed.
pub async fn status(
    ports: StatusPorts<'_>,
    account: &Account,
    id: JobId,
) -> Result<(Job, Option<ResultLinks>), Refusal> {
    let job = owned(ports.jobs, &account.id, id).await?;
    let links = links_of(ports, &job).await?;
    Ok((job, links))
}

/// The links to a job's result, if it has one.
///
/// # Errors
///
/// [`Refusal::Gone`] and [`Refusal::Busy`] as [`status`].
pub(crate) async fn links_of(
    ports: StatusPorts<'_>,
    job: &Job,
) -> Result<Option<ResultLinks>, Refusal> {
    match live_links(ports, job).await.map_err(of_port)? {
        LiveLinks::None => Ok(None),
        LiveLinks::Some(links) => Ok(Some(links)),
        LiveLinks::Gone => Err(Refusal::Gone),
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
) -> Result<(Job, Option<ResultLinks>), Refusal> {
    let job = owned(ports.jobs, &account.id, id).await?;
    match live_links(ports, &job).await.map_err(of_port)? {
        LiveLinks::Some(links) => Ok((job, Some(links))),
        LiveLinks::None | LiveLinks::Gone => Ok((job, None)),
    }
}

/// A job of this account whose client was told of it: where it waited, it may have been told that
/// what became of the job isn't known, and be rejected all the same.
pub(crate) async fn owned(
    jobs: &dyn JobStore,
    account: &AccountId,
    id: JobId,
) -> Result<Job, Refusal> {
    let job = jobs.find(id).await.map_err(of_port)?;
    let was_told = |job: &Job| match job.order.mode {
        Mode::Asynchronous => !matches!(job.state, JobState::Rejected { .. }),
        Mode::Synchronous => true,
    };
    let visible = |job: &Job| job.order.account == *account && was_told(job);
    job.filter(visible).ok_or(Refusal::NotFound)
}

/// Where an own link leads: to the bytes, for some minutes.
///
/// # Errors
///
/// [`Refusal::NotFound`] for a link that isn't ours; [`Refusal::Gone`] for one
/// that has expired or whose result is no longer stored; [`Refusal::Busy`] when
/// a service failed.
pub async fn follow_link(ports: StatusPorts<'_>, link: &OwnLink) -> Result<Link, Refusal> {
    if !ports.links.verify(link).await.map_err(of_port)? {
        return Err(Refusal::NotFound);
    }
    let now = ports.clock.now();
    if now >= link.expires_at {
        return Err(Refusal::Gone);
    }
    let Some(job) = ports.jobs.find(link.job).await.map_err(of_port)? else {
        return Err(Refusal::Gone);
    };
    let JobState::Completed { artifact, .. } = &job.state else {
        return Err(Refusal::NotFound);
    };
    let target = target(artifact, link.file.as_deref()).ok_or(Refusal::NotFound)?;
    // The result and its files were stored together, and go together.
    if !ports.artifacts.exists(&artifact.key).await.map_err(of_port)? {
        return Err(Refusal::Gone);
    }
    ports.links.short_link(job.id, target, now).await.map_err(of_port)
}

/// The result, or the file of it that goes by this name.
fn target<'a>(artifact: &'a Artifact, name: Option<&str>) -> Option<LinkTarget<'a>> {
    let file = match name {
        None => None,
        Some(name) => Some(artifact.file_named(name)?.kind),
    };
    let format = file.map_or(artifact.format, |kind| kind.format(artifact.format));
    Some(LinkTarget { key: &artifact.key, file, format })
}

enum LiveLinks {
    None,
    Some(ResultLinks),
    Gone,
}

async fn live_links(ports: StatusPorts<'_>, job: &Job) -> PortResult<LiveLinks> {
    let JobState::Completed { artifact, .. } = &job.state else {
        return Ok(LiveLinks::None);
    };
    let now = ports.clock.now();
    let whole = LinkTarget { key: &artifact.key, file: None, format: artifact.format };
    let main = if artifact.link.expires_at > now + LINK_MARGIN {
        artifact.link.clone()
    } else if ports.artifacts.exists(&artifact.key).await? {
        ports.links.link(job, whole, now).await?
    } else {
        return Ok(LiveLinks::Gone);
    };
    let mut files = Vec::with_capacity(artifact.files.len());
    for file in &artifact.files {
        let format = file.kind.format(artifact.format);
        let target = LinkTarget { file: Some(file.kind), format, ..whole };
        files.push(ports.links.link(job, target, now).await?);
    }
    Ok(LiveLinks::Some(ResultLinks { main, files }))
}
