//! Connects to addresses that the gate has pinned, and to nothing else.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::resolve::Pinned;

/// Why there is no connection.
#[derive(Debug, Error)]
pub(crate) enum DialFault {
    /// The last address tried didn't answer in its share of the time.
    #[error("no connection was made in time")]
    Slow,
    /// The last address tried refused, or no route leads there.
    #[error("no connection could be made")]
    Refused(#[source] io::Error),
}

/// Connects to the first of the addresses that accepts, one after the other.
/// Each gets an equal share of the time that is left, so that a silent IPv6
/// address doesn't use up what the IPv4 address behind it needs.
pub(crate) async fn dial(
    pinned: &Pinned,
    deadline: Instant,
) -> Result<(TcpStream, SocketAddr), DialFault> {
    let mut fault = DialFault::Slow;
    let mut waiting = u32::try_from(pinned.addresses().len()).unwrap_or(u32::MAX);
    for &address in pinned.addresses() {
        let left = deadline.saturating_duration_since(Instant::now());
        match timeout(left / waiting.max(1), connect(address)).await {
            Ok(Ok(stream)) => return Ok((stream, address)),
            Ok(Err(refused)) => fault = DialFault::Refused(refused),
            Err(_elapsed) => fault = DialFault::Slow,
        }
        waiting = waiting.saturating_sub(1);
    }
    Err(fault)
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // Small writes (a request's head, a tunnel's handshake) must not wait for
    // the acknowledgement of the write before.
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use darkroom_core::address::Reach;
    use tokio::net::{TcpListener, TcpSocket};
    use url::Url;

    use super::*;
    use crate::resolve::Gate;
    use crate::zoo::Names;

    async fn pinned(records: &[&str], port: u16) -> Pinned {
        let gate = Gate::with_resolver(
            Reach::with_loopback_except(vec![]),
            Box::new(Names::fixed(&[("two.test", records)])),
        );
        let url = Url::parse(&format!("http://two.test:{port}/")).unwrap();
        gate.pin(&url, Instant::now() + Duration::from_secs(5)).await.unwrap()
    }

    #[tokio::test]
    async fn the_second_address_is_tried_when_the_first_refuses() {
        let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pinned = pinned(&["::1", "127.0.0.1", "127.0.0.2"], port).await;
        let deadline = Instant::now() + Duration::from_secs(5);
        let (_stream, address) = dial(&pinned, deadline).await.unwrap();
        assert_eq!(address, listener.local_addr().unwrap());
    }

    #[tokio::test]
    async fn a_refused_connection_is_told_as_such() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let pinned = pinned(&["127.0.0.1"], port).await;
        let deadline = Instant::now() + Duration::from_secs(5);
        assert!(matches!(dial(&pinned, deadline).await, Err(DialFault::Refused(_))));
    }

    #[tokio::test]
    async fn a_silent_address_leaves_the_next_one_its_share() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // A full backlog drops further handshakes, as a firewall would.
        let full = TcpSocket::new_v4().unwrap();
        full.bind(SocketAddr::new([127, 0, 0, 2].into(), address.port())).unwrap();
        let full = full.listen(0).unwrap();
        let _first = TcpStream::connect(full.local_addr().unwrap()).await.unwrap();

        let both = pinned(&["127.0.0.2", "127.0.0.1"], address.port()).await;
        let deadline = Instant::now() + Duration::from_millis(400);
        assert_eq!(dial(&both, deadline).await.unwrap().1, address);

        let silent = pinned(&["127.0.0.2"], address.port()).await;
        let deadline = Instant::now() + Duration::from_millis(100);
        assert!(matches!(dial(&silent, deadline).await, Err(DialFault::Slow)));
    }
}
