//! The signatures on a webhook, made in one pass over its body, and those on links.
//!
//! Two forms: the seeds' single header, hexadecimal HMAC-SHA256 of the body
//! under the UTF-8 bytes of the key's whole spelling (what their examples do
//! with an environment variable), and Standard Webhooks' `webhook-signature`,
//! base64 HMAC-SHA256 of `id.timestamp.body` under the decoded key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::id::DeliveryId;
use crate::key::SigningKeys;
use crate::time::Timestamp;

type Mac = Hmac<Sha256>;

/// The finished signatures of one POST.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signatures {
    /// Lower-case hexadecimal, without a prefix.
    pub seed_hex: String,
    /// `v1,<base64>`, one for each live key, parted by blanks.
    pub standard: String,
}

/// Signs a body that may arrive in pieces.
#[derive(Clone)]
pub struct Signing {
    seed: Mac,
    standard: Vec<Mac>,
}

impl Signing {
    /// Begins to sign the POST of delivery `id` that is sent at `now`.
    #[must_use]
    pub fn begin(keys: &SigningKeys, id: &DeliveryId, now: Timestamp) -> Self {
        let seed = mac(keys.for_seed_header(now).spelling().expose());
        let standard = keys.live(now).into_iter().map(|key| {
            let mut mac = mac(key.bytes());
            mac.update(format!("{id}.{}.", now.as_secs()).as_bytes());
            mac
        });
        Self { seed, standard: standard.collect() }
    }

    /// Takes the next piece of the body.
    pub fn update(&mut self, piece: &[u8]) {
        self.seed.update(piece);
        for mac in &mut self.standard {
            mac.update(piece);
        }
    }

    /// The signatures of all that was taken.
    #[must_use]
    pub fn finish(self) -> Signatures {
        let standard = self.standard.into_iter().map(|mac| {
            let digest = mac.finalize().into_bytes();
            format!("v1,{}", STANDARD.encode(digest))
        });
        Signatures {
            seed_hex: hex::encode(self.seed.finalize().into_bytes()),
            standard: standard.collect::<Vec<_>>().join(" "),
        }
    }
}

/// Signs a link: lower-case hexadecimal HMAC-SHA256 of `text` under the newest key, which outlives
/// a rotation.
#[must_use]
pub fn sign_link(keys: &SigningKeys, text: &str) -> String {
    let mut mac = mac(keys.newest().spelling().expose());
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Whether `signature` is that of `text` under a key that is live, compared in constant time.
#[must_use]
pub fn signs_link(keys: &SigningKeys, text: &str, signature: &[u8; 32], now: Timestamp) -> bool {
    keys.live(now).into_iter().any(|key| {
        let mut mac = mac(key.spelling().expose());
        mac.update(text.as_bytes());
        mac.verify_slice(signature).is_ok()
    })
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signing(…)")
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104, section 2)")]
fn mac(key: &[u8]) -> Mac {
    Mac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::JobId;
    use crate::key::SigningKey;

    #[test]
    fn what_signs_is_not_printed() {
        let keys = SigningKeys::first(SigningKey::from_random([1; 32]), Timestamp::from_secs(0));
        let id = DeliveryId::of(JobId::new(Timestamp::from_secs(0), 1));
        let signing = Signing::begin(&keys, &id, Timestamp::from_secs(0));
        assert_eq!(format!("{signing:?}"), "Signing(…)");
    }

    fn sign(body: &[&[u8]]) -> Signatures {
        let now = Timestamp::from_secs(1_800_000_000);
        let keys = SigningKeys::first(SigningKey::from_random([1; 32]), now);
        let id = DeliveryId::of(JobId::parse_decimal("8472910").unwrap());
        let mut signing = Signing::begin(&keys, &id, now);
        for piece in body {
            signing.update(piece);
        }
        signing.finish()
    }

    #[test]
    fn a_link_is_signed_by_every_live_key_and_no_other() {
        let now = Timestamp::from_secs(1_800_000_000);
        let key = |byte: u8| SigningKey::from_random([byte; 32]);
        let old = SigningKeys::first(key(1), now);
        let rotated = old.clone().rotate(key(2), now);
        let text = "access_key=k&url=https%3A%2F%2Fexample.com";
        let signature = |keys: &SigningKeys| {
            <[u8; 32]>::try_from(hex::decode(sign_link(keys, text)).unwrap()).unwrap()
        };
        let newest = SigningKeys::first(key(2), now);
        for keys in [&old, &newest] {
            assert!(signs_link(&rotated, text, &signature(keys), now));
        }
        assert!(!signs_link(&rotated, &text.to_uppercase(), &signature(&old), now));
        assert!(!signs_link(&old, text, &signature(&newest), now));
        let over = now + SigningKeys::ROTATION;
        assert!(!signs_link(&rotated, text, &signature(&old), over));
        assert!(signs_link(&rotated, text, &signature(&rotated), over));
    }

    /// The expected values were computed with Python's `hmac` module.
    #[test]
    fn signatures_match_an_independent_implementation() {
        let signed = sign(&[b"hello"]);
        assert_eq!(
            signed.seed_hex,
            "63c16c42bef8a538e076631b3e9d24e3ebe31c3c234f169180bd6446ffac623f"
        );
        assert_eq!(signed.standard, "v1,6f2tuS7C9hIj/FdS316LtGnE9yWA4hJpRmLKRSyPWiI=");
    }

    #[test]
    fn pieces_sign_like_the_whole() {
        assert_eq!(sign(&[b"he", b"", b"llo"]), sign(&[b"hello"]));
    }

    #[test]
    fn a_rotation_signs_with_both_keys() {
        let now = Timestamp::from_secs(1_800_000_000);
        let keys = SigningKeys::first(SigningKey::from_random([1; 32]), now)
            .rotate(SigningKey::from_random([2; 32]), now);
        let id = DeliveryId::of(JobId::parse_decimal("1").unwrap());
        let signed = Signing::begin(&keys, &id, now).finish();
        assert_eq!(signed.standard.split(' ').count(), 2);
    }
}
