//! What a request to ScreenNabster's API wants.

use bytes::Bytes;
use darkroom_core::capture::HostErrors;
use darkroom_core::id::JobId;
use darkroom_core::job::Dialect;
use darkroom_core::time::Timestamp;
use http::{Method, Request};

use crate::bulk::{self, Several};
use crate::call::{Action, Bulk, BulkAnswer, Call, Credential, Refusal, Tongue};
use crate::credential::{self, KEY};
use crate::link;
use crate::options::{
    Alias, Defaults, Kind, Known, Manner, Options, SECTIONS, Section, Signature, Still, Words,
    Wrong, built, left_out, read_submission, text, whole,
};
use crate::terms::Terms;

/// Its own names, besides the shared ones that its migration guide offers.
pub(crate) const WORDS: Words = Words { aliases: OWN, sections: &[SECTIONS, UNSHARED] };

const OWN: &[Alias] = &[
    Alias { name: "output", of: "format", default: Some("png") },
    Alias { name: "quality", of: "image_quality", default: Some("80") },
    Alias { name: "screen_width", of: "viewport_width", default: None },
    Alias { name: "screen_height", of: "viewport_height", default: Some("800") },
    Alias { name: "screen_landscape", of: "viewport_landscape", default: None },
    Alias { name: "device", of: "viewport_device", default: None },
    Alias { name: "thumb_width", of: "image_width", default: None },
    Alias { name: "thumb_height", of: "image_height", default: None },
    Alias { name: "background", of: "async", default: None },
    Alias { name: "callback_url", of: "webhook_url", default: None },
    Alias { name: "ignore_host_errors", of: "ignore_host_errors", default: Some("true") },
];

const UNSHARED: &[Section] = &[Section { title: "ScreenNabster's alone", options: ALONE }];

const ALONE: &[Known] = &[
    built(
        "expires",
        "seconds since 1970, at most 15 minutes ahead",
        None,
        "When a signed link ends; it needs an end. Needs `signature`.",
    ),
    left_out("filters", "picture filters come later"),
];

const BULK_WORDS: Words = Words { aliases: &[], sections: &[&[BULK]] };

const BULK: Section =
    Section { title: "Several captures", options: &[bulk::REQUESTS, bulk::SHARED] };

const USAGE_WORDS: Words = Words { aliases: &[], sections: &[&[USAGE]] };

const USAGE: Section = Section {
    title: "Usage",
    options: &[
        built("before", "a job_id", None, "Only jobs older than this one."),
        built("limit", "a whole number from 1 to 100", Some("20"), "Rows on a page."),
    ],
};

const KEY_HEADER: &str = "x-api-key";

// Its docs know of no fault in a page's status, so error pages are drawn.
const MANNER: Manner = Manner {
    dialect: Dialect::ScreenNabster,
    signature: Signature::Always,
    defaults: Defaults {
        kind: Kind::Still(Still::Png),
        quality: 80,
        width_px: 1280,
        height_px: 800,
        host_errors: HostErrors::Draw,
    },
};

/// Reads a request whose path, after `/api/v1/capture`, is `path`.
pub(crate) fn read(request: &Request<Bytes>, path: &str, terms: &Terms<'_>) -> Call {
    if path.is_empty() {
        return capture(request, terms);
    }
    match path.strip_prefix('/') {
        Some("usage") => usage(request),
        Some("bulk") => bulk(request, terms),
        None => refused(Refusal::NoSuchEndpoint),
        Some(job_id) => status(request, job_id),
    }
}

fn capture(request: &Request<Bytes>, terms: &Terms<'_>) -> Call {
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return refused(Refusal::MethodNotAllowed { allow: "GET, POST" });
    }
    let mut options = Options::of(request, WORDS);
    Call {
        tongue: Tongue::ScreenNabster,
        credential: credential_of_capture(request, &mut options),
        action: read_submission(request, options, &MANNER, terms)
            .map(|submission| Action::Submit(Box::new(submission))),
    }
}

fn bulk(request: &Request<Bytes>, terms: &Terms<'_>) -> Call {
    if request.method() != Method::POST {
        return refused(Refusal::MethodNotAllowed { allow: "POST" });
    }
    let mut options = Options::of(request, BULK_WORDS);
    options.refuse_unknown();
    let (path, are_shared) = (None, false);
    let several = Several { words: WORDS, manner: &MANNER, terms, path, are_shared };
    let items = bulk::read(request, &mut options, &several);
    let answer = BulkAnswer::Ended;
    let bulk = items.map(|items| Action::Bulk(Box::new(Bulk { answer, items })));
    Call {
        tongue: Tongue::ScreenNabster,
        credential: credential(request),
        action: options.finish(bulk),
    }
}

fn usage(request: &Request<Bytes>) -> Call {
    if request.method() != Method::GET {
        return refused(Refusal::MethodNotAllowed { allow: "GET" });
    }
    let mut options = Options::of(request, USAGE_WORDS);
    options.refuse_unknown();
    let before = options.read("before", |raw| JobId::parse_uuid(&text(raw)?).ok_or(Wrong::Value));
    let limit = options.read("limit", whole(1..=100)).unwrap_or(20);
    Call {
        tongue: Tongue::ScreenNabster,
        credential: credential(request),
        action: options.finish(Some(Action::UsageRows { before, limit })),
    }
}

fn status(request: &Request<Bytes>, job_id: &str) -> Call {
    if request.method() != Method::GET {
        return refused(Refusal::MethodNotAllowed { allow: "GET" });
    }
    let job = JobId::parse_uuid(job_id);
    Call {
        tongue: Tongue::ScreenNabster,
        credential: credential(request),
        action: job.map(Action::Status).ok_or(Refusal::NotFound),
    }
}

/// A capture by GET may be signed: only then its key is in its query.
fn credential_of_capture(request: &Request<Bytes>, options: &mut Options) -> Credential {
    if request.method() != Method::GET {
        options.refuse(link::SIGNATURE, "signs captures by GET; leave it out");
    } else if let Some(signature) = options.lift(link::SIGNATURE) {
        return signed(request, options, &signature);
    }
    options.refuse(link::EXPIRES, "is for signed links; leave it out, or sign");
    // The alias that isn't one: a key in a URL would be logged by proxies.
    let Some(text) = options.lift(KEY) else { return credential(request) };
    options.fault(KEY, "is not an option; send the key in the X-API-Key header");
    let header = credential::from_header(request, KEY_HEADER);
    header.unwrap_or_else(|| credential::from_text(&text))
}

fn signed(request: &Request<Bytes>, options: &mut Options, signature: &str) -> Credential {
    let expires_at = options.lift(link::EXPIRES).and_then(|text| text.parse().ok());
    if expires_at.is_none() {
        options
            .fault(link::EXPIRES, "must be the time at which the link ends, in seconds since 1970");
    }
    let expires_at = expires_at.map(Timestamp::from_secs);
    link::credential(request, options, signature, expires_at, |query| vec![link::as_sent(query)])
}

fn credential(request: &Request<Bytes>) -> Credential {
    credential::from_header(request, KEY_HEADER).unwrap_or(Credential::Missing)
}

const fn refused(refusal: Refusal) -> Call {
    Call { tongue: Tongue::ScreenNabster, credential: Credential::NotNeeded, action: Err(refusal) }
}
