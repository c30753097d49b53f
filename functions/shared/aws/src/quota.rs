//! The counter of one account in one month.

use std::time::Duration;

use aws_sdk_dynamodb::types::Update;
use darkroom_core::id::AccountId;
use darkroom_core::job::Order;
use darkroom_core::port::PortResult;
use darkroom_core::time::Period;

use crate::item::{TTL, number, read_number};
use crate::table::{Table, built};

const USED: &str = "used";

/// Thirteen months, so that a year can be compared with the one before.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Takes one unit of the order's period, if fewer than `limit` are taken.
pub(crate) fn charge(table: &Table, order: &Order, limit: u64) -> PortResult<Update> {
    let expires = order.accepted_at + KEPT;
    // A counter that isn't there yet has room, unless there is no quota at all.
    let has_room = match limit {
        0 => "#used < :limit",
        1.. => "attribute_not_exists(#used) OR #used < :limit",
    };
    let update = table
        .updating(pk(&order.account), &order.period().to_string())
        .update_expression("SET #ttl = if_not_exists(#ttl, :ttl) ADD #used :one")
        .condition_expression(has_room)
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_names("#used", USED)
        .expression_attribute_values(":ttl", number(expires.as_secs()))
        .expression_attribute_values(":one", number(1_u64))
        .expression_attribute_values(":limit", number(limit));
    built(update.build())
}

/// Gives one unit of the order's period back.
pub(crate) fn release(table: &Table, order: &Order) -> PortResult<Update> {
    let update = table
        .updating(pk(&order.account), &order.period().to_string())
        .update_expression("SET #used = #used - :one")
        .condition_expression("#used > :zero")
        .expression_attribute_names("#used", USED)
        .expression_attribute_values(":one", number(1_u64))
        .expression_attribute_values(":zero", number(0_u64));
    built(update.build())
}

/// Units taken in a period.
pub(crate) async fn used(table: &Table, account: &AccountId, period: Period) -> PortResult<u64> {
    match table.get(pk(account), &period.to_string()).await? {
        Some(item) => Ok(read_number(&item, USED)?),
        None => Ok(0),
    }
}

fn pk(account: &AccountId) -> String {
    format!("quota#{account}")
}
