//! The watchdog: what it mends, and when it lets go.

use darkroom_core::job::JobState;
use darkroom_world::{Fault, World};

use crate::asking::{reference, take};

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
    assert_eq!(at.since(darkroom_world::world::BEGINNING).as_secs(), 300);
    assert_eq!(world.quota_used(&customer.id), 0);
    assert!(world.received().is_empty());
}

#[test]
fn a_capture_message_that_is_lost_is_sent_again_when_the_job_expires() {
    let world = World::new(2);
    let customer = world.customer(1, 10);
    reference(&take(&world, &customer).unwrap());
    world.lose_messages(|message| matches!(message, darkroom_core::message::Message::Capture(_)));
    world.run();
    world.assert_at_rest();
    assert!(matches!(world.jobs()[0].state, JobState::Failed { .. }));
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
    assert_eq!(world.received().len(), 1);
}
