//! Buckets of customers, written to under roles of theirs.
//!
//! A session lives for one object: its policy allows to put that, and nothing else, whatever the
//! role itself allows.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{ObjectCannedAcl, StorageClass as S3Class};
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use bytes::{Bytes, BytesMut};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::port::{CustomerBuckets, Parcel, PortResult};
use darkroom_core::storage::{CustomerBucket, Readers, StorageClass, refusal};
use futures::TryStreamExt as _;
use serde_json::json;
use tokio::time::timeout;

use crate::fault::is_busy;

/// The shortest session there is, in seconds.
const SESSION_SECS: i32 = 900;

/// What is said of storage that may fare better at another try.
const AGAIN: &str = "the capture can be sent again";

/// Codes by which STS says that it doesn't know who asks: that is our own role.
const OURS: [&str; 5] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Codes by which S3 says that a bucket is elsewhere.
const ELSEWHERE: [&str; 4] = [
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "PermanentRedirect",
    "TemporaryRedirect",
];

/// Writes to customers' buckets.
#[derive(Clone, Debug)]
pub struct RoleBuckets {
    sts: aws_sdk_sts::Client,
    s3: aws_sdk_s3::Client,
    /// Roles that were taken on with an external id, and not without.
    guarded: Arc<Mutex<HashSet<String>>>,
}

impl RoleBuckets {
    /// As these clients are configured, but that nothing is tried again: the flow does that, and the
    /// SDK's budget of tries is our own services'.
    #[must_use]
    pub fn new(sts: &aws_sdk_sts::Client, s3: &aws_sdk_s3::Client) -> Self {
        let sts = sts.config().to_builder().retry_config(RetryConfig::disabled()).build();
        let s3 = s3.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self {
            sts: aws_sdk_sts::Client::from_conf(sts),
            s3: aws_sdk_s3::Client::from_conf(s3),
            guarded: Arc::default(),
        }
    }

    /// A client under the customer's role. The external id is ours to choose, not the request's:
    /// with another account's, one customer could have us write to another's bucket.
    async fn client(
        &self,
        account: &AccountId,
        to: &CustomerBucket,
        job: JobId,
    ) -> Result<aws_sdk_s3::Client, Failure> {
        let is_known = self.guarded().contains(to.role.as_str());
        if !is_known {
            self.prove_guarded(to, job).await?;
        }
        let session = self.session(to, job).external_id(account.to_string());
        let assumed = session.send().await.map_err(|error| not_assumed(account, job, &error))?;
        let Some(keys) = assumed.credentials else {
            return Err(Failure::plain(FailureKind::StorageUnavailable));
        };
        self.guarded().insert(to.role.as_str().to_owned());
        let (id, secret, token) = (keys.access_key_id, keys.secret_access_key, keys.session_token);
        let credentials = Credentials::new(id, secret, Some(token), None, "a customer's role");
        let config = self.s3.config().to_builder().credentials_provider(credentials);
        let config = config.region(Region::new(to.region.as_str().to_owned()));
        Ok(aws_sdk_s3::Client::from_conf(config.build()))
    }

    /// Refuses a role that doesn't ask for an external id: whoever knew its name could have us write
    /// to its customer's bucket (AWS, «The confused deputy problem»).
    async fn prove_guarded(&self, to: &CustomerBucket, job: JobId) -> Result<(), Failure> {
        match self.session(to, job).send().await {
            Ok(_) => Err(Failure::new(
                FailureKind::StorageDenied,
                "Your role can be taken on without an external id, by any account of this deployment; have its trust ask for yours (sts:ExternalId)",
            )),
            Err(error) if Told::by(&error).status == Some(403) => Ok(()),
            Err(error) => Err(unavailable(job, &error, "Your role could not be taken on")),
        }
    }

    fn guarded(&self) -> MutexGuard<'_, HashSet<String>> {
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&self, to: &CustomerBucket, job: JobId) -> AssumeRoleFluentBuilder {
        self.sts
            .assume_role()
            .role_arn(to.role.as_str())
            .role_session_name(format!("darkroom-{job}"))
            .policy(policy(to))
            .duration_seconds(SESSION_SECS)
    }
}

#[async_trait]
impl CustomerBuckets for RoleBuckets {
    /// The file is held in memory: S3 is told its length and its sum before it.
    async fn store(
        &self,
        account: &AccountId,
        to: &CustomerBucket,
        parcel: Parcel,
    ) -> Result<(), Failure> {
        let (job, format, within) = (parcel.job, parcel.format, parcel.within);
        let stored = async {
            let client = self.client(account, to, job).await?;
            let content = gathered(parcel).await.map_err(|error| {
                tracing::error!(job.id = %job, %error, "a result could not be read");
                Failure::plain(FailureKind::Storage)
            })?;
            let put = client.put_object().bucket(to.bucket.as_str()).key(to.key.as_str());
            let put = put
                .content_type(format.media_type())
                .storage_class(class(to.class))
                .set_acl(acl(to.readers))
                .body(content.into());
            put.send().await.map(drop).map_err(|error| not_put(job, &error))
        };
        timeout(within, stored).await.unwrap_or_else(|_elapsed| {
            let message = format!("Your own storage took too long; {AGAIN}");
            Err(Failure::new(FailureKind::StorageUnavailable, message))
        })
    }
}

