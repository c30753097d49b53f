//! Captures that are shared: what makes two requests ask for the same, and what an earlier capture
//! is worth to a later request.

use std::fmt;
use std::hash::{Hash as _, Hasher};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::capture::{CaptureSpec, Late, Timeout};
use crate::id::JobId;
use crate::idempotency::is_digest;
use crate::job::{Job, JobState, Mode};
use crate::time::Timestamp;

/// A job that was just accepted is begun, queued or rejected within so long, unless whoever accepted
/// it is lost.
const BEGUN_WITHIN: Duration = Duration::from_secs(30);

/// A job that a worker gave up, or left behind, is taken up again within so long after its lease: by
/// another worker, or, where a client waits for it, by the same.
const TAKEN_UP_WITHIN: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(5)];

/// What captures have in common that are the same: a SHA-256 over the whole specification, so that
/// nothing that decides what a picture looks like is left out.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CacheKey(String);

impl CacheKey {
    /// The key of this capture, in the version that its client calls so. How long it may take
    /// decides what it looks like where a page is drawn as it stands when time is up.
    #[must_use]
    pub fn of(spec: &CaptureSpec, timeout: Timeout, version: Option<&str>) -> Self {
        let timeout = (spec.wait.late == Late::Draw).then_some(timeout);
        let mut digest = Digest(Sha256::new());
        (spec, timeout, version).hash(&mut digest);
        Self(hex::encode(digest.0.finalize()))
    }

    /// A key as it was stored; none if it isn't 64 hexadecimal digits.
    #[must_use]
    pub fn from_stored(hash: &str) -> Option<Self> {
        is_digest(hash).then(|| Self(hash.to_owned()))
    }
}

/// SHA-256 in hexadecimal.
impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Takes in all that is hashed, none of it shortened.
struct Digest(Sha256);

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Eight bytes of the digest; what counts is the whole.
    fn finish(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = self.0.clone().finalize().into();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

/// What a request takes instead of a capture of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caching {
    /// Which captures are the same.
    pub key: CacheKey,
    /// How old one may be.
    pub fresh_for: Duration,
    /// How much older one may be while another is made.
    pub stale_for: Duration,
}

/// What the cache has under a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CacheEntry {
    /// The capture that was begun last.
    pub job: JobId,
    /// The one before it, which is good enough until this one is there.
    pub before: Option<JobId>,
}

/// The place in the cache that a job takes when it is accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CachePlace {
    /// Under which key.
    pub key: CacheKey,
    /// Whose place it takes, if anybody has it: another's is not taken.
    pub from: Option<JobId>,
    /// [`CacheEntry::before`] from then on.
    pub before: Option<JobId>,
}

/// What a job is worth to a request for the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Worth {
    /// Its result is what was asked for.
    Fresh,
    /// Its result will do while another is made.
    Stale,
    /// Its result is yet to come.
    Promise,
    /// It has none, or too old a one, or one that nobody will make any more.
    Nothing,
}

