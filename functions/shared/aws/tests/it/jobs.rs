use std::time::Duration;

use darkroom_aws::account_book::AccountBook;
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::ledger::DynamoLedger;
use darkroom_core::delivery::{AttemptVerdict, Delivery};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::TraceId;
use darkroom_core::idempotency::{Fingerprint, Idempotency, IdempotencyKey};
use darkroom_core::job::Job;
use darkroom_core::port::{Acceptance, Advance, JobStore as _, Ledger as _, PortError};
use darkroom_core::time::Period;

use crate::ground::Ground;
use crate::orders::{NOW, account, allowed, artifact, claim, token};

async fn used(ground: &Ground) -> u64 {
    let book = AccountBook::new(ground.table.clone());
    book.usage(&account(1), Period::of(NOW)).await.unwrap()
}

async fn accepted(ground: &Ground, store: &DynamoJobStore, number: u32) -> Job {
    let job = ground.job(number);
    assert_eq!(store.accept(&job, &allowed(100)).await.unwrap(), Acceptance::Stored);
    job
}

#[tokio::test]
async fn a_job_is_charged_once_however_often_it_is_accepted() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let first = accepted(&ground, &store, 1).await;
    assert_eq!(store.find(first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(accepted(&ground, &store, 1).await, first);
    assert_eq!(used(&ground).await, 1);
}

#[tokio::test]
async fn a_job_that_moved_on_is_still_known_as_ours() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let first = accepted(&ground, &store, 1).await;
    let queued = first.clone().queue().unwrap();
    assert_eq!(store.advance(&queued).await.unwrap(), Advance::Done);
    // Another limit is another transaction, which the token doesn't cover.
    assert_eq!(store.accept(&first, &allowed(1)).await.unwrap(), Acceptance::Stored);
    assert_eq!(used(&ground).await, 1);
}

#[tokio::test]
async fn the_quota_is_the_last_unit_and_no_more() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    for (number, limit, expected) in [
        (1, 0, Acceptance::QuotaUsedUp),
        (1, 2, Acceptance::Stored),
        (2, 2, Acceptance::Stored),
        (3, 2, Acceptance::QuotaUsedUp),
        (3, 3, Acceptance::Stored),
    ] {
        let acceptance = store.accept(&ground.job(number), &allowed(limit)).await.unwrap();
        assert_eq!(acceptance, expected, "job {number}, limit {limit}");
    }
    assert_eq!(used(&ground).await, 3);
}

#[tokio::test]
async fn a_burst_of_accepts_never_passes_the_quota() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let jobs: Vec<_> = (0..30).map(|number| ground.job(number)).collect();
    let account = allowed(10);
    let burst = jobs.iter().map(|job| store.accept(job, &account));
    let outcomes = futures::future::join_all(burst).await;
    let stored =
        outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(Acceptance::Stored))).count();
    assert_eq!((stored, used(&ground).await), (10, 10));
}

#[tokio::test]
async fn an_id_that_another_job_has_is_taken() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let first = accepted(&ground, &store, 1).await;
    let mut other = ground.job(1);
    other.order.trace = TraceId::from_random([9; 16]);
    assert_eq!(store.accept(&other, &allowed(100)).await.unwrap(), Acceptance::IdTaken);
    assert_eq!(store.find(first.id).await.unwrap(), Some(first));
    assert_eq!(used(&ground).await, 1);
}

/// The `number`th job of a ground, asked for under the key `k` some hours after the first.
fn keyed(ground: &Ground, number: u32, hours: u64) -> Job {
    let mut job = ground.job(number);
    job.order.accepted_at = NOW + Duration::from_secs(hours * 60 * 60);
    job.order.idempotency = Some(Idempotency {
        key: IdempotencyKey::parse("k").unwrap(),
        fingerprint: Fingerprint::of(&[b"a"]),
    });
    job
}

