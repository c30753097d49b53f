//! Results that are put into their customers' own storage.

use std::time::Duration;

use bytes::Bytes;
use darkroom_core::failure::FailureKind;
use darkroom_core::job::{Charge, Dialect, JobState};
use darkroom_world::requests::{HOOK, put_in_bucket, to_nab, to_take_now, uploaded};
use darkroom_world::{Customer, Fault, World};
use http::Request;
use serde_json::Value;

use crate::asking::{reference, take_with};

const EXPOSURE: Duration = Duration::from_millis(1_250);

fn failure(world: &World) -> FailureKind {
    match &world.jobs()[0].state {
        JobState::Failed { failure, .. } => failure.kind,
        other => panic!("{other:?}"),
    }
}

fn ended_after(world: &World) -> Duration {
    let (JobState::Completed { at, .. } | JobState::Failed { at, .. }) = world.jobs()[0].state
    else {
        panic!()
    };
    at.since(darkroom_world::world::BEGINNING)
}

fn announced(mut options: Value) -> Value {
    options["webhook_url"] = HOOK.into();
    options["webhook_errors"] = true.into();
    options
}

fn to_nab_uploaded(customer: &Customer) -> Request<Bytes> {
    to_nab(customer).map(|body| {
        let mut options: Value = serde_json::from_slice(&body).unwrap();
        options.as_object_mut().unwrap().extend(uploaded().as_object().unwrap().clone());
        options.to_string().into()
    })
}

#[test]
fn a_result_lies_where_it_is_wanted_when_its_job_is_completed() {
    for (options, place) in [
        (uploaded(), "https://storage.example/shots/a.png".to_owned()),
        (put_in_bucket(), " shots a.png".to_owned()),
    ] {
        let world = World::new(1);
        let customer = world.customer(1, 10);
        world.number_pictures();
        reference(&take_with(&world, &customer, announced(options)).unwrap());
        world.run();
        world.assert_at_rest();
        let deposits = world.deposits();
        assert_eq!(deposits.len(), 1);
        assert!(deposits[0].place.ends_with(&place), "{:?}", deposits[0].place);
        assert_eq!(world.received()[0].body, deposits[0].content);
        assert_eq!(world.quota_used(&customer.id), 1);
    }
}

#[test]
fn the_account_whose_result_it_is_is_told_to_its_bucket() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let answer = world.request(&to_take_now(&customer, put_in_bucket())).unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(world.deposits()[0].place, format!("{} shots a.png", customer.id));
    assert_eq!(world.deposits()[0].content, answer.body());
}

#[test]
fn storage_that_lets_nothing_in_ends_the_job_at_once_as_its_customers_own_fault() {
    for kind in [FailureKind::StorageDenied, FailureKind::StorageInvalid] {
        let world = World::new(1);
        let customer = world.customer(1, 10);
        world.next_deposits_fail(&[kind]);
        reference(&take_with(&world, &customer, announced(uploaded())).unwrap());
        world.next_deposits_fail(&[kind]);
        world.request(&to_nab_uploaded(&customer)).unwrap();
        world.run();
        world.assert_at_rest();
        assert_eq!((world.captures(), failure(&world)), (2, kind));
        for job in world.jobs() {
            let stays = job.order.dialect == Dialect::ScreenNabster;
            assert_eq!(job.charge == Charge::Charged, stays, "{:?}", job.order.dialect);
        }
        assert_eq!(world.received().len(), 2, "their failures were announced");
    }
}

#[test]
fn storage_that_fails_is_tried_three_times_after_1_and_2_seconds() {
    let busy = [FailureKind::StorageUnavailable; 3];
    for faults in [2, 3] {
        let world = World::new(1);
        let customer = world.customer(1, 10);
        world.next_deposits_fail(&busy[..faults]);
        reference(&take_with(&world, &customer, uploaded()).unwrap());
        world.run();
        world.assert_at_rest();
        assert_eq!(world.captures(), 1, "nothing is rendered twice for it");
        assert_eq!(ended_after(&world), EXPOSURE + Duration::from_secs(3));
        if faults == 3 {
            assert_eq!(failure(&world), FailureKind::StorageUnavailable);
        }
    }
}

#[test]
fn storage_is_not_tried_again_when_its_time_is_up() {
    let busy = [FailureKind::StorageUnavailable; 3];
    // 5, 1, 5, 2 and what is left; 6, 1, 6 seconds.
    for (takes, ended) in [(5, 15), (6, 13)] {
        let world = World::new(1);
        let customer = world.customer(1, 10);
        let takes = Duration::from_secs(takes);
        world.deposits_take(takes);
        world.next_deposits_fail(&busy);
        reference(&take_with(&world, &customer, uploaded()).unwrap());
        world.run();
        world.assert_at_rest();
        assert_eq!(ended_after(&world), EXPOSURE + Duration::from_secs(ended), "{takes:?}");
    }
}

#[test]
fn whatever_goes_wrong_while_storing_a_completed_result_lies_where_it_is_wanted() {
    for fault in Fault::ALL {
        for call in 0..18 {
            let world = World::new(6);
            let customer = world.customer(1, 10);
            world.number_pictures();
            reference(&take_with(&world, &customer, announced(uploaded())).unwrap());
            world.break_call(call, fault);
            world.run();
            world.assert_at_rest();
            let ended = &world.jobs()[0].state;
            assert!(matches!(ended, JobState::Completed { .. }), "{fault:?} at {call}: {ended:?}");
        }
    }
}
