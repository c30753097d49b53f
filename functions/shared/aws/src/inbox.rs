//! A batch of SQS messages lifted over the work on one.

use std::future::Future;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sqs::Client;
use darkroom_core::message::Envelope;
use darkroom_core::port::Disposal;
use futures::future::join_all;

use crate::queue::{ReceivedMessage, decode};

/// The queues that a function is fed by.
#[derive(Clone, Debug)]
pub struct Inbox {
    client: Client,
    queue_urls: Vec<String>,
}

impl Inbox {
    /// An inbox fed by these queues.
    #[must_use]
    pub const fn new(client: Client, queue_urls: Vec<String>) -> Self {
        Self { client, queue_urls }
    }

    /// Does `work` on every message of a batch, all at the same time. The answer
    /// lists the messages that come back; Lambda deletes the others. A message
    /// that can't be read comes back until its queue gives it up to the
    /// dead-letter queue.
    pub async fn work_off<F, W>(&self, event: SqsEvent, work: F) -> SqsBatchResponse
    where
        F: Fn(Envelope, ReceivedMessage) -> W,
        W: Future<Output = Disposal>,
    {
        let work = &work;
        let each = event.records.into_iter().map(|record| async move {
            let id = record.message_id.clone().unwrap_or_default();
            let disposal = match self.open(&record) {
                Some((envelope, message)) => work(envelope, message).await,
                None => Disposal::Keep,
            };
            (disposal == Disposal::Keep).then_some(id)
        });
        let kept = join_all(each).await.into_iter().flatten();
        let failure = |id: String| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        };
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = kept.map(failure).collect();
        response
    }

    fn open(&self, record: &SqsMessage) -> Option<(Envelope, ReceivedMessage)> {
        let envelope = match decode(record.body.as_deref().unwrap_or_default()) {
            Ok(envelope) => envelope,
            Err(error) => {
                let message_id = record.message_id.as_deref();
                tracing::error!(message_id, %error, "a message could not be read");
                return None;
            }
        };
        let message = ReceivedMessage {
            client: self.client.clone(),
            queue_url: self.queue_of(record)?.to_owned(),
            receipt_handle: record.receipt_handle.clone()?,
        };
        Some((envelope, message))
    }

    /// A queue's URL and its ARN end in the same name.
    fn queue_of(&self, record: &SqsMessage) -> Option<&str> {
        let name = record.event_source_arn.as_deref()?.rsplit(':').next()?;
        let url = self.queue_urls.iter().find(|url| url.rsplit('/').next() == Some(name));
        if url.is_none() {
            tracing::error!(queue = name, "a message came from a queue that isn't ours");
        }
        url.map(String::as_str)
    }
}
