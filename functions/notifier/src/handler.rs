//! Between a batch of results and the flow that announces one.

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_aws::circuits::DynamoCircuits;
use darkroom_aws::clients::Clients;
use darkroom_aws::inbox::Inbox;
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::ledger::DynamoLedger;
use darkroom_aws::machine::{SystemClock, SystemEntropy};
use darkroom_aws::queue::{QueueUrls, SqsQueue};
use darkroom_aws::signing_keyring::DynamoSigningKeyring;
use darkroom_aws::table::Table;
use darkroom_egress::sender::HttpSender;
use darkroom_flows::deliver::{DeliverPorts, deliver};
use lambda_runtime::Error;

use crate::config::Config;

/// Everything that a batch needs, made once at cold start.
#[derive(Debug)]
pub(crate) struct Door {
    inbox: Inbox,
    jobs: DynamoJobStore,
    ledger: DynamoLedger,
    circuits: DynamoCircuits,
    artifacts: S3ArtifactStore,
    keyring: DynamoSigningKeyring,
    sender: HttpSender,
    queue: SqsQueue,
}

impl Door {
    pub(crate) async fn open(config: Config) -> Result<Self, Error> {
        let clients = Clients::from_environment().await;
        let table = Table::new(clients.dynamodb, config.table);
        let queues =
            QueueUrls { results: Some(config.results_queue.clone()), ..QueueUrls::default() };
        Ok(Self {
            queue: SqsQueue::new(clients.sqs.clone(), queues),
            inbox: Inbox::new(clients.sqs, vec![config.results_queue]),
            jobs: DynamoJobStore::new(table.clone()),
            ledger: DynamoLedger::new(table.clone()),
            circuits: DynamoCircuits::new(table.clone()),
            artifacts: S3ArtifactStore::new(clients.s3, config.bucket),
            keyring: DynamoSigningKeyring::new(table),
            sender: HttpSender::new(config.reach, Arc::new(SystemClock))?,
        })
    }

    pub(crate) async fn work_off(&self, event: SqsEvent) -> SqsBatchResponse {
        let ports = DeliverPorts {
            jobs: &self.jobs,
            ledger: &self.ledger,
            circuits: &self.circuits,
            artifacts: &self.artifacts,
            keyring: &self.keyring,
            sender: &self.sender,
            queue: &self.queue,
            clock: &SystemClock,
            entropy: &SystemEntropy,
        };
        let work = |envelope: darkroom_core::message::Envelope, message| async move {
            deliver(ports, envelope.message.job(), &message).await
        };
        self.inbox.work_off(event, work).await
    }
}
