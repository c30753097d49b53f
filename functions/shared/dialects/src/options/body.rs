//! A request's body: nothing, or one JSON object.

use bytes::Bytes;
use http::{Request, header};
use serde_json::{Map, Value};

use crate::MAX_BODY_BYTES;
use crate::call::Fault;

/// Why a body wasn't read.
pub(super) enum BodyFault {
    /// It is over [`MAX_BODY_BYTES`].
    TooLarge,
    /// It is no JSON object.
    Unreadable(Fault),
}

/// The fields of a request's body; none if there is no body.
///
/// # Errors
///
/// Every [`BodyFault`].
pub(super) fn fields(request: &Request<Bytes>) -> Result<Map<String, Value>, BodyFault> {
    let body = request.body();
    if body.is_empty() {
        return Ok(Map::new());
    }
    if body.len() > MAX_BODY_BYTES {
        return Err(BodyFault::TooLarge);
    }
    if is_form(request) {
        return Err(unreadable(
            "is a form; send a JSON object with Content-Type: application/json",
        ));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => {
            Err(unreadable("must be a JSON object, such as {\"url\": \"https://example.com\"}"))
        }
        Err(fault) => Err(unreadable(&format!(
            "is not valid JSON: {} at line {}, column {}",
            cause(&fault),
            fault.line(),
            fault.column()
        ))),
    }
}

/// `curl -d` without a header sends a form's type, whatever the body holds.
fn is_form(request: &Request<Bytes>) -> bool {
    let media_type = request.headers().get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    media_type.is_some_and(|value| {
        let value = value.trim_start().to_ascii_lowercase();
        value.starts_with("application/x-www-form-urlencoded")
            || value.starts_with("multipart/form-data")
    })
}

/// The parser's own words, which quote nothing of the body, without their place.
fn cause(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    match text.rsplit_once(" at line ") {
        Some((cause, _place)) => cause.to_owned(),
        None => text,
    }
}

fn unreadable(complaint: &str) -> BodyFault {
    BodyFault::Unreadable(Fault::new("body", complaint))
}
