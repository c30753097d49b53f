use std::num::NonZeroU32;
use std::time::Duration;

use darkroom_aws::job_store::DynamoJobStore;
use darkroom_core::account::{Account, Limits};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::job::{Job, Order};
use darkroom_core::port::{Acceptance, Advance, JobStore as _};

use crate::ground::Ground;
use crate::orders::{NOW, allowed, artifact, claim, token};

fn limited(starts_per_minute: u32, at_once: u32) -> Account {
    let [starts_per_minute, at_once] = [starts_per_minute, at_once].map(NonZeroU32::new);
    Account { limits: Limits { starts_per_minute, at_once }, ..allowed(100) }
}

fn job(ground: &Ground, number: u32, account: &Account) -> Job {
    let job = ground.job(number);
    let holds_place = account.limits.at_once.is_some();
    Job { order: Order { holds_place, ..job.order }, ..job }
}

#[tokio::test]
async fn a_minute_takes_so_many_starts() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let account = limited(2, 0);
    for (number, expected) in
        [(1, Acceptance::Stored), (2, Acceptance::Stored), (3, Acceptance::TooManyStarts)]
    {
        let job = job(&ground, number, &account);
        assert_eq!(store.accept(&job, &account).await.unwrap(), expected, "{number}");
    }
    // One that was stored is known again.
    let first = job(&ground, 1, &account);
    assert_eq!(store.accept(&first, &account).await.unwrap(), Acceptance::Stored);
    let mut later = job(&ground, 4, &account);
    later.order.accepted_at = NOW + Duration::from_secs(60);
    assert_eq!(store.accept(&later, &account).await.unwrap(), Acceptance::Stored);
}

#[tokio::test]
async fn an_end_of_any_kind_gives_the_place_back_once() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let account = limited(0, 1);
    let ends: [fn(Job) -> darkroom_core::job::Step; 3] = [
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
        let [own, other] = [number, number + 10].map(|number| job(&ground, number, &account));
        assert_eq!(store.accept(&own, &account).await.unwrap(), Acceptance::Stored);
        assert_eq!(store.accept(&other, &account).await.unwrap(), Acceptance::TooManyAtOnce);
        let step = end(own.clone());
        if step.from_version > 1 {
            let claimed = claim(own, 1, NOW);
            assert_eq!(store.advance(&claimed).await.unwrap(), Advance::Done);
        }
        // Twice, its reply being lost.
        for _ in 0..2 {
            assert_eq!(store.advance(&step).await.unwrap(), Advance::Done);
        }
    }
    let last = job(&ground, 30, &account);
    assert_eq!(store.accept(&last, &account).await.unwrap(), Acceptance::Stored);
    let one_more = job(&ground, 31, &account);
    assert_eq!(store.accept(&one_more, &account).await.unwrap(), Acceptance::TooManyAtOnce);
}
