//! `JobStore::advance`: a step is stored from where it began, and once.

use std::time::Duration;

use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::job::{Job, Step};
use darkroom_core::port::{Acceptance, Advance};
use futures::future::join;

use crate::Ground;
use crate::accepting::{PLENTY, accept, accepted, keyed, used};
use crate::orders::{NOW, account, artifact, claim, token};

async fn advance(ground: &dyn Ground, step: &Step) -> Advance {
    ground.jobs().advance(step).await.unwrap()
}

async fn stored(ground: &dyn Ground, job: &Job) -> Job {
    ground.jobs().find(job.id).await.unwrap().unwrap()
}

pub(crate) async fn a_whole_life_is_stored_step_by_step(ground: &dyn Ground) {
    let queued = accepted(ground, 1).await.queue().unwrap();
    let first = claim(queued.job.clone(), 1, NOW);
    let later = NOW + Duration::from_millis(1_500);
    let rendering = later.since(NOW);
    let yielded = first.job.clone().yield_claim(token(1), later, rendering).unwrap();
    let second = claim(yielded.job.clone(), 2, later);
    let artifact = artifact(&second.job);
    let completed = second.job.clone().complete(token(2), later, artifact).unwrap();
    for step in [queued, first, yielded, second, completed] {
        for _ in 0..2 {
            assert_eq!(advance(ground, &step).await, Advance::Done);
            assert_eq!(stored(ground, &step.job).await, step.job);
        }
    }
    assert_eq!(used(ground).await, 1);
}

pub(crate) async fn of_two_workers_one_gets_the_job_and_knows_it_when_it_asks_again(
    ground: &dyn Ground,
) {
    let job = accepted(ground, 1).await;
    let (one, other) = (claim(job.clone(), 1, NOW), claim(job, 2, NOW));
    let race = join(advance(ground, &one), advance(ground, &other)).await;
    let (won, lost) = match race {
        (Advance::Done, Advance::Raced) => (one, other),
        (Advance::Raced, Advance::Done) => (other, one),
        both => panic!("{both:?}"),
    };
    assert_eq!(advance(ground, &won).await, Advance::Done);
    assert_eq!(advance(ground, &lost).await, Advance::Raced);
    assert_eq!(stored(ground, &won.job).await, won.job);
}

pub(crate) async fn a_raced_step_changes_neither_job_nor_quota_nor_key(ground: &dyn Ground) {
    let job = keyed(ground, 1, NOW);
    accept(ground, &job, PLENTY).await;
    let won = claim(job.clone(), 1, NOW);
    assert_eq!(advance(ground, &won).await, Advance::Done);
    for lost in [job.clone().queue(), job.clone().reject(NOW)] {
        assert_eq!(advance(ground, &lost.unwrap()).await, Advance::Raced);
        assert_eq!(stored(ground, &job).await, won.job);
    }
    assert_eq!(used(ground).await, 1);
    let repeat = accept(ground, &keyed(ground, 2, NOW), PLENTY).await;
    assert_eq!(repeat, Acceptance::KeyTaken(job.id));
}

pub(crate) async fn a_step_that_was_overtaken_is_raced(ground: &dyn Ground) {
    let queued = accepted(ground, 1).await.queue().unwrap();
    let claimed = claim(queued.job.clone(), 1, NOW);
    for step in [&queued, &claimed] {
        assert_eq!(advance(ground, step).await, Advance::Done);
    }
    assert_eq!(advance(ground, &queued).await, Advance::Raced);
    assert_eq!(stored(ground, &claimed.job).await, claimed.job);
}

pub(crate) async fn a_step_from_where_the_job_has_not_come_yet_is_raced(ground: &dyn Ground) {
    let job = accepted(ground, 1).await;
    let queued = job.clone().queue().unwrap();
    assert_eq!(advance(ground, &claim(queued.job, 1, NOW)).await, Advance::Raced);
    assert_eq!(stored(ground, &job).await, job);
}

pub(crate) async fn a_step_of_a_job_that_is_not_there_is_raced(ground: &dyn Ground) {
    accepted(ground, 2).await;
    let missing = ground.job(1);
    for step in [missing.clone().queue(), missing.clone().reject(NOW)] {
        assert_eq!(advance(ground, &step.unwrap()).await, Advance::Raced);
        assert_eq!(ground.jobs().find(missing.id).await.unwrap(), None);
    }
    assert_eq!(used(ground).await, 1);
}

pub(crate) async fn a_unit_is_given_back_exactly_once(ground: &dyn Ground) {
    let one = accepted(ground, 1).await;
    let other = claim(accepted(ground, 2).await, 1, NOW);
    assert_eq!(advance(ground, &other).await, Advance::Done);
    let failure = Failure::plain(FailureKind::Browser);
    let failed = other.job.fail(token(1), NOW, failure).unwrap();
    for (step, left) in [(one.clone().reject(NOW).unwrap(), 1), (failed, 0)] {
        for _ in 0..3 {
            assert_eq!(advance(ground, &step).await, Advance::Done);
            assert_eq!(used(ground).await, left);
        }
        assert_eq!(stored(ground, &step.job).await, step.job);
    }
    // Another rejection from the same version, whose transaction has the same token.
    let later = one.clone().reject(NOW + Duration::from_secs(1)).unwrap();
    assert_eq!(advance(ground, &later).await, Advance::Raced);
    assert_eq!(advance(ground, &claim(one, 1, NOW)).await, Advance::Raced);
    assert_eq!(used(ground).await, 0);
}

pub(crate) async fn a_unit_goes_back_to_the_month_that_it_came_from(ground: &dyn Ground) {
    let old = accepted(ground, 1).await;
    let in_october = NOW + Duration::from_secs(20 * 24 * 60 * 60);
    let mut young = ground.job(2);
    young.order.accepted_at = in_october;
    accept(ground, &young, PLENTY).await;
    let rejected = old.reject(in_october).unwrap();
    assert_eq!(advance(ground, &rejected).await, Advance::Done);
    assert_eq!(used(ground).await, 0);
    assert_eq!(ground.quota_used(&account(1), young.order.period()).await, 1);
}
