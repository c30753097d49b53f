//! A receiver that answers what it is told to, and remembers every POST.

use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use darkroom_core::delivery::{Answer, Attempt, AttemptOutcome, PostFault};
use darkroom_core::port::{Post, PostBody, WebhookSender};
use darkroom_core::time::Timestamp;
use futures::TryStreamExt as _;

use crate::world::World;

/// How long a simulated receiver thinks.
const THINKS: Duration = Duration::from_millis(40);

/// What the receiver does with one POST.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    /// Answers with this status.
    Status(u16),
    /// Answers with 503 and a `Retry-After`.
    Later {
        /// Its value.
        seconds: u64,
    },
    /// Takes the POST and never answers.
    Hangs,
    /// Can't be connected to.
    Unreachable,
}

/// A POST as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// When.
    pub at: Timestamp,
    /// The attempt's number.
    pub number: u8,
    /// Where it was posted to.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

#[async_trait]
impl WebhookSender for World {
    async fn post(&self, number: u8, post: Post) -> Option<Attempt> {
        let url = post.url.as_str().to_owned();
        let headers = post.headers;
        let body = match post.body {
            PostBody::Bytes(bytes) => bytes.to_vec(),
            PostBody::Stream(stream) => {
                let whole = stream.try_collect::<BytesMut>().await;
                whole.map(|bytes| bytes.to_vec()).unwrap_or_default()
            }
        };
        let began = self.with(|state| state.now);
        let reply = self.call_once("receiver", |state| {
            let at = state.now;
            if at >= post.send_by {
                return None;
            }
            let own = state.replies_of.get(&url).copied();
            let reply =
                own.unwrap_or_else(|| state.replies.pop_front().unwrap_or(state.every_reply));
            state.received.push(Received { at, number, url, headers, body });
            Some(reply)
        });
        let reply = reply.await.transpose()?;
        self.spend(match reply {
            Ok(Reply::Hangs) => Duration::from_secs(30),
            Ok(Reply::Unreachable) => Duration::from_secs(5),
            Ok(Reply::Status(_) | Reply::Later { .. }) | Err(_) => THINKS,
        })
        .await;
        let outcome = match reply {
            Ok(Reply::Status(status)) => answered(status, None),
            Ok(Reply::Later { seconds }) => answered(503, Some(Duration::from_secs(seconds))),
            Ok(Reply::Hangs) => unanswered(PostFault::Timeout),
            Ok(Reply::Unreachable) => unanswered(PostFault::Connect),
            Err(_injected) => unanswered(PostFault::Broken),
        };
        let took = self.with(|state| state.now.since(began));
        Some(Attempt { number, at: began, took, address: None, outcome })
    }
}

fn answered(status: u16, retry_after: Option<Duration>) -> AttemptOutcome {
    let (body_head, location) = (String::new(), None);
    AttemptOutcome::Answered(Answer { status, body_head, retry_after, location })
}

fn unanswered(class: PostFault) -> AttemptOutcome {
    AttemptOutcome::Unanswered { class, detail: class.name().to_owned() }
}

impl World {
    /// The receiver answers the next POSTs with these statuses.
    pub fn next_answers(&self, statuses: &[u16]) {
        let replies = statuses.iter().copied().map(Reply::Status);
        self.with(|state| state.replies.extend(replies));
    }

    /// The receiver answers every other POST with this status.
    pub fn always_answers(&self, status: u16) {
        self.with(|state| state.every_reply = Reply::Status(status));
    }

    /// The receiver never answers.
    pub fn never_answers(&self) {
        self.with(|state| state.every_reply = Reply::Hangs);
    }

    /// The receiver at this address does the same with every POST.
    pub fn receiver_replies(&self, url: &str, reply: Reply) {
        self.with(|state| state.replies_of.insert(url.to_owned(), reply));
    }

    /// Every POST that arrived.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.with(|state| state.received.clone())
    }
}
