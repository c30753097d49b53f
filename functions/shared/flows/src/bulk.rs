//! Several captures in one request, one after the other: what becomes of one is no other's concern.

use std::time::Duration;

use darkroom_core::account::Account;
use darkroom_core::id::TraceId;
use darkroom_core::job::Job;
use darkroom_core::key::{AccessKey, SigningKeys};
use darkroom_core::port::SigningKeyring;
use darkroom_core::signature::sign_link;
use darkroom_dialects::{Bulk, BulkAnswer, BulkItem, BulkOutcome, Refusal, Submission};

use crate::refusal::of_port;
use crate::share::{SharePorts, submit_shared, told_to};
use crate::status::links_of;
use crate::submit::{Asking, SubmitPorts, submit};

/// How long a client is held that waits for all of them: as long as one that waits for one capture
/// of the longest timeout.
const LONGEST: Duration = Duration::from_secs(105);

/// The rests between looks at those that haven't ended: doubled from one look to the next.
const FIRST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(1);

/// Where links to captures lead, below the deployment's origin.
const TAKE: &str = "/api/v1/screenshot/take";

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
/// [`Refusal::Busy`] and [`Refusal::Internal`] where links can't be signed; then nothing was begun.
pub async fn bulk(
    ports: BulkPorts<'_>,
    asker: Asker<'_>,
    bulk: &Bulk,
) -> Result<Vec<BulkOutcome>, Refusal> {
    match bulk.answer {
        BulkAnswer::Links => {
            let keys = signing_keys(ports, asker).await?;
            let link = |item| linked(asker, &keys, item).map(BulkOutcome::Link);
            Ok(bulk
                .items
                .iter()
                .map(|item| link(item).unwrap_or_else(BulkOutcome::Refused))
                .collect())
        }
        BulkAnswer::Started => {
            let keys = signing_keys(ports, asker).await?;
            let mut outcomes = Vec::with_capacity(bulk.items.len());
            for item in &bulk.items {
                outcomes.push(started(ports, asker, &keys, item).await);
            }
            Ok(outcomes)
        }
        BulkAnswer::Ended => Ok(ended(ports, asker, &bulk.items).await),
    }
}

async fn signing_keys(ports: BulkPorts<'_>, asker: Asker<'_>) -> Result<SigningKeys, Refusal> {
    let keys = ports.keyring.signing_keys(&asker.account.id).await.map_err(of_port)?;
    keys.ok_or(Refusal::Internal)
}

/// The link to a capture, if there is one to lead to.
fn linked(asker: Asker<'_>, keys: &SigningKeys, item: &BulkItem) -> Result<String, Refusal> {
    item.submission.as_ref().map_err(Refusal::clone)?;
    let text = item.link_text(asker.key)?;
    Ok(format!("{}{TAKE}?{text}&signature={}", asker.public_origin, sign_link(keys, &text)))
}

/// Begins a capture. A link leads to it if it is shared: else that would be another one.
async fn started(
    ports: BulkPorts<'_>,
    asker: Asker<'_>,
    keys: &SigningKeys,
    item: &BulkItem,
) -> BulkOutcome {
    let begun = begin(ports.share, asker, item).await;
    match begun {
        Ok((submission, job)) => {
            let link = submission.caching.as_ref().and_then(|_| linked(asker, keys, item).ok());
            BulkOutcome::Started(Box::new(job), link)
        }
        Err(refusal) => BulkOutcome::Refused(refusal),
    }
}

async fn begin<'i>(
    ports: SharePorts<'_>,
    asker: Asker<'_>,
    item: &'i BulkItem,
) -> Result<(&'i Submission, Job), Refusal> {
    let submission = item.submission.as_ref().map_err(Refusal::clone)?;
    let asking = asker.asking(submission);
    let job = match &submission.caching {
        Some(caching) => submit_shared(ports, asking, caching).await?,
        None => submit(ports.submit, asking).await?,
    };
    Ok((submission, job))
}

/// Has all captures begun, and waits for their ends, each in the queue as any other.
async fn ended(ports: BulkPorts<'_>, asker: Asker<'_>, items: &[BulkItem]) -> Vec<BulkOutcome> {
    let SubmitPorts { clock, .. } = ports.share.submit;
    let until = clock.now() + LONGEST;
    let mut begun = Vec::with_capacity(items.len());
    for item in items {
        begun.push(begin(ports.share, asker, item).await);
    }
    let mut rest = FIRST_REST;
    while look(ports.share, asker, &mut begun).await && clock.now() < until {
        clock.rest(rest).await;
        rest = LONGEST_REST.min(rest * 2);
    }
    let mut outcomes = Vec::with_capacity(begun.len());
    for one in begun {
        outcomes.push(match one {
            Ok((_, job)) => {
                // Without links the one that is stored in the job is told.
                let links = links_of(ports.share.into(), &job).await.unwrap_or_default();
                BulkOutcome::Waited(Box::new(job), links)
            }
            Err(refusal) => BulkOutcome::Refused(refusal),
        });
    }
    outcomes
}

/// Looks how those stand that haven't ended; whether any is left. What can't be read now may be
/// later.
async fn look(
    ports: SharePorts<'_>,
    asker: Asker<'_>,
    begun: &mut [Result<(&Submission, Job), Refusal>],
) -> bool {
    let mut is_any_left = false;
    for (submission, job) in begun.iter_mut().flatten().filter(|(_, job)| !job.has_ended()) {
        match ports.submit.jobs.find(job.id).await {
            Ok(Some(now)) => *job = told_to(now, asker.asking(submission)),
            Ok(None) => {}
            Err(error) => tracing::warn!(job.id = %job.id, %error, "a job could not be read"),
        }
        is_any_left |= !job.has_ended();
    }
    is_any_left
}
