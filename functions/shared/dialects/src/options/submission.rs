//! A submission, read from options in the words of one dialect.

use std::time::Duration;

use darkroom_core::account::ExternalIdentifier;
use darkroom_core::address::Reach;
use darkroom_core::capture::{
    Area, CaptureSpec, Effort, Encoding, Enough, FailRules, Framing, FullPage, HostErrors,
    LifecycleEvent, Output, Quality, Reveal, SelectorWait, Source, Timeout, Viewport, Wait,
};
use darkroom_core::job::{Announce, Callback, Dialect, Signed};
use darkroom_core::url::{CallbackUrl, TargetUrl};

use super::given::Options;
use super::known::Known;
use super::values::{self, Raw, Reading};
use crate::call::{Refusal, Submission};

/// How one dialect words a submission. Where an option has several names, the
/// dialect's own comes first.
pub(crate) struct Wording {
    pub(crate) dialect: Dialect,
    pub(crate) known: &'static [&'static [Known]],
    pub(crate) asynchronous: &'static [&'static str],
    pub(crate) callback: &'static [&'static str],
    pub(crate) signature: Signature,
    pub(crate) format: &'static [&'static str],
    pub(crate) quality: &'static [&'static str],
    pub(crate) width: &'static [&'static str],
    pub(crate) height: &'static [&'static str],
    pub(crate) defaults: Defaults,
}

/// What one dialect takes for granted.
pub(crate) struct Defaults {
    pub(crate) format: Format,
    pub(crate) quality: u32,
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
    pub(crate) host_errors: HostErrors,
}

/// Whether a client may do without the dialect's own signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    /// It may.
    Optional,
    /// The API always signs.
    Always,
}

/// An output without its quality, which is an option of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    Png,
    Jpeg,
    WebP,
    Pdf,
}

/// Formats of ScreenshotOne and ScreenNabster that this version doesn't make.
const FORMATS_FOR_LATER: [&str; 7] = ["gif", "jp2", "tiff", "avif", "heif", "html", "markdown"];

const DEFAULT_SCALE: f64 = 1.0;

/// Options that say who asks, and what is done with the result.
const OF_SUBMISSIONS: [&str; 6] =
    ["access_key", "async", "webhook_url", "webhook_sign", "webhook_errors", "external_identifier"];

