//! Announcing one ended job: claim an attempt in the ledger, sign, post, record,
//! and let the message come back when the next attempt is due.
//!
//! Where the receiver's circuit is open, the attempt is postponed instead.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use darkroom_core::artifact::{Artifact, ByteSize};
use darkroom_core::circuit::{Circuit, Health, Receiver};
use darkroom_core::delivery::{
    Attempt, AttemptOutcome, AttemptVerdict, Delivery, DeliveryStep, Phase, PostFault,
    RetrySchedule, attempt_lease, send_by,
};
use darkroom_core::id::{ClaimToken, JobId};
use darkroom_core::job::{Callback, Job, JobState};
use darkroom_core::port::{
    Advance, ArtifactStore, Circuits, Clock, Disposal, Entropy, InFlight, JobStore, Ledger,
    OpenArtifact, PortError, PortResult, Post, PostBody, Queue, SigningKeyring, WebhookSender,
};
use darkroom_core::signature::{Signatures, Signing};
use darkroom_core::time::Timestamp;
use darkroom_dialects::{WebhookBody, signature_headers, webhook};
use futures::TryStreamExt as _;

use crate::mail::{AFTER_FAULT, hide, rest, rest_after};
use crate::postpone::{Permit, PostponePorts, permit, postpone, report, wait};

/// The largest result that is read once and kept; larger ones are read twice,
/// to sign and to send, so that memory stays flat.
const READ_ONCE: ByteSize = ByteSize::from_mib(8);

/// How long reading and signing a result may take: with the connection's five
/// seconds it must fit into what the lease runs beyond the POST.
const MAX_READING: Duration = Duration::from_secs(9);

/// The ports of the notifier.
#[derive(Clone, Copy)]
pub struct DeliverPorts<'a> {
    /// Where jobs are read.
    pub jobs: &'a dyn JobStore,
    /// Counts attempts.
    pub ledger: &'a dyn Ledger,
    /// Knows which receivers fail again and again.
    pub circuits: &'a dyn Circuits,
    /// Holds the results.
    pub artifacts: &'a dyn ArtifactStore,
    /// Holds the signing keys.
    pub keyring: &'a dyn SigningKeyring,
    /// Posts.
    pub sender: &'a dyn WebhookSender,
    /// Where what is postponed waits.
    pub queue: &'a dyn Queue,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Draws claim tokens.
    pub entropy: &'a dyn Entropy,
}

impl std::fmt::Debug for DeliverPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeliverPorts")
    }
}

impl<'a> From<DeliverPorts<'a>> for PostponePorts<'a> {
    fn from(ports: DeliverPorts<'a>) -> Self {
        let DeliverPorts { circuits, ledger, queue, clock, entropy, .. } = ports;
        Self { circuits, ledger, queue, clock, entropy }
    }
}

/// Works on one message of the results queue. It never fails: a fault of ours
/// leaves the message to come back.
pub async fn deliver(ports: DeliverPorts<'_>, id: JobId, message: &dyn InFlight) -> Disposal {
    match try_deliver(ports, id, message).await {
        Ok(disposal) => disposal,
        Err(error) => {
            tracing::error!(job.id = %id, %error, "a delivery was interrupted");
            rest_after(&error, message, AFTER_FAULT).await
        }
    }
}

async fn try_deliver(
    ports: DeliverPorts<'_>,
    id: JobId,
    message: &dyn InFlight,
) -> PortResult<Disposal> {
    let Some(job) = ports.jobs.find(id).await? else {
        return Ok(Disposal::Delete);
    };
    let Some(callback) = job.announcement() else {
        return Ok(Disposal::Delete);
    };
    let now = ports.clock.now();
    let stored = ports.ledger.find(id).await?;
    let delivery = stored.unwrap_or_else(|| Delivery::begin(id, now));
    let token = ClaimToken::from_random(ports.entropy.draw());
    match delivery.clone().claim(token, now, attempt_lease(body_size(&job))) {
        AttemptVerdict::Over => Ok(Disposal::Delete),
        AttemptVerdict::NotBefore(at) if delivery.postponed_since.is_some() => {
            Ok(wait(ports.into(), &job, at.since(now), message).await)
        }
        AttemptVerdict::NotBefore(at) => Ok(rest(message, at.since(now)).await),
        AttemptVerdict::Claim(claim) => {
            let receiver = Receiver::of(&job.order.account, &callback.url);
            match permit(ports.into(), receiver, &delivery, token).await {
                Permit::NotBefore(until) => {
                    postpone(ports.into(), &job, delivery, until, message).await
                }
                Permit::Now(circuit) => {
                    let due = DueAttempt { job: &job, callback, circuit, claim, token };
                    make_attempt(ports, &due, message).await
                }
            }
        }
    }
}

/// An attempt that may be made.
struct DueAttempt<'a> {
    job: &'a Job,
    callback: &'a Callback,
    circuit: Circuit,
    claim: DeliveryStep,
    token: ClaimToken,
}

