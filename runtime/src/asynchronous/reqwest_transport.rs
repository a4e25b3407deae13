//! The async transport on reqwest.

use std::error::Error as _;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::runtime::{Handle, Id, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::begun::Begun;
use super::clients::{Clients, builder, through, within};
use super::sending::Sending;
use crate::call::{Answer, Error, TransportError, TransportErrorKind};
use crate::config::Config;
use crate::model::Upload;
use crate::reach::Reach;
use crate::stream::Opened;
use crate::transport::{
    AsyncBodyChunks, AsyncChunk, AsyncTransport, BoxFuture, check_head, ends_connection, unread,
};

/// Sends requests with reqwest, on the caller's tokio.
#[derive(Debug)]
pub struct ReqwestTransport {
    clients: Clients,
    reach: Reach,
    connections: Semaphore,
    max_body: u64,
    /// The runtime on which a call ended last, and when.
    last: Mutex<Option<(Id, Instant)>>,
}

/// A runtime that did something so lately has not stood still since, and knows which connections are closed as well as
/// one that never does.
const LATELY: Duration = Duration::from_millis(1);

impl ReqwestTransport {
    /// Builds the transport, without I/O and without a runtime.
    ///
    /// # Errors
    /// The HTTP client cannot be built, such as from TLS roots that can't be used.
    pub fn new(config: &Config) -> Result<Self, Error> {
        config.tls.warn();
        Ok(Self::with(Clients::new(config)?, config))
    }

    /// What [`new`](Self::new) builds its client from, to be adapted and given to [`with_client`](Self::with_client):
    /// the TLS, the proxies and the idle connections of the configuration, and no redirects or retries, as the exchange
    /// has its own. Its `no_proxy` takes the proxies out, for others to come in their place.
    ///
    /// reqwest's own builder would panic where nobody has chosen a TLS provider.
    ///
    /// # Errors
    /// The TLS roots can't be used.
    pub fn client_builder(config: &Config) -> Result<reqwest::ClientBuilder, Error> {
        config.tls.warn();
        let tls = crate::tls::client_config(&config.tls)?;
        let (idle_timeout, max_idle) = (config.idle_timeout, config.max_idle_connections);
        let builder = builder(idle_timeout, max_idle, tls);
        let builder = through(builder, &config.proxies()?);
        Ok(within(builder, config.reach))
    }

    /// Uses a client of your own: its TLS, proxies, connections and redirects. Let it follow no redirects and have no
    /// retries, as that of [`client_builder`](Self::client_builder) does. Its connections end with the runtime that opened
    /// them; a client of ours has connections of its own on each runtime.
    #[must_use]
    pub fn with_client(client: reqwest::Client, config: &Config) -> Self {
        Self::with(Clients::Given(client), config)
    }

    fn with(clients: Clients, config: &Config) -> Self {
        Self {
            clients,
            reach: config.reach,
            connections: Semaphore::new(config.max_connections.min(Semaphore::MAX_PERMITS)),
            max_body: config.max_body,
            last: Mutex::new(None),
        }
    }

    /// One timer for the connection, the head and the body.
    async fn run(
        &self,
        runtime: Id,
        request: http::Request<impl Into<reqwest::Body>>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        let begun = Begun::new(self.clients.proxy_to(request.uri()));
        let request = request.map(|body| begun.set_by(body));
        let answered = async {
            let mut response = self.begin(runtime, request).await?;
            self.read(runtime, &mut response).await
        };
        let answered = within_time(deadline, answered).await;
        answered.map_err(|error| begun.judge(error))
    }

    /// The turn of a request, which may have to wait for those before it.
    async fn turn(
        &self,
        deadline: Option<Instant>,
    ) -> Result<Option<SemaphorePermit<'_>>, TransportError> {
        if let Ok(free) = self.connections.try_acquire() {
            return Ok(Some(free));
        }
        // The semaphore is never closed.
        let waiting = async { Ok(self.connections.acquire().await.ok()) };
        let turn = within_time(deadline, waiting).await;
        turn.map_err(|_| TransportError::without_turn())
    }

    /// As [`run`](Self::run), but reads no success further than its head. A stream may go on for ever, so it has its turn
    /// until it has begun.
    async fn run_to_body(
        &self,
        runtime: Id,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Opened<dyn AsyncBodyChunks>, TransportError> {
        let begun = Begun::new(self.clients.proxy_to(request.uri()));
        let request = request.map(|body| begun.set_by(body));
        let opened = within_time(deadline, self.open_to_body(runtime, request)).await;
        opened.map_err(|error| begun.judge(error))
    }

    async fn open_to_body(
        &self,
        runtime: Id,
        request: http::Request<reqwest::Body>,
    ) -> Result<Opened<dyn AsyncBodyChunks>, TransportError> {
        let mut response = self.begin(runtime, request).await?;
        if !response.status().is_success() {
            return self.read(runtime, &mut response).await.map(Opened::from);
        }
        let headers = response.headers().clone();
        Ok(Opened {
            answer: Answer::new(response.status(), headers, Bytes::new()),
            rest: Some(Box::new(Rest(response))),
        })
    }

    async fn read(
        &self,
        runtime: Id,
        response: &mut reqwest::Response,
    ) -> Result<Answer, TransportError> {
        let body = read_body(response, self.max_body).await?;
        let headers = std::mem::take(response.headers_mut());
        *self.last() = Some((runtime, Instant::now()));
        Ok(Answer::new(response.status(), headers, body))
    }

    /// Sends the request and reads the head of its answer.
    async fn begin(
        &self,
        runtime: Id,
        request: http::Request<reqwest::Body>,
    ) -> Result<reqwest::Response, TransportError> {
        if self.may_have_stood_still(runtime) {
            // Now it sees which connections were closed meanwhile.
            tokio::task::yield_now().await;
        }
        let request = reqwest::Request::try_from(request).map_err(transport_error)?;
        // As reqwest reads the host: `127.1` is an address, too.
        let refused = |why| TransportError::new(TransportErrorKind::Connect, why);
        let host = request.url().host_str().unwrap_or_default();
        self.reach.check_host(host).map_err(refused)?;
        let used = self.clients.of(runtime).map_err(transport_error)?;
        let response = used.client.execute(request).await;
        let response = response.map_err(|error| self.without_answer(runtime, error))?;
        // reqwest can't close a single connection: what is kept of another server, to which this one sends, would go with it.
        if ends_connection(response.status()) && !leads_elsewhere(&response) {
            // Before the body is read, the connection is not yet idle.
            self.clients.leave(runtime, &used);
        }
        check_head(response.headers())?;
        Ok(response)
    }

    /// Why there is no answer. reqwest does not say whether the connection was a new one: where calls were answered before, most
    /// likely it was not.
    fn without_answer(&self, runtime: Id, error: reqwest::Error) -> TransportError {
        let has_answers = self.last().is_some_and(|(id, _)| id == runtime);
        let is_stale = has_answers && has_ended(&error);
        let failure = transport_error(error);
        if is_stale && failure.kind() == TransportErrorKind::Interrupted {
            failure.stale()
        } else {
            failure
        }
    }

    /// Whether the present runtime, where it is one of a single thread, may have stood still since the last call.
    fn may_have_stood_still(&self, runtime: Id) -> bool {
        let is_lately = |(id, when): (Id, Instant)| id == runtime && when.elapsed() < LATELY;
        Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread
            && !self.last().is_some_and(is_lately)
    }

    fn last(&self) -> MutexGuard<'_, Option<(Id, Instant)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncTransport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            // Timers and sockets would panic.
            let runtime = Handle::try_current()
                .map_err(TransportError::no_runtime)?
                .id();
            let _turn = self.turn(deadline).await?;
            self.run(runtime, request, deadline).await
        })
    }

    fn upload(
        &self,
        request: http::Request<Upload>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            let runtime = Handle::try_current()
                .map_err(TransportError::no_runtime)?
                .id();
            let (head, upload) = request.into_parts();
            let (sending, failure) = Sending::new(upload);
            let body = reqwest::Body::wrap(sending);
            let request = http::Request::from_parts(head, body);
            let _turn = self.turn(deadline).await?;
            let answered = self.run(runtime, request, deadline).await;
            match failure.take() {
                Some(error) => Err(unread(&error)),
                None => answered,
            }
        })
    }

    fn open(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Opened<dyn AsyncBodyChunks>, TransportError>> {
        Box::pin(async move {
            let runtime = Handle::try_current()
                .map_err(TransportError::no_runtime)?
                .id();
            let _turn = self.turn(deadline).await?;
            self.run_to_body(runtime, request, deadline).await
        })
    }
}

