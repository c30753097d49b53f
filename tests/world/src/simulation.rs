//! One schedule: who asks for what, what goes wrong, and whose turn it is, all drawn from
//! one seed. The same seed is the same run, call by call.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use darkroom_core::account::Limits;
use darkroom_core::cache::CachePlace;
use darkroom_core::circuit::Receiver;
use darkroom_core::failure::{Blame, FailureKind};
use darkroom_core::id::JobId;
use darkroom_core::job::{Charge, Dialect, Job, JobState, Mode};
use darkroom_core::url::CallbackUrl;
use http::{Request, Response, StatusCode};
use serde_json::json;

use crate::camera::Shot;
use crate::fault::next_random;
use crate::interleave::{Tally, Weather};
use crate::receiver::Reply;
use crate::requests::{
    HOOK, accepted_id, keyed, obtained_id, put_in_bucket, to_nab, to_nab_now, to_take, to_take_now,
    uploaded,
};
use crate::world::{BEGINNING, Customer, World};

/// One port call of so many goes wrong, for the first so many of them: a run must come to
/// rest.
const FAULTS_ONE_IN: u64 = 12;
const ROUGH_CALLS: usize = 200;

/// A job that was accepted so long ago may be waited for in any case.
const SOON: Duration = Duration::from_secs(30);

/// How old a result is never told to be: it isn't taken after six hours and three in which it is made
/// anew, and then functions stall.
const OLDEST: Duration = Duration::from_secs(9 * 60 * 60 + 20 * 60);

/// What each of the two accounts may use up.
const QUOTAS: [u64; 2] = [3, 2];

/// What came of one schedule.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What happened in it.
    pub tally: Tally,
    /// What should hold and doesn't, in words.
    pub violations: Vec<String>,
}

/// Draws from a seed of its own, so that what is asked doesn't depend on what goes wrong.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        usize::try_from(next_random(&mut self.0) >> 32).unwrap_or(0).checked_rem(count).unwrap_or(0)
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).copied()
    }
}

