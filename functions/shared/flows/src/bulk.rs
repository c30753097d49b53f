//! Several captures in one request, one after the other: what becomes of one is no other's concern.

use std::time::Duration;

use darkroom_core::account::Account;
use darkroom_core::id::TraceId;
use darkroom_core::job::Job;
use darkroom_core::key::{AccessKey, SigningKeys};
use darkroom_core::port::SigningKeyring;
use darkroom_core::signature::sign_link;
use darkroom_dialects::{Bulk, BulkAnswer, BulkItem, BulkOutcome, Refusal, Submission};

use crate::refusal::{busy, of_port};
use crate::share::{SharePorts, submit_shared, told_to};
use crate::status::links_of;
use crate::submit::{Asking, submit};

/// How long a client is held that waits for all of them: as long as one that waits for one capture
/// of the longest timeout.
const LONGEST: Duration = Duration::from_secs(105);

/// The rests between looks at those that haven't ended: doubled from one look to the next.
const FIRST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(1);

/// How long captures are begun: what isn't by then is refused, so that the client is told of the
/// others.
const BEGUN_WITHIN: Duration = Duration::from_secs(60);

/// The ports that several captures need.
#[derive(Clone, Copy)]
pub struct BulkPorts<'a> {
    /// What accepting and sharing need.
    pub share: SharePorts<'a>,
    /// Holds the keys that sign links.
    pub keyring: &'a dyn SigningKeyring,
}

impl std::fmt::Debug for BulkPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BulkPorts")
    }
}

/// Who asks for several captures.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// Their account.
    pub account: &'a Account,
    /// The access key that links have.
    pub key: &'a AccessKey,
    /// By which the request is known.
    pub trace: TraceId,
    /// Scheme and host under which clients reach this deployment.
    pub public_origin: &'a str,
}

impl<'a> Asker<'a> {
    const fn asking(self, submission: &'a Submission) -> Asking<'a> {
        let Self { account, trace, public_origin, .. } = self;
        Asking { account, submission, trace, public_origin }
    }
}

/// Has several captures begun, or makes links to them, and yields what became of each.
///
/// # Errors
///
/// [`Refusal::Busy`] and [`Refusal::Internal`] where links can't be signed;
/// [`Refusal::IdempotencyKeyUsed`] for a key that came with another request,
/// [`Refusal::IdempotencyKeyBusy`] while the first with it is begun. Then nothing was begun.
pub async fn bulk(
    ports: BulkPorts<'_>,
    asker: Asker<'_>,
    bulk: &Bulk,
) -> Result<Vec<BulkOutcome>, Refusal> {
    match bulk.answer {
        BulkAnswer::Links => {
            let keys = signing_keys(ports, asker).await?;
            let link = |item| match linked(asker, &keys, item) {
                Ok(link) => BulkOutcome::Link(link),
                Err(refusal) => BulkOutcome::Refused(refusal),
            };
            Ok(bulk.items.iter().map(link).collect())
        }
        BulkAnswer::Started => {
            let keys = signing_keys(ports, asker).await?;
            let begun = begin(ports.share, asker, &bulk.items).await?;
            // A link to what isn't shared would lead to another capture.
            let link = |item: &BulkItem| {
                let caching = item.submission.as_ref().ok()?.caching.as_ref();
                caching.and_then(|_shared| linked(asker, &keys, item).ok())
            };
            let links = bulk.items.iter().map(link).collect();
            Ok(told(ports.share, begun, links).await)
        }
        BulkAnswer::Ended => {
            let mut begun = begin(ports.share, asker, &bulk.items).await?;
            wait(ports.share, asker, &mut begun).await;
            let links = bulk.items.iter().map(|_item| None).collect();
            Ok(told(ports.share, begun, links).await)
        }
    }
}

async fn signing_keys(ports: BulkPorts<'_>, asker: Asker<'_>) -> Result<SigningKeys, Refusal> {
    let keys = ports.keyring.signing_keys(&asker.account.id).await.map_err(of_port)?;
    keys.ok_or(Refusal::Internal)
}

fn linked(asker: Asker<'_>, keys: &SigningKeys, item: &BulkItem) -> Result<String, Refusal> {
    item.link(asker.public_origin, asker.key, |text| sign_link(keys, text))
}

/// A capture that was begun, or why it wasn't.
type Begun<'i> = Result<(&'i Submission, Job), Refusal>;

