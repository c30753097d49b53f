//! Nodium's webhook: the raw result, and everything about it in headers (seed,
//! «Webhook Payload»).

use darkroom_core::artifact::ResultLinks;
use darkroom_core::job::{Callback, Job, JobState, Signed};
use darkroom_core::signature::Signatures;

use super::error::failure_code;
use super::reply::standing;
use super::{ERROR_CODE, PREFIX, REFERENCE, TRACE_ID};
use crate::answer;
use crate::metadata;
use crate::stored::Store;
use crate::webhook::{Webhook, WebhookBody};

const CONTENT_TYPE: &str = "content-type";
const RENDERING_SECONDS: &str = "x-nodium-rendering-seconds";
const SIZE_BYTES: &str = "x-nodium-size-bytes";
const EXTERNAL_IDENTIFIER: &str = "x-nodium-external-identifier";
const ERROR_MESSAGE: &str = "x-nodium-error-message";
const STORE_LOCATION: &str = "x-nodium-store-location";
const SIGNATURE: &str = "x-nodium-signature";

/// The webhook of an ended job. A failure has no result to carry; its body is
/// the answer to a poll, so that it is signed like any other.
pub(crate) fn webhook(job: &Job) -> Option<Webhook> {
    let body = match &job.state {
        JobState::Completed { .. } => WebhookBody::Artifact,
        JobState::Failed { .. } => WebhookBody::Json(answer::json_bytes(&standing(job, None))),
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Rejected { .. } => return None,
    };
    Some(Webhook { headers: facts(job, None), body })
}

/// What is told of an ended job in headers: the seed's table for one that is completed, its error
/// headers for one that failed. `links` lead to the files about its page.
pub(crate) fn facts(job: &Job, links: Option<&ResultLinks>) -> Vec<(String, String)> {
    match &job.state {
        JobState::Completed { rendering, artifact, .. } => {
            let mut facts = vec![
                (RENDERING_SECONDS, format!("{:.2}", rendering.as_secs_f64())),
                (SIZE_BYTES, artifact.size.to_string()),
            ];
            facts.extend(Store::of(job).map(|store| (STORE_LOCATION, store.location)));
            let mut headers = headers(job, artifact.format.media_type(), facts);
            headers.extend(metadata::headers(PREFIX, artifact, links));
            headers
        }
        JobState::Failed { failure, .. } => {
            let facts = vec![
                (ERROR_CODE, failure_code(failure.kind).to_owned()),
                (ERROR_MESSAGE, header_text(&failure.message)),
            ];
            headers(job, answer::JSON, facts)
        }
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Rejected { .. } => headers(job, answer::JSON, Vec::new()),
    }
}

/// The seed's signature header, unless the client asked for none.
pub(crate) fn signature_header(job: &Job, signatures: &Signatures) -> Option<(String, String)> {
    let wanted = job.order.callback.as_ref().map(|Callback { sign, .. }| sign);
    match wanted {
        Some(Signed::Yes) => Some((SIGNATURE.to_owned(), signatures.seed_hex.clone())),
        Some(Signed::No) | None => None,
    }
}

fn headers(job: &Job, media_type: &str, facts: Vec<(&str, String)>) -> Vec<(String, String)> {
    let mut headers = vec![
        (CONTENT_TYPE, media_type.to_owned()),
        (REFERENCE, job.id.to_string()),
        (TRACE_ID, job.order.trace.to_string()),
    ];
    headers.extend(facts);
    if let Some(identifier) = &job.order.external_identifier {
        headers.push((EXTERNAL_IDENTIFIER, identifier.as_str().to_owned()));
    }
    let owned = headers.into_iter().map(|(name, value)| (name.to_owned(), value));
    owned.collect()
}

/// Text that a header may carry: printable ASCII. Messages are ours, so little
/// is ever replaced.
fn header_text(message: &str) -> String {
    let printable = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
    message.chars().map(printable).collect()
}
