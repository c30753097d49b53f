//! Jobs in DynamoDB, with the quota that they are charged to.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, KeysAndAttributes, Put, TransactWriteItem, Update,
};
use darkroom_core::account::Account;
use darkroom_core::cache::{CacheEntry, CacheKey};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::job::{Charge, Job, Step};
use darkroom_core::port::{Acceptance, Advance, JobPage, JobStore, PortError, PortResult};
use darkroom_core::time::{Minute, Period};
use darkroom_core::usage::Usage;

use crate::conflict::Patience;
use crate::fault::port_error;
use crate::item::{ACCOUNT, Item, LISTED_AT, PK, SK, VERSION, agrees, job_pk, key, number, text};
use crate::state_document::ENDED;
use crate::table::{
    BY_ACCOUNT, Table, Transacted, Verdict, Written, built, put_action, update_action,
};
use crate::{cache_item, delivery_item, idempotency_item, job_item, limits, quota};

/// The shortest time that a job is kept: longer than the 30 days for which its
/// delivery's attempts can be listed.
const KEPT: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// The items that one call may ask for.
const BATCH: usize = 100;

/// What a job that is accepted claims.
enum Claim {
    Birth,
    Key,
    Cache,
    Quota,
    Start,
    Place,
}

/// Keeps jobs in the table.
#[derive(Clone, Debug)]
pub struct DynamoJobStore {
    table: Table,
    kept: Duration,
}

