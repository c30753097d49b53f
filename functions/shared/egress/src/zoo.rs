//! What the tests of this crate connect to: name servers and hosts, friendly,
//! broken and hostile. All of them on loopback.

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::resolve::Resolve;

/// A name server of the tests' own. A name with several answers gives one after
/// the other and stays with the last.
#[derive(Debug)]
pub(crate) struct Names {
    records: Option<BTreeMap<String, Vec<Vec<IpAddr>>>>,
    lookups: Lookups,
}

/// How often a name server was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookups(Arc<AtomicUsize>);

impl Lookups {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Names {
    pub(crate) fn fixed(names: &[(&str, &[&str])]) -> Self {
        let records = names
            .iter()
            .map(|(name, addresses)| ((*name).to_owned(), vec![parsed(addresses)]))
            .collect();
        Self { records: Some(records), lookups: Lookups::default() }
    }

    /// Another answer each time.
    pub(crate) fn rebinding(name: &str, answers: &[&str]) -> Self {
        let answers = answers.iter().map(|answer| parsed(&[answer])).collect();
        Self {
            records: Some(BTreeMap::from([(name.to_owned(), answers)])),
            lookups: Lookups::default(),
        }
    }

    /// Never answers.
    pub(crate) fn silent() -> Self {
        Self { records: None, lookups: Lookups::default() }
    }

    pub(crate) fn lookups(&self) -> Lookups {
        self.lookups.clone()
    }
}

fn parsed(addresses: &[&str]) -> Vec<IpAddr> {
    addresses.iter().map(|text| text.parse().unwrap()).collect()
}

#[async_trait]
impl Resolve for Names {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let asked = self.lookups.0.fetch_add(1, Ordering::SeqCst);
        let Some(records) = &self.records else {
            return pending().await;
        };
        let Some(answers) = records.get(name) else {
            return Err(io::Error::other("no such name"));
        };
        Ok(answers[asked.min(answers.len() - 1)].clone())
    }
}

/// A host that takes one connection and talks on it as it is told.
pub(crate) async fn host<T, F>(
    talk: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (SocketAddr, JoinHandle<T>)
where
    F: Future<Output = T> + Send,
    T: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let talked = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        talk(stream).await
    });
    (address, talked)
}

/// A request as it came over the wire.
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The value of a field, none if it wasn't sent.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Reads a head, and as much of a body as its Content-Length says.
pub(crate) async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Received> {
    let mut received = receive_head(stream).await?;
    let length = received.field("content-length").map_or(0, |text| text.parse().unwrap());
    received.body = vec![0; length];
    stream.read_exact(&mut received.body).await?;
    Ok(received)
}

/// Reads a head, and leaves the body.
pub(crate) async fn receive_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(Received { head: String::from_utf8(head).unwrap(), body: Vec::new() })
}

/// A listener to which no connection may ever come.
pub(crate) struct Trap(TcpListener);

impl Trap {
    pub(crate) async fn at(address: &str) -> Self {
        Self(TcpListener::bind(address).await.unwrap())
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// Fails if a connection has come: it would be waiting to be accepted.
    pub(crate) fn assert_untouched(&self) {
        use futures::FutureExt;
        assert!(self.0.accept().now_or_never().is_none());
    }
}