/// A request, when it comes, and under which key it was sent.
struct Asked {
    after: Duration,
    request: Request<Bytes>,
    key: Option<(usize, &'static str)>,
}

/// Runs the schedule of this seed to its end.
///
/// # Panics
///
/// When it never ends, or a unit of quota is given back that nobody had.
#[must_use]
pub fn simulate(seed: u64) -> Outcome {
    let world = World::new(seed);
    let mut dice = Dice(!seed);
    let customers = [world.customer(1, QUOTAS[0]), world.customer(2, QUOTAS[1])];
    arrange(&world, &mut dice);
    for customer in &customers {
        if dice.one_in(4) {
            let rest = Duration::from_secs(30) * u32::try_from(1 + dice.below(8)).unwrap_or(1);
            if let Some(callback) = CallbackUrl::from_stored(HOOK) {
                world.open_circuit(Receiver::of(&customer.id, &callback), rest);
            }
        }
        let limit = |dice: &mut Dice| {
            let limit = NonZeroU32::new(u32::try_from(1 + dice.below(3)).unwrap_or(1));
            limit.filter(|_| dice.one_in(3))
        };
        let limits = Limits { starts_per_minute: limit(&mut dice), at_once: limit(&mut dice) };
        world.limit(customer, limits);
    }
    let asked: Vec<_> = (0..3 + dice.below(4)).map(|_| ask(&customers, &mut dice)).collect();
    let requests: Vec<_> = asked.iter().map(|asked| (asked.after, asked.request.clone())).collect();
    world.storm(seed, FAULTS_ONE_IN, ROUGH_CALLS);
    let (answers, tally) = world.interleave(seed, Weather::STORMY, &requests);
    let mut violations = world.violations();
    for (customer, quota) in customers.iter().zip(QUOTAS) {
        let used = world.quota_used(&customer.id);
        if used > quota {
            violations.push(format!("{used} units of {quota} are used"));
        }
    }
    bindings(&world, &answers, &mut violations);
    keys(&world, &customers, &asked, &answers, &mut violations);
    flights(&world, &mut violations);
    ages(&world, &asked, &answers, &mut violations);
    Outcome { tally, violations }
}

/// How the camera and the receivers fare.
fn arrange(world: &World, dice: &mut Dice) {
    let kinds = [
        FailureKind::Timeout,
        FailureKind::HostError,
        FailureKind::Browser,
        FailureKind::PageCrashed,
    ];
    for _ in 0..dice.below(4) {
        match dice.pick(&kinds).filter(|_| !dice.one_in(4)) {
            Some(kind) => world.next_captures_fail(&[kind]),
            None => world.next_captures_kill(1),
        }
    }
    let busy = [FailureKind::StorageUnavailable; 4];
    world.next_deposits_fail(busy.get(..dice.below(5)).unwrap_or_default());
    let replies = [
        Reply::Status(200),
        Reply::Status(302),
        Reply::Status(410),
        Reply::Status(500),
        Reply::Later { seconds: 15 },
        Reply::Hangs,
    ];
    let some: Vec<_> = (0..dice.below(8)).filter_map(|_| dice.pick(&replies)).collect();
    let kills = dice.one_in(16);
    let every = if dice.one_in(4) { Reply::Status(500) } else { Reply::Status(200) };
    world.with(|state| {
        state.replies.extend(some);
        state.every_reply = every;
        state.every_shot = if kills { Shot::Kills } else { Shot::Numbered };
    });
}

fn ask(customers: &[Customer; 2], dice: &mut Dice) -> Asked {
    let who = dice.below(customers.len());
    let [first, second] = customers;
    let customer = if who == 0 { first } else { second };
    if dice.one_in(3) {
        return share(customer, dice);
    }
    let request = match dice.below(11) {
        0 => to_take(customer, json!({})),
        1 => to_take(customer, json!({"webhook_url": HOOK})),
        // Credentials lie in the bucket.
        2 => to_take(
            customer,
            json!({
                "cookies": ["a=b; Domain=example.com"], "webhook_url": HOOK, "webhook_errors": true,
            }),
        ),
        3 => to_take(
            customer,
            json!({
                "webhook_sign": false, "webhook_url": HOOK, "webhook_errors": true,
            }),
        ),
        4 => to_take_now(customer, json!({})),
        // Whoever waits may want to be told besides.
        5 => to_take_now(customer, json!({"webhook_url": HOOK, "webhook_errors": true})),
        6 => to_nab_now(customer),
        7 => to_take(customer, uploaded()),
        8 => to_take_now(customer, put_in_bucket()),
        _ => to_nab(customer),
    };
    if !dice.one_in(2) {
        return Asked { after: Duration::ZERO, request, key: None };
    }
    let key = if dice.one_in(3) { "b" } else { "a" };
    Asked { after: Duration::ZERO, request: keyed(request, key), key: Some((who, key)) }
}

/// A request that shares its result; some come when what was made first is stale, or too old.
fn share(customer: &Customer, dice: &mut Dice) -> Asked {
    let hour = Duration::from_secs(60 * 60);
    let after =
        dice.pick(&[Duration::ZERO, Duration::ZERO, Duration::ZERO, hour, 5 * hour, 10 * hour]);
    let stale = 3 * 60 * 60;
    let ttl = if dice.one_in(3) { 6 * 60 * 60 } else { 4 * 60 * 60 };
    let plain = || json!({"cache": true, "cache_ttl": ttl, "cache_stale_ttl": stale});
    let hooked = || {
        json!({
            "cache": true, "cache_ttl": ttl, "webhook_url": HOOK, "webhook_errors": true,
        })
    };
    let hasty = || json!({"cache": true, "cache_stale_ttl": stale, "timeout": 20});
    let named = || json!({"cache": true, "cache_ttl": ttl, "external_identifier": "a"});
    let request = match dice.below(9) {
        0 => to_take(customer, plain()),
        1 => to_take(customer, hooked()),
        2 => to_take(customer, named()),
        3 => to_take_now(customer, hooked()),
        4 => to_take_now(customer, hasty()),
        5 => to_take_now(customer, named()),
        _ => to_take_now(customer, plain()),
    };
    Asked { after: after.unwrap_or_default(), request, key: None }
}

/// Every 202 names a job that is completed or failed, whoever waited gets that; nothing else is
/// answered but what the API promises, and charged for.
fn bindings(world: &World, answers: &[Option<Response<Bytes>>], found: &mut Vec<String>) {
    for answer in answers.iter().flatten() {
        match answer.status() {
            StatusCode::ACCEPTED => {
                let job = accepted_id(answer).and_then(|id| world.job(id));
                let ended = job.as_ref().is_some_and(|job| {
                    matches!(job.state, JobState::Completed { .. } | JobState::Failed { .. })
                });
                if !ended {
                    found.push(format!("a 202 ended as {:?}", job.map(|job| job.state)));
                }
            }
            _ if obtained_id(answer).is_some() => obtained(world, answer, found),
            StatusCode::PAYMENT_REQUIRED
            | StatusCode::CONFLICT
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE => {}
            status => found.push(format!("a request was answered with {status}")),
        }
        if obtained_id(answer).is_none() && accepted_id(answer).is_none() {
            unpaid(world, answer, found);
        }
    }
}

/// Whoever waited gets what its job came to, and pays for a picture only.
fn obtained(world: &World, answer: &Response<Bytes>, found: &mut Vec<String>) {
    let Some(job) = obtained_id(answer).and_then(|id| world.job(id)) else {
        found.push(format!("{} names no job", answer.status()));
        return;
    };
    let is_told = match (&job.state, answer.status()) {
        // What became of it wasn't known yet.
        (
            JobState::Completed { .. } | JobState::Failed { .. } | JobState::Rejected { .. },
            StatusCode::SERVICE_UNAVAILABLE,
        ) => true,
        (JobState::Completed { artifact, .. }, StatusCode::OK) => {
            world.with(|state| state.results.get(artifact.key.as_str()) == Some(answer.body()))
        }
        (JobState::Completed { .. }, StatusCode::SEE_OTHER) => true,
        (JobState::Failed { failure, .. }, status) => {
            let is_ours = failure.kind.blame() == Blame::Darkroom;
            let is_free = is_ours || job.order.dialect == Dialect::Nodium;
            status.is_server_error() && is_free == (job.charge == Charge::Released)
        }
        (
            JobState::Completed { .. }
            | JobState::Accepted
            | JobState::Queued
            | JobState::Rendering(_)
            | JobState::Rejected { .. },
            _,
        ) => false,
    };
    if !is_told {
        found.push(format!("{} was told of {:?}", answer.status(), job.state));
    }
}

/// A place in the cache is taken by one capture: no two take it from the same, nor one from another
/// that somebody still has.
fn flights(world: &World, found: &mut Vec<String>) {
    let mut flights = HashMap::new();
    for job in world.jobs() {
        let Some(CachePlace { key, from, .. }) = &job.order.cache else { continue };
        let place = (job.order.account.clone(), key.clone(), *from);
        if let Some(other) = flights.insert(place, job.id) {
            found.push(format!("jobs {other} and {} both took a place from {from:?}", job.id));
        }
        let before = from.and_then(|id| world.job(id));
        if before.is_some_and(|before| is_under_way(&before, &job)) {
            found.push(format!("job {} took the place of {from:?}, which was under way", job.id));
        }
    }
}

/// Whether a job had not ended when another took its place, and whoever was at it can't have lost it:
/// it was the only one to have it, and gave it up with its end. Polling clients don't share what has
/// less time, or isn't taken up again.
fn is_under_way(job: &Job, taker: &Job) -> bool {
    let ended_at = match job.state {
        JobState::Completed { at, .. } if job.claims == 1 => at,
        JobState::Rejected { at } => at,
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Completed { .. }
        | JobState::Failed { .. } => return false,
    };
    let polls = taker.order.mode == Mode::Asynchronous;
    let will_do = job.order.mode == Mode::Asynchronous && job.order.timeout >= taker.order.timeout;
    let then = taker.order.accepted_at;
    then < ended_at && then < job.order.accepted_at + SOON && (!polls || will_do)
}

/// Nobody gets what is older than it may be, nor than it is said to be.
fn ages(
    world: &World,
    asked: &[Asked],
    answers: &[Option<Response<Bytes>>],
    found: &mut Vec<String>,
) {
    for (asked, answer) in asked.iter().zip(answers) {
        let Some(answer) = answer.as_ref().filter(|it| it.status() == StatusCode::OK) else {
            continue;
        };
        let age = answer.headers().get("age").and_then(|age| age.to_str().ok()?.parse().ok());
        let age = Duration::from_secs(age.unwrap_or_default());
        let job = obtained_id(answer).and_then(|id| world.job(id));
        let Some(JobState::Completed { artifact, .. }) = job.map(|job| job.state) else { continue };
        // The age is told in whole seconds.
        let seen_at = artifact.stored_at + age + Duration::from_secs(1);
        let is_shared = answer.headers().contains_key("cache-status");
        if is_shared && (age >= OLDEST || seen_at < BEGINNING + asked.after) {
            found.push(format!("a result of {} is told to be {age:?} old", artifact.stored_at));
        }
    }
}

/// A refusal that names no job is never charged for, where nothing was queued.
fn unpaid(world: &World, answer: &Response<Bytes>, found: &mut Vec<String>) {
    let traces = ["x-nodium-trace-id", "x-darkroom-trace-id"];
    let trace = traces.iter().find_map(|name| answer.headers().get(*name)?.to_str().ok());
    for job in world.jobs() {
        let is_its = Some(job.order.trace.to_string().as_str()) == trace;
        let is_synchronous = job.order.mode == Mode::Synchronous;
        if is_its && is_synchronous && job.charge == Charge::Charged {
            found.push(format!("{} was charged: {:?}", answer.status(), job.state));
        }
    }
}

/// One key is one job, and every 202 under it names that one.
fn keys(
    world: &World,
    customers: &[Customer; 2],
    asked: &[Asked],
    answers: &[Option<Response<Bytes>>],
    found: &mut Vec<String>,
) {
    let jobs = world.jobs();
    for (who, customer) in customers.iter().enumerate() {
        for key in ["a", "b"] {
            let under =
                asked.iter().zip(answers).filter(|(asked, _)| asked.key == Some((who, key)));
            let mut named: Vec<_> =
                under.filter_map(|(_, answer)| answer.as_ref().and_then(named_id)).collect();
            named.sort_unstable();
            named.dedup();
            let made = jobs.iter().filter(|job| is_under(job, customer, key) && is_live(job));
            let made: Vec<JobId> = made.map(|job| job.id).collect();
            if made.len() > 1 || named.iter().any(|id| !made.contains(id)) {
                found.push(format!("key {key} of account {who} named {named:?}, made {made:?}"));
            }
        }
    }
}

/// The job that an answer binds to.
fn named_id(answer: &Response<Bytes>) -> Option<JobId> {
    let is_settled = answer.status() != StatusCode::SERVICE_UNAVAILABLE;
    accepted_id(answer).or_else(|| obtained_id(answer).filter(|_| is_settled))
}

fn is_live(job: &Job) -> bool {
    !matches!(job.state, JobState::Rejected { .. })
}

fn is_under(job: &Job, customer: &Customer, key: &str) -> bool {
    let key = darkroom_core::idempotency::IdempotencyKey::parse(key);
    let mark = job.order.idempotency.as_ref().map(|mark| &mark.key);
    job.order.account == customer.id && mark.is_some() && mark == key.as_ref()
}
