//! Quota: charged once, released once, always the sum of the charged jobs.

use std::time::Duration;

use darkroom_core::failure::FailureKind;
use darkroom_core::time::{Period, Timestamp};
use darkroom_world::World;

use crate::asking::{nab, reference, take};

#[test]
fn a_release_goes_to_the_period_that_was_charged() {
    // The first job expires before anything runs; the second is rendered.
    let world = World::new(1);
    let customer = world.customer(1, 10);
    reference(&take(&world, &customer).unwrap());
    let charged = Period::of(world.jobs()[0].order.accepted_at);
    world.pass(Duration::from_secs(40 * 24 * 60 * 60));
    let later = Timestamp::from_secs(1_790_000_000 + 40 * 24 * 60 * 60);
    reference(&take(&world, &customer).unwrap());
    world.run();
    world.assert_at_rest();
    assert_eq!(world.quota_used_in(&customer.id, charged), 0);
    assert_eq!(world.quota_used_in(&customer.id, Period::of(later)), 1);
}

#[test]
fn a_page_that_fails_is_charged_by_screennabster_and_free_with_nodium() {
    let world = World::new(2);
    let (nodium, nabster) = (world.customer(1, 10), world.customer(2, 10));
    world.next_captures_fail(&[FailureKind::HostError, FailureKind::HostError]);
    reference(&take(&world, &nodium).unwrap());
    nab(&world, &nabster).unwrap();
    world.run();
    world.assert_at_rest();
    assert_eq!(world.quota_used(&nodium.id), 0);
    assert_eq!(world.quota_used(&nabster.id), 1);
}
