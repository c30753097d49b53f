//! Receivers that fail again and again, and what becomes of the webhooks to them.

use std::time::Duration;

use darkroom_core::address::Reach;
use darkroom_core::circuit::{CircuitState, Receiver};
use darkroom_core::delivery::Phase;
use darkroom_core::id::JobId;
use darkroom_core::job::Job;
use darkroom_core::time::Timestamp;
use darkroom_core::url::CallbackUrl;
use darkroom_flows::ending::announce;
use darkroom_world::notifiers::Staff;
use darkroom_world::requests::{HOOK, accepted_id, to_take};
use darkroom_world::{Customer, Fault, Reply, World};
use futures::FutureExt as _;
use serde_json::json;

use crate::asking::send;

const OTHER_HOOK: &str = "https://other.example/ready";

/// Where the webhooks of a customer go to.
fn receiver(customer: &Customer) -> Receiver {
    let callback = CallbackUrl::parse(HOOK, &Reach::public()).unwrap();
    Receiver::of(&customer.id, &callback)
}

fn asks(world: &World, customer: &Customer, count: usize) -> Vec<JobId> {
    let request = to_take(customer, json!({"webhook_url": HOOK}));
    let answers = (0..count).map(|_| world.request(&request).unwrap());
    answers.map(|answer| accepted_id(&answer).unwrap()).collect()
}

fn again(world: &World, customer: &Customer, id: JobId) {
    let (status, shown) = send(world, customer, "POST", &format!("/v1/jobs/{id}/delivery/retry"));
    assert_eq!(status, 202, "{shown}");
}

fn is_open(world: &World, customer: &Customer) -> bool {
    world.circuit(&receiver(customer)) != CircuitState::Closed
}

fn posts_after(world: &World, span: Duration, from: Timestamp) -> usize {
    world.received().iter().filter(|post| post.at >= from + span).count()
}

#[test]
fn a_handful_of_hopeless_jobs_keep_their_exact_schedule() {
    let world = World::new(1);
    let customer = world.customer(1, 100);
    world.always_answers(500);
    let ids = asks(&world, &customer, 9);
    world.run();
    assert!(!is_open(&world, &customer));
    for id in ids {
        assert_eq!(world.delivery(id).unwrap().attempts.len(), 4);
    }
    world.assert_at_rest();
}

#[test]
fn where_twenty_fail_in_a_minute_others_wait_until_one_finds_out() {
    let world = World::new(1);
    let customer = world.customer(1, 100);
    let job = ended(&world, &customer, HOOK);
    world.always_answers(500);
    let ids = world.announce_copies(&job, 60, Duration::ZERO);
    world.run_for(Duration::from_secs(5));
    assert!(is_open(&world, &customer));
    let tried = world.received().len() - 1;
    assert_eq!(tried, 20);
    // After 30 s, then 60, 120 and 240 s later.
    world.run_for(Duration::from_secs(600));
    assert_eq!(world.received().len() - 1 - tried, 4);
    world.always_answers(200);
    world.run();
    assert!(!is_open(&world, &customer));
    for id in ids {
        let delivery = world.delivery(id).unwrap();
        assert!(matches!(delivery.phase, Phase::Delivered { .. }), "{:?}", delivery.phase);
    }
    world.assert_at_rest();
}

#[test]
fn a_receiver_that_fails_for_more_than_an_hour_gets_what_is_left_by_hand() {
    let world = World::new(1);
    let customer = world.customer(1, 100);
    world.always_answers(500);
    let ids = asks(&world, &customer, 40);
    world.run();
    world.assert_at_rest();
    let given_up = |id: &JobId| {
        let delivery = world.delivery(*id).unwrap();
        assert!(matches!(delivery.phase, Phase::Abandoned { .. }), "{:?}", delivery.phase);
        delivery.postponed_since.is_some()
    };
    let left: Vec<_> = ids.into_iter().filter(given_up).collect();
    assert!(left.len() > 10, "{}", left.len());
    assert!(is_open(&world, &customer));
    // By hand it is tried at once, and a success is good news for all.
    world.always_answers(200);
    let before = world.received().len();
    again(&world, &customer, left[0]);
    world.run();
    assert_eq!(world.received().len(), before + 1);
    assert!(!is_open(&world, &customer));
}

