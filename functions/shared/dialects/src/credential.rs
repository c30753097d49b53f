//! Finding the key in a request, wherever a dialect lets it be.

use bytes::Bytes;
use darkroom_core::key::AccessKey;
use http::Request;

use crate::call::Credential;

/// The parameter that holds the key: of any request to Nodium's API, of links alone to
/// ScreenNabster's.
pub(crate) const KEY: &str = "access_key";

/// The key as this header gives it; none if there is no such header.
pub(crate) fn from_header(request: &Request<Bytes>, name: &str) -> Option<Credential> {
    let value = request.headers().get(name)?;
    Some(value.to_str().map_or(Credential::Malformed, from_text))
}

/// The key as it is spelt.
pub(crate) fn from_text(text: &str) -> Credential {
    AccessKey::parse(text.trim()).map_or(Credential::Malformed, Credential::Key)
}
