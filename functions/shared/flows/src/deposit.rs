//! Putting a result that is stored where else its customer wants it.

use std::time::Duration;

use darkroom_core::artifact::Artifact;
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::ClaimToken;
use darkroom_core::job::Job;
use darkroom_core::port::{OpenArtifact, Parcel};
use darkroom_core::storage::{Place, STORING, Storage};

use crate::capture::CapturePorts;

/// The rests before another try at storage that can't be reached or fails.
const RESTS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// Puts the result where its order says besides. It may come there more than once: what a worker
/// past its lease puts there is another picture of the same page.
pub(crate) async fn deposit(
    ports: CapturePorts<'_>,
    job: &Job,
    token: ClaimToken,
    artifact: &Artifact,
) -> Result<(), Failure> {
    let Some(storage) = &job.order.storage else {
        return Ok(());
    };
    let mut left = STORING;
    let mut rests = RESTS.into_iter();
    loop {
        // What our own bucket takes isn't taken off.
        let parcel = wrap(ports, job, token, artifact, left).await?;
        let began = ports.clock.now();
        let Err(failure) = send(ports, job, storage, parcel).await else {
            return Ok(());
        };
        left = left.saturating_sub(ports.clock.now().since(began));
        let may_pass = failure.kind == FailureKind::StorageUnavailable;
        match rests.next() {
            Some(rest) if may_pass && rest < left => {
                ports.clock.rest(rest).await;
                left -= rest;
            }
            Some(_) | None => return Err(failure),
        }
    }
}

async fn wrap(
    ports: CapturePorts<'_>,
    job: &Job,
    token: ClaimToken,
    artifact: &Artifact,
    within: Duration,
) -> Result<Parcel, Failure> {
    let cause = match ports.artifacts.open(&artifact.key).await {
        Ok(Some(OpenArtifact { size, content })) => {
            let format = artifact.format;
            return Ok(Parcel { job: job.id, token, format, size, content, within });
        }
        Ok(None) => "it is gone".to_owned(),
        Err(error) => error.to_string(),
    };
    tracing::error!(job.id = %job.id, cause, "a result that was just stored could not be read");
    Err(Failure::plain(FailureKind::Storage))
}

async fn send(
    ports: CapturePorts<'_>,
    job: &Job,
    storage: &Storage,
    parcel: Parcel,
) -> Result<(), Failure> {
    match &storage.place {
        Place::Url(upload) => ports.uploader.upload(upload, parcel).await,
        Place::Bucket(bucket) => ports.buckets.store(&job.order.account, bucket, parcel).await,
    }
}
