//! What a request comes to, in words that no dialect owns.

use std::time::Duration;

use darkroom_core::account::ExternalIdentifier;
use darkroom_core::artifact::ResultLinks;
use darkroom_core::cache::Caching;
use darkroom_core::capture::{CaptureSpec, Timeout};
use darkroom_core::id::JobId;
use darkroom_core::idempotency::Idempotency;
use darkroom_core::job::{Callback, Dialect, Job, Mode};
use darkroom_core::key::AccessKey;
use darkroom_core::port::OwnLink;
use darkroom_core::storage::Storage;
use darkroom_core::time::{Day, Period, Timestamp};
use darkroom_core::usage::Usage;

use crate::link::SignedLink;

/// The public API that a request speaks, told by its path alone, so that even
/// a refusal is answered in the client's own tongue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Tongue {
    /// Nodium's, everything under `/api/v1/screenshot`.
    Nodium,
    /// ScreenNabster's, everything under `/api/v1/capture`.
    ScreenNabster,
    /// Our own: `/v1`, own links under `/r`, and every path that is nobody's.
    Darkroom,
}

/// A request, read.
#[derive(Debug)]
pub struct Call {
    /// In which tongue it is answered.
    pub tongue: Tongue,
    /// What it presented to prove whose it is. Judged before [`Self::action`]:
    /// a wrong key beats faulty options.
    pub credential: Credential,
    /// What it wants, or why that can't be told.
    pub action: Result<Action, Refusal>,
}

/// What a request presented to prove whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Credential {
    /// The answer doesn't depend on who asks: an own link, an unknown path, a
    /// wrong method, a body too broken or too large to hold the key.
    NotNeeded,
    /// It has no key: [`Refusal::KeyMissing`].
    Missing,
    /// Its key can't be one of ours: [`Refusal::KeyInvalid`], without a read.
    Malformed,
    /// A key that may belong to an account.
    Key(AccessKey),
    /// A signature, and the key of who may have signed.
    Link(Box<SignedLink>),
}

/// What a request wants.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// Accept a capture, and answer as it wants to be [answered](Answer): by
    /// [`accepted`](crate::accepted), or, when it has ended, by [`file`](crate::file),
    /// [`status`](crate::status), [`empty`](crate::empty) or [`failed`](crate::failed).
    Submit(Box<Submission>),
    /// Accept several captures; answered by [`bulk`](crate::bulk).
    Bulk(Box<Bulk>),
    /// Tell how a job stands, in the tongue that asks; answered by
    /// [`status`](crate::status).
    Status(JobId),
    /// Tell what the account has used and may still use; answered by [`balance`](crate::balance).
    Balance,
    /// Tell what it was charged for day by day; answered by [`daily_usage`](crate::daily_usage).
    DailyUsage(Days),
    /// As [`Self::Balance`], with a page of its jobs; answered by
    /// [`usage_rows`](crate::usage_rows).
    UsageRows {
        /// Only jobs older than this one.
        before: Option<JobId>,
        /// At most this many, 1 to 100.
        limit: u8,
    },
    /// List the account's jobs, the newest first; answered by
    /// [`jobs`](crate::jobs).
    ListJobs {
        /// Only jobs older than this one.
        before: Option<JobId>,
        /// At most this many, 1 to 100.
        limit: u8,
    },
    /// Show one job in full; answered by [`job`](crate::job).
    ShowJob(JobId),
    /// Delete a job and its result; answered by [`deleted`](crate::deleted).
    DeleteJob(JobId),
    /// Show the attempts at a job's webhook; answered by
    /// [`delivery`](crate::delivery).
    ShowDelivery(JobId),
    /// Send a job's webhook once more; answered by
    /// [`delivered_again`](crate::delivered_again).
    DeliverAgain(JobId),
    /// Send every webhook once more that failed for good; answered by
    /// [`failed_delivered_again`](crate::failed_delivered_again).
    DeliverFailedAgain(Span),
    /// Accept a capture to see its webhook arrive; answered by [`tested`](crate::tested).
    TestWebhook(Box<Submission>),
    /// Lead to a result through an own link; answered by
    /// [`redirect`](crate::redirect). Needs no key.
    FollowLink(OwnLink),
}

