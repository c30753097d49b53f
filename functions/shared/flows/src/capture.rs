//! Rendering one job: claim, picture, upload, outcome, announcement.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use darkroom_core::artifact::{Artifact, ArtifactFile, ArtifactKey, ByteSize};
use darkroom_core::capture::{CaptureSpec, Format};
use darkroom_core::failure::{Blame, Failure, FailureKind};
use darkroom_core::id::{ClaimToken, JobId};
use darkroom_core::job::{ClaimVerdict, Job, MAX_CLAIMS, SpecPlace, Step};
use darkroom_core::port::{
    Advance, ArtifactStore, Camera, Clock, Content, CustomerBuckets, Disposal, Entropy, Extra,
    InFlight, JobStore, LinkTarget, Links, Picture, PortError, PortResult, Queue, Uploader,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::deposit::deposit;
use crate::ending::{EndingPorts, announce, end};
use crate::mail::{AFTER_FAULT, hide, rest, rest_after};

/// How many further files are stored at once: a hundred take a second or so.
const FILES_AT_ONCE: usize = 8;

/// How often one message's job is looked at when another write overtakes the
/// claim: `api`'s note that the job is queued comes late once, and a rest can't
/// be relied on to bring the message back before the queue's own hour.
const LOOKS: u8 = 3;

/// How long a message rests after the second fault of ours.
const SECOND_REST: Duration = Duration::from_secs(20);

/// The ports of the render function.
#[derive(Clone, Copy)]
pub struct CapturePorts<'a> {
    /// Where jobs are claimed and ended.
    pub jobs: &'a dyn JobStore,
    /// Where results go.
    pub artifacts: &'a dyn ArtifactStore,
    /// Makes the results' links.
    pub links: &'a dyn Links,
    /// Uploads results as their customers signed it.
    pub uploader: &'a dyn Uploader,
    /// Puts results into their customers' own buckets.
    pub buckets: &'a dyn CustomerBuckets,
    /// Where ends are announced.
    pub queue: &'a dyn Queue,
    /// Takes the pictures.
    pub camera: &'a dyn Camera,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Draws claim tokens.
    pub entropy: &'a dyn Entropy,
}

impl std::fmt::Debug for CapturePorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CapturePorts")
    }
}

/// Works on one message of the captures queue. It never fails: a fault of ours
/// leaves the message to come back, and the job in a state from which that
/// helps.
pub async fn capture(ports: CapturePorts<'_>, id: JobId, message: &dyn InFlight) -> Disposal {
    match try_capture(ports, id, message).await {
        Ok(disposal) => disposal,
        Err(error) => {
            tracing::error!(job.id = %id, %error, "a capture was interrupted");
            rest_after(&error, message, AFTER_FAULT).await
        }
    }
}

/// Renders a job whose client waits, by as many claims as it takes. It never fails: whoever waits
/// looks at the job when this has ended.
pub async fn capture_now(ports: CapturePorts<'_>, id: JobId) {
    for _ in 0..=MAX_CLAIMS {
        match try_capture(ports, id, &NoMessage).await {
            Ok(Disposal::Delete) => return,
            Ok(Disposal::Keep) => {}
            Err(error) => {
                tracing::error!(job.id = %id, %error, "a capture was interrupted");
                return;
            }
        }
    }
}

/// Stands for the message of a job that has none.
struct NoMessage;

#[async_trait]
impl InFlight for NoMessage {
    async fn hide(&self, _span: Duration) -> PortResult<()> {
        Ok(())
    }
}

async fn try_capture(
    ports: CapturePorts<'_>,
    id: JobId,
    message: &dyn InFlight,
) -> PortResult<Disposal> {
    for _ in 0..LOOKS {
        let Some(job) = ports.jobs.find(id).await? else {
            return Ok(Disposal::Delete);
        };
        let token = ClaimToken::from_random(ports.entropy.draw());
        let now = ports.clock.now();
        match job.clone().claim(token, now) {
            ClaimVerdict::Claim(step) => {
                // Before the claim: a worker that dies between the two leaves a
                // message that comes back when the lease has lapsed, not after
                // the queue's own hour.
                hide(message, step.job.hidden_while_rendering()).await;
                match ports.jobs.advance(&step).await? {
                    Advance::Done => return render_claimed(ports, step.job, token, message).await,
                    Advance::Raced => {}
                }
            }
            ClaimVerdict::End(step) => return finish(ports, &step, message).await,
            ClaimVerdict::Held(until) => return Ok(rest(message, until.since(now)).await),
            ClaimVerdict::Over => {
                announce(ports.queue, &job).await?;
                return Ok(Disposal::Delete);
            }
        }
    }
    Ok(rest(message, AFTER_FAULT).await)
}

