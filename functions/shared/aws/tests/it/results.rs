use bytes::Bytes;
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_core::artifact::{ArtifactKey, ByteSize, InputKey};
use darkroom_core::capture::{Format, Source};
use darkroom_core::id::JobId;
use darkroom_core::port::{ArtifactStore as _, Content, OpenArtifact, PortError};
use futures::{TryStreamExt as _, stream};

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
    let size = store.put(&key, Content::Bytes(picture), Format::Png).await.unwrap();
    assert_eq!(size, ByteSize::from_bytes(3_000_000));
    let again = Bytes::from_static(b"another");
    store.put(&key, Content::Bytes(again), Format::Png).await.unwrap();

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
async fn a_stream_is_stored_in_parts_and_nothing_of_one_that_breaks() {
    let ground = Ground::new().await;
    let store = S3ArtifactStore::new(ground.clients.s3.clone(), &ground.name);
    let piece =
        |n: u32| Bytes::from((0..700_000).map(|at| (at * n % 251) as u8).collect::<Vec<_>>());
    for count in [0_u8, 1, 30] {
        let key = ArtifactKey::of(JobId::new(NOW, 1), token(count));
        let count = u32::from(count);
        let pieces = (0..count).map(move |n| Ok(piece(n)));
        let pieces = Content::Stream(Box::pin(stream::iter(pieces)));
        let size = store.put(&key, pieces, Format::Pdf).await.unwrap();
        assert_eq!(size, ByteSize::from_bytes(u64::from(count) * 700_000));
        let whole: Vec<Bytes> = (0..count).map(piece).collect();
        let open = store.open(&key).await.unwrap().unwrap();
        assert!(read(open).await == whole.concat(), "{count} pieces");
        let head = ground.clients.s3.head_object().bucket(&ground.name);
        let head = head.key(key.as_str()).send().await.unwrap();
        assert_eq!(head.content_type.as_deref(), Some("application/pdf"));
    }

    let key = ArtifactKey::of(JobId::new(NOW, 2), token(99));
    let broken = || PortError::Unavailable { service: "test", cause: String::from("broken") };
    let pieces = (0..20).map(|n| if n < 19 { Ok(piece(n)) } else { Err(broken()) });
    let pieces: Vec<_> = pieces.collect();
    let pieces = Content::Stream(Box::pin(stream::iter(pieces)));
    let fault = store.put(&key, pieces, Format::Pdf).await.unwrap_err();
    assert!(fault.to_string().contains("broken"), "{fault}");
    assert!(!store.exists(&key).await.unwrap());
    let left = ground.clients.s3.list_multipart_uploads().bucket(&ground.name).send().await;
    assert_eq!(left.unwrap().uploads().len(), 0);
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
