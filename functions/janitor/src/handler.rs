//! Between a batch of watchdogs or dead letters and the flows that deal with one.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_aws::clients::Clients;
use darkroom_aws::inbox::Inbox;
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::ledger::DynamoLedger;
use darkroom_aws::machine::{SystemClock, SystemEntropy};
use darkroom_aws::queue::{QueueUrls, SqsQueue};
use darkroom_aws::table::Table;
use darkroom_core::message::{Envelope, Message};
use darkroom_flows::follow::{FollowPorts, follow, revive};
use lambda_runtime::Error;

use crate::config::Config;

/// Everything that a batch needs, made once at cold start.
#[derive(Debug)]
pub(crate) struct Door {
    inbox: Inbox,
    jobs: DynamoJobStore,
    ledger: DynamoLedger,
    artifacts: S3ArtifactStore,
    queue: SqsQueue,
}

impl Door {
    pub(crate) async fn open(config: Config) -> Result<Self, Error> {
        let clients = Clients::from_environment().await;
        let table = Table::new(clients.dynamodb, config.table);
        let queues = QueueUrls {
            captures: Some(config.captures_queue),
            results: Some(config.results_queue),
            watchdog: Some(config.watchdog_queue.clone()),
        };
        let inbox = vec![config.watchdog_queue, config.captures_dead_letters];
        Ok(Self {
            inbox: Inbox::new(clients.sqs.clone(), inbox),
            jobs: DynamoJobStore::new(table.clone()),
            ledger: DynamoLedger::new(table),
            artifacts: S3ArtifactStore::new(clients.s3, config.bucket),
            queue: SqsQueue::new(clients.sqs, queues),
        })
    }

    pub(crate) async fn work_off(&self, event: SqsEvent) -> SqsBatchResponse {
        let ports = FollowPorts {
            jobs: &self.jobs,
            ledger: &self.ledger,
            artifacts: &self.artifacts,
            queue: &self.queue,
            clock: &SystemClock,
            entropy: &SystemEntropy,
        };
        let work = |envelope: Envelope, message| async move {
            match envelope.message {
                Message::Capture(job) => revive(ports, job, &message).await,
                Message::Watch(job) | Message::Result(job) => follow(ports, job, &message).await,
            }
        };
        self.inbox.work_off(event, work).await
    }
}
