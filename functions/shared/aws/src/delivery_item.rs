//! A delivery as an item: pk `job#<decimal id>`, sk `delivery`.

use std::net::SocketAddr;
use std::time::Duration;

use darkroom_core::delivery::{
    Answer, Attempt, AttemptOutcome, Delivery, Phase, PostFault, Sequel,
};
use darkroom_core::id::ClaimToken;
use darkroom_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::item::{
    Item, SCHEMA, SCHEMA_VERSION, TTL, Unreadable, VERSION, check_schema, job_of_pk, job_pk, key,
    number, parse_time, parsed, read_json, read_number, read_time, text, to_json,
};
use crate::spec_document::millis;

pub(crate) const SK: &str = "delivery";

/// The phase's name, for operators.
const PHASE: &str = "phase";
const PHASE_DETAIL: &str = "phase_detail";
/// There where no schedule follows.
const SEQUEL: &str = "sequel";
const NOTHING: &str = "nothing";
/// There while attempts are postponed.
const POSTPONED_SINCE: &str = "postponed_since";
/// A list with one JSON document for each attempt.
const ATTEMPTS: &str = "attempts";

/// Attempts are listed for 30 days after the latest transition.
const KEPT: Duration = Duration::from_secs(31 * 24 * 60 * 60);

#[derive(Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
enum PhaseDocument {
    Due { number: u8, at: String },
    Claimed { number: u8, token: String, lease_until: String },
    Delivered { at: String },
    Abandoned { at: String },
    Refused { at: String },
}

#[derive(Serialize, Deserialize)]
struct AttemptDocument {
    number: u8,
    at: String,
    took_ms: u64,
    address: Option<SocketAddr>,
    outcome: OutcomeDocument,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeDocument {
    Answered {
        status: u16,
        body_head: String,
        retry_after_ms: Option<u64>,
        location: Option<String>,
    },
    Unanswered {
        class: String,
        detail: String,
    },
}

/// The whole item of a delivery.
pub(crate) fn whole(delivery: &Delivery) -> Result<Item, Unreadable> {
    let expires = time_of(&delivery.phase) + KEPT;
    let mut item = key(job_pk(delivery.job), SK);
    item.insert(SCHEMA.to_owned(), number(SCHEMA_VERSION));
    item.insert(TTL.to_owned(), number(expires.as_secs()));
    item.insert(VERSION.to_owned(), number(delivery.version));
    let phase = PhaseDocument::from(&delivery.phase);
    item.insert(PHASE.to_owned(), text(phase.name()));
    item.insert(PHASE_DETAIL.to_owned(), to_json(&phase)?);
    if delivery.sequel == Sequel::Nothing {
        item.insert(SEQUEL.to_owned(), text(NOTHING));
    }
    if let Some(since) = delivery.postponed_since {
        item.insert(POSTPONED_SINCE.to_owned(), text(since));
    }
    let attempts = delivery
        .attempts
        .iter()
        .map(|attempt| to_json(&AttemptDocument::from(attempt)))
        .collect::<Result<_, _>>()?;
    item.insert(ATTEMPTS.to_owned(), AttributeValue::L(attempts));
    Ok(item)
}

/// The delivery that an item holds.
pub(crate) fn read(item: &Item) -> Result<Delivery, Unreadable> {
    check_schema(item)?;
    let phase: PhaseDocument = read_json(item, PHASE_DETAIL)?;
    let Some(AttributeValue::L(attempts)) = item.get(ATTEMPTS) else {
        return Err(Unreadable(format!("{ATTEMPTS} isn't a list")));
    };
    let postponed = item.contains_key(POSTPONED_SINCE);
    Ok(Delivery {
        job: job_of_pk(item)?,
        version: read_number(item, VERSION)?,
        phase: phase.try_into()?,
        sequel: if item.contains_key(SEQUEL) { Sequel::Nothing } else { Sequel::Schedule },
        postponed_since: postponed.then(|| read_time(item, POSTPONED_SINCE)).transpose()?,
        attempts: attempts.iter().map(read_attempt).collect::<Result<_, _>>()?,
    })
}

fn time_of(phase: &Phase) -> Timestamp {
    match phase {
        Phase::Due { at, .. }
        | Phase::Claimed { lease_until: at, .. }
        | Phase::Delivered { at }
        | Phase::Abandoned { at }
        | Phase::Refused { at } => *at,
    }
}

fn read_attempt(value: &AttributeValue) -> Result<Attempt, Unreadable> {
    let AttributeValue::S(json) = value else {
        return Err(Unreadable("an attempt isn't text".to_owned()));
    };
    let document: AttemptDocument =
        serde_json::from_str(json).map_err(|fault| Unreadable(format!("an attempt: {fault}")))?;
    document.try_into()
}

impl PhaseDocument {
    const fn name(&self) -> &'static str {
        match self {
            Self::Due { .. } => "due",
            Self::Claimed { .. } => "claimed",
            Self::Delivered { .. } => "delivered",
            Self::Abandoned { .. } => "abandoned",
            Self::Refused { .. } => "refused",
        }
    }
}

