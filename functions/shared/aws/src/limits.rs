//! What counts against an account's limits: its starts in one minute, pk `starts#<account>`, sk the
//! minute since 1970; and its captures that are under way, pk `places#<account>`, sk `places`.

use std::num::NonZeroU32;
use std::time::Duration;

use aws_sdk_dynamodb::types::{Delete, Update};
use darkroom_core::id::AccountId;
use darkroom_core::job::Order;
use darkroom_core::port::PortResult;
use darkroom_core::time::Minute;

use crate::item::{TTL, key, number, read_number};
use crate::table::{Table, built};

const USED: &str = "used";
const PLACES_SK: &str = "places";

/// A minute that has passed is of no interest any more.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// Counts a start, if fewer than `limit` are counted in its minute.
pub(crate) fn start(table: &Table, order: &Order, limit: NonZeroU32) -> PortResult<Update> {
    let minute = Minute::of(order.accepted_at);
    let expires = minute.end() + KEPT;
    let update = table
        .updating(format!("starts#{}", order.account), &minute.number().to_string())
        .update_expression("SET #ttl = :ttl ADD #used :one")
        .condition_expression("attribute_not_exists(#used) OR #used < :limit")
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_names("#used", USED)
        .expression_attribute_values(":ttl", number(expires.as_secs()))
        .expression_attribute_values(":one", number(1_u64))
        .expression_attribute_values(":limit", number(limit.get()));
    built(update.build())
}

/// The starts that are counted in a minute.
pub(crate) async fn starts(table: &Table, account: &AccountId, minute: Minute) -> PortResult<u32> {
    let pk = format!("starts#{account}");
    match table.get(pk, &minute.number().to_string()).await? {
        Some(item) => Ok(read_number(&item, USED)?),
        None => Ok(0),
    }
}

/// Takes a place, if fewer than `limit` are taken.
pub(crate) fn take_place(table: &Table, order: &Order, limit: NonZeroU32) -> PortResult<Update> {
    let update = table
        .updating(places(&order.account), PLACES_SK)
        .update_expression("ADD #used :one")
        .condition_expression("attribute_not_exists(#used) OR #used < :limit")
        .expression_attribute_names("#used", USED)
        .expression_attribute_values(":one", number(1_u64))
        .expression_attribute_values(":limit", number(limit.get()));
    built(update.build())
}

/// Gives a place back.
pub(crate) fn free_place(table: &Table, order: &Order) -> PortResult<Update> {
    let update = table
        .updating(places(&order.account), PLACES_SK)
        .update_expression("SET #used = #used - :one")
        .condition_expression("#used > :zero")
        .expression_attribute_names("#used", USED)
        .expression_attribute_values(":one", number(1_u64))
        .expression_attribute_values(":zero", number(0_u64));
    built(update.build())
}

/// Forgets which places are taken.
pub(crate) fn forget_places(table: &Table, account: &AccountId) -> PortResult<Delete> {
    let place = key(places(account), PLACES_SK);
    built(Delete::builder().table_name(&table.name).set_key(Some(place)).build())
}

fn places(account: &AccountId) -> String {
    format!("places#{account}")
}
