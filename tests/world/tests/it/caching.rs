//! Captures that are shared: who gets whose, who pays, and what becomes of those that wait when the
//! one that they wait for comes to nothing.

use std::time::Duration;

use bytes::Bytes;
use darkroom_core::failure::FailureKind;
use darkroom_core::id::JobId;
use darkroom_core::job::{Charge, Job, JobState};
use darkroom_world::requests::{
    HOOK, accepted_id, keyed, obtained_id, to_nab_shared, to_take, to_take_now,
};
use darkroom_world::{Concurrency, Customer, Fault, Weather, World};
use http::{Request, Response};
use serde_json::{Value, json};

use crate::asking::{get, send};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Nothing goes wrong, and any number of functions run at once.
pub(crate) const CALM: Weather = Weather {
    concurrency: Concurrency { captures: 10, results: 10, watchdogs: 10 },
    stalls_one_in: 0,
    duplicates_one_in: 0,
    throttled_one_in: 0,
    deaths_one_in: 0,
    poll_lag: Duration::ZERO,
    rough_turns: 0,
};

/// The request with `cache` beside these options.
fn cached(customer: &Customer, mut options: Value) -> Request<Bytes> {
    options["cache"] = true.into();
    to_take_now(customer, options)
}

fn ask(world: &World, customer: &Customer, options: Value) -> Response<Bytes> {
    world.request(&cached(customer, options)).unwrap()
}

fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().unwrap())
}

fn cache_status(answer: &Response<Bytes>) -> &str {
    header(answer, "cache-status").unwrap()
}

fn paid(world: &World, customer: &Customer) -> (usize, u64) {
    (world.captures(), world.quota_used(&customer.id))
}

#[test]
fn a_result_is_taken_again_for_nothing_until_it_is_too_old() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.number_pictures();
    let first = ask(&world, &customer, json!({"external_identifier": "a"}));
    assert_eq!(cache_status(&first), "Darkroom; fwd=miss; stored");
    assert_eq!(header(&first, "age"), None);
    world.pass(4 * HOUR - Duration::from_secs(10));
    let second = ask(&world, &customer, json!({"external_identifier": "b"}));
    assert_eq!((second.status().as_u16(), second.body()), (200, first.body()));
    assert_eq!(cache_status(&second), "Darkroom; hit; ttl=10");
    assert_eq!(header(&second, "age"), Some("14390"));
    assert!(header(&second, "x-nodium-cache-url").unwrap().contains("results/"));
    assert_eq!(header(&second, "x-nodium-external-identifier"), Some("b"));
    assert_ne!(header(&second, "x-nodium-trace-id"), header(&first, "x-nodium-trace-id"));
    assert_eq!(obtained_id(&second), obtained_id(&first));
    assert_eq!(paid(&world, &customer), (1, 1));
    // Whoever allows it to be older still takes it.
    world.pass(Duration::from_secs(10));
    let patient = ask(&world, &customer, json!({"cache_ttl": 86_400}));
    assert_eq!(cache_status(&patient), "Darkroom; hit; ttl=72000");
    let third = ask(&world, &customer, json!({}));
    assert_eq!(cache_status(&third), "Darkroom; fwd=stale; stored");
    assert_ne!(third.body(), first.body());
    assert_eq!(paid(&world, &customer), (2, 2));
    world.run();
    world.assert_at_rest();
}

#[test]
fn a_hit_takes_five_calls_and_a_miss_one_more_than_any_capture() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    ask(&world, &customer, json!({}));
    assert_eq!(world.calls(), 13);
    ask(&world, &customer, json!({}));
    // The account, the entry, the job, whether the result is there, the result.
    assert_eq!(world.calls(), 13 + 5);
}

#[test]
fn only_equal_captures_of_one_account_that_ask_for_it_are_shared() {
    let world = World::new(1);
    let (customer, other) = (world.customer(1, 10), world.customer(2, 10));
    ask(&world, &customer, json!({}));
    ask(&world, &other, json!({}));
    ask(&world, &customer, json!({"viewport_width": 1_000}));
    ask(&world, &customer, json!({"cache_key": "b"}));
    world.request(&to_take_now(&customer, json!({}))).unwrap();
    assert_eq!(world.captures(), 5);
    ask(&world, &customer, json!({"cache_key": "b", "timeout": 20, "attachment_name": "a.png"}));
    assert_eq!(world.captures(), 5);
}

