//! Links to results: S3's presigned URLs where there is an identity whose key
//! outlives them, else links of our own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use darkroom_core::artifact::{FileKind, Link};
use darkroom_core::capture::Format;
use darkroom_core::id::JobId;
use darkroom_core::job::{Job, JobState};
use darkroom_core::port::{LinkTarget, Links, OwnLink, PortError, PortResult};
use darkroom_core::secret::Secret;
use darkroom_core::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tokio::time::Instant;

use crate::fault::{port_error, unsendable};
use crate::signer_secret::{self, SignerCredentials, SignerKeys};

const PRESIGN: &str = "s3 presigning";

/// How long keys are used before the secret is read again. After a rotation the
/// old key goes on signing for as long.
pub const KEYS_READ_EVERY: Duration = Duration::from_secs(5 * 60);

/// The longest that S3 lets a URL live (`X-Amz-Expires`).
pub const MAX_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What an own link redirects to need only live until the redirect is followed.
const SHORT_LIFE: Duration = Duration::from_secs(5 * 60);

/// Makes links to results in a bucket.
#[derive(Debug)]
pub struct S3Links {
    s3: Client,
    bucket: String,
    secrets_manager: aws_sdk_secretsmanager::Client,
    secret_arn: String,
    life: Duration,
    results_kept_for: Duration,
    identity: Mutex<Option<(Instant, Arc<Identity>)>>,
}

/// Where links lead and who signs them.
#[derive(Clone, Debug)]
pub struct LinkSettings {
    /// The bucket with the results.
    pub bucket: String,
    /// The secret with the keys, see [`signer_secret`].
    pub secret_arn: String,
    /// How long a link lives (`ResultUrlDays`), seven days at most, and no longer
    /// than its result.
    pub life: Duration,
    /// How long results are kept (`ResultRetentionDays`).
    pub results_kept_for: Duration,
}

#[derive(Debug)]
struct Identity {
    link_key: Secret,
    /// A client with the signing identity's own key.
    signer: Option<Client>,
}

/// What a URL leads to, and from when to when.
struct Grant<'a> {
    target: LinkTarget<'a>,
    job: JobId,
    from: Timestamp,
    life: Duration,
}

impl S3Links {
    /// Links as these settings say. `s3` signs for itself what its own role may
    /// sign: URLs that live some minutes.
    #[must_use]
    pub fn new(
        s3: Client,
        secrets_manager: aws_sdk_secretsmanager::Client,
        settings: LinkSettings,
    ) -> Self {
        Self {
            s3,
            bucket: settings.bucket,
            secrets_manager,
            secret_arn: settings.secret_arn,
            life: settings.life.min(MAX_LIFE),
            results_kept_for: settings.results_kept_for,
            identity: Mutex::new(None),
        }
    }

    async fn identity(&self) -> PortResult<Arc<Identity>> {
        if let Some(identity) = self.known_identity() {
            return Ok(identity);
        }
        let keys = signer_secret::read(&self.secrets_manager, &self.secret_arn).await?;
        let identity = Arc::new(self.identify(keys));
        *self.identity.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&identity)));
        Ok(identity)
    }

    fn known_identity(&self) -> Option<Arc<Identity>> {
        let known = self.identity.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, identity) = known.as_ref()?;
        (read_at.elapsed() < KEYS_READ_EVERY).then(|| Arc::clone(identity))
    }

    fn identify(&self, keys: SignerKeys) -> Identity {
        let signer = keys.credentials.map(|pair| {
            let config = self.s3.config().to_builder();
            Client::from_conf(config.credentials_provider(credentials(&pair)).build())
        });
        Identity { link_key: keys.link_key, signer }
    }

    /// How long the result of a job is still kept: counted from when it was stored, or from
    /// now while it is being. The bucket's rule runs later, at midnight.
    fn left_of(&self, job: &Job, now: Timestamp) -> Duration {
        let stored_at = match &job.state {
            JobState::Completed { artifact, .. } => artifact.stored_at,
            JobState::Accepted
            | JobState::Queued
            | JobState::Rendering(_)
            | JobState::Rejected { .. }
            | JobState::Failed { .. } => now,
        };
        let left = (stored_at + self.results_kept_for).since(now);
        // S3 signs no shorter, and what is past its time may be gone at any moment.
        left.max(SHORT_LIFE)
    }

    async fn presign(&self, signer: &Client, grant: Grant<'_>) -> PortResult<Link> {
        // The URL's own date has whole seconds.
        let from = Timestamp::from_secs(grant.from.as_secs());
        let config = PresigningConfig::builder()
            .start_time(UNIX_EPOCH + Duration::from_secs(from.as_secs()))
            .expires_in(grant.life)
            .build()
            .map_err(|fault| unsendable(PRESIGN, fault))?;
        let LinkTarget { key, file, format } = grant.target;
        let (job, extension) = (grant.job, format.extension());
        let (key, name) = match file {
            None => (key.clone(), format!("{job}.{extension}")),
            Some(file) => (key.of_file(file), format!("{job}-{}.{extension}", file.name())),
        };
        // A page's scripts would run in the bucket's name.
        let shown = if format == Format::Html { "attachment" } else { "inline" };
        let presigned = signer
            .get_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .response_content_disposition(format!("{shown}; filename=\"{name}\""))
            .presigned(config)
            .await
            .map_err(|error| port_error(PRESIGN, error))?;
        Ok(Link { url: presigned.uri().to_owned(), expires_at: from + grant.life })
    }
}

