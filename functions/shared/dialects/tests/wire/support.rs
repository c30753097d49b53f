//! Requests to read, jobs to tell of, and answers as text.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use darkroom_core::account::ExternalIdentifier;
use darkroom_core::address::Reach;
use darkroom_core::artifact::{
    Artifact, ArtifactFile, ArtifactKey, ByteSize, FileKind, Link, ResultLinks,
};
use darkroom_core::capture::{
    CaptureSpec, Effort, Encoding, Format, Output, Source, Timeout, Viewport,
};
use darkroom_core::failure::Failure;
use darkroom_core::id::{AccountId, ClaimToken, JobId, TraceId};
use darkroom_core::job::{
    Announce, Callback, Charge, Claim, Dialect, Job, JobState, Mode, Order, Signed, SpecPlace,
};
use darkroom_core::key::AccessKey;
use darkroom_core::report::{PixelSize, Report};
use darkroom_core::storage::Region;
use darkroom_core::time::{Period, Timestamp};
use darkroom_core::url::{CallbackUrl, TargetUrl};
use darkroom_core::usage::CaptureKind;
use darkroom_dialects::{
    Action, Call, Fault, Refusal, Submission, Terms, Tongue, Webhook, WebhookBody,
};
use http::{Request, Response};

/// The seed's own `created_at`.
pub(crate) fn noon() -> Timestamp {
    Timestamp::parse_rfc3339("2026-04-11T15:04:05.123Z").unwrap()
}

pub(crate) fn trace() -> TraceId {
    TraceId::from_random([0xab; 16])
}

pub(crate) fn key() -> AccessKey {
    AccessKey::from_random([7; 20])
}

/// A request with a good key in every dialect's header.
pub(crate) fn request(method: &str, target: &str, body: &str) -> Request<Bytes> {
    let key = key();
    keyless(method, target, body, &[("x-access-key", key.expose()), ("x-api-key", key.expose())])
}