async fn render_claimed(
    ports: CapturePorts<'_>,
    job: Job,
    token: ClaimToken,
    message: &dyn InFlight,
) -> PortResult<Disposal> {
    tracing::info!(job.id = %job.id, trace.id = %job.order.trace, account.id = %job.order.account,
        claim = job.claims, "rendering");
    let mut shutter = Shutter { clock: ports.clock, open_for: Duration::ZERO };
    match render(ports, &job, token, &mut shutter).await {
        Ok(artifact) => {
            let step = job.complete(token, ports.clock.now(), artifact);
            finish_own(ports, step, message).await
        }
        Err(failure) if is_worth_another_try(&job, &failure, shutter.open_for) => {
            try_again(ports, job, token, &failure, shutter.open_for, message).await
        }
        Err(failure) => {
            tracing::info!(job.id = %job.id, failure.kind = failure.kind.name(), failure.message,
                "a capture failed");
            let step = job.fail(token, ports.clock.now(), failure);
            finish_own(ports, step, message).await
        }
    }
}

/// Whether another worker may do better: the fault was ours, and there are
/// claims and time left.
fn is_worth_another_try(job: &Job, failure: &Failure, rendering: Duration) -> bool {
    failure.kind.blame() == Blame::Darkroom
        && job.has_claims_left()
        && rendering < job.render_budget()
}

/// Gives the claim up after a fault of ours.
async fn try_again(
    ports: CapturePorts<'_>,
    job: Job,
    token: ClaimToken,
    failure: &Failure,
    rendering: Duration,
    message: &dyn InFlight,
) -> PortResult<Disposal> {
    tracing::error!(job.id = %job.id, failure.kind = failure.kind.name(), failure.message,
        "a capture failed through our own fault; it will be tried again");
    let span = if job.claims == 1 { AFTER_FAULT } else { SECOND_REST };
    if let Some(step) = job.yield_claim(token, ports.clock.now(), rendering) {
        ports.jobs.advance(&step).await?;
    }
    Ok(rest(message, span).await)
}

/// Measures how long the camera takes: the only time that counts against a
/// job's timeout.
struct Shutter<'a> {
    clock: &'a dyn Clock,
    open_for: Duration,
}

impl Shutter<'_> {
    async fn expose(
        &mut self,
        camera: &dyn Camera,
        spec: &CaptureSpec,
        budget: Duration,
    ) -> Result<Picture, Failure> {
        let opened = self.clock.now();
        let picture = camera.capture(spec, budget).await;
        self.open_for = self.clock.now().since(opened);
        picture
    }
}

/// Takes the picture and stores it, in our bucket and where else it is wanted.
async fn render(
    ports: CapturePorts<'_>,
    job: &Job,
    token: ClaimToken,
    shutter: &mut Shutter<'_>,
) -> Result<Artifact, Failure> {
    let spec = read_spec(ports, job).await?;
    let picture = shutter.expose(ports.camera, &spec, job.render_budget()).await;
    let picture = picture.map_err(|failure| blame_for_lost_time(job, failure))?;
    let artifact = store(ports, job, token, &spec, picture).await?;
    deposit(ports, job, token, &artifact).await?;
    Ok(artifact)
}

/// A page that runs out of time which an earlier fault of ours used up isn't to
/// blame for it.
fn blame_for_lost_time(job: &Job, failure: Failure) -> Failure {
    if failure.kind == FailureKind::Timeout && !job.spent.is_zero() {
        return Failure::plain(FailureKind::Internal);
    }
    failure
}

