//! The body of a request, forwarded piece by piece.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use darkroom_core::artifact::ByteSize;
use darkroom_core::port::{ByteStream, PostBody};
use futures::{StreamExt, stream};
use http_body::{Body, Frame};
use thiserror::Error;
use tokio::sync::oneshot;

/// How much of a body is passed on at once, in bytes. Small enough that the
/// answer timer, which begins when the last of it is passed on, begins close to
/// when it is sent, and that what hyper copies doesn't grow with a source's pieces.
const PIECE_BYTES: usize = 16 * 1024;

/// The body could not be read. The log has the cause; receivers and their
/// owners learn no more than this.
#[derive(Debug, Error)]
#[error("this is no fault of the receiver")]
pub(super) struct Unreadable;

/// A body of exactly the length that was told.
///
/// It never yields an error, because hyper would then shut the connection down
/// in good order, and a receiver that doesn't count would take the half for the
/// whole. It stops instead and says so through its [`UploadEnd`], whose owner
/// breaks the connection.
///
/// The source's last piece is held back until it has ended well: a store that
/// checks a sum over the whole reports a mismatch only then.
pub(super) struct Upload {
    source: ByteStream,
    /// How much of the source hasn't come yet.
    left: u64,
    /// What may be passed on.
    ready: Bytes,
    /// The last of the source, held back.
    last: Bytes,
    end: Option<oneshot::Sender<Result<(), Unreadable>>>,
}

/// Resolves once when the whole body was passed on or can't be. It never
/// resolves if the body was dropped before.
pub(super) struct UploadEnd(oneshot::Receiver<Result<(), Unreadable>>);

impl Upload {
    /// A body that takes `size` bytes from `body`, no more and no less.
    pub(super) fn new(body: PostBody, size: ByteSize) -> (Self, UploadEnd) {
        let (end, ended) = oneshot::channel();
        let source = match body {
            PostBody::Bytes(bytes) => stream::iter([Ok(bytes)]).boxed(),
            PostBody::Stream(stream) => stream,
        };
        let (ready, last) = (Bytes::new(), Bytes::new());
        let mut upload = Self { source, left: size.as_bytes(), ready, last, end: Some(end) };
        if upload.left == 0 {
            // Nobody asks for the pieces of an empty body.
            upload.finish(Ok(()));
        }
        (upload, UploadEnd(ended))
    }

    /// The next of what may be passed on. Once the source has given all of its
    /// length, only the last of it may, after its end.
    fn next_piece(&mut self) -> Bytes {
        let length = self.ready.len().min(PIECE_BYTES);
        let piece = self.ready.split_to(length);
        if self.ready.is_empty() && self.left == 0 && self.last.is_empty() {
            self.finish(Ok(()));
        }
        piece
    }

    fn finish(&mut self, how: Result<(), Unreadable>) {
        if let Some(end) = self.end.take() {
            // Who no longer listens has given up the POST.
            let _unheard = end.send(how);
        }
    }

    fn fail(&mut self, cause: &dyn std::fmt::Display) {
        tracing::error!(%cause, "what was to be sent could not be read");
        self.finish(Err(Unreadable));
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        while self.end.is_some() {
            if !self.ready.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(self.next_piece()))));
            }
            let piece = match ready!(self.source.poll_next_unpin(cx)) {
                Some(Ok(piece)) => piece,
                Some(Err(fault)) => {
                    self.fail(&fault);
                    return Poll::Pending;
                }
                None if self.left > 0 => {
                    self.fail(&"it ended before its length");
                    return Poll::Pending;
                }
                None => {
                    self.ready = std::mem::take(&mut self.last);
                    continue;
                }
            };
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            match self.left.checked_sub(length) {
                _ if length == 0 => {}
                None => {
                    self.fail(&"it is longer than its length");
                    return Poll::Pending;
                }
                Some(0) => {
                    self.left = 0;
                    self.last = piece;
                }
                Some(left) => {
                    self.left = left;
                    self.ready = piece;
                }
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.end.is_none() && self.left == 0
    }
}

impl Future for UploadEnd {
    type Output = Result<(), Unreadable>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match ready!(Pin::new(&mut self.0).poll(cx)) {
            Ok(how) => Poll::Ready(how),
            Err(_dropped) => Poll::Pending,
        }
    }
}
