//! `JobStore::accept`: stored once, charged once, one job for each key.

use std::num::NonZeroU32;
use std::time::Duration;

use darkroom_core::account::Account;
use darkroom_core::cache::{CacheEntry, CacheKey, CachePlace};
use darkroom_core::id::{JobId, TraceId};
use darkroom_core::idempotency::{Fingerprint, Idempotency, IdempotencyKey};
use darkroom_core::job::{Job, SpecPlace};
use darkroom_core::port::{Acceptance, Advance};
use darkroom_core::time::{Period, Timestamp};
use darkroom_core::usage::{CaptureKind, Usage};
use futures::future::join_all;

use crate::Ground;
use crate::orders::{NOW, account, allowed, artifact, claim, token};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub(crate) const PLENTY: u64 = 100;

/// Units of account 1 in the month of [`NOW`].
pub(crate) async fn used(ground: &dyn Ground) -> u64 {
    ground.quota_used(&account(1), Period::of(NOW)).await
}

/// Whether its account with this quota, and no other limit, gets the job.
pub(crate) async fn accept(ground: &dyn Ground, job: &Job, quota_per_month: u64) -> Acceptance {
    let account = Account { id: job.order.account.clone(), ..allowed(quota_per_month) };
    ground.jobs().accept(job, &account).await.unwrap()
}

/// The `number`th job, accepted.
pub(crate) async fn accepted(ground: &dyn Ground, number: u32) -> Job {
    let job = ground.job(number);
    assert_eq!(accept(ground, &job, PLENTY).await, Acceptance::Stored);
    job
}

/// The `number`th job, asked for at `at` under the key `k`.
pub(crate) fn keyed(ground: &dyn Ground, number: u32, at: Timestamp) -> Job {
    let mut job = ground.job(number);
    job.order.accepted_at = at;
    job.order.idempotency = Some(Idempotency {
        key: IdempotencyKey::parse("k").unwrap(),
        fingerprint: Fingerprint::of(&[b"a"]),
    });
    job
}

pub(crate) async fn a_job_is_stored_and_charged_once_however_often_it_is_accepted(
    ground: &dyn Ground,
) {
    for _ in 0..3 {
        let job = accepted(ground, 1).await;
        assert_eq!(ground.jobs().find(job.id).await.unwrap(), Some(job));
        assert_eq!(used(ground).await, 1);
    }
}

pub(crate) async fn a_job_that_moved_on_is_still_known_as_ours(ground: &dyn Ground) {
    let job = accepted(ground, 1).await;
    let queued = job.clone().queue().unwrap();
    let rendering = claim(queued.job.clone(), 1, NOW);
    let artifact = artifact(&job);
    let completed = rendering.job.clone().complete(token(1), NOW, artifact).unwrap();
    for step in [queued, rendering, completed] {
        assert_eq!(ground.jobs().advance(&step).await.unwrap(), Advance::Done);
        // Another limit is another transaction, which the first one's token doesn't cover.
        for quota_per_month in [PLENTY, 1] {
            assert_eq!(accept(ground, &job, quota_per_month).await, Acceptance::Stored);
        }
        assert_eq!(ground.jobs().find(job.id).await.unwrap(), Some(step.job));
    }
    assert_eq!(used(ground).await, 1);
}

pub(crate) async fn the_last_unit_of_quota_is_given_and_no_more(ground: &dyn Ground) {
    for (number, quota_per_month, expected) in [
        (1, 0, Acceptance::QuotaUsedUp),
        (1, 2, Acceptance::Stored),
        (2, 2, Acceptance::Stored),
        (3, 2, Acceptance::QuotaUsedUp),
        (2, 2, Acceptance::Stored),
        (3, 3, Acceptance::Stored),
        (4, 1, Acceptance::QuotaUsedUp),
    ] {
        let acceptance = accept(ground, &ground.job(number), quota_per_month).await;
        assert_eq!(acceptance, expected, "job {number}, quota {quota_per_month}");
    }
    assert_eq!(ground.jobs().find(ground.job(4).id).await.unwrap(), None);
    assert_eq!(used(ground).await, 3);
}

pub(crate) async fn each_month_has_a_quota_of_its_own(ground: &dyn Ground) {
    accepted(ground, 1).await;
    let mut next = ground.job(2);
    next.order.accepted_at = NOW + 20 * DAY;
    assert_eq!(accept(ground, &next, 1).await, Acceptance::Stored);
    assert_eq!(used(ground).await, 1);
    assert_eq!(ground.quota_used(&account(1), next.order.period()).await, 1);
}