async fn read_spec(ports: CapturePorts<'_>, job: &Job) -> Result<CaptureSpec, Failure> {
    match &job.order.spec {
        SpecPlace::Inline(spec) => Ok(CaptureSpec::clone(spec)),
        SpecPlace::Stored(key) => match ports.artifacts.input(key).await {
            Ok(Some(spec)) => Ok(spec),
            Ok(None) => Err(Failure::plain(FailureKind::Internal)),
            Err(error) => Err(our_fault(job, &error, FailureKind::Internal)),
        },
    }
}

/// Stores the picture and its further files under keys that only this claim
/// knows. What a fault or a crash in between leaves there belongs to no job; the
/// bucket's lifecycle rule clears it.
async fn store(
    ports: CapturePorts<'_>,
    job: &Job,
    token: ClaimToken,
    spec: &CaptureSpec,
    picture: Picture,
) -> Result<Artifact, Failure> {
    let key = ArtifactKey::of(job.id, token);
    let format = spec.output.format();
    let fault = Arc::default();
    let Picture { content, extras, report } = picture;
    let content = watched(content, Arc::clone(&fault));
    let stored = async {
        let size = ports.artifacts.put(&key, content, format).await?;
        let files = store_files(ports.artifacts, &key, format, extras).await?;
        let target = LinkTarget { key: &key, file: None, format };
        let stored_at = ports.clock.now();
        let link = ports.links.link(job, target, stored_at).await?;
        PortResult::Ok((size, stored_at, link, files))
    };
    match stored.await {
        Ok((size, stored_at, link, files)) => {
            Ok(Artifact { key, format, size, stored_at, link, files, report })
        }
        Err(error) => Err(match take(&fault) {
            Some(failure) => blame_for_lost_time(job, failure),
            None => our_fault(job, &error, FailureKind::Storage),
        }),
    }
}

async fn store_files(
    artifacts: &dyn ArtifactStore,
    key: &ArtifactKey,
    of_result: Format,
    extras: Vec<Extra>,
) -> PortResult<Vec<ArtifactFile>> {
    let puts = extras.into_iter().map(async |extra| {
        let Extra { kind, content } = extra;
        let size = ByteSize::from_bytes(content.len() as u64);
        let content = Content::Bytes(content);
        artifacts.put(&key.of_file(kind), content, kind.format(of_result)).await?;
        Ok(ArtifactFile { kind, size })
    });
    stream::iter(puts).buffered(FILES_AT_ONCE).try_collect().await
}

/// What ended a picture that was still being read while it was stored.
type Fault = Arc<Mutex<Option<Failure>>>;

/// The picture, whose failure is told apart from the store's own.
fn watched(picture: Content<Failure>, fault: Fault) -> Content {
    let pieces = match picture {
        Content::Bytes(bytes) => return Content::Bytes(bytes),
        Content::Stream(pieces) => pieces,
    };
    Content::Stream(Box::pin(pieces.map_err(move |failure| {
        let cause = failure.to_string();
        *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        PortError::Unavailable { service: "the camera", cause }
    })))
}

fn take(fault: &Fault) -> Option<Failure> {
    fault.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn our_fault(job: &Job, error: &dyn std::error::Error, kind: FailureKind) -> Failure {
    tracing::error!(job.id = %job.id, %error, "{}", kind.name());
    Failure::plain(kind)
}

/// Stores an end that this worker's own claim decided; without the claim
/// another worker decides.
async fn finish_own(
    ports: CapturePorts<'_>,
    step: Option<Step>,
    message: &dyn InFlight,
) -> PortResult<Disposal> {
    match step {
        Some(step) => finish(ports, &step, message).await,
        None => Ok(rest(message, AFTER_FAULT).await),
    }
}

async fn finish(
    ports: CapturePorts<'_>,
    step: &Step,
    message: &dyn InFlight,
) -> PortResult<Disposal> {
    let CapturePorts { jobs, artifacts, queue, .. } = ports;
    match end(EndingPorts { jobs, artifacts, queue }, step).await? {
        Advance::Done => Ok(Disposal::Delete),
        Advance::Raced => Ok(rest(message, AFTER_FAULT).await),
    }
}