/// A body that is read as it comes.
struct Rest(reqwest::Response);

impl AsyncBodyChunks for Rest {
    fn next(mut self: Box<Self>, deadline: Option<Instant>) -> BoxFuture<'static, AsyncChunk> {
        Box::pin(async move {
            Handle::try_current().map_err(TransportError::no_runtime)?;
            let chunk = within_time(deadline, async {
                self.0.chunk().await.map_err(transport_error)
            });
            let chunk = chunk.await?;
            Ok(chunk.map(|chunk| (chunk, self as Box<dyn AsyncBodyChunks>)))
        })
    }
}

/// What comes of it until the deadline.
async fn within_time<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    match deadline {
        None => work.await,
        Some(deadline) => tokio::time::timeout_at(deadline.into(), work)
            .await
            .unwrap_or_else(|_| Err(TransportError::timeout())),
    }
}

async fn read_body(response: &mut reqwest::Response, limit: u64) -> Result<Bytes, TransportError> {
    if response.content_length().is_some_and(|told| told > limit) {
        return Err(TransportError::body_too_large(limit));
    }
    let Some(first) = response.chunk().await.map_err(transport_error)? else {
        return Ok(Bytes::new());
    };
    check_length(first.len(), limit)?;
    let Some(second) = response.chunk().await.map_err(transport_error)? else {
        return Ok(first);
    };
    let mut body = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        check_length(body.len().saturating_add(chunk.len()), limit)?;
        body.extend_from_slice(&chunk);
        next = response.chunk().await.map_err(transport_error)?;
    }
    Ok(body.freeze())
}

fn check_length(length: usize, limit: u64) -> Result<(), TransportError> {
    if u64::try_from(length).is_ok_and(|length| length <= limit) {
        Ok(())
    } else {
        Err(TransportError::body_too_large(limit))
    }
}

/// Whether the next request goes to another server.
fn leads_elsewhere(response: &reqwest::Response) -> bool {
    let location = response.headers().get(http::header::LOCATION);
    let location = location.and_then(|location| location.to_str().ok());
    let next = location.and_then(|location| response.url().join(location).ok());
    response.status().is_redirection()
        && next.is_some_and(|next| next.origin() != response.url().origin())
}

/// Whether the connection ended before there was a whole head.
fn has_ended(error: &reqwest::Error) -> bool {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && error.is_incomplete_message()
        {
            return true;
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return matches!(
                error.kind(),
                io::ErrorKind::BrokenPipe
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::UnexpectedEof
            );
        }
        next = error.source();
    }
    false
}

/// The address is taken out of reqwest's error: it holds the query.
fn transport_error(error: reqwest::Error) -> TransportError {
    let kind = if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else {
        TransportErrorKind::Interrupted
    };
    TransportError::new(kind, error.without_url())
}
