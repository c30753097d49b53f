//! What an operator does to accounts: each change in one transaction over the
//! account and the items of its access keys.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use darkroom_core::account::{Account, Limits, Opens};
use darkroom_core::id::AccountId;
use darkroom_core::key::{AccessKeyHash, SigningKey, SigningKeys};
use darkroom_core::port::{PortError, PortResult, SigningKeyring as _};
use darkroom_core::time::{Period, Timestamp};
use thiserror::Error;

use crate::account_item::{self, ALL_ACCOUNTS};
pub use crate::account_item::{AccountRecord, KeyRecord};
use crate::accounts::{KEY_SK, key_pk};
use crate::fault::port_error;
use crate::item::{ACCOUNT, Item, PK, VERSION, key, number, read_text, text};
use crate::signing_keyring::{self, DynamoSigningKeyring};
use crate::table::{BY_ACCOUNT, Table, Transacted, Written, built, put_action};
use crate::{limits, quota};

/// The access keys that an account may have: one for requests, one for links, and one more of each
/// for changing over.
pub const MAX_KEYS: usize = 4;

/// Digits of a key's hash that name it at least: fewer are a slip, not a choice.
pub const MIN_HASH_DIGITS: usize = 6;

/// Why an account wasn't changed.
#[derive(Debug, Error)]
pub enum BookError {
    /// There is no such account.
    #[error("there is no account {0}; `darkroom account list` shows them all")]
    NoAccount(AccountId),
    /// It was revoked.
    #[error("account {0} was revoked; make another with `darkroom account create`")]
    Revoked(AccountId),
    /// It has [`MAX_KEYS`] already.
    #[error(
        "account {0} has four access keys, the most there can be; revoke one with `darkroom key revoke`"
    )]
    TooManyKeys(AccountId),
    /// The key isn't named by enough of its hash.
    #[error(
        "{0:?} names no access key: give at least {MIN_HASH_DIGITS} hex digits of its hash, as `darkroom key list` shows it"
    )]
    ShortHash(String),
    /// It is the only key that the account has.
    #[error(
        "it is the last access key of account {0}, which could ask for nothing without it; make another first \
         with `darkroom key create {0}`, end the account with `darkroom account revoke {0}`, or say --force"
    )]
    LastKey(AccountId),
    /// No key has a hash that begins so.
    #[error(
        "account {account} has no access key whose hash begins with {prefix:?}; `darkroom key list {account}` shows them"
    )]
    NoKey {
        /// The account.
        account: AccountId,
        /// What was looked for.
        prefix: String,
    },
    /// Two keys have a hash that begins so.
    #[error("several access keys of account {account} begin with {prefix:?}; give more digits")]
    AmbiguousKey {
        /// The account.
        account: AccountId,
        /// What was looked for.
        prefix: String,
    },
    /// Its signing keys aren't those any more that the change was decided on.
    #[error(
        "the signing keys of account {0} were changed in the meantime; look again with `darkroom signing show {0}`"
    )]
    OtherSigningKeys(AccountId),
    /// Someone else changed it at the same time.
    #[error("account {0} was changed by someone else at the same time; try again")]
    Met(AccountId),
    /// The table didn't do it, or didn't say so.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// An account that is to be made.
#[derive(Debug)]
pub struct NewAccount {
    /// What its access keys lead to.
    pub account: Account,
    /// Its first access key.
    pub key: KeyRecord,
    /// Its first signing key.
    pub signing_key: SigningKey,
    /// Now.
    pub now: Timestamp,
}

/// The accounts of a deployment, as its operator sees and changes them.
#[derive(Clone, Debug)]
pub struct AccountBook {
    table: Table,
}

impl AccountBook {
    /// The book in this table.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Makes an account with its first access key and signing key.
    ///
    /// # Errors
    ///
    /// [`BookError::Met`] if its id or key is taken, [`BookError::Port`].
    pub async fn create(&self, new: NewAccount) -> Result<AccountRecord, BookError> {
        let signing = SigningKeys::first(new.signing_key, new.now);
        let record = AccountRecord {
            account: new.account,
            created_at: new.now,
            revoked_at: None,
            keys: vec![new.key],
            version: 1,
        };
        let mut actions = vec![
            put_action(self.put_new(account_item::whole(&record))?),
            put_action(signing_keyring::birth(&self.table, &record.account.id, &signing)?),
        ];
        for key in &record.keys {
            let item = account_item::key_item(&record.account, key);
            actions.push(put_action(self.put_new(item)?));
        }
        self.commit(&record.account.id, actions).await?;
        Ok(record)
    }

