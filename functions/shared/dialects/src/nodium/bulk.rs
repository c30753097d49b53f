//! Several captures in one request, as Nodium's public docs and ScreenshotOne have it: links that are
//! captures when they are followed, or, with `execute`, lead to captures that are begun.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Serialize;

use super::error::worded;
use super::reply::{Status, standing};
use crate::answer;
use crate::call::{BulkOutcome, Refusal};

#[derive(Serialize)]
struct Told<'a> {
    responses: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

#[derive(Serialize)]
struct Error {
    code: &'static str,
    message: String,
}

/// The answer.
pub(crate) fn told(outcomes: &[BulkOutcome]) -> Response<Bytes> {
    let responses = outcomes.iter().map(one).collect();
    answer::json(StatusCode::OK, &Told { responses })
}

fn one(outcome: &BulkOutcome) -> One<'_> {
    match outcome {
        BulkOutcome::Link(url) => One { url: Some(url), status: None, error: None },
        BulkOutcome::Begun(job, links, url) => {
            One { url: url.as_deref(), status: Some(standing(job, links.as_ref())), error: None }
        }
        BulkOutcome::Refused(refusal) => {
            One { url: None, status: None, error: Some(error(refusal)) }
        }
    }
}

fn error(refusal: &Refusal) -> Error {
    let (code, message) = worded(refusal);
    Error { code, message }
}
