//! What a refusal says, where all tongues say the same.

use std::time::Duration;

use bytes::Bytes;
use darkroom_core::time::Period;
use http::header::{ALLOW, RETRY_AFTER};
use http::{HeaderName, Response, StatusCode};

use crate::call::{Fault, Refusal};
use crate::{MAX_BODY_BYTES, answer};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
// What many clients know, in the seconds of the others.
const X_RATE_LIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// All faults in one sentence.
pub(crate) fn all_faults(faults: &[Fault]) -> String {
    let mut all = String::new();
    for fault in faults {
        let gap = match all.chars().next_back() {
            None => "",
            Some('?') => " ",
            Some(_) => "; ",
        };
        all.push_str(gap);
        all.push_str(&fault.message);
    }
    all
}

/// The text for a body over the limit.
pub(crate) fn body_too_large() -> String {
    format!(
        "The request's body is larger than {MAX_BODY_BYTES} bytes; host the document and send its url instead"
    )
}

/// The text for a month that is used up.
pub(crate) fn quota_used_up(quota_per_month: u64, period: Period) -> String {
    format!(
        "All {quota_per_month} captures of {period} are used up; the quota is renewed on the first of the next month (UTC), or ask your operator to raise it"
    )
}

/// The text for a minute that is used up.
pub(crate) fn too_many_starts(limit: u32) -> String {
    format!(
        "This account may ask for {limit} captures a minute; try again after Retry-After seconds, or ask your operator to raise that"
    )
}

/// The text for an account with too much under way.
pub(crate) fn too_many_at_once(limit: u32) -> String {
    format!(
        "This account may have {limit} captures under way at once; try again when one has ended, or ask your operator to raise that"
    )
}

/// The text for a signature that isn't right.
pub(crate) const SIGNATURE_INVALID: &str = "The link's signature is not valid; sign its parameters anew with the account's signing key, in lower-case hexadecimal, and send nothing else with it";

/// The text for a link that isn't signed.
pub(crate) const SIGNATURE_MISSING: &str = "This access key opens signed links to captures alone; sign the request and send it by GET, or use another key";

/// The text for a link out of its time.
pub(crate) const LINK_EXPIRED: &str =
    "The link has expired, or its `expires` lies more than 15 minutes ahead; sign a new one";

/// The text for an unsuited method.
pub(crate) fn method_not_allowed(allow: &str) -> String {
    format!("This path doesn't take that method; use {allow}")
}

/// The text for a key that came with another request.
pub(crate) const IDEMPOTENCY_KEY_USED: &str = "This Idempotency-Key came with another request within the last 24 hours; repeat that one byte by byte, or send this one with a key of its own";

/// The text for a key whose first request is under way.
pub(crate) const IDEMPOTENCY_KEY_BUSY: &str = "The first request with this Idempotency-Key is still being accepted, or its client still waits; try again after Retry-After seconds";

/// The text for a job that nobody wants to hear of.
pub(crate) const NO_WEBHOOK: &str = "This job has no webhook: it was asked for without a callback, hasn't ended yet, or failed and failures weren't asked for";

/// The text for a webhook of which attempts are to come.
pub(crate) const STILL_DELIVERING: &str = "This job's webhook is still being delivered; look at its attempts, and send it again once they have ended";

/// The text for an overload.
pub(crate) const BUSY: &str = "Too much is going on at the moment; nothing is charged for this request. Try again after Retry-After seconds";

/// The text for a capture that is out of sight.
pub(crate) const UNSETTLED: &str = "What became of the capture can't be told just now; ask for its status after Retry-After seconds, by the id in this answer's headers. It is charged as any capture is that ends so";

/// The text for a fault of ours.
pub(crate) const INTERNAL: &str = "An internal error occurred; nothing is charged for this request. Try again, and quote the trace id if it stays";

/// The status of a refusal where no key is at fault; there tongues differ.
pub(crate) const fn status(refusal: &Refusal, unauthorized: StatusCode) -> StatusCode {
    match refusal {
        Refusal::KeyMissing
        | Refusal::KeyInvalid
        | Refusal::SignatureInvalid
        | Refusal::SignatureMissing
        | Refusal::LinkExpired => unauthorized,
        Refusal::Invalid(_) => StatusCode::BAD_REQUEST,
        Refusal::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::QuotaUsedUp { .. } => StatusCode::PAYMENT_REQUIRED,
        Refusal::TooManyStarts { .. } | Refusal::TooManyAtOnce { .. } => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Refusal::NotFound | Refusal::NoSuchEndpoint => StatusCode::NOT_FOUND,
        Refusal::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::StillRunning
        | Refusal::NoWebhook
        | Refusal::StillDelivering
        | Refusal::IdempotencyKeyUsed
        | Refusal::IdempotencyKeyBusy { .. } => StatusCode::CONFLICT,
        Refusal::Gone => StatusCode::GONE,
        Refusal::Busy { .. } | Refusal::Unsettled { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The answer with the headers that belong to a refusal: HTTP's own, and those of the IETF draft
/// «`RateLimit` header fields for HTTP».
pub(crate) fn with_headers(response: Response<Bytes>, refusal: &Refusal) -> Response<Bytes> {
    let mut headers = Vec::new();
    match refusal {
        Refusal::MethodNotAllowed { allow } => headers.push((ALLOW, (*allow).to_owned())),
        Refusal::Busy { retry_after }
        | Refusal::Unsettled { retry_after, .. }
        | Refusal::IdempotencyKeyBusy { retry_after } => {
            headers.push((RETRY_AFTER, whole_seconds(*retry_after)));
        }
        Refusal::TooManyStarts { limit, retry_after } => {
            let reset = whole_seconds(*retry_after);
            headers.push((RATE_LIMIT_POLICY, format!("\"starts\";q={limit};w=60")));
            headers.push((RATE_LIMIT, format!("\"starts\";r=0;t={reset}")));
            headers.push((X_RATE_LIMIT_LIMIT, limit.to_string()));
            headers.push((X_RATE_LIMIT_REMAINING, "0".to_owned()));
            headers.push((X_RATE_LIMIT_RESET, reset.clone()));
            headers.push((RETRY_AFTER, reset));
        }
        Refusal::TooManyAtOnce { limit, retry_after } => {
            headers.push((RATE_LIMIT_POLICY, format!("\"at-once\";q={limit}")));
            headers.push((RATE_LIMIT, String::from("\"at-once\";r=0")));
            headers.push((RETRY_AFTER, whole_seconds(*retry_after)));
        }
        Refusal::KeyMissing
        | Refusal::KeyInvalid
        | Refusal::SignatureInvalid
        | Refusal::SignatureMissing
        | Refusal::LinkExpired
        | Refusal::Invalid(_)
        | Refusal::BodyTooLarge
        | Refusal::QuotaUsedUp { .. }
        | Refusal::IdempotencyKeyUsed
        | Refusal::NotFound
        | Refusal::NoSuchEndpoint
        | Refusal::StillRunning
        | Refusal::NoWebhook
        | Refusal::StillDelivering
        | Refusal::Gone
        | Refusal::Internal => {}
    }
    headers
        .into_iter()
        .fold(response, |response, (name, value)| answer::with_header(response, name, &value))
}

fn whole_seconds(span: Duration) -> String {
    let partial = u64::from(span.subsec_nanos() > 0);
    span.as_secs().saturating_add(partial).to_string()
}
