//! The bodies of the three queues. They hold ids only: what a job is, is read
//! from the store, so that a late message acts on late facts.

use crate::id::{AccountId, JobId};

/// A message to one of Darkroom's queues.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Message {
    /// To the captures queue: render this job.
    Capture(JobId),
    /// To the results queue: announce that this job has ended.
    Result(JobId),
    /// To the watchdog queue: look after this job.
    Watch(JobId),
}

impl Message {
    /// The job that it is about.
    #[must_use]
    pub const fn job(&self) -> JobId {
        match self {
            Self::Capture(job) | Self::Result(job) | Self::Watch(job) => *job,
        }
    }
}

/// A message with the account that it counts for, so that SQS's fair queues
/// keep one account's burst from holding up the others (`MessageGroupId`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Envelope {
    /// What is asked.
    pub message: Message,
    /// Whose job it is.
    pub account: AccountId,
}
