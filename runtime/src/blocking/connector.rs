//! Opening connections: names, a proxy on the way, TCP, TLS. Nothing of a request is sent before it is done.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use http::header::PROXY_AUTHORIZATION;
use http::{HeaderName, HeaderValue};

use super::http1::Target;
use super::names::Names;
use super::pool::Origin;
use super::stream::Stream;
use super::tcp::Tcp;
use crate::call::{TransportError, TransportErrorKind};
use crate::proxy::{Proxies, Proxy, Tunnel};

/// What opens connections.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    pub(super) names: Names,
    pub(super) proxies: Proxies,
    #[cfg(feature = "rustls")]
    pub(super) tls: std::sync::Arc<rustls::ClientConfig>,
}

/// Why a connection could not be opened: what was to be reached, and what came in between.
#[derive(Debug)]
struct ConnectFailure {
    place: String,
    cause: io::Error,
}

impl Connector {
    /// Opens a connection to an origin.
    pub(super) fn open(
        &self,
        origin: &Origin,
        deadline: Option<Instant>,
    ) -> Result<Stream, TransportError> {
        let (host, port) = (origin.host(), origin.port());
        let stream = match self.proxy(origin) {
            None => self.dial(host, port, deadline)?,
            Some(proxy) => self.through(proxy, origin, deadline)?,
        };
        if origin.is_tls() {
            self.secure(stream, host, port)
        } else {
            Ok(stream)
        }
    }

    /// The same for a child after a fork: with nothing in it that a thread of the parent may be holding.
    pub(super) fn anew(&self) -> Self {
        Self {
            names: Names::new(),
            proxies: self.proxies.clone(),
            #[cfg(feature = "rustls")]
            tls: {
                let mut tls = rustls::ClientConfig::clone(&self.tls);
                tls.resumption = rustls::client::Resumption::default();
                tls.into()
            },
        }
    }

    /// How a request to an origin is written: a proxy is told the whole address, unless a tunnel leads through it.
    pub(super) fn wording(&self, origin: &Origin) -> (Target, Option<(&HeaderName, &HeaderValue)>) {
        match self.proxy(origin) {
            Some(proxy) if !origin.is_tls() => {
                let authorization = proxy.authorization();
                let header = authorization.map(|value| (&PROXY_AUTHORIZATION, value));
                (Target::Address, header)
            }
            _ => (Target::Path, None),
        }
    }

    fn proxy(&self, origin: &Origin) -> Option<&Proxy> {
        if self.proxies.is_empty() {
            return None;
        }
        let (scheme, host) = (origin.scheme.as_str(), origin.host());
        self.proxies
            .to(scheme, host, origin.port())
            .map(|proxy| &**proxy)
    }

    fn through(
        &self,
        proxy: &Proxy,
        origin: &Origin,
        deadline: Option<Instant>,
    ) -> Result<Stream, TransportError> {
        let mut stream = self.dial(proxy.host(), proxy.port(), deadline)?;
        if proxy.is_tls() {
            stream = self.secure(stream, proxy.host(), proxy.port())?;
        }
        if origin.is_tls() {
            let mut tunnel = Tunnel::new(proxy, origin.host(), origin.port());
            dig(&mut stream, &mut tunnel)
                .map_err(|cause| failure(proxy.host(), proxy.port(), cause))?;
        }
        Ok(stream)
    }

    fn dial(
        &self,
        host: &str,
        port: u16,
        deadline: Option<Instant>,
    ) -> Result<Stream, TransportError> {
        self.names
            .addresses(host, port, deadline)
            .and_then(|addresses| Tcp::open(&addresses, deadline))
            .map(Stream::Plain)
            .map_err(|cause| failure(host, port, cause))
    }

    #[cfg(feature = "rustls")]
    fn secure(&self, stream: Stream, host: &str, port: u16) -> Result<Stream, TransportError> {
        let secured = stream.secure(std::sync::Arc::clone(&self.tls), host);
        secured.map_err(|cause| failure(host, port, cause))
    }

    #[cfg(not(feature = "rustls"))]
    #[expect(clippy::unused_self, reason = "with TLS it is used")]
    fn secure(&self, _stream: Stream, host: &str, port: u16) -> Result<Stream, TransportError> {
        let cause = io::Error::new(ErrorKind::Unsupported, "https needs the feature `rustls`");
        Err(failure(host, port, cause))
    }
}

/// Asks the proxy at the other end for a tunnel.
fn dig(stream: &mut Stream, tunnel: &mut Tunnel) -> io::Result<()> {
    stream.write_all(tunnel.request())?;
    stream.flush()?;
    let mut buffer = [0; 1024];
    loop {
        let read = stream.read(&mut buffer)?;
        if tunnel.take(&buffer[..read]).map_err(io::Error::other)? {
            return Ok(());
        }
    }
}

fn failure(host: &str, port: u16, cause: io::Error) -> TransportError {
    let kind = match cause.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => TransportErrorKind::Timeout,
        _ => TransportErrorKind::Connect,
    };
    let place = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    TransportError::new(kind, ConnectFailure { place, cause })
}

impl fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.cause)
    }
}

impl std::error::Error for ConnectFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
