//! `JobStore::find`, `list` and `remove`.

use std::time::Duration;

use darkroom_core::delivery::{AttemptVerdict, Delivery};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::JobId;
use darkroom_core::port::{Advance, PortError};

use crate::Ground;
use crate::accepting::{PLENTY, accept, accepted, used};
use crate::orders::{NOW, account, claim, token};

/// The ids on a page of account 1, and where the next page begins.
async fn list(
    ground: &dyn Ground,
    before: Option<JobId>,
    limit: u8,
) -> (Vec<JobId>, Option<JobId>) {
    let page = ground.jobs().list(&account(1), before, limit).await.unwrap();
    (page.jobs.iter().map(|job| job.id).collect(), page.next_before)
}

pub(crate) async fn an_unknown_job_is_not_found(ground: &dyn Ground) {
    accepted(ground, 1).await;
    assert_eq!(ground.jobs().find(ground.job(2).id).await.unwrap(), None);
}

pub(crate) async fn jobs_are_listed_newest_first_and_page_by_page(ground: &dyn Ground) {
    let mut ids = Vec::new();
    for number in [3, 120, 7, 1, 44] {
        ids.push(accepted(ground, number).await.id);
    }
    ids.sort_unstable_by(|a, b| b.cmp(a));
    let queued = ground.job(44).queue().unwrap();
    assert_eq!(ground.jobs().advance(&queued).await.unwrap(), Advance::Done);

    assert_eq!(list(ground, None, 0).await, (vec![], None));
    assert_eq!(list(ground, None, 255).await, (ids.clone(), None));
    assert_eq!(list(ground, None, 2).await, (ids[..2].to_vec(), Some(ids[1])));
    assert_eq!(list(ground, Some(ids[1]), 2).await, (ids[2..4].to_vec(), Some(ids[3])));
    assert_eq!(list(ground, Some(ids[3]), 2).await, (ids[4..].to_vec(), None));
    // Nobody knows of a full page whether it is the last one.
    assert_eq!(list(ground, Some(ids[2]), 2).await, (ids[3..].to_vec(), Some(ids[4])));
    assert_eq!(list(ground, Some(ids[4]), 2).await, (vec![], None));
    let page = ground.jobs().list(&account(1), None, 2).await.unwrap();
    assert_eq!(page.jobs[1], queued.job, "as it is now");
}

pub(crate) async fn other_accounts_jobs_are_unseen(ground: &dyn Ground) {
    let own = accepted(ground, 1).await;
    let mut foreign = ground.job(2);
    foreign.order.account = account(2);
    accept(ground, &foreign, PLENTY).await;
    assert_eq!(list(ground, None, 1).await, (vec![own.id], Some(own.id)));
    assert_eq!(list(ground, Some(foreign.id), 10).await, (vec![own.id], None));
    let page = ground.jobs().list(&account(3), None, 10).await.unwrap();
    assert_eq!((page.jobs, page.next_before), (vec![], None));
}

pub(crate) async fn only_an_ended_job_is_removed_and_its_delivery_with_it(ground: &dyn Ground) {
    let job = accepted(ground, 1).await;
    let rendering = claim(job.clone(), 1, NOW);
    ground.jobs().advance(&rendering).await.unwrap();
    let refused = ground.jobs().remove(&rendering.job).await;
    assert!(matches!(refused, Err(PortError::Busy { .. })), "{refused:?}");
    assert_eq!(ground.jobs().find(job.id).await.unwrap().as_ref(), Some(&rendering.job));

    let failure = Failure::plain(FailureKind::Browser);
    let failed = rendering.job.fail(token(1), NOW, failure).unwrap();
    assert_eq!(ground.jobs().advance(&failed).await.unwrap(), Advance::Done);
    let delivery = Delivery::begin(job.id, NOW);
    let lease = Duration::from_secs(45);
    let AttemptVerdict::Claim(attempt) = delivery.claim(token(3), NOW, lease) else { panic!() };
    ground.ledger().advance(&attempt).await.unwrap();

    for _ in 0..2 {
        ground.jobs().remove(&failed.job).await.unwrap();
        assert_eq!(ground.jobs().find(job.id).await.unwrap(), None);
        assert_eq!(ground.ledger().find(job.id).await.unwrap(), None);
    }
    assert_eq!(list(ground, None, 10).await, (vec![], None));
    assert_eq!(used(ground).await, 0);
}

pub(crate) async fn whether_a_job_has_ended_is_judged_by_what_is_stored(ground: &dyn Ground) {
    let job = accepted(ground, 1).await;
    let rejected = job.clone().reject(NOW).unwrap();
    let refused = ground.jobs().remove(&rejected.job).await;
    assert!(matches!(refused, Err(PortError::Busy { .. })), "{refused:?}");
    ground.jobs().advance(&rejected).await.unwrap();
    ground.jobs().remove(&job).await.unwrap();
    assert_eq!(ground.jobs().find(job.id).await.unwrap(), None);
}
