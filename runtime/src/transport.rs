//! What sends one request: the same for both faces but for how it waits.

#[cfg(any(feature = "blocking", feature = "async"))]
use std::time::Instant;

#[cfg(any(feature = "blocking", feature = "async"))]
use bytes::Bytes;

#[cfg(any(feature = "blocking", feature = "async"))]
use crate::call::{Answer, TransportError};

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
}

/// Whether the server may close the connection right after an answer of this status without having said so, as uvicorn
/// does where an application ends with an exception. The next request on it would break off, and nobody could say whether
/// it was executed.
#[cfg(any(feature = "blocking", feature = "async"))]
pub(crate) fn ends_connection(status: http::StatusCode) -> bool {
    status.is_server_error()
}
