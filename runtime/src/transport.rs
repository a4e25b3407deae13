//! What sends one request: the same for both faces but for how it waits.

#[cfg(any(feature = "blocking", feature = "async"))]
use std::time::Instant;

#[cfg(any(feature = "blocking", feature = "async"))]
use bytes::Bytes;

#[cfg(any(feature = "blocking", feature = "async"))]
use crate::call::{Answer, TransportError, TransportErrorKind};
#[cfg(feature = "blocking")]
use crate::model::Chunks;
#[cfg(any(feature = "blocking", feature = "async"))]
use crate::model::Upload;
#[cfg(any(feature = "blocking", feature = "async"))]
use crate::stream::Opened;

/// A future that a [`Clock`](crate::Clock) or an async transport gives.
#[cfg(feature = "async")]
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request and reads its answer in full.
#[cfg(feature = "blocking")]
pub trait Transport: Send + Sync + 'static {
    /// Sends the request; follows no redirect, and gives up at the deadline.
    ///
    /// Which operation the request is of, is among its extensions:
    /// `request.extensions().get::<&'static Operation>()`. A redirect leads it to another address and not to another
    /// operation.
    ///
    /// # Errors
    /// No whole answer came.
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError>;

    /// As [`send`](Self::send), but gives an answer that is a success as soon as it has begun. A transport that can't gives
    /// it whole.
    ///
    /// # Errors
    /// No answer came.
    fn open(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> Result<Opened<dyn BodyChunks>, TransportError> {
        self.send(request, deadline).map(Opened::from)
    }

    /// As [`send`](Self::send), with a body that is read from its sources while it is sent. A transport that can't do that
    /// sends it whole, once all of it is in memory.
    ///
    /// # Errors
    /// No whole answer came, or a source could not be read.
    fn upload(
        &self,
        request: http::Request<Upload>,
        deadline: Option<Instant>,
    ) -> Result<Answer, TransportError> {
        let (head, body) = request.into_parts();
        let body = body.begin().and_then(Chunks::gather);
        let body = body.map_err(|error| unread(&error))?;
        self.send(http::Request::from_parts(head, body), deadline)
    }
}

/// What is to come of a body.
#[cfg(feature = "blocking")]
pub trait BodyChunks: Send {
    /// What comes next, as long as it takes until the deadline; nothing after the end.
    ///
    /// # Errors
    /// The body broke off.
    fn next(&mut self, deadline: Option<Instant>) -> Result<Option<Bytes>, TransportError>;
}

/// Sends one request and reads its answer in full.
#[cfg(feature = "async")]
pub trait AsyncTransport: Send + Sync + 'static {
    /// Sends the request; follows no redirect, and gives up at the deadline with an error, or no answer came whole.
    ///
    /// Which operation the request is of, is among its extensions:
    /// `request.extensions().get::<&'static Operation>()`. A redirect leads it to another address and not to another
    /// operation.
    fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>>;

    /// As [`send`](Self::send), but gives an answer that is a success as soon as it has begun. A transport that can't gives
    /// it whole.
    fn open(
        &self,
        request: http::Request<Bytes>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Opened<dyn AsyncBodyChunks>, TransportError>> {
        Box::pin(async move { self.send(request, deadline).await.map(Opened::from) })
    }

    /// As [`send`](Self::send), with a body that is read from its sources while it is sent. A transport that can't do that
    /// sends it whole, once all of it is in memory.
    fn upload(
        &self,
        request: http::Request<Upload>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let chunks = body.begin().map_err(|error| unread(&error))?;
            let body = chunks.gather_async().await;
            let body = body.map_err(|error| unread(&error))?;
            let request = http::Request::from_parts(head, body);
            self.send(request, deadline).await
        })
    }
}

/// What is to come of a body.
#[cfg(feature = "async")]
pub trait AsyncBodyChunks: Send {
    /// What comes next, as long as it takes until the deadline, and what is to come after it; nothing after the end.
    fn next(self: Box<Self>, deadline: Option<Instant>) -> BoxFuture<'static, AsyncChunk>;
}

/// A chunk of a body, and what is to come after it.
#[cfg(feature = "async")]
pub type AsyncChunk = Result<Option<(Bytes, Box<dyn AsyncBodyChunks>)>, TransportError>;

/// A source of a body could not be read.
#[cfg(any(feature = "blocking", feature = "async"))]
pub(crate) fn unread(error: &std::io::Error) -> TransportError {
    let text = format!("the body could not be read: {error}");
    TransportError::new(TransportErrorKind::Interrupted, text)
}

/// So many bytes are too many for the head of an answer.
#[cfg(any(feature = "blocking", feature = "async"))]
pub(crate) const MAX_HEAD: usize = 32 * 1024;

/// Why an answer with a larger head is not read.
#[cfg(any(feature = "blocking", feature = "async"))]
pub(crate) fn head_too_large() -> String {
    format!("the answer's head has {MAX_HEAD} bytes or more")
}

/// The line before the headers, with the shortest words for a status, and the empty line behind them.
#[cfg(feature = "async")]
const AROUND_HEADERS: usize = "HTTP/1.1 200 OK\r\n\r\n".len();

/// Whether a head is not larger than the blocking face takes, which counts its bytes; hyper takes thirteen times as much.
#[cfg(feature = "async")]
pub(crate) fn check_head(headers: &http::HeaderMap) -> Result<(), TransportError> {
    let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        name.as_str().len() + ": \r\n".len() + value.len()
    };
    let bytes = AROUND_HEADERS + headers.iter().map(line).sum::<usize>();
    if bytes < MAX_HEAD {
        return Ok(());
    }
    let why = head_too_large();
    Err(TransportError::new(TransportErrorKind::Interrupted, why))
}

/// Whether the server may close the connection right after an answer of this status without having said so. uvicorn does
/// where an application ends with an exception: Prefect's closes each with a 500 or a 503 (of a locked database too) half a
/// millisecond behind it. What sends elsewhere may do so as well, and there the next request follows at once. It would break
/// off, and nobody could say whether it was executed.
#[cfg(any(feature = "blocking", feature = "async"))]
pub(crate) fn ends_connection(status: http::StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}
