//! What flows need of the outside: a trait wherever there are two real
//! implementations, the service's and the simulated world's.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use thiserror::Error;

use crate::account::{Account, KeyHolder};
use crate::artifact::{ArtifactKey, ByteSize, FileKind, InputKey, Link};
use crate::cache::{CacheEntry, CacheKey};
use crate::capture::{CaptureSpec, Format};
use crate::circuit::{Circuit, CircuitStep, Receiver, Tally};
use crate::delivery::{Attempt, Delivery, DeliveryStep};
use crate::failure::Failure;
use crate::id::{AccountId, ClaimToken, JobId};
use crate::job::{Job, Step};
use crate::key::{AccessKeyHash, SigningKeys};
use crate::message::Envelope;
use crate::report::Report;
use crate::storage::{CustomerBucket, SignedUpload};
use crate::time::{Minute, Period, Timestamp};
use crate::url::CallbackUrl;
use crate::usage::Usage;

/// Why a service didn't do what it was asked to. Whether it did it all the same
/// is unknown: a reply can be lost.
#[derive(Debug, Error)]
pub enum PortError {
    /// Overloaded or in conflict; the same call may succeed in a moment.
    #[error("{service} is busy: {cause}")]
    Busy {
        /// The service and its operation.
        service: &'static str,
        /// The chain of causes, for the log.
        cause: String,
    },
    /// Out of reach, or it answered with an error.
    #[error("{service} failed: {cause}")]
    Unavailable {
        /// The service and its operation.
        service: &'static str,
        /// The chain of causes, for the log.
        cause: String,
    },
    /// What it holds can't be read.
    #[error("{service} holds something unreadable: {cause}")]
    Corrupt {
        /// The service and its operation.
        service: &'static str,
        /// What, for the log.
        cause: String,
    },
}

/// What a port call yields.
pub type PortResult<T> = Result<T, PortError>;

/// Whether a conditional write was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advance {
    /// It was, now or by an earlier call whose reply was lost.
    Done,
    /// Someone else's came first; nothing was written.
    Raced,
}

/// What became of a job that was to be stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acceptance {
    /// Stored and charged, now or by an earlier call whose reply was lost.
    Stored,
    /// The account has used up its quota; nothing was written.
    QuotaUsedUp,
    /// Another job has the id; nothing was written.
    IdTaken,
    /// This job has the idempotency key; nothing was written.
    KeyTaken(JobId),
    /// Another job has the place in the cache; nothing was written.
    CacheTaken,
    /// The account has asked for as many captures in this minute as it may; nothing was
    /// written.
    TooManyStarts,
    /// The account has as many captures under way as it may; nothing was written.
    TooManyAtOnce,
}

/// A page of an account's jobs.
#[derive(Clone, PartialEq, Debug)]
pub struct JobPage {
    /// The jobs, the newest first.
    pub jobs: Vec<Job>,
    /// Where the next page begins, if there may be one.
    pub next_before: Option<JobId>,
}

/// Keeps jobs and the quota that they are charged to.
#[async_trait]
pub trait JobStore: Send + Sync {
    /// Stores a new job with its idempotency key and its place in the cache, charges one unit of
    /// its period, and counts the job where its account is limited, in one transaction, if its
    /// account's quota and limits let it; a job that is free is neither charged nor counted. A
    /// key that another job has is told before a place in the cache that one has, that before a
    /// quota that is used up, and that before a limit.
    async fn accept(&self, job: &Job, account: &Account) -> PortResult<Acceptance>;

    /// Stores a transition if the stored job still is where it began; gives the
    /// unit of quota and the place back and forgets the idempotency key in the same
    /// transaction where the step says so.
    async fn advance(&self, step: &Step) -> PortResult<Advance>;

    /// The job with this id.
    async fn find(&self, id: JobId) -> PortResult<Option<Job>>;

    /// What the cache of this account has under a key.
    async fn cached(&self, account: &AccountId, key: &CacheKey) -> PortResult<Option<CacheEntry>>;

    /// What an account was charged for in a month.
    async fn usage(&self, account: &AccountId, period: Period) -> PortResult<Usage>;

    /// How many captures an account of which that is limited has asked for in a minute.
    async fn starts(&self, account: &AccountId, minute: Minute) -> PortResult<u32>;

