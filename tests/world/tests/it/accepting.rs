//! Accepting, with every call that it makes going wrong in every way.

use darkroom_core::job::JobState;
use darkroom_world::{Fault, World};

use crate::asking::{reference, take};

#[test]
fn accepting_takes_at_most_five_calls() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    reference(&take(&world, &customer).unwrap());
    assert_eq!(world.calls(), 5);
}

#[test]
fn whatever_goes_wrong_while_accepting_an_answer_binds_and_nothing_is_charged_for_nothing() {
    for fault in Fault::ALL {
        for call in 0..6 {
            let world = World::new(7);
            let customer = world.customer(1, 10);
            world.break_call(call, fault);
            let answer = take(&world, &customer).map(|response| response.status().as_u16());
            world.run();
            world.assert_at_rest();
            let completed = world
                .jobs()
                .iter()
                .filter(|job| matches!(job.state, JobState::Completed { .. }))
                .count();
            match answer {
                Some(202) => assert_eq!(completed, 1, "{fault:?} at {call}"),
                Some(503) | None => assert!(completed <= 1, "{fault:?} at {call}"),
                other => panic!("{fault:?} at {call}: {other:?}"),
            }
            if completed == 0 {
                assert_eq!(world.quota_used(&customer.id), 0, "{fault:?} at {call}");
            }
        }
    }
}

#[test]
fn a_used_up_quota_is_refused_and_leaves_nothing_behind() {
    let world = World::new(8);
    let customer = world.customer(1, 1);
    reference(&take(&world, &customer).unwrap());
    let refused = take(&world, &customer).unwrap();
    assert_eq!(refused.status(), 402);
    world.run();
    world.assert_at_rest();
    assert_eq!(world.jobs().len(), 1);
}

#[test]
fn an_unknown_key_beats_faulty_options() {
    let world = World::new(9);
    let customer = world.customer(1, 1);
    let stranger = World::new(10).customer(2, 1);
    let refused = crate::asking::take_with(&world, &stranger, serde_json::json!({"nonsense": 1}));
    let body = String::from_utf8(refused.unwrap().body().to_vec()).unwrap();
    assert!(body.contains("access_key_invalid"), "{body}");
    drop(customer);
}

#[test]
fn a_job_that_nobody_has_moved_on_is_not_promised() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    // account, watchdog, transaction, message, the note that it is queued
    world.overtake_calls(4, 1);
    assert_eq!(take(&world, &customer).unwrap().status(), 503);
}

#[test]
fn a_job_whose_note_was_made_without_a_reply_is_found_and_promised() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.break_call(4, Fault::ReplyLost);
    reference(&take(&world, &customer).unwrap());
    world.run();
    world.assert_at_rest();
}
