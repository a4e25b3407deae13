//! The async face: reqwest on the caller's tokio.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};

use crate::exchange::{Exchange, Step};
use crate::{Answer, Call, Config, Error, Request, TransportError, TransportErrorKind};

/// Sends calls on the caller's tokio. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    http: reqwest::Client,
}

impl Client {
    /// Builds a client, without I/O and without a runtime.
    ///
    /// # Errors
    /// The configuration asks for TLS, and the feature `rustls` is off; or the HTTP client cannot be built.
    pub fn new(config: Config) -> Result<Self, Error> {
        let http = match &config.http_client {
            Some(client) => client.clone(),
            None => http_client(&config)?,
        };
        let inner = Arc::new(Inner { config, http });
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
    pub async fn execute<T>(&self, call: Call<T>) -> Result<T, Error> {
        let (request, reader) = call.into_parts();
        reader.read(self.inner.send(request?).await?)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.inner.config;
        f.debug_struct("asynchronous::Client")
            .field("config", config)
            .finish()
    }
}

impl Inner {
    async fn send(&self, request: Request) -> Result<Answer, Error> {
        let mut exchange = Exchange::new(&request, &self.config);
        loop {
            match exchange.next() {
                Step::Send(request) => match self.attempt(request, exchange.deadline()).await {
                    Ok(answer) => exchange.answered(answer),
                    Err(error) => exchange.failed(error),
                },
                Step::Sleep(delay) => tokio::time::sleep(delay).await,
                Step::Done(result) => return result,
            }
        }
    }

    async fn attempt(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        let mut request = reqwest::Request::try_from(request).map_err(transport_error)?;
        if request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .is_some_and(<[u8]>::is_empty)
        {
            *request.body_mut() = None;
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        *request.timeout_mut() = left;
        let mut response = self.http.execute(request).await.map_err(transport_error)?;
        let body = read_body(&mut response, self.config.max_body).await?;
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer::new(response.status(), headers, body))
    }
}

async fn read_body(response: &mut reqwest::Response, limit: u64) -> Result<Bytes, TransportError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(transport_error)? {
        let length = body.len().saturating_add(chunk.len());
        if u64::try_from(length).is_ok_and(|length| length > limit) {
            return Err(TransportError::body_too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn http_client(config: &Config) -> Result<reqwest::Client, Error> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .pool_idle_timeout(config.idle_timeout)
        .pool_max_idle_per_host(config.max_idle_connections)
        .tls_backend_preconfigured(crate::tls::client_config()?);
    builder
        .build()
        .map_err(|error| Error::config_source("the HTTP client cannot be built", error))
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
