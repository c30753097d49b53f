//! How receivers are reached: their ports, names and certificates.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::TcpMaxSeg;
use rcgen::generate_simple_self_signed;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::ProducesTickets;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::receivers::Receiver;
use crate::sender::SILENT_NAME;
use crate::stage::{Step, play};

/// The name under which receivers that speak TLS are posted to.
const NAME: &str = "hook.test";

/// As many connections may wait to be accepted.
const BACKLOG: u32 = 16;

/// As small as anywhere on the internet (RFC 9293); loopback's are of 64 KiB.
const SEGMENT_BYTES: u32 = 536;

/// A ticket has some 200 bytes commonly, and 65,535 at most.
const TICKET_BYTES: usize = 20_000;

/// How a receiver is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Door {
    /// Its name is never looked up to the end.
    Unresolved,
    /// Nobody listens.
    Closed,
    /// Its kernel has no room for another connection.
    Full,
    /// Its kernel takes connections, and it none of them.
    Unanswered,
    /// A port.
    Plain,
    /// A port with room for next to nothing that isn't taken at once.
    Narrow,
    /// A port that is taken for one that speaks TLS.
    Untrue,
    /// A port that speaks TLS, as narrow.
    Tls(Papers),
}

/// With what a receiver speaks TLS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Papers {
    /// With a certificate that is trusted.
    Good,
    /// The same, but it comes late: before the handshake, it waits as long.
    Late(Duration),
    /// With a certificate that nobody vouches for.
    Strangers,
    /// With a trusted certificate of another name.
    OtherName,
    /// With a trusted certificate of as many other names.
    OtherNames(usize),
    /// With as many tickets for resuming, of 20 KB each.
    Tickets(usize),
}

/// A receiver that waits for a sender.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) url: String,
    /// The certificate authority to trust, if not Mozilla's.
    pub(crate) root: Option<Vec<u8>>,
    /// Keeps it open until it is aborted.
    pub(crate) serving: JoinHandle<()>,
}

/// Opens a receiver.
pub(crate) async fn open(receiver: &Receiver) -> Result<Open> {
    let socket = bound(receiver.door)?;
    let address = socket.local_addr()?;
    let plain = |serving| Open { url: format!("http://{address}/hook"), root: None, serving };
    let steps = receiver.steps;
    Ok(match receiver.door {
        Door::Closed => plain(keep(socket)),
        Door::Unresolved => {
            let url = format!("http://{SILENT_NAME}:{}/", address.port());
            Open { url, root: None, serving: keep(socket.listen(BACKLOG)?) }
        }
        Door::Full => {
            let listener = socket.listen(0)?;
            // One connection that waits is more than none.
            let last = TcpStream::connect(address).await?;
            plain(keep((listener, last)))
        }
        Door::Unanswered => plain(keep(socket.listen(BACKLOG)?)),
        Door::Plain | Door::Narrow => plain(serve(socket.listen(BACKLOG)?, steps)),
        Door::Untrue => {
            let url = format!("https://{NAME}:{}/hook", address.port());
            Open { url, root: None, serving: serve(socket.listen(BACKLOG)?, steps) }
        }
        Door::Tls(papers) => {
            let (acceptor, root) = acceptor(papers)?;
            let url = format!("https://{NAME}:{}/hook", address.port());
            let serving = serve_tls(socket.listen(BACKLOG)?, acceptor, papers, steps);
            Open { url, root: Some(root), serving }
        }
    })
}

/// A port of its own.
fn bound(door: Door) -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    if matches!(door, Door::Narrow | Door::Tls(_)) {
        // The kernel makes the least of it that it can, and of what the other
        // side may have under way as much as its segments are long.
        socket.set_recv_buffer_size(1)?;
        setsockopt(&socket, TcpMaxSeg, &SEGMENT_BYTES)?;
    }
    socket.bind(([127, 0, 0, 1], 0).into())?;
    Ok(socket)
}

fn keep(what: impl Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        let _what = what;
        std::future::pending().await
    })
}

fn serve(listener: TcpListener, steps: &'static [Step]) -> JoinHandle<()> {
    tokio::spawn(async move {
        let Ok((stream, _)) = listener.accept().await else { return };
        // That the sender goes is as it should be.
        let _gone = play(steps, stream).await;
    })
}

fn serve_tls(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    papers: Papers,
    steps: &'static [Step],
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let Ok((stream, _)) = listener.accept().await else { return };
        if let Papers::Late(span) = papers {
            sleep(span).await;
        }
        if let Ok(stream) = acceptor.accept(stream).await {
            let _gone = play(steps, stream).await;
        }
    })
}

/// What speaks TLS with these papers, and the certificate to trust.
fn acceptor(papers: Papers) -> Result<(TlsAcceptor, Vec<u8>)> {
    let names = match papers {
        Papers::Good | Papers::Late(_) | Papers::Strangers | Papers::Tickets(_) => {
            vec![NAME.to_owned()]
        }
        Papers::OtherName => vec!["other.test".to_owned()],
        Papers::OtherNames(names) => {
            let long = "a-name-that-is-as-long-as-a-name-may-be-for-its-own-good";
            (0..names).map(|number| format!("{number}.{long}.test")).collect()
        }
    };
    let certified = generate_simple_self_signed(names)?;
    let certificate = certified.cert.der().clone();
    let trusted = match papers {
        Papers::Strangers => generate_simple_self_signed([NAME.to_owned()])?.cert.der().to_vec(),
        Papers::Good
        | Papers::Late(_)
        | Papers::OtherName
        | Papers::OtherNames(_)
        | Papers::Tickets(_) => certificate.to_vec(),
    };
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let mut config = config(certificate, key.into())?;
    if let Papers::Tickets(tickets) = papers {
        config.ticketer = Arc::new(LongTickets);
        config.send_tls13_tickets = tickets;
    }
    Ok((TlsAcceptor::from(Arc::new(config)), trusted))
}

fn config(
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?)
}

#[derive(Debug)]
struct LongTickets;

impl ProducesTickets for LongTickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        3_600
    }

    fn encrypt(&self, _plain: &[u8]) -> Option<Vec<u8>> {
        Some(vec![7; TICKET_BYTES])
    }

    fn decrypt(&self, _cipher: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
