//! The header of the IETF draft «The Idempotency-Key HTTP Header Field».

use bytes::Bytes;
use darkroom_core::idempotency::{Fingerprint, Idempotency, IdempotencyKey};
use http::{HeaderValue, Request};

use super::given::Options;

pub(crate) const HEADER: &str = "idempotency-key";

const COMPLAINT: &str =
    "must be 1 to 255 printable ASCII characters, which may stand in double quotes";

/// The mark on a request, if it has one. Silence about one that can't be read would
/// charge the client's next try a second time.
pub(crate) fn read(request: &Request<Bytes>, options: &mut Options) -> Option<Idempotency> {
    let Some(key) = key(request.headers().get(HEADER)?) else {
        options.fault(HEADER, COMPLAINT);
        return None;
    };
    Some(Idempotency { key, fingerprint: fingerprint(request) })
}

/// The draft has the key as a string in double quotes (RFC 9651, 3.3.3); many clients
/// send it bare, and mean the same.
fn key(value: &HeaderValue) -> Option<IdempotencyKey> {
    let text = value.to_str().ok()?;
    match text.strip_prefix('"') {
        None => IdempotencyKey::parse(text),
        Some(quoted) => IdempotencyKey::parse(&unquoted(quoted)?),
    }
}

/// What stands before the closing quote, at which the text must end.
fn unquoted(quoted: &str) -> Option<String> {
    let mut text = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(text),
            '\\' => text.push(chars.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            plain => text.push(plain),
        }
    }
}

fn fingerprint(request: &Request<Bytes>) -> Fingerprint {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    Fingerprint::of(&[request.method().as_str().as_bytes(), target.as_bytes(), request.body()])
}
