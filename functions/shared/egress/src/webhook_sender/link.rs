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

/// As much is read from a receiver in all, in bytes: 16 KiB of body, which in
/// one-byte chunks take six times as much, and a head. It ends a receiver that
/// sends interim answers (1xx) without end.
const MAX_READ_BYTES: usize = 128 * 1024;

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

/// A connection from which only so much can be read.
pub(super) struct Link {
    io: LinkIo,
    left: usize,
}

enum LinkIo {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
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
        let io = if url.scheme() == "https" {
            let handshake = tls.connect(server_name(url)?, stream);
            let stream = timeout_at(deadline, handshake)
                .await
                .map_err(|_elapsed| LinkFault::Slow)?
                .map_err(LinkFault::Handshake)?;
            LinkIo::Tls(Box::new(stream))
        } else {
            LinkIo::Plain(stream)
        };
        Ok(Self { io, left: MAX_READ_BYTES })
    }

    /// Lets the close of this connection reach the receiver as a reset, so that
    /// it can't take what it got for the whole.
    pub(super) fn reset_on_close(&self) {
        let stream = match &self.io {
            LinkIo::Plain(stream) => stream,
            LinkIo::Tls(stream) => stream.get_ref().0,
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
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Err(io::Error::other("the answer is too long")));
        }
        let before = buffer.filled().len();
        match &mut self.io {
            LinkIo::Plain(stream) => ready!(Pin::new(stream).poll_read(cx, buffer))?,
            LinkIo::Tls(stream) => ready!(Pin::new(stream).poll_read(cx, buffer))?,
        }
        let read = buffer.filled().len().saturating_sub(before);
        self.left = self.left.saturating_sub(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.io {
            LinkIo::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            LinkIo::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            LinkIo::Plain(stream) => Pin::new(stream).poll_flush(cx),
            LinkIo::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            LinkIo::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            LinkIo::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
