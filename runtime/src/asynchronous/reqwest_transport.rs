//! The async transport on reqwest.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use tokio::runtime::Id;

use super::begun::Begun;
use super::callers::{Callers, check_length, runtime, within_time};
use super::reqwest_clients::{Clients, builder, through, within};
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
    callers: Callers,
    max_body: u64,
}

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
            callers: Callers::new(config.max_connections),
            max_body: config.max_body,
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
        let request =
            request.map(|body| reqwest::Body::wrap(begun.set_by::<reqwest::Body>(body.into())));
        let answered = async {
            let mut response = self.begin(runtime, request).await?;
            self.read(runtime, &mut response).await
        };
        let answered = within_time(deadline, answered).await;
        answered.map_err(|error| begun.judge(error))
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
        let request =
            request.map(|body| reqwest::Body::wrap(begun.set_by::<reqwest::Body>(body.into())));
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
        self.callers.answered(runtime);
        Ok(Answer::new(response.status(), headers, body))
    }

    /// Sends the request and reads the head of its answer.
    async fn begin(
        &self,
        runtime: Id,
        request: http::Request<reqwest::Body>,
    ) -> Result<reqwest::Response, TransportError> {
        self.callers.look_around(runtime).await;
        let request = reqwest::Request::try_from(request).map_err(transport_error)?;
        // As reqwest reads the host: `127.1` is an address, too.
        let refused = |why| TransportError::new(TransportErrorKind::Connect, why);
        let host = request.url().host_str().unwrap_or_default();
        self.reach.check_host(host).map_err(refused)?;
        let used = self.clients.of(runtime).map_err(transport_error)?;
        let response = used.client.execute(request).await;
        let response = response.map_err(transport_error)?;
        if ends_connection(response.status()) {
            // Before the body is read, the connection is not yet idle.
            self.clients.leave(runtime, &used);
        }
        check_head(response.headers())?;
        Ok(response)
    }
}

impl AsyncTransport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            let runtime = runtime()?;
            let _turn = self.callers.turn(deadline).await?;
            self.run(runtime, request, deadline).await
        })
    }

    fn upload(
        &self,
        request: http::Request<Upload>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            let runtime = runtime()?;
            let (head, upload) = request.into_parts();
            let (sending, failure) = Sending::new(upload);
            let body = reqwest::Body::wrap(sending);
            let request = http::Request::from_parts(head, body);
            let _turn = self.callers.turn(deadline).await?;
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
            let runtime = runtime()?;
            let _turn = self.callers.turn(deadline).await?;
            self.run_to_body(runtime, request, deadline).await
        })
    }
}

/// A body that is read as it comes.
struct Rest(reqwest::Response);

impl AsyncBodyChunks for Rest {
    fn next(mut self: Box<Self>, deadline: Option<Instant>) -> BoxFuture<'static, AsyncChunk> {
        Box::pin(async move {
            runtime()?;
            let chunk = within_time(deadline, async {
                self.0.chunk().await.map_err(transport_error)
            });
            let chunk = chunk.await?;
            Ok(chunk.map(|chunk| (chunk, self as Box<dyn AsyncBodyChunks>)))
        })
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
