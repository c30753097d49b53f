//! Buckets of customers, written to under roles of theirs. A session lives for one object: its
//! policy allows to put that, and nothing else, whatever the role itself allows.

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{ObjectCannedAcl, StorageClass as S3Class};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::port::{Content, CustomerBuckets, Parcel};
use darkroom_core::storage::{CustomerBucket, Readers, StorageClass};
use serde_json::json;
use tokio::time::timeout;

use crate::fault::is_busy;

/// The shortest session there is, in seconds.
const SESSION_SECS: i32 = 900;

/// What is said of storage that may fare better at another try.
const AGAIN: &str = "the capture can be sent again";

/// Writes to customers' buckets.
#[derive(Clone, Debug)]
pub struct RoleBuckets {
    sts: aws_sdk_sts::Client,
    s3: aws_sdk_s3::Client,
}

impl RoleBuckets {
    /// `s3` is what the clients under customers' roles are like.
    #[must_use]
    pub const fn new(sts: aws_sdk_sts::Client, s3: aws_sdk_s3::Client) -> Self {
        Self { sts, s3 }
    }

    /// A client under the customer's role. The external id is ours to choose, not the request's:
    /// with another account's, one customer could have us write to another's bucket.
    async fn client(
        &self,
        account: &AccountId,
        to: &CustomerBucket,
        job: JobId,
    ) -> Result<aws_sdk_s3::Client, Failure> {
        let session = self.sts.assume_role().role_arn(to.role.as_str());
        let session = session
            .role_session_name(format!("darkroom-{job}"))
            .external_id(account.to_string())
            .policy(policy(to))
            .duration_seconds(SESSION_SECS);
        let assumed = session.send().await.map_err(|error| not_assumed(account, job, &error))?;
        let Some(keys) = assumed.credentials else {
            return Err(Failure::plain(FailureKind::StorageUnavailable));
        };
        let token = Some(keys.session_token);
        let credentials = Credentials::new(
            keys.access_key_id,
            keys.secret_access_key,
            token,
            None,
            "a customer's role",
        );
        let mut config = self.s3.config().to_builder().credentials_provider(credentials);
        if let Some(region) = &to.region {
            config = config.region(Region::new(region.as_str().to_owned()));
        }
        Ok(aws_sdk_s3::Client::from_conf(config.build()))
    }
}

#[async_trait]
impl CustomerBuckets for RoleBuckets {
    /// The file is held in memory once: S3 is told its length and its sum before it.
    async fn store(
        &self,
        account: &AccountId,
        to: &CustomerBucket,
        parcel: Parcel,
    ) -> Result<(), Failure> {
        let Parcel { job, format, content, within, .. } = parcel;
        let stored = async {
            let client = self.client(account, to, job).await?;
            let content = Content::Stream(content).collect().await.map_err(|error| {
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

/// What a session may do: put this object, and have the key used with which its bucket encrypts.
fn policy(to: &CustomerBucket) -> String {
    let object = format!(
        "arn:{}:s3:::{}/{}",
        to.role.partition(),
        to.bucket.as_str(),
        literal(to.key.as_str())
    );
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:PutObjectAcl"],
                "Resource": object,
            },
            {
                "Effect": "Allow",
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                "Resource": "*",
                "Condition": {"StringLike": {"kms:ViaService": "s3.*"}},
            },
        ],
    })
    .to_string()
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
    code: String,
    is_busy: bool,
}

impl Told {
    fn by<E: ProvideErrorMetadata>(
        error: &SdkError<E, aws_sdk_s3::config::http::HttpResponse>,
    ) -> Self {
        let status = error.raw_response().map(|reply| reply.status().as_u16());
        let code = error.code().unwrap_or("no code").to_owned();
        Self { status, code, is_busy: is_busy(error) }
    }

    const fn may_pass(&self) -> bool {
        self.is_busy || matches!(self.status, None | Some(408 | 429 | 500..))
    }
}

fn not_assumed<E>(
    account: &AccountId,
    job: JobId,
    error: &SdkError<E, aws_sdk_s3::config::http::HttpResponse>,
) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let told = Told::by(error);
    tracing::info!(job.id = %job, cause = %DisplayErrorContext(error), "a customer's role was not taken on");
    let Told { code, .. } = &told;
    let (kind, message) = match told.status {
        _ if told.may_pass() => (
            FailureKind::StorageUnavailable,
            format!("Your role could not be taken on ({code}); {AGAIN}"),
        ),
        Some(403) => (
            FailureKind::StorageDenied,
            format!(
                "Your role could not be taken on ({code}); it must trust this deployment with the external id {account}, and have a name that your operator allows"
            ),
        ),
        _ => (
            FailureKind::StorageInvalid,
            format!("Your role could not be taken on ({code}); check its ARN, and shorten the key"),
        ),
    };
    Failure::new(kind, message)
}

fn not_put<E>(job: JobId, error: &SdkError<E, aws_sdk_s3::config::http::HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let told = Told::by(error);
    tracing::info!(job.id = %job, cause = %DisplayErrorContext(error), "a customer's bucket didn't take a result");
    let (kind, advice) = match told.status {
        _ if told.may_pass() => (FailureKind::StorageUnavailable, AGAIN),
        Some(403) => (
            FailureKind::StorageDenied,
            "your role must allow s3:PutObject on the key, and your bucket must not deny it",
        ),
        Some(404) => (FailureKind::StorageInvalid, "check the bucket's name"),
        Some(301 | 307) => {
            (FailureKind::StorageInvalid, "the bucket is in another region; give it")
        }
        _ => (FailureKind::StorageInvalid, "check what your bucket takes: class, readers, key"),
    };
    Failure::new(kind, format!("Your bucket didn't take the result ({}); {advice}", told.code))
}

#[cfg(test)]
mod tests {
    use darkroom_core::storage::{BucketName, ObjectKey, RoleArn};

    use super::*;

    #[test]
    fn a_session_may_put_this_object_and_no_other() {
        let to = CustomerBucket {
            role: RoleArn::parse("arn:aws-cn:iam::123456789012:role/a").unwrap(),
            region: None,
            bucket: BucketName::parse("shots").unwrap(),
            key: ObjectKey::parse("a/*?${aws:username}/ü€\"").unwrap(),
            class: StorageClass::Standard,
            readers: Readers::Owner,
        };
        let policy: serde_json::Value = serde_json::from_str(&policy(&to)).unwrap();
        let resource = policy["Statement"][0]["Resource"].as_str().unwrap();
        assert_eq!(resource, "arn:aws-cn:s3:::shots/a/${*}${?}${$}{aws:username}/ü*\"");
    }
}
