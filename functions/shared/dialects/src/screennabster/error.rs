//! ScreenNabster's errors: `{error, code, status}` (its public docs). The seed
//! names `RENDER_ERROR` and `STORAGE_ERROR`; the other codes are in their manner.

use bytes::Bytes;
use darkroom_core::failure::FailureKind;
use darkroom_core::id::TraceId;
use darkroom_core::job::{Job, JobState};
use http::{HeaderName, Response, StatusCode};
use serde::Serialize;

use super::reply::{JOB_ID, facts};
use crate::answer;
use crate::call::Refusal;
use crate::{refusal, result};

/// The shape of an error.
#[derive(Serialize)]
pub(super) struct Body {
    error: String,
    code: &'static str,
    status: u16,
}

/// A refusal as ScreenNabster words it.
pub(crate) fn refuse(refusal: &Refusal, trace: TraceId) -> Response<Bytes> {
    let status = refusal::status(refusal, StatusCode::UNAUTHORIZED);
    let mut response = answer::traced(answer::json(status, &worded(refusal)), trace);
    if let Refusal::Unsettled { job, .. } = refusal {
        let name = HeaderName::from_static(JOB_ID);
        response = answer::with_header(response, name, &job.to_uuid());
    }
    refusal::with_headers(response, refusal)
}

/// A refusal, or that of one capture of several.
pub(super) fn worded(refusal: &Refusal) -> Body {
    let status = refusal::status(refusal, StatusCode::UNAUTHORIZED);
    Body { error: message(refusal), code: refusal_code(refusal), status: status.as_u16() }
}

/// The answer to a client that waited for a capture which failed.
pub(crate) fn failed(job: &Job) -> Response<Bytes> {
    let JobState::Failed { failure, .. } = &job.state else {
        return refuse(&Refusal::Internal, job.order.trace);
    };
    let status = result::failure_status(failure.kind);
    let code = failure_code(failure.kind);
    let body = Body { error: failure.message.clone(), code, status: status.as_u16() };
    result::failure(facts(job, None), failure.kind, answer::json(status, &body))
}

/// ScreenNabster's code for a failed capture.
pub(crate) const fn failure_code(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Storage
        | FailureKind::StorageDenied
        | FailureKind::StorageInvalid
        | FailureKind::StorageUnavailable => "STORAGE_ERROR",
        FailureKind::Timeout
        | FailureKind::NameNotResolved
        | FailureKind::Network
        | FailureKind::ForbiddenAddress
        | FailureKind::HostError
        | FailureKind::NotAPage
        | FailureKind::InvalidOption
        | FailureKind::TooLarge
        | FailureKind::SelectorNotFound
        | FailureKind::ContentContains
        | FailureKind::ContentMissing
        | FailureKind::RequestFailed
        | FailureKind::PageCrashed
        | FailureKind::Expired
        | FailureKind::Browser
        | FailureKind::WorkersLost
        | FailureKind::Internal => "RENDER_ERROR",
    }
}

/// The code of a job that never came into the queue.
pub(super) const QUEUE_ERROR: &str = "QUEUE_ERROR";

const fn refusal_code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::KeyMissing => "API_KEY_MISSING",
        Refusal::KeyInvalid => "API_KEY_INVALID",
        Refusal::SignatureInvalid => "SIGNATURE_INVALID",
        Refusal::SignatureMissing => "SIGNATURE_REQUIRED",
        Refusal::LinkExpired => "LINK_EXPIRED",
        Refusal::Invalid(_) => "VALIDATION_ERROR",
        Refusal::BodyTooLarge => "BODY_TOO_LARGE",
        Refusal::QuotaUsedUp { .. } => "QUOTA_EXCEEDED",
        Refusal::TooManyStarts { .. } => "RATE_LIMIT_EXCEEDED",
        Refusal::TooManyAtOnce { .. } => "CONCURRENCY_LIMIT_EXCEEDED",
        Refusal::IdempotencyKeyUsed => "IDEMPOTENCY_KEY_USED",
        Refusal::IdempotencyKeyBusy { .. } => "IDEMPOTENCY_KEY_BUSY",
        Refusal::NotFound => "JOB_NOT_FOUND",
        Refusal::NoSuchEndpoint => "ENDPOINT_NOT_FOUND",
        Refusal::MethodNotAllowed { .. } => "METHOD_NOT_ALLOWED",
        Refusal::StillRunning => "JOB_RUNNING",
        Refusal::NoWebhook => "NO_WEBHOOK",
        Refusal::StillDelivering => "STILL_DELIVERING",
        Refusal::Gone => "RESULT_GONE",
        Refusal::Busy { .. } | Refusal::Unsettled { .. } => "UNAVAILABLE",
        Refusal::Internal => "INTERNAL_ERROR",
    }
}

fn message(refusal: &Refusal) -> String {
    match refusal {
        Refusal::KeyMissing => {
            "No API key was sent; send it in the X-API-Key header, or in a signed link as access_key".to_owned()
        }
        Refusal::KeyInvalid => {
            "The API key is not valid; check it for typing errors, or ask your operator for a new one"
                .to_owned()
        }
        Refusal::SignatureInvalid => refusal::SIGNATURE_INVALID.to_owned(),
        Refusal::SignatureMissing => refusal::SIGNATURE_MISSING.to_owned(),
        Refusal::LinkExpired => refusal::LINK_EXPIRED.to_owned(),
        Refusal::Invalid(faults) => refusal::all_faults(faults),
        Refusal::BodyTooLarge => refusal::body_too_large(),
        Refusal::QuotaUsedUp {
            quota_per_month,
            period,
        } => refusal::quota_used_up(*quota_per_month, *period),
        Refusal::TooManyStarts { limit, .. } => refusal::too_many_starts(*limit),
        Refusal::TooManyAtOnce { limit, .. } => refusal::too_many_at_once(*limit),
        Refusal::IdempotencyKeyUsed => refusal::IDEMPOTENCY_KEY_USED.to_owned(),
        Refusal::IdempotencyKeyBusy { .. } => refusal::IDEMPOTENCY_KEY_BUSY.to_owned(),
        Refusal::NotFound => {
            "There is no job with this job_id; use the one from the answer to your capture".to_owned()
        }
        Refusal::NoSuchEndpoint => {
            "There is no such endpoint in this version; there are /api/v1/capture, /api/v1/capture/bulk, /api/v1/capture/usage and /api/v1/capture/{job_id}"
                .to_owned()
        }
        Refusal::MethodNotAllowed { allow } => refusal::method_not_allowed(allow),
        Refusal::StillRunning => {
            "The job is still running; try again when its status is completed or failed".to_owned()
        }
        Refusal::NoWebhook => refusal::NO_WEBHOOK.to_owned(),
        Refusal::StillDelivering => refusal::STILL_DELIVERING.to_owned(),
        Refusal::Gone => {
            "The result was deleted, or kept as long as this deployment keeps them; capture it again"
                .to_owned()
        }
        Refusal::Unsettled { .. } => refusal::UNSETTLED.to_owned(),
        Refusal::Busy { .. } => refusal::BUSY.to_owned(),
        Refusal::Internal => refusal::INTERNAL.to_owned(),
    }
}
