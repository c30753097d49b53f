//! `ArtifactStore`: what was put is what is opened, and nothing is written over.

use bytes::Bytes;
use darkroom_core::artifact::{ArtifactKey, ByteSize, FileKind, InputKey};
use darkroom_core::capture::{Format, Source};
use darkroom_core::port::{Content, PortError, PortResult};
use darkroom_core::report::PixelSize;
use futures::{TryStreamExt as _, stream};

use crate::Ground;
use crate::orders::{spec, token};

/// Several parts of an upload, together with others.
const PIECE_BYTES: usize = 700_000;

/// The key of a claim's result.
fn key(ground: &dyn Ground, by: u8) -> ArtifactKey {
    ArtifactKey::of(ground.job(1).id, token(by))
}

/// Bytes that differ from place to place, and from one `seed` to the next.
fn bytes(seed: usize, count: usize) -> Bytes {
    let byte = |at| u8::try_from((at * 7 + seed * 31) % 251).unwrap();
    (0..count).map(byte).collect()
}

async fn put(ground: &dyn Ground, key: &ArtifactKey, content: Bytes) -> ByteSize {
    let put = ground.artifacts().put(key, Content::Bytes(content), Format::Png);
    put.await.unwrap()
}

async fn put_stream(
    ground: &dyn Ground,
    key: &ArtifactKey,
    pieces: Vec<PortResult<Bytes>>,
) -> PortResult<ByteSize> {
    let pieces = Content::Stream(Box::pin(stream::iter(pieces)));
    ground.artifacts().put(key, pieces, Format::Pdf).await
}

/// The whole of a result, which is as long as it says.
async fn read(ground: &dyn Ground, key: &ArtifactKey) -> Option<Vec<u8>> {
    let open = ground.artifacts().open(key).await.unwrap();
    assert_eq!(ground.artifacts().exists(key).await.unwrap(), open.is_some());
    let open = open?;
    let pieces: Vec<Bytes> = open.content.try_collect().await.unwrap();
    let content = pieces.concat();
    assert_eq!(open.size, ByteSize::from_bytes(content.len() as u64));
    Some(content)
}

pub(crate) async fn a_result_is_read_as_it_was_stored(ground: &dyn Ground) {
    for (by, count) in [(1, 0), (2, 1), (3, 3_000_000)] {
        let (key, content) = (key(ground, by), bytes(1, count));
        let size = put(ground, &key, content.clone()).await;
        assert_eq!(size, ByteSize::from_bytes(count as u64));
        for _ in 0..2 {
            assert!(read(ground, &key).await.unwrap() == content, "{count} bytes");
        }
    }
}

pub(crate) async fn a_result_that_is_there_is_never_written_over(ground: &dyn Ground) {
    let key = key(ground, 1);
    put(ground, &key, bytes(1, 100)).await;
    put(ground, &key, bytes(2, 50)).await;
    assert_eq!(read(ground, &key).await.unwrap(), bytes(1, 100));
}

pub(crate) async fn a_stream_is_stored_whole(ground: &dyn Ground) {
    for count in [0_u8, 1, 12] {
        let key = key(ground, count);
        let pieces: Vec<_> = (0..count).map(|n| bytes(n.into(), PIECE_BYTES)).collect();
        let size = put_stream(ground, &key, pieces.iter().cloned().map(Ok).collect()).await;
        assert_eq!(size.unwrap().as_bytes(), u64::from(count) * PIECE_BYTES as u64);
        assert!(read(ground, &key).await.unwrap() == pieces.concat(), "{count} pieces");
    }
}

pub(crate) async fn nothing_is_stored_of_a_stream_that_ends_with_a_fault(ground: &dyn Ground) {
    for (by, whole_pieces) in [(1, 0), (2, 1), (3, 12)] {
        let broken = PortError::Unavailable { service: "test", cause: String::from("broken") };
        let mut pieces: Vec<_> = (0..whole_pieces).map(|n| Ok(bytes(n, PIECE_BYTES))).collect();
        pieces.push(Err(broken));
        let fault = put_stream(ground, &key(ground, by), pieces).await.unwrap_err();
        assert!(fault.to_string().contains("broken"), "{fault}");
        assert_eq!(read(ground, &key(ground, by)).await, None, "{whole_pieces} pieces");
    }
}

pub(crate) async fn what_is_missing_is_none(ground: &dyn Ground) {
    put(ground, &key(ground, 1), bytes(1, 10)).await;
    assert_eq!(read(ground, &key(ground, 2)).await, None);
    let input = InputKey::of(ground.job(1).id);
    assert_eq!(ground.artifacts().input(&input).await.unwrap(), None);
}

pub(crate) async fn deleting_what_is_gone_is_no_fault(ground: &dyn Ground) {
    let (result, input) = (key(ground, 1), InputKey::of(ground.job(1).id));
    put(ground, &result, bytes(1, 10)).await;
    ground.artifacts().put_input(&input, &spec(Source::Html("a".to_owned()))).await.unwrap();
    for _ in 0..2 {
        ground.artifacts().delete(&result).await.unwrap();
        assert_eq!(read(ground, &result).await, None);
        ground.artifacts().delete_input(&input).await.unwrap();
        assert_eq!(ground.artifacts().input(&input).await.unwrap(), None);
    }
}

pub(crate) async fn a_file_of_a_result_is_an_object_of_its_own(ground: &dyn Ground) {
    let result = key(ground, 1);
    let slice = result.of_file(FileKind::Slice {
        index: 0,
        offset_y_px: 0,
        pixels: PixelSize { width: 1, height: 1 },
    });
    put(ground, &result, bytes(1, 10)).await;
    assert_eq!(read(ground, &slice).await, None);
    put(ground, &slice, bytes(2, 20)).await;
    ground.artifacts().delete(&result).await.unwrap();
    assert_eq!(read(ground, &result).await, None);
    assert_eq!(read(ground, &slice).await.unwrap(), bytes(2, 20));
}

pub(crate) async fn a_specification_is_read_as_it_was_stored(ground: &dyn Ground) {
    let input = InputKey::of(ground.job(1).id);
    let large = spec(Source::Html("<p>\"ü\"</p>\n".repeat(200_000)));
    ground.artifacts().put_input(&input, &large).await.unwrap();
    assert!(ground.artifacts().input(&input).await.unwrap() == Some(large));
}

pub(crate) async fn a_specification_that_is_there_is_never_written_over(ground: &dyn Ground) {
    let input = InputKey::of(ground.job(1).id);
    let [first, second] = ["first", "second"].map(|html| spec(Source::Html(html.to_owned())));
    for spec in [&first, &second] {
        ground.artifacts().put_input(&input, spec).await.unwrap();
    }
    assert_eq!(ground.artifacts().input(&input).await.unwrap(), Some(first));
}