    /// A page of an account's jobs, the newest first, older than `before`, at
    /// most `limit`.
    async fn list(
        &self,
        account: &AccountId,
        before: Option<JobId>,
        limit: u8,
    ) -> PortResult<JobPage>;

    /// Forgets an ended job and its delivery. Forgetting what is gone is no fault.
    async fn remove(&self, job: &Job) -> PortResult<()>;
}

/// Keeps the attempt ledger.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// The delivery of this job, once an attempt was claimed.
    async fn find(&self, job: JobId) -> PortResult<Option<Delivery>>;

    /// Stores a transition if the stored delivery still is where it began.
    async fn advance(&self, step: &DeliveryStep) -> PortResult<Advance>;
}

/// Keeps the circuits of receivers.
#[async_trait]
pub trait Circuits: Send + Sync {
    /// The circuit of a receiver; a closed one if nothing is known of it.
    async fn find(&self, receiver: &Receiver) -> PortResult<Circuit>;

    /// Counts an attempt that ended in this minute, and yields all that did since one failed in
    /// it: before, what goes well isn't counted. A circuit counts one minute at a time; of one
    /// that has passed nothing is known any more.
    async fn count(&self, receiver: &Receiver, minute: Minute, one: Tally) -> PortResult<Tally>;

    /// Stores a transition if the stored circuit still is where it began, and forgets what
    /// was counted.
    async fn advance(&self, step: &CircuitStep) -> PortResult<Advance>;
}

/// Knows accounts.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Whose an access key is.
    async fn by_key(&self, key: &AccessKeyHash) -> PortResult<Option<KeyHolder>>;
}

/// Knows signing keys; only the notifier may.
#[async_trait]
pub trait SigningKeyring: Send + Sync {
    /// The signing keys of an account.
    async fn signing_keys(&self, account: &AccountId) -> PortResult<Option<SigningKeys>>;
}

/// Sends to Darkroom's queues.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends a message that becomes visible after `delay` (0 to 900 s), rounded up to
    /// whole seconds.
    async fn send(&self, envelope: &Envelope, delay: Duration) -> PortResult<()>;
}

/// The message that a flow is working on.
#[async_trait]
pub trait InFlight: Send + Sync {
    /// Keeps it hidden from other receivers for `span` from now, rounded up to
    /// whole seconds. That it is no longer in flight is no fault.
    async fn hide(&self, span: Duration) -> PortResult<()>;
}

/// What a flow wants done with the message that it worked on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposal {
    /// Its work is done: delete it.
    Delete,
    /// It comes back when its visibility timeout ends.
    Keep,
}

/// Bytes that arrive in pieces.
pub type ByteStream = Pin<Box<dyn Stream<Item = PortResult<Bytes>> + Send>>;

/// A file on its way: all at hand, or in pieces that end with the first fault.
pub enum Content<E = PortError> {
    /// All at hand.
    Bytes(Bytes),
    /// Read while it is passed on.
    Stream(Pin<Box<dyn Stream<Item = Result<Bytes, E>> + Send>>),
}

impl<E> Content<E> {
    /// All of it, in memory.
    ///
    /// # Errors
    ///
    /// The fault that the stream ended with.
    pub async fn collect(self) -> Result<Bytes, E> {
        let mut stream = match self {
            Self::Bytes(bytes) => return Ok(bytes),
            Self::Stream(stream) => stream,
        };
        let mut all = BytesMut::new();
        while let Some(piece) = poll_fn(|task| stream.as_mut().poll_next(task)).await {
            all.extend_from_slice(&piece?);
        }
        Ok(all.freeze())
    }
}

impl<E> std::fmt::Debug for Content<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes(_) => "Bytes(…)",
            Self::Stream(_) => "Stream(…)",
        })
    }
}

/// An artifact opened for reading.
pub struct OpenArtifact {
    /// Its length.
    pub size: ByteSize,
    /// Its content, once.
    pub content: ByteStream,
}

impl std::fmt::Debug for OpenArtifact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenArtifact").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Keeps results, and specifications too large for their job.
#[async_trait]
pub trait ArtifactStore: Send + Sync {
    /// Stores a result, and yields its length. A stream isn't held in memory, and
    /// nothing is stored of one that ends with a fault, which is passed on.
    async fn put(
        &self,
        key: &ArtifactKey,
        content: Content,
        format: Format,
    ) -> PortResult<ByteSize>;

