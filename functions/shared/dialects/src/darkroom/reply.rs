//! Our own answers: a job in full, a page of jobs, a deletion, a redirect. Every
//! field is always there; what a job hasn't got is `null`.

use bytes::Bytes;
use darkroom_core::artifact::{Artifact, ArtifactFile, FileKind, Link, ResultLinks};
use darkroom_core::capture::Format;
use darkroom_core::failure::Failure;
use darkroom_core::id::JobId;
use darkroom_core::job::{Charge, Dialect, Job, JobState};
use darkroom_core::port::JobPage;
use darkroom_core::time::Timestamp;
use http::header::LOCATION;
use http::{Response, StatusCode};
use serde::Serialize;
use serde_json::Value;

use crate::answer;
use crate::metadata;

#[derive(Serialize)]
struct Page<'a> {
    jobs: Vec<Shown<'a>>,
    next_before: Option<String>,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: String,
    job_id: String,
    dialect: &'static str,
    state: &'static str,
    accepted_at: String,
    ended_at: Option<String>,
    timeout_s: u16,
    rendering_ms: Option<u128>,
    charged: bool,
    claims: u8,
    external_identifier: Option<&'a str>,
    callback_url: Option<&'a str>,
    trace_id: String,
    result: Option<Outcome<'a>>,
    failure: Option<Cause<'a>>,
}

#[derive(Serialize)]
struct Outcome<'a> {
    media_type: &'static str,
    size_bytes: u64,
    url: &'a str,
    expires_at: String,
    files: Vec<File<'a>>,
    store_location: Option<String>,
    page: Seen,
}

/// What is told of the page.
#[derive(Serialize)]
struct Seen {
    http_status: Option<u16>,
    verdict: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
}

/// A further file. In a list of jobs it has no link: those are made for one job
/// at a time.
#[derive(Serialize)]
struct File<'a> {
    kind: &'static str,
    media_type: &'static str,
    index: Option<u32>,
    offset_y: Option<u32>,
    width: Option<u32>,
    height: Option<u32>,
    size_bytes: u64,
    url: Option<&'a str>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct Cause<'a> {
    kind: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct Deleted {
    id: String,
    job_id: String,
    deleted: bool,
}

#[derive(Serialize)]
struct Redirect<'a> {
    url: &'a str,
    expires_at: String,
}

/// A page of jobs.
pub(crate) fn jobs(page: &JobPage) -> Response<Bytes> {
    let page = Page {
        jobs: page.jobs.iter().map(|job| shown(job, None)).collect(),
        next_before: page.next_before.map(|id| id.to_string()),
    };
    answer::json(StatusCode::OK, &page)
}

/// One job.
pub(crate) fn job(job: &Job, links: Option<&ResultLinks>) -> Response<Bytes> {
    answer::json(StatusCode::OK, &shown(job, links))
}

/// The answer to a deletion: 200, since a 204 has no body.
pub(crate) fn deleted(job: &Job) -> Response<Bytes> {
    let (id, job_id) = names(job.id);
    let body = Deleted { id, job_id, deleted: true };
    answer::json(StatusCode::OK, &body)
}

/// 302 to a result.
pub(crate) fn redirect(to: &Link) -> Response<Bytes> {
    let body = Redirect { url: &to.url, expires_at: to.expires_at.to_string() };
    answer::with_header(answer::json(StatusCode::FOUND, &body), LOCATION, &to.url)
}

/// Both spellings of a job's id.
pub(super) fn names(job: JobId) -> (String, String) {
    (job.to_string(), job.to_uuid())
}