impl From<&Phase> for PhaseDocument {
    fn from(phase: &Phase) -> Self {
        match phase {
            Phase::Due { number, at } => Self::Due { number: *number, at: at.to_string() },
            Phase::Claimed { number, token, lease_until } => Self::Claimed {
                number: *number,
                token: token.to_string(),
                lease_until: lease_until.to_string(),
            },
            Phase::Delivered { at } => Self::Delivered { at: at.to_string() },
            Phase::Abandoned { at } => Self::Abandoned { at: at.to_string() },
            Phase::Refused { at } => Self::Refused { at: at.to_string() },
        }
    }
}

impl TryFrom<PhaseDocument> for Phase {
    type Error = Unreadable;

    fn try_from(document: PhaseDocument) -> Result<Self, Unreadable> {
        Ok(match document {
            PhaseDocument::Due { number, at } => Self::Due { number, at: parse_time(&at)? },
            PhaseDocument::Claimed { number, token, lease_until } => Self::Claimed {
                number,
                token: parsed("token", &token, ClaimToken::parse)?,
                lease_until: parse_time(&lease_until)?,
            },
            PhaseDocument::Delivered { at } => Self::Delivered { at: parse_time(&at)? },
            PhaseDocument::Abandoned { at } => Self::Abandoned { at: parse_time(&at)? },
            PhaseDocument::Refused { at } => Self::Refused { at: parse_time(&at)? },
        })
    }
}

impl From<&Attempt> for AttemptDocument {
    fn from(attempt: &Attempt) -> Self {
        let outcome = match &attempt.outcome {
            AttemptOutcome::Answered(answer) => OutcomeDocument::Answered {
                status: answer.status,
                body_head: answer.body_head.clone(),
                retry_after_ms: answer.retry_after.map(millis),
                location: answer.location.clone(),
            },
            AttemptOutcome::Unanswered { class, detail } => OutcomeDocument::Unanswered {
                class: class.name().to_owned(),
                detail: detail.clone(),
            },
        };
        Self {
            number: attempt.number,
            at: attempt.at.to_string(),
            took_ms: millis(attempt.took),
            address: attempt.address,
            outcome,
        }
    }
}

impl TryFrom<AttemptDocument> for Attempt {
    type Error = Unreadable;

    fn try_from(document: AttemptDocument) -> Result<Self, Unreadable> {
        let outcome = match document.outcome {
            OutcomeDocument::Answered { status, body_head, retry_after_ms, location } => {
                AttemptOutcome::Answered(Answer {
                    status,
                    body_head,
                    retry_after: retry_after_ms.map(Duration::from_millis),
                    location,
                })
            }
            OutcomeDocument::Unanswered { class, detail } => AttemptOutcome::Unanswered {
                class: parsed("class", &class, PostFault::from_name)?,
                detail,
            },
        };
        Ok(Self {
            number: document.number,
            at: parse_time(&document.at)?,
            took: Duration::from_millis(document.took_ms),
            address: document.address,
            outcome,
        })
    }
}

#[cfg(test)]
mod tests {
    use darkroom_core::id::JobId;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);

    fn outcomes() -> Vec<AttemptOutcome> {
        let answers = [(200, None, None), (503, Some(15), Some("https://e.com/"))];
        let answered = answers.into_iter().map(|(status, retry_after_s, location)| {
            AttemptOutcome::Answered(Answer {
                status,
                body_head: "a\"b\n\u{fffd}".to_owned(),
                retry_after: retry_after_s.map(Duration::from_secs),
                location: location.map(str::to_owned),
            })
        });
        let unanswered = PostFault::ALL
            .map(|class| AttemptOutcome::Unanswered { class, detail: "why".to_owned() });
        answered.chain(unanswered).collect()
    }

    #[test]
    fn every_phase_and_outcome_survives_a_round_trip() {
        let token = ClaimToken::from_random([7; 16]);
        let phases = [
            Phase::Due { number: 2, at: NOW },
            Phase::Claimed { number: 4, token, lease_until: NOW },
            Phase::Delivered { at: NOW },
            Phase::Abandoned { at: NOW },
            Phase::Refused { at: NOW },
        ];
        let attempts = outcomes().into_iter().map(|outcome| Attempt {
            number: 3,
            at: NOW,
            took: Duration::from_millis(2_001),
            address: Some("[2001:4860::1]:443".parse().unwrap()),
            outcome,
        });
        let attempts: Vec<_> = attempts.collect();
        for phase in phases {
            for (sequel, postponed_since) in
                [(Sequel::Schedule, None), (Sequel::Schedule, Some(NOW)), (Sequel::Nothing, None)]
            {
                let (job, phase) = (JobId::new(NOW, 5), phase.clone());
                let attempts = attempts.clone();
                let delivery =
                    Delivery { job, version: 9, phase, sequel, postponed_since, attempts };
                assert_eq!(read(&whole(&delivery).unwrap()).unwrap(), delivery);
            }
        }
    }
}
