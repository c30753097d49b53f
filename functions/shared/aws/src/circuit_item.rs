//! A circuit as an item: pk `circuit#<host>:<port>`, sk `circuit`. What is counted in a minute
//! is added up by DynamoDB, beside the state, which changes by its version.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use darkroom_core::circuit::{Circuit, CircuitState, CircuitStep, Receiver, Tally};
use darkroom_core::id::ClaimToken;
use darkroom_core::port::PortResult;
use darkroom_core::time::Minute;

use crate::item::{
    Item, SCHEMA, SCHEMA_VERSION, TTL, Unreadable, VERSION, check_schema, number, parsed,
    read_number, read_text, read_time, text,
};
use crate::spec_document::millis;
use crate::table::{Table, built};

pub(crate) const SK: &str = "circuit";

/// Both are there while it isn't closed.
const UNTIL: &str = "until";
const REST_MS: &str = "rest_ms";
/// There while a notifier finds out.
const TOKEN: &str = "token";
/// What was counted, and in which minute since 1970.
const MINUTE: &str = "minute";
const ATTEMPTS: &str = "attempts";
const FAILURES: &str = "failures";

/// Longer than any circuit rests. A receiver that is heard of no more is forgotten, whereupon
/// its circuit is closed.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn pk(receiver: &Receiver) -> String {
    format!("circuit#{receiver}")
}

/// The circuit that an item holds.
pub(crate) fn read(receiver: &Receiver, item: &Item) -> Result<Circuit, Unreadable> {
    check_schema(item)?;
    let state = if item.contains_key(UNTIL) {
        let until = read_time(item, UNTIL)?;
        let rest = Duration::from_millis(read_number(item, REST_MS)?);
        if item.contains_key(TOKEN) {
            let token = parsed(TOKEN, read_text(item, TOKEN)?, ClaimToken::parse)?;
            CircuitState::Probing { token, until, rest }
        } else {
            CircuitState::Open { until, rest }
        }
    } else {
        CircuitState::Closed
    };
    let counted = item.contains_key(MINUTE);
    let version = if item.contains_key(VERSION) { read_number(item, VERSION)? } else { 0 };
    Ok(Circuit {
        receiver: receiver.clone(),
        version,
        state,
        latest: counted.then(|| counted_in(item)).transpose()?,
    })
}

fn counted_in(item: &Item) -> Result<(Minute, Tally), Unreadable> {
    Ok((Minute::from_number(read_number(item, MINUTE)?), tally(item)?))
}

/// What was counted.
pub(crate) fn tally(item: &Item) -> Result<Tally, Unreadable> {
    Ok(Tally { attempts: read_number(item, ATTEMPTS)?, failures: read_number(item, FAILURES)? })
}

/// Adds to what was counted in this minute; refused where another minute is counted.
pub(crate) fn add(
    table: &Table,
    receiver: &Receiver,
    minute: Minute,
    one: Tally,
) -> PortResult<Update> {
    let update = counting(table, receiver, minute, one)
        .update_expression("SET #ttl = :ttl ADD #attempts :attempts, #failures :failures")
        .condition_expression("#minute = :minute");
    built(update.build())
}

/// Begins to count in this minute; refused where this one or a later one is counted.
pub(crate) fn begin(
    table: &Table,
    receiver: &Receiver,
    minute: Minute,
    one: Tally,
) -> PortResult<Update> {
    let update = counting(table, receiver, minute, one)
        .update_expression(
            "SET #ttl = :ttl, #schema = :schema, #minute = :minute, #attempts = :attempts, \
             #failures = :failures",
        )
        .condition_expression("attribute_not_exists(#minute) OR #minute < :minute")
        .expression_attribute_names("#schema", SCHEMA)
        .expression_attribute_values(":schema", number(SCHEMA_VERSION));
    built(update.build())
}

fn counting(
    table: &Table,
    receiver: &Receiver,
    minute: Minute,
    one: Tally,
) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
    let expires = minute.number() * 60 + KEPT.as_secs();
    table
        .updating(pk(receiver), SK)
        .expression_attribute_names("#ttl", TTL)
        .expression_attribute_names("#minute", MINUTE)
        .expression_attribute_names("#attempts", ATTEMPTS)
        .expression_attribute_names("#failures", FAILURES)
        .expression_attribute_values(":ttl", number(expires))
        .expression_attribute_values(":minute", number(minute.number()))
        .expression_attribute_values(":attempts", number(one.attempts))
        .expression_attribute_values(":failures", number(one.failures))
}

/// The update of a transition. What was counted is forgotten with it.
pub(crate) fn transition(table: &Table, step: &CircuitStep) -> PortResult<Update> {
    let CircuitStep { circuit, from_version } = step;
    let mut attributes = vec![
        (SCHEMA, Some(number(SCHEMA_VERSION))),
        (VERSION, Some(number(circuit.version))),
        (MINUTE, None),
        (ATTEMPTS, None),
        (FAILURES, None),
    ];
    attributes.extend(standing(circuit.state));
    if let CircuitState::Open { until, .. } | CircuitState::Probing { until, .. } = circuit.state {
        attributes.push((TTL, Some(number((until + KEPT).as_secs()))));
    }
    let mut update = table.updating(pk(&circuit.receiver), SK);
    update = if *from_version == 0 {
        update.condition_expression(format!("attribute_not_exists(#{VERSION})"))
    } else {
        update
            .condition_expression(format!("#{VERSION} = :from"))
            .expression_attribute_values(":from", number(*from_version))
    };
    let (mut set, mut removed) = (Vec::new(), Vec::new());
    for (name, value) in attributes {
        update = update.expression_attribute_names(format!("#{name}"), name);
        if let Some(value) = value {
            set.push(format!("#{name} = :{name}"));
            update = update.expression_attribute_values(format!(":{name}"), value);
        } else {
            removed.push(format!("#{name}"));
        }
    }
    let expression = format!("SET {} REMOVE {}", set.join(", "), removed.join(", "));
    built(update.update_expression(expression).build())
}

/// The attributes of a state; none for those that it hasn't got.
fn standing(state: CircuitState) -> [(&'static str, Option<AttributeValue>); 3] {
    let (until, rest, token) = match state {
        CircuitState::Closed => (None, None, None),
        CircuitState::Open { until, rest } => (Some(until), Some(rest), None),
        CircuitState::Probing { token, until, rest } => (Some(until), Some(rest), Some(token)),
    };
    [
        (UNTIL, until.map(text)),
        (REST_MS, rest.map(|rest| number(millis(rest)))),
        (TOKEN, token.map(text)),
    ]
}

/// Whether the stored item is what this step meant to write.
pub(crate) fn is_written(step: &CircuitStep, stored: &Item) -> bool {
    let found = read(&step.circuit.receiver, stored);
    found.is_ok_and(|found| {
        found.version == step.circuit.version && found.state == step.circuit.state
    })
}