    /// Opens a result; none if it is gone. Opened again, it is the same bytes or
    /// a fault: keys are never written twice.
    async fn open(&self, key: &ArtifactKey) -> PortResult<Option<OpenArtifact>>;

    /// Whether a result is still there.
    async fn exists(&self, key: &ArtifactKey) -> PortResult<bool>;

    /// Deletes a result. Deleting what is gone is no fault.
    async fn delete(&self, key: &ArtifactKey) -> PortResult<()>;

    /// Stores a specification.
    async fn put_input(&self, key: &InputKey, spec: &CaptureSpec) -> PortResult<()>;

    /// Reads a specification; none if it is gone.
    async fn input(&self, key: &InputKey) -> PortResult<Option<CaptureSpec>>;

    /// Deletes a specification. Deleting what is gone is no fault.
    async fn delete_input(&self, key: &InputKey) -> PortResult<()>;
}

/// Makes links under which results are fetched without a key.
#[async_trait]
pub trait Links: Send + Sync {
    /// A link to a result of this job, or to one of its files, that works from
    /// `now` for the deployment's `ResultUrlDays`. The download is named after
    /// the job.
    async fn link(&self, job: &Job, target: LinkTarget<'_>, now: Timestamp) -> PortResult<Link>;

    /// A link that leads to the bytes themselves and lives some minutes: what an
    /// own link redirects to.
    async fn short_link(
        &self,
        job: JobId,
        target: LinkTarget<'_>,
        now: Timestamp,
    ) -> PortResult<Link>;

    /// Whether the signature of an own link is right, its expiry aside.
    async fn verify(&self, link: &OwnLink) -> PortResult<bool>;
}

/// What a link leads to.
#[derive(Clone, Copy, Debug)]
pub struct LinkTarget<'a> {
    /// The result.
    pub key: &'a ArtifactKey,
    /// The file of it that is meant; the result itself where there is none.
    pub file: Option<FileKind>,
    /// What kind of file it is.
    pub format: Format,
}

/// A link of our own, as it is followed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnLink {
    /// Whose result it leads to.
    pub job: JobId,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Its signature, unjudged.
    pub signature: String,
    /// The name of the file of the result that it leads to, if not to the result
    /// itself.
    pub file: Option<String>,
}

/// A capture that was taken.
#[derive(Debug)]
pub struct Picture {
    /// The file. While a stream is read, the budget of its capture goes on.
    pub content: Content<Failure>,
    /// Further files.
    pub extras: Vec<Extra>,
    /// What is told of the page.
    pub report: Report,
}

impl From<Content<Failure>> for Picture {
    fn from(content: Content<Failure>) -> Self {
        Self { content, extras: Vec::new(), report: Report::default() }
    }
}

/// A further file of a capture.
#[derive(Clone, Debug)]
pub struct Extra {
    /// What is in it.
    pub kind: FileKind,
    /// The file.
    pub content: Bytes,
}

/// Takes pictures.
#[async_trait]
pub trait Camera: Send + Sync {
    /// Captures within `budget`; it never takes noticeably longer, whatever the
    /// page does. A failure says whose fault it is by its kind.
    async fn capture(&self, spec: &CaptureSpec, budget: Duration) -> Result<Picture, Failure>;
}

/// What became of a capture that was to be rendered at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rendering {
    /// The worker has ended, its work done or not: the job tells.
    Ended,
    /// No worker was free; nothing was begun.
    Throttled,
}

/// Has captures rendered whose clients wait.
#[async_trait]
pub trait Renderer: Send + Sync {
    /// Has this job rendered, and waits for its worker to end, at most for `within`. After an error
    /// a worker may still be at it, or begin later.
    async fn render(&self, job: JobId, within: Duration) -> PortResult<Rendering>;
}

/// A result on its way to its customer's own storage.
pub struct Parcel {
    /// Whose result it is.
    pub job: JobId,
    /// The claim under which it was made. Nothing in the file is the same, so it may set the parts of
    /// a form apart.
    pub token: ClaimToken,
    /// What kind of file it is.
    pub format: Format,
    /// Its length.
    pub size: ByteSize,
    /// Its content, once.
    pub content: ByteStream,
    /// How long this may take.
    pub within: Duration,
}