#[tokio::test]
async fn an_idempotency_key_is_one_jobs_for_a_day_even_when_the_quota_is_used_up() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let first = keyed(&ground, 1, 0);
    let taken = Acceptance::KeyTaken(first.id);
    for (number, hours, limit, expected) in [
        (1, 0, 1, Acceptance::Stored),
        (1, 0, 1, Acceptance::Stored),
        (2, 0, 1, taken),
        (2, 23, 2, taken),
        (3, 24, 1, Acceptance::QuotaUsedUp),
        (3, 24, 2, Acceptance::Stored),
        (4, 25, 9, Acceptance::KeyTaken(keyed(&ground, 3, 24).id)),
    ] {
        let acceptance =
            store.accept(&keyed(&ground, number, hours), &allowed(limit)).await.unwrap();
        assert_eq!(acceptance, expected, "job {number} after {hours} h, limit {limit}");
    }
    assert_eq!(store.find(first.id).await.unwrap(), Some(first));
    assert_eq!(used(&ground).await, 2);
}

#[tokio::test]
async fn of_requests_that_race_under_one_key_one_is_stored() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let jobs: Vec<_> = (0..20).map(|number| keyed(&ground, number, 0)).collect();
    let account = allowed(100);
    let race = futures::future::join_all(jobs.iter().map(|job| store.accept(job, &account))).await;
    let race: Vec<_> = race.into_iter().map(Result::unwrap).collect();
    let won = race.iter().position(|it| *it == Acceptance::Stored).unwrap();
    for (job, acceptance) in race.iter().enumerate() {
        let lost = Acceptance::KeyTaken(jobs[won].id);
        assert!(job == won || *acceptance == lost, "{job}: {acceptance:?}");
    }
    assert_eq!(used(&ground).await, 1);
}

#[tokio::test]
async fn a_rejected_job_gives_its_key_back_and_no_others() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let first = keyed(&ground, 1, 0);
    store.accept(&first, &allowed(100)).await.unwrap();
    let rejection = first.clone().reject(NOW).unwrap();
    for _ in 0..2 {
        assert_eq!(store.advance(&rejection).await.unwrap(), Advance::Done);
    }
    let second = keyed(&ground, 2, 1);
    assert_eq!(store.accept(&second, &allowed(100)).await.unwrap(), Acceptance::Stored);

    // Its key is another's since a day later: the rejection leaves it alone.
    let third = keyed(&ground, 3, 26);
    assert_eq!(store.accept(&third, &allowed(100)).await.unwrap(), Acceptance::Stored);
    let late = second.reject(NOW + Duration::from_secs(27 * 60 * 60)).unwrap();
    assert_eq!(store.advance(&late).await.unwrap(), Advance::Done);
    let fourth = store.accept(&keyed(&ground, 4, 27), &allowed(100)).await.unwrap();
    assert_eq!(fourth, Acceptance::KeyTaken(third.id));
    assert_eq!(used(&ground).await, 1);
}

#[tokio::test]
async fn of_two_workers_one_gets_the_job_and_knows_it_when_it_asks_again() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let job = accepted(&ground, &store, 1).await;
    let one = claim(job.clone(), 1, NOW);
    let other = claim(job.clone(), 2, NOW);
    let race = futures::future::join(store.advance(&one), store.advance(&other)).await;
    let race = (race.0.unwrap(), race.1.unwrap());
    let (won, lost) = match race {
        (Advance::Done, Advance::Raced) => (one, other),
        (Advance::Raced, Advance::Done) => (other, one),
        both => panic!("{both:?}"),
    };
    assert_eq!(store.advance(&won).await.unwrap(), Advance::Done);
    assert_eq!(store.advance(&lost).await.unwrap(), Advance::Raced);
    assert_eq!(store.find(job.id).await.unwrap(), Some(won.job));
}

#[tokio::test]
async fn a_unit_is_given_back_exactly_once() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let one = accepted(&ground, &store, 1).await;
    accepted(&ground, &store, 2).await;
    let rejected = one.clone().reject(NOW).unwrap();
    for _ in 0..3 {
        assert_eq!(store.advance(&rejected).await.unwrap(), Advance::Done);
        assert_eq!(used(&ground).await, 1);
    }
    // Another rejection from the same version shares the token and is refused.
    let later = one.clone().reject(NOW + Duration::from_secs(1));
    assert_eq!(store.advance(&later.unwrap()).await.unwrap(), Advance::Raced);
    let late_claim = claim(one, 1, NOW);
    assert_eq!(store.advance(&late_claim).await.unwrap(), Advance::Raced);
    assert_eq!(used(&ground).await, 1);
    let found = store.find(rejected.job.id).await.unwrap();
    assert_eq!(found, Some(rejected.job));
}