pub(crate) async fn a_burst_of_accepts_never_passes_the_quota(ground: &dyn Ground) {
    let jobs: Vec<_> = (0..30).map(|number| ground.job(number)).collect();
    let account = allowed(10);
    let outcomes = join_all(jobs.iter().map(|job| ground.jobs().accept(job, &account))).await;
    let stored = |outcome: &_| matches!(outcome, Ok(Acceptance::Stored));
    let stored = outcomes.iter().filter(|outcome| stored(outcome)).count();
    assert_eq!((stored, used(ground).await), (10, 10));
}

pub(crate) async fn an_id_that_another_job_has_is_taken(ground: &dyn Ground) {
    let first = accepted(ground, 1).await;
    let mut other = first.clone();
    other.order.trace = TraceId::from_random([9; 16]);
    assert_eq!(accept(ground, &other, PLENTY).await, Acceptance::IdTaken);
    assert_eq!(ground.jobs().find(first.id).await.unwrap(), Some(first));
    assert_eq!(used(ground).await, 1);
}

pub(crate) async fn an_idempotency_key_is_one_jobs_for_a_day_to_the_last_millisecond(
    ground: &dyn Ground,
) {
    let first = keyed(ground, 1, NOW);
    for _ in 0..2 {
        assert_eq!(accept(ground, &first, PLENTY).await, Acceptance::Stored);
    }
    for age in [Duration::ZERO, 23 * HOUR, DAY - Duration::from_millis(1)] {
        let acceptance = accept(ground, &keyed(ground, 2, NOW + age), PLENTY).await;
        assert_eq!(acceptance, Acceptance::KeyTaken(first.id), "after {age:?}");
    }
    assert_eq!(ground.jobs().find(ground.job(2).id).await.unwrap(), None);
    assert_eq!(used(ground).await, 1);

    // DynamoDB's times to live are whole seconds.
    let freed = NOW + DAY + Duration::from_secs(1);
    let next = keyed(ground, 3, freed);
    assert_eq!(accept(ground, &next, PLENTY).await, Acceptance::Stored);
    let later = accept(ground, &keyed(ground, 4, freed + HOUR), PLENTY).await;
    assert_eq!(later, Acceptance::KeyTaken(next.id));
    assert_eq!(ground.jobs().find(first.id).await.unwrap(), Some(first));
    assert_eq!(used(ground).await, 2);
}

pub(crate) async fn a_key_that_is_taken_is_told_before_a_quota_that_is_used_up(
    ground: &dyn Ground,
) {
    let first = keyed(ground, 1, NOW);
    assert_eq!(accept(ground, &first, 1).await, Acceptance::Stored);
    // Its operator may have left it no quota at all.
    for quota_per_month in [1, 0] {
        assert_eq!(accept(ground, &first, quota_per_month).await, Acceptance::Stored);
        let repeat = accept(ground, &keyed(ground, 2, NOW), quota_per_month).await;
        assert_eq!(repeat, Acceptance::KeyTaken(first.id));
        let late = accept(ground, &keyed(ground, 3, NOW + 2 * DAY), quota_per_month).await;
        assert_eq!(late, Acceptance::QuotaUsedUp);
    }
    // Which takes no key.
    let late = accept(ground, &keyed(ground, 4, NOW + 2 * DAY), 2).await;
    assert_eq!(late, Acceptance::Stored);
}

pub(crate) async fn an_idempotency_key_is_its_accounts_own(ground: &dyn Ground) {
    assert_eq!(accept(ground, &keyed(ground, 1, NOW), PLENTY).await, Acceptance::Stored);
    let mut other = keyed(ground, 2, NOW);
    other.order.account = account(2);
    assert_eq!(accept(ground, &other, PLENTY).await, Acceptance::Stored);
    assert_eq!(used(ground).await, 1);
}

pub(crate) async fn of_requests_that_race_under_one_key_one_is_stored(ground: &dyn Ground) {
    let jobs: Vec<_> = (0..20).map(|number| keyed(ground, number, NOW)).collect();
    let race = join_all(jobs.iter().map(|job| accept(ground, job, PLENTY))).await;
    let won = race.iter().position(|it| *it == Acceptance::Stored).unwrap();
    for (job, acceptance) in race.iter().enumerate() {
        let lost = Acceptance::KeyTaken(jobs[won].id);
        assert!(job == won || *acceptance == lost, "{job}: {acceptance:?}");
    }
    assert_eq!(used(ground).await, 1);
}

