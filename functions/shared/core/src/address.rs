//! Which addresses a customer's URL may lead to. One rule for pages,
//! sub-resources and callbacks: only what is publicly routable.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ::url::{Host, Url};
use thiserror::Error;

/// Why an address was refused. The text is for clients and names no address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Forbidden {
    /// Not publicly routable: private, loopback, link-local, reserved …
    #[error("it lies in a private or reserved network")]
    Address,
    /// A port on which browsers refuse to speak HTTP (Fetch standard, «port blocking»).
    #[error("its port is reserved for another protocol")]
    Port,
    /// A name that never leads to a public host.
    #[error("its host is a local name")]
    LocalName,
}

/// What customers' URLs may reach.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    open_loopback_except: Option<Vec<u16>>,
}

impl Reach {
    /// Public addresses only.
    #[must_use]
    pub const fn public() -> Self {
        Self { open_loopback_except: None }
    }

    /// Loopback as well, on every port but these. For a stack on one machine
    /// and for tests: `closed_ports` are the stack's own.
    #[must_use]
    pub const fn with_loopback_except(closed_ports: Vec<u16>) -> Self {
        Self { open_loopback_except: Some(closed_ports) }
    }

    /// Judges an address that is about to be dialled.
    ///
    /// # Errors
    ///
    /// [`Forbidden::Address`] or [`Forbidden::Port`].
    pub fn judge(&self, address: IpAddr, port: u16) -> Result<(), Forbidden> {
        if let (true, Some(closed)) = (address.is_loopback(), &self.open_loopback_except) {
            return if closed.contains(&port) { Err(Forbidden::Address) } else { Ok(()) };
        }
        if !is_public(address) {
            return Err(Forbidden::Address);
        }
        if BLOCKED_PORTS.binary_search(&port).is_ok() {
            return Err(Forbidden::Port);
        }
        Ok(())
    }

    /// Judges a URL as far as that is possible before its name is resolved.
    ///
    /// # Errors
    ///
    /// As [`Self::judge`] for a literal address; [`Forbidden::LocalName`] for a
    /// name of this machine or of a private network.
    pub fn judge_url(&self, url: &Url) -> Result<(), Forbidden> {
        let port = url.port_or_known_default().unwrap_or(0);
        match url.host() {
            Some(Host::Ipv4(address)) => self.judge(address.into(), port),
            Some(Host::Ipv6(address)) => self.judge(address.into(), port),
            Some(Host::Domain(name)) => self.judge_name(name, port),
            None => Err(Forbidden::LocalName),
        }
    }

    fn judge_name(&self, name: &str, port: u16) -> Result<(), Forbidden> {
        let name = name.strip_suffix('.').unwrap_or(name);
        if name == "localhost" || name.ends_with(".localhost") {
            return self.judge(Ipv4Addr::LOCALHOST.into(), port).map_err(|_refused| {
                // The client wrote a name: tell it of the name.
                Forbidden::LocalName
            });
        }
        let private = [".local", ".internal", ".localdomain", ".home.arpa"];
        if private.iter().any(|suffix| name.ends_with(suffix)) {
            return Err(Forbidden::LocalName);
        }
        if BLOCKED_PORTS.binary_search(&port).is_ok() {
            return Err(Forbidden::Port);
        }
        Ok(())
    }
}

/// Whether an address is globally routable unicast.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !V4_DENIED.iter().any(|range| range.contains(v4.to_bits())),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// IPv6 by allow list: only `2000::/3`, the one block that IANA has opened, less
/// the blocks inside it that are not ordinary unicast. That also refuses every
/// form that carries an IPv4 address inside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    V6_UNICAST.contains(bits) && !V6_DENIED.iter().any(|range| range.contains(bits))
}

/// A block of addresses: the leading `prefix_bits` of `base`.
struct Block<T> {
    base: T,
    prefix_bits: u32,
}

impl Block<u32> {
    const fn v4(a: u8, b: u8, c: u8, prefix_bits: u32) -> Self {
        Self { base: u32::from_be_bytes([a, b, c, 0]), prefix_bits }
    }

    const fn contains(&self, address: u32) -> bool {
        (self.base ^ address) >> (u32::BITS - self.prefix_bits) == 0
    }
}

impl Block<u128> {
    const fn v6(first: u16, second: u16, prefix_bits: u32) -> Self {
        Self { base: ((first as u128) << 112) | ((second as u128) << 96), prefix_bits }
    }

    const fn contains(&self, address: u128) -> bool {
        (self.base ^ address) >> (u128::BITS - self.prefix_bits) == 0
    }
}

