//! `JobStore::accept` and `advance` where an account is limited.

use std::num::NonZeroU32;
use std::time::Duration;

use darkroom_core::account::{Account, Limits};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::job::{Job, Order, Step};
use darkroom_core::port::{Acceptance, Advance};
use darkroom_core::time::Minute;

use crate::Ground;
use crate::accepting::{PLENTY, used};
use crate::orders::{NOW, allowed, artifact, claim, token};

/// Account 1 with these limits; none for 0.
fn limited(quota_per_month: u64, starts_per_minute: u32, at_once: u32) -> Account {
    let [starts_per_minute, at_once] = [starts_per_minute, at_once].map(NonZeroU32::new);
    Account { limits: Limits { starts_per_minute, at_once }, ..allowed(quota_per_month) }
}

/// The `number`th job, asked for by this account.
fn job(ground: &dyn Ground, number: u32, account: &Account) -> Job {
    let job = ground.job(number);
    let holds_place = account.limits.at_once.is_some();
    Job { order: Order { holds_place, ..job.order }, ..job }
}

async fn accept(ground: &dyn Ground, number: u32, account: &Account) -> Acceptance {
    ground.jobs().accept(&job(ground, number, account), account).await.unwrap()
}

async fn advance(ground: &dyn Ground, step: &Step) -> Advance {
    ground.jobs().advance(step).await.unwrap()
}

pub(crate) async fn a_minute_takes_so_many_starts(ground: &dyn Ground) {
    let account = limited(PLENTY, 2, 0);
    for (number, expected) in [
        (1, Acceptance::Stored),
        (2, Acceptance::Stored),
        (3, Acceptance::TooManyStarts),
        (1, Acceptance::Stored),
    ] {
        assert_eq!(accept(ground, number, &account).await, expected, "{number}");
    }
    let minute = Minute::of(NOW);
    let starts = async |minute| ground.jobs().starts(&account.id, minute).await.unwrap();
    assert_eq!((starts(minute).await, starts(Minute::from_number(1)).await), (2, 0));
    let mut later = job(ground, 4, &account);
    later.order.accepted_at = NOW + Duration::from_secs(60);
    assert_eq!(ground.jobs().accept(&later, &account).await.unwrap(), Acceptance::Stored);
}

pub(crate) async fn starts_count_once_they_are_limited(ground: &dyn Ground) {
    for number in [1, 2] {
        assert_eq!(accept(ground, number, &allowed(PLENTY)).await, Acceptance::Stored);
    }
    let account = limited(PLENTY, 1, 0);
    assert_eq!(accept(ground, 3, &account).await, Acceptance::Stored);
    assert_eq!(accept(ground, 4, &account).await, Acceptance::TooManyStarts);
}

pub(crate) async fn an_end_of_any_kind_gives_the_place_back_once(ground: &dyn Ground) {
    let account = limited(PLENTY, 0, 1);
    let ends: [fn(Job) -> Step; 3] = [
        |job| job.reject(NOW).unwrap(),
        |job| {
            let artifact = artifact(&job);
            claim(job, 1, NOW).job.complete(token(1), NOW, artifact).unwrap()
        },
        |job| {
            let failure = Failure::plain(FailureKind::Timeout);
            claim(job, 1, NOW).job.fail(token(1), NOW, failure).unwrap()
        },
    ];
    for (number, end) in (1..).zip(ends) {
        let own = job(ground, number, &account);
        assert_eq!(accept(ground, number, &account).await, Acceptance::Stored);
        let step = end(own.clone());
        if step.from_version > own.version {
            assert_eq!(advance(ground, &claim(own, 1, NOW)).await, Advance::Done);
        }
        assert_eq!(accept(ground, 10 + number, &account).await, Acceptance::TooManyAtOnce);
        // Twice, its reply being lost.
        for _ in 0..2 {
            assert_eq!(advance(ground, &step).await, Advance::Done);
        }
    }
    assert_eq!(accept(ground, 30, &account).await, Acceptance::Stored);
    assert_eq!(accept(ground, 31, &account).await, Acceptance::TooManyAtOnce);
}

pub(crate) async fn a_raced_end_gives_no_place_back(ground: &dyn Ground) {
    let account = limited(PLENTY, 0, 1);
    let job = job(ground, 1, &account);
    assert_eq!(accept(ground, 1, &account).await, Acceptance::Stored);
    assert_eq!(advance(ground, &claim(job.clone(), 1, NOW)).await, Advance::Done);
    assert_eq!(advance(ground, &job.reject(NOW).unwrap()).await, Advance::Raced);
    assert_eq!(accept(ground, 2, &account).await, Acceptance::TooManyAtOnce);
}

pub(crate) async fn a_quota_is_told_before_starts_and_those_before_places(ground: &dyn Ground) {
    assert_eq!(accept(ground, 1, &limited(1, 1, 1)).await, Acceptance::Stored);
    for (account, expected) in [
        (limited(1, 1, 1), Acceptance::QuotaUsedUp),
        (limited(2, 1, 1), Acceptance::TooManyStarts),
        (limited(2, 2, 1), Acceptance::TooManyAtOnce),
        (limited(2, 2, 2), Acceptance::Stored),
    ] {
        assert_eq!(accept(ground, 2, &account).await, expected, "{account:?}");
    }
}

pub(crate) async fn what_is_refused_takes_nothing(ground: &dyn Ground) {
    assert_eq!(accept(ground, 1, &limited(PLENTY, 3, 1)).await, Acceptance::Stored);
    for number in 2..10 {
        let refused = accept(ground, number, &limited(PLENTY, 3, 1)).await;
        assert_eq!(refused, Acceptance::TooManyAtOnce);
    }
    assert_eq!(used(ground).await, 1);
    for (number, expected) in
        [(2, Acceptance::Stored), (3, Acceptance::Stored), (4, Acceptance::TooManyStarts)]
    {
        assert_eq!(accept(ground, number, &limited(PLENTY, 3, 9)).await, expected, "{number}");
    }
}
