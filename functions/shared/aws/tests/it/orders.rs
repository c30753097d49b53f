//! Jobs for the tests.

use darkroom_core::account::{Account, Limits};
use darkroom_core::address::Reach;
use darkroom_core::artifact::{Artifact, ArtifactKey, ByteSize, Link};
use darkroom_core::capture::{
    CaptureSpec, Effort, Encoding, Format, Output, Source, Timeout, Viewport,
};
use darkroom_core::id::{AccountId, ClaimToken, JobId, TraceId};
use darkroom_core::job::{ClaimVerdict, Dialect, Job, MAX_WAIT, Order, SpecPlace, Step};
use darkroom_core::time::Timestamp;
use darkroom_core::url::TargetUrl;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);

pub(crate) fn token(byte: u8) -> ClaimToken {
    ClaimToken::from_random([byte; 16])
}

pub(crate) fn account(byte: u8) -> AccountId {
    AccountId::from_random([byte; 10])
}

/// Account 1 with this quota.
pub(crate) fn allowed(quota_per_month: u64) -> Account {
    let name = "account 1".to_owned();
    Account { id: account(1), name, quota_per_month, limits: Limits::default() }
}

pub(crate) fn spec(source: Source) -> CaptureSpec {
    let viewport = Viewport { scale: 1.5, ..Viewport::desktop(1280, 800) };
    CaptureSpec::plain(source, Output::image(Encoding::Png(Effort::Fast)), viewport)
}

/// The `number`th job of account 1.
pub(crate) fn job(number: u32) -> Job {
    let url = TargetUrl::parse("https://example.com/", &Reach::public()).unwrap();
    let order = Order {
        account: account(1),
        dialect: Dialect::Nodium,
        trace: TraceId::from_random([2; 16]),
        accepted_at: NOW,
        expires_at: NOW + MAX_WAIT,
        timeout: Timeout::DEFAULT,
        spec: SpecPlace::Inline(Box::new(spec(Source::Url(url)))),
        callback: None,
        external_identifier: None,
        idempotency: None,
        holds_place: false,
        public_origin: "https://shots.example".to_owned(),
    };
    Job::accept(JobId::new(NOW, number), order)
}

pub(crate) fn claim(job: Job, by: u8, at: Timestamp) -> Step {
    match job.claim(token(by), at) {
        ClaimVerdict::Claim(step) => step,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn artifact(job: &Job) -> Artifact {
    Artifact {
        key: ArtifactKey::of(job.id, token(1)),
        format: Format::Png,
        size: ByteSize::from_bytes(3),
        link: Link { url: "https://bucket.example/x".to_owned(), expires_at: NOW },
        files: Vec::new(),
    }
}
