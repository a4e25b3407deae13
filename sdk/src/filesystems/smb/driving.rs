//! Who drives the work with a share: a pair for each face. What has begun is done to its end.

use tokio::task::{JoinHandle, spawn_blocking};

use super::super::ended::ended;
use crate::Error;

const ASKING: &str = "asking a share";

/// On the runtime of the caller.
#[cfg(feature = "async")]
pub(super) async fn adone<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let runtime = tokio::runtime::Handle::try_current().map_err(|error| {
        let text = "a share is asked within a tokio runtime in the async face";
        Error::invalid(text).because(error)
    })?;
    whole(runtime.spawn(work)).await
}

/// On the thread of the process for that.
#[cfg(feature = "blocking")]
pub(super) fn done<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let (tell, told) = std::sync::mpsc::channel();
    let runtime = runtime()?;
    let work = runtime.spawn(work);
    // It outlives the work, whatever ends that.
    drop(runtime.spawn(async move { drop(tell.send(whole(work).await)) }));
    told.recv().unwrap_or_else(|_| {
        let text = "the thread that asks shares ended before its work was done";
        Err(Error::disconnected(text))
    })
}

async fn whole<T>(work: JoinHandle<Result<T, Error>>) -> Result<T, Error> {
    work.await
        .unwrap_or_else(|error| Err(ended(ASKING, &error)))
}

/// Work with files of this machine, on a thread that may block.
pub(super) async fn local<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    whole(spawn_blocking(work)).await
}

/// The runtime of this process; a child that was forked has no thread of its parent's.
#[cfg(feature = "blocking")]
fn runtime() -> Result<tokio::runtime::Handle, Error> {
    use std::sync::{Mutex, PoisonError};

    use tokio::runtime::{Builder, Runtime};

    static RUNTIME: Mutex<Option<(u32, Runtime)>> = Mutex::new(None);

    let mut made = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((of, runtime)) = &*made
        && *of == process
    {
        return Ok(runtime.handle().clone());
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("prefect-smb")
        .enable_all()
        .build()
        .map_err(|error| Error::of_storage("starting the thread that asks shares", error))?;
    let handle = runtime.handle().clone();
    if let Some((_, parent)) = made.replace((process, runtime)) {
        // It would wait for threads that there are only in the parent.
        std::mem::forget(parent);
    }
    Ok(handle)
}

#[cfg(all(test, feature = "async", feature = "blocking"))]
mod tests {
    use super::*;

    fn panics() -> impl Future<Output = Result<(), Error>> + Send {
        std::future::poll_fn(|_| panic!("s3cret"))
    }

    #[test]
    fn a_panic_is_no_runtime_that_was_shut_down() {
        let tokio = tokio::runtime::Runtime::new().unwrap();
        for error in [
            done(panics()).unwrap_err(),
            tokio.block_on(adone(panics())).unwrap_err(),
            done(local(|| -> Result<(), Error> { panic!("s3cret") })).unwrap_err(),
        ] {
            let text = format!("{error} {error:?}");
            assert!(error.is_storage() && text.contains("panic"), "{text}");
            assert!(!text.contains("s3cret"), "{text}");
        }
        assert_eq!(done(async { Ok(7) }).unwrap(), 7);
    }
}
