//! Where work with files is done: a pair for each face.

#[cfg(feature = "async")]
use tokio::runtime::Handle;

use crate::Error;

/// On a thread of the runtime's that may block, so that the executor's goes on. What has begun is done to its end, even if
/// the future is dropped.
#[cfg(feature = "async")]
pub(crate) async fn aoffload<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let runtime = Handle::try_current().map_err(|error| {
        Error::invalid("files of the async face are used within a tokio runtime").because(error)
    })?;
    match runtime.spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::disconnected("the runtime was shut down").because(error)),
    }
}

/// On the caller's thread.
#[cfg(feature = "blocking")]
pub(crate) fn offload<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    work()
}
