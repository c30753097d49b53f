//! Our own errors, one shape: `{"error":{"code","message","details"}}`.

use bytes::Bytes;
use darkroom_core::id::TraceId;
use http::{Response, StatusCode};
use serde::Serialize;

use crate::answer;
use crate::call::{Fault, Refusal};
use crate::refusal;

#[derive(Serialize)]
struct Body<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'static str,
    message: String,
    details: Vec<Detail<'a>>,
}

#[derive(Serialize)]
struct Detail<'a> {
    option: &'a str,
    message: &'a str,
}

/// A refusal in our own words.
pub(crate) fn refuse(refusal: &Refusal, trace: TraceId) -> Response<Bytes> {
    let error = Error {
        code: refusal_code(refusal),
        message: message(refusal),
        details: refusal
            .faults()
            .iter()
            .map(|Fault { option, message }| Detail { option, message })
            .collect(),
    };
    let status = refusal::status(refusal, StatusCode::UNAUTHORIZED);
    let response = answer::traced(answer::json(status, &Body { error }), trace);
    refusal::with_headers(response, refusal)
}

const fn refusal_code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::KeyMissing => "key_missing",
        Refusal::KeyInvalid => "key_invalid",
        Refusal::SignatureInvalid => "signature_invalid",
        Refusal::SignatureMissing => "signature_required",
        Refusal::LinkExpired => "link_expired",
        Refusal::Invalid(_) => "invalid",
        Refusal::BodyTooLarge => "body_too_large",
        Refusal::QuotaUsedUp { .. } => "quota_used_up",
        Refusal::TooManyStarts { .. } => "too_many_starts",
        Refusal::TooManyAtOnce { .. } => "too_many_at_once",
        Refusal::IdempotencyKeyUsed => "idempotency_key_used",
        Refusal::IdempotencyKeyBusy { .. } => "idempotency_key_busy",
        Refusal::NotFound => "not_found",
        Refusal::NoSuchEndpoint => "no_such_endpoint",
        Refusal::MethodNotAllowed { .. } => "method_not_allowed",
        Refusal::StillRunning => "still_running",
        Refusal::NoWebhook => "no_webhook",
        Refusal::StillDelivering => "still_delivering",
        Refusal::Gone => "gone",
        Refusal::Busy { .. } | Refusal::Unsettled { .. } => "busy",
        Refusal::Internal => "internal",
    }
}

fn message(refusal: &Refusal) -> String {
    match refusal {
        Refusal::KeyMissing => {
            "No access key was sent; send it as Authorization: Bearer <key>".to_owned()
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
            "There is no such job, or it is not yours; GET /v1/jobs lists yours".to_owned()
        }
        Refusal::NoSuchEndpoint => {
            "There is no such endpoint; captures are sent to /api/v1/screenshot/take or /api/v1/capture, jobs are listed at /v1/jobs"
                .to_owned()
        }
        Refusal::MethodNotAllowed { allow } => refusal::method_not_allowed(allow),
        Refusal::StillRunning => {
            "The job has not ended; delete it when its state is completed, failed or rejected"
                .to_owned()
        }
        Refusal::NoWebhook => refusal::NO_WEBHOOK.to_owned(),
        Refusal::StillDelivering => refusal::STILL_DELIVERING.to_owned(),
        Refusal::Gone => {
            "The result was deleted, or its link has expired; ask for the job's status to get a fresh link, or capture it again"
                .to_owned()
        }
        Refusal::Unsettled { .. } => refusal::UNSETTLED.to_owned(),
        Refusal::Busy { .. } => refusal::BUSY.to_owned(),
        Refusal::Internal => refusal::INTERNAL.to_owned(),
    }
}