#[test]
fn what_one_account_does_to_a_host_is_not_held_against_another() {
    let world = World::new(1);
    let [customer, other] = [1, 2].map(|byte| world.customer(byte, 100));
    let [gone, fine] = [HOOK, "https://hooks.example/other"];
    let theirs = ended(&world, &customer, gone);
    world.receiver_replies(gone, Reply::Status(404));
    world.announce_copies(&theirs, 60, Duration::ZERO);
    world.run_for(Duration::from_secs(10));
    assert!(is_open(&world, &customer));
    let began = world.now();
    let request = to_take(&other, json!({"webhook_url": fine}));
    let id = accepted_id(&world.request(&request).unwrap()).unwrap();
    world.run_for(Duration::from_secs(10));
    let delivery = world.delivery(id).unwrap();
    assert!(matches!(delivery.phase, Phase::Delivered { .. }), "{:?}", delivery.phase);
    assert!(delivery.attempts[0].at.since(began) < Duration::from_secs(10));
}

#[test]
fn a_receiver_that_fails_now_and_then_is_not_left_alone() {
    let world = World::new(1);
    let customer = world.customer(1, 100);
    let job = ended(&world, &customer, HOOK);
    let answers: Vec<_> = (0..400).map(|at| if at % 10 < 4 { 500 } else { 200 }).collect();
    world.next_answers(&answers);
    world.announce_copies(&job, 200, Duration::ZERO);
    world.notify(STAFF, Duration::from_secs(60));
    assert!(world.received().len() > 260, "{}", world.received().len());
    assert!(!is_open(&world, &customer));
}

#[test]
fn a_failure_by_hand_does_not_keep_a_circuit_open_for_longer() {
    let world = World::new(1);
    let customer = world.customer(1, 100);
    world.next_answers(&[410]);
    let ids = asks(&world, &customer, 1);
    world.run();
    world.open_circuit(receiver(&customer), Duration::from_secs(450));
    let before = world.circuit(&receiver(&customer));
    world.always_answers(500);
    again(&world, &customer, ids[0]);
    world.run_for(Duration::from_secs(60));
    assert_eq!(world.delivery(ids[0]).unwrap().attempts.len(), 2);
    assert_eq!(world.circuit(&receiver(&customer)), before);
}

#[test]
fn what_is_postponed_is_neither_in_flight_nor_announced_again() {
    let world = World::new(1);
    let customer = world.customer(1, 100);
    world.open_circuit(receiver(&customer), Duration::from_secs(400));
    let now = world.now();
    let ids = asks(&world, &customer, 5);
    world.run_for(Duration::from_secs(390));
    assert_eq!(world.received().len(), 0);
    for id in ids {
        let phase = world.delivery(id).unwrap().phase;
        let Phase::Due { number: 1, at } = phase else { panic!("{phase:?}") };
        assert!(at >= now + Duration::from_secs(400));
    }
    assert_eq!(world.webhooks_in_flight(), 0);
    world.run();
    assert_eq!(posts_after(&world, Duration::from_secs(400), now), 5);
    world.assert_at_rest();
}

/// One message more about a job that has ended.
fn announce_once_more(world: &World, id: JobId) {
    announce(world, &world.job(id).unwrap()).now_or_never().unwrap().unwrap();
}

#[test]
fn a_copy_that_comes_early_waits_as_its_original_does() {
    let world = World::new(1);
    let customer = world.customer(1, 100);
    world.next_answers(&[500]);
    let [id] = asks(&world, &customer, 1).try_into().unwrap();
    world.run_for(Duration::from_secs(3));
    announce_once_more(&world, id);
    world.run_for(Duration::from_secs(3));
    assert_eq!(world.webhooks_in_flight(), 2);
    world.run();
    world.open_circuit(receiver(&customer), Duration::from_secs(400));
    let [id] = asks(&world, &customer, 1).try_into().unwrap();
    world.run_for(Duration::from_secs(3));
    announce_once_more(&world, id);
    world.run_for(Duration::from_secs(3));
    assert_eq!(world.webhooks_in_flight(), 0);
    world.run();
    world.assert_at_rest();
}

#[test]
fn a_postponement_that_another_write_overtakes_is_made_again() {
    let world = World::new(1);
    let customer = world.customer(1, 100);
    let job = ended(&world, &customer, HOOK);
    world.open_circuit(receiver(&customer), Duration::from_secs(400));
    let [id] = world.announce_copies(&job, 1, Duration::ZERO).try_into().unwrap();
    // find the job, find the delivery, find the circuit, write the delivery
    world.overtake_calls(3, 1);
    world.run_for(Duration::from_secs(4));
    assert_eq!(world.delivery(id), None);
    assert_eq!(world.webhooks_in_flight(), 1);
    world.run_for(Duration::from_secs(6));
    assert_eq!(world.delivery(id).unwrap().attempts, []);
    assert_eq!(world.webhooks_in_flight(), 0);
    world.run();
    world.assert_at_rest();
}

