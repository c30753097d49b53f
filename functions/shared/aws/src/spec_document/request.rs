//! What a page's host is sent, as it is stored. Its values are secrets: a
//! specification that has any is an encrypted object, never part of an item
//! (`CaptureSpec::holds_credentials`).

use darkroom_core::capture::{Cookie, Header, RequestChanges, SameSite};
use darkroom_core::secret::SecretText;
use serde::{Deserialize, Serialize};

use super::choice;

choice!(SameSiteDocument for SameSite { "strict" = Strict, "lax" = Lax, "none" = None });

/// The core's `RequestChanges`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestDocument {
    user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<HeaderDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<CookieDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authorization: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderDocument {
    name: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CookieDocument {
    name: String,
    value: String,
    domain: Option<String>,
    path: Option<String>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSiteDocument>,
}

impl From<&RequestChanges> for RequestDocument {
    fn from(request: &RequestChanges) -> Self {
        let RequestChanges { user_agent, headers, cookies, authorization } = request;
        Self {
            user_agent: user_agent.clone(),
            headers: headers.iter().map(Into::into).collect(),
            cookies: cookies.iter().map(Into::into).collect(),
            authorization: authorization.as_ref().map(bare),
        }
    }
}

impl From<RequestDocument> for RequestChanges {
    fn from(document: RequestDocument) -> Self {
        Self {
            user_agent: document.user_agent,
            headers: document.headers.into_iter().map(Into::into).collect(),
            cookies: document.cookies.into_iter().map(Into::into).collect(),
            authorization: document.authorization.map(SecretText::new),
        }
    }
}

impl From<&Header> for HeaderDocument {
    fn from(header: &Header) -> Self {
        let Header { name, value } = header;
        Self { name: name.clone(), value: bare(value) }
    }
}

impl From<HeaderDocument> for Header {
    fn from(document: HeaderDocument) -> Self {
        Self { name: document.name, value: SecretText::new(document.value) }
    }
}

impl From<&Cookie> for CookieDocument {
    fn from(cookie: &Cookie) -> Self {
        let Cookie { name, value, domain, path, secure, http_only, same_site } = cookie;
        Self {
            name: name.clone(),
            value: bare(value),
            domain: domain.clone(),
            path: path.clone(),
            secure: *secure,
            http_only: *http_only,
            same_site: same_site.map(Into::into),
        }
    }
}

impl From<CookieDocument> for Cookie {
    fn from(document: CookieDocument) -> Self {
        Self {
            name: document.name,
            value: SecretText::new(document.value),
            domain: document.domain,
            path: document.path,
            secure: document.secure,
            http_only: document.http_only,
            same_site: document.same_site.map(Into::into),
        }
    }
}

fn bare(secret: &SecretText) -> String {
    secret.expose().to_owned()
}
