//! Connecting: which failures come before anything was sent, and one TLS configuration for all connections.

use std::fmt;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, Transport,
};

use super::tcp::TcpConnector;

/// An error of ureq that came about before anything was sent.
#[derive(Debug)]
pub(super) struct ConnectFailure(Error);

impl ConnectFailure {
    /// Marks an error; a timeout stays what it is.
    fn wrap(error: Error) -> Error {
        match error {
            Error::Timeout(_) => error,
            Error::Other(other) if other.is::<Self>() => Error::Other(other),
            other => Error::Other(Box::new(Self(other))),
        }
    }
}

impl fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ConnectFailure {}

/// The steps of a connection (proxy, TCP, TLS), with their failures marked.
#[derive(Debug)]
pub(super) struct MarkingConnector<C>(C);

/// A proxy's tunnel where one is set, else TCP, and TLS on it where the address asks for it.
pub(super) fn connector() -> impl Connector<(), Out = Box<dyn Transport>> {
    let tcp = ().chain(ConnectProxyConnector::default()).chain(TcpConnector::new());
    #[cfg(feature = "rustls")]
    let steps = tcp.chain(ureq::unversioned::transport::RustlsConnector::default());
    #[cfg(not(feature = "rustls"))]
    let steps = tcp;
    MarkingConnector(steps)
}

impl<C: Connector<()>> Connector<()> for MarkingConnector<C> {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        let opened = self.0.connect(&agent_level(details), chained);
        opened
            .map(|opened| opened.map(Transport::boxed))
            .map_err(ConnectFailure::wrap)
    }
}

/// The same details, said to be those of the agent.
///
/// A request differs from the agent in its timeout only, but ureq builds a new TLS configuration for each connection
/// of a request that brings its own settings, and with it forgets every TLS session.
fn agent_level<'a>(details: &ConnectionDetails<'a>) -> ConnectionDetails<'a> {
    ConnectionDetails {
        uri: details.uri,
        addrs: details.addrs.clone(),
        config: details.config,
        request_level: false,
        resolver: details.resolver,
        now: details.now,
        timeout: details.timeout,
        current_time: details.current_time.clone(),
        run_connector: details.run_connector.clone(),
        register_shutdown: details.register_shutdown.clone(),
    }
}

/// Resolves nothing: ureq asks before it looks for an idle connection, and [`TcpConnector`] looks the name up when it
/// opens one.
#[derive(Debug)]
pub(super) struct LaterResolver;

impl Resolver for LaterResolver {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}
