//! How requests to a remote storage are sent: over the client's own transports, so that the blocking face needs no runtime.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use futures_util::stream;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use opendal::{Buffer, ErrorKind, HttpBody, HttpTransport};
#[cfg(feature = "async")]
use prefect_client::transport::{AsyncTransport as _, ReqwestTransport};
use prefect_client::transport::{Bytes, TransportError, TransportErrorKind};
#[cfg(feature = "blocking")]
use prefect_client::transport::{HttpTransport as BlockingTransport, Transport as _};
use prefect_client::{Answer, Config, retry_after};

use crate::Error;
use crate::made_once::made_once;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// How long a request may take that only tidies up.
const TIDYING: Duration = Duration::from_secs(10);
/// More than a part that is asked for, or a page of a listing, has.
const LARGEST_ANSWER: u64 = 16 * 1024 * 1024;

/// Who waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    #[cfg(feature = "blocking")]
    Blocking,
    #[cfg(feature = "async")]
    Async,
}

/// Sends requests, and those again that may be.
#[derive(Clone, Debug)]
pub(super) struct Fetching {
    pub(super) face: Face,
    /// How long a request may take, with all its attempts.
    pub(super) timeout: Duration,
    /// Sent with each request.
    pub(super) headers: HeaderMap,
}

impl HttpTransport for Fetching {
    async fn fetch(&self, request: Request<Buffer>) -> opendal::Result<Response<HttpBody>> {
        let (mut parts, body) = request.into_parts();
        parts.headers.extend(self.headers.clone());
        let body = body.to_bytes();
        let timeout = match parts.method {
            Method::DELETE => self.timeout.min(TIDYING),
            _ => self.timeout,
        };
        let deadline = Instant::now().checked_add(timeout);
        let mut attempt = 1;
        loop {
            let request = Request::from_parts(parts.clone(), body.clone());
            let outcome = self.face.send(request, deadline).await;
            match wait(&parts.method, &outcome, attempt, deadline) {
                Some(time) => self.face.sleep(time).await,
                None => return outcome.map_err(unanswered).and_then(answered),
            }
            attempt += 1;
        }
    }
}

impl Face {
    #[cfg_attr(
        not(feature = "async"),
        allow(
            clippy::unused_async,
            reason = "the blocking face alone awaits nothing"
        )
    )]
    async fn send(
        self,
        request: Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        let unmade = |error: Error| TransportError::new(TransportErrorKind::Connect, error);
        match self {
            #[cfg(feature = "blocking")]
            Self::Blocking => {
                static SENDING: OnceLock<BlockingTransport> = OnceLock::new();
                let sending = made_once(&SENDING, || BlockingTransport::new(&config()?));
                sending.map_err(unmade)?.send(request, deadline)
            }
            #[cfg(feature = "async")]
            Self::Async => {
                static SENDING: OnceLock<ReqwestTransport> = OnceLock::new();
                let sending = made_once(&SENDING, || ReqwestTransport::new(&config()?));
                sending.map_err(unmade)?.send(request, deadline).await
            }
        }
    }

    #[cfg_attr(
        not(feature = "async"),
        allow(
            clippy::unused_async,
            reason = "the blocking face alone awaits nothing"
        )
    )]
    async fn sleep(self, time: Duration) {
        match self {
            #[cfg(feature = "blocking")]
            Self::Blocking => crate::faces::sleep(time),
            #[cfg(feature = "async")]
            Self::Async => crate::faces::asleep(time).await,
        }
    }
}

/// The storages have addresses of their own, so the base URL is never asked.
fn config() -> Result<Config, prefect_client::Error> {
    // Without the feature `rustls`, a storage without HTTPS can be used.
    let config = Config::new("http://localhost")?;
    Ok(config.max_body(LARGEST_ANSWER))
}

/// How long to wait before the request is sent again, if it is.
fn wait(
    method: &Method,
    outcome: &Result<Answer, TransportError>,
    attempt: u32,
    deadline: Option<Instant>,
) -> Option<Duration> {
    let is_told = match outcome {
        Ok(answer) => match answer.status() {
            // They say that nothing was done.
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::INTERNAL_SERVER_ERROR
            | StatusCode::BAD_GATEWAY
            | StatusCode::GATEWAY_TIMEOUT => method.is_idempotent(),
            _ => false,
        },
        Err(error) => match error.kind() {
            TransportErrorKind::Connect => attempt < 2,
            TransportErrorKind::Interrupted => method.is_idempotent(),
            _ => false,
        },
    };
    if !is_told || attempt >= ATTEMPTS {
        return None;
    }
    let asked = outcome
        .as_ref()
        .ok()
        .and_then(|answer| retry_after(answer.headers(), SystemTime::now()));
    let spread = fastrand::f64() / 2.0 + 0.75;
    let wait = asked.unwrap_or((FIRST_WAIT * 2u32.pow(attempt - 1)).mul_f64(spread));
    // An attempt that could only begin after the deadline is not made.
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    left.is_none_or(|left| wait < left).then_some(wait)
}

fn answered(answer: Answer) -> opendal::Result<Response<HttpBody>> {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.into_body();
    if status == StatusCode::UNAUTHORIZED {
        // Not every service of the library knows what this means.
        let told = String::from_utf8_lossy(&body);
        return Err(opendal::Error::new(ErrorKind::PermissionDenied, told));
    }
    let body = Buffer::from(body);
    let whole = stream::iter([Ok(body)]);
    let mut response = Response::new(HttpBody::new(whole, None));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn unanswered(error: TransportError) -> opendal::Error {
    opendal::Error::new(ErrorKind::Unexpected, "no answer came").set_source(error)
}
