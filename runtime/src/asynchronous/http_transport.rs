//! The async transport: hyper's HTTP/1.1 on the caller's tokio.

use std::error::Error as StdError;
use std::pin::Pin;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::PROXY_AUTHORIZATION;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::client::legacy::{Client, Error as Failure};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::runtime::Id;

use super::begun::{Begun, Watched};
use super::callers::{Callers, check_length, runtime, within_time};
use super::clients::{PerRuntime, idle_time};
use super::connector::Connector;
use super::payload::Payload;
use super::sending::Sending;
use super::wire::Traffic;
use crate::call::{Answer, Error, TransportError, TransportErrorKind};
use crate::config::Config;
use crate::model::Upload;
use crate::stream::Opened;
use crate::transport::{
    AsyncBodyChunks, AsyncChunk, AsyncTransport, BoxFuture, check_head, ends_connection, unread,
};

/// Sends requests with HTTP/1.1, on the caller's tokio.
#[derive(Debug)]
pub struct HttpTransport {
    connector: Connector,
    limits: Limits,
    clients: PerRuntime<HyperClient>,
    callers: Callers,
    max_body: u64,
}

type HyperClient = Client<Connector, Watched<Payload>>;

#[derive(Clone, Copy, Debug)]
struct Limits {
    idle: usize,
    idle_time: Duration,
}

impl HttpTransport {
    /// Builds the transport, without I/O and without a runtime.
    ///
    /// # Errors
    /// A root certificate, or a proxy of the environment, can't be used.
    pub fn new(config: &Config) -> Result<Self, Error> {
        config.tls.warn();
        let connector = Connector::new(config)?;
        let limits = Limits {
            idle: config.max_idle_connections,
            idle_time: config.idle_timeout,
        };
        Ok(Self {
            clients: PerRuntime::new(client(&connector, limits)),
            connector,
            limits,
            callers: Callers::new(config.max_connections),
            max_body: config.max_body,
        })
    }

    /// Sends a request and reads its answer: to its end, or, where only the beginning is wanted of a success, its head.
    async fn run(
        &self,
        request: Request<Payload>,
        deadline: Option<Instant>,
        wanted: Wanted,
    ) -> Result<Opened<dyn AsyncBodyChunks>, TransportError> {
        let runtime = runtime()?;
        let _turn = self.callers.turn(deadline).await?;
        let proxy = self.connector.proxy_to(request.uri());
        let begun = Begun::new(proxy.map(|proxy| proxy.address()));
        let request = request.map(|body| begun.set_by(body));
        // One timer for the connection, the head and the body.
        let opened = within_time(deadline, self.exchange(runtime, request, wanted)).await;
        opened.map_err(|error| begun.judge(error))
    }

    async fn exchange(
        &self,
        runtime: Id,
        request: Request<Watched<Payload>>,
        wanted: Wanted,
    ) -> Result<Opened<dyn AsyncBodyChunks>, TransportError> {
        let response = self.begin(runtime, request).await?;
        let (head, body) = response.into_parts();
        if wanted == Wanted::Beginning && head.status.is_success() {
            return Ok(Opened {
                answer: Answer::new(head.status, head.headers, Bytes::new()),
                rest: Some(Box::new(Rest(body))),
            });
        }
        let body = read_body(body, self.max_body).await?;
        self.callers.answered(runtime);
        Ok(Answer::new(head.status, head.headers, body).into())
    }

    /// Sends the request and reads the head of its answer.
    async fn begin(
        &self,
        runtime: Id,
        mut request: Request<Watched<Payload>>,
    ) -> Result<Response<Incoming>, TransportError> {
        self.callers.look_around(runtime).await;
        if let Some(who) = self.connector.authorization_to(request.uri()) {
            let who = who.clone();
            request.headers_mut().insert(PROXY_AUTHORIZATION, who);
        }
        let make = || Ok::<_, TransportError>(client(&self.connector, self.limits));
        let used = self.clients.of(runtime, make)?;
        let connection = capture_connection(&mut request);
        let response = used.client.request(request).await.map_err(failure)?;
        if ends_connection(response.status())
            && let Some(connection) = &*connection.connection_metadata()
        {
            connection.poison();
        }
        check_head(response.headers())?;
        Ok(response)
    }
}

/// How much of a success is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    Beginning,
}

fn client(connector: &Connector, limits: Limits) -> HyperClient {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(idle_time(limits.idle_time))
        .pool_max_idle_per_host(limits.idle)
        .build(connector.clone())
}

impl AsyncTransport for HttpTransport {
    fn send(
        &self,
        request: Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            let request = request.map(Payload::Whole);
            let whole = self.run(request, deadline, Wanted::All).await?;
            Ok(whole.answer)
        })
    }

    fn upload(
        &self,
        request: Request<Upload>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            let (head, upload) = request.into_parts();
            let (sending, unreadable) = Sending::new(upload);
            let request = Request::from_parts(head, Payload::Read(sending));
            let answered = self.run(request, deadline, Wanted::All).await;
            match unreadable.take() {
                Some(error) => Err(unread(&error)),
                None => Ok(answered?.answer),
            }
        })
    }

    /// A stream may go on for ever, so it has its turn until it has begun.
    fn open(
        &self,
        request: Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Opened<dyn AsyncBodyChunks>, TransportError>> {
        let request = request.map(Payload::Whole);
        Box::pin(self.run(request, deadline, Wanted::Beginning))
    }
}

/// A body that is read as it comes.
struct Rest(Incoming);

impl AsyncBodyChunks for Rest {
    fn next(mut self: Box<Self>, deadline: Option<Instant>) -> BoxFuture<'static, AsyncChunk> {
        Box::pin(async move {
            runtime()?;
            let chunk = within_time(deadline, next_chunk(&mut self.0)).await?;
            Ok(chunk.map(|chunk| (chunk, self as Box<dyn AsyncBodyChunks>)))
        })
    }
}

/// What comes next of a body. Trailers are not kept.
async fn next_chunk(body: &mut Incoming) -> Result<Option<Bytes>, TransportError> {
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
        let Some(frame) = frame.await else {
            return Ok(None);
        };
        if let Ok(chunk) = frame.map_err(interrupted)?.into_data() {
            return Ok(Some(chunk));
        }
    }
}

async fn read_body(mut body: Incoming, limit: u64) -> Result<Bytes, TransportError> {
    if body.size_hint().lower() > limit {
        return Err(TransportError::body_too_large(limit));
    }
    let Some(first) = next_chunk(&mut body).await? else {
        return Ok(Bytes::new());
    };
    check_length(first.len(), limit)?;
    let Some(second) = next_chunk(&mut body).await? else {
        return Ok(first);
    };
    let mut whole = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        check_length(whole.len().saturating_add(chunk.len()), limit)?;
        whole.extend_from_slice(&chunk);
        next = next_chunk(&mut body).await?;
    }
    Ok(whole.freeze())
}

fn interrupted(error: impl Into<Box<dyn StdError + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Interrupted, error)
}

fn failure(error: Failure) -> TransportError {
    if error.is_connect() {
        return TransportError::new(TransportErrorKind::Connect, error);
    }
    let is_stale = traffic(&error).is_some_and(|traffic| traffic.is_stale());
    let failure = interrupted(error);
    if is_stale { failure.stale() } else { failure }
}

/// What came over the connection that failed.
fn traffic(error: &Failure) -> Option<Traffic> {
    let mut extras = http::Extensions::new();
    error.connect_info()?.get_extras(&mut extras);
    extras.remove()
}
