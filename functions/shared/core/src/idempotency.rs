//! A client's own mark on a request, by which a repeat of it is known.

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

/// How long a key is kept: a request that comes with it later is a new one.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The value of an `Idempotency-Key` header, of which only the hash is kept.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Takes a key of 1 to 255 printable ASCII characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let fits = !text.is_empty() && text.len() <= Self::MAX_BYTES;
        (printable && fits).then(|| Self(digest(&[text.as_bytes()])))
    }

    /// A key as it was stored; none if it isn't 64 hexadecimal digits.
    #[must_use]
    pub fn from_stored(hash: &str) -> Option<Self> {
        is_digest(hash).then(|| Self(hash.to_owned()))
    }
}

/// SHA-256 of the key, in hexadecimal.
impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What tells a repeat of a request from another request.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a request with these parts, in their order.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        Self(digest(parts))
    }

    /// A fingerprint as it was stored; none if it isn't 64 hexadecimal digits.
    #[must_use]
    pub fn from_stored(hash: &str) -> Option<Self> {
        is_digest(hash).then(|| Self(hash.to_owned()))
    }
}

/// A SHA-256 in hexadecimal.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A request that may be repeated without being done twice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Idempotency {
    /// By which a repeat is known.
    pub key: IdempotencyKey,
    /// By which another request under the same key is known.
    pub fingerprint: Fingerprint,
}

impl Idempotency {
    /// The mark of one capture of a request for several, by its place among them.
    #[must_use]
    pub fn of_item(&self, index: usize) -> Self {
        let key = digest(&[self.key.0.as_bytes(), index.to_string().as_bytes()]);
        Self { key: IdempotencyKey(key), fingerprint: self.fingerprint.clone() }
    }
}

/// Each part with its length before it, so that no two lists of parts are one.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// Whether a text is a SHA-256 in hexadecimal.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_printable_and_of_bounded_length() {
        for good in ["8e03978e-40d5-43dd-bc93-6894a57f9324", "a b", "~", &"k".repeat(255)] {
            let key = IdempotencyKey::parse(good).unwrap();
            assert_eq!(IdempotencyKey::from_stored(&key.to_string()), Some(key), "{good}");
        }
        for bad in ["", "a\tb", "ä", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(bad), None, "{bad:?}");
        }
        let digits = "0".repeat(63);
        for bad in [digits.clone(), format!("{digits}g"), format!("{digits}A")] {
            assert_eq!(IdempotencyKey::from_stored(&bad), None, "{bad}");
            assert_eq!(Fingerprint::from_stored(&bad), None, "{bad}");
        }
    }

    #[test]
    fn parts_that_only_join_to_the_same_bytes_have_different_fingerprints() {
        let all =
            [&[b"ab".as_slice(), b"c"] as &[&[u8]], &[b"a", b"bc"], &[b"abc"], &[b"abc", b""]];
        let prints: std::collections::HashSet<_> = all.into_iter().map(Fingerprint::of).collect();
        assert_eq!(prints.len(), all.len());
    }

    #[test]
    fn each_item_of_a_request_has_a_key_of_its_own() {
        let fingerprint = Fingerprint::of(&[b"a"]);
        let [one, other] = ["a", "b"].map(|key| Idempotency {
            key: IdempotencyKey::parse(key).unwrap(),
            fingerprint: fingerprint.clone(),
        });
        assert_eq!(one.of_item(1), one.of_item(1));
        assert!(one.of_item(1) != one.of_item(2) && one.of_item(1) != other.of_item(1));
        assert_eq!(one.of_item(1).fingerprint, fingerprint);
    }

    #[test]
    fn a_fingerprint_is_stored_as_it_is_spelt() {
        let print = Fingerprint::of(&[b"a"]);
        assert_eq!(Fingerprint::from_stored(&print.to_string()), Some(print));
    }
}
