use bytes::Bytes;
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_core::artifact::{ArtifactKey, ByteSize, InputKey};
use darkroom_core::capture::{Format, Source};
use darkroom_core::id::JobId;
use darkroom_core::port::{ArtifactStore as _, OpenArtifact};
use futures::TryStreamExt as _;

use crate::ground::Ground;
use crate::orders::{NOW, spec, token};

async fn read(open: OpenArtifact) -> Vec<u8> {
    let pieces: Vec<Bytes> = open.content.try_collect().await.unwrap();
    pieces.concat()
}

#[tokio::test]
async fn a_result_is_read_as_it_was_stored_and_is_never_overwritten() {
    let ground = Ground::new().await;
    let store = S3ArtifactStore::new(ground.clients.s3.clone(), &ground.name);
    let key = ArtifactKey::of(JobId::new(NOW, 1), token(1));
    assert!(!store.exists(&key).await.unwrap());
    assert!(store.open(&key).await.unwrap().is_none());

    let content: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let picture = Bytes::from(content.clone());
    store.put(&key, picture, Format::Png).await.unwrap();
    let again = Bytes::from_static(b"another");
    store.put(&key, again, Format::Png).await.unwrap();

    assert!(store.exists(&key).await.unwrap());
    let open = store.open(&key).await.unwrap().unwrap();
    assert_eq!(open.size, ByteSize::from_bytes(3_000_000));
    assert_eq!(read(open).await, content);
    let head = ground.clients.s3.head_object().bucket(&ground.name);
    let head = head.key(key.as_str()).send().await.unwrap();
    assert_eq!(head.content_type.as_deref(), Some("image/png"));

    for _ in 0..2 {
        store.delete(&key).await.unwrap();
        assert!(!store.exists(&key).await.unwrap());
    }
}

#[tokio::test]
async fn a_large_specification_survives_a_round_trip() {
    let ground = Ground::new().await;
    let store = S3ArtifactStore::new(ground.clients.s3.clone(), &ground.name);
    let key = InputKey::of(JobId::new(NOW, 1));
    let spec = spec(Source::Html("<p>\"ü\"</p>\n".repeat(200_000)));
    store.put_input(&key, &spec).await.unwrap();
    assert_eq!(store.input(&key).await.unwrap(), Some(spec));
    for _ in 0..2 {
        store.delete_input(&key).await.unwrap();
        assert_eq!(store.input(&key).await.unwrap(), None);
    }
}
