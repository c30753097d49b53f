//! What a request to our own API wants.

use bytes::Bytes;
use darkroom_core::address::Reach;
use darkroom_core::id::JobId;
use darkroom_core::job::Dialect;
use darkroom_core::port::OwnLink;
use darkroom_core::time::Timestamp;
use darkroom_core::url::CallbackUrl;
use http::header::AUTHORIZATION;
use http::{Method, Request};

use crate::call::{Action, Call, Credential, Refusal, Span, Submission, Tongue};
use crate::credential;
use crate::darkroom::test_event;
use crate::options::{
    Options, Raw, Section, Words, Wrong, built, choice, idempotency, text, whole,
};

const WORDS: Words = Words { aliases: &[], sections: &[&[LIST]] };
const TEST_WORDS: Words = Words { aliases: &[], sections: &[&[TEST]] };
const SPAN_WORDS: Words = Words { aliases: &[], sections: &[&[SPAN]] };

const SPAN: Section = Section {
    title: "Webhooks to send again",
    options: &[
        built("from", INSTANT, None, "Only jobs that were accepted at this time or later."),
        built("to", INSTANT, None, "Only jobs that were accepted before this time."),
        built("before", "the id of a job", None, "Only jobs older than this one."),
    ],
};

const TEST: Section = Section {
    title: "Test event",
    options: &[
        built("callback_url", "a string", None, "Where the event is posted."),
        built("dialect", "nodium or screennabster", Some("nodium"), "In whose words."),
    ],
};

const DIALECTS: &[(&str, Dialect)] =
    &[("nodium", Dialect::Nodium), ("screennabster", Dialect::ScreenNabster)];

const INSTANT: &str = "a time as RFC 3339 spells it, such as 2026-04-11T15:04:00Z";

const LIST: Section = Section {
    title: "List of jobs",
    options: &[
        built("before", "the id of a job", None, "Only jobs older than this one."),
        built("limit", "a whole number from 1 to 100", Some("20"), "Jobs on a page."),
    ],
};

const PAGE: u8 = 20;
const MAX_PAGE: u8 = 100;

/// Reads a request by its whole path.
pub(crate) fn read(request: &Request<Bytes>, reach: &Reach) -> Call {
    let path = request.uri().path();
    if let Some(link) = path.strip_prefix("/r/") {
        return follow(request, link);
    }
    if path == "/v1/jobs" {
        return list(request);
    }
    if path == "/v1/deliveries/retry" {
        return retry_failed(request);
    }
    if path == "/v1/deliveries/test" {
        return test(request, reach);
    }
    let Some(rest) = path.strip_prefix("/v1/jobs/") else {
        return refused(Refusal::NoSuchEndpoint);
    };
    match rest.split_once('/') {
        None => one(request, rest),
        Some((id, "delivery")) => of_job(request, &Method::GET, id, Action::ShowDelivery),
        Some((id, "delivery/retry")) => of_job(request, &Method::POST, id, Action::DeliverAgain),
        Some(_) => refused(Refusal::NoSuchEndpoint),
    }
}

fn list(request: &Request<Bytes>) -> Call {
    if request.method() != Method::GET {
        return refused(Refusal::MethodNotAllowed { allow: "GET" });
    }
    Call {
        tongue: Tongue::Darkroom,
        credential: credential(request),
        action: page(Options::of(request, WORDS)),
    }
}

fn page(mut options: Options) -> Result<Action, Refusal> {
    options.refuse_unknown();
    let before = options.read("before", |raw| either_spelling(&text(raw)?).ok_or(Wrong::Value));
    let limit = options.read("limit", whole(1..=MAX_PAGE));
    options.finish(Some(Action::ListJobs { before, limit: limit.unwrap_or(PAGE) }))
}

fn one(request: &Request<Bytes>, id: &str) -> Call {
    let action = match *request.method() {
        Method::GET => Action::ShowJob,
        Method::DELETE => Action::DeleteJob,
        _ => return refused(Refusal::MethodNotAllowed { allow: "GET, DELETE" }),
    };
    Call {
        tongue: Tongue::Darkroom,
        credential: credential(request),
        action: either_spelling(id).map(action).ok_or(Refusal::NotFound),
    }
}

/// What is done to what belongs to a job, by one method only.
fn of_job(
    request: &Request<Bytes>,
    method: &Method,
    id: &str,
    action: impl Fn(JobId) -> Action,
) -> Call {
    if request.method() != method {
        let allow = if *method == Method::GET { "GET" } else { "POST" };
        return refused(Refusal::MethodNotAllowed { allow });
    }
    Call {
        tongue: Tongue::Darkroom,
        credential: credential(request),
        action: either_spelling(id).map(action).ok_or(Refusal::NotFound),
    }
}

