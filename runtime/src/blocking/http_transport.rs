//! The blocking transport: HTTP/1.1 on the calling thread.

use std::io::ErrorKind;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::connection::{Broken, Conditions, Connection, Next, Underway};
use super::connections::{self, Connections};
use super::connector::Connector;
use super::http1::{Unreadable, Whole};
use super::names::Resolver;
use super::pool::{Origin, Pool};
use crate::call::{Answer, Error, TransportError, TransportErrorKind};
use crate::config::Config;
use crate::model::Upload;
use crate::stream::Opened;
use crate::transport::{BodyChunks, Transport, ends_connection, unread};

/// Sends requests with HTTP/1.1, on the calling thread.
#[derive(Debug)]
pub struct HttpTransport {
    max_body: u64,
    process: Process,
}

/// What belongs to one process. A child after a fork shares its parent's sockets, and its parent's locks may be held by
/// threads that the child does not have; so it begins anew.
#[derive(Debug)]
struct Process {
    id: u32,
    limits: Limits,
    connector: Connector,
    connections: Connections,
    pool: Pool,
    child: OnceLock<Box<Process>>,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    connections: usize,
    idle: usize,
    idle_time: Duration,
}

impl HttpTransport {
    /// Builds the transport, without I/O.
    ///
    /// # Errors
    /// The base URL is one of `https`, and the feature `rustls` is off; a root certificate, or a proxy of the environment,
    /// can't be used.
    pub fn new(config: &Config) -> Result<Self, Error> {
        if config.terms.base_url.is_https() && cfg!(not(feature = "rustls")) {
            return Err(Error::config("https needs the feature `rustls`"));
        }
        #[cfg(feature = "rustls")]
        config.tls.warn();
        let connector = Connector {
            names: Resolver::new(),
            proxies: config.proxies()?,
            reach: config.reach,
            #[cfg(feature = "rustls")]
            tls: config.tls_client_config()?.into(),
        };
        let limits = Limits {
            connections: config.max_connections,
            idle: config.max_idle_connections,
            idle_time: config.idle_timeout,
        };
        Ok(Self {
            max_body: config.max_body,
            process: Process::begin(connector, limits),
        })
    }

    fn process(&self) -> &Process {
        let id = std::process::id();
        let mut process = &self.process;
        while process.id != id {
            process = process.child.get_or_init(|| {
                let connector = process.connector.anew();
                Box::new(Process::begin(connector, process.limits))
            });
        }
        process
    }
}

impl Process {
    fn begin(connector: Connector, limits: Limits) -> Self {
        Self {
            id: std::process::id(),
            limits,
            connector,
            connections: Connections::new(limits.connections),
            pool: Pool::new(limits.idle, limits.idle_time),
            child: OnceLock::new(),
        }
    }

