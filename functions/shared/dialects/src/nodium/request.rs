//! What a request to Nodium's API wants.

use bytes::Bytes;
use darkroom_core::address::Reach;
use darkroom_core::capture::{CaptureSpec, Format, HostErrors, Timeout};
use darkroom_core::id::JobId;
use darkroom_core::job::Dialect;
use http::{Method, Request};

use crate::call::{Action, Call, Credential, Refusal, Tongue};
use crate::credential;
use crate::link::{self, SignedLink};
use crate::options::{
    Defaults, Manner, Options, SECTIONS, Signature, Words, read_capture, read_submission,
};
use crate::terms::Terms;

/// Its words are the shared ones.
pub(crate) const WORDS: Words = Words { aliases: &[], sections: &[SECTIONS] };

const KEY: &str = "access_key";
const KEY_HEADER: &str = "x-access-key";

// Nodium's docs give the window; format and quality are ScreenshotOne's.
const MANNER: Manner = Manner {
    dialect: Dialect::Nodium,
    signature: Signature::Optional,
    defaults: Defaults {
        format: Format::Jpeg,
        quality: 100,
        width_px: 1280,
        height_px: 1024,
        host_errors: HostErrors::Fail,
    },
};

/// Reads a request whose path, after `/api/v1/screenshot`, is `path`.
pub(crate) fn read(request: &Request<Bytes>, path: &str, terms: &Terms<'_>) -> Call {
    if path == "/take" {
        return take(request, terms);
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

fn take(request: &Request<Bytes>, terms: &Terms<'_>) -> Call {
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return refused(Refusal::MethodNotAllowed { allow: "GET, POST" });
    }
    let mut options = Options::of(request, WORDS);
    Call {
        tongue: Tongue::Nodium,
        credential: credential_of_take(request, &mut options),
        action: read_submission(request, options, &MANNER, terms)
            .map(|submission| Action::Submit(Box::new(submission))),
    }
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

/// A capture by GET may be signed.
fn credential_of_take(request: &Request<Bytes>, options: &mut Options) -> Credential {
    if request.method() != Method::GET {
        options.refuse(link::SIGNATURE, "signs captures by GET; leave it out");
        return credential(request, options);
    }
    let Some(signature) = options.lift(link::SIGNATURE) else {
        return credential(request, options);
    };
    link::refuse_unsigned(request, options);
    // Whose link it is, is signed too; a header isn't.
    let key = match options.lift(KEY).map(|text| credential::from_text(&text)) {
        Some(Credential::Key(key)) => key,
        Some(other) => return other,
        None => return Credential::Missing,
    };
    let query = request.uri().query().unwrap_or_default();
    let texts = if link::may_be(request) { link::sorted(query) } else { Vec::new() };
    let signature = link::parse(&signature);
    Credential::Link(Box::new(SignedLink { key, signature, texts, expires_at: None }))
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
