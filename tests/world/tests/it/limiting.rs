//! How fast an account may ask for captures.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use darkroom_core::account::Limits;
use darkroom_world::requests::accepted_id;
use darkroom_world::{Customer, World};
use http::{Response, StatusCode};

use crate::asking::{nab, take};

fn limited(world: &World, starts_per_minute: u32, at_once: u32) -> Customer {
    let customer = world.customer(1, 5);
    let [starts_per_minute, at_once] = [starts_per_minute, at_once].map(NonZeroU32::new);
    world.limit(&customer, Limits { starts_per_minute, at_once });
    customer
}

fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> &'a str {
    answer.headers().get(name).unwrap().to_str().unwrap()
}

#[test]
fn a_minute_that_is_used_up_is_told_with_when_the_next_one_begins() {
    let world = World::new(1);
    let customer = limited(&world, 2, 0);
    for _ in 0..2 {
        assert_eq!(take(&world, &customer).unwrap().status(), StatusCode::ACCEPTED);
    }
    // The world begins at 20 s past a full minute.
    for ask in [take, nab] {
        let refused = ask(&world, &customer).unwrap();
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(header(&refused, "retry-after"), "40");
        assert_eq!(header(&refused, "ratelimit"), r#""starts";r=0;t=40"#);
        assert_eq!(header(&refused, "ratelimit-policy"), r#""starts";q=2;w=60"#);
    }
    assert_eq!(world.quota_used(&customer.id), 2);
    world.pass(Duration::from_secs(40));
    assert_eq!(take(&world, &customer).unwrap().status(), StatusCode::ACCEPTED);
    world.run();
    world.assert_at_rest();
}

#[test]
fn so_many_captures_are_under_way_at_once_until_one_ends() {
    let world = World::new(1);
    let customer = limited(&world, 0, 2);
    let first = take(&world, &customer).unwrap();
    assert_eq!(nab(&world, &customer).unwrap().status(), StatusCode::ACCEPTED);
    let refused = take(&world, &customer).unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&refused, "ratelimit-policy"), r#""at-once";q=2"#);
    world.run();
    assert!(world.job(accepted_id(&first).unwrap()).unwrap().has_ended());
    for _ in 0..2 {
        assert_eq!(take(&world, &customer).unwrap().status(), StatusCode::ACCEPTED);
    }
    assert_eq!(take(&world, &customer).unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    world.run();
    world.assert_at_rest();
}

#[test]
fn a_limit_that_is_lifted_meanwhile_leaves_no_place_taken() {
    let world = World::new(1);
    let customer = limited(&world, 0, 1);
    assert_eq!(take(&world, &customer).unwrap().status(), StatusCode::ACCEPTED);
    world.limit(&customer, Limits::default());
    assert_eq!(take(&world, &customer).unwrap().status(), StatusCode::ACCEPTED);
    world.run();
    world.assert_at_rest();
}

#[test]
fn a_quota_that_is_used_up_is_told_before_a_limit() {
    let world = World::new(1);
    let customer = limited(&world, 5, 0);
    for _ in 0..5 {
        take(&world, &customer).unwrap();
    }
    assert_eq!(take(&world, &customer).unwrap().status(), StatusCode::PAYMENT_REQUIRED);
}
