//! VP9 in WebM (RFC 9559, of which WebM takes a part), with what a player needs first in front.

use std::time::Duration;

use super::FilmError;

/// Pictures that were encoded elsewhere, as a file.
#[derive(Debug)]
pub struct WebM {
    size: (u32, u32),
    span_ms: u64,
    /// Those that begin with one that needs no other.
    clusters: Vec<Cluster>,
    count: u64,
}

#[derive(Debug)]
struct Cluster {
    begins_ms: u64,
    blocks: Vec<u8>,
}

/// A block's time is told in 16 bits with a sign, from its cluster's.
const MAX_CLUSTER_MS: u64 = 30_000;

const TRACK: u64 = 1;

impl WebM {
    /// No picture yet, of this many pixels; each will be shown for this span.
    #[must_use]
    pub fn new(size: (u32, u32), span: Duration) -> Self {
        let span_ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self { size, span_ms, clusters: Vec::new(), count: 0 }
    }

    /// Adds a picture in VP9.
    ///
    /// # Errors
    /// When the file would be too large.
    pub fn add(&mut self, picture: &[u8], is_independent: bool) -> Result<(), FilmError> {
        let begins_ms = self.count * self.span_ms;
        self.count += 1;
        let cluster = match self.clusters.last_mut() {
            Some(cluster) if !is_independent && begins_ms - cluster.begins_ms < MAX_CLUSTER_MS => {
                cluster
            }
            _ => {
                self.clusters.push(Cluster { begins_ms, blocks: Vec::new() });
                match self.clusters.last_mut() {
                    Some(cluster) => cluster,
                    None => return Err(FilmError::Lacking("clusters")),
                }
            }
        };
        let since = i16::try_from(begins_ms - cluster.begins_ms).unwrap_or(i16::MAX);
        let flags = if is_independent { 0x80 } else { 0 };
        let mut block = vec![0x80 | 1];
        block.extend(since.to_be_bytes());
        block.push(flags);
        block.extend(picture);
        cluster.blocks.extend(element(id::SIMPLE_BLOCK, &block));
        FilmError::of_length(self.clusters.iter().map(|cluster| cluster.blocks.len()).sum())
    }

    /// The file.
    ///
    /// # Errors
    /// When there is no picture in it.
    pub fn finish(self) -> Result<Vec<u8>, FilmError> {
        if self.clusters.is_empty() {
            return Err(FilmError::Lacking("pictures"));
        }
        let (info, tracks) = (self.info(), self.tracks());
        let clusters: Vec<_> = self.clusters.iter().map(Cluster::bytes).collect();
        // As long as they will be: their positions take eight bytes in any case.
        let length_of_cues = self.cues(0, &clusters).len();
        let begins = info.len() + tracks.len() + length_of_cues;
        let cues = self.cues(begins as u64, &clusters);
        let body = [info, tracks, cues, clusters.concat()].concat();
        Ok([head(), element(id::SEGMENT, &body)].concat())
    }

    fn info(&self) -> Vec<u8> {
        #[expect(clippy::cast_precision_loss, reason = "a clip is some thousand of ms long")]
        let duration = (self.count * self.span_ms) as f64;
        let made_by = env!("CARGO_PKG_NAME").as_bytes();
        let fields = [
            // Nanoseconds of a unit of time: it is the millisecond.
            number(id::TIMESTAMP_SCALE, 1_000_000),
            element(id::DURATION, &duration.to_be_bytes()),
            element(id::MUXING_APP, made_by),
            element(id::WRITING_APP, made_by),
        ];
        element(id::INFO, &fields.concat())
    }

    fn tracks(&self) -> Vec<u8> {
        let video = [
            number(id::PIXEL_WIDTH, self.size.0.into()),
            number(id::PIXEL_HEIGHT, self.size.1.into()),
        ];
        let entry = [
            number(id::TRACK_NUMBER, TRACK),
            number(id::TRACK_UID, TRACK),
            // Video.
            number(id::TRACK_TYPE, 1),
            number(id::FLAG_LACING, 0),
            number(id::DEFAULT_DURATION, self.span_ms * 1_000_000),
            element(id::CODEC_ID, b"V_VP9"),
            element(id::VIDEO, &video.concat()),
        ];
        element(id::TRACKS, &element(id::TRACK_ENTRY, &entry.concat()))
    }

