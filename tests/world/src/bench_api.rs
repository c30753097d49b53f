//! `make bench-api`: what api itself takes for a request: its own time with the fakes of the
//! simulated world for services, the calls of services that it makes, and what one processor could
//! serve. The fakes' own time is in it. Each answer's status is looked at, and that nothing is captured.
#![expect(clippy::print_stdout, reason = "it answers by printing")]
#![expect(clippy::unwrap_used, reason = "what is asked is well-formed")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use darkroom_core::key::SigningKeys;
use darkroom_core::signature::sign_link;
use darkroom_world::requests::{HOOK, accepted_id, to_take, to_take_now};
use darkroom_world::world::BEGINNING;
use darkroom_world::{Customer, World};
use http::Request;
use nix::time::{ClockId, clock_gettime};
use serde_json::json;

const REQUESTS: usize = 20_000;
const WARM_UP: usize = 500;
const PLENTY: u64 = 1 << 40;

/// The most that one request may take in the middle of all (DESIGN.md §7).
const BOUND: Duration = Duration::from_millis(1);

fn main() -> ExitCode {
    println!(
        "{:<12} {:>9} {:>9} {:>12} {:>10} {:>11}",
        "request", "p50 µs", "p95 µs", "CPU µs each", "AWS calls", "requests/s"
    );
    let mut is_held = true;
    for (name, prepare) in [
        ("accept", accept as Prepare),
        ("status", status),
        ("cache hit", hit),
        ("signed link", link),
    ] {
        is_held &= measured(name, prepare);
    }
    println!("p50 of at most {BOUND:?} each: {}", if is_held { "kept" } else { "missed" });
    if is_held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Makes a request, and tells which status answers it.
type Prepare = fn(&World, &Customer) -> (Request<Bytes>, u16);

/// Measures one kind of request in a world of its own, and tells whether it keeps the bound.
fn measured(name: &str, prepare: Prepare) -> bool {
    let world = World::new(1);
    let customer = world.customer(1, PLENTY);
    let (request, expected) = prepare(&world, &customer);
    let captures = world.captures();
    let ask = || {
        world.pass(Duration::from_millis(1));
        let began = Instant::now();
        let answer = world.request(&request);
        let took = began.elapsed();
        let status = answer.map(|answer| answer.status().as_u16());
        assert_eq!(status, Some(expected), "{name}");
        took
    };
    for _ in 0..WARM_UP {
        ask();
    }
    let (calls, cpu) = (world.calls(), cpu_time());
    let mut took: Vec<_> = (0..REQUESTS).map(|_| ask()).collect();
    let each = |total: Duration| micros(total) / REQUESTS as f64;
    let cpu = each(cpu_time() - cpu);
    let calls = (world.calls() - calls) as f64 / REQUESTS as f64;
    assert_eq!(world.captures(), captures, "{name}");
    let all = took.iter().sum::<Duration>();
    took.sort_unstable();
    let at = |share: usize| took.get(REQUESTS * share / 100).copied().unwrap_or_default();
    let (p50, p95) = (at(50), at(95));
    let per_second = REQUESTS as f64 / all.as_secs_f64();
    println!(
        "{name:<12} {:>9.1} {:>9.1} {cpu:>12.1} {calls:>10.1} {per_second:>11.0}",
        micros(p50),
        micros(p95)
    );
    p50 <= BOUND
}

fn micros(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}

/// What this thread has had of a processor.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

fn accept(_: &World, customer: &Customer) -> (Request<Bytes>, u16) {
    let options = json!({"webhook_url": HOOK, "external_identifier": "order-12345"});
    (to_take(customer, options), 202)
}

fn status(world: &World, customer: &Customer) -> (Request<Bytes>, u16) {
    let accepted = world.request(&accept(world, customer).0).unwrap();
    world.run_until_ended();
    let id = accepted_id(&accepted).unwrap();
    let key = customer.access_key.expose();
    let target = format!("/api/v1/screenshot/status/{id}?access_key={key}");
    (Request::get(target).body(Bytes::new()).unwrap(), 200)
}

fn hit(world: &World, customer: &Customer) -> (Request<Bytes>, u16) {
    let request = to_take_now(customer, json!({"cache": true}));
    assert_eq!(world.request(&request).unwrap().status(), 200);
    (request, 200)
}

/// A link to a shared result, so that each is answered with the picture.
fn link(world: &World, customer: &Customer) -> (Request<Bytes>, u16) {
    let key = customer.access_key.expose();
    let query = format!("access_key={key}&cache=true&format=png&url=https%3A%2F%2Fexample.com");
    let keys = SigningKeys::first(customer.signing_key.clone(), BEGINNING);
    let target = format!("/api/v1/screenshot/take?{query}&signature={}", sign_link(&keys, &query));
    let request = Request::get(target).body(Bytes::new()).unwrap();
    assert_eq!(world.request(&request).unwrap().status(), 200);
    (request, 200)
}
