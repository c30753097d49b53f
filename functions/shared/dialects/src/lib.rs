//! Words: each public API as pure translation between HTTP messages and core.
//!
//! A request is [`read`] into a [`Call`]; what comes of it is written by
//! [`accepted`], [`status`], [`refuse`] and the like; the end of a job is
//! announced by a [`webhook`] with its [`signature_headers`]. What only one
//! dialect says (a path, header, field or code) stands in its folder only. No
//! store, clock or randomness, and no judgement of keys: that is flows' part.

mod answer;
mod bulk;
mod call;
mod credential;
mod darkroom;
mod files;
mod link;
mod metadata;
mod nodium;
mod options;
mod refusal;
mod result;
mod screennabster;
mod shared;
mod stored;
mod terms;
mod webhook;

use bytes::Bytes;
use darkroom_core::address::Reach;
use darkroom_core::artifact::{Link, ResultLinks};
use darkroom_core::capture::{CaptureSpec, Timeout};
use darkroom_core::delivery::Delivery;
use darkroom_core::id::{DeliveryId, TraceId};
use darkroom_core::job::{Dialect, Job};
use darkroom_core::port::JobPage;
use darkroom_core::report::Report;
use darkroom_core::signature::Signatures;
use darkroom_core::time::{Day, Timestamp};
use darkroom_core::url::CallbackUrl;
use http::{Request, Response};

pub use call::{
    Action, Again, Answer, AttachmentName, Balance, Bulk, BulkAnswer, BulkItem, BulkOutcome, Call,
    Credential, Days, Fault, Refusal, Span, Starts, Submission, Tongue,
};
pub use link::SignedLink;
pub use options::{Alias, Availability, Known, Origin, Section};
pub use shared::{Shared, Way};
pub use terms::Terms;

use options::Words;
pub use webhook::{Webhook, WebhookBody};

/// The largest body that is read: 5 MB (DESIGN.md §3), within Lambda's 6 MiB.
pub const MAX_BODY_BYTES: usize = 5_000_000;

const NODIUM: &str = "/api/v1/screenshot";
const SCREENNABSTER: &str = "/api/v1/capture";

/// Reads a request, as far as the deployment's terms allow what it asks for.
#[must_use]
pub fn read(request: &Request<Bytes>, terms: &Terms<'_>) -> Call {
    let path = request.uri().path();
    if let Some(rest) = below(path, NODIUM) {
        return nodium::request::read(request, rest, terms);
    }
    if let Some(rest) = below(path, SCREENNABSTER) {
        return screennabster::request::read(request, rest, terms);
    }
    darkroom::request::read(request, terms.reach)
}

/// What to capture, and how long that may take, read from options in Nodium's
/// words outside of any request; a name that is given again makes a list. `reach`
/// judges the page's address.
///
/// # Errors
///
/// [`Refusal::Invalid`], with every fault.
pub fn capture(
    options: &[(String, String)],
    reach: &Reach,
) -> Result<(CaptureSpec, Timeout), Refusal> {
    nodium::request::capture(options, reach)
}

/// Every option in Nodium's words, section by section, the last two of them left
/// out.
pub fn sections() -> impl Iterator<Item = &'static Section> {
    screennabster::request::WORDS.sections.iter().copied().flatten()
}

/// The options that a dialect knows by Nodium's names.
pub fn options(dialect: Dialect) -> impl Iterator<Item = &'static Known> {
    words(dialect).options()
}

/// The names of a dialect that are its own.
#[must_use]
pub const fn aliases(dialect: Dialect) -> &'static [Alias] {
    words(dialect).aliases
}

/// The named devices.
pub fn devices() -> impl Iterator<Item = &'static str> {
    options::devices().map(|device| device.name)
}

const fn words(dialect: Dialect) -> Words {
    match dialect {
        Dialect::Nodium => nodium::request::WORDS,
        Dialect::ScreenNabster => screennabster::request::WORDS,
    }
}

