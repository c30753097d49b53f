//! Jobs, quota and the ledger: conditional writes on versions, and charge and
//! release in the same breath as the job.

use std::num::NonZeroU32;

use async_trait::async_trait;
use darkroom_core::account::Account;
use darkroom_core::cache::{CacheEntry, CacheKey, CachePlace};
use darkroom_core::delivery::{Delivery, DeliveryStep};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::idempotency::IdempotencyKey;
use darkroom_core::job::{Charge, Job, JobState, Step};
use darkroom_core::port::{Acceptance, Advance, JobPage, JobStore, Ledger, PortError, PortResult};
use darkroom_core::time::{Minute, Period};
use darkroom_core::usage::Usage;

use crate::state::State;
use crate::world::World;

#[async_trait]
impl JobStore for World {
    async fn accept(&self, job: &Job, account: &Account) -> PortResult<Acceptance> {
        self.call("jobs.accept", |state| accept(state, job, account)).await
    }

    async fn advance(&self, step: &Step) -> PortResult<Advance> {
        self.call("jobs.advance", |state| advance(state, step)).await
    }

    async fn find(&self, id: JobId) -> PortResult<Option<Job>> {
        self.call("jobs.find", |state| state.jobs.get(&id).cloned()).await
    }

    async fn cached(&self, account: &AccountId, key: &CacheKey) -> PortResult<Option<CacheEntry>> {
        let place = (account.clone(), key.clone());
        self.call("jobs.cached", |state| state.cache.get(&place).copied()).await
    }

    async fn usage(&self, account: &AccountId, period: Period) -> PortResult<Usage> {
        let of = (account.clone(), period);
        self.call("jobs.usage", |state| {
            let mut usage = state.usage.get(&of).cloned().unwrap_or_default();
            usage.by_kind.retain(|_, units| *units > 0);
            usage.by_day.retain(|_, units| *units > 0);
            usage
        })
        .await
    }

    async fn starts(&self, account: &AccountId, minute: Minute) -> PortResult<u32> {
        let of = (account.clone(), minute);
        self.call("jobs.starts", |state| state.started.get(&of).copied().unwrap_or_default()).await
    }

    async fn list(
        &self,
        account: &AccountId,
        before: Option<JobId>,
        limit: u8,
    ) -> PortResult<JobPage> {
        self.call("jobs.list", |state| {
            let newest_first = state.jobs.values().rev();
            let older = newest_first.filter(|job| before.is_none_or(|before| job.id < before));
            let own = older.filter(|job| job.order.account == *account);
            let jobs: Vec<Job> = own.take(usize::from(limit)).cloned().collect();
            let full = jobs.len() == usize::from(limit);
            let next_before = jobs.last().filter(|_| full).map(|oldest| oldest.id);
            JobPage { jobs, next_before }
        })
        .await
    }

    async fn remove(&self, job: &Job) -> PortResult<()> {
        self.call("jobs.remove", |state| remove(state, job.id)).await?
    }
}

fn accept(state: &mut State, job: &Job, account: &Account) -> Acceptance {
    match state.jobs.get(&job.id) {
        Some(stored) if stored.order == job.order => return Acceptance::Stored,
        Some(_) => return Acceptance::IdTaken,
        None => {}
    }
    let id = &account.id;
    let key = job.order.idempotency.as_ref().map(|mark| (id.clone(), mark.key.clone()));
    let kept = key.as_ref().and_then(|key| state.idempotency.get(key));
    if let Some((first, _)) = kept.filter(|(_, until)| *until > job.order.accepted_at) {
        return Acceptance::KeyTaken(*first);
    }
    let place = job.order.cache.as_ref().map(|claim| (id.clone(), claim.key.clone()));
    let taken = place.as_ref().and_then(|place| state.cache.get(place)).map(|entry| entry.job);
    if taken.is_some() && taken != job.order.cache.as_ref().and_then(|claim| claim.from) {
        return Acceptance::CacheTaken;
    }
    if job.charge == Charge::Free {
        store(state, job, key);
        return Acceptance::Stored;
    }
    let usage = state.usage.entry((id.clone(), job.order.period())).or_default();
    let minute = Minute::of(job.order.accepted_at);
    let started = state.started.entry((id.clone(), minute)).or_default();
    let places = state.places.entry(id.clone()).or_default();
    let is_full = |used: u32, limit: Option<NonZeroU32>| limit.is_some_and(|it| used >= it.get());
    if usage.used >= account.quota_per_month {
        return Acceptance::QuotaUsedUp;
    }
    if is_full(*started, account.limits.starts_per_minute) {
        return Acceptance::TooManyStarts;
    }
    if is_full(*places, account.limits.at_once) {
        return Acceptance::TooManyAtOnce;
    }
    usage.charge(&job.order);
    *started += u32::from(account.limits.starts_per_minute.is_some());
    *places += u32::from(job.order.holds_place);
    store(state, job, key);
    Acceptance::Stored
}