pub(crate) async fn a_rejected_job_gives_its_key_back_and_no_others(ground: &dyn Ground) {
    let first = keyed(ground, 1, NOW);
    accept(ground, &first, PLENTY).await;
    let rejection = first.clone().reject(NOW).unwrap();
    for _ in 0..2 {
        assert_eq!(ground.jobs().advance(&rejection).await.unwrap(), Advance::Done);
    }
    let second = keyed(ground, 2, NOW + HOUR);
    assert_eq!(accept(ground, &second, PLENTY).await, Acceptance::Stored);
    assert_eq!(ground.jobs().advance(&rejection).await.unwrap(), Advance::Done);
    let repeat = keyed(ground, 3, NOW + HOUR);
    assert_eq!(accept(ground, &repeat, PLENTY).await, Acceptance::KeyTaken(second.id));

    // The second's key is another's since a day later: its rejection leaves it alone.
    let third = keyed(ground, 3, NOW + 26 * HOUR);
    assert_eq!(accept(ground, &third, PLENTY).await, Acceptance::Stored);
    let late = second.reject(NOW + 27 * HOUR).unwrap();
    assert_eq!(ground.jobs().advance(&late).await.unwrap(), Advance::Done);
    let fourth = accept(ground, &keyed(ground, 4, NOW + 27 * HOUR), PLENTY).await;
    assert_eq!(fourth, Acceptance::KeyTaken(third.id));
    assert_eq!(used(ground).await, 1);
}

pub(crate) async fn a_removed_job_keeps_its_key(ground: &dyn Ground) {
    let first = keyed(ground, 1, NOW);
    accept(ground, &first, PLENTY).await;
    let rendering = claim(first.clone(), 1, NOW);
    let artifact = artifact(&first);
    let completed = rendering.job.clone().complete(token(1), NOW, artifact).unwrap();
    for step in [&rendering, &completed] {
        assert_eq!(ground.jobs().advance(step).await.unwrap(), Advance::Done);
    }
    ground.jobs().remove(&completed.job).await.unwrap();
    let repeat = accept(ground, &keyed(ground, 2, NOW + HOUR), PLENTY).await;
    assert_eq!(repeat, Acceptance::KeyTaken(first.id));
    assert_eq!(used(ground).await, 1, "what was rendered stays charged");
}

/// The `number`th job, which takes a place in the cache from `from`.
fn sharing(ground: &dyn Ground, number: u32, from: Option<JobId>) -> Job {
    let mut job = ground.job(number);
    let key = key(&job);
    job.order.cache = Some(CachePlace { key, from, before: from });
    job
}

/// The one place in the cache that these jobs want.
fn key(job: &Job) -> CacheKey {
    let SpecPlace::Inline(spec) = &job.order.spec else { panic!("{:?}", job.order.spec) };
    CacheKey::of(spec, job.order.timeout, None)
}

async fn cached(ground: &dyn Ground, of: u8) -> Option<CacheEntry> {
    ground.jobs().cached(&account(of), &key(&ground.job(1))).await.unwrap()
}

pub(crate) async fn a_place_in_the_cache_is_one_jobs_until_it_is_taken_from_that(
    ground: &dyn Ground,
) {
    assert_eq!(cached(ground, 1).await, None);
    let first = sharing(ground, 1, None);
    for _ in 0..2 {
        assert_eq!(accept(ground, &first, PLENTY).await, Acceptance::Stored);
        let entry = CacheEntry { job: first.id, before: None };
        assert_eq!(cached(ground, 1).await, Some(entry));
    }
    let third = ground.job(3).id;
    for from in [None, Some(third)] {
        let refused = accept(ground, &sharing(ground, 2, from), PLENTY).await;
        assert_eq!(refused, Acceptance::CacheTaken);
    }
    assert_eq!(ground.jobs().find(ground.job(2).id).await.unwrap(), None);
    let second = sharing(ground, 2, Some(first.id));
    for _ in 0..2 {
        assert_eq!(accept(ground, &second, PLENTY).await, Acceptance::Stored);
        let entry = CacheEntry { job: second.id, before: Some(first.id) };
        assert_eq!(cached(ground, 1).await, Some(entry));
    }
    assert_eq!(ground.jobs().find(second.id).await.unwrap(), Some(second));
    assert_eq!((used(ground).await, cached(ground, 2).await), (2, None));
}