/// The answer to an accepted submission, in its own dialect.
#[must_use]
pub fn accepted(job: &Job) -> Response<Bytes> {
    match job.order.dialect {
        Dialect::Nodium => nodium::reply::accepted(job),
        Dialect::ScreenNabster => screennabster::reply::accepted(job),
    }
}

/// The head of the answer that is a completed job's result, to be saved under `name`; its body is
/// the result.
#[must_use]
pub fn file(job: &Job, links: Option<&ResultLinks>, name: Option<&AttachmentName>) -> Response<()> {
    result::file(facts(job, links), name)
}

/// The answer that tells of a completed job by its headers alone.
#[must_use]
pub fn empty(job: &Job, links: Option<&ResultLinks>) -> Response<Bytes> {
    result::empty(facts(job, links))
}

/// The links to a completed job's result, for a client that waited for it; `is_shared` where the
/// cache keeps the result.
#[must_use]
pub fn linked(job: &Job, links: Option<&ResultLinks>, is_shared: bool) -> Response<Bytes> {
    match job.order.dialect {
        Dialect::Nodium => nodium::reply::obtained(job, links, is_shared),
        Dialect::ScreenNabster => screennabster::reply::obtained(job, links, is_shared),
    }
}

/// The answer with what the cache has to do with it, and the link to what it keeps, if there is one.
#[must_use]
pub fn shared<T>(
    response: Response<T>,
    job: &Job,
    shared: Shared,
    url: Option<&str>,
) -> Response<T> {
    shared::noted(response, job, shared, url)
}

/// 303 to a completed job's result, where it can't be read just now.
#[must_use]
pub fn elsewhere(job: &Job, links: Option<&ResultLinks>, link: &Link) -> Response<Bytes> {
    result::elsewhere(facts(job, links), link)
}

/// The answer to a client that waited for a job which failed, in its own dialect.
#[must_use]
pub fn failed(job: &Job) -> Response<Bytes> {
    match job.order.dialect {
        Dialect::Nodium => nodium::error::failed(job),
        Dialect::ScreenNabster => screennabster::error::failed(job),
    }
}

/// What its dialect tells of an ended job in headers, and the type of its result.
fn facts(job: &Job, links: Option<&ResultLinks>) -> Vec<(String, String)> {
    match job.order.dialect {
        Dialect::Nodium => nodium::webhook::facts(job, links),
        Dialect::ScreenNabster => screennabster::reply::facts(job, links),
    }
}

/// What is told of a page, as JSON, if anything was asked for.
#[must_use]
pub fn metadata(report: &Report) -> Option<String> {
    metadata::alone(report).map(|told| told.to_string())
}

/// How a job stands, in the tongue that asks. `links` lead to a completed job's
/// result and its files; without them the one link that is stored in the job is
/// told.
#[must_use]
pub fn status(tongue: Tongue, job: &Job, links: Option<&ResultLinks>) -> Response<Bytes> {
    match tongue {
        Tongue::Nodium => nodium::reply::status(job, links),
        Tongue::ScreenNabster => screennabster::reply::status(job, links),
        Tongue::Darkroom => darkroom::reply::job(job, links),
    }
}

/// What became of several captures.
#[must_use]
pub fn bulk(tongue: Tongue, outcomes: &[BulkOutcome]) -> Response<Bytes> {
    match tongue {
        Tongue::Nodium | Tongue::Darkroom => nodium::bulk::told(outcomes),
        Tongue::ScreenNabster => screennabster::bulk::told(outcomes),
    }
}

/// How an account stands, in Nodium's words.
#[must_use]
pub fn balance(balance: &Balance) -> Response<Bytes> {
    nodium::usage::balance(balance)
}

/// What an account was charged for day by day, in Nodium's words.
#[must_use]
pub fn daily_usage(days: &[(Day, u64)]) -> Response<Bytes> {
    nodium::usage::daily(days)
}

/// How an account stands, and what it was charged for job by job, in ScreenNabster's words.
#[must_use]
pub fn usage_rows(balance: &Balance, page: &JobPage) -> Response<Bytes> {
    screennabster::usage::rows(balance, page)
}