pub(crate) fn keyless(
    method: &str,
    target: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// Where the deployment runs.
pub(crate) fn region() -> Region {
    Region::parse("eu-central-1").unwrap()
}

pub(crate) fn read(request: &Request<Bytes>) -> Call {
    let reach = Reach::public();
    let results_kept = Duration::from_secs(30 * 24 * 60 * 60);
    let region = region();
    let terms = Terms { reach: &reach, region: &region, results_kept, cache_with_webhooks: false };
    darkroom_dialects::read(request, &terms)
}

/// The submission that a good request asks for.
pub(crate) fn submission(request: &Request<Bytes>) -> Submission {
    match read(request).action {
        Ok(Action::Submit(submission)) => *submission,
        other => panic!("{other:?}"),
    }
}

/// The faults of a bad request, their texts only.
pub(crate) fn faults(request: &Request<Bytes>) -> Vec<String> {
    match read(request).action {
        Err(Refusal::Invalid(faults)) => faults.into_iter().map(|it| it.message).collect(),
        other => panic!("{other:?}"),
    }
}

/// A submission in one line a field.
pub(crate) fn told(it: &Submission) -> String {
    let source = match &it.spec.source {
        Source::Url(url) => url.as_str().to_owned(),
        Source::Html(text) => format!("html {text:?}"),
        Source::Markdown(text) => format!("markdown {text:?}"),
    };
    let mut text = format!("{:?} {source}\n", it.dialect);
    writeln!(text, "{:?} {:?}", it.spec.output, it.spec.framing.area).unwrap();
    writeln!(text, "{:?}", it.spec.viewport).unwrap();
    writeln!(text, "{:?}", it.spec.wait).unwrap();
    writeln!(text, "{:?} errors, {} s", it.spec.rules.host_errors, it.timeout.as_secs()).unwrap();
    match &it.callback {
        Some(callback) => writeln!(
            text,
            "to {} signed {:?} announcing {:?}",
            callback.url, callback.sign, callback.errors
        ),
        None => writeln!(text, "no callback"),
    }
    .unwrap();
    let identifier = it.external_identifier.as_ref().map(ExternalIdentifier::as_str);
    writeln!(text, "identifier {identifier:?}").unwrap();
    text
}

pub(crate) fn job(dialect: Dialect, state: JobState) -> Job {
    let callback_url = "https://hooks.example.com/screenshot-ready";
    Job {
        id: JobId::parse_decimal("8472910").unwrap(),
        order: Order {
            account: AccountId::from_random([1; 10]),
            dialect,
            mode: Mode::Asynchronous,
            trace: trace(),
            accepted_at: Timestamp::parse_rfc3339("2026-04-11T15:04:00Z").unwrap(),
            expires_at: Timestamp::parse_rfc3339("2026-04-12T15:04:00Z").unwrap(),
            timeout: Timeout::DEFAULT,
            spec: SpecPlace::Inline(Box::new(CaptureSpec::plain(
                Source::Url(TargetUrl::parse("https://example.com/", &Reach::public()).unwrap()),
                Output::image(Encoding::Png(Effort::Fast)),
                Viewport::desktop(1280, 800),
            ))),
            kind: CaptureKind::Screenshot,
            storage: None,
            callback: Some(Callback {
                url: CallbackUrl::parse(callback_url, &Reach::public()).unwrap(),
                sign: Signed::Yes,
                errors: Announce::Everything,
            }),
            external_identifier: ExternalIdentifier::parse("order-12345"),
            idempotency: None,
            cache: None,
            holds_place: false,
            public_origin: "https://shots.example".to_owned(),
        },
        version: 3,
        charge: Charge::Charged,
        claims: 1,
        spent: Duration::ZERO,
        state,
    }
}

/// A job with nothing that its client could have left out.
pub(crate) fn bare(mut job: Job) -> Job {
    job.order.callback = None;
    job.order.external_identifier = None;
    job
}

pub(crate) fn rendering() -> JobState {
    JobState::Rendering(Claim {
        token: ClaimToken::from_random([2; 16]),
        at: noon(),
        lease_until: noon() + Duration::from_secs(85),
    })
}

/// The seed's figures: 3.45 s, 245,760 bytes of PNG.
pub(crate) fn completed() -> JobState {
    let job = JobId::parse_decimal("8472910").unwrap();
    JobState::Completed {
        at: noon(),
        rendering: Duration::from_millis(3_449),
        artifact: Artifact {
            key: ArtifactKey::of(job, ClaimToken::from_random([2; 16])),
            format: Format::Png,
            size: ByteSize::from_bytes(245_760),
            stored_at: noon(),
            link: Link {
                url: "https://cdn.nodium.io/screenshots/8472910.png".to_owned(),
                expires_at: noon() + Duration::from_secs(3 * 86_400),
            },
            files: Vec::new(),
            report: Report::default(),
        },
    }
}

pub(crate) fn failed(failure: Failure) -> JobState {
    JobState::Failed { at: noon(), failure }
}

pub(crate) fn fresh_link() -> Link {
    Link {
        url: "https://bucket.example/fresh?sig=1".to_owned(),
        expires_at: noon() + Duration::from_secs(86_400),
    }
}

pub(crate) fn fresh_links() -> ResultLinks {
    ResultLinks { main: fresh_link(), files: Vec::new() }
}

/// Cut into two slices and made in one more size, with a link to each.
pub(crate) fn completed_with_files() -> (JobState, ResultLinks) {
    let mut state = completed();
    let JobState::Completed { artifact, .. } = &mut state else { panic!() };
    let pixels = |height| PixelSize { width: 1_280, height };
    let kinds = [
        FileKind::Slice { index: 0, offset_y_px: 0, pixels: pixels(4_000) },
        FileKind::Slice { index: 1, offset_y_px: 3_950, pixels: pixels(1_200) },
        FileKind::Size { index: 0, pixels: pixels(200) },
    ];
    let size = ByteSize::from_bytes(81_920);
    artifact.files = kinds.map(|kind| ArtifactFile { kind, size }).to_vec();
    let link = |file: &ArtifactFile| Link {
        url: format!("https://bucket.example/{}?sig=1", file.kind.name()),
        ..fresh_link()
    };
    let files = artifact.files.iter().map(link).collect();
    (state, ResultLinks { main: fresh_link(), files })
}

/// Every refusal there is.
pub(crate) fn refusals() -> Vec<Refusal> {
    let fault = |option: &str, message: &str| Fault {
        option: option.to_owned(),
        message: message.to_owned(),
    };
    vec![
        Refusal::KeyMissing,
        Refusal::KeyInvalid,
        Refusal::SignatureInvalid,
        Refusal::SignatureMissing,
        Refusal::LinkExpired,
        Refusal::Invalid(vec![
            fault("blok_ads", "`blok_ads` is not an option; did you mean `block_ads`?"),
            fault("delay", "`delay` must be a whole number of seconds from 0 to 30 (default 0)"),
        ]),
        Refusal::BodyTooLarge,
        Refusal::QuotaUsedUp { quota_per_month: 100, period: Period::parse("2026-11").unwrap() },
        Refusal::TooManyStarts { limit: 30, retry_after: Duration::from_millis(17_400) },
        Refusal::TooManyAtOnce { limit: 5, retry_after: Duration::from_secs(2) },
        Refusal::IdempotencyKeyUsed,
        Refusal::IdempotencyKeyBusy { retry_after: Duration::from_secs(2) },
        Refusal::NotFound,
        Refusal::NoSuchEndpoint,
        Refusal::MethodNotAllowed { allow: "GET, POST" },
        Refusal::StillRunning,
        Refusal::NoWebhook,
        Refusal::StillDelivering,
        Refusal::Gone,
        Refusal::Unsettled {
            job: JobId::parse_decimal("8472910").unwrap(),
            retry_after: Duration::from_secs(2),
        },
        Refusal::Busy { retry_after: Duration::from_millis(1_001) },
        Refusal::Internal,
    ]
}

/// Every refusal as its client gets it.
pub(crate) fn refused_in(tongue: Tongue) -> String {
    let answers = refusals().into_iter().map(|refusal| {
        let answer = darkroom_dialects::refuse(tongue, &refusal, trace());
        let kind = format!("{refusal:?}");
        let kind = kind.split([' ', '(']).next().unwrap_or_default();
        format!("# {kind}\n{}", written(&answer))
    });
    answers.collect::<Vec<_>>().join("\n")
}

/// An answer as it goes over the wire.
pub(crate) fn written(answer: &Response<Bytes>) -> String {
    let mut text = format!("{}\n", answer.status());
    for (name, value) in answer.headers() {
        writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
    }
    let body = std::str::from_utf8(answer.body()).unwrap();
    assert!(!body.is_empty(), "behind a streaming Function URL an empty body hangs");
    writeln!(text, "\n{body}").unwrap();
    text
}

/// A webhook as it goes over the wire.
pub(crate) fn posted(webhook: &Webhook) -> String {
    let mut text = String::new();
    for (name, value) in &webhook.headers {
        writeln!(text, "{name}: {value}").unwrap();
    }
    let body = match &webhook.body {
        WebhookBody::Json(body) => std::str::from_utf8(body).unwrap(),
        WebhookBody::Artifact => "(the result)",
    };
    writeln!(text, "\n{body}").unwrap();
    text
}
