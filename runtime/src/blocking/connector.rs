//! Connecting: which failures come before anything was sent, and one TLS configuration for all connections.

use std::fmt;

use ureq::unversioned::transport::{ConnectionDetails, Connector, DefaultConnector, Transport};

/// An error of ureq that came about before anything was sent.
#[derive(Debug)]
pub(super) struct ConnectFailure(ureq::Error);

impl ConnectFailure {
    /// Marks an error; a timeout stays what it is.
    pub(super) fn wrap(error: ureq::Error) -> ureq::Error {
        match error {
            ureq::Error::Timeout(_) => error,
            ureq::Error::Other(other) if other.is::<Self>() => ureq::Error::Other(other),
            other => ureq::Error::Other(Box::new(Self(other))),
        }
    }
}

impl fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ConnectFailure {}

/// ureq's own connector, with its failures marked.
#[derive(Debug, Default)]
pub(super) struct MarkingConnector(DefaultConnector);

impl Connector<()> for MarkingConnector {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let details = agent_level(details);
        self.0
            .connect(&details, chained)
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
