//! What the cache has under a key, as an item: pk `cache#<account>#<key>`, sk `cache`. Under a key of
//! its own, so that only who accepts jobs may write it.

use std::time::Duration;

use aws_sdk_dynamodb::types::Put;
use darkroom_core::cache::{CacheEntry, CacheKey, CachePlace};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::job::Job;
use darkroom_core::port::PortResult;

use crate::item::{
    Item, PK, SCHEMA, SCHEMA_VERSION, TTL, Unreadable, check_schema, key, number, read_text, text,
};
use crate::table::{Table, built};

const SK: &str = "cache";
const JOB: &str = "job";
const BEFORE: &str = "before";

/// Gives the job its place in the cache, unless a job has it whose place it doesn't take. The entry
/// is kept for as long as the job.
pub(crate) fn take(
    table: &Table,
    job: &Job,
    claim: &CachePlace,
    kept: Duration,
) -> PortResult<Put> {
    let put = table.putting(whole(job, claim, kept)).expression_attribute_names("#pk", PK);
    let Some(from) = claim.from else {
        return built(put.condition_expression("attribute_not_exists(#pk)").build());
    };
    let put = put
        .condition_expression("attribute_not_exists(#pk) OR #job = :from")
        .expression_attribute_names("#job", JOB)
        .expression_attribute_values(":from", text(from));
    built(put.build())
}

/// What is under this key.
pub(crate) async fn entry(
    table: &Table,
    account: &AccountId,
    key: &CacheKey,
) -> PortResult<Option<CacheEntry>> {
    let stored = table.get(pk(account, key), SK).await?;
    Ok(stored.as_ref().map(read).transpose()?)
}

fn whole(job: &Job, claim: &CachePlace, kept: Duration) -> Item {
    let mut item = key(pk(&job.order.account, &claim.key), SK);
    item.insert(SCHEMA.to_owned(), number(SCHEMA_VERSION));
    item.insert(TTL.to_owned(), number((job.order.accepted_at + kept).as_secs()));
    item.insert(JOB.to_owned(), text(job.id));
    if let Some(before) = claim.before {
        item.insert(BEFORE.to_owned(), text(before));
    }
    item
}

fn read(item: &Item) -> Result<CacheEntry, Unreadable> {
    check_schema(item)?;
    let job = |name: &str| {
        let id = read_text(item, name)?;
        JobId::parse_decimal(id).ok_or_else(|| Unreadable(format!("{name} is {id:?}")))
    };
    let before = item.contains_key(BEFORE).then(|| job(BEFORE)).transpose()?;
    Ok(CacheEntry { job: job(JOB)?, before })
}

fn pk(account: &AccountId, key: &CacheKey) -> String {
    format!("cache#{account}#{key}")
}
