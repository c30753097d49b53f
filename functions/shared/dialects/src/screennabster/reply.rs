//! ScreenNabster's answers: the seed's `{ job_id, status, message }`, and a poll,
//! which its seed leaves to a dashboard, in the words of its webhook.

use bytes::Bytes;
use darkroom_core::artifact::ResultLinks;
use darkroom_core::job::{Announce, Job, JobState};
use http::{Response, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::error::{QUEUE_ERROR, failure_code};
use super::webhook::EXTERNAL_IDENTIFIER;
use crate::answer;
use crate::files::Files;
use crate::metadata;
use crate::stored::Store;

/// Names the job of an answer that isn't JSON about it.
pub(super) const JOB_ID: &str = "x-screennabster-job-id";

/// What the names of its headers begin with.
pub(super) const PREFIX: &str = "x-screennabster-";

const STORE_LOCATION: &str = "x-screennabster-store-location";

#[derive(Serialize)]
struct Accepted {
    job_id: String,
    status: &'static str,
    message: String,
}

/// How a job stands. `created_at` is when it was accepted.
#[derive(Serialize)]
pub(super) struct Standing<'a> {
    job_id: String,
    status: &'static str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(flatten)]
    files: Files<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<Store>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_identifier: Option<&'a str>,
}

/// The answer to an accepted capture.
pub(crate) fn accepted(job: &Job) -> Response<Bytes> {
    let job_id = job.id.to_uuid();
    let message = match job.order.callback.as_ref().map(|callback| callback.errors) {
        Some(Announce::Everything) => {
            "The capture is queued; its result or failure will be posted to your callback_url"
                .to_owned()
        }
        Some(Announce::Completed) => {
            "The capture is queued; its result will be posted to your callback_url".to_owned()
        }
        None => format!("The capture is queued; poll /api/v1/capture/{job_id} for its result"),
    };
    let body = Accepted { job_id, status: "queued", message };
    answer::traced(answer::json(StatusCode::ACCEPTED, &body), job.order.trace)
}

/// What is told of an ended job in headers; its docs know of none but the webhook's.
pub(crate) fn facts(job: &Job, links: Option<&ResultLinks>) -> Vec<(String, String)> {
    let (media_type, page) = match &job.state {
        JobState::Completed { artifact, .. } => {
            (artifact.format.media_type(), metadata::headers(PREFIX, artifact, links))
        }
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Failed { .. }
        | JobState::Rejected { .. } => (answer::JSON, Vec::new()),
    };
    let mut headers = vec![
        ("content-type", media_type.to_owned()),
        (JOB_ID, job.id.to_uuid()),
        (answer::TRACE_ID, job.order.trace.to_string()),
    ];
    headers.extend(Store::of(job).map(|store| (STORE_LOCATION, store.location)));
    if let Some(identifier) = &job.order.external_identifier {
        headers.push((EXTERNAL_IDENTIFIER, identifier.as_str().to_owned()));
    }
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value));
    headers.chain(page).collect()
}

/// The answer to a poll.
pub(crate) fn status(job: &Job, links: Option<&ResultLinks>) -> Response<Bytes> {
    let body = standing(job, links);
    noted(answer::json(StatusCode::OK, &body), job)
}

/// The answer to a client that waited for this job, which is completed; `is_shared` where the cache
/// keeps the result.
pub(crate) fn obtained(job: &Job, links: Option<&ResultLinks>, is_shared: bool) -> Response<Bytes> {
    let body = standing(job, links);
    let body = Standing { cache_url: body.result_url.filter(|_| is_shared), ..body };
    noted(answer::json(StatusCode::OK, &body), job)
}

fn noted(response: Response<Bytes>, job: &Job) -> Response<Bytes> {
    answer::traced(metadata::noted(response, PREFIX, job), job.order.trace)
}

pub(super) fn standing<'a>(job: &'a Job, links: Option<&'a ResultLinks>) -> Standing<'a> {
    let identifier = job.order.external_identifier.as_ref();
    let base = Standing {
        job_id: job.id.to_uuid(),
        status: "queued",
        created_at: job.order.accepted_at.to_string(),
        result_url: None,
        cache_url: None,
        expires_at: None,
        files: Files::default(),
        metadata: metadata::of_job(job, links),
        store: Store::of(job),
        error: None,
        error_code: None,
        external_identifier: identifier.map(|it| it.as_str()),
    };
    match &job.state {
        JobState::Accepted | JobState::Queued => base,
        JobState::Rendering(_) => Standing { status: "processing", ..base },
        JobState::Completed { artifact, .. } => {
            let link = links.map_or(&artifact.link, |links| &links.main);
            Standing {
                status: "completed",
                result_url: Some(&link.url),
                expires_at: Some(link.expires_at.to_string()),
                files: Files::of(artifact, links),
                ..base
            }
        }
        JobState::Failed { failure, .. } => Standing {
            status: "failed",
            error: Some(&failure.message),
            error_code: Some(failure_code(failure.kind)),
            ..base
        },
        JobState::Rejected { .. } => Standing {
            status: "failed",
            error: Some("The capture was never begun, and is not charged; send it again"),
            error_code: Some(QUEUE_ERROR),
            ..base
        },
    }
}
