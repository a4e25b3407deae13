//! The blocking face: no runtime and no channel in a call, and no thread but to look up a host name that is not remembered.

mod connection;
mod connections;
mod connector;
mod guard;
mod http1;
mod http_transport;
mod names;
mod pool;
mod stream;
mod tcp;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

pub use http_transport::HttpTransport;

pub use crate::stream::Stream;

use crate::call::{Answer, Call, Error, Operation, Request};
use crate::config::Config;
use crate::exchange::options::CallOptions;
use crate::exchange::{Exchange, Hinge, Step, observe};
use crate::stream::{Course, Opened};
pub use crate::transport::{BodyChunks, Transport};

/// Sends calls and blocks until their answers are there. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    options: Arc<CallOptions>,
}

struct Inner {
    config: Config,
    hinge: Hinge,
    transport: Arc<dyn Transport>,
}

impl Client {
    /// Builds a client, without I/O.
    ///
    /// # Errors
    /// The configuration asks for TLS, and the feature `rustls` is off; a root certificate, or a proxy of the environment,
    /// can't be used.
    pub fn new(config: Config) -> Result<Self, Error> {
        let (hinge, transport): (_, Arc<dyn Transport>) = if let Some(transport) = &config.transport
        {
            (config.hinge(), Arc::clone(transport))
        } else {
            let own = HttpTransport::new(&config)?;
            (config.hinge().without_operations(), Arc::new(own))
        };
        let inner = Arc::new(Inner {
            config,
            hinge,
            transport,
        });
        let options = Arc::default();
        Ok(Self { inner, options })
    }

    /// The same client for calls that do otherwise. Connections, session, limits and whatever else the client has are
    /// shared; what was set by another `with` before stays, unless it is set anew.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            options: Arc::new(self.options.then(options)),
        }
    }

    /// The configuration. The options of a view are not in it.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Sends a call and reads its answer.
    ///
    /// # Errors
    /// An argument cannot be sent, no answer came, its status is not a success, or it cannot be read; or the thread is
    /// an async executor's, and that is [denied](crate::OnAsyncContext::Deny).
    #[track_caller]
    pub fn execute<T>(&self, call: Call<T>) -> Result<T, Error> {
        self.check_context(call.operation())?;
        let (request, reader) = call.into_parts();
        reader.read(self.inner.send(&request?, &self.options)?)
    }

    /// As [`execute`](Self::execute), with the whole answer beside the value: its status and headers.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute).
    #[track_caller]
    pub fn execute_with_answer<T>(&self, call: Call<T>) -> Result<(T, Answer), Error> {
        self.check_context(call.operation())?;
        let (request, reader) = call.into_parts();
        reader.read_beside(self.inner.send(&request?, &self.options)?)
    }

    /// Sends a request until an answer begins that is a success. The result also says where it comes from, and how long it may be silent.
    pub(crate) fn open(
        &self,
        request: &Request,
    ) -> Result<(Opened<dyn BodyChunks>, Course), Error> {
        let span = observe::span(request.operation());
        span.in_scope(|| self.inner.open(request, &self.options))
    }

    /// Does what the configuration says about a blocking call on an async executor's thread.
    #[track_caller]
    pub(crate) fn check_context(&self, operation: &'static Operation) -> Result<(), Error> {
        let config = self.config();
        let choice = self.options.async_context();
        let (choice, twin) = (choice.unwrap_or(config.on_async_context), config.async_twin);
        guard::check(choice, operation, twin, Location::caller())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("blocking::Client")
            .field("config", self.config())
            .finish()
    }
}

impl Inner {
    fn send(&self, request: &Request, options: &CallOptions) -> Result<Answer, Error> {
        observe::span(request.operation()).in_scope(|| self.exchange(request, options))
    }

    fn open(
        &self,
        request: &Request,
        options: &CallOptions,
    ) -> Result<(Opened<dyn BodyChunks>, Course), Error> {
        let mut exchange = Exchange::with_options(request, &self.hinge, options);
        let (idle, mut rest) = (exchange.silence(), None);
        loop {
            match exchange.next() {
                Step::Send(sent) => {
                    let deadline = exchange.deadline();
                    // What the session asks is read whole.
                    let opened = if exchange.is_asking() {
                        self.transport.send(sent, deadline).map(Opened::from)
                    } else {
                        self.transport.open(sent, deadline)
                    };
                    match opened {
                        Ok(opened) => {
                            rest = opened.rest;
                            exchange.answered(opened.answer);
                        }
                        Err(error) => exchange.failed(error),
                    }
                }
                // Its answer is given whole.
                Step::Upload(sent) => {
                    let deadline = exchange.deadline();
                    exchange.came(self.transport.upload(sent, deadline));
                }
                Step::Sleep(delay) => self.hinge.clock().sleep(delay),
                Step::Done(result) => {
                    let answer = result?;
                    let origin = exchange.origin();
                    return Ok((Opened { answer, rest }, Course { origin, idle }));
                }
            }
        }
    }

    fn exchange(&self, request: &Request, options: &CallOptions) -> Result<Answer, Error> {
        let mut exchange = Exchange::with_options(request, &self.hinge, options);
        loop {
            match exchange.next() {
                Step::Send(request) => {
                    let deadline = exchange.deadline();
                    exchange.came(self.transport.send(request, deadline));
                }
                Step::Upload(request) => {
                    let deadline = exchange.deadline();
                    exchange.came(self.transport.upload(request, deadline));
                }
                Step::Sleep(delay) => self.hinge.clock().sleep(delay),
                Step::Done(result) => return result,
            }
        }
    }
}
