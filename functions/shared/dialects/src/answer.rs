//! Answers as every tongue gives them: JSON with a body, kept by no cache.

use bytes::Bytes;
use darkroom_core::id::TraceId;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;

/// The media type of every answer and of webhooks that carry JSON.
pub(crate) const JSON: &str = "application/json";

/// The header of the trace id in the tongues that have none of their own for it.
pub(crate) const TRACE_ID: &str = "x-darkroom-trace-id";

/// Said when an answer can't be written, which no type of ours brings about.
const UNWRITABLE: &[u8] =
    br#"{"error":{"code":"internal","message":"An internal error occurred"}}"#;

/// An answer with a JSON body. Answers tell of jobs that move on and hold links
/// that are bearer secrets, so no cache may keep them.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    let mut response = Response::new(json_bytes(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The JSON spelling of a body.
pub(crate) fn json_bytes(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).map_or_else(|_| Bytes::from_static(UNWRITABLE), Bytes::from)
}

/// The answer with one more header. Values are ids, numbers and words of our
/// own; one that no header may hold is left out.
pub(crate) fn with_header<T>(
    mut response: Response<T>,
    name: HeaderName,
    value: &str,
) -> Response<T> {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// The answer with its trace id, in the tongues that have no header of their own
/// for it.
pub(crate) fn traced(response: Response<Bytes>, trace: TraceId) -> Response<Bytes> {
    with_header(response, HeaderName::from_static(TRACE_ID), &trace.to_string())
}
