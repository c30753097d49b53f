//! What a request to ScreenNabster's API wants.

use bytes::Bytes;
use darkroom_core::address::Reach;
use darkroom_core::capture::HostErrors;
use darkroom_core::id::JobId;
use darkroom_core::job::Dialect;
use http::{Method, Request};

use crate::call::{Action, Call, Credential, Refusal, Tongue};
use crate::credential;
use crate::options::{
    Defaults, Format, Known, Options, SCREENSHOTONE, Signature, Wording, built, later,
    read_submission,
};

/// The tables of its options: its own names, then the aliases that its
/// migration guide offers.
pub(crate) const OPTIONS: &[&[Known]] = &[OWN, SCREENSHOTONE];

const OWN: &[Known] = &[
    built("output", "png, jpg, jpeg, webp or pdf. Default png."),
    built("quality", "Whole number, 0 to 100; for lossy formats, none for pdf. Default 80."),
    built("screen_width", "Width of the window in CSS pixels, 1 to 7680. Default 1280."),
    built("screen_height", "Height of the window in CSS pixels, 1 to 7680. Default 800."),
    built("background", "Accept the capture and answer at once. Must be true in this version."),
    built("callback_url", "Where the event is posted; http or https, at most 8,192 bytes."),
    later("screen_landscape", "Turn the window."),
    later("device", "Window of a named device."),
    later("thumb_width", "Resize the picture to this width."),
    later("thumb_height", "Resize the picture to this height."),
    later("filters", "Picture filters to apply."),
];

const KEY_HEADER: &str = "x-api-key";

const WORDING: Wording = Wording {
    dialect: Dialect::ScreenNabster,
    known: OPTIONS,
    asynchronous: &["background", "async"],
    callback: &["callback_url", "webhook_url"],
    signature: Signature::Always,
    format: &["output", "format"],
    quality: &["quality", "image_quality"],
    width: &["screen_width", "viewport_width"],
    height: &["screen_height", "viewport_height"],
    // Its docs know of no fault in a page's status, so error pages are drawn.
    defaults: Defaults {
        format: Format::Png,
        quality: 80,
        width_px: 1280,
        height_px: 800,
        host_errors: HostErrors::Draw,
    },
};

/// Reads a request whose path, after `/api/v1/capture`, is `path`.
pub(crate) fn read(request: &Request<Bytes>, path: &str, reach: &Reach) -> Call {
    if path.is_empty() {
        return capture(request, reach);
    }
    match path.strip_prefix('/') {
        Some("bulk") | None => refused(Refusal::NoSuchEndpoint),
        Some(job_id) => status(request, job_id),
    }
}

fn capture(request: &Request<Bytes>, reach: &Reach) -> Call {
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return refused(Refusal::MethodNotAllowed { allow: "GET, POST" });
    }
    let mut options = Options::of(request);
    // The alias that isn't one: here a key in a URL would be logged by proxies.
    if options.lift("access_key").is_some() {
        options.fault("access_key", "is not an option; send the key in the X-API-Key header");
    }
    Call {
        tongue: Tongue::ScreenNabster,
        credential: credential(request),
        action: read_submission(options, &WORDING, reach)
            .map(|submission| Action::Submit(Box::new(submission))),
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

fn credential(request: &Request<Bytes>) -> Credential {
    credential::from_header(request, KEY_HEADER).unwrap_or(Credential::Missing)
}

const fn refused(refusal: Refusal) -> Call {
    Call { tongue: Tongue::ScreenNabster, credential: Credential::NotNeeded, action: Err(refusal) }
}
