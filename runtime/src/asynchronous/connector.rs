//! Opening connections: names, a proxy on the way, TCP, TLS. Nothing of a request is sent before it is done.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use http::header::HeaderValue;
use http::uri::Scheme;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower_service::Service;

use super::wire::{Stream, Wire};
use crate::call::Error;
use crate::config::Config;
use crate::proxy::{Proxies, Proxy, Tunnel, without_brackets};
use crate::reach::Reach;
use crate::sockets;
use crate::transport::BoxFuture;

/// What opens connections. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Connector(Arc<Way>);

#[derive(Debug)]
struct Way {
    proxies: Proxies,
    reach: Reach,
    tls: Arc<rustls::ClientConfig>,
}

impl Connector {
    /// What the configuration says.
    ///
    /// # Errors
    /// The TLS roots, or a proxy of the environment, can't be used.
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        Ok(Self(Arc::new(Way {
            proxies: config.proxies()?,
            reach: config.reach,
            tls: Arc::new(crate::tls::client_config(&config.tls)?),
        })))
    }

    /// The proxy on the way to an address.
    pub(super) fn proxy_to(&self, address: &Uri) -> Option<&Arc<Proxy>> {
        self.0.proxies.to_address(address)
    }

    /// What a proxy wants to be told with each request to this address, as it sees them.
    pub(super) fn authorization_to(&self, address: &Uri) -> Option<&HeaderValue> {
        let sees_requests = address.scheme() == Some(&Scheme::HTTP);
        let proxy = self.proxy_to(address).filter(|_| sees_requests)?;
        proxy.authorization()
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<TokioIo<Wire>>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let way = Arc::clone(&self.0);
        Box::pin(async move { way.open(&address).await.map(TokioIo::new) })
    }
}

impl Way {
    async fn open(&self, address: &Uri) -> io::Result<Wire> {
        let is_tls = address.scheme() == Some(&Scheme::HTTPS);
        let host = without_brackets(address.host().unwrap_or_default());
        let port = address.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let proxy = self.proxies.to_address(address);
        let mut stream = match proxy {
            None => self.dial(host, port).await?,
            Some(proxy) => self.dial_proxy(proxy).await?,
        };
        if !is_tls {
            return Ok(Wire::new(stream, proxy.is_some()));
        }
        if let Some(proxy) = proxy {
            dig(&mut stream, Tunnel::new(proxy, host, port)).await?;
        }
        let secured = stream.secure(Arc::clone(&self.tls), host).await?;
        Ok(Wire::new(secured, false))
    }

    async fn dial_proxy(&self, proxy: &Proxy) -> io::Result<Stream> {
        let stream = self.dial(proxy.host(), proxy.port()).await?;
        if proxy.is_tls() {
            return stream.secure(Arc::clone(&self.tls), proxy.host()).await;
        }
        Ok(stream)
    }

    async fn dial(&self, host: &str, port: u16) -> io::Result<Stream> {
        let found = tokio::net::lookup_host((host, port)).await?;
        let addresses: Vec<SocketAddr> = found.collect();
        self.reach.check(&addresses)?;
        let stream = sockets::aconnect(&addresses).await?;
        stream.set_nodelay(true)?;
        Ok(Stream::Plain(stream))
    }
}

/// Asks the proxy at the other end for a tunnel.
async fn dig(stream: &mut Stream, mut tunnel: Tunnel) -> io::Result<()> {
    stream.write_all(tunnel.request()).await?;
    stream.flush().await?;
    let mut buffer = [0; 1024];
    loop {
        let read = stream.read(&mut buffer).await?;
        let come = buffer.get(..read).unwrap_or_default();
        if tunnel.take(come).map_err(io::Error::other)? {
            return Ok(());
        }
    }
}
