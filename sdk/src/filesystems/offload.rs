//! Where work with files is done: a pair for each face.

#[cfg(feature = "async")]
use tokio::runtime::Handle;

#[cfg(feature = "async")]
use super::ended::ended;
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
    let done = runtime.spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ended("working with files", &error)))
}

/// On the caller's thread.
#[cfg(feature = "blocking")]
pub(crate) fn offload<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    work()
}

#[cfg(all(test, feature = "async"))]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_no_runtime_that_was_shut_down() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let error = runtime
            .unwrap()
            .block_on(aoffload(|| -> Result<(), Error> { panic!("s3cret") }))
            .unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            error.is_storage() && text.contains("panic") && !text.contains("s3cret"),
            "{text}"
        );
    }
}
