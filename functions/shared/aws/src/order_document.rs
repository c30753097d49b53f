//! What a client asked for, as it is stored in the job's item.

use darkroom_core::account::ExternalIdentifier;
use darkroom_core::artifact::InputKey;
use darkroom_core::cache::{CacheKey, CachePlace};
use darkroom_core::capture::{CaptureSpec, Timeout};
use darkroom_core::id::{AccountId, JobId, TraceId};
use darkroom_core::idempotency::{Fingerprint, Idempotency, IdempotencyKey};
use darkroom_core::job::{Announce, Callback, Dialect, Mode, Order, Signed, SpecPlace};
use darkroom_core::url::CallbackUrl;
use darkroom_core::usage::CaptureKind;
use serde::{Deserialize, Serialize};

use crate::item::{Unreadable, parse_time, parsed};
use crate::spec_document::SpecDocument;
use crate::storage_document::StorageDocument;

/// The core's `Order`, but for the account, which is an attribute of its own.
#[derive(Serialize, Deserialize)]
pub(crate) struct OrderDocument {
    dialect: DialectDocument,
    #[serde(default, skip_serializing_if = "ModeDocument::is_asynchronous")]
    mode: ModeDocument,
    trace: String,
    accepted_at: String,
    expires_at: String,
    timeout_s: u16,
    spec: PlaceDocument,
    #[serde(default)]
    kind: KindDocument,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    storage: Option<StorageDocument>,
    callback: Option<CallbackDocument>,
    external_identifier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idempotency: Option<IdempotencyDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cache: Option<CacheDocument>,
    #[serde(default, skip_serializing_if = "is_false")]
    holds_place: bool,
    public_origin: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for that")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[derive(Serialize, Deserialize)]
struct IdempotencyDocument {
    key: String,
    fingerprint: String,
}

#[derive(Serialize, Deserialize)]
struct CacheDocument {
    key: String,
    from: Option<String>,
    before: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DialectDocument {
    Nodium,
    Screennabster,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModeDocument {
    #[default]
    Asynchronous,
    Synchronous,
}

impl ModeDocument {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for that")]
    const fn is_asynchronous(&self) -> bool {
        matches!(self, Self::Asynchronous)
    }
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindDocument {
    #[default]
    Screenshot,
    FullPage,
    Pdf,
    Video,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlaceDocument {
    Inline(Box<SpecDocument>),
    Stored(String),
}

#[derive(Serialize, Deserialize)]
struct CallbackDocument {
    url: String,
    sign: bool,
    errors: bool,
}

impl From<&Order> for OrderDocument {
    fn from(order: &Order) -> Self {
        Self {
            dialect: match order.dialect {
                Dialect::Nodium => DialectDocument::Nodium,
                Dialect::ScreenNabster => DialectDocument::Screennabster,
            },
            mode: match order.mode {
                Mode::Asynchronous => ModeDocument::Asynchronous,
                Mode::Synchronous => ModeDocument::Synchronous,
            },
            trace: order.trace.to_string(),
            accepted_at: order.accepted_at.to_string(),
            expires_at: order.expires_at.to_string(),
            timeout_s: order.timeout.as_secs(),
            spec: match &order.spec {
                SpecPlace::Inline(spec) => PlaceDocument::Inline(Box::new(spec.as_ref().into())),
                SpecPlace::Stored(key) => PlaceDocument::Stored(key.as_str().to_owned()),
            },
            kind: match order.kind {
                CaptureKind::Screenshot => KindDocument::Screenshot,
                CaptureKind::FullPage => KindDocument::FullPage,
                CaptureKind::Pdf => KindDocument::Pdf,
                CaptureKind::Video => KindDocument::Video,
            },
            storage: order.storage.as_ref().map(StorageDocument::from),
            callback: order.callback.as_ref().map(CallbackDocument::from),
            external_identifier: order
                .external_identifier
                .as_ref()
                .map(|identifier| identifier.as_str().to_owned()),
            idempotency: order.idempotency.as_ref().map(IdempotencyDocument::from),
            cache: order.cache.as_ref().map(CacheDocument::from),
            holds_place: order.holds_place,
            public_origin: order.public_origin.clone(),
        }
    }
}

impl OrderDocument {
    /// The order of this job, which belongs to `account`.
    pub(crate) fn into_order(self, job: JobId, account: AccountId) -> Result<Order, Unreadable> {
        Ok(Order {
            account,
            dialect: match self.dialect {
                DialectDocument::Nodium => Dialect::Nodium,
                DialectDocument::Screennabster => Dialect::ScreenNabster,
            },
            mode: match self.mode {
                ModeDocument::Asynchronous => Mode::Asynchronous,
                ModeDocument::Synchronous => Mode::Synchronous,
            },
            trace: parsed("trace", &self.trace, TraceId::parse)?,
            accepted_at: parse_time(&self.accepted_at)?,
            expires_at: parse_time(&self.expires_at)?,
            timeout: Timeout::from_secs(self.timeout_s)
                .ok_or_else(|| Unreadable(format!("timeout_s is {}", self.timeout_s)))?,
            spec: self.spec.into_place(job)?,
            kind: match self.kind {
                KindDocument::Screenshot => CaptureKind::Screenshot,
                KindDocument::FullPage => CaptureKind::FullPage,
                KindDocument::Pdf => CaptureKind::Pdf,
                KindDocument::Video => CaptureKind::Video,
            },
            storage: self.storage.map(StorageDocument::parse).transpose()?,
            callback: self.callback.map(CallbackDocument::parse).transpose()?,
            external_identifier: self
                .external_identifier
                .map(|text| parsed("external_identifier", &text, ExternalIdentifier::parse))
                .transpose()?,
            idempotency: self.idempotency.map(IdempotencyDocument::parse).transpose()?,
            cache: self.cache.map(CacheDocument::parse).transpose()?,
            holds_place: self.holds_place,
            public_origin: self.public_origin,
        })
    }
}

impl PlaceDocument {
    fn into_place(self, job: JobId) -> Result<SpecPlace, Unreadable> {
        match self {
            Self::Inline(document) => {
                CaptureSpec::try_from(*document).map(|spec| SpecPlace::Inline(Box::new(spec)))
            }
            Self::Stored(stored) => {
                let key = InputKey::of(job);
                let own = key.as_str() == stored;
                own.then_some(SpecPlace::Stored(key))
                    .ok_or_else(|| Unreadable(format!("{stored} isn't the input of job {job}")))
            }
        }
    }
}

impl From<&Idempotency> for IdempotencyDocument {
    fn from(mark: &Idempotency) -> Self {
        Self { key: mark.key.to_string(), fingerprint: mark.fingerprint.to_string() }
    }
}

impl IdempotencyDocument {
    fn parse(self) -> Result<Idempotency, Unreadable> {
        Ok(Idempotency {
            key: parsed("key", &self.key, IdempotencyKey::from_stored)?,
            fingerprint: parsed("fingerprint", &self.fingerprint, Fingerprint::from_stored)?,
        })
    }
}

impl From<&CachePlace> for CacheDocument {
    fn from(claim: &CachePlace) -> Self {
        let spelt = |job: Option<JobId>| job.map(|job| job.to_string());
        let CachePlace { key, from, before } = claim;
        Self { key: key.to_string(), from: spelt(*from), before: spelt(*before) }
    }
}

impl CacheDocument {
    fn parse(self) -> Result<CachePlace, Unreadable> {
        let job = |id: String| parsed("cache", &id, JobId::parse_decimal);
        Ok(CachePlace {
            key: parsed("key", &self.key, CacheKey::from_stored)?,
            from: self.from.map(job).transpose()?,
            before: self.before.map(job).transpose()?,
        })
    }
}

impl From<&Callback> for CallbackDocument {
    fn from(callback: &Callback) -> Self {
        Self {
            url: callback.url.as_str().to_owned(),
            sign: callback.sign == Signed::Yes,
            errors: callback.errors == Announce::Everything,
        }
    }
}

impl CallbackDocument {
    fn parse(self) -> Result<Callback, Unreadable> {
        let url = CallbackUrl::from_stored(&self.url)
            .ok_or_else(|| Unreadable("the callback's url is no URL".to_owned()))?;
        Ok(Callback {
            url,
            sign: if self.sign { Signed::Yes } else { Signed::No },
            errors: if self.errors { Announce::Everything } else { Announce::Completed },
        })
    }
}