#[test]
fn json_tells_where_the_result_is_kept_and_of_no_result_all_the_same() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    for way in ["Darkroom; fwd=miss; stored", "Darkroom; hit; ttl=14400"] {
        let answer = ask(&world, &customer, json!({"response_type": "json"}));
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!((cache_status(&answer), &body["cache_url"]), (way, &body["screenshot_url"]));
    }
    let answer = ask(&world, &customer, json!({"response_type": "empty"}));
    assert_eq!(cache_status(&answer), "Darkroom; hit; ttl=14400");
    let plain = world.request(&to_take_now(&customer, json!({"response_type": "json"}))).unwrap();
    let body: Value = serde_json::from_slice(plain.body()).unwrap();
    assert_eq!((body.get("cache_url"), header(&plain, "cache-status")), (None, None));
}

#[test]
fn a_link_that_has_ended_is_told_anew() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let month = json!({"cache_ttl": 2_592_000, "response_type": "json"});
    let first = ask(&world, &customer, month.clone());
    world.pass(20 * 24 * HOUR);
    let second = ask(&world, &customer, month);
    assert_eq!(obtained_id(&second), obtained_id(&first));
    assert_ne!(header(&second, "x-nodium-cache-url"), header(&first, "x-nodium-cache-url"));
}

#[test]
fn a_hundred_equal_requests_at_once_are_one_capture() {
    for seed in 0..20 {
        let world = World::new(seed);
        let customer = world.customer(1, 100);
        world.number_pictures();
        let requests: Vec<_> =
            (0..100).map(|_| (Duration::ZERO, cached(&customer, json!({})))).collect();
        let (answers, _) = world.interleave(seed, CALM, &requests);
        let answers: Vec<_> = answers.into_iter().flatten().collect();
        assert!(answers.iter().all(|answer| answer.body() == "picture 1"), "seed {seed}");
        let stored = answers.iter().filter(|it| cache_status(it).ends_with("stored")).count();
        assert_eq!((answers.len(), stored), (100, 1), "seed {seed}");
        assert_eq!(paid(&world, &customer), (1, 1), "seed {seed}");
        world.assert_at_rest();
    }
}

#[test]
fn those_that_wait_share_a_failure_too_and_pay_nothing() {
    for (kind, status) in [(FailureKind::HostError, 500), (FailureKind::NameNotResolved, 400)] {
        let world = World::new(3);
        let customer = world.customer(1, 100);
        world.next_captures_fail(&[kind]);
        let requests: Vec<_> =
            (0..10).map(|_| (Duration::ZERO, cached(&customer, json!({})))).collect();
        let (answers, _) = world.interleave(5, CALM, &requests);
        let told: Vec<_> = answers.iter().flatten().map(|it| it.status().as_u16()).collect();
        assert_eq!(told, [status; 10]);
        assert_eq!(paid(&world, &customer), (1, 0));
        // Who asks afterwards has it tried again.
        assert_eq!(ask(&world, &customer, json!({})).status(), 200);
        assert_eq!(paid(&world, &customer), (2, 1));
    }
}

#[test]
fn whoever_allows_more_time_does_not_share_a_timeout() {
    let world = World::new(3);
    let customer = world.customer(1, 100);
    world.next_captures_fail(&[FailureKind::Timeout]);
    let later = Duration::from_millis(100);
    let requests = [
        (Duration::ZERO, cached(&customer, json!({"timeout": 5}))),
        (later, cached(&customer, json!({"timeout": 5}))),
        (later, cached(&customer, json!({"timeout": 6}))),
    ];
    let (answers, _) = world.interleave(5, CALM, &requests);
    let told: Vec<_> = answers.iter().flatten().map(|it| it.status().as_u16()).collect();
    assert_eq!((told, paid(&world, &customer)), (vec![500, 500, 200], (2, 1)));
}

#[test]
fn those_that_wait_are_told_of_the_one_that_they_wait_for_whoever_comes_next() {
    let world = World::new(3);
    let customer = world.customer(1, 100);
    world.next_captures_fail(&[FailureKind::HostError]);
    let ends = Duration::from_millis(1_250);
    let mut requests = vec![(Duration::ZERO, cached(&customer, json!({})))];
    requests.extend([700, 900].map(|ms| (Duration::from_millis(ms), requests[0].1.clone())));
    // It comes when the first has failed, and before the others look again.
    requests.push((ends + Duration::from_millis(1), requests[0].1.clone()));
    let (answers, _) = world.interleave(5, CALM, &requests);
    let told: Vec<_> = answers.iter().flatten().map(|it| it.status().as_u16()).collect();
    assert_eq!((told, paid(&world, &customer)), (vec![500, 500, 500, 200], (2, 1)));
}

