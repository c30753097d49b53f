//! Jobs and customers, as clauses and the adapters' own tests have them.

use darkroom_core::account::{Account, Limits};
use darkroom_core::address::Reach;
use darkroom_core::artifact::{Artifact, ArtifactKey, ByteSize, Link};
use darkroom_core::capture::{
    CaptureSpec, Effort, Encoding, Format, Output, Source, Timeout, Viewport,
};
use darkroom_core::id::{AccountId, ClaimToken, JobId, TraceId};
use darkroom_core::job::{ClaimVerdict, Dialect, Job, MAX_WAIT, Mode, Order, SpecPlace, Step};
use darkroom_core::key::{AccessKey, SigningKey};
use darkroom_core::report::Report;
use darkroom_core::time::Timestamp;
use darkroom_core::url::TargetUrl;
use darkroom_core::usage::CaptureKind;

/// When everything was accepted: not at a whole second, so that whoever rounds is seen to.
pub const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);

/// A claim's token.
#[must_use]
pub fn token(byte: u8) -> ClaimToken {
    ClaimToken::from_random([byte; 16])
}

/// An account's id.
#[must_use]
pub fn account(byte: u8) -> AccountId {
    AccountId::from_random([byte; 10])
}

/// An account with the keys that are made of its byte.
#[derive(Clone, Debug)]
pub struct Customer {
    /// What its access key leads to.
    pub account: Account,
    /// Its access key.
    pub access_key: AccessKey,
    /// Its signing key.
    pub signing_key: SigningKey,
}

/// The customer of this byte.
#[must_use]
pub fn customer(byte: u8) -> Customer {
    Customer {
        account: Account {
            id: account(byte),
            name: format!("customer {byte}"),
            quota_per_month: 1_000,
            limits: Limits::default(),
        },
        access_key: AccessKey::from_random([byte; 20]),
        signing_key: SigningKey::from_random([byte; 32]),
    }
}

/// Account 1 with this quota.
#[must_use]
pub fn allowed(quota_per_month: u64) -> Account {
    Account { quota_per_month, ..customer(1).account }
}

/// What to capture of this source.
#[must_use]
pub fn spec(source: Source) -> CaptureSpec {
    let viewport = Viewport { scale: 1.5, ..Viewport::desktop(1280, 800) };
    CaptureSpec::plain(source, Output::image(Encoding::Png(Effort::Fast)), viewport)
}

/// The `number`th job of account 1.
///
/// # Panics
///
/// Never: its URL is well-formed.
#[must_use]
pub fn job(number: u32) -> Job {
    let url = TargetUrl::parse("https://example.com/", &Reach::public()).unwrap();
    let order = Order {
        account: account(1),
        dialect: Dialect::Nodium,
        mode: Mode::Asynchronous,
        trace: TraceId::from_random([2; 16]),
        accepted_at: NOW,
        expires_at: NOW + MAX_WAIT,
        timeout: Timeout::DEFAULT,
        spec: SpecPlace::Inline(Box::new(spec(Source::Url(url)))),
        kind: CaptureKind::Screenshot,
        storage: None,
        callback: None,
        external_identifier: None,
        idempotency: None,
        cache: None,
        holds_place: false,
        public_origin: "https://shots.example".to_owned(),
    };
    Job::accept(JobId::new(NOW, number), order)
}

/// A worker's claim on a job that is free.
///
/// # Panics
///
/// When the job isn't free.
#[must_use]
pub fn claim(job: Job, by: u8, at: Timestamp) -> Step {
    match job.claim(token(by), at) {
        ClaimVerdict::Claim(step) => step,
        other => panic!("{other:?}"),
    }
}

/// A result of this job.
#[must_use]
pub fn artifact(job: &Job) -> Artifact {
    Artifact {
        key: ArtifactKey::of(job.id, token(1)),
        format: Format::Png,
        size: ByteSize::from_bytes(3),
        stored_at: NOW,
        link: Link { url: "https://bucket.example/x".to_owned(), expires_at: NOW },
        files: Vec::new(),
        report: Report::default(),
    }
}