fn shown<'a>(job: &'a Job, links: Option<&'a ResultLinks>) -> Shown<'a> {
    let order = &job.order;
    let ending = Ending::of(&job.state);
    let result = ending.artifact.map(|artifact| outcome(job, artifact, links));
    let failure = ending
        .failure
        .map(|failure| Cause { kind: failure.kind.name(), message: &failure.message });
    let (id, job_id) = names(job.id);
    Shown {
        id,
        job_id,
        dialect: dialect_name(order.dialect),
        state: state_name(&job.state),
        accepted_at: order.accepted_at.to_string(),
        ended_at: ending.at.map(|at| at.to_string()),
        timeout_s: order.timeout.as_secs(),
        rendering_ms: ending.rendering_ms,
        charged: job.charge == Charge::Charged,
        claims: job.claims,
        external_identifier: order.external_identifier.as_ref().map(|it| it.as_str()),
        callback_url: order.callback.as_ref().map(|it| it.url.as_str()),
        trace_id: order.trace.to_string(),
        result,
        failure,
    }
}

fn outcome<'a>(job: &Job, artifact: &'a Artifact, links: Option<&'a ResultLinks>) -> Outcome<'a> {
    let link = links.map_or(&artifact.link, |links| &links.main);
    let of_files = links.map(|links| links.files.as_slice()).unwrap_or_default();
    let of_files = of_files.iter().map(Some).chain(std::iter::repeat(None));
    Outcome {
        media_type: artifact.format.media_type(),
        size_bytes: artifact.size.as_bytes(),
        url: &link.url,
        expires_at: link.expires_at.to_string(),
        files: artifact
            .files
            .iter()
            .zip(of_files)
            .map(|(it, link)| file(it, artifact.format, link))
            .collect(),
        store_location: job.order.storage.as_ref().map(|it| it.location(job.id, artifact.format)),
        page: Seen {
            http_status: artifact.report.status,
            verdict: metadata::seen(&artifact.report.verdict),
            metadata: metadata::of(artifact, links),
        },
    }
}

fn file<'a>(file: &ArtifactFile, of_result: Format, link: Option<&'a Link>) -> File<'a> {
    let (kind, index, offset_y, pixels) = match file.kind {
        FileKind::Slice { index, offset_y_px, pixels } => {
            ("slice", Some(index), Some(offset_y_px), Some(pixels))
        }
        FileKind::Size { index, pixels } => ("size", Some(index), None, Some(pixels)),
        FileKind::Content(_) => ("content", None, None, None),
        FileKind::Har => ("har", None, None, None),
        FileKind::Console => ("console", None, None, None),
        FileKind::Waterfall => ("waterfall", None, None, None),
    };
    File {
        kind,
        media_type: file.kind.format(of_result).media_type(),
        index,
        offset_y,
        width: pixels.map(|it| it.width),
        height: pixels.map(|it| it.height),
        size_bytes: file.size.as_bytes(),
        url: link.map(|link| link.url.as_str()),
        expires_at: link.map(|link| link.expires_at.to_string()),
    }
}

/// What an ended job has that others haven't.
#[derive(Default)]
struct Ending<'a> {
    at: Option<Timestamp>,
    rendering_ms: Option<u128>,
    artifact: Option<&'a Artifact>,
    failure: Option<&'a Failure>,
}

impl<'a> Ending<'a> {
    fn of(state: &'a JobState) -> Self {
        match state {
            JobState::Accepted | JobState::Queued | JobState::Rendering(_) => Self::default(),
            JobState::Rejected { at } => Self { at: Some(*at), ..Self::default() },
            JobState::Completed { at, rendering, artifact } => Self {
                at: Some(*at),
                rendering_ms: Some(rendering.as_millis()),
                artifact: Some(artifact),
                failure: None,
            },
            JobState::Failed { at, failure } => {
                Self { at: Some(*at), failure: Some(failure), ..Self::default() }
            }
        }
    }
}

const fn dialect_name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Nodium => "nodium",
        Dialect::ScreenNabster => "screennabster",
    }
}

const fn state_name(state: &JobState) -> &'static str {
    match state {
        JobState::Accepted => "accepted",
        JobState::Queued => "queued",
        JobState::Rejected { .. } => "rejected",
        JobState::Rendering(_) => "rendering",
        JobState::Completed { .. } => "completed",
        JobState::Failed { .. } => "failed",
    }
}
