//! Between a batch of captures, or a call for one, and the flow that takes one.

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_aws::clients::Clients;
use darkroom_aws::customer_buckets::RoleBuckets;
use darkroom_aws::inbox::Inbox;
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::links::S3Links;
use darkroom_aws::machine::{SystemClock, SystemEntropy};
use darkroom_aws::queue::{QueueUrls, SqsQueue};
use darkroom_aws::renderer::RenderNow;
use darkroom_aws::table::Table;
use darkroom_chromium::{ChromiumCamera, ChromiumConfig};
use darkroom_core::message::Envelope;
use darkroom_egress::sender::HttpSender;
use darkroom_flows::capture::{CapturePorts, capture, capture_now};
use lambda_runtime::{Error, tracing};
use serde::Deserialize;

use crate::config::Config;

/// What this function is called with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Event {
    /// A job whose client waits.
    Now(RenderNow),
    /// Messages of the captures queue.
    Batch(SqsEvent),
}

/// Everything that a capture needs, made once at cold start; Chromium starts
/// while Lambda initialises the function.
#[derive(Debug)]
pub(crate) struct Door {
    inbox: Inbox,
    jobs: DynamoJobStore,
    artifacts: S3ArtifactStore,
    links: S3Links,
    uploader: HttpSender,
    buckets: RoleBuckets,
    queue: SqsQueue,
    camera: ChromiumCamera,
}

impl Door {
    pub(crate) async fn open(config: Config) -> Result<Self, Error> {
        let uploader = HttpSender::new(config.reach.clone(), Arc::new(SystemClock))?;
        let chromium = ChromiumConfig {
            path: config.chromium,
            reach: config.reach,
            memory_mib: config.memory_mib,
            at_once: config.captures_at_once,
        };
        let (clients, camera) =
            tokio::join!(Clients::from_environment(), ChromiumCamera::start(chromium));
        let table = Table::new(clients.dynamodb, config.table);
        let results = Some(config.results_queue);
        let queues = QueueUrls { results, ..QueueUrls::default() };
        Ok(Self {
            inbox: Inbox::new(clients.sqs.clone(), vec![config.captures_queue]),
            jobs: DynamoJobStore::new(table),
            artifacts: S3ArtifactStore::new(clients.s3.clone(), config.bucket),
            uploader,
            buckets: RoleBuckets::new(&clients.sts, &clients.s3),
            links: S3Links::new(clients.s3, clients.secrets_manager, config.links),
            queue: SqsQueue::new(clients.sqs, queues),
            camera: camera?,
        })
    }

    pub(crate) async fn work_off(&self, event: Event) -> SqsBatchResponse {
        let ports = CapturePorts {
            jobs: &self.jobs,
            artifacts: &self.artifacts,
            links: &self.links,
            uploader: &self.uploader,
            buckets: &self.buckets,
            queue: &self.queue,
            camera: &self.camera,
            clock: &SystemClock,
            entropy: &SystemEntropy,
        };
        let work = |envelope: Envelope, message| async move {
            capture(ports, envelope.message.job(), &message).await
        };
        match event {
            Event::Batch(batch) => self.inbox.work_off(batch, work).await,
            Event::Now(call) => {
                match call.job() {
                    Some(job) => capture_now(ports, job).await,
                    None => tracing::error!("a call names no job"),
                }
                SqsBatchResponse::default()
            }
        }
    }
}