#[test]
fn whatever_goes_wrong_with_finding_out_the_next_one_does() {
    for fault in Fault::ALL {
        for nth in 0..30 {
            let world = World::new(1);
            let customer = world.customer(1, 100);
            world.open_circuit(receiver(&customer), Duration::from_secs(30));
            let ids = asks(&world, &customer, 2);
            world.run_for(Duration::from_secs(29));
            world.break_call(nth, fault);
            world.run();
            assert!(!is_open(&world, &customer), "{fault:?} {nth}");
            for id in ids {
                let phase = world.delivery(id).unwrap().phase;
                assert!(matches!(phase, Phase::Delivered { .. }), "{fault:?} {nth}: {phase:?}");
            }
            world.assert_at_rest();
        }
    }
}

/// The share of `sorted` that is this late or less.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// A job of this customer that has ended, with its callback there.
fn ended(world: &World, customer: &Customer, hook: &str) -> Job {
    let request = to_take(customer, json!({"webhook_url": hook}));
    let id = accepted_id(&world.request(&request).unwrap()).unwrap();
    world.run();
    world.job(id).unwrap()
}

const STAFF: Staff = Staff {
    environments: 10,
    call_time: Duration::from_millis(10),
    poll_lag: Duration::from_millis(50),
};

/// How late webhooks of a quiet account are, those aside that fall into the first `spared`, and
/// how many messages are in flight at most, while another account has 100,000 webhooks to a
/// receiver that does this.
#[expect(clippy::print_stdout, reason = "the figures are what the run is for")]
fn neighbours(reply: Reply, spared: Duration) -> (Vec<Duration>, usize) {
    const WEBHOOKS: u32 = 100_000;
    const APART: Duration = Duration::from_millis(200);
    const SPAN: Duration = Duration::from_secs(30 * 60);
    let world = World::new(1);
    let [noisy, quiet] = [1, 2].map(|byte| world.customer(byte, 100));
    let [theirs, ours] =
        [(&noisy, HOOK), (&quiet, OTHER_HOOK)].map(|(who, hook)| ended(&world, who, hook));
    world.receiver_replies(HOOK, reply);
    let begin = world.now();
    world.announce_copies(&theirs, WEBHOOKS, Duration::ZERO);
    let count = u32::try_from(SPAN.as_millis() / APART.as_millis()).unwrap() - 100;
    let ids = world.announce_copies(&ours, count, APART);
    let most_in_flight = world.notify(STAFF, SPAN);
    let announced = (0..).zip(&ids).map(|(number, id)| (begin + APART * number, id));
    let mut late: Vec<_> = announced
        .filter(|(at, _)| *at >= begin + spared)
        .map(|(at, id)| {
            let delivery = world.delivery(*id).unwrap();
            assert!(matches!(delivery.phase, Phase::Delivered { .. }), "{:?}", delivery.phase);
            delivery.attempts[0].at.since(at)
        })
        .collect();
    late.sort_unstable();
    let tried = world.received().iter().filter(|post| post.url == HOOK).count();
    println!(
        "{WEBHOOKS} webhooks to a receiver that does {reply:?}: {tried} attempts in {SPAN:?}, at \
         most {most_in_flight} messages in flight; {} webhooks of another account late by {:?} \
         (p50), {:?} (p99), {:?} at most",
        late.len(),
        percentile(&late, 50),
        percentile(&late, 99),
        percentile(&late, 100),
    );
    (late, most_in_flight)
}

fn holds_up_nobody(reply: Reply, spared: Duration) {
    let (late, most_in_flight) = neighbours(reply, spared);
    assert!(percentile(&late, 50) <= Duration::from_millis(100));
    assert!(percentile(&late, 99) <= Duration::from_millis(200));
    assert!(most_in_flight < 300, "{most_in_flight}");
}

#[test]
fn a_receiver_that_refuses_100_000_webhooks_holds_up_nobody_else() {
    holds_up_nobody(Reply::Status(500), Duration::ZERO);
}

#[test]
fn a_receiver_out_of_reach_of_100_000_webhooks_holds_up_nobody_else() {
    holds_up_nobody(Reply::Unreachable, Duration::ZERO);
}

/// It has its 30 s, for which it can hold all notifiers, once.
#[test]
fn a_receiver_that_hangs_on_100_000_webhooks_holds_up_nobody_else_after_its_30_seconds() {
    holds_up_nobody(Reply::Hangs, Duration::from_secs(31));
}