/// IANA IPv4 Special-Purpose Address Registry, multicast (RFC 5771) and the
/// future-use block (RFC 1112).
const V4_DENIED: [Block<u32>; 15] = [
    Block::v4(0, 0, 0, 8),       // this network, RFC 791
    Block::v4(10, 0, 0, 8),      // private, RFC 1918
    Block::v4(100, 64, 0, 10),   // carrier-grade NAT, RFC 6598
    Block::v4(127, 0, 0, 8),     // loopback, RFC 1122; Lambda's runtime API
    Block::v4(169, 254, 0, 16),  // link-local, RFC 3927; metadata and credentials
    Block::v4(172, 16, 0, 12),   // private, RFC 1918
    Block::v4(192, 0, 0, 24),    // IETF protocol assignments, RFC 6890
    Block::v4(192, 0, 2, 24),    // documentation, RFC 5737
    Block::v4(192, 88, 99, 24),  // 6to4 relay anycast, RFC 7526
    Block::v4(192, 168, 0, 16),  // private, RFC 1918
    Block::v4(198, 18, 0, 15),   // benchmarking, RFC 2544
    Block::v4(198, 51, 100, 24), // documentation, RFC 5737
    Block::v4(203, 0, 113, 24),  // documentation, RFC 5737
    Block::v4(224, 0, 0, 4),     // multicast, RFC 5771
    Block::v4(240, 0, 0, 4),     // future use and broadcast, RFC 1112, RFC 919
];

const V6_UNICAST: Block<u128> = Block::v6(0x2000, 0, 3);

/// IANA IPv6 Special-Purpose Address Registry, within `2000::/3`.
const V6_DENIED: [Block<u128>; 4] = [
    Block::v6(0x2001, 0x0000, 23), // protocol assignments, Teredo, ORCHID, RFC 2928
    Block::v6(0x2001, 0x0db8, 32), // documentation, RFC 3849
    Block::v6(0x2002, 0x0000, 16), // 6to4, RFC 3056
    Block::v6(0x3fff, 0x0000, 20), // documentation, RFC 9637
];

/// The Fetch standard's blocked ports, sorted.
const BLOCKED_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses of the special-purpose registries, cloud metadata services and
    /// spellings that once slipped through other systems' filters.
    const REFUSED: [&str; 58] = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.100.1",
        "169.254.170.2",
        "169.254.169.253",
        "169.254.79.129",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "4000::1",
        "e000::1",
    ];

    #[test]
    fn special_purpose_addresses_are_refused() {
        for text in REFUSED {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(Reach::public().judge(address, 443), Err(Forbidden::Address), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_allowed() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860:4860::8888",
        ] {
            assert_eq!(Reach::public().judge(text.parse().unwrap(), 443), Ok(()), "{text}");
        }
    }

    #[test]
    fn open_loopback_still_closes_the_stacks_own_ports_and_everything_else() {
        let reach = Reach::with_loopback_except(vec![4566]);
        assert_eq!(reach.judge("127.0.0.1".parse().unwrap(), 3000), Ok(()));
        assert_eq!(reach.judge("::1".parse().unwrap(), 3000), Ok(()));
        assert_eq!(reach.judge("127.0.0.1".parse().unwrap(), 4566), Err(Forbidden::Address));
        for text in ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0"] {
            assert_eq!(reach.judge(text.parse().unwrap(), 80), Err(Forbidden::Address), "{text}");
        }
    }

    #[test]
    fn urls_are_judged_by_their_canonical_host() {
        let cases = [
            ("http://2130706433/", Some(Forbidden::Address)),
            ("http://0x7f.1/", Some(Forbidden::Address)),
            ("http://0177.0.0.1/", Some(Forbidden::Address)),
            ("http://１２７.0.0.1/", Some(Forbidden::Address)),
            ("http://[::ffff:7f00:1]/", Some(Forbidden::Address)),
            ("HTTP://LOCALHOST/", Some(Forbidden::LocalName)),
            ("http://localhost./", Some(Forbidden::LocalName)),
            ("http://a.localhost/", Some(Forbidden::LocalName)),
            ("http://metadata.google.internal/", Some(Forbidden::LocalName)),
            ("http://printer.local/", Some(Forbidden::LocalName)),
            ("http://example.com:25/", Some(Forbidden::Port)),
            ("http://1.1.1.1:22/", Some(Forbidden::Port)),
            ("https://example.com:8443/hook", None),
            ("https://localhost.example.com/", None),
        ];
        for (text, expected) in cases {
            let url = Url::parse(text).unwrap();
            assert_eq!(Reach::public().judge_url(&url).err(), expected, "{text}");
        }
    }

    #[test]
    fn the_blocked_ports_are_sorted_for_the_search() {
        assert!(BLOCKED_PORTS.is_sorted());
    }
}