    /// Where each cluster is, the first of which begins there in the segment.
    fn cues(&self, begins: u64, clusters: &[Vec<u8>]) -> Vec<u8> {
        let mut position = begins;
        let points = self.clusters.iter().zip(clusters).map(|(cluster, bytes)| {
            let place = [
                number(id::CUE_TRACK, TRACK),
                element(id::CUE_CLUSTER_POSITION, &position.to_be_bytes()),
            ];
            position += bytes.len() as u64;
            let point = [
                number(id::CUE_TIME, cluster.begins_ms),
                element(id::CUE_TRACK_POSITIONS, &place.concat()),
            ];
            element(id::CUE_POINT, &point.concat())
        });
        element(id::CUES, &points.collect::<Vec<_>>().concat())
    }
}

impl Cluster {
    fn bytes(&self) -> Vec<u8> {
        let timestamp = number(id::TIMESTAMP, self.begins_ms);
        element(id::CLUSTER, &[timestamp.as_slice(), self.blocks.as_slice()].concat())
    }
}

fn head() -> Vec<u8> {
    let fields = [
        number(id::EBML_VERSION, 1),
        number(id::EBML_READ_VERSION, 1),
        number(id::EBML_MAX_ID_LENGTH, 4),
        number(id::EBML_MAX_SIZE_LENGTH, 8),
        element(id::DOC_TYPE, b"webm"),
        number(id::DOC_TYPE_VERSION, 4),
        number(id::DOC_TYPE_READ_VERSION, 2),
    ];
    element(id::EBML, &fields.concat())
}

/// An element (RFC 8794): its id, its length in eight bytes, its content.
fn element(id: u32, content: &[u8]) -> Vec<u8> {
    let id = id.to_be_bytes();
    let id: Vec<u8> = id.into_iter().skip_while(|&byte| byte == 0).collect();
    let length = (1 << 56) | content.len() as u64;
    [id.as_slice(), &length.to_be_bytes(), content].concat()
}

fn number(id: u32, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let zeros = bytes.iter().take(7).take_while(|&&byte| byte == 0).count();
    element(id, bytes.get(zeros..).unwrap_or_default())
}

/// Ids of elements (RFC 8794 §11.2, RFC 9559 §5).
mod id {
    pub(super) const EBML: u32 = 0x1a45_dfa3;
    pub(super) const EBML_VERSION: u32 = 0x4286;
    pub(super) const EBML_READ_VERSION: u32 = 0x42f7;
    pub(super) const EBML_MAX_ID_LENGTH: u32 = 0x42f2;
    pub(super) const EBML_MAX_SIZE_LENGTH: u32 = 0x42f3;
    pub(super) const DOC_TYPE: u32 = 0x4282;
    pub(super) const DOC_TYPE_VERSION: u32 = 0x4287;
    pub(super) const DOC_TYPE_READ_VERSION: u32 = 0x4285;
    pub(super) const SEGMENT: u32 = 0x1853_8067;
    pub(super) const INFO: u32 = 0x1549_a966;
    pub(super) const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
    pub(super) const DURATION: u32 = 0x4489;
    pub(super) const MUXING_APP: u32 = 0x4d80;
    pub(super) const WRITING_APP: u32 = 0x5741;
    pub(super) const TRACKS: u32 = 0x1654_ae6b;
    pub(super) const TRACK_ENTRY: u32 = 0xae;
    pub(super) const TRACK_NUMBER: u32 = 0xd7;
    pub(super) const TRACK_UID: u32 = 0x73c5;
    pub(super) const TRACK_TYPE: u32 = 0x83;
    pub(super) const FLAG_LACING: u32 = 0x9c;
    pub(super) const DEFAULT_DURATION: u32 = 0x23_e383;
    pub(super) const CODEC_ID: u32 = 0x86;
    pub(super) const VIDEO: u32 = 0xe0;
    pub(super) const PIXEL_WIDTH: u32 = 0xb0;
    pub(super) const PIXEL_HEIGHT: u32 = 0xba;
    pub(super) const CUES: u32 = 0x1c53_bb6b;
    pub(super) const CUE_POINT: u32 = 0xbb;
    pub(super) const CUE_TIME: u32 = 0xb3;
    pub(super) const CUE_TRACK_POSITIONS: u32 = 0xb7;
    pub(super) const CUE_TRACK: u32 = 0xf7;
    pub(super) const CUE_CLUSTER_POSITION: u32 = 0xf1;
    pub(super) const CLUSTER: u32 = 0x1f43_b675;
    pub(super) const TIMESTAMP: u32 = 0xe7;
    pub(super) const SIMPLE_BLOCK: u32 = 0xa3;
}
