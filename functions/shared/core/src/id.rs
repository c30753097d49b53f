//! Identifiers. A job has one id with two spellings: decimal, as Nodium's
//! `reference`, and a version-4-shaped UUID, as ScreenNabster's `job_id`.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::time::Timestamp;

const RANDOM_BITS: u32 = 22;
const TAG_BITS: u32 = 59;
const JOB_ID_BITS: u32 = 63;

/// The key of the hash that fills a UUID spelling's remaining bits. It is no
/// secret: it only makes any other UUID a spelling of no job.
const SPELLING_KEY: &[u8] = b"darkroom job id, uuid spelling, v1";

/// A job's id: 41 bits of milliseconds since 2026-01-01 (until 2095), then 22
/// random bits. It stays below 2^63, so it fits signed integers of receivers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct JobId(u64);

impl JobId {
    /// The id of a job accepted `at`, of which the lower 22 bits of `random`
    /// are taken. A time before 2026 counts as its beginning.
    #[must_use]
    pub fn new(at: Timestamp, random: u32) -> Self {
        let millis = at.as_millis().saturating_sub(Timestamp::DARKROOM_EPOCH.as_millis());
        let millis = millis & ((1 << (JOB_ID_BITS - RANDOM_BITS)) - 1);
        Self((millis << RANDOM_BITS) | u64::from(random & ((1 << RANDOM_BITS) - 1)))
    }

    /// Reads the decimal spelling; none for any but the canonical one.
    #[must_use]
    pub fn parse_decimal(text: &str) -> Option<Self> {
        let canonical = text == "0" || text.starts_with(|first: char| matches!(first, '1'..='9'));
        let value: u64 = text.parse().ok()?;
        (canonical && value >> JOB_ID_BITS == 0).then_some(Self(value))
    }

    /// The UUID spelling: the id's 63 bits and 59 bits of a keyed hash of them,
    /// around the version and variant that receivers validate (RFC 9562).
    #[must_use]
    pub fn to_uuid(self) -> String {
        let payload = (u128::from(self.0) << TAG_BITS) | u128::from(self.tag());
        let bits = ((payload >> 74) << 80)
            | (0x4 << 76)
            | (((payload >> 62) & 0xfff) << 64)
            | (0b10 << 62)
            | (payload & ((1 << 62) - 1));
        let hex = format!("{bits:032x}");
        let mut uuid = String::with_capacity(36);
        for (at, digit) in hex.char_indices() {
            if matches!(at, 8 | 12 | 16 | 20) {
                uuid.push('-');
            }
            uuid.push(digit);
        }
        uuid
    }

    /// Reads the UUID spelling; none for any UUID that isn't one of ours.
    #[must_use]
    pub fn parse_uuid(text: &str) -> Option<Self> {
        let hex: String = text.chars().filter(|&c| c != '-').collect();
        let bits = u128::from_str_radix(&hex, 16).ok()?;
        let payload =
            ((bits >> 80) << 74) | (((bits >> 64) & 0xfff) << 62) | (bits & ((1 << 62) - 1));
        let id = Self(u64::try_from(payload >> TAG_BITS).ok()?);
        (id.to_uuid() == text).then_some(id)
    }

    /// The number itself.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    fn tag(self) -> u64 {
        // HMAC takes keys of any length, so this cannot fail; zero would only
        // make another spelling.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(SPELLING_KEY) else {
            return 0;
        };
        mac.update(&self.0.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let head = digest.iter().take(8).fold(0_u64, |bits, &byte| (bits << 8) | u64::from(byte));
        head >> (64 - TAG_BITS)
    }
}

/// The decimal spelling.
impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Declares an identifier of 128 random bits, spelt as 32 hexadecimal digits.
macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The identifier made of these random bytes.
            #[must_use]
            pub const fn from_random(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Reads 32 lower-case hexadecimal digits.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let mut bytes = [0; 16];
                hex::decode_to_slice(text, &mut bytes).ok()?;
                let id = Self(bytes);
                (id.to_string() == text).then_some(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
    };
}

random_id! {
    /// Whose claim on a job or an attempt a write belongs to. A worker that was
    /// thought dead still holds an old token, and its writes are refused.
    ClaimToken
}