#[tokio::test]
async fn a_whole_life_is_stored_step_by_step() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let queued = accepted(&ground, &store, 1).await.queue().unwrap();
    assert_eq!(store.advance(&queued).await.unwrap(), Advance::Done);
    let first = claim(queued.job, 1, NOW);
    assert_eq!(store.advance(&first).await.unwrap(), Advance::Done);
    let later = NOW + Duration::from_millis(1_500);
    let yielded = first.job.yield_claim(token(1), later, later.since(NOW)).unwrap();
    assert_eq!(store.advance(&yielded).await.unwrap(), Advance::Done);
    let second = claim(yielded.job, 2, later);
    assert_eq!(store.advance(&second).await.unwrap(), Advance::Done);
    let artifact = artifact(&second.job);
    let completed = second.job.complete(token(2), later, artifact).unwrap();
    assert_eq!(store.advance(&completed).await.unwrap(), Advance::Done);
    let found = store.find(completed.job.id).await.unwrap();
    assert_eq!(found, Some(completed.job));
}

#[tokio::test]
async fn an_accounts_jobs_are_listed_newest_first_page_by_page() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let mut ids = Vec::new();
    for number in [3, 120, 7, 1, 44] {
        ids.push(accepted(&ground, &store, number).await.id);
    }
    let mut foreign = ground.job(50);
    foreign.order.account = account(2);
    store.accept(&foreign, &allowed(100)).await.unwrap();
    ids.sort_unstable_by(|a, b| b.cmp(a));

    let list = async |before, limit| {
        let page = store.list(&account(1), before, limit).await.unwrap();
        (page.jobs.iter().map(|job| job.id).collect::<Vec<_>>(), page.next_before)
    };
    assert_eq!(list(None, 0).await, (vec![], None));
    assert_eq!(list(None, 255).await, (ids.clone(), None));
    assert_eq!(list(None, 2).await, (ids[..2].to_vec(), Some(ids[1])));
    assert_eq!(list(Some(ids[1]), 2).await, (ids[2..4].to_vec(), Some(ids[3])));
    assert_eq!(list(Some(ids[3]), 2).await, (ids[4..].to_vec(), None));
}

#[tokio::test]
async fn more_jobs_than_one_batch_holds_are_listed() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    for number in 0..130 {
        store.accept(&ground.job(number), &allowed(1_000)).await.unwrap();
    }
    let page = store.list(&account(1), None, 120).await.unwrap().jobs;
    assert_eq!(page.len(), 120);
    assert!(page.is_sorted_by(|newer, older| newer.id > older.id));
}

#[tokio::test]
async fn only_an_ended_job_is_removed_and_its_delivery_with_it() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let ledger = DynamoLedger::new(ground.table.clone());
    let step = claim(accepted(&ground, &store, 1).await, 1, NOW);
    store.advance(&step).await.unwrap();
    let refused = store.remove(&step.job).await;
    assert!(matches!(refused, Err(PortError::Busy { .. })), "{refused:?}");

    let failure = Failure::plain(FailureKind::Browser);
    let failed = step.job.fail(token(1), NOW, failure).unwrap();
    assert_eq!(store.advance(&failed).await.unwrap(), Advance::Done);
    let delivery = Delivery::begin(failed.job.id, NOW);
    let lease = Duration::from_secs(45);
    let AttemptVerdict::Claim(attempt) = delivery.claim(token(3), NOW, lease) else { panic!() };
    ledger.advance(&attempt).await.unwrap();

    for _ in 0..2 {
        store.remove(&failed.job).await.unwrap();
        assert_eq!(store.find(failed.job.id).await.unwrap(), None);
        assert_eq!(ledger.find(failed.job.id).await.unwrap(), None);
    }
    assert_eq!(store.list(&account(1), None, 10).await.unwrap().jobs, []);
    assert_eq!(used(&ground).await, 0);
}