    /// Every account, revoked ones too, the oldest first. One that was made within
    /// the last second may be missing.
    ///
    /// # Errors
    ///
    /// [`BookError::Port`].
    pub async fn list(&self) -> Result<Vec<AccountRecord>, BookError> {
        let mut records = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let page = self
                .table
                .client
                .query()
                .table_name(&self.table.name)
                .index_name(BY_ACCOUNT)
                .key_condition_expression("#account = :all")
                .expression_attribute_names("#account", ACCOUNT)
                .expression_attribute_values(":all", text(ALL_ACCOUNTS))
                .set_exclusive_start_key(start.take())
                .send()
                .await
                .map_err(|error| port_error("dynamodb Query", error))?;
            for listed in page.items.unwrap_or_default() {
                let pk = read_text(&listed, PK).map_err(PortError::from)?.to_owned();
                if let Some(item) = self.table.get(pk, account_item::SK).await? {
                    records.push(account_item::read(&item).map_err(PortError::from)?);
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(records);
            }
        }
    }

    /// One account, unless it was revoked.
    ///
    /// # Errors
    ///
    /// Those of [`Self::show`], [`BookError::Revoked`].
    pub async fn live(&self, account: &AccountId) -> Result<AccountRecord, BookError> {
        let record = self.show(account).await?;
        match record.revoked_at {
            Some(_) => Err(BookError::Revoked(account.clone())),
            None => Ok(record),
        }
    }

    /// One account.
    ///
    /// # Errors
    ///
    /// [`BookError::NoAccount`], [`BookError::Port`].
    pub async fn show(&self, account: &AccountId) -> Result<AccountRecord, BookError> {
        let pk = account_item::pk(account);
        match self.table.get(pk, account_item::SK).await? {
            Some(item) => Ok(account_item::read(&item).map_err(PortError::from)?),
            None => Err(BookError::NoAccount(account.clone())),
        }
    }

    /// Changes what an account may capture in a month.
    ///
    /// # Errors
    ///
    /// Those of [`Self::show`], [`BookError::Revoked`], [`BookError::Met`].
    pub async fn set_quota(
        &self,
        account: &AccountId,
        per_month: u64,
    ) -> Result<AccountRecord, BookError> {
        let mut record = self.live(account).await?;
        record.account.quota_per_month = per_month;
        self.change_with_keys(record, Vec::new()).await
    }

    /// Changes how fast an account may ask for captures. What is under way is no longer counted.
    ///
    /// # Errors
    ///
    /// Those of [`Self::set_quota`].
    pub async fn set_limits(
        &self,
        account: &AccountId,
        limits: Limits,
    ) -> Result<AccountRecord, BookError> {
        let mut record = self.live(account).await?;
        record.account.limits = limits;
        let forget = limits::forget_places(&self.table, account)?;
        let forget = TransactWriteItem::builder().delete(forget).build();
        self.change_with_keys(record, vec![forget]).await
    }

    /// Stores a changed account, of which each key's item has a copy, with what else the change
    /// needs.
    async fn change_with_keys(
        &self,
        record: AccountRecord,
        mut actions: Vec<TransactWriteItem>,
    ) -> Result<AccountRecord, BookError> {
        for key in &record.keys {
            let item = account_item::key_item(&record.account, key);
            actions.push(put_action(self.put_old(item)?));
        }
        self.change(record, actions).await
    }

    /// Gives an account another access key.
    ///
    /// # Errors
    ///
    /// [`BookError::TooManyKeys`], and those of [`Self::set_quota`].
    pub async fn add_key(
        &self,
        account: &AccountId,
        key: KeyRecord,
    ) -> Result<AccountRecord, BookError> {
        let mut record = self.live(account).await?;
        if record.keys.len() >= MAX_KEYS {
            return Err(BookError::TooManyKeys(account.clone()));
        }
        let item = account_item::key_item(&record.account, &key);
        let actions = vec![put_action(self.put_new(item)?)];
        record.keys.push(key);
        self.change(record, actions).await
    }

    /// Takes an access key away: the one whose hash begins with `prefix`, of
    /// [`MIN_HASH_DIGITS`] at least. It stops opening within
    /// [`BELIEVED_FOR`](crate::accounts::BELIEVED_FOR). The last one goes only by `force`.
    ///
    /// # Errors
    ///
    /// [`BookError::ShortHash`], [`BookError::NoKey`], [`BookError::AmbiguousKey`],
    /// [`BookError::LastKey`], and those of [`Self::set_quota`].
    pub async fn revoke_key(
        &self,
        account: &AccountId,
        prefix: &str,
        force: bool,
    ) -> Result<KeyRecord, BookError> {
        let mut record = self.live(account).await?;
        let key = the_key(&record, prefix)?;
        record.keys.retain(|other| other.hash != key.hash);
        let opens_everything = |key: &KeyRecord| key.opens == Opens::Everything;
        let is_last = opens_everything(&key) && !record.keys.iter().any(opens_everything);
        if is_last && !force {
            return Err(BookError::LastKey(account.clone()));
        }
        let actions = vec![self.delete_key(&key.hash)?];
        self.change(record, actions).await?;
        Ok(key)
    }

