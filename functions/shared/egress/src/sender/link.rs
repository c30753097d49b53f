//! The connection to a receiver, plain or TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustls::pki_types::{InvalidDnsNameError, ServerName};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

/// As much of an answer is read in all, in bytes: interim answers (1xx), head,
/// body, and whatever frames the body.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// As much is read of a handshake, in bytes: several times the longest chain of
/// certificates in use. Names from a certificate fill memory many times over.
const MAX_HANDSHAKE_BYTES: usize = 32 * 1024;

/// As much is read of the TLS records that an answer comes in, in bytes. It ends
/// a receiver that issues session tickets without end.
const MAX_RECORDS_BYTES: usize = 2 * MAX_ANSWER_BYTES;

/// Why no request can be sent over a connection that was made.
#[derive(Debug, Error)]
pub(super) enum LinkFault {
    /// The host can be no certificate's.
    #[error("no certificate can be made out to this host")]
    Name(#[from] InvalidDnsNameError),
    /// The handshake failed; the receiver's certificate may be to blame.
    #[error("TLS failed")]
    Handshake(#[source] io::Error),
    /// The handshake outlasted its deadline.
    #[error("the TLS handshake was not finished in time")]
    Slow,
}

/// A connection from which only one answer can be read.
pub(super) enum Link {
    Plain(Limited<TcpStream>),
    Tls(Box<Limited<TlsStream<Limited<TcpStream>>>>),
}

/// A stream of which only so much can be read; to read more is a fault.
///
/// Writing to it never fails. What can no longer be written is dropped, and the
/// fault is told to who reads, after what came before it: a receiver that closes
/// in mid-upload may have said why, and hyper, were it told, would not look.
pub(super) struct Limited<S> {
    io: S,
    read: usize,
    limit: usize,
    unwritable: Option<io::Error>,
}

impl Link {
    /// Makes a connection ready for a request to `url`, for https by a
    /// handshake under the URL's own host name.
    pub(super) async fn open(
        stream: TcpStream,
        url: &Url,
        tls: &TlsConnector,
        deadline: Instant,
    ) -> Result<Self, LinkFault> {
        if url.scheme() != "https" {
            return Ok(Self::Plain(Limited::new(stream, MAX_ANSWER_BYTES)));
        }
        let stream = Limited::new(stream, MAX_HANDSHAKE_BYTES);
        let handshake = tls.connect(server_name(url)?, stream);
        let mut stream = timeout_at(deadline, handshake)
            .await
            .map_err(|_elapsed| LinkFault::Slow)?
            .map_err(LinkFault::Handshake)?;
        stream.get_mut().0.allow(MAX_RECORDS_BYTES);
        Ok(Self::Tls(Box::new(Limited::new(stream, MAX_ANSWER_BYTES))))
    }

    /// How many bytes of an answer were read.
    pub(super) fn read(&self) -> u64 {
        let read = match self {
            Self::Plain(stream) => stream.read,
            Self::Tls(stream) => stream.read,
        };
        u64::try_from(read).unwrap_or(u64::MAX)
    }

    /// Lets the close of this connection reach the receiver as a reset, so that
    /// it can't take what it got for the whole.
    pub(super) fn reset_on_close(&self) {
        let stream = match self {
            Self::Plain(stream) => &stream.io,
            Self::Tls(stream) => &stream.io.get_ref().0.io,
        };
        // On a connection that is already gone there is nothing to reset.
        let _gone = stream.set_zero_linger();
    }
}

fn server_name(url: &Url) -> Result<ServerName<'static>, InvalidDnsNameError> {
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(ServerName::IpAddress(address.into())),
        Some(Host::Ipv6(address)) => Ok(ServerName::IpAddress(address.into())),
        Some(Host::Domain(name)) => {
            // A rooted name's certificate is made out without the last dot.
            let name = name.strip_suffix('.').unwrap_or(name);
            ServerName::try_from(name.to_owned())
        }
        None => ServerName::try_from(String::new()),
    }
}

impl AsyncRead for Link {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Link {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl<S> Limited<S> {
    const fn new(io: S, limit: usize) -> Self {
        Self { io, read: 0, limit, unwritable: None }
    }

    /// From now on, as much may be read.
    const fn allow(&mut self, bytes: usize) {
        self.limit = self.read.saturating_add(bytes);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Limited<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.limit.saturating_sub(self.read);
        if left == 0 {
            return Poll::Ready(Err(io::Error::other("more came than is read")));
        }
        let room = left.min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        if read == 0
            && let Some(fault) = self.unwritable.take()
        {
            return Poll::Ready(Err(fault));
        }
        buffer.advance(read);
        self.read = self.read.saturating_add(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Limited<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.unwritable.is_none() {
            match ready!(Pin::new(&mut self.io).poll_write(cx, bytes)) {
                Ok(written) => return Poll::Ready(Ok(written)),
                Err(fault) => self.unwritable = Some(fault),
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
