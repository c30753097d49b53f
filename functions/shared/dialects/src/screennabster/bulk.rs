//! Several captures in one request, which waits for them all.

use bytes::Bytes;
use darkroom_core::job::JobState;
use http::{Response, StatusCode};
use serde::Serialize;

use super::error::{Body, worded};
use super::reply::{Standing, standing};
use crate::answer;
use crate::call::BulkOutcome;

#[derive(Serialize)]
struct Told<'a> {
    succeeded: usize,
    failed: usize,
    results: Vec<One<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum One<'a> {
    Job(Box<Standing<'a>>),
    Refused(Body),
}

/// The answer.
pub(crate) fn told(outcomes: &[BulkOutcome]) -> Response<Bytes> {
    let is_completed = |outcome: &&BulkOutcome| match outcome {
        BulkOutcome::Begun(job, ..) => {
            matches!(job.state, JobState::Completed { .. })
        }
        BulkOutcome::Link(_) | BulkOutcome::Refused(_) => false,
    };
    let has_failed = |outcome: &&BulkOutcome| match outcome {
        BulkOutcome::Begun(job, ..) => {
            matches!(job.state, JobState::Failed { .. } | JobState::Rejected { .. })
        }
        BulkOutcome::Refused(_) => true,
        BulkOutcome::Link(_) => false,
    };
    let body = Told {
        succeeded: outcomes.iter().filter(is_completed).count(),
        failed: outcomes.iter().filter(has_failed).count(),
        results: outcomes.iter().filter_map(one).collect(),
    };
    answer::json(StatusCode::OK, &body)
}

fn one(outcome: &BulkOutcome) -> Option<One<'_>> {
    match outcome {
        // This API has no links to captures that aren't taken.
        BulkOutcome::Link(_) => None,
        BulkOutcome::Begun(job, links, _) => {
            Some(One::Job(Box::new(standing(job, links.as_ref()))))
        }
        BulkOutcome::Refused(refusal) => Some(One::Refused(worded(refusal))),
    }
}