fn retry_failed(request: &Request<Bytes>) -> Call {
    if request.method() != Method::POST {
        return refused(Refusal::MethodNotAllowed { allow: "POST" });
    }
    Call {
        tongue: Tongue::Darkroom,
        credential: credential(request),
        action: span(Options::of(request, SPAN_WORDS)),
    }
}

fn test(request: &Request<Bytes>, reach: &Reach) -> Call {
    if request.method() != Method::POST {
        return refused(Refusal::MethodNotAllowed { allow: "POST" });
    }
    Call {
        tongue: Tongue::Darkroom,
        credential: credential(request),
        action: test_event(request, reach),
    }
}

fn test_event(request: &Request<Bytes>, reach: &Reach) -> Result<Action, Refusal> {
    let mut options = Options::of(request, TEST_WORDS);
    let idempotency = idempotency::read(request, &mut options);
    options.refuse_unknown();
    let dialect = options.read("dialect", choice(DIALECTS)).unwrap_or(Dialect::Nodium);
    let url = options.read("callback_url", |raw| {
        Ok(CallbackUrl::parse(&text(raw)?, reach).map_err(|fault| fault.to_string())?)
    });
    if !options.has("callback_url") {
        options.fault("callback_url", "is missing; give the address of your receiver");
    }
    let submission = url.map(|url| {
        let submission = test_event::submission(dialect, url);
        Action::TestWebhook(Box::new(Submission { idempotency, ..submission }))
    });
    options.finish(submission)
}

fn span(mut options: Options) -> Result<Action, Refusal> {
    options.refuse_unknown();
    let instant = |raw: &Raw| Timestamp::parse_rfc3339(&text(raw)?).ok_or(Wrong::Value);
    let (from, to) = (options.read("from", instant), options.read("to", instant));
    let before = options.read("before", |raw| either_spelling(&text(raw)?).ok_or(Wrong::Value));
    for option in ["from", "to"] {
        if !options.has(option) {
            options.fault(option, &format!("is missing; give {INSTANT}"));
        }
    }
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        options.fault("to", "must be later than `from`");
    }
    let span = from.zip(to).map(|(from, to)| Span { from, to, before });
    options.finish(span.map(Action::DeliverFailedAgain))
}

fn follow(request: &Request<Bytes>, link: &str) -> Call {
    if request.method() != Method::GET {
        return refused(Refusal::MethodNotAllowed { allow: "GET" });
    }
    Call {
        tongue: Tongue::Darkroom,
        credential: Credential::NotNeeded,
        action: parts(link).ok_or(Refusal::NotFound),
    }
}

/// `{job}/{expiry}/{signature}`, and `/{name}` for a file of the result, as
/// [`Links`](darkroom_core::port::Links) makes it.
fn parts(link: &str) -> Option<Action> {
    let mut parts = link.split('/');
    let (job, expiry, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let file = parts.next().map(str::to_owned);
    if parts.next().is_some() || signature.is_empty() || file.as_deref() == Some("") {
        return None;
    }
    let digits_only = expiry.bytes().all(|byte| byte.is_ascii_digit());
    let expires_at = expiry.parse().ok().filter(|_| digits_only)?;
    Some(Action::FollowLink(OwnLink {
        job: JobId::parse_decimal(job)?,
        expires_at: Timestamp::from_secs(expires_at),
        signature: signature.to_owned(),
        file,
    }))
}

fn either_spelling(id: &str) -> Option<JobId> {
    JobId::parse_decimal(id).or_else(|| JobId::parse_uuid(id))
}

/// The key as a bearer token, else in either seed's header.
fn credential(request: &Request<Bytes>) -> Credential {
    bearer(request)
        .or_else(|| credential::from_header(request, "x-access-key"))
        .or_else(|| credential::from_header(request, "x-api-key"))
        .unwrap_or(Credential::Missing)
}

fn bearer(request: &Request<Bytes>) -> Option<Credential> {
    let value = request.headers().get(AUTHORIZATION)?;
    let Ok(text) = value.to_str() else {
        return Some(Credential::Malformed);
    };
    // Another scheme is meant for someone else, a proxy in front of us say.
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credential::from_text(token))
}

const fn refused(refusal: Refusal) -> Call {
    Call { tongue: Tongue::Darkroom, credential: Credential::NotNeeded, action: Err(refusal) }
}
