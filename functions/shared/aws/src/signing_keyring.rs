//! The signing keys of accounts: pk `signing#<account>`, sk `signing`. Items of
//! their own, so that policies can keep them from every function but the notifier and api.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use darkroom_core::id::AccountId;
use darkroom_core::key::{SigningKey, SigningKeys};
use darkroom_core::port::{PortResult, SigningKeyring};

use crate::item::{
    Item, PK, SCHEMA, SCHEMA_VERSION, Unreadable, check_schema, key, number, read_text, read_time,
    text,
};
use crate::table::{Table, Written, built};

const SK: &str = "signing";
const NEWEST: &str = "newest";
const NEWEST_SINCE: &str = "newest_since";
const PROMOTED: &str = "promoted";
const PREVIOUS: &str = "previous";

/// Knows the signing keys in the table.
#[derive(Clone, Debug)]
pub struct DynamoSigningKeyring {
    table: Table,
}

impl DynamoSigningKeyring {
    /// The keyring in this table.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }
}

#[async_trait]
impl SigningKeyring for DynamoSigningKeyring {
    async fn signing_keys(&self, account: &AccountId) -> PortResult<Option<SigningKeys>> {
        let found = self.table.get(pk(account), SK).await?;
        Ok(found.as_ref().map(read).transpose()?)
    }
}

/// Puts an account's first keys; refused if it has some.
pub(crate) fn birth(table: &Table, account: &AccountId, keys: &SigningKeys) -> PortResult<Put> {
    let put = table
        .putting(whole(account, keys))
        .condition_expression("attribute_not_exists(#pk)")
        .expression_attribute_names("#pk", PK);
    built(put.build())
}

/// Replaces the keys, if `from` still is what is stored.
pub(crate) async fn replace(
    table: &Table,
    account: &AccountId,
    from: &SigningKeys,
    to: &SigningKeys,
) -> PortResult<Written> {
    let put = table
        .putting(whole(account, to))
        .condition_expression("#newest = :newest AND #promoted = :promoted")
        .expression_attribute_names("#newest", NEWEST)
        .expression_attribute_names("#promoted", PROMOTED)
        .expression_attribute_values(":newest", spelling(from.newest()))
        .expression_attribute_values(":promoted", AttributeValue::Bool(from.promoted()));
    table.put(built(put.build())?).await
}

fn whole(account: &AccountId, keys: &SigningKeys) -> Item {
    let mut item = key(pk(account), SK);
    item.insert(SCHEMA.to_owned(), number(SCHEMA_VERSION));
    item.insert(NEWEST.to_owned(), spelling(keys.newest()));
    item.insert(NEWEST_SINCE.to_owned(), text(keys.newest_since()));
    item.insert(PROMOTED.to_owned(), AttributeValue::Bool(keys.promoted()));
    if let Some(previous) = keys.previous() {
        item.insert(PREVIOUS.to_owned(), spelling(previous));
    }
    item
}

fn read(item: &Item) -> Result<SigningKeys, Unreadable> {
    check_schema(item)?;
    let previous = item.contains_key(PREVIOUS);
    let previous = previous.then(|| read_key(item, PREVIOUS)).transpose()?;
    let promoted = item.get(PROMOTED) == Some(&AttributeValue::Bool(true));
    let since = read_time(item, NEWEST_SINCE)?;
    Ok(SigningKeys::from_stored(read_key(item, NEWEST)?, since, promoted, previous))
}

fn read_key(item: &Item, name: &str) -> Result<SigningKey, Unreadable> {
    // Not `parsed`: its message would quote the key.
    SigningKey::parse(read_text(item, name)?)
        .ok_or_else(|| Unreadable(format!("{name} is no signing key")))
}

fn spelling(key: &SigningKey) -> AttributeValue {
    let spelling = key.spelling();
    AttributeValue::S(String::from_utf8_lossy(spelling.expose()).into_owned())
}

fn pk(account: &AccountId) -> String {
    format!("signing#{account}")
}
