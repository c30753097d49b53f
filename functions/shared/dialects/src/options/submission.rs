//! A submission, read from options in the words of one dialect.

use bytes::Bytes;
use darkroom_core::address::Reach;
use darkroom_core::capture::{CaptureSpec, HostErrors, Output, Timeout, Viewport};
use darkroom_core::idempotency::Idempotency;
use darkroom_core::job::{Dialect, Mode};
use http::Request;

use super::delivery::Signature;
use super::given::Options;
use super::kind::{self, Kind};
use super::storage::Beside;
use super::{
    blocking, cache, changes, clip, delivery, emulation, framing, idempotency, image, inquiry, pdf,
    request, rules, source, storage, viewport, wait,
};
use crate::call::{Answer, Refusal, Submission};
use crate::terms::Terms;

/// How one dialect takes a submission, its [`Words`](super::known::Words) aside.
pub(crate) struct Manner {
    pub(crate) dialect: Dialect,
    pub(crate) signature: Signature,
    pub(crate) defaults: Defaults,
}

/// What one dialect takes for granted.
pub(crate) struct Defaults {
    /// The kind of file; where it is a clip, no other is made.
    pub(crate) kind: Kind,
    /// Percent, 0 to 100.
    pub(crate) quality: u8,
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
    pub(crate) host_errors: HostErrors,
}

/// Reads a submission out of a request and its options, with all of their faults at once.
///
/// # Errors
///
/// [`Refusal::BodyTooLarge`] and [`Refusal::Invalid`].
pub(crate) fn read_submission(
    request: &Request<Bytes>,
    mut options: Options,
    manner: &Manner,
    terms: &Terms<'_>,
) -> Result<Submission, Refusal> {
    let idempotency = idempotency::read(request, &mut options);
    options.refuse_unknown();
    let answer = delivery::read_answer(&mut options);
    let mode = answer.mode();
    submission(options, (answer, mode), idempotency, manner, terms)
}

/// Reads one submission of several, whose clients are answered for all of them together.
///
/// # Errors
///
/// [`Refusal::Invalid`].
pub(crate) fn read_item(
    mut options: Options,
    idempotency: Option<Idempotency>,
    mode: Mode,
    manner: &Manner,
    terms: &Terms<'_>,
) -> Result<Submission, Refusal> {
    options.refuse_unknown();
    delivery::refuse_single(&mut options);
    submission(options, (Answer::Accepted, mode), idempotency, manner, terms)
}

/// The mode decides how much time the capture may be given.
fn submission(
    mut options: Options,
    (answer, mode): (Answer, Mode),
    idempotency: Option<Idempotency>,
    manner: &Manner,
    terms: &Terms<'_>,
) -> Result<Submission, Refusal> {
    let capture = capture(&mut options, &manner.defaults, mode, terms.reach);
    let callback = delivery::read_callback(&mut options, manner.signature, terms.reach);
    let sharing = cache::read(&mut options, terms);
    let spec = capture.as_ref().map(|(spec, _)| spec);
    let beside = Beside { spec, is_shared: sharing.is_some() };
    let storage = storage::read(&mut options, terms, beside);
    let external_identifier = delivery::read_identifier(&mut options);
    let submission = capture.map(|(spec, timeout)| Submission {
        dialect: manner.dialect,
        answer,
        caching: sharing.map(|sharing| sharing.of(&spec, timeout)),
        spec,
        timeout,
        storage,
        callback,
        external_identifier,
        idempotency,
    });
    options.finish(submission)
}

/// Reads a capture that nobody submits, with all of its faults at once: what
/// only makes sense between a client and the API is a fault too.
///
/// # Errors
///
/// [`Refusal::Invalid`].
pub(crate) fn read_capture(
    mut options: Options,
    manner: &Manner,
    reach: &Reach,
) -> Result<(CaptureSpec, Timeout), Refusal> {
    options.refuse_unknown();
    delivery::refuse_all(&mut options);
    let capture = capture(&mut options, &manner.defaults, Mode::Asynchronous, reach);
    options.finish(capture)
}

/// What to capture, how, and how long that may take.
fn capture(
    options: &mut Options,
    defaults: &Defaults,
    mode: Mode,
    reach: &Reach,
) -> Option<(CaptureSpec, Timeout)> {
    let source = source::read(options, reach);
    let kind = kind::read(options, defaults);
    let (viewport, device) = viewport::read(options, defaults);
    let output = output(options, kind, &viewport, defaults);
    let kind = kind.unwrap_or(defaults.kind);
    let framing = framing::read(options, kind);
    let emulation = emulation::read(options, kind);
    let user_agent = device.map(|device| device.user_agent);
    let request = request::read(options, user_agent, source.as_ref());
    let blocking = blocking::read(options);
    let changes = changes::read(options);
    let wait = wait::read(options);
    let rules = rules::read(options, defaults);
    let inquiry = inquiry::read(options, kind, source.as_ref());
    let timeout = wait::read_timeout(options, &wait, mode);
    let spec = CaptureSpec {
        source: source?,
        output,
        viewport,
        framing,
        emulation,
        request,
        blocking,
        changes,
        wait,
        rules,
        inquiry,
    };
    Some((spec, timeout))
}

/// What comes out; there is no `kind` where it couldn't be read.
fn output(
    options: &mut Options,
    kind: Option<Kind>,
    viewport: &Viewport,
    defaults: &Defaults,
) -> Output {
    let print = pdf::read(options, kind);
    let clip = clip::read(options, kind, viewport);
    let kind = kind.unwrap_or(defaults.kind);
    if !matches!(kind, Kind::Still(_)) {
        image::refuse_all(options, kind);
    }
    match kind {
        Kind::Still(still) => Output::Image(image::read(options, still, defaults)),
        Kind::Pdf => Output::Pdf(Box::new(print)),
        Kind::Clip(_) => Output::Clip(Box::new(clip)),
        Kind::Text(markup) => Output::Text(markup),
    }
}
