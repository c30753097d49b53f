//! `darkroom job`: what was asked for, and what became of it.

use anyhow::{Context as _, Result};
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::ledger::DynamoLedger;
use darkroom_core::capture::Source;
use darkroom_core::delivery::{Attempt, AttemptOutcome, Delivery, Phase};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::job::{Charge, Dialect, Job, JobState, SpecPlace};
use darkroom_core::port::{JobPage, JobStore as _, Ledger as _};
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::output::{Answer, pairs, table};

pub(crate) async fn show(deployment: &Deployment, id: JobId) -> Result<Answer> {
    let job = DynamoJobStore::new(deployment.table.clone()).find(id).await?;
    let job = job.with_context(|| {
        format!("there is no job {id}; jobs are kept for a month, or as long as their results")
    })?;
    let delivery = DynamoLedger::new(deployment.table.clone()).find(id).await?;
    let mut text = pairs(&lines(&job));
    if let Some(delivery) = &delivery {
        text.push('\n');
        text.push_str(&delivery_text(delivery));
    }
    let delivery = delivery.as_ref().map(delivery_entry);
    Ok(Answer { json: json!({ "job": entry(&job), "delivery": delivery }), text })
}

pub(crate) async fn list(
    deployment: &Deployment,
    account: &AccountId,
    before: Option<JobId>,
    limit: u8,
) -> Result<Answer> {
    let store = DynamoJobStore::new(deployment.table.clone());
    let JobPage { jobs, next_before } = store.list(account, before, limit).await?;
    let rows: Vec<_> = jobs
        .iter()
        .map(|job| {
            [
                job.id.to_string(),
                job.order.accepted_at.to_string(),
                dialect(job).to_owned(),
                state(job).to_owned(),
                outcome(job),
            ]
        })
        .collect();
    let mut text = if rows.is_empty() {
        format!("account {account} has no such jobs")
    } else {
        table(["JOB", "ACCEPTED", "API", "STATE", "OUTCOME"], &rows)
    };
    if let Some(next_before) = next_before {
        text = format!("{text}older ones: --before {next_before}\n");
    }
    let entries: Vec<_> = jobs.iter().map(entry).collect();
    let next_before = next_before.map(|id| id.to_string());
    let page = json!({ "account": account.as_str(), "jobs": entries, "next_before": next_before });
    Ok(Answer { json: page, text })
}

fn lines(job: &Job) -> Vec<(&'static str, String)> {
    let order = &job.order;
    let mut lines = vec![
        ("job", job.id.to_string()),
        ("uuid", job.id.to_uuid()),
        ("account", order.account.to_string()),
        ("api", dialect(job).to_owned()),
        ("trace", order.trace.to_string()),
        ("source", source(job)),
        ("state", state(job).to_owned()),
        ("outcome", outcome(job)),
        ("accepted", order.accepted_at.to_string()),
        ("expires", order.expires_at.to_string()),
        ("timeout", format!("{} s", order.timeout.as_secs())),
        ("claims", job.claims.to_string()),
        ("version", job.version.to_string()),
        ("quota", charge(job).to_owned()),
    ];
    if let Some(callback) = &order.callback {
        lines.push(("callback", callback.url.for_log()));
    }
    if let Some(identifier) = &order.external_identifier {
        lines.push(("identifier", identifier.as_str().to_owned()));
    }
    lines
}

fn entry(job: &Job) -> Value {
    let order = &job.order;
    json!({
        "id": job.id.to_string(),
        "uuid": job.id.to_uuid(),
        "account": order.account.as_str(),
        "api": dialect(job),
        "trace": order.trace.to_string(),
        "source": source(job),
        "state": state(job),
        "detail": detail(job),
        "accepted_at": order.accepted_at.to_string(),
        "expires_at": order.expires_at.to_string(),
        "timeout_s": order.timeout.as_secs(),
        "claims": job.claims,
        "version": job.version,
        "quota": charge(job),
        "callback": order.callback.as_ref().map(|callback| callback.url.for_log()),
        "external_identifier": order.external_identifier.as_ref().map(|it| it.as_str()),
    })
}

/// A result's link isn't shown: whoever has it has the result.
fn detail(job: &Job) -> Value {
    match &job.state {
        JobState::Accepted | JobState::Queued => Value::Null,
        JobState::Rejected { at } => json!({ "at": at.to_string() }),
        JobState::Rendering(claim) => json!({
            "at": claim.at.to_string(),
            "lease_until": claim.lease_until.to_string(),
        }),
        JobState::Completed { at, rendering, artifact } => json!({
            "at": at.to_string(),
            "rendering_ms": rendering.as_millis(),
            "key": artifact.key.as_str(),
            "media_type": artifact.format.media_type(),
            "size_bytes": artifact.size.as_bytes(),
            "verdict": artifact.report.verdict.summary(),
            "http_status": artifact.report.status,
            "link_expires_at": artifact.link.expires_at.to_string(),
        }),
        JobState::Failed { at, failure } => json!({
            "at": at.to_string(),
            "kind": failure.kind.name(),
            "message": failure.message,
        }),
    }
}