#[test]
fn one_that_is_sent_away_sends_those_away_that_wait_for_it() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    // The call of its worker takes twelve seconds, and is throttled.
    world.throttle_workers(Duration::from_secs(12));
    let requests: Vec<_> =
        [0, 100, 200].map(|ms| (Duration::from_millis(ms), cached(&customer, json!({})))).into();
    let (answers, _) = world.interleave(5, CALM, &requests);
    let told: Vec<_> = answers.iter().flatten().map(|it| it.status().as_u16()).collect();
    assert_eq!((told, world.jobs().len(), paid(&world, &customer)), (vec![503; 3], 1, (0, 0)));
    world.throttle_workers(Duration::ZERO);
    assert_eq!(ask(&world, &customer, json!({})).status(), 200);
}

#[test]
fn a_promise_that_nobody_keeps_is_waited_for_no_longer_than_it_can_be_kept() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.break_call(4, Fault::CrashBefore);
    assert!(world.request(&cached(&customer, json!({}))).is_none());
    let asked_at = world.now();
    // For whoever hasn't the time to have it taken then, there is nothing.
    let hasty = ask(&world, &customer, json!({"timeout": 10}));
    assert_eq!((hasty.status().as_u16(), header(&hasty, "retry-after")), (503, Some("2")));
    assert_eq!(ask(&world, &customer, json!({"timeout": 60})).status(), 200);
    let waited = world.now().since(asked_at);
    assert!((30..=33).contains(&waited.as_secs()), "{waited:?}");
    assert_eq!(paid(&world, &customer), (1, 2), "the lost one's unit comes back by its watchdog");
    world.run();
    world.assert_at_rest();
    assert_eq!(paid(&world, &customer), (1, 1));
}

#[test]
fn who_has_waited_long_for_another_capture_has_none_taken_that_api_would_not_live_to_answer() {
    // A worker that is lost holds its job for 25 s more than its timeout, and 5 s in which it may be
    // taken up. 150 s are there: 105 for a capture of 90 s, so 45 to wait for another's.
    for (timeout, status) in [(14, 200), (17, 503)] {
        let world = World::new(1);
        let customer = world.customer(1, 10);
        // The worker dies, and api when it looks what that has left.
        world.break_call(8, Fault::CrashBefore);
        world.next_captures_kill(1);
        assert!(world.request(&cached(&customer, json!({"timeout": timeout}))).is_none());
        let asked_at = world.now();
        let answer = ask(&world, &customer, json!({"timeout": 90}));
        assert_eq!(answer.status(), status, "{timeout} s");
        let waited = world.now().since(asked_at).as_secs();
        assert!((timeout + 29..timeout + 33).contains(&waited), "{waited} s");
    }
}

#[test]
fn what_is_queued_is_waited_for_and_not_made_a_second_time() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let queued = made(&world, &customer, json!({}));
    world.pass(Duration::from_secs(60));
    let asked_at = world.now();
    let answer = ask(&world, &customer, json!({"timeout": 20}));
    assert_eq!((answer.status().as_u16(), header(&answer, "retry-after")), (503, Some("2")));
    assert!((35..=36).contains(&world.now().since(asked_at).as_secs()));
    let later = [(Duration::ZERO, cached(&customer, json!({})))];
    let (answers, _) = world.interleave(1, CALM, &later);
    assert_eq!(obtained_id(answers[0].as_ref().unwrap()), Some(queued));
    assert_eq!(paid(&world, &customer), (1, 1));
    world.assert_at_rest();
}

#[test]
fn clients_that_poll_do_not_share_what_has_less_time() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let hasty = made(&world, &customer, json!({"timeout": 5}));
    assert_ne!(made(&world, &customer, json!({"timeout": 6})), hasty);
    assert_eq!(world.jobs().len(), 2);
}

#[test]
fn what_is_deleted_or_lost_is_made_anew() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let first = obtained_id(&ask(&world, &customer, json!({}))).unwrap();
    assert_eq!(send(&world, &customer, "DELETE", &format!("/v1/jobs/{first}")).0, 200);
    let second = obtained_id(&ask(&world, &customer, json!({}))).unwrap();
    assert_ne!(first, second);
    world.lose_results();
    let third = ask(&world, &customer, json!({"response_type": "json"}));
    assert_ne!(obtained_id(&third), Some(second));
    assert_eq!(world.captures(), 3);
}

