//! What becomes of a result, and who is told.

use darkroom_core::account::ExternalIdentifier;
use darkroom_core::address::Reach;
use darkroom_core::job::{Announce, Callback, Signed};
use darkroom_core::url::CallbackUrl;

use super::given::Options;
use super::known::{Known, built};
use super::values::{self, Raw, Reading, Wrong};

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
        "Nodium: the key, where the `X-Access-Key` header isn't sent. ScreenNabster: refused; the key comes in `X-API-Key`.",
    ),
    built(
        "async",
        "true or false",
        None,
        "Accept the capture and answer at once. Has to be true in this version.",
    ),
    built(
        "response_type",
        "by_format",
        Some("by_format"),
        "Left out: json and empty, since synchronous answers come later.",
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
const OF_SUBMISSIONS: [&str; 6] =
    ["access_key", "async", "webhook_url", "webhook_sign", "webhook_errors", "external_identifier"];

/// Synchronous captures aren't built yet: a request that doesn't ask for an
/// asynchronous one is told so, rather than answered with something else.
pub(super) fn require_asynchronous(options: &mut Options) {
    let faulty = options.has("async");
    let wanted = options.truth("async");
    // What a body that can't be read left out isn't known.
    if wanted == Some(true) || (wanted.is_none() && (faulty || !options.is_whole())) {
        return;
    }
    options.fault(
        options.word("async"),
        "must be true: synchronous captures are not available in this version; \
         with it, the answer is a job, whose result is polled for or posted to a webhook",
    );
}

/// Notes a fault for all that only makes sense between a client and the API.
pub(super) fn refuse_all(options: &mut Options) {
    for name in OF_SUBMISSIONS {
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

/// Judges the kind of answer that is wanted; there is but one.
pub(super) fn read_response_type(options: &mut Options) {
    options.read("response_type", response_type);
}

fn response_type(raw: &Raw) -> Reading<()> {
    match values::text(raw)?.as_str() {
        "by_format" => Ok(()),
        later @ ("json" | "empty") => {
            Err(format!("{later} is not available in this version; use by_format").into())
        }
        _ => Err(Wrong::Value),
    }
}
