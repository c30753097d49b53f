//! From an access key to its account, by one read.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use darkroom_core::account::{Account, KeyHolder, Limits, Opens};
use darkroom_core::key::AccessKeyHash;
use darkroom_core::port::{Accounts, PortResult};
use tokio::time::Instant;

use crate::item::{ACCOUNT, Item, Unreadable, number, read_account, read_number, read_text, text};
use crate::table::Table;

/// How long an account is believed after it was read: as long may a revoked key
/// still open, and an old quota or limit count.
pub const BELIEVED_FOR: Duration = Duration::from_secs(60);

/// Accounts that one environment remembers.
const REMEMBERED: usize = 1_000;

pub(crate) const KEY_SK: &str = "key";
pub(crate) const NAME: &str = "name";
pub(crate) const QUOTA_PER_MONTH: &str = "quota_per_month";
const STARTS_PER_MINUTE: &str = "starts_per_minute";
const AT_ONCE: &str = "at_once";
const OPENS: &str = "opens";
const LINKS: &str = "links";

/// Knows accounts by their access keys. Keys that aren't known are asked for
/// again each time.
#[derive(Debug)]
pub struct DynamoAccounts {
    table: Table,
    seen: Mutex<HashMap<AccessKeyHash, (Instant, KeyHolder)>>,
}

impl DynamoAccounts {
    /// The accounts in this table.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table, seen: Mutex::new(HashMap::new()) }
    }

    fn remembered(&self, key: &AccessKeyHash) -> Option<KeyHolder> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, holder) = seen.get(key)?;
        (read_at.elapsed() < BELIEVED_FOR).then(|| holder.clone())
    }

    fn remember(&self, key: &AccessKeyHash, holder: &KeyHolder) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.retain(|_, (read_at, _)| read_at.elapsed() < BELIEVED_FOR);
        }
        if seen.len() >= REMEMBERED {
            seen.clear();
        }
        seen.insert(key.clone(), (Instant::now(), holder.clone()));
    }
}

#[async_trait]
impl Accounts for DynamoAccounts {
    async fn by_key(&self, key: &AccessKeyHash) -> PortResult<Option<KeyHolder>> {
        if let Some(holder) = self.remembered(key) {
            return Ok(Some(holder));
        }
        let Some(item) = self.table.get(key_pk(key), KEY_SK).await? else {
            return Ok(None);
        };
        let holder = read(&item)?;
        self.remember(key, &holder);
        Ok(Some(holder))
    }
}

/// The key's item holds what every request needs of its account.
pub(crate) fn key_pk(key: &AccessKeyHash) -> String {
    format!("key#{key}")
}

fn read(item: &Item) -> Result<KeyHolder, Unreadable> {
    let account = Account {
        id: read_account(item, ACCOUNT)?,
        name: read_text(item, NAME)?.to_owned(),
        quota_per_month: read_number(item, QUOTA_PER_MONTH)?,
        limits: read_limits(item)?,
    };
    Ok(KeyHolder { account, opens: read_opens(item)? })
}

/// What a key opens; everything where its item doesn't say.
pub(crate) fn read_opens(item: &Item) -> Result<Opens, Unreadable> {
    if !item.contains_key(OPENS) {
        return Ok(Opens::Everything);
    }
    match read_text(item, OPENS)? {
        LINKS => Ok(Opens::Links),
        other => Err(Unreadable(format!("{OPENS} is {other:?}"))),
    }
}

/// Puts what a key opens into its item.
pub(crate) fn put_opens(item: &mut Item, opens: Opens) {
    match opens {
        Opens::Everything => {}
        Opens::Links => {
            item.insert(OPENS.to_owned(), text(LINKS));
        }
    }
}

/// The limits that an item holds; none where it has no such attribute.
pub(crate) fn read_limits(item: &Item) -> Result<Limits, Unreadable> {
    let read = |name| item.contains_key(name).then(|| read_number(item, name)).transpose();
    Ok(Limits { starts_per_minute: read(STARTS_PER_MINUTE)?, at_once: read(AT_ONCE)? })
}

/// Puts limits into an item.
pub(crate) fn put_limits(item: &mut Item, limits: Limits) {
    let limits = [(STARTS_PER_MINUTE, limits.starts_per_minute), (AT_ONCE, limits.at_once)];
    for (name, limit) in limits {
        if let Some(limit) = limit {
            item.insert(name.to_owned(), number(limit.get()));
        }
    }
}
