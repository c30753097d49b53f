//! Nodium's errors: `{"error":{"code","message"}}`, the code and the trace id
//! in headers too. Its docs name `access_key_required`, `access_key_invalid`
//! and `timeout_error`; the others are ScreenshotOne's, from whom it took those,
//! and where ScreenshotOne has none either, words in their manner.

use bytes::Bytes;
use darkroom_core::failure::FailureKind;
use darkroom_core::id::TraceId;
use darkroom_core::job::{Job, JobState};
use http::{HeaderName, Response, StatusCode};
use serde::Serialize;

use super::webhook::facts;
use super::{ERROR_CODE, REFERENCE, TRACE_ID};
use crate::answer;
use crate::call::{Fault, Refusal};
use crate::{refusal, result};

#[derive(Serialize)]
struct Body<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail<'a>>,
}

#[derive(Serialize)]
struct Detail<'a> {
    option: &'a str,
    message: &'a str,
}

/// A refusal as Nodium words it.
pub(crate) fn refuse(refusal: &Refusal, trace: TraceId) -> Response<Bytes> {
    let code = refusal_code(refusal);
    let error = Error {
        code,
        message: message(refusal),
        details: refusal
            .faults()
            .iter()
            .map(|Fault { option, message }| Detail { option, message })
            .collect(),
    };
    // Nodium answers key faults with 400 (its public docs).
    let status = refusal::status(refusal, StatusCode::BAD_REQUEST);
    let mut response = answer::json(status, &Body { error });
    for (name, value) in [(ERROR_CODE, code), (TRACE_ID, trace.to_string().as_str())] {
        response = answer::with_header(response, HeaderName::from_static(name), value);
    }
    if let Refusal::Unsettled { job, .. } = refusal {
        let name = HeaderName::from_static(REFERENCE);
        response = answer::with_header(response, name, &job.to_string());
    }
    refusal::with_headers(response, refusal)
}

/// A refusal of one capture of several: its code and its text.
pub(super) fn worded(refusal: &Refusal) -> (&'static str, String) {
    (refusal_code(refusal), message(refusal))
}

/// The answer to a client that waited for a capture which failed.
pub(crate) fn failed(job: &Job) -> Response<Bytes> {
    let JobState::Failed { failure, .. } = &job.state else {
        return refuse(&Refusal::Internal, job.order.trace);
    };
    let code = failure_code(failure.kind);
    let error = Error { code, message: failure.message.clone(), details: Vec::new() };
    let response = answer::json(result::failure_status(failure.kind), &Body { error });
    result::failure(facts(job, None), failure.kind, response)
}

/// Nodium's code for a failed capture.
pub(crate) const fn failure_code(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Timeout => "timeout_error",
        FailureKind::NameNotResolved => "name_not_resolved",
        FailureKind::Network => "network_error",
        FailureKind::ForbiddenAddress | FailureKind::InvalidOption => "request_not_valid",
        FailureKind::HostError => "host_returned_error",
        FailureKind::NotAPage | FailureKind::PageCrashed => "request_aborted",
        FailureKind::TooLarge => "resulting_image_too_large",
        FailureKind::SelectorNotFound => "selector_not_found",
        FailureKind::ContentContains => "content_contains_specified_string",
        FailureKind::ContentMissing => "content_missing_specified_string",
        FailureKind::RequestFailed => "matched_failed_request",
        FailureKind::StorageDenied => "storage_access_denied",
        FailureKind::StorageInvalid => "invalid_storage_configuration",
        FailureKind::StorageUnavailable => "storage_returned_transient_error",
        FailureKind::Expired => NEVER_RENDERED,
        FailureKind::Storage
        | FailureKind::Browser
        | FailureKind::WorkersLost
        | FailureKind::Internal => "internal_application_error",
    }
}

/// The code of a job that no worker got; sending it again is safe.
pub(super) const NEVER_RENDERED: &str = "temporary_unavailable";

const fn refusal_code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::KeyMissing => "access_key_required",
        Refusal::KeyInvalid => "access_key_invalid",
        Refusal::SignatureInvalid => "signature_is_not_valid",
        Refusal::SignatureMissing => "signature_is_required",
        Refusal::LinkExpired => "link_expired",
        Refusal::Invalid(_) => "request_not_valid",
        Refusal::BodyTooLarge => "request_body_too_large",
        Refusal::QuotaUsedUp { .. } => "screenshots_limit_reached",
        Refusal::TooManyStarts { .. } | Refusal::TooManyAtOnce { .. } => {
            "concurrency_limit_reached"
        }
        Refusal::IdempotencyKeyUsed => "idempotency_key_used",
        Refusal::IdempotencyKeyBusy { .. } => "idempotency_key_busy",
        Refusal::NotFound => "reference_not_found",
        Refusal::NoSuchEndpoint => "endpoint_not_found",
        Refusal::MethodNotAllowed { .. } => "method_not_allowed",
        Refusal::StillRunning => "screenshot_not_ready",
        Refusal::NoWebhook => "webhook_not_wanted",
        Refusal::StillDelivering => "webhook_not_settled",
        Refusal::Gone => "screenshot_gone",
        Refusal::Busy { .. } | Refusal::Unsettled { .. } => "temporary_unavailable",
        Refusal::Internal => "internal_application_error",
    }
}

fn message(refusal: &Refusal) -> String {
    match refusal {
        Refusal::KeyMissing => {
            "No access key was sent; send it in the X-Access-Key header or as access_key".to_owned()
        }
        Refusal::KeyInvalid => {
            "The access key is not valid; check it for typing errors, or ask your operator for a new one"
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
            "There is no screenshot with this reference; use the one from the x-nodium-reference header"
                .to_owned()
        }
        Refusal::NoSuchEndpoint => {
            "There is no such endpoint in this version; there are /api/v1/screenshot/take, /animate, /bulk, /usage, /usage/daily and /status/{reference}"
                .to_owned()
        }
        Refusal::MethodNotAllowed { allow } => refusal::method_not_allowed(allow),
        Refusal::StillRunning => {
            "The screenshot is still being processed; try again when its status is completed or failed"
                .to_owned()
        }
        Refusal::NoWebhook => refusal::NO_WEBHOOK.to_owned(),
        Refusal::StillDelivering => refusal::STILL_DELIVERING.to_owned(),
        Refusal::Gone => {
            "The screenshot was deleted, or kept as long as this deployment keeps them; take it again"
                .to_owned()
        }
        Refusal::Unsettled { .. } => refusal::UNSETTLED.to_owned(),
        Refusal::Busy { .. } => refusal::BUSY.to_owned(),
        Refusal::Internal => refusal::INTERNAL.to_owned(),
    }
}