#[test]
fn what_is_too_old_for_one_is_kept_for_others_who_let_it_be_older() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.number_pictures();
    ask(&world, &customer, json!({}));
    world.pass(5 * HOUR);
    world.next_captures_fail(&[FailureKind::HostError]);
    assert_eq!(ask(&world, &customer, json!({})).status(), 500);
    for _ in 0..2 {
        let patient = ask(&world, &customer, json!({"cache_ttl": 86_400, "cache_stale_ttl": 60}));
        assert_eq!(
            (patient.body().as_ref(), cache_status(&patient)),
            (b"picture 1".as_slice(), "Darkroom; hit; ttl=68399")
        );
    }
    world.run();
    assert_eq!(world.captures(), 2, "what is fresh isn't made anew");
}

/// What is a minute too old is still taken, for an hour.
fn stale() -> Value {
    json!({"cache_stale_ttl": 3_600})
}

#[test]
fn what_is_stale_is_taken_at_once_while_one_capture_makes_it_anew() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.number_pictures();
    let first = ask(&world, &customer, stale());
    world.pass(4 * HOUR + Duration::from_secs(60));
    for _ in 0..3 {
        let answer = ask(&world, &customer, stale());
        assert_eq!(
            (answer.body(), cache_status(&answer)),
            (first.body(), "Darkroom; hit; ttl=-60")
        );
    }
    assert_eq!(paid(&world, &customer), (1, 2), "one of them is queued");
    world.run();
    let fresh = ask(&world, &customer, stale());
    assert_eq!(fresh.body(), "picture 2");
    assert_eq!(paid(&world, &customer), (2, 2));
    world.assert_at_rest();
    // Whoever doesn't ask for it never gets what is stale.
    world.pass(4 * HOUR + Duration::from_secs(60));
    assert_eq!(ask(&world, &customer, json!({})).body(), "picture 3");
}

#[test]
fn what_is_stale_is_kept_when_making_it_anew_fails_and_that_is_not_tried_at_once() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.number_pictures();
    ask(&world, &customer, stale());
    world.pass(4 * HOUR);
    world.next_captures_fail(&[FailureKind::Timeout]);
    for _ in 0..3 {
        assert_eq!(ask(&world, &customer, stale()).body(), "picture 1");
        world.run_until_ended();
    }
    assert_eq!(world.captures(), 2);
    world.pass(Duration::from_secs(60));
    assert_eq!(ask(&world, &customer, stale()).body(), "picture 1");
    world.run_until_ended();
    assert_eq!(ask(&world, &customer, stale()).body(), "picture 3");
    assert_eq!(world.quota_used(&customer.id), 2);
    // Nor does a quota that is used up keep it from being told.
    let poor = world.customer(2, 1);
    ask(&world, &poor, stale());
    world.pass(4 * HOUR);
    assert_eq!(ask(&world, &poor, stale()).status(), 200);
}

#[test]
fn what_is_much_too_old_is_waited_for() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.number_pictures();
    ask(&world, &customer, stale());
    world.pass(5 * HOUR);
    assert_eq!(ask(&world, &customer, stale()).body(), "picture 2");
}

fn cached_later(customer: &Customer, mut options: Value) -> Request<Bytes> {
    options["cache"] = true.into();
    to_take(customer, options)
}

fn made(world: &World, customer: &Customer, options: Value) -> JobId {
    accepted_id(&world.request(&cached_later(customer, options)).unwrap()).unwrap()
}

#[test]
fn clients_that_poll_are_told_of_one_job() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let first = made(&world, &customer, json!({}));
    assert_eq!(made(&world, &customer, json!({})), first, "it is queued");
    world.run();
    assert_eq!(made(&world, &customer, json!({})), first, "it is completed");
    assert_eq!(obtained_id(&ask(&world, &customer, json!({}))), Some(first));
    assert_eq!(paid(&world, &customer), (1, 1));
    // One that has a name is a job of its own.
    let named = made(&world, &customer, json!({"external_identifier": "a"}));
    assert_ne!(named, first);
    let (_, shown) = get(&world, &customer, &format!("/v1/jobs/{named}"));
    assert_eq!((&shown["state"], &shown["charged"]), (&json!("completed"), &json!(false)));
    assert_eq!(paid(&world, &customer), (1, 1));
    world.run();
    world.assert_at_rest();
}

