//! Reading and writing a DynamoDB item attribute by attribute.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::port::PortError;
use darkroom_core::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

pub(crate) const PK: &str = "pk";
pub(crate) const SK: &str = "sk";
/// Hash key of the index `by-account`.
pub(crate) const ACCOUNT: &str = "account";
/// Range key of the index `by-account`; items without it aren't in the index.
pub(crate) const LISTED_AT: &str = "listed_at";
/// From when on DynamoDB may delete the item, in seconds since 1970.
pub(crate) const TTL: &str = "ttl";
pub(crate) const VERSION: &str = "version";
/// The layout of an item or document, for the day when it changes.
pub(crate) const SCHEMA: &str = "schema";

/// The layout that is written.
pub(crate) const SCHEMA_VERSION: u32 = 1;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// What is stored isn't what was written.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct Unreadable(pub(crate) String);

impl From<Unreadable> for PortError {
    fn from(fault: Unreadable) -> Self {
        Self::Corrupt { service: "dynamodb", cause: fault.0 }
    }
}

pub(crate) fn text(value: impl Display) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(crate) fn number(value: impl Into<u64>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

pub(crate) fn key(pk: impl Display, sk: &str) -> Item {
    HashMap::from([(PK.to_owned(), text(pk)), (SK.to_owned(), text(sk))])
}

pub(crate) fn job_pk(job: JobId) -> String {
    format!("job#{job}")
}

pub(crate) fn job_of_pk(item: &Item) -> Result<JobId, Unreadable> {
    let pk = read_text(item, PK)?;
    pk.strip_prefix("job#")
        .and_then(JobId::parse_decimal)
        .ok_or_else(|| Unreadable(format!("{pk} names no job")))
}

pub(crate) fn read_text<'a>(item: &'a Item, name: &str) -> Result<&'a str, Unreadable> {
    match item.get(name) {
        Some(AttributeValue::S(value)) => Ok(value),
        other => Err(unexpected(name, "text", other)),
    }
}

pub(crate) fn read_number<T: FromStr>(item: &Item, name: &str) -> Result<T, Unreadable> {
    match item.get(name) {
        Some(AttributeValue::N(value)) => {
            value.parse().map_err(|_out_of_range| Unreadable(format!("{name} is {value}")))
        }
        other => Err(unexpected(name, "a number", other)),
    }
}

pub(crate) fn read_time(item: &Item, name: &str) -> Result<Timestamp, Unreadable> {
    parse_time(read_text(item, name)?)
}

pub(crate) fn read_account(item: &Item, name: &str) -> Result<AccountId, Unreadable> {
    parsed(name, read_text(item, name)?, AccountId::parse)
}

pub(crate) fn parse_time(value: &str) -> Result<Timestamp, Unreadable> {
    parsed("a time", value, Timestamp::parse_rfc3339)
}

/// What `parse` makes of a stored value.
pub(crate) fn parsed<T>(
    name: &str,
    value: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Unreadable> {
    parse(value).ok_or_else(|| Unreadable(format!("{name} is {value:?}")))
}

pub(crate) fn to_json(document: &impl Serialize) -> Result<AttributeValue, Unreadable> {
    serde_json::to_string(document)
        .map(AttributeValue::S)
        .map_err(|fault| Unreadable(format!("can't be written as JSON: {fault}")))
}

pub(crate) fn read_json<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, Unreadable> {
    serde_json::from_str(read_text(item, name)?)
        .map_err(|fault| Unreadable(format!("{name}: {fault}")))
}

/// Refuses an item of a layout that this version doesn't know.
pub(crate) fn check_schema(item: &Item) -> Result<(), Unreadable> {
    let schema: u32 = read_number(item, SCHEMA)?;
    if schema == SCHEMA_VERSION {
        return Ok(());
    }
    Err(Unreadable(format!("{SCHEMA} is {schema}, this version reads {SCHEMA_VERSION}")))
}

/// Whether `stored` has every attribute of `expected`, with the same value.
pub(crate) fn agrees(stored: &Item, expected: &Item) -> bool {
    expected.iter().all(|(name, value)| stored.get(name) == Some(value))
}

fn unexpected(name: &str, wanted: &str, found: Option<&AttributeValue>) -> Unreadable {
    Unreadable(match found {
        Some(_) => format!("{name} isn't {wanted}"),
        None => format!("{name} is missing"),
    })
}
