//! What must hold when everything has come to rest.

use std::collections::HashMap;
use std::time::Duration;

use darkroom_core::artifact::ByteSize;
use darkroom_core::delivery::{Delivery, Phase, Sequel, post_budget};
use darkroom_core::id::{AccountId, DeliveryId, JobId};
use darkroom_core::job::{Charge, Job, JobState};
use darkroom_core::signature::Signing;
use darkroom_core::time::{Period, Timestamp};
use darkroom_core::usage::Usage;

use crate::receiver::Received;
use crate::state::State;
use crate::storage::Deposit;
use crate::world::World;

/// The delays of both seeds, each from the end of a failed attempt.
const DELAYS: [Duration; 3] =
    [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(300)];

/// How long attempts are postponed before a delivery is given up.
const POSTPONED: Duration = Duration::from_secs(60 * 60);

impl World {
    /// What should hold at rest and doesn't, in words: that every job ended, that quota is
    /// what is charged, that every end which is to be announced was, in order, signed and
    /// never early, that nothing is left over.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.with(|state| {
            let mut found = state.violations.clone();
            leftovers(state, &mut found);
            quota(state, &mut found);
            for job in state.jobs.values() {
                ending(state, job, &mut found);
            }
            posts(state, &mut found);
            found
        })
    }

    /// Fails a test in which something doesn't hold that should.
    ///
    /// # Panics
    ///
    /// When there are [`Self::violations`].
    pub fn assert_at_rest(&self) {
        let found = self.violations();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

fn leftovers(state: &State, found: &mut Vec<String>) {
    for letter in state.letters.iter() {
        found.push(format!("a message is left over: {:?}", letter.envelope.message));
    }
    for key in state.inputs.keys() {
        found.push(format!("a stored specification is left over: {key}"));
    }
    for (job, _) in state.idempotency.values() {
        let lives = state.jobs.get(job);
        if lives.is_some_and(|job| matches!(job.state, JobState::Rejected { .. })) {
            found.push(format!("job {job} was rejected and keeps its idempotency key"));
        }
    }
}

fn quota(state: &State, found: &mut Vec<String>) {
    let mut charged: HashMap<(AccountId, Period), Usage> = HashMap::new();
    for job in state.jobs.values().filter(|job| job.charge == Charge::Charged) {
        charged
            .entry((job.order.account.clone(), job.order.period()))
            .or_default()
            .charge(&job.order);
    }
    for (account, places) in &state.places {
        if *places > 0 {
            found.push(format!("{places} places of {account} are taken by nobody"));
        }
    }
    for (of, usage) in &state.usage {
        let mut usage = usage.clone();
        usage.by_kind.retain(|_, units| *units > 0);
        usage.by_day.retain(|_, units| *units > 0);
        let charged = charged.remove(of).unwrap_or_default();
        if usage != charged {
            found.push(format!("quota drifts: {usage:?}, charged {charged:?}"));
        }
    }
}

fn ending(state: &State, job: &Job, found: &mut Vec<String>) {
    let id = job.id;
    let delivery = state.deliveries.get(&id);
    let is_settled = delivery.is_some_and(|delivery| match delivery.phase {
        Phase::Delivered { .. } | Phase::Abandoned { .. } | Phase::Refused { .. } => true,
        Phase::Due { .. } | Phase::Claimed { .. } => false,
    });
    if is_settled != job.announcement().is_some() || (delivery.is_some() && !is_settled) {
        found.push(format!("job {id} ended as {:?}, its delivery is {delivery:?}", job.state));
    }
    match &job.state {
        JobState::Accepted | JobState::Queued | JobState::Rendering(_) => {
            found.push(format!("job {id} never ended: {:?}", job.state));
        }
        JobState::Rejected { .. } if job.charge == Charge::Charged => {
            found.push(format!("job {id} was rejected and is charged"));
        }
        JobState::Completed { artifact, .. } if job.order.storage.is_some() => {
            let result = state.results.get(artifact.key.as_str());
            let is_its =
                |it: &Deposit| it.job == id && result.is_none_or(|it_is| *it_is == it.content);
            if !state.deposits.iter().any(is_its) {
                found.push(format!(
                    "job {id} was completed, and its result isn't where it is wanted"
                ));
            }
        }
        JobState::Rejected { .. } | JobState::Failed { .. } | JobState::Completed { .. } => {}
    }
    if let Some(Delivery { phase: Phase::Abandoned { at }, attempts, postponed_since, .. }) =
        delivery
    {
        let numbers: Vec<_> = attempts.iter().map(|attempt| attempt.number).collect();
        let was_postponed = postponed_since.is_some_and(|since| at.since(since) >= POSTPONED);
        let few = was_postponed && [1, 2, 3, 4].starts_with(&numbers);
        if !numbers.starts_with(&[1, 2, 3, 4]) && !few {
            found.push(format!("job {id} was given up after attempts {numbers:?}"));
        }
    }
}

fn posts(state: &State, found: &mut Vec<String>) {
    let by_id: HashMap<String, &Job> =
        state.jobs.values().map(|job| (DeliveryId::of(job.id).to_string(), job)).collect();
    let mut last: HashMap<JobId, &Received> = HashMap::new();
    for post in &state.received {
        let job = post.header("webhook-id").and_then(|id| by_id.get(id));
        // Deleted meanwhile.
        let Some(job) = job else { continue };
        if let Some(before) = last.insert(job.id, post) {
            after(job, before, post, found);
        }
        let sequel = state.deliveries.get(&job.id).map(|delivery| delivery.sequel);
        if sequel == Some(Sequel::Schedule) && !(1..=4).contains(&post.number) {
            found.push(format!("job {}: attempt {} was made", job.id, post.number));
        }
        if job.announcement().is_none() {
            found.push(format!("job {} was announced, but is {:?}", job.id, job.state));
        }
        if is_early(post, state.deliveries.get(&job.id)) {
            found.push(format!("job {}: attempt {} came early", job.id, post.number));
        }
        if !is_signed(state, job, post) {
            found.push(format!("job {}: attempt {} isn't signed", job.id, post.number));
        }
    }
}

/// Of two POSTs of a delivery the later one has the higher number, or the same again after
/// the lease of the one before, which outlasts its POST.
fn after(job: &Job, before: &Received, post: &Received, found: &mut Vec<String>) {
    let (id, number) = (job.id, post.number);
    if number < before.number {
        found.push(format!("job {id}: attempt {number} came after {}", before.number));
    }
    let at_once = before.at + post_budget(ByteSize::from_bytes(0)) > post.at;
    if number == before.number && at_once {
        found.push(format!("job {id}: attempt {number} was made by two at once"));
    }
}

fn is_early(post: &Received, delivery: Option<&Delivery>) -> bool {
    let Some(before) = post.number.checked_sub(2) else { return false };
    let delay = DELAYS.get(usize::from(before)).copied().unwrap_or_default();
    let failed = delivery.into_iter().flat_map(|delivery| &delivery.attempts);
    let mut failed = failed.filter(|attempt| attempt.number == before + 1);
    failed.any(|attempt| post.at < attempt.at + attempt.took + delay)
}

fn is_signed(state: &State, job: &Job, post: &Received) -> bool {
    let Some(keys) = state.signing_keys.get(&job.order.account) else { return false };
    let sent = post.header("webhook-timestamp").and_then(|secs| secs.parse().ok());
    let Some(sent) = sent.map(Timestamp::from_secs) else { return false };
    let mut signing = Signing::begin(keys, &DeliveryId::of(job.id), sent);
    signing.update(&post.body);
    post.header("webhook-signature") == Some(signing.finish().standard.as_str())
}