fn outcome(job: &Job) -> String {
    match &job.state {
        JobState::Accepted | JobState::Queued => String::new(),
        JobState::Rejected { at } => format!("never queued, {at}"),
        JobState::Rendering(claim) => format!("held until {}", claim.lease_until),
        JobState::Completed { rendering, artifact, .. } => format!(
            "{}, {} bytes, rendered in {} ms, {}",
            artifact.format.media_type(),
            artifact.size,
            rendering.as_millis(),
            artifact.report.verdict.summary()
        ),
        JobState::Failed { failure, .. } => failure.to_string(),
    }
}

/// What was captured, without what a query may hold.
fn source(job: &Job) -> String {
    match &job.order.spec {
        SpecPlace::Inline(spec) => match &spec.source {
            Source::Url(url) => url.for_log(),
            Source::Html(text) => format!("{} bytes of HTML", text.len()),
            Source::Markdown(text) => format!("{} bytes of Markdown", text.len()),
        },
        SpecPlace::Stored(key) => format!("object {}", key.as_str()),
    }
}

fn delivery_text(delivery: &Delivery) -> String {
    let mut text = pairs(&[("delivery", delivery.id().to_string()), ("phase", phase(delivery))]);
    let rows: Vec<_> = delivery
        .attempts
        .iter()
        .map(|attempt| {
            [
                attempt.number.to_string(),
                attempt.at.to_string(),
                format!("{} ms", attempt.took.as_millis()),
                attempt.address.map(|address| address.to_string()).unwrap_or_default(),
                attempt_outcome(attempt),
            ]
        })
        .collect();
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&table(["ATTEMPT", "AT", "TOOK", "ADDRESS", "OUTCOME"], &rows));
    }
    text
}

fn delivery_entry(delivery: &Delivery) -> Value {
    let attempts = delivery.attempts.iter().map(|attempt| {
        let outcome = match &attempt.outcome {
            AttemptOutcome::Answered(answer) => json!({
                "status": answer.status,
                "body_head": answer.body_head,
                "retry_after_s": answer.retry_after.map(|span| span.as_secs()),
                "location": answer.location,
            }),
            AttemptOutcome::Unanswered { class, detail } => {
                json!({ "error": class.name(), "detail": detail })
            }
        };
        json!({
            "attempt": attempt.number,
            "at": attempt.at.to_string(),
            "took_ms": attempt.took.as_millis(),
            "address": attempt.address.map(|address| address.to_string()),
            "outcome": outcome,
        })
    });
    json!({
        "webhook_id": delivery.id().to_string(),
        "phase": phase_name(delivery),
        "attempts": attempts.collect::<Vec<_>>(),
    })
}

fn attempt_outcome(attempt: &Attempt) -> String {
    match &attempt.outcome {
        AttemptOutcome::Answered(answer) => format!("status {}", answer.status),
        AttemptOutcome::Unanswered { class, detail } => format!("{}: {detail}", class.name()),
    }
}

fn phase(delivery: &Delivery) -> String {
    let name = phase_name(delivery);
    match &delivery.phase {
        Phase::Due { number, at } => format!("{name}: attempt {number} at {at}"),
        Phase::Claimed { number, lease_until, .. } => {
            format!("{name}: attempt {number}, held until {lease_until}")
        }
        Phase::Delivered { at } | Phase::Abandoned { at } | Phase::Refused { at } => {
            format!("{name} at {at}")
        }
    }
}

const fn phase_name(delivery: &Delivery) -> &'static str {
    match &delivery.phase {
        Phase::Due { .. } => "due",
        Phase::Claimed { .. } => "claimed",
        Phase::Delivered { .. } => "delivered",
        Phase::Abandoned { .. } => "abandoned",
        Phase::Refused { .. } => "refused",
    }
}

const fn state(job: &Job) -> &'static str {
    match &job.state {
        JobState::Accepted => "accepted",
        JobState::Queued => "queued",
        JobState::Rejected { .. } => "rejected",
        JobState::Rendering(_) => "rendering",
        JobState::Completed { .. } => "completed",
        JobState::Failed { .. } => "failed",
    }
}

const fn dialect(job: &Job) -> &'static str {
    match job.order.dialect {
        Dialect::Nodium => "nodium",
        Dialect::ScreenNabster => "screennabster",
    }
}

const fn charge(job: &Job) -> &'static str {
    match job.charge {
        Charge::Charged => "charged",
        Charge::Released => "released",
        Charge::Free => "free",
    }
}
