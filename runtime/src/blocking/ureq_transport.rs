//! The blocking transport on ureq.

use std::time::Instant;

use bytes::Bytes;
use ureq::Agent;
use ureq::config::AutoHeaderValue;

use super::Transport;
use super::connector::{ConnectFailure, MarkingConnector};
use super::resolver::CachingResolver;
use crate::{Answer, Config, Error, TransportError, TransportErrorKind};

/// Sends requests with ureq, on the calling thread.
#[derive(Debug)]
pub struct UreqTransport {
    agent: Agent,
    max_body: u64,
}

impl UreqTransport {
    /// Builds the transport, without I/O.
    ///
    /// # Errors
    /// The base URL is one of `https`, and the feature `rustls` is off.
    pub fn new(config: &Config) -> Result<Self, Error> {
        if config.base_url.is_https() && cfg!(not(feature = "rustls")) {
            return Err(Error::config("https needs the feature `rustls`"));
        }
        let agent = Agent::with_parts(
            agent_config(config),
            MarkingConnector::default(),
            CachingResolver::default(),
        );
        Ok(Self {
            agent,
            max_body: config.max_body,
        })
    }

    fn run(
        &self,
        request: &http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, ureq::Error> {
        let timeout = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let response = if request.body().is_empty() {
            self.start(with_body(request, ()), timeout)?
        } else {
            self.start(with_body(request, &request.body()[..]), timeout)?
        };
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(self.max_body).read_to_vec()?;
        Ok(Answer::new(parts.status, parts.headers, body))
    }

    fn start(
        &self,
        request: http::Request<impl ureq::AsSendBody>,
        timeout: Option<std::time::Duration>,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(timeout)
            .build();
        self.agent.run(request)
    }
}

impl Transport for UreqTransport {
    fn send(
        &self,
        request: &http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        // ureq would take no time left for a second.
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(TransportError::timeout());
        }
        self.run(request, deadline).map_err(transport_error)
    }
}

fn agent_config(config: &Config) -> ureq::config::Config {
    let builder = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(config.max_idle_connections)
        .max_idle_connections_per_host(config.max_idle_connections)
        .max_idle_age(config.idle_timeout)
        .allow_non_standard_methods(true)
        .user_agent(AutoHeaderValue::None)
        .accept(AutoHeaderValue::None)
        .accept_encoding(AutoHeaderValue::None);
    #[cfg(feature = "rustls")]
    let builder = builder.tls_config(
        ureq::tls::TlsConfig::builder()
            .root_certs(ureq::tls::RootCerts::WebPki)
            .unversioned_rustls_crypto_provider(crate::tls::provider())
            .build(),
    );
    builder.build()
}

fn with_body<B>(request: &http::Request<Bytes>, body: B) -> http::Request<B> {
    let mut copy = http::Request::new(body);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

fn transport_error(error: ureq::Error) -> TransportError {
    let kind = match &error {
        ureq::Error::Timeout(_) => TransportErrorKind::Timeout,
        ureq::Error::BodyExceedsLimit(limit) => return TransportError::body_too_large(*limit),
        ureq::Error::Other(other) if other.is::<ConnectFailure>() => TransportErrorKind::Connect,
        _ => TransportErrorKind::Interrupted,
    };
    TransportError::new(kind, error)
}
