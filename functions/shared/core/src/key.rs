//! The two kinds of key that an account has: access keys, which open the API,
//! and signing keys, which sign its webhooks.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;
use crate::time::Timestamp;

/// An access key as a client sends it: `dr_live_`, 40 hexadecimal digits of
/// randomness, 8 of checksum. A mistyped key is refused without a read, and
/// secret scanners can tell one from noise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessKey(Secret);

impl AccessKey {
    const PREFIX: &str = "dr_live_";
    const RANDOM_DIGITS: usize = 40;

    /// The key made of 160 random bits.
    #[must_use]
    pub fn from_random(bytes: [u8; 20]) -> Self {
        let random = hex::encode(bytes);
        let key = format!("{}{random}{}", Self::PREFIX, checksum(&random));
        Self(Secret::new(key.into_bytes()))
    }

    /// Reads a key; none if it can't be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(Self::PREFIX)?;
        let (random, sum) = digits.split_at_checked(Self::RANDOM_DIGITS)?;
        (checksum(random) == sum).then(|| Self(Secret::new(text.as_bytes().to_vec())))
    }

    /// The key itself, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        std::str::from_utf8(self.0.expose()).unwrap_or_default()
    }

    /// What is stored in its stead. The key is random, so a plain hash is enough.
    #[must_use]
    pub fn hash(&self) -> AccessKeyHash {
        AccessKeyHash(hex::encode(Sha256::digest(self.0.expose())))
    }
}

fn checksum(random: &str) -> String {
    hex::encode(Sha256::digest(random.as_bytes()).iter().take(4).copied().collect::<Vec<_>>())
}

/// SHA-256 of an access key, in hexadecimal.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AccessKeyHash(String);

impl AccessKeyHash {
    /// A hash as it was stored.
    #[must_use]
    pub fn from_stored(hash: String) -> Self {
        Self(hash)
    }

    /// 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A webhook signing key: 32 random bytes, shown as `whsec_` and their base64.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningKey(Secret);

impl SigningKey {
    const PREFIX: &str = "whsec_";

    /// The key made of these random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes.to_vec()))
    }

    /// Reads the spelling that [`Self::spelling`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(Self::PREFIX)?).ok()?;
        let bytes: [u8; 32] = bytes.try_into().ok()?;
        Some(Self::from_random(bytes))
    }

    /// The spelling that receivers put into their configuration.
    #[must_use]
    pub fn spelling(&self) -> Secret {
        Secret::new(format!("{}{}", Self::PREFIX, STANDARD.encode(self.0.expose())).into_bytes())
    }

    /// The decoded bytes: the HMAC key of Standard Webhooks.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.expose()
    }
}

/// The signing keys of an account: one, or two during a rotation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningKeys {
    newest: SigningKey,
    newest_since: Timestamp,
    promoted: bool,
    previous: Option<SigningKey>,
}

impl SigningKeys {
    /// How long a rotation lasts: until then the previous key signs too.
    pub const ROTATION: Duration = Duration::from_secs(24 * 60 * 60);

    /// An account's first key.
    #[must_use]
    pub const fn first(key: SigningKey, since: Timestamp) -> Self {
        Self { newest: key, newest_since: since, promoted: true, previous: None }
    }

    /// Keys as they were stored.
    #[must_use]
    pub const fn from_stored(
        newest: SigningKey,
        newest_since: Timestamp,
        promoted: bool,
        previous: Option<SigningKey>,
    ) -> Self {
        Self { newest, newest_since, promoted, previous }
    }

    /// Begins a rotation: the present key becomes the previous one.
    #[must_use]
    pub fn rotate(self, key: SigningKey, now: Timestamp) -> Self {
        Self { newest: key, newest_since: now, promoted: false, previous: Some(self.newest) }
    }

    /// Moves the seeds' single header to the newest key.
    #[must_use]
    pub fn promote(self) -> Self {
        Self { promoted: true, ..self }
    }

    /// The key of the seeds' single signature header: during a rotation the
    /// previous one, until it is promoted or the rotation ends.
    #[must_use]
    pub fn for_seed_header(&self, now: Timestamp) -> &SigningKey {
        match self.live_previous(now) {
            Some(previous) if !self.promoted => previous,
            _ => &self.newest,
        }
    }

    /// Every key that signs in `webhook-signature`, the newest first.
    #[must_use]
    pub fn live(&self, now: Timestamp) -> Vec<&SigningKey> {
        std::iter::once(&self.newest).chain(self.live_previous(now)).collect()
    }

    /// The newest key.
    #[must_use]
    pub const fn newest(&self) -> &SigningKey {
        &self.newest
    }

    /// Since when the newest key has been there.
    #[must_use]
    pub const fn newest_since(&self) -> Timestamp {
        self.newest_since
    }

    /// Whether the newest key was promoted (an account's first always is).
    #[must_use]
    pub const fn promoted(&self) -> bool {
        self.promoted
    }

    /// The key before the newest, whether its rotation has ended or not.
    #[must_use]
    pub const fn previous(&self) -> Option<&SigningKey> {
        self.previous.as_ref()
    }

    fn live_previous(&self, now: Timestamp) -> Option<&SigningKey> {
        let rotating = now < self.newest_since + Self::ROTATION;
        self.previous.as_ref().filter(|_| rotating)
    }
}

impl fmt::Display for AccessKeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_random([byte; 32])
    }

    #[test]
    fn a_mistyped_access_key_is_no_key() {
        let key = AccessKey::from_random([0x5a; 20]);
        assert_eq!(AccessKey::parse(key.expose()), Some(key.clone()));
        assert_eq!(key.hash().as_str().len(), 64);
        assert_eq!(key.hash().to_string(), key.hash().as_str());
        let typo = key.expose().replacen("5a5a", "5b5a", 1);
        for bad in [typo.as_str(), "", "dr_live_", "YOUR_API_KEY"] {
            assert_eq!(AccessKey::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{:?}", AccessKey::from_random([1; 20])), "AccessKey(Secret(…))");
    }

    #[test]
    fn the_seed_header_keeps_the_old_key_until_promotion_or_a_day() {
        let start = Timestamp::from_secs(1_800_000_000);
        let keys = SigningKeys::first(key(1), start);
        assert_eq!(keys.for_seed_header(start), &key(1));

        let rotating = keys.rotate(key(2), start);
        let last = start + SigningKeys::ROTATION - Duration::from_millis(1);
        let after = start + SigningKeys::ROTATION;
        assert_eq!(rotating.for_seed_header(last), &key(1));
        assert_eq!(rotating.live(last), [&key(2), &key(1)]);
        assert_eq!(rotating.for_seed_header(after), &key(2));
        assert_eq!(rotating.live(after), [&key(2)]);

        assert_eq!((rotating.promoted(), rotating.previous()), (false, Some(&key(1))));
        assert_eq!(SigningKeys::ROTATION, Duration::from_secs(86_400));
        let promoted = rotating.promote();
        assert!(promoted.promoted());
        assert_eq!(promoted.for_seed_header(start), &key(2));
        assert_eq!(promoted.live(start), [&key(2), &key(1)]);
    }

    #[test]
    fn a_signing_key_is_spelt_as_standard_webhooks_spells_it() {
        let spelling = key(7).spelling();
        let text = std::str::from_utf8(spelling.expose()).unwrap();
        assert!(text.starts_with("whsec_"));
        assert_eq!(SigningKey::parse(text), Some(key(7)));
        assert_eq!(SigningKey::parse("whsec_AAAA"), None);
    }
}
