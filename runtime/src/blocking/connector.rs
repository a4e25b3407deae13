//! Opening connections: names, a proxy on the way, TCP, TLS. Nothing of a request is sent before it is done.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use http::header::PROXY_AUTHORIZATION;
use http::{HeaderName, HeaderValue};

use super::http1::Target;
use super::names::Resolver;
use super::pool::Origin;
use super::stream::Stream;
use super::tcp::Tcp;
use crate::call::{TransportError, TransportErrorKind};
use crate::proxy::{Proxies, Proxy, Tunnel, is_refusal};
use crate::reach::Reach;

/// What opens connections.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    pub(super) names: Resolver,
    pub(super) proxies: Proxies,
    pub(super) reach: Reach,
    #[cfg(feature = "rustls")]
    pub(super) tls: std::sync::Arc<rustls::ClientConfig>,
}

impl Connector {
    /// Opens a connection to an origin.
    pub(super) fn open(
        &self,
        origin: &Origin,
        deadline: Option<Instant>,
    ) -> Result<Stream, TransportError> {
        let Some(proxy) = self.proxy(origin) else {
            let dialled = self.dial(origin.host(), origin.port(), deadline);
            let secured = dialled.and_then(|stream| self.secure_to(stream, origin));
            return secured.map_err(failure);
        };
        let tunnel = self.through(proxy, origin, deadline);
        let secured = tunnel.and_then(|stream| self.secure_to(stream, origin));
        secured.map_err(|cause| proxy_failure(proxy, cause))
    }

    /// The same for a child after a fork: with nothing in it that a thread of the parent may be holding.
    pub(super) fn anew(&self) -> Self {
        Self {
            names: Resolver::new(),
            proxies: self.proxies.clone(),
            reach: self.reach,
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
    ) -> io::Result<Stream> {
        let mut stream = self.dial(proxy.host(), proxy.port(), deadline)?;
        if proxy.is_tls() {
            stream = self.secure(stream, proxy.host())?;
        }
        if origin.is_tls() {
            dig(
                &mut stream,
                Tunnel::new(proxy, origin.host(), origin.port()),
            )?;
        }
        Ok(stream)
    }

    fn dial(&self, host: &str, port: u16, deadline: Option<Instant>) -> io::Result<Stream> {
        let addresses = self.names.addresses(host, port, deadline)?;
        self.reach.check(&addresses)?;
        Tcp::open(&addresses, deadline).map(Stream::Plain)
    }

    /// TLS to the origin itself, where it speaks that.
    fn secure_to(&self, stream: Stream, origin: &Origin) -> io::Result<Stream> {
        if origin.is_tls() {
            self.secure(stream, origin.host())
        } else {
            Ok(stream)
        }
    }

    #[cfg(feature = "rustls")]
    fn secure(&self, stream: Stream, host: &str) -> io::Result<Stream> {
        stream.secure(std::sync::Arc::clone(&self.tls), host)
    }

    #[cfg(not(feature = "rustls"))]
    #[expect(clippy::unused_self, reason = "with TLS it is used")]
    fn secure(&self, _stream: Stream, _host: &str) -> io::Result<Stream> {
        let text = "https needs the feature `rustls`";
        Err(io::Error::new(ErrorKind::Unsupported, text))
    }
}

/// Asks the proxy at the other end for a tunnel.
fn dig(stream: &mut Stream, mut tunnel: Tunnel) -> io::Result<()> {
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

fn failure(cause: io::Error) -> TransportError {
    match kind(&cause) {
        TransportErrorKind::Timeout => TransportError::timeout().unsent(),
        kind => TransportError::new(kind, cause),
    }
}

/// A tunnel that is refused names the proxy itself.
fn proxy_failure(proxy: &Proxy, cause: io::Error) -> TransportError {
    if is_refusal(&cause) {
        failure(cause)
    } else {
        failure(cause).through(proxy.address())
    }
}

fn kind(cause: &io::Error) -> TransportErrorKind {
    // The system's own time limit, or its lack of threads, has a number; our deadline has none.
    match cause.raw_os_error() {
        None if cause.kind() == ErrorKind::TimedOut => TransportErrorKind::Timeout,
        _ => TransportErrorKind::Connect,
    }
}