fn store(state: &mut State, job: &Job, key: Option<(AccountId, IdempotencyKey)>) {
    if let Some(key) = key {
        state.idempotency.insert(key, (job.id, job.order.key_kept_until()));
    }
    if let Some(CachePlace { key, before, .. }) = &job.order.cache {
        let place = (job.order.account.clone(), key.clone());
        state.cache.insert(place, CacheEntry { job: job.id, before: *before });
    }
    state.jobs.insert(job.id, job.clone());
}

fn advance(state: &mut State, step: &Step) -> Advance {
    if state.is_overtaken() {
        return Advance::Raced;
    }
    let Some(stored) = state.jobs.get_mut(&step.job.id) else { return Advance::Raced };
    if *stored == step.job {
        return Advance::Done;
    }
    if stored.version != step.from_version {
        return Advance::Raced;
    }
    if let (JobState::Rendering(held), JobState::Rendering(new)) = (&stored.state, &step.job.state)
        && held.token != new.token
        && new.at < held.lease_until
    {
        let violation = format!("job {} was claimed while another worker held it", step.job.id);
        state.violations.push(violation);
    }
    *stored = step.job.clone();
    if let Some(key) = step.frees_key() {
        let freed = state.idempotency.remove(&(step.job.order.account.clone(), key.clone()));
        assert_eq!(freed.map(|(job, _)| job), Some(step.job.id), "another job's key was freed");
    }
    if step.releases {
        let key = (step.job.order.account.clone(), step.job.order.period());
        let usage = state.usage.entry(key).or_default();
        assert!(usage.release(&step.job.order), "a unit was given back that nobody had");
    }
    if step.frees_place() {
        let places = state.places.entry(step.job.order.account.clone()).or_default();
        assert!(*places > 0, "a place was given back that nobody had");
        *places -= 1;
    }
    Advance::Done
}

fn remove(state: &mut State, id: JobId) -> PortResult<()> {
    if state.jobs.get(&id).is_some_and(|stored| !stored.has_ended()) {
        let cause = format!("job {id} has not ended");
        return Err(PortError::Busy { service: "jobs.remove", cause });
    }
    state.jobs.remove(&id);
    state.deliveries.remove(&id);
    Ok(())
}

#[async_trait]
impl Ledger for World {
    async fn find(&self, job: JobId) -> PortResult<Option<Delivery>> {
        self.call("ledger.find", |state| state.deliveries.get(&job).cloned()).await
    }

    async fn advance(&self, step: &DeliveryStep) -> PortResult<Advance> {
        self.call("ledger.advance", |state| {
            if state.is_overtaken() {
                return Advance::Raced;
            }
            let stored = state.deliveries.get(&step.delivery.job);
            if stored == Some(&step.delivery) {
                return Advance::Done;
            }
            if stored.map_or(0, |delivery| delivery.version) != step.from_version {
                return Advance::Raced;
            }
            state.deliveries.insert(step.delivery.job, step.delivery.clone());
            Advance::Done
        })
        .await
    }
}