#[async_trait]
impl Links for S3Links {
    async fn link(&self, job: &Job, target: LinkTarget<'_>, now: Timestamp) -> PortResult<Link> {
        let identity = self.identity().await?;
        let life = self.life.min(self.left_of(job, now));
        let Some(signer) = &identity.signer else {
            let expires_at = Timestamp::from_secs((now + life).as_secs());
            return own_link(&identity.link_key, job, target.file, expires_at);
        };
        let grant = Grant { target, job: job.id, from: now, life };
        self.presign(signer, grant).await
    }

    async fn short_link(
        &self,
        job: JobId,
        target: LinkTarget<'_>,
        now: Timestamp,
    ) -> PortResult<Link> {
        let identity = self.identity().await?;
        let grant = Grant { target, job, from: now, life: SHORT_LIFE };
        let signer = identity.signer.as_ref().unwrap_or(&self.s3);
        self.presign(signer, grant).await
    }

    async fn verify(&self, link: &OwnLink) -> PortResult<bool> {
        let Ok(signature) = hex::decode(&link.signature) else {
            return Ok(false);
        };
        let identity = self.identity().await?;
        let mac = mac(&identity.link_key, link.job, link.file.as_deref(), link.expires_at)?;
        Ok(mac.verify_slice(&signature).is_ok())
    }
}

/// `{public origin}/r/{job}/{end in seconds since 1970}/{signature}`, and `/{name}`
/// for a file of the result.
fn own_link(
    key: &Secret,
    job: &Job,
    file: Option<FileKind>,
    expires_at: Timestamp,
) -> PortResult<Link> {
    let name = file.map(FileKind::name);
    let signature = mac(key, job.id, name.as_deref(), expires_at)?.finalize().into_bytes();
    let (origin, seconds) = (&job.order.public_origin, expires_at.as_secs());
    let mut url = format!("{origin}/r/{}/{seconds}/{}", job.id, hex::encode(signature));
    if let Some(name) = name {
        url.push('/');
        url.push_str(&name);
    }
    Ok(Link { url, expires_at })
}

fn mac(
    key: &Secret,
    job: JobId,
    file: Option<&str>,
    expires_at: Timestamp,
) -> PortResult<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose())
        .map_err(|fault| PortError::Unavailable { service: "links", cause: fault.to_string() })?;
    mac.update(format!("darkroom link v1 {job} {}", expires_at.as_secs()).as_bytes());
    if let Some(file) = file {
        mac.update(format!(" {file}").as_bytes());
    }
    Ok(mac)
}

fn credentials(pair: &SignerCredentials) -> Credentials {
    let secret = String::from_utf8_lossy(pair.secret_access_key.expose());
    Credentials::new(&pair.access_key_id, secret, None, None, "darkroom signer secret")
}
