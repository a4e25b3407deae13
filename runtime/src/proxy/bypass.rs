//! `NO_PROXY`: what is reached without a proxy.

use std::net::IpAddr;

/// What is reached without a proxy.
#[derive(Clone, Debug, Default)]
pub(super) struct Bypass(Vec<Place>);

#[derive(Clone, Debug)]
struct Place {
    scheme: Option<String>,
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Hosts {
    /// `*`.
    Any,
    /// `localhost`, an IP address, or the host of a URL.
    One(String),
    /// `example.com`: that, and all below it.
    Domain(String),
    /// `.example.com`: what is below it.
    Below(String),
    /// `10.0.0.0/8`: the address and how many bits of it count.
    Network(IpAddr, u32),
}

impl Bypass {
    /// Reads a list with commas between its places. What is no place covers nothing.
    pub(super) fn parse(text: &str) -> Self {
        let places = text.split(',').map(str::trim);
        let places = places.filter(|place| !place.is_empty());
        Self(places.map(Place::parse).collect())
    }

    /// Whether a host is reached without a proxy. An IPv6 address has no brackets.
    pub(super) fn covers(&self, scheme: &str, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let scheme = of_requests(scheme);
        self.0.iter().any(|place| {
            place.scheme.as_deref().is_none_or(|one| one == scheme)
                && place.port.is_none_or(|one| one == port)
                && place.hosts.contain(&host)
        })
    }
}

impl Place {
    fn parse(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let (scheme, rest) = match text.split_once("://") {
            Some(("all", rest)) => (None, rest),
            Some((scheme, rest)) => (Some(of_requests(scheme).to_owned()), rest),
            None => (None, text.as_str()),
        };
        let (host, port) = split(rest.trim_end_matches('/'));
        Self {
            hosts: Hosts::parse(host, scheme.is_some()),
            scheme,
            port,
        }
    }
}

/// A websocket goes the way of requests: who reaches a host directly for the one does so for the other.
fn of_requests(scheme: &str) -> &str {
    match scheme {
        "ws" => "http",
        "wss" => "https",
        other => other,
    }
}

/// The host, without brackets, and the port.
fn split(place: &str) -> (&str, Option<u16>) {
    if place.parse::<IpAddr>().is_ok() || place.contains('/') {
        return (place, None);
    }
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (place, None),
        },
        None => (place, None),
    };
    (super::without_brackets(host), port)
}

impl Hosts {
    fn parse(host: &str, is_of_url: bool) -> Self {
        if let Some((address, bits)) = host.split_once('/')
            && let (Ok(address), Ok(bits)) = (address.parse(), bits.parse())
        {
            return Self::Network(address, bits);
        }
        let host = host.trim_end_matches('.');
        let below = host.strip_prefix("*.").or_else(|| host.strip_prefix('.'));
        if let Some(domain) = below {
            return Self::Below(format!(".{domain}"));
        }
        let is_one = is_of_url || host == "localhost" || host.parse::<IpAddr>().is_ok();
        match host.strip_prefix('*') {
            Some("") => Self::Any,
            Some(domain) => Self::Domain(domain.to_owned()),
            None if is_one => Self::One(host.to_owned()),
            None => Self::Domain(host.to_owned()),
        }
    }

    fn contain(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => match (one.parse::<IpAddr>(), host.parse::<IpAddr>()) {
                (Ok(one), Ok(host)) => one == host,
                _ => one == host,
            },
            Self::Domain(domain) => host
                .strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
            Self::Below(end) => host.len() > end.len() && host.ends_with(end),
            Self::Network(network, bits) => host
                .parse()
                .is_ok_and(|host| is_within(host, *network, *bits)),
        }
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let differing = address.to_bits() ^ network.to_bits();
            bits <= 32 && differing.leading_zeros() >= bits
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let differing = address.to_bits() ^ network.to_bits();
            bits <= 128 && differing.leading_zeros() >= bits
        }
        _ => false,
    }
}
