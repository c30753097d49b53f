//! Results and large specifications in S3.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use darkroom_core::artifact::{ArtifactKey, ByteSize, InputKey};
use darkroom_core::capture::{CaptureSpec, Format};
use darkroom_core::port::{ArtifactStore, Content, OpenArtifact, PortError, PortResult};
use futures::stream;

use crate::fault::{port_error, unsendable};
use crate::item::Unreadable;
use crate::spec_document::SpecDocument;
use crate::upload::Upload;

const GET: &str = "s3 GetObject";
const PUT: &str = "s3 PutObject";

/// Keeps results under `results/` and specifications under `inputs/`.
#[derive(Clone, Debug)]
pub struct S3ArtifactStore {
    client: Client,
    bucket: String,
}

impl S3ArtifactStore {
    /// The store in this bucket.
    #[must_use]
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into() }
    }

    /// Puts an object under a key that no other writer knows. That it is there
    /// already means that an earlier try of this call had put it.
    async fn put_once(&self, put: PutObjectFluentBuilder) -> PortResult<()> {
        match put.bucket(&self.bucket).if_none_match("*").send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let status = error.raw_response().map(|reply| reply.status().as_u16());
                if status == Some(412) {
                    return Ok(());
                }
                Err(port_error(PUT, error))
            }
        }
    }

    async fn get(&self, key: &str) -> PortResult<Option<GetObjectOutput>> {
        let got = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        match got {
            Ok(object) => Ok(Some(object)),
            Err(error) => match error.as_service_error() {
                Some(GetObjectError::NoSuchKey(_)) => Ok(None),
                _ => Err(port_error(GET, error)),
            },
        }
    }

    async fn delete_object(&self, key: &str) -> PortResult<()> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await
            .map(drop)
            .map_err(|error| port_error("s3 DeleteObject", error))
    }
}

#[async_trait]
impl ArtifactStore for S3ArtifactStore {
    async fn put(
        &self,
        key: &ArtifactKey,
        content: Content,
        format: Format,
    ) -> PortResult<ByteSize> {
        let content = match content {
            Content::Bytes(content) => content,
            Content::Stream(pieces) => {
                let upload = Upload::begin(&self.client, &self.bucket, key, format).await?;
                return upload.take_all(pieces).await;
            }
        };
        let size = ByteSize::from_bytes(content.len() as u64);
        let put = self
            .client
            .put_object()
            .key(key.as_str())
            .content_type(format.media_type())
            .body(content.into());
        self.put_once(put).await?;
        Ok(size)
    }

    async fn open(&self, key: &ArtifactKey) -> PortResult<Option<OpenArtifact>> {
        let Some(object) = self.get(key.as_str()).await? else {
            return Ok(None);
        };
        let size = object
            .content_length
            .and_then(|length| u64::try_from(length).ok())
            .ok_or_else(|| corrupt("an object without a length"))?;
        let pieces = stream::try_unfold(object.body, |mut body| async move {
            let piece = body.try_next().await.map_err(|fault| unsendable(GET, fault))?;
            Ok(piece.map(|piece| (piece, body)))
        });
        Ok(Some(OpenArtifact { size: ByteSize::from_bytes(size), content: Box::pin(pieces) }))
    }

    async fn exists(&self, key: &ArtifactKey) -> PortResult<bool> {
        let head = self.client.head_object().bucket(&self.bucket).key(key.as_str()).send().await;
        match head {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(fault) if fault.is_not_found() => Ok(false),
                _ => Err(port_error("s3 HeadObject", error)),
            },
        }
    }

    async fn delete(&self, key: &ArtifactKey) -> PortResult<()> {
        self.delete_object(key.as_str()).await
    }

    async fn put_input(&self, key: &InputKey, spec: &CaptureSpec) -> PortResult<()> {
        let document = serde_json::to_vec(&SpecDocument::from(spec))
            .map_err(|fault| corrupt(&fault.to_string()))?;
        let put = self
            .client
            .put_object()
            .key(key.as_str())
            .content_type("application/json")
            .body(document.into());
        self.put_once(put).await
    }

    async fn input(&self, key: &InputKey) -> PortResult<Option<CaptureSpec>> {
        let Some(object) = self.get(key.as_str()).await? else {
            return Ok(None);
        };
        let content = object.body.collect().await;
        let content = content.map_err(|fault| unsendable(GET, fault))?.to_vec();
        let document: SpecDocument =
            serde_json::from_slice(&content).map_err(|fault| corrupt(&fault.to_string()))?;
        let spec = CaptureSpec::try_from(document).map_err(|Unreadable(cause)| corrupt(&cause))?;
        Ok(Some(spec))
    }

    async fn delete_input(&self, key: &InputKey) -> PortResult<()> {
        self.delete_object(key.as_str()).await
    }
}

fn corrupt(cause: &str) -> PortError {
    PortError::Corrupt { service: "s3", cause: cause.to_owned() }
}
