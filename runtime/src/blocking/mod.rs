//! The blocking face: no runtime, no thread and no channel in a call.

mod connector;
mod resolver;
mod ureq_transport;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

pub use ureq_transport::UreqTransport;

use crate::exchange::{Exchange, Step};
use crate::{Answer, Call, Config, Error, Request, TransportError};

/// Sends calls and blocks until their answers are there. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    transport: Arc<dyn Transport>,
}

/// Sends one request and reads its answer in full.
pub trait Transport: Send + Sync + 'static {
    /// Sends the request; follows no redirect, and gives up at the deadline.
    ///
    /// # Errors
    /// No whole answer came.
    fn send(
        &self,
        request: &http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError>;
}

impl Client {
    /// Builds a client, without I/O.
    ///
    /// # Errors
    /// The configuration asks for TLS, and the feature `rustls` is off.
    pub fn new(config: Config) -> Result<Self, Error> {
        let transport = match &config.transport {
            Some(transport) => Arc::clone(transport),
            None => Arc::new(UreqTransport::new(&config)?),
        };
        let inner = Arc::new(Inner { config, transport });
        Ok(Self { inner })
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Sends a call and reads its answer.
    ///
    /// # Errors
    /// An argument cannot be sent, no answer came, its status is not a success, or it cannot be read.
    #[track_caller]
    pub fn execute<T>(&self, call: Call<T>) -> Result<T, Error> {
        let (request, reader) = call.into_parts();
        reader.read(self.inner.send(&request?)?)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.inner.config;
        f.debug_struct("blocking::Client")
            .field("config", config)
            .finish()
    }
}

impl Inner {
    fn send(&self, request: &Request) -> Result<Answer, Error> {
        let mut exchange = Exchange::new(request, &self.config);
        loop {
            match exchange.next() {
                Step::Send(request) => match self.transport.send(&request, exchange.deadline()) {
                    Ok(answer) => exchange.answered(answer),
                    Err(error) => exchange.failed(error),
                },
                Step::Sleep(delay) => std::thread::sleep(delay),
                Step::Done(result) => return result,
            }
        }
    }
}
