//! The three queues, and the message that a flow is working on.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityError;
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::message::{Envelope, Message};
use darkroom_core::port::{InFlight, PortError, PortResult, Queue};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::fault::port_error;

const SEND: &str = "sqs SendMessage";

/// The longest delay and the longest visibility timeout that SQS knows, in
/// seconds («Amazon SQS message quotas»).
const MAX_DELAY_S: u64 = 900;
const MAX_HIDDEN_S: u64 = 43_200;

/// The layout of bodies that is written and read.
const LAYOUT: u32 = 1;

/// Where the queues are. A function has only those that it sends to.
#[derive(Clone, Default, Debug)]
pub struct QueueUrls {
    /// For captures.
    pub captures: Option<String>,
    /// For ended jobs that are to be announced.
    pub results: Option<String>,
    /// For the messages that follow jobs.
    pub watchdog: Option<String>,
}

/// Sends to the queues.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
    urls: QueueUrls,
}

impl SqsQueue {
    /// A sender to these queues.
    #[must_use]
    pub const fn new(client: Client, urls: QueueUrls) -> Self {
        Self { client, urls }
    }

    fn url_for(&self, message: &Message) -> PortResult<&str> {
        let (url, name) = match message {
            Message::Capture(_) => (&self.urls.captures, "captures"),
            Message::Result(_) => (&self.urls.results, "results"),
            Message::Watch(_) => (&self.urls.watchdog, "watchdog"),
        };
        url.as_deref().ok_or_else(|| PortError::Unavailable {
            service: SEND,
            cause: format!("this function was given no URL of the {name} queue"),
        })
    }
}

#[async_trait]
impl Queue for SqsQueue {
    /// The delay is rounded up to whole seconds; beyond 900 s it is 900 s.
    async fn send(&self, envelope: &Envelope, delay: Duration) -> PortResult<()> {
        let body = encode(envelope)
            .map_err(|fault| PortError::Unavailable { service: SEND, cause: fault.to_string() })?;
        self.client
            .send_message()
            .queue_url(self.url_for(&envelope.message)?)
            .message_body(body)
            .message_group_id(envelope.account.as_str())
            .delay_seconds(whole_seconds(delay, MAX_DELAY_S))
            .send()
            .await
            .map(drop)
            .map_err(|error| port_error(SEND, error))
    }
}

/// A message that was received and not yet deleted.
#[derive(Clone, Debug)]
pub struct ReceivedMessage {
    /// The client to reach its queue with.
    pub client: Client,
    /// Its queue.
    pub queue_url: String,
    /// This receipt of it.
    pub receipt_handle: String,
}

#[async_trait]
impl InFlight for ReceivedMessage {
    async fn hide(&self, span: Duration) -> PortResult<()> {
        let changed = self
            .client
            .change_message_visibility()
            .queue_url(&self.queue_url)
            .receipt_handle(&self.receipt_handle)
            .visibility_timeout(whole_seconds(span, MAX_HIDDEN_S))
            .send()
            .await;
        match changed {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(
                    ChangeMessageVisibilityError::MessageNotInflight(_)
                    | ChangeMessageVisibilityError::ReceiptHandleIsInvalid(_),
                ) => Ok(()),
                _ => Err(port_error("sqs ChangeMessageVisibility", error)),
            },
        }
    }
}

/// Why a body isn't one of ours.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Undecodable {
    /// It isn't JSON of our form.
    #[error("the body is no message of Darkroom's: {0}")]
    Malformed(String),
    /// A newer version wrote it.
    #[error("the body's layout is {0}, this version reads 1")]
    Layout(u32),
    /// An id in it isn't one.
    #[error("the body's {0} isn't an id")]
    Id(&'static str),
}

#[derive(Serialize, Deserialize)]
struct Body {
    v: u32,
    kind: Kind,
    job: String,
    account: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Capture,
    Result,
    Watch,
}

/// Reads the body of a received message.
///
/// # Errors
///
/// Every [`Undecodable`]: none of them heals by receiving the message again.
pub fn decode(body: &str) -> Result<Envelope, Undecodable> {
    let body: Body =
        serde_json::from_str(body).map_err(|fault| Undecodable::Malformed(fault.to_string()))?;
    if body.v != LAYOUT {
        return Err(Undecodable::Layout(body.v));
    }
    let job = JobId::parse_decimal(&body.job).ok_or(Undecodable::Id("job"))?;
    let account = AccountId::parse(&body.account).ok_or(Undecodable::Id("account"))?;
    let message = match body.kind {
        Kind::Capture => Message::Capture(job),
        Kind::Result => Message::Result(job),
        Kind::Watch => Message::Watch(job),
    };
    Ok(Envelope { message, account })
}

fn encode(envelope: &Envelope) -> Result<String, serde_json::Error> {
    let kind = match envelope.message {
        Message::Capture(_) => Kind::Capture,
        Message::Result(_) => Kind::Result,
        Message::Watch(_) => Kind::Watch,
    };
    serde_json::to_string(&Body {
        v: LAYOUT,
        kind,
        job: envelope.message.job().to_string(),
        account: envelope.account.to_string(),
    })
}

/// Whole seconds, rounded up, `max` at most.
fn whole_seconds(span: Duration, max: u64) -> i32 {
    let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    i32::try_from(seconds.min(max)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountId {
        AccountId::from_random([3; 10])
    }

    #[test]
    fn a_body_is_read_as_it_was_written() {
        let job = JobId::parse_decimal("8472910").unwrap();
        let cases = [
            (Message::Capture(job), "capture"),
            (Message::Result(job), "result"),
            (Message::Watch(job), "watch"),
        ];
        for (message, kind) in cases {
            let envelope = Envelope { message, account: account() };
            let body = encode(&envelope).unwrap();
            let expected =
                format!(r#"{{"v":1,"kind":"{kind}","job":"8472910","account":"{}"}}"#, account());
            assert_eq!(body, expected);
            assert_eq!(decode(&body), Ok(envelope));
        }
    }

    #[test]
    fn a_foreign_body_is_refused() {
        let cases = [
            ("", "the body is no message"),
            ("{}", "the body is no message"),
            (r#"{"v":2,"kind":"watch","job":"1","account":"a"}"#, "the body's layout is 2"),
            (r#"{"v":1,"kind":"watch","job":"-1","account":"a"}"#, "the body's job"),
            (r#"{"v":1,"kind":"watch","job":"1","account":"a"}"#, "the body's account"),
        ];
        for (body, expected) in cases {
            let fault = decode(body).unwrap_err().to_string();
            assert!(fault.starts_with(expected), "{fault}");
        }
    }

    #[test]
    fn seconds_are_rounded_up_to_the_limit() {
        let cases = [(0, 0), (1, 1), (1_000, 1), (1_001, 2), (9_999_999, 900)];
        for (ms, expected) in cases {
            assert_eq!(whole_seconds(Duration::from_millis(ms), MAX_DELAY_S), expected);
        }
    }
}