async fn gathered(parcel: Parcel) -> PortResult<Bytes> {
    let size = usize::try_from(parcel.size.as_bytes()).unwrap_or_default();
    let (mut pieces, mut all) = (parcel.content, BytesMut::with_capacity(size));
    while let Some(piece) = pieces.try_next().await? {
        all.extend_from_slice(&piece);
    }
    Ok(all.freeze())
}

/// What a session may do: put this object, and have the key used with which its bucket encrypts.
fn policy(to: &CustomerBucket) -> String {
    let (partition, bucket) = (to.role.partition(), to.bucket.as_str());
    let object = format!("arn:{partition}:s3:::{bucket}/{}", literal(to.key.as_str()));
    let actions: &[_] = match to.readers {
        Readers::Owner => &["s3:PutObject"],
        Readers::Everybody => &["s3:PutObject", "s3:PutObjectAcl"],
    };
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": object},
            {
                "Effect": "Allow",
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                "Resource": "*",
                "Condition": {"StringLike": {"kms:ViaService": "s3.*"}},
            },
        ],
    });
    policy.to_string()
}

/// A text in which nothing is a wildcard or a variable of IAM's. A session's policy has no
/// characters beyond Latin-1; whatever stands in the place of one that isn't there is allowed.
fn literal(text: &str) -> String {
    let spelt = text.chars().map(|c| match c {
        '*' => "${*}".to_owned(),
        '?' => "${?}".to_owned(),
        '$' => "${$}".to_owned(),
        '\u{100}'.. => "*".to_owned(),
        c => c.to_string(),
    });
    spelt.collect()
}

const fn class(class: StorageClass) -> S3Class {
    match class {
        StorageClass::Standard => S3Class::Standard,
        StorageClass::ReducedRedundancy => S3Class::ReducedRedundancy,
        StorageClass::StandardIa => S3Class::StandardIa,
        StorageClass::OnezoneIa => S3Class::OnezoneIa,
        StorageClass::IntelligentTiering => S3Class::IntelligentTiering,
        StorageClass::Glacier => S3Class::Glacier,
        StorageClass::DeepArchive => S3Class::DeepArchive,
        StorageClass::GlacierIr => S3Class::GlacierIr,
    }
}

/// None where the bucket decides: most have access control lists switched off.
const fn acl(readers: Readers) -> Option<ObjectCannedAcl> {
    match readers {
        Readers::Owner => None,
        Readers::Everybody => Some(ObjectCannedAcl::PublicRead),
    }
}

/// What a service answered, as far as it says who is to blame.
struct Told {
    status: Option<u16>,
    code: Option<String>,
    kind: FailureKind,
}

impl Told {
    fn by<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        let status = error.raw_response().map(|reply| reply.status().as_u16());
        let code = error.code().map(str::to_owned);
        let kind = match (error, status) {
            (SdkError::ConstructionFailure(_), _) => FailureKind::StorageInvalid,
            _ if is_busy(error) => FailureKind::StorageUnavailable,
            (_, Some(status)) => refusal(status, code.as_deref()),
            (_, None) => FailureKind::StorageUnavailable,
        };
        Self { status, code, kind }
    }

    fn is_one_of(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }

    /// The failure, in words that end with what mends it.
    fn failure(&self, what: &str, advice: &str) -> Failure {
        let code = self.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
        Failure::new(self.kind, format!("{what}{code}; {advice}"))
    }
}

fn note<E>(job: JobId, error: &SdkError<E, HttpResponse>)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    tracing::info!(job.id = %job, cause = %DisplayErrorContext(error), "a customer's bucket was not written to");
}

/// Of a call that fails through nobody's fault but perhaps ours.
fn unavailable<E>(job: JobId, error: &SdkError<E, HttpResponse>, what: &str) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    note(job, error);
    let told = Told::by(error);
    if told.is_one_of(&OURS) {
        return Failure::plain(FailureKind::Storage);
    }
    told.failure(what, AGAIN)
}

fn not_assumed<E>(account: &AccountId, job: JobId, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    const WHAT: &str = "Your role could not be taken on";
    let told = Told::by(error);
    if told.is_one_of(&OURS) || told.kind == FailureKind::StorageUnavailable {
        return unavailable(job, error, WHAT);
    }
    note(job, error);
    if told.kind == FailureKind::StorageInvalid {
        return told.failure(WHAT, "check its ARN, and shorten the key");
    }
    let advice = format!(
        "it must trust this deployment with the external id {account}, and have a name that your operator allows"
    );
    told.failure(WHAT, &advice)
}

fn not_put<E>(job: JobId, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    note(job, error);
    let told = Told::by(error);
    let advice = match (told.kind, told.status) {
        _ if told.is_one_of(&ELSEWHERE) => "it is in another region; give that (`storage_region`)",
        _ if told.is_one_of(&["AccessControlListNotSupported"]) => {
            "switch its access control lists on, or leave `storage_acl` out"
        }
        (FailureKind::StorageUnavailable, None) => "check its region, or send the capture again",
        (FailureKind::StorageUnavailable, Some(_)) => AGAIN,
        (FailureKind::StorageDenied, _) => {
            "your role must allow s3:PutObject on the key, and the bucket must not deny it"
        }
        (_, Some(404)) => "check its name",
        _ => "check what it takes: class, readers, key",
    };
    told.failure("Your bucket didn't take the result", advice)
}

#[cfg(test)]
mod tests;
