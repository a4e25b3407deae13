//! The blocking transport on ureq.

use std::io::Read;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ureq::Agent;
use ureq::config::AutoHeaderValue;

use super::connections::Connections;
use super::connector::{ConnectFailure, LaterResolver, connector};
use crate::call::{Answer, Error, TransportError, TransportErrorKind};
use crate::config::Config;
use crate::transport::Transport;

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
        if config.terms.base_url.is_https() && cfg!(not(feature = "rustls")) {
            return Err(Error::config("https needs the feature `rustls`"));
        }
        #[cfg(feature = "rustls")]
        config.tls.warn();
        warn_of_bytes_in_log();
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
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, ureq::Error> {
        let (head, body) = request.into_parts();
        let response = if body.is_empty() {
            start(agent, http::Request::from_parts(head, ()), deadline)?
        } else {
            start(agent, http::Request::from_parts(head, &body[..]), deadline)?
        };
        let (parts, body) = response.into_parts();
        let body = read_body(body, self.max_body)?;
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
        request: http::Request<Bytes>,
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

/// At the level `trace` of the crate `log`, ureq writes every byte that goes over the connection, and with them keys and
/// secrets. Only the logger can keep that out.
fn warn_of_bytes_in_log() {
    if log::log_enabled!(target: "ureq_proto::util", log::Level::Trace) {
        log::warn!(
            "the logger takes `trace` of `ureq_proto`: that is every byte sent and received, keys included; \
             let it take `debug` of `ureq` and `ureq_proto`"
        );
    }
}

/// How much longer than asked a call may take where that spares it settings of its own.
const SLACK: Duration = Duration::from_millis(5);

/// Runs a request with the time that is left. Where that is what the agent allows anyway, as it is for every first
/// attempt, ureq need not copy and compare its settings for this request.
fn start(
    agent: &Agent,
    request: http::Request<impl ureq::AsSendBody>,
    deadline: Option<Instant>,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let usual = agent.config().timeouts().global;
    if left == usual
        || left
            .zip(usual)
            .is_some_and(|(left, usual)| left.abs_diff(usual) < SLACK)
    {
        return agent.run(request);
    }
    let request = agent
        .configure_request(request)
        .timeout_global(left)
        .build();
    agent.run(request)
}

fn agent_config(config: &Config) -> ureq::config::Config {
    let builder = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(config.longest_attempt())
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

/// The room that is made at once for a body whose length is told. A server that lies gets no more than this.
const ROOM: u64 = 1024 * 1024;

fn read_body(body: ureq::Body, limit: u64) -> Result<Vec<u8>, ureq::Error> {
    let told = body.content_length().unwrap_or_default();
    if told > limit {
        return Err(ureq::Error::BodyExceedsLimit(limit));
    }
    // One byte more than told: reading finds the end without making more room.
    let room = usize::try_from(told.min(ROOM) + 1).unwrap_or_default();
    let mut bytes = Vec::with_capacity(room);
    let mut reader = body.into_with_config().limit(limit).reader();
    match reader.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(ureq::Error::from(error)),
    }
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
