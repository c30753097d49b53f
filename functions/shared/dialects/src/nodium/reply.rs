//! Nodium's answers: the 202 of the seed's «Step 3», the three of its «Polling
//! Response».

use bytes::Bytes;
use darkroom_core::artifact::ResultLinks;
use darkroom_core::job::{Job, JobState};
use http::{HeaderName, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::error::{NEVER_RENDERED, failure_code};
use super::{PREFIX, REFERENCE, TRACE_ID};
use crate::answer;
use crate::files::Files;
use crate::metadata;
use crate::stored::Store;

/// How a job stands, in the seed's three shapes.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(super) enum Status<'a> {
    Processing {
        reference: String,
    },
    Completed {
        reference: String,
        screenshot_url: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_url: Option<&'a str>,
        #[serde(flatten)]
        files: Files<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        metadata: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        store: Option<Store>,
    },
    Failed {
        reference: String,
        error_code: &'static str,
        message: &'a str,
    },
}

/// The 202. The seed shows headers only; behind a streaming Function URL an
/// empty body loses them, so the body is the first answer to a poll.
pub(crate) fn accepted(job: &Job) -> Response<Bytes> {
    let body = Status::Processing { reference: job.id.to_string() };
    with_names(job, answer::json(StatusCode::ACCEPTED, &body))
}

/// The answer to a poll.
pub(crate) fn status(job: &Job, links: Option<&ResultLinks>) -> Response<Bytes> {
    told(job, answer::json(StatusCode::OK, &standing(job, links)))
}

/// The answer to a client that waited for this job, which is completed; `is_shared` where the cache
/// keeps the result.
pub(crate) fn obtained(job: &Job, links: Option<&ResultLinks>, is_shared: bool) -> Response<Bytes> {
    let mut body = standing(job, links);
    if let Status::Completed { screenshot_url, cache_url, .. } = &mut body {
        *cache_url = is_shared.then_some(*screenshot_url);
    }
    told(job, answer::json(StatusCode::OK, &body))
}

fn told(job: &Job, response: Response<Bytes>) -> Response<Bytes> {
    metadata::noted(with_names(job, response), PREFIX, job)
}

/// How a job stands. Of one that was rejected only a client knows that waited for it, and was told
/// that what became of it isn't known.
pub(super) fn standing<'a>(job: &'a Job, links: Option<&'a ResultLinks>) -> Status<'a> {
    let reference = job.id.to_string();
    match &job.state {
        JobState::Accepted | JobState::Queued | JobState::Rendering(_) => {
            Status::Processing { reference }
        }
        JobState::Completed { artifact, .. } => Status::Completed {
            reference,
            screenshot_url: &links.map_or(&artifact.link, |links| &links.main).url,
            cache_url: None,
            files: Files::of(artifact, links),
            metadata: metadata::of(artifact, links),
            store: Store::of(job),
        },
        JobState::Failed { failure, .. } => Status::Failed {
            reference,
            error_code: failure_code(failure.kind),
            message: &failure.message,
        },
        JobState::Rejected { .. } => Status::Failed {
            reference,
            error_code: NEVER_RENDERED,
            message: "The screenshot was never begun, and is not charged; take it again",
        },
    }
}

fn with_names(job: &Job, response: Response<Bytes>) -> Response<Bytes> {
    let names = [(REFERENCE, job.id.to_string()), (TRACE_ID, job.order.trace.to_string())];
    names.into_iter().fold(response, |response, (name, value)| {
        answer::with_header(response, HeaderName::from_static(name), &value)
    })
}
