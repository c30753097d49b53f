//! What becomes of a result, and who is told.

use darkroom_core::account::ExternalIdentifier;
use darkroom_core::address::Reach;
use darkroom_core::job::{Announce, Callback, Signed};
use darkroom_core::url::CallbackUrl;

use super::given::Options;
use super::known::{Known, built};
use super::values::{self, Wrong};
use super::{cache, storage};
use crate::call::{Answer, AttachmentName};

/// Whether a client may do without the dialect's own signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    /// It may.
    Optional,
    /// The API always signs.
    Always,
}

pub(super) const OPTIONS: &[Known] = &[
    built(
        "access_key",
        "an access key",
        None,
        "Nodium: the key, where the `X-Access-Key` header isn't sent. ScreenNabster: in signed links alone; else the key comes in `X-API-Key`.",
    ),
    built(
        "signature",
        "64 lower-case hexadecimal digits",
        None,
        "Makes a GET a signed link, which needs no secret. Nodium: HMAC-SHA256 of all other parameters, sorted by name, under the account's signing key. ScreenNabster: of the query as it is sent, which has `access_key` and `expires` too.",
    ),
    built(
        "async",
        "true or false",
        Some("false"),
        "Answer at once with a job, whose result is posted to `webhook_url` or polled for. Else the answer is the result, when it is there.",
    ),
    built(
        "response_type",
        "by_format, json or empty",
        Some("by_format"),
        "What the answer holds: the result itself, a link to it, or nothing of it. With `async` it is JSON in any case, and empty is refused.",
    ),
    built(
        "attachment_name",
        "a file's name of 1 to 200 characters, without slashes",
        None,
        "Have the result saved under this name (Content-Disposition). Needs the answer to be the result.",
    ),
    built(
        "webhook_url",
        "a string",
        None,
        "Where the result (Nodium) or the event (ScreenNabster) is posted; http or https, at most 8,192 bytes.",
    ),
    built(
        "webhook_sign",
        "true or false",
        Some("true"),
        "Sign the webhook in the dialect's own header; ScreenNabster always does. Needs `webhook_url`.",
    ),
    built(
        "webhook_errors",
        "true or false",
        Some("false"),
        "Post a webhook for a failure too. Needs `webhook_url`.",
    ),
    built(
        "external_identifier",
        "1 to 256 printable ASCII characters, without blanks at either end",
        None,
        "Your own name for the job.",
    ),
];

/// Options that say who asks, and what is done with the result.
const OF_SUBMISSIONS: [&str; 9] = [
    "access_key",
    "signature",
    "async",
    "response_type",
    "attachment_name",
    "webhook_url",
    "webhook_sign",
    "webhook_errors",
    "external_identifier",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum ResponseType {
    ByFormat,
    Json,
    Empty,
}

/// How the submission is answered. What a body that can't be read left out isn't known, so nothing
/// is held against it; the submission is refused in any case.
pub(super) fn read_answer(options: &mut Options) -> Answer {
    let faulty = options.has("async");
    let wanted = options.truth("async");
    let is_asynchronous = wanted.unwrap_or_else(|| faulty || !options.is_whole());
    let kinds = values::choice(&[
        ("by_format", ResponseType::ByFormat),
        ("json", ResponseType::Json),
        ("empty", ResponseType::Empty),
    ]);
    let kind = options.read("response_type", kinds).unwrap_or(ResponseType::ByFormat);
    let name = options.read("attachment_name", |raw| {
        AttachmentName::parse(&values::text(raw)?).ok_or(Wrong::Value)
    });
    if is_asynchronous && kind == ResponseType::Empty {
        options.refuse("response_type", "must be by_format or json where the answer is a job");
    }
    if is_asynchronous || kind != ResponseType::ByFormat {
        let case = "where the answer isn't the result itself";
        options.refuse_meaningless(&["attachment_name"], case);
    }
    if is_asynchronous {
        return Answer::Accepted;
    }
    match kind {
        ResponseType::ByFormat => Answer::File(name),
        ResponseType::Json => Answer::Json,
        ResponseType::Empty => Answer::Empty,
    }
}

/// Notes a fault for what says how a single capture is answered.
pub(super) fn refuse_single(options: &mut Options) {
    for name in ["access_key", "signature", "async", "response_type", "attachment_name", "expires"]
    {
        options.refuse(name, "belongs to requests for a single capture; leave it out");
    }
}

/// Notes a fault for all that only makes sense between a client and the API.
pub(super) fn refuse_all(options: &mut Options) {
    for name in OF_SUBMISSIONS.into_iter().chain(cache::names()).chain(storage::names()) {
        options.refuse(name, "belongs to requests over HTTP; leave it out");
    }
}

/// Whom to tell.
pub(super) fn read_callback(
    options: &mut Options,
    signature: Signature,
    reach: &Reach,
) -> Option<Callback> {
    let signed = options.truth("webhook_sign");
    let errors = options.truth("webhook_errors");
    if signed == Some(false) && signature == Signature::Always {
        options.refuse("webhook_sign", "must be true: this API signs every webhook");
    }
    if !options.has("webhook_url") {
        options.refuse_without(&["webhook_sign", "webhook_errors"], "webhook_url");
    }
    let url = options.read("webhook_url", |raw| {
        Ok(CallbackUrl::parse(&values::text(raw)?, reach).map_err(|fault| fault.to_string())?)
    })?;
    Some(Callback {
        url,
        sign: match signed {
            Some(false) => Signed::No,
            Some(true) | None => Signed::Yes,
        },
        errors: match errors {
            Some(true) => Announce::Everything,
            Some(false) | None => Announce::Completed,
        },
    })
}

/// The client's own name for the job.
pub(super) fn read_identifier(options: &mut Options) -> Option<ExternalIdentifier> {
    options.read("external_identifier", |raw| {
        ExternalIdentifier::parse(&values::text(raw)?).ok_or(Wrong::Value)
    })
}
