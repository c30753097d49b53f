//! Captures that are shared: what makes two requests ask for the same, and what an earlier capture
//! is worth to a later request.

use std::fmt;
use std::hash::{Hash as _, Hasher};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::capture::CaptureSpec;
use crate::id::JobId;
use crate::idempotency::is_digest;
use crate::job::{Job, JobState};
use crate::time::Timestamp;

/// A job that a worker gave up, or left behind, is taken up by another within so long after its
/// lease.
const TAKEN_UP_WITHIN: Duration = Duration::from_secs(30);

/// What captures have in common that are the same: a SHA-256 over the whole specification, so that
/// nothing that decides what a picture looks like is left out.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CacheKey(String);

impl CacheKey {
    /// The key of this capture, in the version that its client calls so.
    #[must_use]
    pub fn of(spec: &CaptureSpec, version: Option<&str>) -> Self {
        let mut digest = Digest(Sha256::new());
        (spec, version).hash(&mut digest);
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
pub struct CacheClaim {
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
    Fresh {
        /// How old it is.
        age: Duration,
    },
    /// Its result will do while another is made.
    Stale {
        /// How old it is.
        age: Duration,
    },
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
            JobState::Completed { at, .. } => {
                let age = now.since(*at);
                if age < self.fresh_for {
                    Worth::Fresh { age }
                } else if age < self.fresh_for.saturating_add(self.stale_for) {
                    Worth::Stale { age }
                } else {
                    Worth::Nothing
                }
            }
            JobState::Accepted | JobState::Queued => promised(job.order.expires_at),
            JobState::Rendering(claim) => promised(claim.lease_until + TAKEN_UP_WITHIN),
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
    use crate::job::Dialect;
    use crate::job::tests::{START, artifact, claimed, job};
    use crate::url::TargetUrl;

    fn spec(url: &str) -> CaptureSpec {
        let url = TargetUrl::parse(url, &Reach::public()).unwrap();
        let output = Output::image(Encoding::Png(Effort::Fast));
        CaptureSpec::plain(Source::Url(url), output, Viewport::desktop(1280, 800))
    }

    #[test]
    fn a_key_tells_specifications_and_versions_apart() {
        let page = spec("https://example.com/");
        let key = CacheKey::of(&page, None);
        assert_eq!(CacheKey::of(&page, None), key);
        assert_eq!(CacheKey::from_stored(&key.to_string()), Some(key.clone()));
        let wide = CaptureSpec { viewport: Viewport::desktop(1281, 800), ..page.clone() };
        let sharp = Viewport { scale: 1.5, ..page.viewport };
        let others = [
            CacheKey::of(&spec("https://example.com/b"), None),
            CacheKey::of(&wide, None),
            CacheKey::of(&CaptureSpec { viewport: sharp, ..page.clone() }, None),
            CacheKey::of(&page, Some("")),
            CacheKey::of(&page, Some("b")),
        ];
        assert!(others.iter().all(|other| *other != key));
        assert_eq!(CacheKey::from_stored("b"), None);
    }

    #[test]
    fn a_result_is_fresh_then_stale_then_worth_nothing() {
        let caching = Caching {
            key: CacheKey::of(&spec("https://example.com/"), None),
            fresh_for: Duration::from_secs(10),
            stale_for: Duration::from_secs(5),
        };
        let rendering = claimed(job(Dialect::Nodium), 1, START);
        let artifact = artifact(&rendering, 1);
        let token = ClaimToken::from_random([1; 16]);
        let completed = rendering.complete(token, START, artifact).unwrap().job;
        let after = |ms| caching.worth(&completed, START + Duration::from_millis(ms));
        let age = Duration::from_millis;
        assert_eq!(after(0), Worth::Fresh { age: age(0) });
        assert_eq!(after(9_999), Worth::Fresh { age: age(9_999) });
        assert_eq!(after(10_000), Worth::Stale { age: age(10_000) });
        assert_eq!(after(14_999), Worth::Stale { age: age(14_999) });
        assert_eq!(after(15_000), Worth::Nothing);
    }

    #[test]
    fn what_is_under_way_is_a_promise_for_as_long_as_somebody_may_keep_it() {
        let caching = Caching {
            key: CacheKey::of(&spec("https://example.com/"), None),
            fresh_for: Duration::MAX,
            stale_for: Duration::ZERO,
        };
        let accepted = job(Dialect::Nodium);
        let rendering = claimed(accepted.clone(), 1, START);
        let JobState::Rendering(claim) = rendering.state else { panic!() };
        let queued = accepted.clone().queue().unwrap().job;
        let early = Duration::from_millis(1);
        for (job, until) in [
            (&accepted, accepted.order.expires_at),
            (&queued, accepted.order.expires_at),
            (&rendering, claim.lease_until + Duration::from_secs(30)),
        ] {
            assert_eq!(caching.worth(job, until - early), Worth::Promise, "{:?}", job.state);
            assert_eq!(caching.worth(job, until), Worth::Nothing, "{:?}", job.state);
        }
        let failure = Failure::plain(FailureKind::Timeout);
        let token = ClaimToken::from_random([1; 16]);
        let failed = rendering.fail(token, START, failure).unwrap().job;
        assert_eq!(caching.worth(&failed, START), Worth::Nothing);
        let rejected = accepted.reject(START).unwrap().job;
        assert_eq!(caching.worth(&rejected, START), Worth::Nothing);
    }
}
