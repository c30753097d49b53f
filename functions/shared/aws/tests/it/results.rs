use bytes::Bytes;
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_contract::orders::{NOW, token};
use darkroom_core::artifact::ArtifactKey;
use darkroom_core::capture::Format;
use darkroom_core::id::JobId;
use darkroom_core::port::{ArtifactStore as _, Content, PortError};
use futures::stream;

use crate::ground::Ground;

#[tokio::test]
async fn a_result_has_the_media_type_of_its_format_however_it_was_stored() {
    let ground = Ground::new().await;
    let store = S3ArtifactStore::new(ground.clients.s3.clone(), &ground.name);
    let picture = Bytes::from_static(b"picture");
    let pieces = Content::Stream(Box::pin(stream::iter([Ok(picture.clone())])));
    for (by, content, format, media_type) in [
        (1, Content::Bytes(picture), Format::Png, "image/png"),
        (2, pieces, Format::Pdf, "application/pdf"),
    ] {
        let key = ArtifactKey::of(JobId::new(NOW, 1), token(by));
        store.put(&key, content, format).await.unwrap();
        let head = ground.clients.s3.head_object().bucket(&ground.name);
        let head = head.key(key.as_str()).send().await.unwrap();
        assert_eq!(head.content_type.as_deref(), Some(media_type));
    }
}

#[tokio::test]
async fn the_upload_of_a_stream_that_breaks_is_aborted() {
    let ground = Ground::new().await;
    let store = S3ArtifactStore::new(ground.clients.s3.clone(), &ground.name);
    let key = ArtifactKey::of(JobId::new(NOW, 1), token(1));
    let broken = PortError::Unavailable { service: "test", cause: String::from("broken") };
    let part = Bytes::from(vec![0; 6 << 20]);
    let pieces = stream::iter([Ok(part.clone()), Ok(part), Err(broken)]);
    let put = store.put(&key, Content::Stream(Box::pin(pieces)), Format::Pdf);
    assert!(put.await.is_err());
    let left = ground.clients.s3.list_multipart_uploads().bucket(&ground.name).send().await;
    assert_eq!(left.unwrap().uploads().len(), 0);
}
