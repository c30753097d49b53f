//! What is told of a page beside its picture: in JSON, by the options' own names, and in
//! headers, as ScreenshotOne has them.

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use darkroom_core::artifact::{Artifact, FileKind, Link, ResultLinks};
use darkroom_core::job::{Job, JobState};
use darkroom_core::report::{Datum, FontStack, Icon, Property, Report};
use darkroom_core::verdict::{Finding, Verdict};
use http::{HeaderName, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::answer;

/// How long the headers about a page may be in all, but for links: some receivers take 8 kB of
/// headers. The longest of them are told in JSON alone.
const MOST_BYTES: usize = 4_096;

/// All but RFC 3986's unreserved characters.
const RESERVED: &percent_encoding::AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is told of the page of a completed job, if anything was asked for.
pub(crate) fn of(artifact: &Artifact, links: Option<&ResultLinks>) -> Option<Value> {
    let files = told_files(artifact, links).map(|(name, link)| {
        let expires = UNIX_EPOCH + Duration::from_secs(link.expires_at.as_secs());
        (name, json!({ "url": link.url, "expires": httpdate::fmt_http_date(expires) }))
    });
    object(facts(&artifact.report).chain(files))
}

/// What is told of a page where nobody keeps its result.
pub(crate) fn alone(report: &Report) -> Option<Value> {
    object(facts(report))
}

fn facts(report: &Report) -> impl Iterator<Item = (&'static str, Value)> {
    report.metadata.iter().map(|datum| (name(datum), value(datum, report)))
}

fn object(all: impl Iterator<Item = (&'static str, Value)>) -> Option<Value> {
    let all: Map<String, Value> = all.map(|(name, value)| (name.to_owned(), value)).collect();
    (!all.is_empty()).then(|| all.into())
}

/// The same of the page of a job in any state.
pub(crate) fn of_job(job: &Job, links: Option<&ResultLinks>) -> Option<Value> {
    match &job.state {
        JobState::Completed { artifact, .. } => of(artifact, links),
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Rejected { .. }
        | JobState::Failed { .. } => None,
    }
}

/// The same in headers, whose names begin with `prefix`, and what was seen of the page, which is
/// always told.
pub(crate) fn headers(
    prefix: &str,
    artifact: &Artifact,
    links: Option<&ResultLinks>,
) -> Vec<(String, String)> {
    let Report { verdict, metadata, .. } = &artifact.report;
    let mut headers = vec![(String::from("verdict"), verdict.summary())];
    headers.extend(metadata.iter().flat_map(|datum| in_headers(datum, &artifact.report)));
    while headers.iter().map(|(_, value)| value.len()).sum::<usize>() > MOST_BYTES {
        let longest = headers.iter().map(|(_, value)| value.len()).max();
        headers.retain(|(_, value)| Some(value.len()) != longest);
    }
    let files = told_files(artifact, links);
    headers.extend(files.map(|(name, link)| (format!("{name}-url"), link.url.clone())));
    headers.into_iter().map(|(name, value)| (format!("{prefix}{name}"), value)).collect()
}

/// What was seen of the page of a completed job, in a header.
pub(crate) fn verdict_header(prefix: &str, job: &Job) -> Option<(String, String)> {
    let verdict = match &job.state {
        JobState::Completed { artifact, .. } => &artifact.report.verdict,
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Rejected { .. }
        | JobState::Failed { .. } => return None,
    };
    Some((format!("{prefix}verdict"), verdict.summary()))
}

/// An answer with that header.
pub(crate) fn noted(response: Response<Bytes>, prefix: &str, job: &Job) -> Response<Bytes> {
    let header = verdict_header(prefix, job)
        .and_then(|(name, value)| Some((name.parse::<HeaderName>().ok()?, value)));
    match header {
        Some((name, value)) => answer::with_header(response, name, &value),
        None => response,
    }
}

/// Files about the page, by the names of their options.
fn told_files<'a>(
    artifact: &'a Artifact,
    links: Option<&'a ResultLinks>,
) -> impl Iterator<Item = (&'static str, &'a Link)> {
    let links = links.map(|links| links.files.as_slice()).unwrap_or_default();
    artifact.files.iter().zip(links).filter_map(|(file, link)| {
        let name = match file.kind {
            FileKind::Slice { .. } | FileKind::Size { .. } => return None,
            FileKind::Content(_) => "content",
            FileKind::Har => "har",
            FileKind::Console => "console",
            FileKind::Waterfall => "waterfall",
        };
        Some((name, link))
    })
}

/// Its option's name without the `metadata_`.
const fn name(datum: &Datum) -> &'static str {
    match datum {
        Datum::ImageSize(_) => "image_size",
        Datum::Fonts(_) => "fonts",
        Datum::PageTitle(_) => "page_title",
        Datum::OpenGraph(_) => "open_graph",
        Datum::Icon(_) => "icon",
        Datum::StatusCode => "http_response_status_code",
        Datum::Headers(_) => "http_response_headers",
        Datum::Verdict => "verdict",
    }
}

fn value(datum: &Datum, report: &Report) -> Value {
    match datum {
        Datum::ImageSize(pixels) => {
            pixels.map_or(Value::Null, |it| json!({ "width": it.width, "height": it.height }))
        }
        Datum::Fonts(stacks) => stacks.iter().map(font).collect(),
        Datum::PageTitle(title) => title.as_str().into(),
        Datum::OpenGraph(properties) | Datum::Headers(properties) => by_name(properties),
        Datum::Icon(icon) => icon.as_ref().map_or(
            Value::Null,
            |Icon { url, media_type }| json!({ "url": url, "type": media_type }),
        ),
        Datum::StatusCode => report.status.into(),
        Datum::Verdict => seen(&report.verdict),
    }
}

fn font(FontStack { first, fallback, elements }: &FontStack) -> Value {
    json!({ "first": first, "fallback": fallback, "elements": elements })
}

/// What was seen of a page.
pub(crate) fn seen(verdict: &Verdict) -> Value {
    let finding = |it: &Finding| json!({ "kind": it.kind.name(), "detail": it.detail });
    let findings: Vec<_> = verdict.findings.iter().map(finding).collect();
    json!({ "is_fine": findings.is_empty(), "findings": findings })
}

/// An object of properties; what stands there more than once is a list.
fn by_name(properties: &[Property]) -> Value {
    let mut all = Map::new();
    for Property { name, value } in properties {
        match all.get_mut(name) {
            None => drop(all.insert(name.clone(), value.as_str().into())),
            Some(Value::Array(values)) => values.push(value.as_str().into()),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    all.into()
}

fn in_headers(datum: &Datum, report: &Report) -> Vec<(String, String)> {
    let header = |value: String| vec![(name(datum).replace('_', "-"), value)];
    match datum {
        Datum::ImageSize(None) => Vec::new(),
        Datum::ImageSize(Some(pixels)) => vec![
            (String::from("image-width"), pixels.width.to_string()),
            (String::from("image-height"), pixels.height.to_string()),
        ],
        Datum::PageTitle(title) => header(encoded(title)),
        Datum::Icon(None) => Vec::new(),
        Datum::StatusCode => {
            report.status.map_or_else(Vec::new, |status| header(status.to_string()))
        }
        Datum::Fonts(_) | Datum::OpenGraph(_) | Datum::Headers(_) | Datum::Icon(Some(_)) => {
            let json = answer::json_bytes(&value(datum, report));
            header(encoded(&String::from_utf8_lossy(&json)))
        }
        // It is told in any case.
        Datum::Verdict => Vec::new(),
    }
}

/// Text as a header may carry it: percent-encoded.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
