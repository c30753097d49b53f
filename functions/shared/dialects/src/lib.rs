//! Words: each public API as pure translation to and from core.

mod call;
mod webhook;

use bytes::Bytes;
use darkroom_core::address::Reach;
use darkroom_core::artifact::Link;
use darkroom_core::id::{DeliveryId, TraceId};
use darkroom_core::job::Job;
use darkroom_core::signature::Signatures;
use darkroom_core::time::Timestamp;
use http::{Request, Response};

pub use call::{Action, Call, Credential, Fault, Refusal, Submission, Tongue};
pub use webhook::{Webhook, WebhookBody};

/// The largest body that is read, 5 MB (research: the usual bound is 5 to 50;
/// Lambda takes 6 MiB).
pub const MAX_BODY_BYTES: usize = 5_000_000;

/// Reads a request.
#[must_use]
pub fn read(_request: &Request<Bytes>, _reach: &Reach) -> Call {
    Call {
        tongue: Tongue::Darkroom,
        credential: Credential::NotNeeded,
        action: Err(Refusal::NoSuchEndpoint),
    }
}

/// The answer to an accepted submission, in its own dialect.
#[must_use]
pub fn accepted(_job: &Job) -> Response<Bytes> {
    Response::default()
}

/// How a job stands. `link` is the link to a completed job's result; without
/// one the stored link is told.
#[must_use]
pub fn status(_tongue: Tongue, _job: &Job, _link: Option<&Link>) -> Response<Bytes> {
    Response::default()
}

/// A page of an account's jobs; `limit` is what was asked for.
#[must_use]
pub fn jobs(_jobs: &[Job], _limit: u8) -> Response<Bytes> {
    Response::default()
}

/// One job in full; `link` as in [`status`].
#[must_use]
pub fn job(_job: &Job, _link: Option<&Link>) -> Response<Bytes> {
    Response::default()
}

/// The answer to a deletion.
#[must_use]
pub fn deleted(_job: &Job) -> Response<Bytes> {
    Response::default()
}

/// 302 to a result.
#[must_use]
pub fn redirect(_to: &Link) -> Response<Bytes> {
    Response::default()
}

/// A refusal, in the tongue of its request.
#[must_use]
pub fn refuse(_tongue: Tongue, _refusal: &Refusal, _trace: TraceId) -> Response<Bytes> {
    Response::default()
}

/// The webhook of a job that has completed or failed; none for any other.
/// `link` as in [`status`].
#[must_use]
pub fn webhook(_job: &Job, _link: Option<&Link>) -> Option<Webhook> {
    None
}

/// The headers that sign a POST of a job's webhook: its dialect's own, where
/// the client wants it, and Standard Webhooks' three.
#[must_use]
pub fn signature_headers(
    _job: &Job,
    _signatures: &Signatures,
    _id: &DeliveryId,
    _now: Timestamp,
) -> Vec<(String, String)> {
    Vec::new()
}
