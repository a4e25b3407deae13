//! Name resolution on the calling thread, with a short memory.

use std::collections::HashMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::connector::ConnectFailure;

/// How long an address is remembered.
const MEMORY: Duration = Duration::from_secs(30);

/// Resolves on the calling thread and remembers addresses for a short time.
///
/// ureq resolves before it looks for an idle connection, and its own resolver spawns a thread for each call that has a
/// timeout. The price of this one: a name server that does not answer is waited for as long as the system does.
#[derive(Debug, Default)]
pub(super) struct CachingResolver {
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    addresses: Vec<SocketAddr>,
    until: Instant,
}

impl CachingResolver {
    fn addresses(&self, host_and_port: &str, now: Instant) -> std::io::Result<Vec<SocketAddr>> {
        if let Some(known) = self.known().get(host_and_port)
            && now < known.until
        {
            return Ok(known.addresses.clone());
        }
        // The lock is not held here, so that a slow name server delays no call to a host that is known.
        let addresses: Vec<SocketAddr> = host_and_port.to_socket_addrs()?.collect();
        self.remember(host_and_port, &addresses, now);
        Ok(addresses)
    }

    fn remember(&self, host_and_port: &str, addresses: &[SocketAddr], now: Instant) {
        let mut known = self.known();
        known.retain(|_, known| now < known.until);
        let entry = Known {
            addresses: addresses.to_vec(),
            until: now + MEMORY,
        };
        known.insert(host_and_port.to_owned(), entry);
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolver for CachingResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let parts = uri.scheme().zip(uri.authority());
        let name = parts.and_then(|(scheme, host)| DefaultResolver::host_and_port(scheme, host));
        let name = name.ok_or(ureq::Error::HostNotFound)?;
        let addresses = self
            .addresses(&name, Instant::now())
            .map_err(|error| ConnectFailure::wrap(error.into()))?;
        let mut resolved = self.empty();
        for address in config
            .ip_family()
            .keep_wanted(addresses.into_iter())
            .take(16)
        {
            resolved.push(address);
        }
        if resolved.is_empty() {
            return Err(ConnectFailure::wrap(ureq::Error::HostNotFound));
        }
        Ok(resolved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_remembered_and_then_forgotten() {
        let resolver = CachingResolver::default();
        let now = Instant::now();
        let first = resolver.addresses("127.0.0.1:80", now).unwrap();
        assert_eq!(first, ["127.0.0.1:80".parse().unwrap()]);
        let fake = ["10.0.0.1:80".parse().unwrap()];
        resolver.remember("127.0.0.1:80", &fake, now);
        assert_eq!(resolver.addresses("127.0.0.1:80", now).unwrap(), fake);
        let later = now + MEMORY;
        assert_eq!(resolver.addresses("127.0.0.1:80", later).unwrap(), first);
        assert!(resolver.addresses("no port", now).is_err());
    }
}