async fn make_attempt(
    ports: DeliverPorts<'_>,
    due: &DueAttempt<'_>,
    message: &dyn InFlight,
) -> PortResult<Disposal> {
    let DueAttempt { job, callback, circuit, claim, token } = due;
    // Before the claim, for the same reason as in `capture`.
    hide(message, attempt_lease(body_size(job))).await;
    if ports.ledger.advance(claim).await? == Advance::Raced {
        return Ok(rest(message, AFTER_FAULT).await);
    }
    let delivery = claim.delivery.clone();
    let Phase::Claimed { lease_until, .. } = delivery.phase else {
        return Ok(Disposal::Keep);
    };
    let Some(attempt) = post(ports, job, callback, &delivery, lease_until).await? else {
        // Held up for so long that another notifier may be making it: it is theirs.
        report(ports.into(), circuit, delivery.sequel, None).await;
        return Ok(rest(message, lease_until.since(ports.clock.now())).await);
    };
    log(job, callback, &attempt);
    let (sequel, health) = (delivery.sequel, Health::of(&attempt.outcome));
    let Some(step) = delivery.settle(*token, attempt, &RetrySchedule::seed()) else {
        return Ok(rest(message, AFTER_FAULT).await);
    };
    let advance = ports.ledger.advance(&step).await?;
    report(ports.into(), circuit, sequel, health).await;
    match (advance, &step.delivery.phase) {
        (Advance::Raced, _) => Ok(rest(message, AFTER_FAULT).await),
        (Advance::Done, Phase::Due { at, .. } | Phase::Claimed { lease_until: at, .. }) => {
            Ok(rest(message, at.since(ports.clock.now())).await)
        }
        (
            Advance::Done,
            Phase::Delivered { .. } | Phase::Abandoned { .. } | Phase::Refused { .. },
        ) => Ok(Disposal::Delete),
    }
}

fn log(job: &Job, callback: &Callback, attempt: &Attempt) {
    let (status, fault) = match &attempt.outcome {
        AttemptOutcome::Answered(answer) => (Some(answer.status), None),
        AttemptOutcome::Unanswered { class, .. } => (None, Some(class.name())),
    };
    let duration_ms = u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(job.id = %job.id, trace.id = %job.order.trace, account.id = %job.order.account,
        attempt = attempt.number, status, fault, duration_ms, callback = callback.url.for_log(),
        "a webhook was posted");
}

/// How large the body of a job's webhook may be, which decides how long the
/// attempt may take.
fn body_size(job: &Job) -> ByteSize {
    match &job.state {
        JobState::Completed { artifact, .. } => artifact.size,
        JobState::Accepted
        | JobState::Queued
        | JobState::Rendering(_)
        | JobState::Rejected { .. }
        | JobState::Failed { .. } => ByteSize::from_bytes(0),
    }
}

/// None if it was too late to send anything.
async fn post(
    ports: DeliverPorts<'_>,
    job: &Job,
    callback: &Callback,
    delivery: &Delivery,
    lease_until: Timestamp,
) -> PortResult<Option<Attempt>> {
    let number = delivery.number();
    let now = ports.clock.now();
    let Some(keys) = ports.keyring.signing_keys(&job.order.account).await? else {
        let cause = format!("{} has no signing keys", job.order.account);
        return Err(PortError::Corrupt { service: "signing keys", cause });
    };
    let Some(webhook) = webhook(job, None) else {
        return Ok(Some(unsent(number, now, ports.clock, "the job has nothing to announce")));
    };
    let signing = Signing::begin(&keys, &delivery.id(), now);
    let body = match (webhook.body, &job.state) {
        (WebhookBody::Json(json), _) => Some(sign_bytes(json, signing)),
        (WebhookBody::Artifact, JobState::Completed { artifact, .. }) => {
            sign_artifact(ports.artifacts, artifact, signing).await?
        }
        (WebhookBody::Artifact, _) => None,
    };
    let Some(body) = body else {
        return Ok(Some(unsent(number, now, ports.clock, "the result is no longer stored")));
    };
    if ports.clock.now().since(now) > MAX_READING {
        return Ok(Some(unsent(number, now, ports.clock, "reading the result took too long")));
    }
    let mut headers = webhook.headers;
    headers.extend(signature_headers(job, &body.signatures, &delivery.id(), now));
    let SignedBody { size, body, .. } = body;
    let send_by = send_by(lease_until, body_size(job));
    let post = Post { url: callback.url.clone(), headers, size, body, send_by };
    Ok(ports.sender.post(number, post).await)
}

/// An attempt that ended before anything was sent.
fn unsent(number: u8, at: Timestamp, clock: &dyn Clock, detail: &str) -> Attempt {
    let class = PostFault::Artifact;
    let outcome = AttemptOutcome::Unanswered { class, detail: detail.to_owned() };
    Attempt { number, at, took: clock.now().since(at), address: None, outcome }
}

struct SignedBody {
    signatures: Signatures,
    size: ByteSize,
    body: PostBody,
}

fn sign_bytes(body: Bytes, mut signing: Signing) -> SignedBody {
    signing.update(&body);
    let size = ByteSize::from_bytes(body.len() as u64);
    SignedBody { signatures: signing.finish(), size, body: PostBody::Bytes(body) }
}

/// None if the result is gone.
async fn sign_artifact(
    artifacts: &dyn ArtifactStore,
    artifact: &Artifact,
    mut signing: Signing,
) -> PortResult<Option<SignedBody>> {
    let Some(OpenArtifact { size, mut content }) = artifacts.open(&artifact.key).await? else {
        return Ok(None);
    };
    if size <= READ_ONCE {
        let mut body = BytesMut::with_capacity(usize::try_from(size.as_bytes()).unwrap_or(0));
        while let Some(piece) = content.try_next().await? {
            body.extend_from_slice(&piece);
        }
        return Ok(Some(sign_bytes(body.freeze(), signing)));
    }
    while let Some(piece) = content.try_next().await? {
        signing.update(&piece);
    }
    let again = artifacts.open(&artifact.key).await?;
    Ok(again.map(|open| SignedBody {
        signatures: signing.finish(),
        size: open.size,
        body: PostBody::Stream(open.content),
    }))
}