    /// The turn of a request, which may have to wait for those before it.
    fn turn(
        &self,
        deadline: Option<Instant>,
    ) -> Result<connections::Connection<'_>, TransportError> {
        let turn = self.connections.take(deadline);
        turn.ok_or_else(TransportError::without_turn)
    }

    fn exchange<B>(
        &self,
        request: &http::Request<B>,
        deadline: Option<Instant>,
        max_body: u64,
        send: impl FnOnce(&mut Connection, &http::Request<B>, &Conditions<'_>) -> Result<Whole, Broken>,
    ) -> Result<Answer, TransportError> {
        let (origin, mut connection) = self.connect(request, deadline)?;
        let conditions = self.conditions(&origin, deadline, max_body);
        let exchanged = send(&mut connection, request, &conditions);
        let whole = exchanged.map_err(|broken| failure(broken, &connection))?;
        Ok(self.read(origin, connection, whole))
    }

    fn conditions(
        &self,
        origin: &Origin,
        deadline: Option<Instant>,
        max_body: u64,
    ) -> Conditions<'_> {
        let (target, extra) = self.connector.wording(origin);
        Conditions {
            target,
            extra,
            deadline,
            max_body,
        }
    }

    /// The answer is read to its end, so that the connection may be used again, if the server keeps it.
    fn read(&self, origin: Origin, connection: Connection, whole: Whole) -> Answer {
        if whole.keeps_alive && !ends_connection(whole.answer.status()) {
            self.pool.put(origin, connection);
        }
        whole.answer
    }

    fn connect(
        &self,
        request: &http::Request<impl Sized>,
        deadline: Option<Instant>,
    ) -> Result<(Origin, Connection), TransportError> {
        let origin = Origin::of(request.uri()).ok_or_else(no_address)?;
        let connection = match self.pool.take(&origin) {
            Some(connection) => connection,
            None => Connection::new(self.connector.open(&origin, deadline)?),
        };
        Ok((origin, connection))
    }

    fn open(
        &self,
        request: &http::Request<Bytes>,
        deadline: Option<Instant>,
        max_body: u64,
    ) -> Result<Opened<dyn BodyChunks>, TransportError> {
        let (origin, mut connection) = self.connect(request, deadline)?;
        let conditions = self.conditions(&origin, deadline, max_body);
        let opened = connection.open(request, &conditions);
        let (mut underway, whole) = opened.map_err(|broken| failure(broken, &connection))?;
        if let Some(whole) = whole {
            return Ok(self.read(origin, connection, whole).into());
        }
        let answer = underway.reading.opened();
        Ok(Opened {
            answer: answer.ok_or_else(|| transport_error(Broken::Answer(Unreadable::CutShort)))?,
            rest: Some(Box::new(Rest {
                connection,
                underway: Some(underway),
            })),
        })
    }
}

/// A body that is read as it comes. Its connection is not used again.
struct Rest {
    connection: Connection,
    /// Until the end.
    underway: Option<Underway>,
}

impl BodyChunks for Rest {
    fn next(&mut self, deadline: Option<Instant>) -> Result<Option<Bytes>, TransportError> {
        let Some(mut underway) = self.underway.take() else {
            return Ok(None);
        };
        match self.connection.next_chunk(&mut underway, deadline) {
            Ok(Next::Chunk(chunk)) => {
                self.underway = Some(underway);
                Ok(Some(chunk))
            }
            Ok(Next::Last(chunk)) => Ok((!chunk.is_empty()).then_some(chunk)),
            Err(broken) => Err(transport_error(broken)),
        }
    }
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        let process = self.process();
        let _turn = process.turn(deadline)?;
        process.exchange(&request, deadline, self.max_body, Connection::exchange)
    }

    fn upload(
        &self,
        request: http::Request<Upload>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        let process = self.process();
        let _turn = process.turn(deadline)?;
        process.exchange(&request, deadline, self.max_body, Connection::upload)
    }

    fn open(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Opened<dyn BodyChunks>, TransportError> {
        let process = self.process();
        // A stream may go on for ever, so it has its turn until it has begun.
        let _turn = process.turn(deadline)?;
        process.open(&request, deadline, self.max_body)
    }
}

fn no_address() -> TransportError {
    TransportError::new(TransportErrorKind::Connect, "the address has no host")
}

/// Why there is no answer on a connection.
fn failure(broken: Broken, connection: &Connection) -> TransportError {
    let has_ended = matches!(broken, Broken::Io(_) | Broken::Answer(Unreadable::CutShort));
    let failure = transport_error(broken);
    let is_broken_off = failure.kind() == TransportErrorKind::Interrupted;
    if has_ended && is_broken_off && connection.is_stale() {
        failure.stale()
    } else {
        failure
    }
}

fn transport_error(broken: Broken) -> TransportError {
    match broken {
        Broken::Io(error) => match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => TransportError::timeout(),
            _ => TransportError::new(TransportErrorKind::Interrupted, error),
        },
        Broken::Body(error) => unread(&error),
        Broken::Answer(Unreadable::BodyTooLarge(limit)) => TransportError::body_too_large(limit),
        Broken::Answer(why) => TransportError::new(TransportErrorKind::Interrupted, why),
    }
}
