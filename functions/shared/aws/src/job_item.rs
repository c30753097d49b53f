//! A job as an item: pk `job#<decimal id>`, sk `job`.
//!
//! What an operator looks for in the console is an attribute of its own
//! (account, state, version, claims …); the rest is in two JSON documents, the
//! order, which never changes, and the state's detail.

use std::time::Duration;

use darkroom_core::id::JobId;
use darkroom_core::job::{Charge, Job};

use crate::item::{
    ACCOUNT, Item, LISTED_AT, SCHEMA, SCHEMA_VERSION, TTL, Unreadable, VERSION, check_schema,
    job_of_pk, job_pk, key, number, read_account, read_json, read_number, read_text, text, to_json,
};
use crate::order_document::OrderDocument;
use crate::spec_document::millis;
use crate::state_document::StateDocument;

pub(crate) const SK: &str = "job";
pub(crate) const STATE: &str = "state";

const ORDER: &str = "order";
const CHARGE: &str = "charge";
const CLAIMS: &str = "claims";
const SPENT_MS: &str = "spent_ms";
const STATE_DETAIL: &str = "state_detail";

const CHARGED: &str = "charged";
const RELEASED: &str = "released";

/// The digits of the largest job id, so that ids sort as text.
const ID_DIGITS: usize = 19;

/// The whole item of a new job that is kept for `kept`.
pub(crate) fn whole(job: &Job, kept: Duration) -> Result<Item, Unreadable> {
    let expires = job.order.accepted_at + kept;
    let mut item = key(job_pk(job.id), SK);
    item.insert(SCHEMA.to_owned(), number(SCHEMA_VERSION));
    item.insert(LISTED_AT.to_owned(), text(listed_at(job.id)));
    item.insert(TTL.to_owned(), number(expires.as_secs()));
    item.extend(order(job)?);
    item.extend(standing(job)?);
    Ok(item)
}

/// What no transition changes, and no two jobs share.
pub(crate) fn order(job: &Job) -> Result<Item, Unreadable> {
    let document = OrderDocument::from(&job.order);
    Ok(Item::from([
        (ACCOUNT.to_owned(), text(&job.order.account)),
        (ORDER.to_owned(), to_json(&document)?),
    ]))
}

/// What transitions change.
pub(crate) fn standing(job: &Job) -> Result<Item, Unreadable> {
    let state = StateDocument::from(&job.state);
    let charge = match job.charge {
        Charge::Charged => CHARGED,
        Charge::Released => RELEASED,
    };
    Ok(Item::from([
        (VERSION.to_owned(), number(job.version)),
        (STATE.to_owned(), text(state.name())),
        (STATE_DETAIL.to_owned(), to_json(&state)?),
        (CHARGE.to_owned(), text(charge)),
        (CLAIMS.to_owned(), number(job.claims)),
        (SPENT_MS.to_owned(), number(millis(job.spent))),
    ]))
}

/// The job that an item holds.
pub(crate) fn read(item: &Item) -> Result<Job, Unreadable> {
    check_schema(item)?;
    let id = job_of_pk(item)?;
    let account = read_account(item, ACCOUNT)?;
    let order: OrderDocument = read_json(item, ORDER)?;
    let state: StateDocument = read_json(item, STATE_DETAIL)?;
    Ok(Job {
        id,
        order: order.into_order(id, account)?,
        version: read_number(item, VERSION)?,
        charge: match read_text(item, CHARGE)? {
            CHARGED => Charge::Charged,
            RELEASED => Charge::Released,
            other => return Err(Unreadable(format!("{CHARGE} is {other:?}"))),
        },
        claims: read_number(item, CLAIMS)?,
        spent: Duration::from_millis(read_number(item, SPENT_MS)?),
        state: state.try_into()?,
    })
}

/// A job's place among its account's in the index, by which they sort by age.
pub(crate) fn listed_at(job: JobId) -> String {
    format!("{:0ID_DIGITS$}", job.as_u64())
}
