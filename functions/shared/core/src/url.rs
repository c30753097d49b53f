//! URLs that customers give us, parsed once by the WHATWG rules.

use std::fmt;

use ::url::Url;
use thiserror::Error;

use crate::address::{Forbidden, Reach};

/// The longest URL that is accepted, in bytes; browsers and servers agree on
/// little beyond it.
pub const MAX_URL_BYTES: usize = 8_192;

/// Why a URL was refused, worded to follow the option's name.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum UrlFault {
    /// It doesn't parse as an absolute URL.
    #[error("is not a valid absolute URL ({0}); write it like https://example.com/page")]
    Malformed(String),
    /// Its scheme is neither http nor https.
    #[error("must begin with http:// or https://")]
    Scheme,
    /// It carries a user name or password.
    #[error("must not carry a user name or password")]
    Credentials,
    /// Its canonical spelling is longer than [`MAX_URL_BYTES`].
    #[error("is longer than 8192 bytes (counted percent-encoded)")]
    TooLong,
    /// It leads where customers' URLs may not lead.
    #[error("is not allowed: {0}; use a host that is reachable from the internet")]
    Forbidden(#[from] Forbidden),
}

/// Declares a URL that a customer gave.
macro_rules! customer_url {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(Url);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.for_log())
            }
        }

        impl $name {
            /// Parses and judges an address.
            ///
            /// # Errors
            ///
            /// Every [`UrlFault`].
            pub fn parse(text: &str, reach: &Reach) -> Result<Self, UrlFault> {
                parse_public(text, reach).map(Self)
            }

            /// An address that was accepted once. It isn't judged by today's rules:
            /// a job that was accepted stays readable, and egress judges whatever
            /// is dialled.
            #[must_use]
            pub fn from_stored(text: &str) -> Option<Self> {
                Url::parse(text).ok().map(Self)
            }

            /// The parsed URL.
            #[must_use]
            pub const fn as_url(&self) -> &Url {
                &self.0
            }

            /// The canonical spelling.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The address without its query and fragment, fit for a log.
            #[must_use]
            pub fn for_log(&self) -> String {
                let mut url = self.0.clone();
                url.set_query(None);
                url.set_fragment(None);
                url.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

customer_url! {
    /// The address of a page to be captured.
    TargetUrl
}

customer_url! {
    /// Where a result is uploaded, as its customer signed it. It is judged as a callback's is.
    UploadUrl
}

customer_url! {
    /// Where a webhook is posted. It is judged again, by its resolved address,
    /// each time it is dialled.
    CallbackUrl
}

fn parse_public(text: &str, reach: &Reach) -> Result<Url, UrlFault> {
    if text.len() > MAX_URL_BYTES {
        return Err(UrlFault::TooLong);
    }
    let url = Url::parse(text).map_err(|fault| UrlFault::Malformed(fault.to_string()))?;
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(UrlFault::TooLong);
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlFault::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::Credentials);
    }
    reach.judge_url(&url)?;
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_apart() {
        let umlauts = format!("https://example.com/?q={}", "ü".repeat(4_000));
        let long = format!("https://example.com/{}", "a".repeat(MAX_URL_BYTES));
        let cases = [
            (
                "example.com",
                "is not a valid absolute URL (relative URL without a base); write it like https://example.com/page",
            ),
            ("file:///etc/passwd", "must begin with http:// or https://"),
            ("javascript:alert(1)", "must begin with http:// or https://"),
            ("https://user:pw@example.com/", "must not carry a user name or password"),
            (&long, "is longer than 8192 bytes (counted percent-encoded)"),
            (&umlauts, "is longer than 8192 bytes (counted percent-encoded)"),
            (
                "http://169.254.169.254/",
                "is not allowed: it lies in a private or reserved network; use a host that is reachable from the internet",
            ),
        ];
        for (text, expected) in cases {
            let fault = TargetUrl::parse(text, &Reach::public()).unwrap_err();
            assert_eq!(fault.to_string(), expected);
        }
    }

    #[test]
    fn an_address_has_8192_bytes_at_most_and_neither_user_nor_password() {
        let of_bytes = |bytes: usize| format!("https://e.com/{}", "a".repeat(bytes - 14));
        let parsed = |text: &str| TargetUrl::parse(text, &Reach::public());
        assert!(parsed(&of_bytes(MAX_URL_BYTES)).is_ok());
        assert_eq!(parsed(&of_bytes(MAX_URL_BYTES + 1)), Err(UrlFault::TooLong));
        // Two bytes as they are given, six as they are sent.
        let umlauts = |count: usize| format!("https://e.com/{}", "ü".repeat(count));
        assert_eq!(parsed(&umlauts(1_363)).unwrap().as_str().len(), 14 + 6 * 1_363);
        assert!(parsed(&format!("{}aa", umlauts(1_362))).is_ok());
        for credentials in ["https://user@e.com/", "https://:pw@e.com/"] {
            assert_eq!(parsed(credentials), Err(UrlFault::Credentials), "{credentials}");
        }
    }

    #[test]
    fn a_log_sees_no_query() {
        let url = CallbackUrl::parse("https://e.com/h?token=1#f", &Reach::public()).unwrap();
        assert_eq!(url.for_log(), "https://e.com/h");
        assert_eq!(format!("{url:?}"), "CallbackUrl(https://e.com/h)");
        assert_eq!(url.as_str(), "https://e.com/h?token=1#f");
    }
}
