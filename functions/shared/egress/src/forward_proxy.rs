//! The forward proxy through which all of Chromium's traffic goes.
//!
//! Plain http comes in absolute form and is forwarded request by request;
//! https, wss and ws come as CONNECT, and TLS stays end to end. Redirects are
//! Chromium's own business: it comes back, to the same gate.
//!
//! Of a refused CONNECT Chromium shows a page, and its driver, no more than
//! `ERR_TUNNEL_CONNECTION_FAILED`, so the proxy remembers why it refused
//! ([`ForwardProxy::verdict`]). Answers of its own carry [`VERDICT_HEADER`].

mod activity;
mod client;
mod plain;
mod refusals;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use darkroom_core::address::Reach;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use url::Url;

use self::refusals::Refusals;
pub use self::refusals::Verdict;
use crate::dial::dial;
use crate::resolve::{Gate, Refusal, Resolve};

/// The header that tells the proxy's own answers from a page's, with the
/// [name](Verdict::name) of the verdict as its value. It is removed from what
/// pages answer.
pub const VERDICT_HEADER: &str = "x-darkroom-egress";

/// A proxy on a loopback port. It stops, with all of its connections, when it
/// is dropped.
#[derive(Debug)]
pub struct ForwardProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Aborted when dropped, and each connection's task with it.
    _accepting: JoinSet<()>,
}

impl ForwardProxy {
    /// Starts a proxy on a free port of 127.0.0.1, to be called in a tokio
    /// runtime. Its own port is closed to those who come through it.
    ///
    /// # Errors
    ///
    /// No port can be listened on.
    pub async fn start(reach: Reach) -> io::Result<Self> {
        Self::start_with(Gate::new(reach), Limits::CHROMIUM).await
    }

    /// As [`Self::start`], with names looked up by this resolver.
    ///
    /// # Errors
    ///
    /// No port can be listened on.
    pub async fn start_asking(reach: Reach, resolver: Box<dyn Resolve>) -> io::Result<Self> {
        Self::start_with(Gate::with_resolver(reach, resolver), Limits::CHROMIUM).await
    }

    async fn start_with(gate: Gate, limits: Limits) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        gate.close_port(address.port());
        let shared = Arc::new(Shared { gate, limits, refusals: Mutex::default() });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, _accepting: accepting })
    }

    /// Where it listens: Chromium's `--proxy-server`.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Why the last connection to this host and port wasn't made; none if it
    /// was made, never asked for, or asked for too long ago (the last 256
    /// refusals are kept). `host` is spelt as in a parsed URL, an IPv6 address
    /// in brackets.
    #[must_use]
    pub fn verdict(&self, host: &str, port: u16) -> Option<Verdict> {
        self.shared.refusals().of(host, port)
    }
}

/// What protects this process from a page.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Connections at a time. Chromium keeps at most 32 per proxy, and 255 more
    /// for web sockets.
    connections: usize,
    /// Resolving and connecting. Longer than a webhook's, for SYN packets are
    /// sent again after 1, 3 and 7 s.
    connect: Duration,
    /// Until a request's head is read, from when its connection is free for it.
    head: Duration,
    /// Without a byte, until a connection is closed. Longer than the longest
    /// `timeout` of a job (300 s), which thus decides how long a page may wait.
    idle: Duration,
}

impl Limits {
    const CHROMIUM: Self = Self {
        connections: 512,
        connect: Duration::from_secs(10),
        head: Duration::from_secs(60),
        idle: Duration::from_secs(330),
    };
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    gate: Gate,
    limits: Limits,
    refusals: Mutex<Refusals>,
}

impl Shared {
    /// Resolves, judges and dials, and remembers if that fails.
    async fn connect(&self, url: &Url) -> Result<TcpStream, Verdict> {
        let deadline = Instant::now() + self.limits.connect;
        let connected = match self.gate.pin(url, deadline).await {
            Ok(pinned) => dial(&pinned, deadline)
                .await
                .map(|(stream, _address)| stream)
                .map_err(|_fault| Verdict::Unreachable),
            Err(Refusal::Forbidden(_)) => Err(Verdict::Forbidden),
            Err(Refusal::NoAddress | Refusal::Lookup(_) | Refusal::Slow) => {
                Err(Verdict::Unresolved)
            }
        };
        if let Err(verdict) = &connected {
            tracing::debug!(host = url.host_str(), verdict = verdict.name(), "not connected");
        }
        self.refusals().record(url, connected.as_ref().err());
        connected
    }

    fn refusals(&self) -> std::sync::MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if clients.len() < shared.limits.connections => {
                match accepted {
                    Ok((stream, _from)) => {
                        clients.spawn(client::serve(stream, Arc::clone(&shared)));
                    }
                    Err(fault) => {
                        // Out of descriptors, most likely: some will be closed.
                        tracing::warn!(%fault, "the forward proxy could not accept");
                        sleep(Duration::from_millis(50)).await;
                    }
                }
            }
            Some(_ended) = clients.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests;
