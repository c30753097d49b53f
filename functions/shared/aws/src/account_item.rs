//! An account as an item: pk `account#<id>`, sk `account`; and its access keys'
//! items: pk `key#<hash>`, sk `key`, each with a copy of what a request needs of
//! the account.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use darkroom_core::account::{Account, Opens};
use darkroom_core::id::AccountId;
use darkroom_core::key::AccessKeyHash;
use darkroom_core::time::Timestamp;

use crate::accounts::{
    KEY_SK, NAME, QUOTA_PER_MONTH, key_pk, put_limits, put_opens, read_limits, read_opens,
};
use crate::item::{
    ACCOUNT, Item, LISTED_AT, PK, SCHEMA, SCHEMA_VERSION, Unreadable, VERSION, check_schema, key,
    number, parsed, read_number, read_text, read_time, text,
};

pub(crate) const SK: &str = "account";

/// What the index lists accounts under; no account's id is spelt so.
pub(crate) const ALL_ACCOUNTS: &str = "all accounts";

const CREATED_AT: &str = "created_at";
const REVOKED_AT: &str = "revoked_at";
const KEYS: &str = "keys";
const HASH: &str = "hash";
const LABEL: &str = "label";

/// An account with all that its operator may know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRecord {
    /// What its access keys lead to.
    pub account: Account,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// Its access keys, the oldest first.
    pub keys: Vec<KeyRecord>,
    /// How often it was changed.
    pub(crate) version: u32,
}

/// An access key as far as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRecord {
    /// Its hash.
    pub hash: AccessKeyHash,
    /// What its operator calls it.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it opens.
    pub opens: Opens,
}

pub(crate) fn pk(account: &AccountId) -> String {
    format!("account#{account}")
}

pub(crate) fn whole(record: &AccountRecord) -> Item {
    let mut item = key(pk(&record.account.id), SK);
    item.insert(SCHEMA.to_owned(), number(SCHEMA_VERSION));
    item.insert(VERSION.to_owned(), number(record.version));
    item.insert(ACCOUNT.to_owned(), text(ALL_ACCOUNTS));
    item.insert(LISTED_AT.to_owned(), text(record.created_at));
    item.insert(NAME.to_owned(), text(&record.account.name));
    let quota = number(record.account.quota_per_month);
    item.insert(QUOTA_PER_MONTH.to_owned(), quota);
    put_limits(&mut item, record.account.limits);
    item.insert(CREATED_AT.to_owned(), text(record.created_at));
    if let Some(at) = record.revoked_at {
        item.insert(REVOKED_AT.to_owned(), text(at));
    }
    let keys = record.keys.iter().map(key_entry).collect();
    item.insert(KEYS.to_owned(), AttributeValue::L(keys));
    item
}

pub(crate) fn read(item: &Item) -> Result<AccountRecord, Unreadable> {
    check_schema(item)?;
    let id = read_text(item, PK)?;
    let id = id.strip_prefix("account#").unwrap_or(id);
    let Some(AttributeValue::L(keys)) = item.get(KEYS) else {
        return Err(Unreadable(format!("{KEYS} isn't a list")));
    };
    let revoked = item.contains_key(REVOKED_AT);
    Ok(AccountRecord {
        account: Account {
            id: parsed(PK, id, AccountId::parse)?,
            name: read_text(item, NAME)?.to_owned(),
            quota_per_month: read_number(item, QUOTA_PER_MONTH)?,
            limits: read_limits(item)?,
        },
        created_at: read_time(item, CREATED_AT)?,
        revoked_at: revoked.then(|| read_time(item, REVOKED_AT)).transpose()?,
        keys: keys.iter().map(read_key_entry).collect::<Result<_, _>>()?,
        version: read_number(item, VERSION)?,
    })
}

/// The item by which an access key is found.
pub(crate) fn key_item(account: &Account, record: &KeyRecord) -> Item {
    let mut item = key(key_pk(&record.hash), KEY_SK);
    item.insert(SCHEMA.to_owned(), number(SCHEMA_VERSION));
    item.insert(ACCOUNT.to_owned(), text(&account.id));
    item.insert(NAME.to_owned(), text(&account.name));
    item.insert(QUOTA_PER_MONTH.to_owned(), number(account.quota_per_month));
    put_limits(&mut item, account.limits);
    item.insert(LABEL.to_owned(), text(&record.label));
    item.insert(CREATED_AT.to_owned(), text(record.created_at));
    put_opens(&mut item, record.opens);
    item
}

fn key_entry(record: &KeyRecord) -> AttributeValue {
    let mut entry = HashMap::from([
        (HASH.to_owned(), text(&record.hash)),
        (LABEL.to_owned(), text(&record.label)),
        (CREATED_AT.to_owned(), text(record.created_at)),
    ]);
    put_opens(&mut entry, record.opens);
    AttributeValue::M(entry)
}

fn read_key_entry(value: &AttributeValue) -> Result<KeyRecord, Unreadable> {
    let AttributeValue::M(entry) = value else {
        return Err(Unreadable("a key's entry isn't a map".to_owned()));
    };
    Ok(KeyRecord {
        hash: AccessKeyHash::from_stored(read_text(entry, HASH)?.to_owned()),
        label: read_text(entry, LABEL)?.to_owned(),
        created_at: read_time(entry, CREATED_AT)?,
        opens: read_opens(entry)?,
    })
}