/// A page of an account's jobs.
#[must_use]
pub fn jobs(page: &JobPage) -> Response<Bytes> {
    darkroom::reply::jobs(page)
}

/// One job in full; `links` as in [`status`].
#[must_use]
pub fn job(job: &Job, links: Option<&ResultLinks>) -> Response<Bytes> {
    darkroom::reply::job(job, links)
}

/// The answer to a deletion.
#[must_use]
pub fn deleted(job: &Job) -> Response<Bytes> {
    darkroom::reply::deleted(job)
}

/// The attempts at a job's webhook; no delivery before the first was begun.
#[must_use]
pub fn delivery(job: &Job, delivery: Option<&Delivery>) -> Response<Bytes> {
    darkroom::delivery::shown(job, delivery)
}

/// The answer to a webhook that is sent once more.
#[must_use]
pub fn delivered_again(job: &Job, delivery: &Delivery) -> Response<Bytes> {
    darkroom::delivery::again(job, delivery)
}

/// The answer to webhooks that are sent once more because they had failed.
#[must_use]
pub fn failed_delivered_again(again: &Again) -> Response<Bytes> {
    darkroom::delivery::failed_again(again)
}

/// The capture that is asked for only to see its webhook arrive, told in this dialect.
#[must_use]
pub fn test_event(dialect: Dialect, url: CallbackUrl) -> Submission {
    darkroom::test_event::submission(dialect, url)
}

/// The answer to a test event that is on its way.
#[must_use]
pub fn tested(job: &Job) -> Response<Bytes> {
    darkroom::delivery::begun(job)
}

/// 302 to a result, where an own link was followed.
#[must_use]
pub fn redirect(to: &Link) -> Response<Bytes> {
    darkroom::reply::redirect(to)
}

/// A query spelt so that nobody on its way spells it otherwise, without an earlier signature and
/// end; none if it is garbled.
#[must_use]
pub fn unsigned_query(query: &str) -> Option<String> {
    link::unsigned(query)
}

/// What of a query is signed to make a link of it, in this dialect: Nodium's parameters sorted by
/// name, ScreenNabster's as they are.
#[must_use]
pub fn text_to_sign(dialect: Dialect, query: &str) -> String {
    match dialect {
        Dialect::Nodium => link::sorted(query).into_iter().next().unwrap_or_default(),
        Dialect::ScreenNabster => link::as_sent(query),
    }
}

/// A refusal, in the tongue of its request.
#[must_use]
pub fn refuse(tongue: Tongue, refusal: &Refusal, trace: TraceId) -> Response<Bytes> {
    match tongue {
        Tongue::Nodium => nodium::error::refuse(refusal, trace),
        Tongue::ScreenNabster => screennabster::error::refuse(refusal, trace),
        Tongue::Darkroom => darkroom::error::refuse(refusal, trace),
    }
}

/// The webhook of a job that has completed or failed; none for any other.
///
/// Whether it is wanted is [`Job::announcement`]'s matter. `link` leads to the
/// result; without one the link that is stored in the job is told. Its files are
/// told to who asks for the job's [`status`].
#[must_use]
pub fn webhook(job: &Job, link: Option<&Link>) -> Option<Webhook> {
    match job.order.dialect {
        Dialect::Nodium => nodium::webhook::webhook(job),
        Dialect::ScreenNabster => screennabster::webhook::webhook(job, link),
    }
}

/// The headers that sign a POST of a job's webhook, sent at `now`: its dialect's
/// own, where the client wants it, and Standard Webhooks' three.
#[must_use]
pub fn signature_headers(
    job: &Job,
    signatures: &Signatures,
    id: &DeliveryId,
    now: Timestamp,
) -> Vec<(String, String)> {
    let own = match job.order.dialect {
        Dialect::Nodium => nodium::webhook::signature_header(job, signatures),
        Dialect::ScreenNabster => Some(screennabster::webhook::signature_header(signatures)),
    };
    own.into_iter().chain(webhook::standard_headers(signatures, id, now)).collect()
}

/// What follows `prefix` in a path that lies at or under it.
fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}
