//! Which key of the signing user gives way to a new one. IAM allows two.

use std::time::Duration;

use darkroom_aws::links::{KEYS_READ_EVERY, MAX_LIFE};
use darkroom_core::time::Timestamp;
use thiserror::Error;

/// AWS knows a new key, or a changed secret, everywhere only after some seconds;
/// URLs signed with a key before that would be refused.
pub(crate) const KNOWN_EVERYWHERE: Duration = Duration::from_secs(15);

/// The secret names a key at the latest so long after the key was made: writing it
/// and trying again take a minute at most.
const SWITCHED_WITHIN: Duration = KNOWN_EVERYWHERE.saturating_add(Duration::from_secs(60));

/// An access key of the signing user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct IamKey {
    pub(crate) id: String,
    pub(crate) created_at: Timestamp,
}

/// What a rotation has to go by.
#[derive(Debug)]
pub(crate) struct Situation {
    /// The user's keys.
    pub(crate) keys: Vec<IamKey>,
    /// The key that signs now, by the secret.
    pub(crate) signing: Option<String>,
    pub(crate) now: Timestamp,
}

/// Why no key may give way yet.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error(
    "key {id} may have signed result URLs that live until {live_until}, and IAM allows two keys; rotate \
     after that, or say --force and those URLs stop working"
)]
pub(crate) struct StillLive {
    id: String,
    live_until: Timestamp,
}

impl Situation {
    /// The key that must be deleted before another can be made, if one must.
    ///
    /// # Errors
    ///
    /// [`StillLive`], unless `force` is given.
    pub(crate) fn gives_way(&self, force: bool) -> Result<Option<&IamKey>, StillLive> {
        let mut keys: Vec<_> = self.keys.iter().collect();
        keys.sort_by_key(|key| key.created_at);
        let &[older, newer] = keys.as_slice() else {
            return Ok(None);
        };
        if self.signing.as_ref() == Some(&older.id) {
            // The newer one was made by a rotation that broke off: it never signed.
            return Ok(Some(newer));
        }
        let live_until = live_until(newer.created_at);
        if self.now < live_until && !force {
            return Err(StillLive { id: older.id.clone(), live_until });
        }
        Ok(Some(older))
    }
}

/// Until when URLs may live that were signed by the key before one made then. They
/// keep what was promised when they were signed, whatever the stack's `ResultUrlDays`
/// is by now: so the longest life counts.
pub(crate) fn live_until(replacement_made_at: Timestamp) -> Timestamp {
    replacement_made_at + SWITCHED_WITHIN + KEYS_READ_EVERY + MAX_LIFE
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const START: Timestamp = Timestamp::from_secs(1_790_000_000);

    fn situation(keys: &[(&str, Timestamp)], signing: &str, now: Timestamp) -> Situation {
        let keys = keys.iter().map(|&(id, created_at)| IamKey { id: id.to_owned(), created_at });
        Situation { keys: keys.collect(), signing: Some(signing.to_owned()), now }
    }

    fn deleted(situation: &Situation, force: bool) -> Result<Option<&str>, StillLive> {
        situation.gives_way(force).map(|key| key.map(|key| key.id.as_str()))
    }

    #[test]
    fn the_first_two_keys_are_made_without_ado() {
        assert_eq!(deleted(&situation(&[], "", START), false), Ok(None));
        assert_eq!(deleted(&situation(&[("A", START)], "A", START), false), Ok(None));
    }

    #[test]
    fn the_older_key_gives_way_once_its_urls_have_ended() {
        let keys = [("B", START + DAY), ("A", START)];
        let ends = START + DAY * 8 + Duration::from_secs(15 + 60 + 5 * 60);
        let early = situation(&keys, "B", ends - Duration::from_millis(1));
        let refused = StillLive { id: "A".to_owned(), live_until: ends };
        assert_eq!(deleted(&early, false), Err(refused));
        assert_eq!(deleted(&early, true), Ok(Some("A")));
        assert_eq!(deleted(&situation(&keys, "B", ends), false), Ok(Some("A")));
    }

    #[test]
    fn a_key_that_never_signed_gives_way_at_once() {
        let keys = [("A", START), ("B", START + DAY)];
        assert_eq!(deleted(&situation(&keys, "A", START + DAY), false), Ok(Some("B")));
    }
}