/// Reads a submission out of options, with all of their faults at once.
///
/// # Errors
///
/// [`Refusal::BodyTooLarge`] and [`Refusal::Invalid`].
pub(crate) fn read_submission(
    mut options: Options,
    wording: &Wording,
    reach: &Reach,
) -> Result<Submission, Refusal> {
    options.refuse_all_but(wording.known);
    require_asynchronous(&mut options, wording);
    let capture = capture(&mut options, wording, reach);
    let callback = callback(&mut options, wording, reach);
    let external_identifier = options.read(&["external_identifier"], identifier);
    let submission = capture.map(|(spec, timeout)| Submission {
        dialect: wording.dialect,
        spec,
        timeout,
        callback,
        external_identifier,
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
    wording: &Wording,
    reach: &Reach,
) -> Result<(CaptureSpec, Timeout), Refusal> {
    options.refuse_all_but(wording.known);
    for name in OF_SUBMISSIONS {
        if options.has(&[name]) {
            options.fault(name, "belongs to requests over HTTP; leave it out");
        }
    }
    let capture = capture(&mut options, wording, reach);
    options.finish(capture)
}

/// What to capture, how, and how long that may take.
fn capture(
    options: &mut Options,
    wording: &Wording,
    reach: &Reach,
) -> Option<(CaptureSpec, Timeout)> {
    let source = source(options, reach);
    let output = output(options, wording);
    options.read(&["response_type"], response_type);
    let viewport = viewport(options, wording);
    let framing = match options.read(&["full_page"], values::truth) {
        Some(true) => Framing {
            area: Area::FullPage(FullPage::default()),
            reveal: Some(Reveal::default()),
            beyond_viewport: true,
            element: None,
        },
        Some(false) | None => Framing::default(),
    };
    let wait = wait(options);
    let host_errors = match options.read(&["ignore_host_errors"], values::truth) {
        Some(true) => HostErrors::Draw,
        Some(false) => HostErrors::Fail,
        None => wording.defaults.host_errors,
    };
    let timeout = timeout(options, &wait);
    source.map(|source| {
        let spec = CaptureSpec {
            framing,
            wait,
            rules: FailRules { host_errors, ..FailRules::default() },
            ..CaptureSpec::plain(source, output, viewport)
        };
        (spec, timeout)
    })
}

/// Synchronous captures aren't built yet: a request that doesn't ask for an
/// asynchronous one is told so, rather than answered with something else.
fn require_asynchronous(options: &mut Options, wording: &Wording) {
    let faulty = options.has(wording.asynchronous);
    let wanted = options.read(wording.asynchronous, values::truth);
    // What a body that can't be read left out isn't known.
    if wanted == Some(true) || (wanted.is_none() && (faulty || !options.is_whole())) {
        return;
    }
    if let Some(name) = wording.asynchronous.first() {
        options.fault(
            name,
            "must be true: synchronous captures are not available in this version; \
             with it, the answer is a job, whose result is polled for or posted to a webhook",
        );
    }
}

fn source(options: &mut Options, reach: &Reach) -> Option<Source> {
    if options.is_whole() && !options.has(&["url", "html"]) {
        options
            .fault("url", "is missing; give the page's address in `url`, or a document in `html`");
    }
    if options.has(&["url"]) && options.has(&["html"]) {
        options.fault("html", "contradicts `url`; give one of them");
    }
    let url = options.read(&["url"], |raw| {
        TargetUrl::parse(&values::text(raw)?, reach).map_err(|fault| fault.to_string().into())
    });
    let html = options.read(&["html"], values::filled_text);
    url.map(Source::Url).or_else(|| html.map(Source::Html))
}

fn output(options: &mut Options, wording: &Wording) -> Output {
    let format = options.read(wording.format, format);
    let format = format.unwrap_or(wording.defaults.format);
    let fallback = wording.defaults.quality;
    let quality = values::whole(0..=100, "", Some(fallback));
    let quality = options.read(wording.quality, quality).unwrap_or(fallback);
    // No value that passed the range is lost here.
    let quality = u8::try_from(quality).ok().and_then(Quality::new);
    match (format, quality) {
        (Format::Png, _) | (_, None) => Output::image(Encoding::Png(Effort::Fast)),
        (Format::Jpeg, Some(quality)) => Output::image(Encoding::Jpeg(quality)),
        (Format::WebP, Some(quality)) => Output::image(Encoding::WebP(quality)),
        (Format::Pdf, Some(_)) => {
            refuse_quality_of_pdf(options, wording);
            Output::Pdf(Box::default())
        }
    }
}

fn refuse_quality_of_pdf(options: &mut Options, wording: &Wording) {
    for &name in wording.quality {
        if options.has(&[name]) {
            options.fault(name, "has no meaning for a pdf; leave it out");
        }
    }
}

fn viewport(options: &mut Options, wording: &Wording) -> Viewport {
    let Defaults { width_px, height_px, .. } = wording.defaults;
    let side = |default| {
        let range = 1..=Viewport::MAX_SIDE_PX;
        values::whole(range, " of pixels", Some(default))
    };
    let scale = values::number(1.0..=Viewport::MAX_SCALE, DEFAULT_SCALE);
    let scale = options.read(&["device_scale_factor"], scale);
    Viewport {
        width_px: options.read(wording.width, side(width_px)).unwrap_or(width_px),
        height_px: options.read(wording.height, side(height_px)).unwrap_or(height_px),
        scale: scale.unwrap_or(DEFAULT_SCALE),
        ..Viewport::desktop(width_px, height_px)
    }
}

fn wait(options: &mut Options) -> Wait {
    let most = u32::try_from(Wait::MAX_DELAY.as_secs()).unwrap_or(u32::MAX);
    let delay = options.read(&["delay"], values::whole(0..=most, " of seconds", Some(0)));
    Wait {
        until: options.read(&["wait_until"], lifecycle_events).unwrap_or_default(),
        selector: options
            .read(&["wait_for_selector"], values::filled_text)
            .map(|selector| SelectorWait { selector, enough: Enough::One }),
        delay: Duration::from_secs(delay.unwrap_or(0).into()),
        ..Wait::default()
    }
}

fn timeout(options: &mut Options, wait: &Wait) -> Timeout {
    let most = u32::from(Timeout::MAX_ASYNC_SECS);
    let default = u32::from(Timeout::DEFAULT.as_secs());
    let secs = values::whole(1..=most, " of seconds", Some(default));
    let secs = options.read(&["timeout"], secs).unwrap_or(default);
    let timeout = u16::try_from(secs).ok().and_then(Timeout::from_secs);
    let timeout = timeout.unwrap_or(Timeout::DEFAULT);
    if wait.delay >= timeout.as_duration() {
        options
            .fault("delay", "must be shorter than `timeout`, or the capture would always time out");
    }
    timeout
}

fn callback(options: &mut Options, wording: &Wording, reach: &Reach) -> Option<Callback> {
    let signed = options.read(&["webhook_sign"], values::truth);
    let errors = options.read(&["webhook_errors"], values::truth);
    if signed == Some(false) && wording.signature == Signature::Always {
        options.fault("webhook_sign", "must be true: this API signs every webhook");
    }
    if let (false, Some(url)) = (options.has(wording.callback), wording.callback.first()) {
        for name in ["webhook_sign", "webhook_errors"] {
            if options.has(&[name]) {
                options.fault(name, &format!("needs `{url}`; give that too, or leave it out"));
            }
        }
    }
    let url = options.read(wording.callback, |raw| {
        CallbackUrl::parse(&values::text(raw)?, reach).map_err(|fault| fault.to_string().into())
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

fn response_type(raw: &Raw) -> Reading<()> {
    match values::text(raw)?.as_str() {
        "by_format" => Ok(()),
        later @ ("json" | "empty") => {
            Err(format!("{later} is not available in this version; use by_format").into())
        }
        _ => Err("must be by_format".into()),
    }
}

fn format(raw: &Raw) -> Reading<Format> {
    const TAKEN: &str = "png, jpeg, jpg, webp or pdf";
    let name = values::text(raw)?.trim().to_ascii_lowercase();
    match name.as_str() {
        "png" => Ok(Format::Png),
        "jpeg" | "jpg" => Ok(Format::Jpeg),
        "webp" => Ok(Format::WebP),
        "pdf" => Ok(Format::Pdf),
        later if FORMATS_FOR_LATER.contains(&later) => {
            Err(format!("{later} is not available in this version; use {TAKEN}").into())
        }
        _ => Err(format!("must be {TAKEN}").into()),
    }
}

fn lifecycle_events(raw: &Raw) -> Reading<Vec<LifecycleEvent>> {
    let mut events = Vec::new();
    for name in values::texts(raw)? {
        let event = match name.as_str() {
            "load" => LifecycleEvent::Load,
            "domcontentloaded" => LifecycleEvent::DomContentLoaded,
            "networkidle0" => LifecycleEvent::NetworkIdle,
            "networkidle2" => LifecycleEvent::NetworkAlmostIdle,
            _ => {
                let known = "must be a list of load, domcontentloaded, networkidle0, networkidle2";
                return Err(known.into());
            }
        };
        if !events.contains(&event) {
            events.push(event);
        }
    }
    Ok(events)
}

fn identifier(raw: &Raw) -> Reading<ExternalIdentifier> {
    ExternalIdentifier::parse(&values::text(raw)?).ok_or_else(|| {
        "must be 1 to 256 printable ASCII characters, without blanks at either end".into()
    })
}
