//! How receivers behave once they are connected to: step by step.

use std::future::pending;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::server::TlsStream;

/// What a receiver does next. After its last step it closes the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Takes the whole request.
    TakeAll,
    /// Takes the request's head.
    TakeHead,
    /// Takes as many bytes of its body.
    Take(usize),
    /// Takes what is left of its body.
    TakeBody,
    /// Takes 1 KiB a second, until the sender goes.
    Sip,
    /// Says this.
    Say(&'static [u8]),
    /// Says this so many times.
    Repeat(&'static [u8], usize),
    /// Says this a byte a second.
    Spell(&'static [u8]),
    /// Says this again and again, until the sender goes.
    Flood(&'static [u8]),
    /// Says this every second, until the sender goes.
    Drip(&'static [u8]),
    /// Waits as long.
    Wait(Duration),
    /// Takes whatever comes, until the sender goes.
    Stay,
    /// Neither takes nor says anything any more.
    Freeze,
    /// Makes the close a reset.
    Reset,
}

/// A connection to a sender.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    /// Its socket.
    fn socket(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Goes through the steps. A fault is the sender's going, mostly.
pub(crate) async fn play(steps: &[Step], mut wire: impl Wire) -> io::Result<()> {
    let mut left = 0;
    for step in steps {
        take(*step, &mut wire, &mut left).await?;
    }
    Ok(())
}

/// Does one step; `left` is how much of the request's body hasn't come yet.
async fn take(step: Step, wire: &mut impl Wire, left: &mut usize) -> io::Result<()> {
    match step {
        Step::TakeAll => {
            *left = head(wire).await?;
            take_bytes(wire, *left, left).await?;
        }
        Step::TakeHead => *left = head(wire).await?,
        Step::Take(bytes) => take_bytes(wire, bytes, left).await?,
        Step::TakeBody => take_bytes(wire, *left, left).await?,
        Step::Sip => loop {
            wire.read_exact(&mut [0; 1024]).await?;
            sleep(SECOND).await;
        },
        Step::Say(words) => say(wire, words).await?,
        Step::Repeat(words, times) => say(wire, &words.repeat(times)).await?,
        Step::Spell(words) => {
            for letter in words {
                say(wire, &[*letter]).await?;
                sleep(SECOND).await;
            }
        }
        Step::Flood(words) => loop {
            say(wire, &words.repeat(1 + 16 * 1024 / words.len())).await?;
        },
        Step::Drip(words) => loop {
            say(wire, words).await?;
            sleep(SECOND).await;
        },
        Step::Wait(span) => sleep(span).await,
        Step::Stay => while wire.read(&mut [0; 4096]).await? > 0 {},
        Step::Freeze => pending().await,
        Step::Reset => wire.socket().set_zero_linger()?,
    }
    Ok(())
}

const SECOND: Duration = Duration::from_secs(1);

async fn say(wire: &mut impl Wire, words: &[u8]) -> io::Result<()> {
    wire.write_all(words).await?;
    wire.flush().await
}

/// Reads a request's head, and tells how long its body is.
async fn head(wire: &mut impl Wire) -> io::Result<usize> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(wire.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length
        .and_then(|length| length.trim().parse().ok())
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

async fn take_bytes(wire: &mut impl Wire, bytes: usize, left: &mut usize) -> io::Result<()> {
    wire.read_exact(&mut vec![0; bytes]).await?;
    *left = left.saturating_sub(bytes);
    Ok(())
}