impl DynamoJobStore {
    /// A store that keeps jobs for 31 days after their acceptance.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table, kept: KEPT }
    }

    /// Keeps the jobs that it accepts a day longer than their results, if that is
    /// longer than 31 days.
    #[must_use]
    pub fn keeping_results_for(mut self, results: Duration) -> Self {
        self.kept = KEPT.max(results + Duration::from_secs(24 * 60 * 60));
        self
    }

    /// The put that a job begins with.
    fn birth(&self, job: &Job) -> PortResult<Put> {
        let put = self
            .table
            .putting(job_item::whole(job, self.kept)?)
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PK);
        built(put.build())
    }

    /// Whether the item under the id of a job that couldn't be stored is that
    /// job, stored by an earlier call.
    async fn judge_taken(&self, job: &Job, found: Option<Item>) -> PortResult<Acceptance> {
        let stored = match found {
            Some(item) => Some(item),
            None => self.table.get(job_pk(job.id), job_item::SK).await?,
        };
        let expected = job_item::order(job)?;
        let ours = stored.is_some_and(|stored| agrees(&stored, &expected));
        Ok(if ours { Acceptance::Stored } else { Acceptance::IdTaken })
    }

    /// What is written with a job that is accepted, and what it comes to if that is refused, in
    /// the order in which it is told: its own put comes first, since an earlier call of ours may
    /// have taken all the rest; then the key: its repeat costs nothing.
    fn claims(&self, job: &Job, account: &Account) -> PortResult<Vec<(TransactWriteItem, Claim)>> {
        let (table, order) = (&self.table, &job.order);
        let mut claims = vec![(put_action(self.birth(job)?), Claim::Birth)];
        if let Some(mark) = &order.idempotency {
            let take = idempotency_item::take(table, job, &mark.key)?;
            claims.push((put_action(take), Claim::Key));
        }
        if let Some(claim) = &order.cache {
            let take = cache_item::take(table, job, claim, self.kept)?;
            claims.push((put_action(take), Claim::Cache));
        }
        if job.charge == Charge::Free {
            return Ok(claims);
        }
        let charge = quota::charge(table, order, account.quota_per_month)?;
        claims.push((update_action(charge), Claim::Quota));
        if let Some(limit) = account.limits.starts_per_minute {
            claims.push((update_action(limits::start(table, order, limit)?), Claim::Start));
        }
        if let Some(limit) = account.limits.at_once {
            claims.push((update_action(limits::take_place(table, order, limit)?), Claim::Place));
        }
        Ok(claims)
    }

    /// Why a job wasn't stored.
    async fn judge_refused(
        &self,
        job: &Job,
        claims: Vec<Claim>,
        verdicts: Vec<Verdict>,
    ) -> PortResult<Acceptance> {
        let refused = claims.into_iter().zip(verdicts).find_map(|(claim, verdict)| match verdict {
            Verdict::Failed(found) => Some((claim, found)),
            Verdict::Held => None,
        });
        match refused {
            Some((Claim::Birth, found)) => self.judge_taken(job, found).await,
            Some((Claim::Key, found)) => self.judge_key(job, found).await,
            Some((Claim::Cache, _)) => Ok(Acceptance::CacheTaken),
            Some((Claim::Quota, _)) => Ok(Acceptance::QuotaUsedUp),
            Some((Claim::Start, _)) => Ok(Acceptance::TooManyStarts),
            Some((Claim::Place, _)) => Ok(Acceptance::TooManyAtOnce),
            None => Err(PortError::Corrupt {
                service: "dynamodb TransactWriteItems",
                cause: "a transaction was refused for nothing that is in it".to_owned(),
            }),
        }
    }

    /// Which job has the key of one that couldn't be stored.
    async fn judge_key(&self, job: &Job, found: Option<Item>) -> PortResult<Acceptance> {
        let freed = || PortError::Busy {
            service: "dynamodb TransactWriteItems",
            cause: "the idempotency key was freed meanwhile".to_owned(),
        };
        let mark = job.order.idempotency.as_ref().ok_or_else(freed)?;
        let holder = idempotency_item::holder(&self.table, &job.order, &mark.key, found).await?;
        holder.map(Acceptance::KeyTaken).ok_or_else(freed)
    }

    /// The update of a transition.
    fn transition(&self, step: &Step) -> PortResult<Update> {
        let mut update = self
            .table
            .updating(job_pk(step.job.id), job_item::SK)
            .condition_expression(format!("#{VERSION} = :from"))
            .expression_attribute_values(":from", number(step.from_version));
        let mut changes = Vec::new();
        for (name, value) in job_item::standing(&step.job)? {
            changes.push(format!("#{name} = :{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), &name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        built(update.update_expression(format!("SET {}", changes.join(", "))).build())
    }

    /// The transition, and what is given back with it.
    async fn advance_and_release(&self, step: &Step) -> PortResult<Advance> {
        // Two writers that race from one version use one token: the second is
        // told so, or refused by its condition.
        let token = format!("{}-v{}", step.job.id, step.job.version);
        let mut actions = vec![update_action(self.transition(step)?)];
        if step.releases {
            actions.push(update_action(quota::release(&self.table, &step.job.order)?));
        }
        if let Some(key) = step.frees_key() {
            actions.push(delete_action(idempotency_item::free(&self.table, &step.job, key)?));
        }
        let transacted = if step.frees_place() {
            self.transact_with_place(step, &token, actions).await?
        } else {
            self.table.transact(Some(token), actions).await?
        };
        match transacted {
            Transacted::Done => Ok(Advance::Done),
            Transacted::TokenTaken => {
                let stored = self.table.get(job_pk(step.job.id), job_item::SK).await?;
                outcome(step, stored)
            }
            Transacted::Refused(verdicts) => match verdicts.into_iter().next() {
                Some(Verdict::Failed(stored)) => outcome(step, stored),
                Some(Verdict::Held) | None => Err(PortError::Corrupt {
                    service: "dynamodb",
                    cause: format!("what job {} gives back isn't its own", step.job.id),
                }),
            },
        }
    }

    /// Makes all of these, and gives the job's place back: where that isn't counted any more, a
    /// limit must not keep a job from ending.
    async fn transact_with_place(
        &self,
        step: &Step,
        token: &str,
        actions: Vec<TransactWriteItem>,
    ) -> PortResult<Transacted> {
        let mut all = actions.clone();
        all.push(update_action(limits::free_place(&self.table, &step.job.order)?));
        let transacted = self.table.transact(Some(token.to_owned()), all).await?;
        let Transacted::Refused(verdicts) = &transacted else { return Ok(transacted) };
        let for_others = verdicts.iter().take(actions.len());
        if for_others.into_iter().any(|verdict| matches!(verdict, Verdict::Failed(_))) {
            return Ok(transacted);
        }
        tracing::error!(job.id = %step.job.id, account.id = %step.job.order.account,
            "a place that is given back was not counted");
        self.table.transact(Some(format!("{token}-p")), actions).await
    }

    async fn newest(
        &self,
        account: &AccountId,
        before: Option<JobId>,
        limit: u8,
    ) -> PortResult<Vec<Item>> {
        let mut query = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_ACCOUNT)
            .key_condition_expression("#account = :account")
            .expression_attribute_names("#account", ACCOUNT)
            .expression_attribute_values(":account", text(account))
            .scan_index_forward(false)
            .limit(i32::from(limit));
        if let Some(before) = before {
            query = query
                .key_condition_expression("#account = :account AND #listed_at < :before")
                .expression_attribute_names("#listed_at", LISTED_AT)
                .expression_attribute_values(":before", text(job_item::listed_at(before)));
        }
        let found = query.send().await;
        let found = found.map_err(|error| port_error("dynamodb Query", error))?;
        Ok(found.items.unwrap_or_default())
    }

    /// The whole items under these keys, in no order.
    async fn read_batch(&self, keys: &[Item]) -> PortResult<Vec<Item>> {
        let mut found = Vec::new();
        let mut wanted: Vec<Item> = keys.to_vec();
        let mut patience = Patience::begin();
        while !wanted.is_empty() {
            let request = built(
                KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build(),
            )?;
            let call = self.table.client.batch_get_item();
            let reply = call.request_items(&self.table.name, request).send().await;
            let reply = reply.map_err(|error| port_error("dynamodb BatchGetItem", error))?;
            let by_table = reply.responses.unwrap_or_default();
            found.extend(by_table.into_values().flatten());
            let unprocessed = reply.unprocessed_keys.unwrap_or_default();
            wanted = unprocessed.into_values().flat_map(|rest| rest.keys).collect();
            if !wanted.is_empty() && !patience.rest().await {
                return Err(PortError::Busy {
                    service: "dynamodb BatchGetItem",
                    cause: format!("{} keys were left unread", wanted.len()),
                });
            }
        }
        Ok(found)
    }

    fn delete_ended(&self, job: JobId) -> PortResult<Delete> {
        let mut delete = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(key(job_pk(job), job_item::SK)))
            .condition_expression(
                "attribute_not_exists(#pk) OR #state IN (:completed, :failed, :rejected)",
            )
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#state", job_item::STATE);
        for name in ENDED {
            delete = delete.expression_attribute_values(format!(":{name}"), text(name));
        }
        built(delete.build())
    }
}

