//! A file that the browser has made and keeps, read piece by piece. What is small
//! is read at once; the rest is passed on while it is read, for which its page
//! must stay open.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use chromiumoxide::cdp::browser_protocol::io::{ReadParams, ReadReturns, StreamHandle};
use darkroom_core::failure::{Failure, FailureKind};

use crate::page::Page;

/// How much is read at a time: as fast as all at once, without the whole file
/// going through one message.
const CHUNK_BYTES: i64 = 1024 * 1024;

/// Up to here a file is held in memory: less than what S3 takes as a part.
const HEAD_BYTES: usize = 4 * 1024 * 1024;

/// The largest file. Chromium keeps all of it in memory.
const MAX_BYTES: usize = 200 * 1024 * 1024;

/// What was drawn.
#[derive(Debug)]
pub(crate) enum Drawn {
    /// All of it.
    Whole(Bytes),
    /// The beginning of it.
    Begun(File),
    /// A PNG, of which the file is still to be made.
    Raw(Bytes),
}

impl Drawn {
    /// With its beginning changed, at the same length: all of it or 4 MiB at least.
    pub(crate) fn with_head(self, change: impl FnOnce(Bytes) -> Bytes) -> Self {
        match self {
            Self::Whole(file) => Self::Whole(change(file)),
            Self::Begun(file) => Self::Begun(File { head: change(file.head), ..file }),
            Self::Raw(png) => Self::Raw(png),
        }
    }
}

/// A file of which more is to be read.
#[derive(Debug)]
pub(crate) struct File {
    handle: StreamHandle,
    head: Bytes,
    read: usize,
    is_at_end: bool,
}

impl File {
    /// Reads the beginning of a file. The browser keeps it for as long as the
    /// page is open.
    pub(crate) async fn begin(page: &Page, handle: StreamHandle) -> Result<Drawn, Failure> {
        let mut file = Self { handle, head: Bytes::new(), read: 0, is_at_end: false };
        let mut head = BytesMut::new();
        while head.len() < HEAD_BYTES {
            // Only the read after the last piece tells that it was the last: asked for
            // with it, it costs a small file no time.
            let (chunk, next) = tokio::try_join!(file.ask(page), file.ask(page))?;
            head.extend_from_slice(&file.take(chunk)?);
            head.extend_from_slice(&file.take(next)?);
            if file.is_at_end {
                return Ok(Drawn::Whole(head.freeze()));
            }
        }
        file.head = head.freeze();
        Ok(Drawn::Begun(file))
    }

    /// The next piece; none at the end.
    pub(crate) async fn next(&mut self, page: &Page) -> Result<Option<Bytes>, Failure> {
        if !self.head.is_empty() {
            return Ok(Some(std::mem::take(&mut self.head)));
        }
        if self.is_at_end {
            return Ok(None);
        }
        let chunk = self.ask(page).await?;
        self.take(chunk).map(Some)
    }

    async fn ask(&self, page: &Page) -> Result<ReadReturns, Failure> {
        page.call(ReadParams { size: Some(CHUNK_BYTES), ..ReadParams::new(self.handle.clone()) })
            .await
    }

    fn take(&mut self, chunk: ReadReturns) -> Result<Bytes, Failure> {
        self.is_at_end = chunk.eof;
        let piece = match chunk.base64_encoded {
            Some(true) => decode(chunk.data.as_bytes())?,
            Some(false) | None => chunk.data.into(),
        };
        self.read += piece.len();
        if self.read > MAX_BYTES {
            let message = "The file would be larger than 200 MiB";
            return Err(Failure::new(FailureKind::TooLarge, message));
        }
        Ok(piece)
    }
}

/// The bytes of what the protocol carries as text.
pub(crate) fn decode(data: &[u8]) -> Result<Bytes, Failure> {
    STANDARD.decode(data).map(Bytes::from).map_err(|fault| {
        tracing::warn!(%fault, "an unreadable file");
        Failure::plain(FailureKind::Browser)
    })
}
