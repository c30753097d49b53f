//! Rendering: what is tried again, what isn't, and who may write.

use std::time::Duration;

use bytes::Bytes;
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::job::{Charge, JobState};
use darkroom_world::requests::HOOK;
use darkroom_world::{Fault, World};

use serde_json::json;

use crate::asking::{extras, nab, reference, take, take_with};

fn failure(world: &World) -> FailureKind {
    match &world.jobs()[0].state {
        JobState::Failed { failure, .. } => failure.kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fault_of_the_page_is_never_tried_again() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.next_captures_fail(&[FailureKind::Timeout]);
    reference(&take(&world, &customer).unwrap());
    world.run();
    world.assert_at_rest();
    assert_eq!((world.captures(), failure(&world)), (1, FailureKind::Timeout));
}

#[test]
fn a_picture_is_stored_while_it_is_read() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let piece = |text: &'static str| Ok(Bytes::from_static(text.as_bytes()));
    world.next_capture_streams(vec![piece("one "), piece("and "), piece("two")]);
    reference(&take(&world, &customer).unwrap());
    world.run();
    world.assert_at_rest();
    let JobState::Completed { artifact, .. } = &world.jobs()[0].state else { panic!() };
    assert_eq!(artifact.size.as_bytes(), 11);
}

#[test]
fn a_picture_that_breaks_off_is_the_cameras_fault_and_not_the_stores() {
    for (kind, captures) in [(FailureKind::Timeout, 1), (FailureKind::Browser, 2)] {
        let world = World::new(1);
        let customer = world.customer(1, 10);
        let piece = Ok(Bytes::from_static(b"half"));
        world.next_capture_streams(vec![piece, Err(Failure::plain(kind))]);
        reference(&take(&world, &customer).unwrap());
        world.run();
        world.assert_at_rest();
        assert_eq!(world.captures(), captures, "{kind:?}");
        if kind == FailureKind::Timeout {
            assert_eq!(failure(&world), kind);
        }
    }
}

/// When the only job was completed, after it was asked for.
fn completed_after(world: &World) -> Duration {
    let JobState::Completed { at, .. } = world.jobs()[0].state else { panic!() };
    at.since(darkroom_world::world::BEGINNING)
}

#[test]
fn a_claim_that_the_note_of_its_queueing_overtakes_is_made_again_at_once() {
    const EXPOSURE: Duration = Duration::from_millis(1_250);
    // find, hide, claim
    for (overtaken, rested_s) in [(3, 0), (6, 0), (9, 5), (12, 5)] {
        let world = World::new(1);
        let customer = world.customer(1, 10);
        reference(&take(&world, &customer).unwrap());
        world.overtake_calls(0, overtaken);
        world.run();
        world.assert_at_rest();
        let rested = Duration::from_secs(rested_s);
        assert_eq!(completed_after(&world), rested + EXPOSURE, "{overtaken}");
    }
}

#[test]
fn a_broken_browser_is_tried_again_after_5_and_20_seconds() {
    let world = World::new(2);
    let customer = world.customer(1, 10);
    world.next_captures_fail(&[FailureKind::Browser, FailureKind::Browser]);
    reference(&take(&world, &customer).unwrap());
    world.run_for(Duration::from_secs(8));
    assert_eq!(world.captures(), 2);
    world.run();
    world.assert_at_rest();
    assert_eq!(world.captures(), 3);
    assert_eq!(completed_after(&world).as_millis(), 5_000 + 20_000 + 3 * 1_250);
}

#[test]
fn a_browser_that_breaks_three_times_ends_the_job_and_gives_its_unit_back() {
    let world = World::new(3);
    let customer = world.customer(1, 10);
    world.next_captures_fail(&[FailureKind::Browser; 3]);
    nab(&world, &customer).unwrap();
    world.run();
    world.assert_at_rest();
    assert_eq!((world.captures(), failure(&world)), (3, FailureKind::Browser));
    assert_eq!(world.jobs()[0].charge, Charge::Released);
    assert_eq!(world.received().len(), 1, "its failure was announced");
}

#[test]
fn a_job_that_kills_its_worker_on_every_claim_ends_failed_and_its_webhook_goes_out() {
    let world = World::new(4);
    let customer = world.customer(1, 10);
    world.next_captures_kill(10);
    reference(&take(&world, &customer).unwrap());
    world.run();
    world.assert_at_rest();
    assert_eq!((world.captures(), failure(&world)), (3, FailureKind::WorkersLost));
    assert_eq!(world.received().len(), 1);
}

#[test]
fn a_page_is_not_to_blame_for_time_that_our_storage_used_up() {
    let world = World::new(7);
    let customer = world.customer(1, 10);
    let options = json!({"timeout": 2, "webhook_url": HOOK, "webhook_errors": true});
    reference(&take_with(&world, &customer, options).unwrap());
    // find, hide, claim, capture, put
    world.break_call(4, Fault::Refused);
    world.run();
    world.assert_at_rest();
    assert_eq!(failure(&world), FailureKind::Internal);
    assert_eq!(world.quota_used(&customer.id), 0);
}

#[test]
fn duplicates_of_every_message_change_nothing() {
    let world = World::new(5);
    let customer = world.customer(1, 10);
    for _ in 0..5 {
        reference(&take(&world, &customer).unwrap());
    }
    world.run_with_duplicates();
    world.assert_at_rest();
    assert_eq!((world.captures(), world.received().len()), (5, 5));
    assert_eq!(world.quota_used(&customer.id), 5);
}

#[test]
fn whatever_goes_wrong_while_rendering_the_job_ends_and_is_announced() {
    for fault in Fault::ALL {
        for call in 0..14 {
            let world = World::new(6);
            let customer = world.customer(1, 10);
            reference(&take(&world, &customer).unwrap());
            world.break_call(call, fault);
            world.run();
            world.assert_at_rest();
            let ended = &world.jobs()[0].state;
            assert!(matches!(ended, JobState::Completed { .. }), "{fault:?} at {call}: {ended:?}");
            let ids: std::collections::HashSet<_> = world
                .received()
                .iter()
                .map(|post| post.header("webhook-id").unwrap().to_owned())
                .collect();
            assert_eq!(
                ids.len(),
                1,
                "{fault:?} at {call}: one webhook-id however often it arrives"
            );
        }
    }
}

#[test]
fn whatever_goes_wrong_while_rendering_a_completed_job_has_all_of_its_files() {
    for fault in Fault::ALL {
        for call in 0..18 {
            let world = World::new(6);
            let customer = world.customer(1, 10);
            for _ in 0..4 {
                world.next_capture_has_extras(Bytes::from_static(b"whole"), extras());
            }
            reference(&take(&world, &customer).unwrap());
            world.break_call(call, fault);
            world.run();
            world.assert_at_rest();
            let ended = &world.jobs()[0].state;
            let JobState::Completed { artifact, .. } = ended else {
                panic!("{fault:?} at {call}: {ended:?}")
            };
            let kinds: Vec<_> = artifact.files.iter().map(|file| file.kind).collect();
            assert_eq!(kinds, extras().iter().map(|extra| extra.kind).collect::<Vec<_>>());
            let mut keys = artifact.files.iter().map(|file| artifact.file_key(file));
            assert!(keys.all(|key| world.holds(&key)), "{fault:?} at {call}");
        }
    }
}
