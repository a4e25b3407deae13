//! The way to the server: proxies, reach and certificates.

#[cfg(any(feature = "blocking", feature = "async"))]
use std::sync::Arc;

use super::Config;
use crate::call::Error;
#[cfg(any(feature = "blocking", feature = "async"))]
use crate::proxy::{Choice, Proxies, Proxy};
#[cfg(any(feature = "blocking", feature = "async"))]
use crate::reach::Reach;

#[cfg(feature = "rustls")]
impl Config {
    /// Sets the root certificates, as PEM, in place of Mozilla's: authorities, or a server's own certificate, as
    /// `openssl req -x509` makes it.
    ///
    /// # Errors
    /// The text has no certificate, or one that can't be read.
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, Error> {
        self.tls = self.tls.with_roots(pem)?;
        Ok(self)
    }

    /// Accepts every certificate: whoever is on the way to the server can read and change everything, keys included.
    /// Each client that is built from this logs a warning.
    #[must_use]
    pub fn danger_accept_invalid_certificates(mut self) -> Self {
        self.tls = self.tls.without_verification();
        self
    }

    /// How servers are verified, for what opens connections to the API's own origin on its own.
    ///
    /// # Errors
    /// A root certificate can't be used.
    pub fn tls_client_config(&self) -> Result<rustls::ClientConfig, Error> {
        crate::tls::client_config(&self.tls)
    }
}

#[cfg(any(feature = "blocking", feature = "async"))]
impl Config {
    /// Sets a proxy for every request and websocket, such as `http://user:password@proxy.internal:3128`. A proxy is one of
    /// `http` or `https`; plain requests are sent to it with their whole address, HTTPS and websockets through a tunnel.
    ///
    /// Unless it is set, the environment says which proxy leads where: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
    /// `NO_PROXY`, or the same in lower case, which wins. `NO_PROXY` takes names (`example.com` and what is below it,
    /// `.example.com` for the latter alone), addresses, networks (`10.0.0.0/8`), ports (`host:8080`), schemes
    /// (`https://host` for that host alone, websockets with it) and `*`. A variable of a proxy that holds something else is
    /// an error that names it, when a client is built. What an operating system keeps in settings of its own is not read.
    ///
    /// # Errors
    /// The text is not the address of a proxy of `http` or `https`.
    pub fn proxy(mut self, address: &str) -> Result<Self, Error> {
        let proxy = Proxy::parse(address)
            .map_err(|why| Error::config(format!("the proxy can't be used: {why}")))?;
        self.proxy = Choice::Always(Arc::new(proxy));
        Ok(self)
    }

    /// Uses no proxy, whatever the environment says.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Choice::Direct;
        self
    }

    /// Opens connections to public addresses only, for addresses that somebody else chose: a name that leads to the
    /// loopback, a private network or a link is refused where the connection is opened, after it was looked up. There is no
    /// proxy then, as a proxy looks names up itself.
    #[must_use]
    pub fn public_addresses_only(mut self) -> Self {
        self.reach = Reach::Public;
        self.no_proxy()
    }

    /// The proxy on the way to an address, for what opens connections to the API's own origin on its own; a websocket
    /// goes the way of `http` or `https`. See [`Tunnel`](crate::proxy::Tunnel) for what is then said to it.
    ///
    /// # Errors
    /// A variable of the environment does not hold the address of a proxy.
    #[doc(hidden)]
    pub fn proxy_to(&self, address: &http::Uri) -> Result<Option<Arc<Proxy>>, Error> {
        Ok(self.proxies()?.to_address(address).cloned())
    }

    pub(crate) fn proxies(&self) -> Result<Proxies, Error> {
        Proxies::new(&self.proxy)
    }
}