random_id! {
    /// Follows one request through logs and into the client's hands.
    TraceId
}

/// An account's id, `acct_` and 20 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountId(String);

impl AccountId {
    const PREFIX: &str = "acct_";

    /// The id made of these random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 10]) -> Self {
        Self(format!("{}{}", Self::PREFIX, hex::encode(bytes)))
    }

    /// Reads an id; none if it isn't spelt like one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(Self::PREFIX)?;
        let hex = digits.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
        (hex && digits.len() == 20).then(|| Self(text.to_owned()))
    }

    /// The spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The `webhook-id` of a job's delivery: the same at every attempt, so that
/// receivers can drop repeats (Standard Webhooks).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DeliveryId(String);

impl DeliveryId {
    /// The id of the delivery that announces this job.
    #[must_use]
    pub fn of(job: JobId) -> Self {
        Self(format!("msg_{}", job.to_uuid().replace('-', "")))
    }

    /// The spelling. It has no `.`, which parts the fields of what is signed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> impl Iterator<Item = JobId> {
        (0..200_u32).map(|n| {
            let at = Timestamp::from_millis(1_767_225_600_000 + u64::from(n) * 9_876_543_210);
            JobId::new(at, n.wrapping_mul(2_654_435_761))
        })
    }

    #[test]
    fn both_spellings_lead_back_to_the_id() {
        for id in ids() {
            assert_eq!(JobId::parse_decimal(&id.to_string()), Some(id));
            assert_eq!(JobId::parse_uuid(&id.to_uuid()), Some(id), "{}", id.to_uuid());
        }
    }

    #[test]
    fn a_uuid_spelling_has_the_shape_of_version_4() {
        for id in ids() {
            let uuid = id.to_uuid();
            assert_eq!(uuid.len(), 36);
            let bytes = uuid.as_bytes();
            assert_eq!(bytes[14], b'4', "{uuid}");
            assert!(b"89ab".contains(&bytes[19]), "{uuid}");
        }
    }

    #[test]
    fn any_other_uuid_is_no_spelling_of_a_job() {
        assert_eq!(JobId::parse_uuid("550e8400-e29b-41d4-a716-446655440000"), None);
        let uuid = ids().nth(7).unwrap().to_uuid();
        assert_eq!(JobId::parse_uuid(&uuid.to_uppercase()), None, "upper case");
        assert_eq!(JobId::parse_uuid(&uuid.replace('-', "")), None, "no dashes");
        for at in 0..uuid.len() {
            let mut other = uuid.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(JobId::parse_uuid(std::str::from_utf8(&other).unwrap()), None, "{at}");
        }
    }

    #[test]
    fn only_the_canonical_decimal_is_read() {
        for bad in ["", "+1", "01", "-1", " 1", "1 ", "1.0", "9223372036854775808", "abc"] {
            assert_eq!(JobId::parse_decimal(bad), None, "{bad}");
        }
        assert_eq!(JobId::parse_decimal("8472910").map(JobId::as_u64), Some(8_472_910));
    }

    #[test]
    fn later_jobs_have_larger_ids() {
        let at = Timestamp::from_millis(1_790_000_000_000);
        let later = Timestamp::from_millis(1_790_000_000_001);
        assert!(JobId::new(at, u32::MAX) < JobId::new(later, 0));
    }

    #[test]
    fn random_ids_and_accounts_survive_a_round_trip() {
        let trace = TraceId::from_random([0xab; 16]);
        assert_eq!(TraceId::parse(&trace.to_string()), Some(trace));
        assert_eq!(TraceId::parse(&trace.to_string().to_uppercase()), None);
        let account = AccountId::from_random([7; 10]);
        assert_eq!(AccountId::parse(account.as_str()), Some(account));
        assert_eq!(AccountId::parse("acct_0"), None);
    }

    #[test]
    fn ids_are_shown_as_they_are_spelt() {
        let account = AccountId::from_random([1; 10]);
        assert_eq!(account.to_string(), account.as_str());
        let delivery = DeliveryId::of(JobId::parse_decimal("8472910").unwrap());
        assert_eq!(delivery.as_str(), "msg_0000000001024929b2d1e72539d0b5ef");
        assert_eq!(delivery.to_string(), delivery.as_str());
    }
}