#[async_trait]
impl JobStore for DynamoJobStore {
    async fn accept(&self, job: &Job, account: &Account) -> PortResult<Acceptance> {
        let (actions, claims) = self.claims(job, account)?.into_iter().unzip();
        match self.table.transact(Some(job.id.to_uuid()), actions).await? {
            Transacted::Done => Ok(Acceptance::Stored),
            Transacted::TokenTaken => self.judge_taken(job, None).await,
            Transacted::Refused(verdicts) => self.judge_refused(job, claims, verdicts).await,
        }
    }

    async fn advance(&self, step: &Step) -> PortResult<Advance> {
        if step.releases || step.frees_place() {
            return self.advance_and_release(step).await;
        }
        match self.table.update(self.transition(step)?).await? {
            Written::Done => Ok(Advance::Done),
            Written::Refused(stored) => outcome(step, stored),
        }
    }

    async fn find(&self, id: JobId) -> PortResult<Option<Job>> {
        let found = self.table.get(job_pk(id), job_item::SK).await?;
        Ok(found.as_ref().map(job_item::read).transpose()?)
    }

    async fn cached(&self, account: &AccountId, key: &CacheKey) -> PortResult<Option<CacheEntry>> {
        cache_item::entry(&self.table, account, key).await
    }

    async fn usage(&self, account: &AccountId, period: Period) -> PortResult<Usage> {
        quota::usage(&self.table, account, period).await
    }

    async fn starts(&self, account: &AccountId, minute: Minute) -> PortResult<u32> {
        limits::starts(&self.table, account, minute).await
    }

    /// The index lags behind by some milliseconds: a job that was just accepted
    /// may be missing.
    async fn list(
        &self,
        account: &AccountId,
        before: Option<JobId>,
        limit: u8,
    ) -> PortResult<JobPage> {
        if limit == 0 {
            return Ok(JobPage { jobs: Vec::new(), next_before: None });
        }
        let listed = self.newest(account, before, limit).await?;
        let full = listed.len() >= usize::from(limit);
        let oldest = listed.last().filter(|_| full);
        let next_before = oldest.map(job_item::listed_id).transpose()?;
        let keys: Vec<Item> = listed.iter().map(primary_key).collect();
        let mut jobs = Vec::with_capacity(keys.len());
        for batch in keys.chunks(BATCH) {
            for item in self.read_batch(batch).await? {
                match job_item::read(&item) {
                    Ok(job) => jobs.push(job),
                    // One job that can't be read must not hide the others.
                    Err(fault) => tracing::error!(%fault, "a job could not be listed"),
                }
            }
        }
        jobs.sort_unstable_by_key(|job| std::cmp::Reverse(job.id));
        Ok(JobPage { jobs, next_before })
    }

    async fn remove(&self, job: &Job) -> PortResult<()> {
        let delivery = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(key(job_pk(job.id), delivery_item::SK)));
        let actions = vec![
            delete_action(self.delete_ended(job.id)?),
            delete_action(built(delivery.build())?),
        ];
        match self.table.transact(None, actions).await? {
            Transacted::Done => Ok(()),
            Transacted::Refused(_) | Transacted::TokenTaken => Err(PortError::Busy {
                service: "dynamodb TransactWriteItems",
                cause: format!("job {} has not ended", job.id),
            }),
        }
    }
}

/// What it means that the stored job wasn't at the step's beginning: the step was
/// stored by an earlier call whose reply was lost, or another one came first.
fn outcome(step: &Step, stored: Option<Item>) -> PortResult<Advance> {
    let expected = job_item::standing(&step.job)?;
    let ours = stored.is_some_and(|stored| agrees(&stored, &expected));
    Ok(if ours { Advance::Done } else { Advance::Raced })
}

fn primary_key(item: &Item) -> Item {
    let part = |name: &str| -> Option<(String, AttributeValue)> {
        item.get(name).map(|value| (name.to_owned(), value.clone()))
    };
    [PK, SK].into_iter().filter_map(part).collect::<HashMap<_, _>>()
}

fn delete_action(delete: Delete) -> TransactWriteItem {
    TransactWriteItem::builder().delete(delete).build()
}
