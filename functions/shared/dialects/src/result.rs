//! Answers to clients that waited for a capture, as far as all dialects give the same.

use bytes::Bytes;
use darkroom_core::artifact::Link;
use darkroom_core::failure::FailureKind;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::answer;
use crate::call::AttachmentName;

/// All but RFC 8187's `attr-char`.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The body of an answer that has nothing to say: behind a streaming Function URL an empty one
/// loses its headers.
const NOTHING: &[u8] = b"\n";

/// When to send again what no worker got in time, in seconds.
const SEND_AGAIN_AFTER: &str = "2";

/// The head of an answer whose body is a result, with these headers, among which is its type.
/// Results are their clients' own: no cache on the way keeps them, and no browser takes them for
/// anything else than their type says. What a page's scripts would do is done in the page
/// alone: an HTML result is nobody's document here.
pub(crate) fn file(headers: Vec<(String, String)>, name: Option<&AttachmentName>) -> Response<()> {
    let mut response = with(headers, Response::new(()));
    let own = response.headers_mut();
    own.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    own.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let is_html = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/html");
    if own.get(CONTENT_TYPE).is_some_and(is_html) {
        own.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    }
    if let Some(disposition) = name.and_then(disposition) {
        own.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// The answer that tells of a result by its headers alone.
pub(crate) fn empty(headers: Vec<(String, String)>) -> Response<Bytes> {
    let mut response = file(headers, None).map(|()| Bytes::from_static(NOTHING));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

/// The answer that leads to a result.
pub(crate) fn elsewhere(headers: Vec<(String, String)>, link: &Link) -> Response<Bytes> {
    let mut response = empty(headers);
    *response.status_mut() = StatusCode::SEE_OTHER;
    answer::with_header(response, LOCATION, &link.url)
}

/// The status of a failed capture: ScreenshotOne's, from whom both dialects took their options.
pub(crate) const fn failure_status(kind: FailureKind) -> StatusCode {
    match kind {
        FailureKind::NameNotResolved
        | FailureKind::ForbiddenAddress
        | FailureKind::InvalidOption
        | FailureKind::TooLarge
        | FailureKind::SelectorNotFound
        | FailureKind::StorageDenied
        | FailureKind::StorageInvalid => StatusCode::BAD_REQUEST,
        FailureKind::Timeout
        | FailureKind::Network
        | FailureKind::HostError
        | FailureKind::NotAPage
        | FailureKind::ContentContains
        | FailureKind::ContentMissing
        | FailureKind::RequestFailed
        | FailureKind::PageCrashed
        | FailureKind::StorageUnavailable
        | FailureKind::Storage
        | FailureKind::Browser
        | FailureKind::WorkersLost
        | FailureKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        FailureKind::Expired => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The answer to a failed capture, with the headers that belong to it.
pub(crate) fn failure(
    headers: Vec<(String, String)>,
    kind: FailureKind,
    response: Response<Bytes>,
) -> Response<Bytes> {
    let response = with(headers, response);
    if kind == FailureKind::Expired {
        return answer::with_header(response, RETRY_AFTER, SEND_AGAIN_AFTER);
    }
    response
}

fn with<T>(headers: Vec<(String, String)>, mut response: Response<T>) -> Response<T> {
    for (name, value) in headers {
        let parsed = (name.parse::<HeaderName>(), HeaderValue::from_str(&value));
        if let (Ok(name), Ok(value)) = parsed {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Both spellings of RFC 6266: one that every client reads, and the name itself.
fn disposition(name: &AttachmentName) -> Option<HeaderValue> {
    let plain = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '%');
    let readable: String = name.as_str().chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let exact = utf8_percent_encode(name.as_str(), NOT_ATTR_CHAR);
    let text = if readable == name.as_str() {
        format!("attachment; filename=\"{readable}\"")
    } else {
        format!("attachment; filename=\"{readable}\"; filename*=UTF-8''{exact}")
    };
    HeaderValue::from_str(&text).ok()
}
