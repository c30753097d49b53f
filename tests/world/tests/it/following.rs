//! The watchdog: what it mends, and when it lets go.

use std::time::Duration;

use darkroom_core::job::JobState;
use darkroom_world::requests::to_take;
use darkroom_world::world::BEGINNING;
use darkroom_world::{Fault, World};
use serde_json::json;

use crate::asking::{reference, take};

/// What a worker or notifier gets beyond its due time before it counts as lost.
const GRACE: Duration = Duration::from_secs(30);

/// The call of an accepted, quiet request that stores the job.
const ACCEPT: usize = 2;

#[test]
fn a_job_whose_request_died_is_rejected_after_five_minutes_and_gives_its_unit_back() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.break_call(ACCEPT, Fault::CrashAfter);
    assert!(take(&world, &customer).is_none());
    assert_eq!(world.quota_used(&customer.id), 1);
    world.run();
    world.assert_at_rest();
    let JobState::Rejected { at } = world.jobs()[0].state else { panic!() };
    assert_eq!(at.since(BEGINNING).as_secs(), 300);
    assert_eq!(world.quota_used(&customer.id), 0);
    assert!(world.received().is_empty());
}

#[test]
fn a_job_whose_message_is_lost_ends_when_it_expires_and_its_failure_is_announced() {
    let world = World::new(2);
    let customer = world.customer(1, 10);
    reference(&take(&world, &customer).unwrap());
    world.lose_messages(|message| matches!(message, darkroom_core::message::Message::Capture(_)));
    world.run();
    world.assert_at_rest();
    let job = &world.jobs()[0];
    let JobState::Failed { at, .. } = job.state else { panic!("{:?}", job.state) };
    assert_eq!(at, job.order.expires_at + GRACE);
    assert_eq!(world.quota_used(&customer.id), 0);
    assert_eq!(world.received().len(), 1);
}

#[test]
fn an_announcement_that_is_lost_is_made_again() {
    let world = World::new(3);
    let customer = world.customer(1, 10);
    reference(&take(&world, &customer).unwrap());
    world.run_until_ended();
    world.lose_messages(|message| matches!(message, darkroom_core::message::Message::Result(_)));
    world.run();
    world.assert_at_rest();
    let [post] = world.received().try_into().unwrap();
    assert_eq!(post.at.since(BEGINNING), Duration::from_secs(300));
}

#[test]
fn a_worker_that_dies_with_its_message_lost_is_replaced() {
    let world = World::new(4);
    let customer = world.customer(1, 10);
    world.next_captures_kill(1);
    reference(&take(&world, &customer).unwrap());
    world.run_for(Duration::from_secs(1));
    world.lose_messages(|message| matches!(message, darkroom_core::message::Message::Capture(_)));
    world.run();
    world.assert_at_rest();
    assert!(matches!(world.jobs()[0].state, JobState::Completed { .. }));
    assert_eq!(world.captures(), 2);
}

#[test]
fn a_worker_is_given_its_lease_and_half_a_minute_before_it_counts_as_lost() {
    let world = World::new(4);
    let customer = world.customer(1, 10);
    world.next_captures_kill(1);
    let request = to_take(&customer, json!({"timeout": 300}));
    reference(&world.request(&request).unwrap());
    world.run_for(Duration::from_secs(1));
    world.lose_messages(|message| matches!(message, darkroom_core::message::Message::Capture(_)));
    let JobState::Rendering(claim) = world.jobs()[0].state.clone() else { panic!() };
    world.run();
    world.assert_at_rest();
    let JobState::Completed { at, .. } = world.jobs()[0].state else { panic!() };
    assert_eq!(at, claim.lease_until + GRACE + Duration::from_millis(1_250));
}

#[test]
fn a_delivery_whose_message_is_lost_between_attempts_goes_on() {
    let world = World::new(5);
    let customer = world.customer(1, 10);
    world.next_answers(&[500]);
    reference(&take(&world, &customer).unwrap());
    world.run_for(Duration::from_secs(3));
    assert_eq!(world.received().len(), 1);
    world.lose_messages(|message| matches!(message, darkroom_core::message::Message::Result(_)));
    world.run();
    world.assert_at_rest();
    let [first, second] = world.received().try_into().unwrap();
    let due = first.at + Duration::from_secs(10);
    assert!(second.at >= due + GRACE, "{} came before {due}", second.at);
}

#[test]
fn an_announcement_that_is_not_overdue_is_not_made_again() {
    let world = World::new(5);
    let customer = world.customer(1, 10);
    world.always_answers(500);
    reference(&take(&world, &customer).unwrap());
    // The watchdog looks at 300 s, when the last attempt is due in 71.
    world.run_for(Duration::from_secs(301));
    assert_eq!((world.received().len(), world.webhooks_in_flight()), (3, 1));
    world.run();
    world.assert_at_rest();
    assert_eq!(world.received().len(), 4);
}

#[test]
fn hours_of_outage_lose_nothing() {
    let world = World::new(6);
    let customer = world.customer(1, 10);
    reference(&take(&world, &customer).unwrap());
    world.outage(Duration::from_secs(6 * 60 * 60));
    world.run();
    world.assert_at_rest();
    assert!(matches!(world.jobs()[0].state, JobState::Completed { .. }));
    assert_eq!(world.received().len(), 1);
}