/// The jobs that were accepted from one moment up to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, which is no part of it.
    pub to: Timestamp,
    /// Only jobs older than this one, which is where an earlier request stopped.
    pub before: Option<JobId>,
}

/// Days from one to another; what isn't given is the first of the month, and today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Days {
    /// The first one.
    pub from: Option<Day>,
    /// The last one.
    pub to: Option<Day>,
}

impl Days {
    /// The option that tells the first one.
    pub const FROM: &str = "start_date";
    /// The option that tells the last one.
    pub(crate) const TO: &str = "end_date";
}

/// How an account stands in a month.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Balance {
    /// The month.
    pub period: Period,
    /// What it was charged for.
    pub usage: Usage,
    /// Units that it has.
    pub quota: u64,
    /// How fast it may ask, if that is limited.
    pub starts: Option<Starts>,
}

impl Balance {
    /// Units that are left.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.quota.saturating_sub(self.usage.used)
    }
}

/// Captures that are asked for within one minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Starts {
    /// How many there may be.
    pub limit: u32,
    /// How many there were.
    pub made: u32,
    /// When the next minute begins.
    pub reset_at: Timestamp,
}

/// Webhooks that are sent once more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Again {
    /// Whose.
    pub sent: Vec<JobId>,
    /// Where the next request goes on, if it may find more.
    pub next_before: Option<JobId>,
}

/// A capture that is asked for, valid in itself.
#[derive(Clone, PartialEq, Debug)]
pub struct Submission {
    /// The API through which it came, and in which its webhook speaks.
    pub dialect: Dialect,
    /// How it wants to be answered.
    pub answer: Answer,
    /// What to capture.
    pub spec: CaptureSpec,
    /// How long rendering may take.
    pub timeout: Timeout,
    /// Where else the result is put.
    pub storage: Option<Storage>,
    /// Whom to tell when it has ended.
    pub callback: Option<Callback>,
    /// The client's own name for it.
    pub external_identifier: Option<ExternalIdentifier>,
    /// How a repeat of the request is known.
    pub idempotency: Option<Idempotency>,
    /// How it shares its result with requests for the same, if it does.
    pub caching: Option<Caching>,
}

/// Several captures that are asked for together.
#[derive(Clone, PartialEq, Debug)]
pub struct Bulk {
    /// What is answered.
    pub answer: BulkAnswer,
    /// The captures.
    pub items: Vec<BulkItem>,
}

/// How several captures are answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BulkAnswer {
    /// At once, with links, each of which is a capture when it is followed.
    Links,
    /// At once, with such links; the captures are begun.
    Started,
    /// When they have ended.
    Ended,
}

/// One of several captures.
#[derive(Clone, PartialEq, Debug)]
pub struct BulkItem {
    /// It, or why there is none; that harms no other.
    pub submission: Result<Submission, Refusal>,
    /// The link to it, where links are wanted.
    pub(crate) target: Option<Target>,
}

/// Where a link to a capture leads.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Target {
    /// Below the deployment's origin.
    pub(crate) path: &'static str,
    /// What it says, or why it can't be said.
    pub(crate) parameters: Result<Vec<(String, String)>, Refusal>,
}

/// What became of one of several captures.
#[derive(Clone, PartialEq, Debug)]
pub enum BulkOutcome {
    /// A link, by which it is taken.
    Link(String),
    /// It is under way, or has ended, with links to its result; and a link by which that is taken, if
    /// there is one.
    Begun(Box<Job>, Option<ResultLinks>, Option<String>),
    /// There is none.
    Refused(Refusal),
}

/// How a submission is answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// At once, with the names of its job.
    Accepted,
    /// When it has ended, with the result itself, to be saved under this name.
    File(Option<AttachmentName>),
    /// When it has ended, with links to the result.
    Json,
    /// When it has ended, with nothing of the result.
    Empty,
}