#[test]
fn a_result_that_is_there_is_announced_at_once_and_for_nothing() {
    let world = World::new(1);
    let customer = world.customer(1, 1);
    let hooked = || json!({"webhook_url": HOOK});
    let first = made(&world, &customer, hooked());
    world.run();
    let second = made(&world, &customer, hooked());
    world.run();
    let answer = ask(&world, &customer, hooked());
    world.run();
    world.assert_at_rest();
    let third = obtained_id(&answer).unwrap();
    let received = world.received();
    let bodies: Vec<_> = received.iter().map(|post| post.body.clone()).collect();
    assert_eq!(bodies, vec![bodies[0].clone(); 3]);
    let references: Vec<_> =
        received.iter().filter_map(|post| post.header("x-nodium-reference")).collect();
    assert_eq!(references, [first, second, third].map(|id| id.to_string()));
    assert_eq!(paid(&world, &customer), (1, 1));
    let charges: Vec<_> = world.jobs().iter().map(|job| job.charge).collect();
    assert_eq!(charges, [Charge::Charged, Charge::Free, Charge::Free]);
    // A link that ended in the meantime isn't announced.
    world.pass(4 * 24 * HOUR);
    let request =
        to_nab_shared(&customer, json!({"screen_height": 1024, "ignore_host_errors": false}));
    assert_eq!(world.request(&request).unwrap().status(), 202);
    world.run();
    let event: Value = serde_json::from_slice(&world.received().last().unwrap().body).unwrap();
    let (_, until) = event["result_url"].as_str().unwrap().split_once("until=").unwrap();
    assert!(until.parse::<u64>().unwrap() > world.now().as_secs());
    // Another's picture isn't deleted with it.
    assert_eq!(send(&world, &customer, "DELETE", &format!("/v1/jobs/{second}")).0, 200);
    assert_eq!(get(&world, &customer, &format!("/v1/jobs/{first}")).1["state"], "completed");
    assert_eq!(world.objects().0, 1);
}

#[test]
fn the_announcement_of_a_result_that_is_there_is_not_lost() {
    for fault in Fault::ALL {
        for call in 0..8 {
            let world = World::new(1);
            let customer = world.customer(1, 5);
            made(&world, &customer, json!({"webhook_url": HOOK}));
            world.run();
            world.break_call(call, fault);
            let request = cached_later(&customer, json!({"webhook_url": HOOK}));
            let answer = world.request(&request);
            world.run();
            world.assert_at_rest();
            let told = answer.is_some_and(|answer| answer.status() == 202);
            let posts = world.received().len();
            assert!(posts > usize::from(told), "{fault:?} at {call}: {posts} posts");
            assert_eq!(paid(&world, &customer), (1, 1), "{fault:?} at {call}");
        }
    }
}

#[test]
fn while_an_equal_one_is_under_way_one_with_a_webhook_is_a_capture_of_its_own() {
    let world = World::new(1);
    let customer = world.customer(1, 5);
    let hooked = || json!({"webhook_url": HOOK});
    assert_ne!(made(&world, &customer, hooked()), made(&world, &customer, hooked()));
    world.run();
    world.assert_at_rest();
    assert_eq!((paid(&world, &customer), world.received().len()), ((2, 2), 2));
}

#[test]
fn a_repeat_under_a_key_gets_the_same_whether_it_was_there_or_not() {
    let world = World::new(1);
    let customer = world.customer(1, 5);
    let request = keyed(cached(&customer, json!({})), "a");
    let answers = [(); 3].map(|()| world.request(&request).unwrap());
    assert!(answers.iter().all(|answer| obtained_id(answer) == obtained_id(&answers[0])));
    world.pass(5 * HOUR);
    // The picture is too old, but the key is its request's for a day.
    let late = world.request(&request).unwrap();
    assert_eq!(obtained_id(&late), obtained_id(&answers[0]));
    assert_eq!(
        (cache_status(&late), header(&late, "age")),
        ("Darkroom; hit; ttl=-3600", Some("18000"))
    );
    assert_eq!(paid(&world, &customer), (1, 1));
}

#[test]
fn whatever_goes_wrong_a_client_that_shares_is_told_and_pays_for_a_picture_only() {
    for fault in Fault::ALL {
        for call in 0..18 {
            let world = World::new(1);
            let customer = world.customer(1, 10);
            world.break_call(call, fault);
            let answers = [(); 2].map(|()| world.request(&cached(&customer, json!({}))));
            world.run();
            world.assert_at_rest();
            let is_completed = |job: &&Job| matches!(job.state, JobState::Completed { .. });
            let completed = world.jobs().iter().filter(is_completed).count();
            let used = world.quota_used(&customer.id);
            assert_eq!(used, completed as u64, "{fault:?} at {call}");
            for answer in answers.iter().flatten() {
                match answer.status().as_u16() {
                    200 | 303 => assert!(used >= 1, "{fault:?} at {call}"),
                    500 | 503 => {}
                    status => panic!("{status} after {fault:?} at {call}"),
                }
            }
        }
    }
}
