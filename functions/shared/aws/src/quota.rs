//! The counters of one account in one month: of all units, and of those of each kind and day.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use darkroom_core::id::AccountId;
use darkroom_core::job::Order;
use darkroom_core::port::PortResult;
use darkroom_core::time::{Day, Period};
use darkroom_core::usage::{CaptureKind, Usage};

use crate::item::{TTL, Unreadable, number, read_number};
use crate::table::{Table, built};

const USED: &str = "used";

/// The counter of a kind.
const fn of_kind(kind: CaptureKind) -> &'static str {
    match kind {
        CaptureKind::Screenshot => "kind_screenshot",
        CaptureKind::FullPage => "kind_full_page",
        CaptureKind::Pdf => "kind_pdf",
        CaptureKind::Video => "kind_video",
    }
}

/// The counter of a day.
fn of_day(day: Day) -> String {
    format!("day_{:02}", day.number())
}

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
        .update_expression(
            "SET #ttl = if_not_exists(#ttl, :ttl) ADD #used :one, #kind :one, #day :one",
        )
        .condition_expression(has_room)
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_names("#used", USED)
        .expression_attribute_names("#kind", of_kind(order.kind))
        .expression_attribute_names("#day", of_day(order.day()))
        .expression_attribute_values(":ttl", number(expires.as_secs()))
        .expression_attribute_values(":one", number(1_u64))
        .expression_attribute_values(":limit", number(limit));
    built(update.build())
}

/// Gives one unit of the order's period back: what was taken of the whole decides.
pub(crate) fn release(table: &Table, order: &Order) -> PortResult<Update> {
    let update = table
        .updating(pk(&order.account), &order.period().to_string())
        .update_expression("SET #used = #used - :one ADD #kind :less, #day :less")
        .condition_expression("#used > :zero")
        .expression_attribute_names("#used", USED)
        .expression_attribute_names("#kind", of_kind(order.kind))
        .expression_attribute_names("#day", of_day(order.day()))
        .expression_attribute_values(":one", number(1_u64))
        .expression_attribute_values(":less", AttributeValue::N("-1".to_owned()))
        .expression_attribute_values(":zero", number(0_u64));
    built(update.build())
}

/// What was charged in a period.
pub(crate) async fn usage(table: &Table, account: &AccountId, period: Period) -> PortResult<Usage> {
    let Some(item) = table.get(pk(account), &period.to_string()).await? else {
        return Ok(Usage::default());
    };
    // What was charged before there was a counter is taken from it all the same.
    let count = |name: &str| match item.contains_key(name) {
        true => read_number::<i64>(&item, name).map(|units| u64::try_from(units).unwrap_or(0)),
        false => Ok(0),
    };
    let kinds = CaptureKind::ALL.into_iter();
    let by_kind = kinds.map(|kind| Ok((kind, count(of_kind(kind))?)));
    let by_day = period.days().map(|day| Ok((day, count(&of_day(day))?)));
    Ok(Usage {
        used: count(USED)?,
        by_kind: by_kind
            .filter(|counted| !matches!(counted, Ok((_, 0))))
            .collect::<Result<_, Unreadable>>()?,
        by_day: by_day
            .filter(|counted| !matches!(counted, Ok((_, 0))))
            .collect::<Result<_, Unreadable>>()?,
    })
}

fn pk(account: &AccountId) -> String {
    format!("quota#{account}")
}