impl Answer {
    /// Whether its client waits for the capture.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        match self {
            Self::Accepted => Mode::Asynchronous,
            Self::File(_) | Self::Json | Self::Empty => Mode::Synchronous,
        }
    }
}

/// The name under which a client saves a result: 1 to 200 characters, none of which is a control
/// character or parts folders.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttachmentName(String);

impl AttachmentName {
    /// The longest name.
    pub const MAX_CHARS: usize = 200;

    /// Judges a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |c: char| !c.is_control() && !matches!(c, '/' | '\\');
        let fits = (1..=Self::MAX_CHARS).contains(&text.chars().count());
        (fits && text.trim() == text && text.chars().all(allowed)).then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a request isn't done. Each tongue has its own status, code and text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// No access key was sent.
    KeyMissing,
    /// The access key is no account's.
    KeyInvalid,
    /// The link's signature isn't that of its parameters.
    SignatureInvalid,
    /// The access key opens signed links alone.
    SignatureMissing,
    /// The link has ended, or would live for too long.
    LinkExpired,
    /// Options are faulty: all of them, at least one.
    Invalid(Vec<Fault>),
    /// The body is larger than [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    BodyTooLarge,
    /// The account has used up its month.
    QuotaUsedUp {
        /// What the month allows.
        quota_per_month: u64,
        /// The month.
        period: Period,
    },
    /// The account has asked for as many captures in this minute as it may.
    TooManyStarts {
        /// So many.
        limit: u32,
        /// When the next minute begins; told in whole seconds, rounded up.
        retry_after: Duration,
    },
    /// The account has as many captures under way as it may.
    TooManyAtOnce {
        /// So many.
        limit: u32,
        /// When to come back; told in whole seconds, rounded up.
        retry_after: Duration,
    },
    /// The idempotency key came with another request before.
    IdempotencyKeyUsed,
    /// The first request with the idempotency key isn't answered yet.
    IdempotencyKeyBusy {
        /// When to come back; told in whole seconds, rounded up.
        retry_after: Duration,
    },
    /// No such job, or another account's, or no such link.
    NotFound,
    /// No such path.
    NoSuchEndpoint,
    /// The path has other methods.
    MethodNotAllowed {
        /// Those, as the `Allow` header lists them.
        allow: &'static str,
    },
    /// The job can't be deleted before it has ended.
    StillRunning,
    /// The job's end isn't announced to anybody.
    NoWebhook,
    /// The job's webhook can't be sent again while it is still being sent.
    StillDelivering,
    /// The result was deleted, or its link has expired.
    Gone,
    /// What became of the capture that was waited for can't be told just now; its job has ended, or
    /// will.
    Unsettled {
        /// The job, whose status tells.
        job: JobId,
        /// When to ask for it; told in whole seconds, rounded up.
        retry_after: Duration,
    },
    /// A service is overloaded; nothing was charged.
    Busy {
        /// When to come back; told in whole seconds, rounded up.
        retry_after: Duration,
    },
    /// A fault of Darkroom itself; nothing was charged.
    Internal,
}

impl Refusal {
    /// The faults that it lists.
    pub(crate) fn faults(&self) -> &[Fault] {
        match self {
            Self::Invalid(faults) => faults,
            Self::KeyMissing
            | Self::KeyInvalid
            | Self::SignatureInvalid
            | Self::SignatureMissing
            | Self::LinkExpired
            | Self::BodyTooLarge
            | Self::QuotaUsedUp { .. }
            | Self::TooManyStarts { .. }
            | Self::TooManyAtOnce { .. }
            | Self::IdempotencyKeyUsed
            | Self::IdempotencyKeyBusy { .. }
            | Self::NotFound
            | Self::NoSuchEndpoint
            | Self::MethodNotAllowed { .. }
            | Self::StillRunning
            | Self::NoWebhook
            | Self::StillDelivering
            | Self::Gone
            | Self::Unsettled { .. }
            | Self::Busy { .. }
            | Self::Internal => &[],
        }
    }
}

/// One fault of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The option as the client spelt it, or `body` or `query`.
    pub option: String,
    /// A sentence that names the option, says what is wrong and how to mend it.
    pub message: String,
}