pub(crate) async fn of_requests_that_race_for_a_place_in_the_cache_one_is_stored(
    ground: &dyn Ground,
) {
    let jobs: Vec<_> = (0..20).map(|number| sharing(ground, number, None)).collect();
    let race = join_all(jobs.iter().map(|job| accept(ground, job, PLENTY))).await;
    let won: Vec<_> = (0..20).filter(|job| race[*job] == Acceptance::Stored).collect();
    assert_eq!(won.len(), 1);
    let entry = CacheEntry { job: jobs[won[0]].id, before: None };
    assert_eq!((cached(ground, 1).await, used(ground).await), (Some(entry), 1));
}

pub(crate) async fn a_place_that_is_taken_is_told_after_a_key_and_before_a_quota(
    ground: &dyn Ground,
) {
    let mut first = sharing(ground, 1, None);
    first.order.idempotency = keyed(ground, 1, NOW).order.idempotency;
    assert_eq!(accept(ground, &first, 1).await, Acceptance::Stored);
    let mut second = Job { id: ground.job(2).id, ..first.clone() };
    assert_eq!(accept(ground, &second, 1).await, Acceptance::KeyTaken(first.id));
    second.order.idempotency = None;
    assert_eq!(accept(ground, &second, 1).await, Acceptance::CacheTaken);
    second.order.cache = None;
    assert_eq!(accept(ground, &second, 1).await, Acceptance::QuotaUsedUp);
    // What is refused for another reason takes no place.
    let late = sharing(ground, 3, Some(first.id));
    assert_eq!(accept(ground, &late, 1).await, Acceptance::QuotaUsedUp);
    assert_eq!(cached(ground, 1).await, Some(CacheEntry { job: first.id, before: None }));
}

pub(crate) async fn a_job_whose_result_is_there_is_stored_and_neither_charged_nor_counted(
    ground: &dyn Ground,
) {
    let first = accepted(ground, 1).await;
    let mut order = keyed(ground, 2, NOW).order;
    order.cache = None;
    let free = Job::of_result(ground.job(2).id, order, artifact(&first));
    let mut none = allowed(1);
    none.limits.starts_per_minute = NonZeroU32::new(1);
    for _ in 0..2 {
        assert_eq!(ground.jobs().accept(&free, &none).await.unwrap(), Acceptance::Stored);
    }
    assert_eq!(ground.jobs().find(free.id).await.unwrap(), Some(free.clone()));
    assert_eq!(used(ground).await, 1);
    let repeat = accept(ground, &keyed(ground, 3, NOW), PLENTY).await;
    assert_eq!(repeat, Acceptance::KeyTaken(free.id));
    let plenty = Account { quota_per_month: PLENTY, ..none };
    let started = ground.jobs().accept(&ground.job(4), &plenty).await.unwrap();
    assert_eq!(started, Acceptance::Stored);
}

pub(crate) async fn what_was_charged_is_told_by_kind_and_day_and_what_was_given_back_is_not(
    ground: &dyn Ground,
) {
    let period = Period::of(NOW);
    let usage = async || ground.jobs().usage(&account(1), period).await.unwrap();
    assert_eq!(usage().await, Usage::default());
    let first = accepted(ground, 1).await;
    let mut second = ground.job(2);
    second.order.kind = CaptureKind::Pdf;
    second.order.accepted_at = NOW + DAY;
    assert_eq!(accept(ground, &second, PLENTY).await, Acceptance::Stored);
    let (today, tomorrow) = (first.order.day(), second.order.day());
    let [screenshot, pdf] = [CaptureKind::Screenshot, CaptureKind::Pdf];
    let both = Usage {
        used: 2,
        by_kind: [(screenshot, 1), (pdf, 1)].into(),
        by_day: [(today, 1), (tomorrow, 1)].into(),
    };
    assert_eq!(usage().await, both);
    for _ in 0..2 {
        let rejection = first.clone().reject(NOW).unwrap();
        assert_eq!(ground.jobs().advance(&rejection).await.unwrap(), Advance::Done);
    }
    let one = Usage { used: 1, by_kind: [(pdf, 1)].into(), by_day: [(tomorrow, 1)].into() };
    assert_eq!(usage().await, one);
    let other = ground.jobs().usage(&account(2), period).await.unwrap();
    assert_eq!(other, Usage::default());
}
