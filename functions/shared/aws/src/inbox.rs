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

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::config::BehaviorVersion;
    use darkroom_core::id::JobId;
    use darkroom_core::message::Message;

    use super::*;

    fn inbox() -> Inbox {
        let config = aws_sdk_sqs::Config::builder().behavior_version(BehaviorVersion::latest());
        let urls = ["https://sqs.example/1/Watchdog", "https://sqs.example/1/CapturesDlq"];
        Inbox::new(Client::from_conf(config.build()), urls.map(str::to_owned).to_vec())
    }

    fn record(id: &str, job: &str, queue: &str) -> SqsMessage {
        let mut record = SqsMessage::default();
        record.message_id = Some(id.to_owned());
        record.receipt_handle = Some(format!("receipt of {id}"));
        record.event_source_arn = Some(format!("arn:aws:sqs:us-east-1:1:{queue}"));
        let account = "acct_00000000000000000000";
        record.body =
            Some(format!(r#"{{"v":1,"kind":"watch","job":"{job}","account":"{account}"}}"#));
        record
    }

    #[tokio::test]
    async fn only_what_is_kept_or_unreadable_comes_back() {
        let mut event = SqsEvent::default();
        event.records = vec![
            record("done", "1", "Watchdog"),
            record("kept", "2", "Watchdog"),
            record("unreadable", "none", "Watchdog"),
            record("foreign", "1", "Elsewhere"),
            record("other queue", "1", "CapturesDlq"),
        ];
        let work = async |envelope: Envelope, message: ReceivedMessage| {
            let elsewhere = message.queue_url.ends_with("CapturesDlq");
            assert_eq!(elsewhere, message.receipt_handle == "receipt of other queue");
            let first = Message::Watch(JobId::parse_decimal("1").unwrap());
            if envelope.message == first { Disposal::Delete } else { Disposal::Keep }
        };
        let response = inbox().work_off(event, work).await;
        let failed: Vec<_> = response
            .batch_item_failures
            .iter()
            .map(|failure| failure.item_identifier.as_str())
            .collect();
        assert_eq!(failed, ["kept", "unreadable", "foreign"]);
        let answer = serde_json::to_string(&response).unwrap();
        assert!(
            answer.starts_with(r#"{"batchItemFailures":[{"itemIdentifier":"kept"}"#),
            "{answer}"
        );
    }
}
