//! Which addresses connections may be opened to.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Which addresses connections may be opened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    #[default]
    Anywhere,
    /// Those of the public internet: no loopback, private network, link or test network.
    Public,
}

/// A name, or an address itself, leads to where connections may not be opened.
#[derive(Debug)]
struct Private(IpAddr);

/// From IANA's special-purpose registry: an address of the network, and how many bits make the network.
const PRIVATE_V4: [(Ipv4Addr, u32); 14] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Beside what embeds an address of the older kind.
const PRIVATE_V6: [(Ipv6Addr, u32); 12] = [
    (Ipv6Addr::UNSPECIFIED, 128),
    (Ipv6Addr::LOCALHOST, 128),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
];

impl Reach {
    /// Whether connections may be opened to all of these: a name that leads to a private address beside a public one is
    /// as good as private.
    ///
    /// # Errors
    /// One of them is out of reach.
    pub(crate) fn check(self, addresses: &[SocketAddr]) -> io::Result<()> {
        if self == Self::Anywhere {
            return Ok(());
        }
        let private = addresses.iter().map(SocketAddr::ip).find(is_private);
        match private {
            Some(address) => Err(io::Error::other(Private(address))),
            None => Ok(()),
        }
    }

    /// The same for the host of a URL, where it is an address itself, which nobody looks up.
    ///
    /// # Errors
    /// It is out of reach.
    #[cfg(feature = "async")]
    pub(crate) fn check_host(self, host: &str) -> io::Result<()> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(address) => self.check(&[SocketAddr::new(address, 0)]),
            Err(_) => Ok(()),
        }
    }
}

fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(*address),
        IpAddr::V6(address) => is_private_v6(*address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    PRIVATE_V4
        .iter()
        .any(|(network, bits)| (address.to_bits() ^ network.to_bits()) >> (32 - bits) == 0)
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    if let Some(embedded) = embedded(address) {
        return is_private_v4(embedded);
    }
    PRIVATE_V6
        .iter()
        .any(|(network, bits)| (address.to_bits() ^ network.to_bits()) >> (128 - bits) == 0)
}

/// The address of the older kind that packets to this one end at: mapped, compatible, translated (NAT64) or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let last = |[.., a, b, c, d]: [u8; 16]| Ipv4Addr::new(a, b, c, d);
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            Some(last(address.octets()))
        }
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => Some(last(address.octets())),
        [0x2002, high, low, ..] => {
            let bits = (u32::from(high) << 16) | u32::from(low);
            Some(Ipv4Addr::from_bits(bits))
        }
        _ => None,
    }
}

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.0;
        write!(
            f,
            "it leads to {address}, and only public addresses are allowed"
        )
    }
}

impl std::error::Error for Private {}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(address: &str) -> bool {
        let address = SocketAddr::new(address.parse().unwrap(), 443);
        Reach::Public.check(&[address]).is_err()
    }

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        let private = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.0.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:db8::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "ff02::1",
        ];
        for address in private {
            assert!(is_refused(address), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_allowed() {
        let public = [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::",
        ];
        for address in public {
            assert!(!is_refused(address), "{address}");
        }
    }

    #[test]
    fn one_private_address_among_public_ones_is_enough() {
        let both = ["1.1.1.1:443", "10.0.0.1:443"].map(|address| address.parse().unwrap());
        let error = Reach::Public.check(&both).unwrap_err().to_string();
        assert!(error.contains("10.0.0.1"), "{error}");
        assert!(Reach::Anywhere.check(&both).is_ok());
    }
}
