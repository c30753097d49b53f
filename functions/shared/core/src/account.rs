//! Who may capture, and how much.

use std::num::NonZeroU32;

use crate::id::AccountId;

/// A customer of one deployment, as an access key leads to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What the operator calls it.
    pub name: String,
    /// Captures that may be charged in one calendar month (UTC).
    pub quota_per_month: u64,
    /// How fast it may ask.
    pub limits: Limits,
}

/// Whose an access key is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyHolder {
    /// The account.
    pub account: Account,
    /// What the key opens.
    pub opens: Opens,
}

/// What an access key opens.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub enum Opens {
    /// Everything that the account may do.
    #[default]
    Everything,
    /// Signed links alone: it may stand in a page, since whoever reads it there can use it for the
    /// links that are signed, and nothing else.
    Links,
}

/// How fast an account may ask for captures. Nothing is limited that isn't set.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Captures that are accepted in one minute by the clock.
    pub starts_per_minute: Option<NonZeroU32>,
    /// Captures that were accepted and haven't ended yet.
    pub at_once: Option<NonZeroU32>,
}

/// The client's own name for a job, returned in headers and bodies.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ExternalIdentifier(String);

impl ExternalIdentifier {
    /// The longest identifier, in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Takes an identifier of 1 to 256 printable ASCII characters. Whatever
    /// else could break the header that carries it is refused at accept, where
    /// the client can still mend it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let trimmed = text.trim() == text;
        let fits = !text.is_empty() && text.len() <= Self::MAX_BYTES;
        (printable && trimmed && fits).then(|| Self(text.to_owned()))
    }

    /// The identifier as the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_must_fit_a_header() {
        for good in ["order-12345", "report-2026-04-25", "job 42", &"x".repeat(256)] {
            assert_eq!(ExternalIdentifier::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a\r\nb", "a\nb", "ä", "\u{7f}", " a", "a ", &"x".repeat(257)] {
            assert!(ExternalIdentifier::parse(bad).is_none(), "{bad:?}");
        }
    }
}
