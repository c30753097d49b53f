//! Where else a result lies, as answers and webhooks tell it that were asked to: in ScreenshotOne's
//! words, which both dialects take over.

use darkroom_core::job::{Job, JobState};
use serde::Serialize;

/// The place of a result in its customer's own storage.
#[derive(Serialize)]
pub(crate) struct Store {
    /// Its address, without what was signed.
    pub(crate) location: String,
}

impl Store {
    /// Where the result of a completed job lies, if that is to be told.
    pub(crate) fn of(job: &Job) -> Option<Self> {
        let storage = job.order.storage.as_ref().filter(|it| it.tells_location)?;
        match &job.state {
            JobState::Completed { artifact, .. } => {
                Some(Self { location: storage.location(job.id, artifact.format) })
            }
            JobState::Accepted
            | JobState::Queued
            | JobState::Rendering(_)
            | JobState::Rejected { .. }
            | JobState::Failed { .. } => None,
        }
    }
}
