//! Between a batch of results and the flow that announces one.

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_aws::clients::Clients;
use darkroom_aws::inbox::Inbox;
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::ledger::DynamoLedger;
use darkroom_aws::machine::{SystemClock, SystemEntropy};
use darkroom_aws::signing_keyring::DynamoSigningKeyring;
use darkroom_aws::table::Table;
use darkroom_egress::webhook_sender::HttpWebhookSender;
use darkroom_flows::deliver::{DeliverPorts, deliver};
use lambda_runtime::Error;

use crate::config::Config;

/// Everything that a batch needs, made once at cold start.
#[derive(Debug)]
pub(crate) struct Door {
    inbox: Inbox,
    jobs: DynamoJobStore,
    ledger: DynamoLedger,
    artifacts: S3ArtifactStore,
    keyring: DynamoSigningKeyring,
    sender: HttpWebhookSender,
}

impl Door {
    pub(crate) async fn open(config: Config) -> Result<Self, Error> {
        let clients = Clients::from_environment().await;
        let table = Table::new(clients.dynamodb, config.table);
        Ok(Self {
            inbox: Inbox::new(clients.sqs, vec![config.results_queue]),
            jobs: DynamoJobStore::new(table.clone()),
            ledger: DynamoLedger::new(table.clone()),
            artifacts: S3ArtifactStore::new(clients.s3, config.bucket),
            keyring: DynamoSigningKeyring::new(table),
            sender: HttpWebhookSender::new(config.reach, Arc::new(SystemClock))?,
        })
    }

    pub(crate) async fn work_off(&self, event: SqsEvent) -> SqsBatchResponse {
        let ports = DeliverPorts {
            jobs: &self.jobs,
            ledger: &self.ledger,
            artifacts: &self.artifacts,
            keyring: &self.keyring,
            sender: &self.sender,
            clock: &SystemClock,
            entropy: &SystemEntropy,
        };
        let work = |envelope: darkroom_core::message::Envelope, message| async move {
            deliver(ports, envelope.message.job(), &message).await
        };
        self.inbox.work_off(event, work).await
    }
}
