//! An idempotency key as an item: pk `idempotency#<account>#<hash>`, sk `idempotency`.
//! Under a key of its own, so that only who accepts or rejects jobs may write it.

use aws_sdk_dynamodb::types::{Delete, Put};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::idempotency::IdempotencyKey;
use darkroom_core::job::{Job, Order};
use darkroom_core::port::PortResult;

use crate::item::{
    Item, PK, SCHEMA, SCHEMA_VERSION, TTL, Unreadable, check_schema, key, number, read_text, text,
};
use crate::table::{Table, built};

const SK: &str = "idempotency";
const JOB: &str = "job";

/// Gives the job's key to it, unless another job has it. DynamoDB may keep an item for
/// days beyond its time, so that is judged here.
pub(crate) fn take(table: &Table, job: &Job, mark: &IdempotencyKey) -> PortResult<Put> {
    let put = table
        .putting(whole(job, mark))
        .condition_expression("attribute_not_exists(#pk) OR #ttl <= :now")
        .expression_attribute_names("#pk", PK)
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_values(":now", number(job.order.accepted_at.as_secs()));
    built(put.build())
}

/// Forgets the key of this job.
pub(crate) fn free(table: &Table, job: &Job, mark: &IdempotencyKey) -> PortResult<Delete> {
    let delete = Delete::builder()
        .table_name(&table.name)
        .set_key(Some(key(pk(&job.order.account, mark), SK)))
        .condition_expression("attribute_not_exists(#pk) OR #job = :job")
        .expression_attribute_names("#pk", PK)
        .expression_attribute_names("#job", JOB)
        .expression_attribute_values(":job", text(job.id));
    built(delete.build())
}

/// The job that has the key, if it was `found` or is stored.
pub(crate) async fn holder(
    table: &Table,
    order: &Order,
    mark: &IdempotencyKey,
    found: Option<Item>,
) -> PortResult<Option<JobId>> {
    let stored = match found {
        Some(item) => Some(item),
        None => table.get(pk(&order.account, mark), SK).await?,
    };
    Ok(stored.as_ref().map(read).transpose()?)
}

fn whole(job: &Job, mark: &IdempotencyKey) -> Item {
    let mut item = key(pk(&job.order.account, mark), SK);
    item.insert(SCHEMA.to_owned(), number(SCHEMA_VERSION));
    item.insert(TTL.to_owned(), number(kept_until_secs(&job.order)));
    item.insert(JOB.to_owned(), text(job.id));
    item
}

/// Until when the key is kept, rounded up: who rejects the job takes it for its own to the last
/// millisecond.
fn kept_until_secs(order: &Order) -> u64 {
    order.key_kept_until().as_millis().div_ceil(1000)
}

fn read(item: &Item) -> Result<JobId, Unreadable> {
    check_schema(item)?;
    let job = read_text(item, JOB)?;
    JobId::parse_decimal(job).ok_or_else(|| Unreadable(format!("{JOB} is {job:?}")))
}

fn pk(account: &AccountId, mark: &IdempotencyKey) -> String {
    format!("idempotency#{account}#{mark}")
}