impl Caching {
    /// What `job` is worth now.
    #[must_use]
    pub fn worth(&self, job: &Job, now: Timestamp) -> Worth {
        let promised = |until: Timestamp| if now < until { Worth::Promise } else { Worth::Nothing };
        match &job.state {
            JobState::Completed { artifact, .. } => {
                let age = now.since(artifact.stored_at);
                if age < self.fresh_for {
                    Worth::Fresh
                } else if age < self.fresh_for.saturating_add(self.stale_for) {
                    Worth::Stale
                } else {
                    Worth::Nothing
                }
            }
            JobState::Accepted => promised(job.order.accepted_at + BEGUN_WITHIN),
            JobState::Queued => promised(job.order.expires_at),
            JobState::Rendering(claim) => {
                let [by_another, by_the_same] = TAKEN_UP_WITHIN;
                promised(match job.order.mode {
                    Mode::Asynchronous => claim.lease_until + by_another,
                    Mode::Synchronous => claim.lease_until + by_the_same,
                })
            }
            JobState::Failed { .. } | JobState::Rejected { .. } => Worth::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Reach;
    use crate::capture::{Effort, Encoding, Output, Source, Viewport};
    use crate::failure::{Failure, FailureKind};
    use crate::id::ClaimToken;
    use crate::job::tests::{START, artifact, claimed, job};
    use crate::job::{Dialect, Order};
    use crate::url::TargetUrl;

    fn spec(url: &str) -> CaptureSpec {
        let url = TargetUrl::parse(url, &Reach::public()).unwrap();
        let output = Output::image(Encoding::Png(Effort::Fast));
        CaptureSpec::plain(Source::Url(url), output, Viewport::desktop(1280, 800))
    }

    fn key(spec: &CaptureSpec, version: Option<&str>) -> CacheKey {
        CacheKey::of(spec, Timeout::DEFAULT, version)
    }

    #[test]
    fn a_key_tells_specifications_and_versions_apart() {
        let page = spec("https://example.com/");
        let whole = key(&page, None);
        assert_eq!(key(&page, None), whole);
        assert_eq!(CacheKey::from_stored(&whole.to_string()), Some(whole.clone()));
        let wide = CaptureSpec { viewport: Viewport::desktop(1281, 800), ..page.clone() };
        let sharp = Viewport { scale: 1.5, ..page.viewport };
        let others = [
            key(&spec("https://example.com/b"), None),
            key(&wide, None),
            key(&CaptureSpec { viewport: sharp, ..page.clone() }, None),
            key(&page, Some("")),
            key(&page, Some("b")),
        ];
        assert!(others.iter().all(|other| *other != whole));
        assert_eq!(CacheKey::from_stored("b"), None);
    }

    #[test]
    fn the_time_that_there_is_counts_only_where_a_page_is_drawn_as_it_stands() {
        let mut page = spec("https://example.com/");
        let of =
            |page: &CaptureSpec, secs| CacheKey::of(page, Timeout::from_secs(secs).unwrap(), None);
        assert_eq!(of(&page, 2), of(&page, 60));
        page.wait.late = Late::Draw;
        assert_ne!(of(&page, 2), of(&page, 60));
    }

    fn caching() -> Caching {
        Caching {
            key: key(&spec("https://example.com/"), None),
            fresh_for: Duration::from_secs(10),
            stale_for: Duration::from_secs(5),
        }
    }

    const SECOND: Duration = Duration::from_secs(1);
    const MOMENT: Duration = Duration::from_millis(1);

    #[test]
    fn a_result_is_fresh_then_stale_then_worth_nothing_however_late_its_job_is() {
        let rendering = claimed(job(Dialect::Nodium), 1, START);
        let artifact = artifact(&rendering, 1);
        let token = ClaimToken::from_random([1; 16]);
        let completed = rendering.complete(token, START + SECOND, artifact).unwrap().job;
        let later = Order { accepted_at: START + 8 * SECOND, ..completed.order.clone() };
        let JobState::Completed { artifact, .. } = &completed.state else { panic!() };
        let born = Job::of_result(completed.id, later, artifact.clone());
        for job in [completed, born] {
            let after = |ms| caching().worth(&job, START + Duration::from_millis(ms));
            assert_eq!([after(0), after(9_999)], [Worth::Fresh; 2]);
            assert_eq!([after(10_000), after(14_999)], [Worth::Stale; 2]);
            assert_eq!(after(15_000), Worth::Nothing);
        }
    }

    #[test]
    fn what_is_under_way_is_a_promise_for_as_long_as_somebody_may_keep_it() {
        for mode in [Mode::Asynchronous, Mode::Synchronous] {
            let mut accepted = job(Dialect::Nodium);
            accepted.order.mode = mode;
            let queued = accepted.clone().queue().unwrap().job;
            let rendering = claimed(accepted.clone(), 1, START);
            let JobState::Rendering(claim) = rendering.state else { panic!() };
            let grace = if mode == Mode::Asynchronous { 30 * SECOND } else { 5 * SECOND };
            for (job, until) in [
                (&accepted, START + 30 * SECOND),
                (&queued, queued.order.expires_at),
                (&rendering, claim.lease_until + grace),
            ] {
                let worth = |now| caching().worth(job, now);
                assert_eq!(worth(until - MOMENT), Worth::Promise, "{:?} {mode:?}", job.state);
                assert_eq!(worth(until), Worth::Nothing, "{:?} {mode:?}", job.state);
            }
            let failure = Failure::plain(FailureKind::Timeout);
            let token = ClaimToken::from_random([1; 16]);
            let failed = rendering.fail(token, START, failure).unwrap().job;
            let rejected = accepted.reject(START).unwrap().job;
            for over in [failed, rejected] {
                assert_eq!(caching().worth(&over, START), Worth::Nothing);
            }
        }
    }
}
