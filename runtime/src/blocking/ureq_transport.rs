//! The blocking transport on ureq.

use std::sync::OnceLock;
use std::time::Instant;

use bytes::Bytes;
use ureq::Agent;
use ureq::config::AutoHeaderValue;

use super::Transport;
use super::connections::Connections;
use super::connector::{ConnectFailure, LaterResolver, connector};
use crate::{Answer, Config, Error, TransportError, TransportErrorKind};

/// Sends requests with ureq, on the calling thread.
#[derive(Debug)]
pub struct UreqTransport {
    config: ureq::config::Config,
    max_connections: usize,
    max_body: u64,
    process: Process,
}

/// What belongs to one process. A child after a fork shares its parent's sockets, and its parent's locks may be held by
/// threads that the child does not have; so it begins anew.
#[derive(Debug)]
struct Process {
    id: u32,
    agent: Agent,
    connections: Connections,
    child: OnceLock<Box<Process>>,
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
        #[cfg(feature = "rustls")]
        config.tls.warn();
        let agent_config = agent_config(config);
        Ok(Self {
            process: Process::begin(agent_config.clone(), config.max_connections),
            config: agent_config,
            max_connections: config.max_connections,
            max_body: config.max_body,
        })
    }

    fn process(&self) -> &Process {
        let id = std::process::id();
        let mut process = &self.process;
        while process.id != id {
            process = process.child.get_or_init(|| {
                Box::new(Process::begin(self.config.clone(), self.max_connections))
            });
        }
        process
    }

    fn run(
        &self,
        agent: &Agent,
        request: &http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, ureq::Error> {
        let response = if request.body().is_empty() {
            start(agent, with_body(request, ()), deadline)?
        } else {
            start(agent, with_body(request, &request.body()[..]), deadline)?
        };
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(self.max_body).read_to_vec()?;
        Ok(Answer::new(parts.status, parts.headers, body))
    }
}

impl Process {
    fn begin(config: ureq::config::Config, max_connections: usize) -> Self {
        Self {
            id: std::process::id(),
            agent: Agent::with_parts(config, connector(), LaterResolver),
            connections: Connections::new(max_connections),
            child: OnceLock::new(),
        }
    }
}

impl Transport for UreqTransport {
    fn send(
        &self,
        request: &http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        let process = self.process();
        let connection = process.connections.take(deadline);
        // ureq would take no time left for a second.
        if connection.is_none() || deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(TransportError::timeout());
        }
        self.run(&process.agent, request, deadline)
            .map_err(transport_error)
    }
}

fn start(
    agent: &Agent,
    request: http::Request<impl ureq::AsSendBody>,
    deadline: Option<Instant>,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    let timeout = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let request = agent
        .configure_request(request)
        .timeout_global(timeout)
        .build();
    agent.run(request)
}

fn agent_config(config: &Config) -> ureq::config::Config {
    let builder = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(config.max_idle_connections)
        .max_idle_connections_per_host(config.max_idle_connections)
        .max_idle_age(config.idle_timeout)
        // What an idle connection keeps.
        .input_buffer_size(32 * 1024)
        .output_buffer_size(16 * 1024)
        .max_response_header_size(32 * 1024)
        .allow_non_standard_methods(true)
        .user_agent(AutoHeaderValue::None)
        .accept(AutoHeaderValue::None)
        .accept_encoding(AutoHeaderValue::None);
    #[cfg(feature = "rustls")]
    let builder = builder.tls_config(tls_config(&config.tls));
    builder.build()
}

#[cfg(feature = "rustls")]
fn tls_config(tls: &crate::tls::Tls) -> ureq::tls::TlsConfig {
    let roots = match &tls.roots {
        None => ureq::tls::RootCerts::WebPki,
        Some(roots) => {
            let roots = roots
                .iter()
                .map(|root| ureq::tls::Certificate::from_der(root).to_owned());
            ureq::tls::RootCerts::from(roots.collect::<Vec<_>>())
        }
    };
    ureq::tls::TlsConfig::builder()
        .root_certs(roots)
        .disable_verification(tls.is_unverified)
        .unversioned_rustls_crypto_provider(crate::tls::provider())
        .build()
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
