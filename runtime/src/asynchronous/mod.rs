//! The async face: reqwest on the caller's tokio.

mod begun;
mod clients;
mod reqwest_transport;
mod sending;

use std::fmt;
use std::sync::Arc;

use tracing::Instrument;

/// The HTTP library below [`ReqwestTransport`], of the version that [`ReqwestTransport::with_client`] takes.
pub use reqwest;
pub use reqwest_transport::ReqwestTransport;

use crate::call::{Answer, Call, Error, Request};
use crate::config::Config;
use crate::exchange::options::CallOptions;
use crate::exchange::{Exchange, Hinge, Step, observe};
pub use crate::stream::AsyncStream as Stream;
use crate::stream::{Course, Opened};
pub use crate::transport::{
    AsyncBodyChunks as BodyChunks, AsyncChunk as Chunk, AsyncTransport as Transport, BoxFuture,
};

/// Sends calls on the caller's tokio. Cheap to clone; clones share their connections.
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
    /// Builds a client, without I/O and without a runtime.
    ///
    /// # Errors
    /// The HTTP client cannot be built, such as from TLS roots that can't be used.
    pub fn new(config: Config) -> Result<Self, Error> {
        let (hinge, transport): (_, Arc<dyn Transport>) =
            if let Some(transport) = &config.async_transport {
                (config.hinge(), Arc::clone(transport))
            } else {
                let own = ReqwestTransport::new(&config)?;
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
    /// An argument cannot be sent, no answer came, its status is not a success, or it cannot be read.
    pub async fn execute<T>(&self, call: Call<T>) -> Result<T, Error> {
        let (request, reader) = call.into_parts();
        reader.read(self.inner.send(request?, &self.options).await?)
    }

    /// As [`execute`](Self::execute), with the whole answer beside the value: its status and headers.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute).
    pub async fn execute_with_answer<T>(&self, call: Call<T>) -> Result<(T, Answer), Error> {
        let (request, reader) = call.into_parts();
        reader.read_beside(self.inner.send(request?, &self.options).await?)
    }

    /// Sends a request until an answer begins that is a success. The result also says where it comes from, and how long it may be silent.
    pub(crate) async fn open(
        &self,
        request: Request,
    ) -> Result<(Opened<dyn BodyChunks>, Course), Error> {
        let span = observe::span(request.operation());
        let opening = self.inner.open(&request, &self.options);
        opening.instrument(span).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("asynchronous::Client")
            .field("config", self.config())
            .finish()
    }
}

impl Inner {
    async fn send(&self, request: Request, options: &CallOptions) -> Result<Answer, Error> {
        let span = observe::span(request.operation());
        self.exchange(&request, options).instrument(span).await
    }

    async fn open(
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
                        let whole = self.transport.send(sent, deadline).await;
                        whole.map(Opened::from)
                    } else {
                        self.transport.open(sent, deadline).await
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
                    exchange.came(self.transport.upload(sent, deadline).await);
                }
                Step::Sleep(delay) => self.hinge.clock().asleep(delay).await,
                Step::Done(result) => {
                    let answer = result?;
                    let origin = exchange.origin();
                    return Ok((Opened { answer, rest }, Course { origin, idle }));
                }
            }
        }
    }

    async fn exchange(&self, request: &Request, options: &CallOptions) -> Result<Answer, Error> {
        let mut exchange = Exchange::with_options(request, &self.hinge, options);
        loop {
            match exchange.next() {
                Step::Send(request) => {
                    let deadline = exchange.deadline();
                    exchange.came(self.transport.send(request, deadline).await);
                }
                Step::Upload(request) => {
                    let deadline = exchange.deadline();
                    exchange.came(self.transport.upload(request, deadline).await);
                }
                Step::Sleep(delay) => self.hinge.clock().asleep(delay).await,
                Step::Done(result) => return result,
            }
        }
    }
}
