//! The delivery log: the attempts at a job's webhook, and what was asked for again. Every
//! field is always there; what an attempt hasn't got is `null`.

use bytes::Bytes;
use darkroom_core::delivery::{Attempt, AttemptOutcome, Delivery, Phase};
use darkroom_core::id::DeliveryId;
use darkroom_core::job::Job;
use http::{Response, StatusCode};
use serde::Serialize;

use super::reply::names;
use crate::answer;
use crate::call::Again;

/// The state of a webhook whose job hasn't ended yet.
const WAITING: &str = "waiting";

#[derive(Serialize)]
struct Shown<'a> {
    id: String,
    job_id: String,
    webhook_id: String,
    callback_url: Option<&'a str>,
    state: &'static str,
    next_at: Option<String>,
    postponed_since: Option<String>,
    attempts: Vec<Made<'a>>,
}

#[derive(Serialize)]
struct Made<'a> {
    number: u8,
    at: String,
    duration_ms: u128,
    address: Option<String>,
    status: Option<u16>,
    body_head: Option<&'a str>,
    location: Option<&'a str>,
    retry_after_s: Option<u64>,
    error: Option<&'static str>,
    detail: Option<&'a str>,
}

#[derive(Serialize)]
struct Sent {
    sent: Vec<Name>,
    next_before: Option<String>,
}

#[derive(Serialize)]
struct Name {
    id: String,
    job_id: String,
}

/// What was made of a job's webhook.
pub(crate) fn shown(job: &Job, delivery: Option<&Delivery>) -> Response<Bytes> {
    answer::json(StatusCode::OK, &log(job, delivery))
}

/// The same, for one that is sent again.
pub(crate) fn again(job: &Job, delivery: &Delivery) -> Response<Bytes> {
    answer::json(StatusCode::ACCEPTED, &log(job, Some(delivery)))
}

/// The same, for one whose job is accepted, or was by an earlier request with its idempotency
/// key: then this is what that one was answered.
pub(crate) fn begun(job: &Job) -> Response<Bytes> {
    let begun = Shown { state: WAITING, ..log(job, None) };
    answer::json(StatusCode::ACCEPTED, &begun)
}

/// Whose webhooks are sent again.
pub(crate) fn failed_again(again: &Again) -> Response<Bytes> {
    let sent = again.sent.iter().map(|&job| {
        let (id, job_id) = names(job);
        Name { id, job_id }
    });
    let next_before = again.next_before.map(|id| id.to_string());
    answer::json(StatusCode::ACCEPTED, &Sent { sent: sent.collect(), next_before })
}

fn log<'a>(job: &'a Job, delivery: Option<&'a Delivery>) -> Shown<'a> {
    let (id, job_id) = names(job.id);
    let (state, next_at) = standing(job, delivery);
    let attempts = delivery.map(|delivery| delivery.attempts.as_slice()).unwrap_or_default();
    Shown {
        id,
        job_id,
        webhook_id: DeliveryId::of(job.id).to_string(),
        callback_url: job.order.callback.as_ref().map(|it| it.url.as_str()),
        state,
        next_at,
        postponed_since: delivery
            .and_then(|delivery| delivery.postponed_since)
            .map(|since| since.to_string()),
        attempts: attempts.iter().map(made).collect(),
    }
}

/// Where a webhook stands, and when its next attempt is due.
fn standing(job: &Job, delivery: Option<&Delivery>) -> (&'static str, Option<String>) {
    let Some(delivery) = delivery else {
        let state = match (&job.order.callback, job.announcement()) {
            (Some(_), _) if !job.has_ended() => WAITING,
            (_, Some(_)) => "due",
            (_, None) => "none",
        };
        return (state, None);
    };
    match &delivery.phase {
        Phase::Due { at, .. } => ("due", Some(at.to_string())),
        Phase::Claimed { .. } => ("sending", None),
        Phase::Delivered { .. } => ("delivered", None),
        Phase::Abandoned { .. } => ("abandoned", None),
        Phase::Refused { .. } => ("refused", None),
    }
}

fn made(attempt: &Attempt) -> Made<'_> {
    let base = Made {
        number: attempt.number,
        at: attempt.at.to_string(),
        duration_ms: attempt.took.as_millis(),
        address: attempt.address.map(|address| address.to_string()),
        status: None,
        body_head: None,
        location: None,
        retry_after_s: None,
        error: None,
        detail: None,
    };
    match &attempt.outcome {
        AttemptOutcome::Answered(answer) => Made {
            status: Some(answer.status),
            body_head: Some(&answer.body_head),
            location: answer.location.as_deref(),
            retry_after_s: answer.retry_after.map(|span| span.as_secs()),
            ..base
        },
        AttemptOutcome::Unanswered { class, detail } => {
            Made { error: Some(class.name()), detail: Some(detail), ..base }
        }
    }
}
