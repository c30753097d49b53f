//! What an account has used, job by job: the rows of the dashboard that the seed names, by `job_id`.

use bytes::Bytes;
use darkroom_core::job::{Charge, Job, JobState};
use darkroom_core::port::JobPage;
use http::{Response, StatusCode};
use serde::Serialize;

use super::error::failure_code;
use crate::answer;
use crate::call::Balance;

#[derive(Serialize)]
struct Told<'a> {
    period: String,
    quota: u64,
    used: u64,
    remaining: u64,
    rows: Vec<Row<'a>>,
    next_before: Option<String>,
}

#[derive(Serialize)]
struct Row<'a> {
    job_id: String,
    created_at: String,
    status: &'static str,
    charged: bool,
    error_code: Option<&'static str>,
    external_identifier: Option<&'a str>,
}

/// The answer to `/usage`.
pub(crate) fn rows(balance: &Balance, page: &JobPage) -> Response<Bytes> {
    let body = Told {
        period: balance.period.to_string(),
        quota: balance.quota,
        used: balance.usage.used,
        remaining: balance.left(),
        rows: page.jobs.iter().map(row).collect(),
        next_before: page.next_before.map(|id| id.to_uuid()),
    };
    answer::json(StatusCode::OK, &body)
}

fn row(job: &Job) -> Row<'_> {
    let (status, failure) = match &job.state {
        JobState::Accepted | JobState::Queued => ("queued", None),
        JobState::Rendering(_) => ("processing", None),
        JobState::Completed { .. } => ("completed", None),
        JobState::Failed { failure, .. } => ("failed", Some(failure.kind)),
        JobState::Rejected { .. } => ("failed", None),
    };
    Row {
        job_id: job.id.to_uuid(),
        created_at: job.order.accepted_at.to_string(),
        status,
        charged: job.charge == Charge::Charged,
        error_code: failure.map(failure_code),
        external_identifier: job.order.external_identifier.as_ref().map(|it| it.as_str()),
    }
}