    /// Takes all access keys of an account away, for good. What it has asked for
    /// goes on, and is still announced and signed.
    ///
    /// # Errors
    ///
    /// Those of [`Self::set_quota`].
    pub async fn revoke(
        &self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<AccountRecord, BookError> {
        let mut record = self.live(account).await?;
        record.revoked_at = Some(now);
        let keys = std::mem::take(&mut record.keys);
        let actions = keys.iter().map(|key| self.delete_key(&key.hash));
        let actions = actions.collect::<PortResult<_>>()?;
        self.change(record, actions).await
    }

    /// Captures that are charged to an account's period.
    ///
    /// # Errors
    ///
    /// [`BookError::Port`].
    pub async fn usage(&self, account: &AccountId, period: Period) -> Result<u64, BookError> {
        Ok(quota::usage(&self.table, account, period).await?.used)
    }

    /// The signing keys of an account.
    ///
    /// # Errors
    ///
    /// [`BookError::NoAccount`], [`BookError::Port`].
    pub async fn signing_keys(&self, account: &AccountId) -> Result<SigningKeys, BookError> {
        let keyring = DynamoSigningKeyring::new(self.table.clone());
        let keys = keyring.signing_keys(account).await?;
        keys.ok_or_else(|| BookError::NoAccount(account.clone()))
    }

    /// Begins a rotation of an account's signing keys, if they still are `from`. A
    /// previous key is forgotten, though its own rotation may not have ended.
    ///
    /// # Errors
    ///
    /// [`BookError::OtherSigningKeys`], [`BookError::Port`].
    pub async fn rotate_signing_key(
        &self,
        account: &AccountId,
        from: &SigningKeys,
        key: SigningKey,
        now: Timestamp,
    ) -> Result<SigningKeys, BookError> {
        let to = from.clone().rotate(key, now);
        self.replace_signing_keys(account, from, to).await
    }

    /// Moves the seeds' signature header to the newest signing key.
    ///
    /// # Errors
    ///
    /// Those of [`Self::signing_keys`], [`BookError::OtherSigningKeys`].
    pub async fn promote_signing_key(&self, account: &AccountId) -> Result<SigningKeys, BookError> {
        let from = self.signing_keys(account).await?;
        let to = from.clone().promote();
        self.replace_signing_keys(account, &from, to).await
    }

    async fn replace_signing_keys(
        &self,
        account: &AccountId,
        from: &SigningKeys,
        to: SigningKeys,
    ) -> Result<SigningKeys, BookError> {
        match signing_keyring::replace(&self.table, account, from, &to).await? {
            Written::Done => Ok(to),
            Written::Refused(_) => Err(BookError::OtherSigningKeys(account.clone())),
        }
    }

    /// Stores a changed record together with what else the change needs.
    async fn change(
        &self,
        mut record: AccountRecord,
        mut actions: Vec<TransactWriteItem>,
    ) -> Result<AccountRecord, BookError> {
        let from = record.version;
        record.version += 1;
        let put = self
            .table
            .putting(account_item::whole(&record))
            .condition_expression("#version = :from")
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":from", number(from));
        actions.push(put_action(built(put.build())?));
        self.commit(&record.account.id, actions).await?;
        Ok(record)
    }

    async fn commit(
        &self,
        account: &AccountId,
        actions: Vec<TransactWriteItem>,
    ) -> Result<(), BookError> {
        match self.table.transact(None, actions).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(_) | Transacted::TokenTaken => Err(BookError::Met(account.clone())),
        }
    }

    fn put_new(&self, item: Item) -> PortResult<Put> {
        self.put_if(item, "attribute_not_exists(#pk)")
    }

    fn put_old(&self, item: Item) -> PortResult<Put> {
        self.put_if(item, "attribute_exists(#pk)")
    }

    fn put_if(&self, item: Item, condition: &str) -> PortResult<Put> {
        let put = self.table.putting(item).condition_expression(condition);
        built(put.expression_attribute_names("#pk", PK).build())
    }

    fn delete_key(&self, hash: &AccessKeyHash) -> PortResult<TransactWriteItem> {
        let delete =
            Delete::builder().table_name(&self.table.name).set_key(Some(key(key_pk(hash), KEY_SK)));
        let delete = built(delete.build())?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

fn the_key(record: &AccountRecord, prefix: &str) -> Result<KeyRecord, BookError> {
    if prefix.len() < MIN_HASH_DIGITS || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(BookError::ShortHash(prefix.to_owned()));
    }
    let (account, prefix) = (record.account.id.clone(), prefix.to_ascii_lowercase());
    let mut matching = record.keys.iter().filter(|key| key.hash.as_str().starts_with(&prefix));
    match (matching.next(), matching.next()) {
        (Some(key), None) => Ok(key.clone()),
        (None, _) => Err(BookError::NoKey { account, prefix }),
        (Some(_), Some(_)) => Err(BookError::AmbiguousKey { account, prefix }),
    }
}
