//! One webhook, sent as the notifier sends it, and what that took.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;
use bytes::Bytes;
use darkroom_core::address::Reach;
use darkroom_core::artifact::ByteSize;
use darkroom_core::delivery::{
    Answer, Attempt, AttemptOutcome, AttemptVerdict, Delivery, Phase, RetrySchedule, attempt_lease,
    send_by,
};
use darkroom_core::id::{ClaimToken, JobId};
use darkroom_core::port::{ByteStream, Clock, Post, PostBody, WebhookSender};
use darkroom_core::time::Timestamp;
use darkroom_core::url::CallbackUrl;
use darkroom_egress::resolve::Resolve;
use darkroom_egress::sender::HttpSender;
use futures::{StreamExt as _, stream};
use peak_alloc::PeakAlloc;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};

/// The name that is never resolved; every other one is this machine's.
pub(crate) const SILENT_NAME: &str = "silent.test";

/// 2026-11-21T12:00:00Z, when every errand begins.
const BEGIN: Timestamp = Timestamp::from_secs(1_795_262_400);

/// A result comes from the store in such pieces, about.
const PIECE_BYTES: u64 = 64 * 1024;

/// What is to be sent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Errand {
    pub(crate) url: String,
    /// The only certificate authority to trust, if not Mozilla's.
    pub(crate) root: Option<Vec<u8>>,
    pub(crate) body_bytes: u64,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// As the attempt has it.
    pub(crate) took: Duration,
    /// The most live heap during the POST, beyond what was live before it.
    pub(crate) heap_bytes: usize,
    pub(crate) answer_bytes: u64,
    /// As recorded.
    pub(crate) outcome: String,
    /// What the ledger makes of it.
    pub(crate) verdict: String,
}

/// Does the errand that is told on standard input.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(heap: PeakAlloc) -> Result<()> {
    let errand: Errand = serde_json::from_reader(io::stdin())?;
    let report = send(&errand, heap).await?;
    serde_json::to_writer(io::stdout(), &report)?;
    Ok(())
}

async fn send(errand: &Errand, heap: PeakAlloc) -> Result<Report> {
    let reach = Reach::with_loopback_except(Vec::new());
    let clock: Arc<dyn Clock> = Arc::new(SinceBegin(Instant::now()));
    let sender = HttpSender::new(reach.clone(), Arc::clone(&clock))?;
    let mut sender = sender.asking(Box::new(Names));
    if let Some(root) = &errand.root {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_slice(root))?;
        sender = sender.trusting(roots)?;
    }
    let url = CallbackUrl::parse(&errand.url, &reach)?;

    let size = ByteSize::from_bytes(errand.body_bytes);
    let (token, lease) = (ClaimToken::from_random([7; 16]), attempt_lease(size));
    let begun = Delivery::begin(JobId::new(BEGIN, 1), BEGIN);
    let AttemptVerdict::Claim(claimed) = begun.claim(token, clock.now(), lease) else {
        bail!("the first attempt isn't due");
    };

    let before = heap.current_usage();
    heap.reset_peak_usage();
    let post = Post {
        url,
        headers: vec![("content-type".to_owned(), "image/png".to_owned())],
        size,
        body: PostBody::Stream(body(errand.body_bytes)),
        send_by: send_by(clock.now() + lease, size),
    };
    let attempt = sender.post(1, post).await.context("it was too late to send")?;
    let heap_bytes = heap.peak_usage().saturating_sub(before);

    let took = attempt.took;
    let settled = claimed.delivery.settle(token, attempt, &RetrySchedule::seed());
    let delivery = settled.context("the attempt isn't ours")?.delivery;
    let recorded = delivery.attempts.last().context("the attempt isn't recorded")?;
    Ok(Report {
        took,
        heap_bytes,
        answer_bytes: sender.answer_bytes_read(),
        outcome: outcome(recorded),
        verdict: verdict(recorded, &delivery.phase),
    })
}

/// Pieces that are made as they are asked for.
fn body(bytes: u64) -> ByteStream {
    let mut left = bytes;
    let pieces = std::iter::from_fn(move || {
        let length = left.min(PIECE_BYTES);
        left -= length;
        let length = usize::try_from(length).ok().filter(|&length| length > 0)?;
        Some(Ok(Bytes::from(vec![7; length])))
    });
    stream::iter(pieces).boxed()
}

fn outcome(attempt: &Attempt) -> String {
    let Answer { status, retry_after, location, .. } = match &attempt.outcome {
        AttemptOutcome::Answered(answer) => answer,
        AttemptOutcome::Unanswered { class, .. } => return class.name().to_owned(),
    };
    let mut text = status.to_string();
    if let Some(wish) = retry_after {
        text.push_str(&format!(", wants {}", seconds(*wish)));
    }
    if let Some(location) = location {
        text.push_str(&format!(", to {location}"));
    }
    text
}

fn verdict(attempt: &Attempt, phase: &Phase) -> String {
    match phase {
        Phase::Delivered { .. } => "delivered".to_owned(),
        Phase::Refused { .. } => "refused".to_owned(),
        Phase::Abandoned { .. } => "abandoned".to_owned(),
        Phase::Claimed { .. } => "claimed".to_owned(),
        Phase::Due { at, .. } => {
            let delay = at.since(attempt.at + attempt.took);
            format!("again after {}", seconds(delay))
        }
    }
}

/// To the nearest: what a date says of a span has lost a few milliseconds.
fn seconds(span: Duration) -> String {
    format!("{:.0} s", span.as_secs_f64())
}

/// Begins when it is made, at the same time always.
struct SinceBegin(Instant);

#[async_trait]
impl Clock for SinceBegin {
    fn now(&self) -> Timestamp {
        BEGIN + self.0.elapsed()
    }

    async fn rest(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

#[derive(Debug)]
struct Names;

#[async_trait]
impl Resolve for Names {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        if name == SILENT_NAME {
            return std::future::pending().await;
        }
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}
