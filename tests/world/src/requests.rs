//! Requests as clients send them, and what their answers tell.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is sent is well-formed")]

use bytes::Bytes;
use darkroom_core::id::JobId;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::world::Customer;

/// Where webhooks are wanted.
pub const HOOK: &str = "https://hooks.example/ready";

/// Options by which the result is put into storage of the customer's own, by a URL that was signed.
#[must_use]
pub fn uploaded() -> Value {
    json!({"store": true, "storage_url": "https://storage.example/shots/a.png?signature=b"})
}

/// Options by which the result is put into a bucket of the customer's own.
#[must_use]
pub fn put_in_bucket() -> Value {
    json!({
        "store": true, "storage_role": "arn:aws:iam::123456789012:role/darkroom-storage",
        "storage_bucket": "shots", "storage_path": "a.png",
    })
}

/// A request for a capture by Nodium's dialect, with these options beside the URL.
///
/// # Panics
///
/// Never: what it sends is well-formed.
#[must_use]
pub fn to_take(customer: &Customer, mut options: Value) -> Request<Bytes> {
    options["url"] = "https://example.com/".into();
    options["format"] = "png".into();
    options["async"] = true.into();
    post("/api/v1/screenshot/take", ("x-access-key", customer), &options)
}

/// A request for a capture that its client waits for, with these options beside the URL.
///
/// # Panics
///
/// Never: what it sends is well-formed.
#[must_use]
pub fn to_take_now(customer: &Customer, mut options: Value) -> Request<Bytes> {
    options["url"] = "https://example.com/".into();
    options["format"] = "png".into();
    post("/api/v1/screenshot/take", ("x-access-key", customer), &options)
}

/// A request for a print with a callback and error reports by ScreenNabster's dialect.
///
/// # Panics
///
/// Never: what it sends is well-formed.
#[must_use]
pub fn to_nab(customer: &Customer) -> Request<Bytes> {
    let options = json!({
        "url": "https://example.com/long-report", "output": "pdf", "background": true,
        "callback_url": HOOK, "webhook_errors": true, "external_identifier": "report-2026-04-25",
    });
    post("/api/v1/capture", ("x-api-key", customer), &options)
}

fn post(path: &str, (header, customer): (&str, &Customer), options: &Value) -> Request<Bytes> {
    let request = Request::post(path)
        .header(header, customer.access_key.expose())
        .header("content-type", "application/json")
        .body(Bytes::from(options.to_string()));
    request.unwrap()
}

/// The request under an idempotency key.
///
/// # Panics
///
/// When no header may hold the key.
#[must_use]
pub fn keyed(mut request: Request<Bytes>, key: &str) -> Request<Bytes> {
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

/// A request for a print that its client waits for, by ScreenNabster's dialect.
///
/// # Panics
///
/// Never: what it sends is well-formed.
#[must_use]
pub fn to_nab_now(customer: &Customer) -> Request<Bytes> {
    let options = json!({"url": "https://example.com/long-report", "output": "pdf"});
    post("/api/v1/capture", ("x-api-key", customer), &options)
}

/// A request for the picture that [`to_take`] asks for, by ScreenNabster's dialect, with a callback,
/// which takes a result of the last month, with these options besides.
///
/// # Panics
///
/// Never: what it sends is well-formed.
#[must_use]
pub fn to_nab_shared(customer: &Customer, mut options: Value) -> Request<Bytes> {
    options["url"] = "https://example.com/".into();
    options["background"] = true.into();
    options["callback_url"] = HOOK.into();
    options["cache"] = true.into();
    options["cache_ttl"] = 2_592_000.into();
    post("/api/v1/capture", ("x-api-key", customer), &options)
}

/// The job that the headers of an answer to a client that waited name.
#[must_use]
pub fn obtained_id(response: &Response<Bytes>) -> Option<JobId> {
    let named = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let nodium = named("x-nodium-reference").and_then(JobId::parse_decimal);
    let uuid = || named("x-screennabster-job-id").and_then(JobId::parse_uuid);
    nodium.or_else(uuid).filter(|_| response.status() != 202)
}

/// The job that an answer of either dialect accepted.
#[must_use]
pub fn accepted_id(response: &Response<Bytes>) -> Option<JobId> {
    let body: Value = serde_json::from_slice(response.body()).ok()?;
    let nodium = body.get("reference").and_then(Value::as_str).and_then(JobId::parse_decimal);
    let uuid = || body.get("job_id").and_then(Value::as_str).and_then(JobId::parse_uuid);
    nodium.or_else(uuid).filter(|_| response.status() == 202)
}
