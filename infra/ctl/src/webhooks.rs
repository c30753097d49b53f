//! `darkroom job retry` and `retry-failed`: webhooks once more, by hand; `darkroom webhook test`.

use anyhow::{Context as _, Error, Result, anyhow};
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::ledger::DynamoLedger;
use darkroom_aws::machine::{SystemClock, SystemEntropy};
use darkroom_aws::queue::{QueueUrls, SqsQueue};
use darkroom_core::address::Reach;
use darkroom_core::id::{AccountId, JobId, TraceId};
use darkroom_core::job::Dialect;
use darkroom_core::port::{Entropy as _, JobStore as _};
use darkroom_core::time::Timestamp;
use darkroom_core::url::CallbackUrl;
use darkroom_dialects::{Refusal, Span};
use darkroom_flows::deliveries::{self, DeliveriesPorts};
use darkroom_flows::submit::{Asking, SubmitPorts, submit};
use serde_json::json;

use crate::cli::Words;
use crate::deployment::Deployment;
use crate::output::Answer;

/// The services that a retry needs.
struct Services {
    jobs: DynamoJobStore,
    ledger: DynamoLedger,
    artifacts: S3ArtifactStore,
    queue: SqsQueue,
}

impl Services {
    fn of(deployment: &Deployment) -> Result<Self> {
        let (stack, clients) = (&deployment.stack, &deployment.clients);
        let urls = QueueUrls {
            captures: Some(stack.output("CapturesQueueUrl")?.to_owned()),
            results: Some(stack.output("ResultsQueueUrl")?.to_owned()),
            watchdog: Some(stack.output("WatchdogQueueUrl")?.to_owned()),
        };
        Ok(Self {
            jobs: DynamoJobStore::new(deployment.table.clone()),
            ledger: DynamoLedger::new(deployment.table.clone()),
            artifacts: S3ArtifactStore::new(clients.s3.clone(), stack.output("BucketName")?),
            queue: SqsQueue::new(clients.sqs.clone(), urls),
        })
    }

    fn ports(&self) -> DeliveriesPorts<'_> {
        let Self { jobs, ledger, artifacts, queue } = self;
        DeliveriesPorts { jobs, ledger, artifacts, queue, clock: &SystemClock }
    }

    fn submit_ports(&self) -> SubmitPorts<'_> {
        let Self { jobs, artifacts, queue, .. } = self;
        SubmitPorts { jobs, artifacts, queue, clock: &SystemClock, entropy: &SystemEntropy }
    }
}

pub(crate) async fn retry(deployment: &Deployment, id: JobId) -> Result<Answer> {
    let services = Services::of(deployment)?;
    let job = services.jobs.find(id).await?.with_context(|| format!("there is no job {id}"))?;
    let again = deliveries::again(services.ports(), &job.order.account, id).await;
    let (_, delivery) = again.map_err(fault)?;
    let (number, webhook) = (delivery.number(), delivery.id());
    Ok(Answer {
        json: json!({ "job": id.to_string(), "webhook": webhook.as_str(), "attempt": number }),
        text: format!("attempt {number} of {webhook} is being made; see: darkroom job show {id}\n"),
    })
}

pub(crate) async fn test(
    deployment: &Deployment,
    account: &AccountId,
    url: &str,
    dialect: Words,
) -> Result<Answer> {
    let account = deployment.accounts().live(account).await?.account;
    // The notifier, which knows the deployment's rules, judges loopback.
    let reach = Reach::with_loopback_except(Vec::new());
    let url = CallbackUrl::parse(url, &reach).map_err(|fault| anyhow!("the URL {fault}"))?;
    let dialect = match dialect {
        Words::Nodium => Dialect::Nodium,
        Words::ScreenNabster => Dialect::ScreenNabster,
    };
    let services = Services::of(deployment)?;
    let submission = darkroom_dialects::test_event(dialect, url);
    let trace = TraceId::from_random(SystemEntropy.draw());
    let public_origin = deployment.stack.output("Origin")?.trim_end_matches('/');
    let asking = Asking { account: &account, submission: &submission, trace, public_origin };
    let job = submit(services.submit_ports(), asking).await.map_err(fault)?;
    let id = job.id.to_string();
    let text = format!("job {id} is captured and announced; see: darkroom job show {id}\n");
    Ok(Answer { json: json!({ "job": id }), text })
}

pub(crate) async fn retry_failed(
    deployment: &Deployment,
    account: &AccountId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Answer> {
    let services = Services::of(deployment)?;
    let mut span = Span { from, to, before: None };
    let mut sent = Vec::new();
    loop {
        let again = deliveries::failed_again(services.ports(), account, span).await;
        let again = again.map_err(|refusal| {
            fault(refusal).context(format!("{} webhooks are sent again", sent.len()))
        })?;
        sent.extend(again.sent);
        if again.next_before.is_none() {
            break;
        }
        span.before = again.next_before;
    }
    let jobs: Vec<_> = sent.iter().map(ToString::to_string).collect();
    let mut text = format!("{} webhooks are sent again\n", jobs.len());
    for job in &jobs {
        text.push_str(job);
        text.push('\n');
    }
    Ok(Answer { json: json!({ "account": account.as_str(), "jobs": jobs }), text })
}

fn fault(refusal: Refusal) -> Error {
    match refusal {
        Refusal::NoWebhook => anyhow!(
            "the job has no webhook: it has no callback, hasn't ended, or failed without failures being asked for"
        ),
        Refusal::StillDelivering => {
            anyhow!("the webhook is still being delivered; `darkroom job show` tells its attempts")
        }
        Refusal::Gone => anyhow!("the result is no longer stored"),
        Refusal::QuotaUsedUp { .. } => {
            anyhow!(
                "the account's quota of this month is used up; raise it with `darkroom quota set`"
            )
        }
        Refusal::TooManyStarts { .. } | Refusal::TooManyAtOnce { .. } => {
            anyhow!("the account's limits leave no room just now; try again in a minute")
        }
        Refusal::NotFound => anyhow!("the job was rejected: its client never got its id"),
        other => anyhow!("a service did not do its part ({other:?}); try again"),
    }
}
