//! ScreenNabster's events: the seed's `completed.json` and `failed.json`, field
//! by field and in its order.

use bytes::Bytes;
use darkroom_core::artifact::Link;
use darkroom_core::job::{Job, JobState};
use darkroom_core::signature::Signatures;
use serde::Serialize;
use serde_json::Value;

use super::error::failure_code;
use super::reply::PREFIX;
use crate::answer;
use crate::metadata;
use crate::stored::Store;
use crate::webhook::{Webhook, WebhookBody};

pub(super) const EXTERNAL_IDENTIFIER: &str = "x-screennabster-external-identifier";
const SIGNATURE: &str = "x-screennabster-signature";

/// `created_at` is when the event came to be: the job's end, the same at every
/// attempt, so that a repeat has the same bytes.
#[derive(Serialize)]
struct Completed<'a> {
    event: &'static str,
    job_id: String,
    created_at: String,
    result_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<Store>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_identifier: Option<&'a str>,
}

#[derive(Serialize)]
struct Failed<'a> {
    event: &'static str,
    job_id: String,
    created_at: String,
    error: &'a str,
    error_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_identifier: Option<&'a str>,
}

/// The webhook of an ended job.
pub(crate) fn webhook(job: &Job, link: Option<&Link>) -> Option<Webhook> {
    let identifier = job.order.external_identifier.as_ref();
    let external_identifier = identifier.map(|it| it.as_str());
    let body = match &job.state {
        JobState::Completed { at, artifact, .. } => answer::json_bytes(&Completed {
            event: "capture.completed",
            job_id: job.id.to_uuid(),
            created_at: at.to_string(),
            result_url: &link.unwrap_or(&artifact.link).url,
            metadata: metadata::of(artifact, None),
            store: Store::of(job),
            external_identifier,
        }),
        JobState::Failed { at, failure } => answer::json_bytes(&Failed {
            event: "capture.failed",
            job_id: job.id.to_uuid(),
            created_at: at.to_string(),
            error: &failure.message,
            error_code: failure_code(failure.kind),
            external_identifier,
        }),
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Rejected { .. } => return None,
    };
    let mut webhook = event(body, external_identifier);
    webhook.headers.extend(metadata::verdict_header(PREFIX, job));
    Some(webhook)
}

/// The seed's signature header; this API always signs.
pub(crate) fn signature_header(signatures: &Signatures) -> (String, String) {
    let value = format!("sha256={}", signatures.seed_hex);
    (SIGNATURE.to_owned(), value)
}

fn event(body: Bytes, external_identifier: Option<&str>) -> Webhook {
    let mut headers = vec![("content-type".to_owned(), answer::JSON.to_owned())];
    if let Some(identifier) = external_identifier {
        headers.push((EXTERNAL_IDENTIFIER.to_owned(), identifier.to_owned()));
    }
    Webhook { headers, body: WebhookBody::Json(body) }
}
