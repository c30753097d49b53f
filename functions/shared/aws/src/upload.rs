//! An object that is stored while it is made: S3's multipart upload, one part in
//! memory at a time. An upload that is given up is aborted; what is left of one
//! whose function died, the bucket's lifecycle aborts.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::{Bytes, BytesMut};
use darkroom_core::artifact::{ArtifactKey, ByteSize};
use darkroom_core::capture::Format;
use darkroom_core::port::{ByteStream, PortError, PortResult};
use futures::TryStreamExt as _;

use crate::fault::port_error;

/// The least that S3 takes as a part that isn't the last.
const PART_BYTES: usize = 5 * 1024 * 1024;

/// An upload that was begun.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    client: &'a Client,
    bucket: &'a str,
    key: &'a str,
    id: String,
}

impl<'a> Upload<'a> {
    /// Begins an upload.
    pub(crate) async fn begin(
        client: &'a Client,
        bucket: &'a str,
        key: &'a ArtifactKey,
        format: Format,
    ) -> PortResult<Self> {
        const SERVICE: &str = "s3 CreateMultipartUpload";
        let key = key.as_str();
        let begin = client.create_multipart_upload().bucket(bucket).key(key);
        let begun = begin.content_type(format.media_type()).send().await;
        let begun = begun.map_err(|error| port_error(SERVICE, error))?;
        let id = begun.upload_id.ok_or_else(|| PortError::Corrupt {
            service: SERVICE,
            cause: String::from("an upload without an id"),
        })?;
        Ok(Self { client, bucket, key, id })
    }

    /// Uploads all pieces, and yields how many bytes they were. Nothing is stored
    /// if they end with a fault.
    pub(crate) async fn take_all(self, pieces: ByteStream) -> PortResult<ByteSize> {
        let uploaded = async {
            let (parts, size) = self.upload(pieces).await?;
            self.complete(parts).await?;
            Ok(size)
        };
        let uploaded = uploaded.await;
        if uploaded.is_err() {
            self.abort().await;
        }
        uploaded
    }

    async fn upload(&self, mut pieces: ByteStream) -> PortResult<(Vec<CompletedPart>, ByteSize)> {
        let (mut parts, mut part, mut size) = (Vec::new(), BytesMut::new(), 0);
        while let Some(piece) = pieces.try_next().await? {
            size += piece.len() as u64;
            part.extend_from_slice(&piece);
            if part.len() >= PART_BYTES {
                parts.push(self.put(parts.len(), part.split().freeze()).await?);
            }
        }
        if !part.is_empty() || parts.is_empty() {
            parts.push(self.put(parts.len(), part.freeze()).await?);
        }
        Ok((parts, ByteSize::from_bytes(size)))
    }

    /// Puts the part after so many others.
    async fn put(&self, others: usize, content: Bytes) -> PortResult<CompletedPart> {
        let number = i32::try_from(others).unwrap_or(i32::MAX).saturating_add(1);
        let put = self.client.upload_part().bucket(self.bucket).key(self.key);
        let put = put.upload_id(&self.id).part_number(number).body(content.into()).send().await;
        let put = put.map_err(|error| port_error("s3 UploadPart", error))?;
        Ok(CompletedPart::builder().part_number(number).set_e_tag(put.e_tag).build())
    }

    async fn complete(&self, parts: Vec<CompletedPart>) -> PortResult<()> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.client.complete_multipart_upload().bucket(self.bucket).key(self.key);
        let completed = complete.upload_id(&self.id).multipart_upload(parts).send().await;
        completed.map(drop).map_err(|error| port_error("s3 CompleteMultipartUpload", error))
    }

    async fn abort(&self) {
        let abort = self.client.abort_multipart_upload().bucket(self.bucket).key(self.key);
        if let Err(error) = abort.upload_id(&self.id).send().await {
            let error = port_error("s3 AbortMultipartUpload", error);
            tracing::warn!(%error, "an upload is left to the bucket's lifecycle");
        }
    }
}
