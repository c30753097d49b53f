//! What a page's host is sent.

use crate::secret::SecretText;

/// What is sent to a page's host besides what Chromium sends.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct RequestChanges {
    /// The browser's name for itself; its client hints follow from it.
    pub user_agent: Option<String>,
    /// Headers for the page's own host; no other is sent them.
    pub headers: Vec<Header>,
    /// Cookies that are there before the page is loaded.
    pub cookies: Vec<Cookie>,
    /// The value of `Authorization` for the page's own host.
    pub authorization: Option<SecretText>,
}

impl RequestChanges {
    pub(super) fn weight_bytes(&self) -> usize {
        let headers = self.headers.iter().map(|it| it.name.len() + it.value.expose().len());
        let cookies = self.cookies.iter().map(Cookie::weight_bytes);
        self.user_agent.as_ref().map_or(0, String::len)
            + headers.sum::<usize>()
            + cookies.sum::<usize>()
            + self.authorization.as_ref().map_or(0, |value| value.expose().len())
    }

    pub(super) const fn holds_credentials(&self) -> bool {
        !self.headers.is_empty() || !self.cookies.is_empty() || self.authorization.is_some()
    }
}

/// A header of a request.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Header {
    /// A token (RFC 9110 §5.1), of none that the browser sets by itself: Chromium
    /// would not send the request.
    pub name: String,
    /// Visible ASCII and blanks; often a secret.
    pub value: SecretText,
}

/// A cookie (RFC 6265).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value; often a secret.
    pub value: SecretText,
    /// The host and its subdomains that are sent it; the page's own host alone
    /// where none is given.
    pub domain: Option<String>,
    /// The path under which it is sent; `/` where none is given.
    pub path: Option<String>,
    /// Whether it is sent over TLS only.
    pub secure: bool,
    /// Whether scripts don't see it.
    pub http_only: bool,
    /// Whether other sites' pages send it along.
    pub same_site: Option<SameSite>,
}

impl Cookie {
    fn weight_bytes(&self) -> usize {
        let place = self.domain.iter().chain(&self.path).map(String::len).sum::<usize>();
        self.name.len() + self.value.expose().len() + place
    }
}

/// Whether other sites' pages send a cookie along.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SameSite {
    /// Never.
    Strict,
    /// When they lead there.
    Lax,
    /// Always.
    None,
}
