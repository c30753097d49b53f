//! The bucket and its links.

use std::time::Duration;

use async_trait::async_trait;
use darkroom_core::artifact::{ArtifactKey, ByteSize, InputKey, Link};
use darkroom_core::capture::{CaptureSpec, Format};
use darkroom_core::id::JobId;
use darkroom_core::job::Job;
use darkroom_core::port::{
    ArtifactStore, Content, LinkTarget, Links, OpenArtifact, OwnLink, PortResult,
};
use darkroom_core::time::Timestamp;
use futures::stream;

use crate::world::World;

/// Pieces are small, so that whatever reads in pieces is seen to.
const PIECE_BYTES: usize = 1 << 20;

const RESULT_URL: Duration = Duration::from_secs(3 * 24 * 60 * 60);
const SHORT_URL: Duration = Duration::from_secs(300);

#[async_trait]
impl ArtifactStore for World {
    async fn put(
        &self,
        key: &ArtifactKey,
        content: Content,
        _format: Format,
    ) -> PortResult<ByteSize> {
        let is_upload = matches!(content, Content::Stream(_));
        let content = content.collect().await?;
        self.call("artifacts.put", |state| {
            let size = ByteSize::from_bytes(content.len() as u64);
            let before = state.results.get(key.as_str());
            if before.is_some_and(|before| *before != content) {
                state.violations.push(format!("{} was written over", key.as_str()));
            }
            // S3 refuses a put where there is something, and completes an upload.
            if before.is_none() || is_upload {
                state.results.insert(key.as_str().to_owned(), content.clone());
            }
            size
        })
        .await
    }

    async fn open(&self, key: &ArtifactKey) -> PortResult<Option<OpenArtifact>> {
        let content =
            self.call("artifacts.open", |state| state.results.get(key.as_str()).cloned()).await?;
        Ok(content.map(|content| {
            let size = ByteSize::from_bytes(content.len() as u64);
            let starts = (0..content.len()).step_by(PIECE_BYTES);
            let pieces: Vec<_> = starts
                .map(|at| Ok(content.slice(at..content.len().min(at + PIECE_BYTES))))
                .collect();
            OpenArtifact { size, content: Box::pin(stream::iter(pieces)) }
        }))
    }

    async fn exists(&self, key: &ArtifactKey) -> PortResult<bool> {
        self.call("artifacts.exists", |state| state.results.contains_key(key.as_str())).await
    }

    async fn delete(&self, key: &ArtifactKey) -> PortResult<()> {
        self.call("artifacts.delete", |state| {
            state.results.remove(key.as_str());
        })
        .await
    }

    async fn put_input(&self, key: &InputKey, spec: &CaptureSpec) -> PortResult<()> {
        self.call("artifacts.put_input", |state| {
            state.inputs.entry(key.as_str().to_owned()).or_insert_with(|| spec.clone());
        })
        .await
    }

    async fn input(&self, key: &InputKey) -> PortResult<Option<CaptureSpec>> {
        self.call("artifacts.input", |state| state.inputs.get(key.as_str()).cloned()).await
    }

    async fn delete_input(&self, key: &InputKey) -> PortResult<()> {
        self.call("artifacts.delete_input", |state| {
            state.inputs.remove(key.as_str());
        })
        .await
    }
}

#[async_trait]
impl Links for World {
    async fn link(&self, _job: &Job, target: LinkTarget<'_>, now: Timestamp) -> PortResult<Link> {
        let expires_at = now + RESULT_URL;
        let (key, until) = (key_of(target), expires_at.as_secs());
        let url = format!("https://bucket.example/{key}?until={until}");
        self.call_once("links.link", |_| Link { url, expires_at }).await
    }

    async fn short_link(
        &self,
        _job: JobId,
        target: LinkTarget<'_>,
        now: Timestamp,
    ) -> PortResult<Link> {
        let expires_at = now + SHORT_URL;
        let url = format!("https://bucket.example/{}?short", key_of(target));
        self.call_once("links.short_link", |_| Link { url, expires_at }).await
    }

    async fn verify(&self, link: &OwnLink) -> PortResult<bool> {
        let right = link.signature == "right";
        self.call("links.verify", |_| right).await
    }
}

fn key_of(target: LinkTarget<'_>) -> String {
    match target.file {
        None => target.key.as_str().to_owned(),
        Some(file) => target.key.of_file(file).as_str().to_owned(),
    }
}
