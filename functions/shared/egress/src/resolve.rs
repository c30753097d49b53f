//! The gate: which addresses a URL leads to, if all of them may be reached.
//!
//! What it yields is dialled as it is. Resolving again at the dial would let a
//! name server show one address to the judge and another to the dial.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use darkroom_core::address::{Forbidden, Reach};
use thiserror::Error;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

/// As many of a name's addresses are tried; all of them are judged.
const MAX_DIALLED: usize = 8;

/// Why a URL has no addresses to dial.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    /// The URL or one of its addresses must not be reached.
    #[error("the address is not allowed: {0}")]
    Forbidden(#[from] Forbidden),
    /// The name exists without an address.
    #[error("the host name has no address")]
    NoAddress,
    /// The name could not be looked up.
    #[error("the host name could not be resolved")]
    Lookup(#[source] io::Error),
    /// The lookup outlasted its deadline.
    #[error("the host name could not be resolved in time")]
    Slow,
}

/// Addresses that were judged and may be dialled; at least one.
#[derive(Debug)]
pub(crate) struct Pinned(Vec<SocketAddr>);

impl Pinned {
    /// In the order of the resolver, which knows the better family (RFC 6724).
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.0
    }
}

/// Looks up names.
#[async_trait]
pub trait Resolve: Debug + Send + Sync {
    /// Every address of this name. Who asks has a deadline and drops the lookup
    /// when it is reached.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver, `/etc/hosts` included.
#[derive(Debug)]
struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Judges where URLs lead.
#[derive(Debug)]
pub(crate) struct Gate {
    reach: Reach,
    closed: RwLock<BTreeSet<u16>>,
    resolver: Box<dyn Resolve>,
}

impl Gate {
    /// A gate that asks the machine's own resolver.
    pub(crate) fn new(reach: Reach) -> Self {
        Self::with_resolver(reach, Box::new(SystemResolver))
    }

    /// A gate with a resolver of its own.
    pub(crate) fn with_resolver(reach: Reach, resolver: Box<dyn Resolve>) -> Self {
        Self { reach, closed: RwLock::default(), resolver }
    }

    /// The same gate with another resolver.
    pub(crate) fn asking(self, resolver: Box<dyn Resolve>) -> Self {
        Self { resolver, ..self }
    }

    /// Closes a port of this machine's loopback, wherever `reach` opens it.
    pub(crate) fn close_port(&self, port: u16) {
        let mut closed = self.closed.write().unwrap_or_else(PoisonError::into_inner);
        closed.insert(port);
    }

    /// The addresses that `url` leads to. Its name is looked up once, and one
    /// forbidden address refuses it whole: who controls the name would
    /// otherwise only have to try until the dial picks that one.
    pub(crate) async fn pin(&self, url: &Url, deadline: Instant) -> Result<Pinned, Refusal> {
        self.reach.judge_url(url)?;
        let port = url.port_or_known_default().unwrap_or(0);
        let found = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(name)) => self.lookup(name, deadline).await?,
            None => return Err(Forbidden::LocalName.into()),
        };
        for &address in &found {
            self.judge(address, port)?;
        }
        let mut pinned: Vec<_> =
            found.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        pinned.truncate(MAX_DIALLED);
        if pinned.is_empty() {
            return Err(Refusal::NoAddress);
        }
        Ok(Pinned(pinned))
    }

    async fn lookup(&self, name: &str, deadline: Instant) -> Result<Vec<IpAddr>, Refusal> {
        timeout_at(deadline, self.resolver.lookup(name))
            .await
            .map_err(|_elapsed| Refusal::Slow)?
            .map_err(Refusal::Lookup)
    }

    fn judge(&self, address: IpAddr, port: u16) -> Result<(), Forbidden> {
        self.reach.judge(address, port)?;
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        if address.is_loopback() && closed.contains(&port) {
            return Err(Forbidden::Address);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::zoo::Names;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    fn public(names: Names) -> Gate {
        Gate::with_resolver(Reach::public(), Box::new(names))
    }

    #[tokio::test]
    async fn one_forbidden_record_refuses_the_name() {
        for records in [
            ["93.184.216.34", "10.0.0.1"],
            ["10.0.0.1", "93.184.216.34"],
            ["2606:4700::1111", "::1"],
            ["93.184.216.34", "::ffff:127.0.0.1"],
        ] {
            let gate = public(Names::fixed(&[("mixed.test", &records)]));
            let url = Url::parse("https://mixed.test/").unwrap();
            let refusal = gate.pin(&url, soon()).await.unwrap_err();
            assert!(
                matches!(refusal, Refusal::Forbidden(Forbidden::Address)),
                "{records:?}: {refusal:?}"
            );
        }
    }

    #[tokio::test]
    async fn public_records_are_pinned_in_their_order_with_the_urls_port() {
        let records = ["2606:4700::1111", "93.184.216.34"];
        let names = Names::fixed(&[("site.test", &records)]);
        let lookups = names.lookups();
        let gate = public(names);
        let url = Url::parse("https://site.test:8443/").unwrap();
        let pinned = gate.pin(&url, soon()).await.unwrap();
        let texts: Vec<_> = pinned.addresses().iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["[2606:4700::1111]:8443", "93.184.216.34:8443"]);
        assert_eq!(lookups.count(), 1);
    }

    #[tokio::test]
    async fn a_url_that_is_refused_unresolved_is_never_looked_up() {
        let names = Names::fixed(&[("printer.local", &["93.184.216.34"])]);
        let lookups = names.lookups();
        let gate = public(names);
        for text in ["http://printer.local/", "http://printer.local:25/"] {
            let url = Url::parse(text).unwrap();
            let refusal = gate.pin(&url, soon()).await.unwrap_err();
            assert!(matches!(refusal, Refusal::Forbidden(_)), "{text}");
        }
        assert_eq!(lookups.count(), 0);
    }

    #[tokio::test]
    async fn names_without_addresses_are_told_apart_from_slow_ones() {
        let gate = public(Names::fixed(&[("empty.test", &[])]));
        let url = Url::parse("http://empty.test/").unwrap();
        assert!(matches!(gate.pin(&url, soon()).await, Err(Refusal::NoAddress)));
        let url = Url::parse("http://unknown.test/").unwrap();
        assert!(matches!(gate.pin(&url, soon()).await, Err(Refusal::Lookup(_))));
        let gate = public(Names::silent());
        let now = Instant::now();
        assert!(matches!(gate.pin(&url, now).await, Err(Refusal::Slow)));
    }

    #[tokio::test]
    async fn a_closed_port_is_closed_under_every_loopback_address() {
        let gate = Gate::new(Reach::with_loopback_except(vec![]));
        gate.close_port(9222);
        for text in [
            "http://127.0.0.1:9222/",
            "http://127.1.2.3:9222/",
            "http://[::1]:9222/",
            "http://localhost:9222/",
        ] {
            let refusal = gate.pin(&Url::parse(text).unwrap(), soon()).await.unwrap_err();
            assert!(matches!(refusal, Refusal::Forbidden(_)), "{text}");
        }
        let open = Url::parse("http://127.0.0.1:9223/").unwrap();
        assert!(gate.pin(&open, soon()).await.is_ok());
    }
}