impl std::fmt::Debug for Parcel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parcel")
            .field("job", &self.job)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// Uploads results as their customers signed it.
#[async_trait]
pub trait Uploader: Send + Sync {
    /// Uploads once; it follows no redirect, and never takes noticeably longer than it may. A failure
    /// says by its kind whether another try may help.
    async fn upload(&self, to: &SignedUpload, parcel: Parcel) -> Result<(), Failure>;
}

/// Puts results into buckets of their customers.
#[async_trait]
pub trait CustomerBuckets: Send + Sync {
    /// Puts a result of this account's under the role that the account names, which is told whose
    /// result it is. It never takes noticeably longer than it may; a failure says by its kind whether
    /// another try may help.
    async fn store(
        &self,
        account: &AccountId,
        to: &CustomerBucket,
        parcel: Parcel,
    ) -> Result<(), Failure>;
}

/// A POST to a customer's receiver.
pub struct Post {
    /// Where to.
    pub url: CallbackUrl,
    /// Names in lower case, values printable ASCII; Content-Length and Host are
    /// the sender's.
    pub headers: Vec<(String, String)>,
    /// How long its body is.
    pub size: ByteSize,
    /// Its body.
    pub body: PostBody,
    /// From then on nothing of it may be sent: somebody else may be sending it.
    pub send_by: Timestamp,
}

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post")
            .field("url", &self.url.for_log())
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// The body of a POST.
pub enum PostBody {
    /// All at hand.
    Bytes(Bytes),
    /// Read while it is sent.
    Stream(ByteStream),
}

impl std::fmt::Debug for PostBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes(_) => "Bytes(…)",
            Self::Stream(_) => "Stream(…)",
        })
    }
}

/// Posts webhooks.
#[async_trait]
pub trait WebhookSender: Send + Sync {
    /// Posts, and reports what came of it; none if it was too late to send anything.
    /// Follows no redirect, reads at most 16 KiB of the answer, and ends within
    /// [`post_budget`](crate::delivery::post_budget) of the body after at most
    /// 5 s of connecting.
    async fn post(&self, number: u8, post: Post) -> Option<Attempt>;
}

/// Tells the time, and lets it pass.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Waits for so long.
    async fn rest(&self, span: Duration);
}

/// Draws random bytes.
pub trait Entropy: Send + Sync {
    /// 16 unpredictable bytes.
    fn draw(&self) -> [u8; 16];
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::address::Reach;

    #[test]
    fn all_of_what_is_at_hand_is_collected_at_once() {
        let mut collecting =
            Box::pin(Content::<PortError>::Bytes(Bytes::from_static(b"a")).collect());
        let collected = collecting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(collected, Poll::Ready(Ok(bytes)) if bytes == "a"));
    }

    #[test]
    fn what_is_printed_of_a_file_or_post_is_not_its_content() {
        let bytes = || Bytes::from_static(b"secret");
        assert_eq!(format!("{:?}", Content::<PortError>::Bytes(bytes())), "Bytes(…)");
        assert_eq!(format!("{:?}", PostBody::Bytes(bytes())), "Bytes(…)");
        let url = "https://e.com/hook?token=secret";
        let post = Post {
            url: CallbackUrl::parse(url, &Reach::public()).unwrap(),
            headers: vec![(String::from("a"), String::from("secret"))],
            size: ByteSize::from_bytes(6),
            body: PostBody::Bytes(bytes()),
            send_by: Timestamp::from_secs(0),
        };
        let shown = format!("{post:?}");
        assert!(shown.contains("https://e.com/hook") && !shown.contains("secret"), "{shown}");
        let parcel = Parcel {
            job: JobId::new(Timestamp::DARKROOM_EPOCH, 7),
            token: ClaimToken::from_random([1; 16]),
            format: Format::Png,
            size: ByteSize::from_bytes(6),
            content: Box::pin(futures::stream::empty()),
            within: Duration::from_secs(1),
        };
        assert_eq!(format!("{parcel:?}"), "Parcel { job: JobId(7), size: ByteSize(6), .. }");
    }
}