/// Begins captures one after the other. The first of them has the request's own idempotency key.
async fn begin<'i>(
    ports: SharePorts<'_>,
    asker: Asker<'_>,
    items: &'i [BulkItem],
) -> Result<Vec<Begun<'i>>, Refusal> {
    let until = ports.submit.clock.now() + BEGUN_WITHIN;
    let mut begun: Vec<Begun<'_>> = Vec::with_capacity(items.len());
    for item in items {
        let one = if ports.submit.clock.now() < until {
            begin_one(ports, asker, item).await
        } else {
            Err(busy())
        };
        let is_first = !begun.iter().any(Result::is_ok);
        match one {
            Err(refusal @ (Refusal::IdempotencyKeyUsed | Refusal::IdempotencyKeyBusy { .. }))
                if is_first =>
            {
                return Err(refusal);
            }
            one => begun.push(one),
        }
    }
    Ok(begun)
}

async fn begin_one<'i>(ports: SharePorts<'_>, asker: Asker<'_>, item: &'i BulkItem) -> Begun<'i> {
    let submission = item.submission.as_ref().map_err(Refusal::clone)?;
    let asking = asker.asking(submission);
    let job = match &submission.caching {
        Some(caching) => submit_shared(ports, asking, caching).await?,
        None => submit(ports.submit, asking).await?,
    };
    tracing::info!(trace.id = %asker.trace, job.id = %job.id, account.id = %asker.account.id,
        "a capture of several was accepted");
    Ok((submission, job))
}

/// Waits for the ends of captures, each of which is in the queue as any other.
async fn wait(ports: SharePorts<'_>, asker: Asker<'_>, begun: &mut [Begun<'_>]) {
    let clock = ports.submit.clock;
    let until = clock.now() + LONGEST;
    let mut rest = FIRST_REST;
    while look(ports, asker, begun).await && clock.now() < until {
        clock.rest(rest).await;
        rest = LONGEST_REST.min(rest * 2);
    }
}

/// Looks how those stand that haven't ended; whether any is left. What can't be read now may be
/// later, and what was deleted has ended.
async fn look(ports: SharePorts<'_>, asker: Asker<'_>, begun: &mut [Begun<'_>]) -> bool {
    let mut is_any_left = false;
    for one in begun.iter_mut() {
        let Ok((submission, job)) = one else { continue };
        if job.has_ended() {
            continue;
        }
        match ports.submit.jobs.find(job.id).await {
            Ok(Some(now)) => *job = told_to(now, asker.asking(submission)),
            Ok(None) => {
                *one = Err(Refusal::Gone);
                continue;
            }
            Err(error) => tracing::warn!(job.id = %job.id, %error, "a job could not be read"),
        }
        is_any_left |= !job.has_ended();
    }
    is_any_left
}

/// What is told of captures that were begun, with the links that lead to them.
async fn told(
    ports: SharePorts<'_>,
    begun: Vec<Begun<'_>>,
    links: Vec<Option<String>>,
) -> Vec<BulkOutcome> {
    let mut outcomes = Vec::with_capacity(begun.len());
    for (one, link) in begun.into_iter().zip(links) {
        outcomes.push(match one {
            Err(refusal) => BulkOutcome::Refused(refusal),
            Ok((_, job)) => match links_of(ports.into(), &job).await {
                Err(Refusal::Gone) => BulkOutcome::Refused(Refusal::Gone),
                // Without links the one that is stored in the job is told.
                links => BulkOutcome::Begun(Box::new(job), links.unwrap_or_default(), link),
            },
        });
    }
    outcomes
}
