//! What a request to Nodium's API wants.

use bytes::Bytes;
use darkroom_core::address::Reach;
use darkroom_core::capture::{CaptureSpec, Container, HostErrors, Timeout};
use darkroom_core::id::JobId;
use darkroom_core::job::Dialect;
use darkroom_core::time::Day;
use http::{Method, Request};

use crate::bulk::{self, Several};
use crate::call::{Action, Bulk, BulkAnswer, Call, Credential, Days, Refusal, Tongue};
use crate::credential::{self, KEY};
use crate::link;
use crate::options::{
    Defaults, Kind, Manner, Options, Raw, SECTIONS, Section, Signature, Still, Words, Wrong, built,
    read_capture, read_submission, text,
};
use crate::terms::Terms;

/// Its words are the shared ones.
pub(crate) const WORDS: Words = Words { aliases: &[], sections: &[SECTIONS] };

/// Where its links to captures lead.
const TAKE: &str = "/api/v1/screenshot/take";

const BULK_WORDS: Words = Words { aliases: &[], sections: &[&[BULK]] };

const BULK: Section = Section {
    title: "Several captures",
    options: &[
        bulk::REQUESTS,
        bulk::SHARED,
        built("execute", "true or false", Some("false"), "Begin them."),
        built("optimize", "true or false", Some("false"), "Nothing: what can be shared is."),
    ],
};

const DAILY_WORDS: Words = Words { aliases: &[], sections: &[&[DAILY]] };

// Its docs tell of a range of dates, and don't name its ends.
const DAILY: Section = Section {
    title: "Usage by day",
    options: &[
        built(Days::FROM, DATE, None, "The first day; else the first of the last one's month."),
        built(Days::TO, DATE, None, "The last day; else today."),
    ],
};

const DATE: &str = "a date such as 2026-04-11";

const KEY_HEADER: &str = "x-access-key";

// Nodium's docs give the window; format and quality are ScreenshotOne's.
const MANNER: Manner = manner(Kind::Still(Still::Jpeg));

/// At `/animate`.
const MOVING: Manner = manner(Kind::Clip(Container::Mp4));

const fn manner(kind: Kind) -> Manner {
    Manner {
        dialect: Dialect::Nodium,
        signature: Signature::Optional,
        defaults: Defaults {
            kind,
            quality: 100,
            width_px: 1280,
            height_px: 1024,
            host_errors: HostErrors::Fail,
        },
    }
}

/// Reads a request whose path, after `/api/v1/screenshot`, is `path`.
pub(crate) fn read(request: &Request<Bytes>, path: &str, terms: &Terms<'_>) -> Call {
    if path == "/take" {
        return take(request, &MANNER, terms);
    }
    if path == "/animate" {
        return take(request, &MOVING, terms);
    }
    if path == "/bulk" {
        return bulk(request, terms);
    }
    if path == "/usage" {
        return told(request, Words { aliases: &[], sections: &[] }, |_| Some(Action::Balance));
    }
    if path == "/usage/daily" {
        return told(request, DAILY_WORDS, |options| Some(Action::DailyUsage(days(options))));
    }
    if let Some(reference) = path.strip_prefix("/status/") {
        return status(request, reference);
    }
    refused(Refusal::NoSuchEndpoint)
}

/// Reads a capture from its options' names and values.
pub(crate) fn capture(
    options: &[(String, String)],
    reach: &Reach,
) -> Result<(CaptureSpec, Timeout), Refusal> {
    read_capture(Options::of_pairs(options, WORDS), &MANNER, reach)
}

fn take(request: &Request<Bytes>, manner: &Manner, terms: &Terms<'_>) -> Call {
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return refused(Refusal::MethodNotAllowed { allow: "GET, POST" });
    }
    let mut options = Options::of(request, WORDS);
    Call {
        tongue: Tongue::Nodium,
        credential: credential_of_take(request, &mut options),
        action: read_submission(request, options, manner, terms)
            .map(|submission| Action::Submit(Box::new(submission))),
    }
}

fn bulk(request: &Request<Bytes>, terms: &Terms<'_>) -> Call {
    if request.method() != Method::POST {
        return refused(Refusal::MethodNotAllowed { allow: "POST" });
    }
    let mut options = Options::of(request, BULK_WORDS);
    let credential = credential(request, &mut options);
    options.refuse_unknown();
    let executes = options.truth("execute") == Some(true);
    // Equal captures that are begun are rendered once in any case.
    options.truth("optimize");
    let path = Some(TAKE);
    let several = Several { words: WORDS, manner: &MANNER, terms, path, are_shared: executes };
    let items = bulk::read(request, &mut options, &several);
    let answer = if executes { BulkAnswer::Started } else { BulkAnswer::Links };
    let bulk = items.map(|items| Action::Bulk(Box::new(Bulk { answer, items })));
    Call { tongue: Tongue::Nodium, credential, action: options.finish(bulk) }
}

fn status(request: &Request<Bytes>, reference: &str) -> Call {
    if request.method() != Method::GET {
        return refused(Refusal::MethodNotAllowed { allow: "GET" });
    }
    let job = JobId::parse_decimal(reference);
    Call {
        tongue: Tongue::Nodium,
        credential: credential(request, &mut Options::of(request, WORDS)),
        action: job.map(Action::Status).ok_or(Refusal::NotFound),
    }
}

/// What is told to whoever asks by GET.
fn told(
    request: &Request<Bytes>,
    words: Words,
    read: impl Fn(&mut Options) -> Option<Action>,
) -> Call {
    if request.method() != Method::GET {
        return refused(Refusal::MethodNotAllowed { allow: "GET" });
    }
    let mut options = Options::of(request, words);
    let credential = credential(request, &mut options);
    options.refuse_unknown();
    let action = read(&mut options);
    Call { tongue: Tongue::Nodium, credential, action: options.finish(action) }
}

/// Days of which is asked.
fn days(options: &mut Options) -> Days {
    let day = |raw: &Raw| Day::parse(&text(raw)?).ok_or(Wrong::Value);
    let (from, to) = (options.read(Days::FROM, day), options.read(Days::TO, day));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        options.fault(Days::TO, "must not be before `start_date`");
    }
    Days { from, to }
}

/// A capture by GET may be signed.
fn credential_of_take(request: &Request<Bytes>, options: &mut Options) -> Credential {
    if request.method() != Method::GET {
        options.refuse(link::SIGNATURE, "signs captures by GET; leave it out");
        return credential(request, options);
    }
    let Some(signature) = options.lift(link::SIGNATURE) else {
        return credential(request, options);
    };
    link::credential(request, options, &signature, None, link::sorted)
}

/// The key of the header, else of the query, else of the body.
fn credential(request: &Request<Bytes>, options: &mut Options) -> Credential {
    let lifted = options.lift(KEY);
    if let Some(credential) = credential::from_header(request, KEY_HEADER) {
        return credential;
    }
    match lifted {
        Some(text) => credential::from_text(&text),
        None if options.is_whole() => Credential::Missing,
        None => Credential::NotNeeded,
    }
}

const fn refused(refusal: Refusal) -> Call {
    Call { tongue: Tongue::Nodium, credential: Credential::NotNeeded, action: Err(refusal) }
}
