//! The async face: a task.

#[cfg(feature = "flows")]
use std::future::poll_fn;
#[cfg(feature = "flows")]
use std::panic::resume_unwind;
use std::pin::Pin;
#[cfg(feature = "flows")]
use std::task::Poll;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::Error;

/// Wakes whoever waits for a change. A change between looking and waiting is not missed.
#[derive(Default)]
pub(crate) struct AsyncSignal {
    count: watch::Sender<u64>,
}

impl AsyncSignal {
    /// How often it was raised.
    pub(crate) fn count(&self) -> u64 {
        *self.count.borrow()
    }

    pub(crate) fn raise(&self) {
        self.count.send_modify(|count| *count += 1);
    }

    /// Waits until it was raised more often than that, or the time is over. Without an end it needs no timer, and so no
    /// runtime.
    pub(crate) async fn wait(&self, seen: u64, within: Duration) {
        let mut receiver = self.count.subscribe();
        let raised = receiver.wait_for(|count| *count != seen);
        if within == Duration::MAX {
            drop(raised.await);
        } else {
            drop(timeout(within, raised).await);
        }
    }
}

/// Begins work in a task on the caller's tokio.
pub(crate) fn abegin(work: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
    AsyncHome::here().map(|home| home.begin(work))
}

/// Where work in the background is begun: a tokio runtime.
#[derive(Clone, Debug)]
pub(crate) struct AsyncHome(Handle);

impl AsyncHome {
    /// The caller's.
    pub(crate) fn here() -> Result<Self, Error> {
        let text =
            "what works in the background of the async face is started within a tokio runtime";
        let runtime = Handle::try_current();
        runtime.map(Self).map_err(|_| Error::invalid(text))
    }

    /// Waits on this thread, which is none of the runtime's.
    #[cfg(all(feature = "blocking", feature = "flows"))]
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.block_on(work)
    }

    /// Begins work there, wherever this is called.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(work));
    }

    /// Begins the last that is left to do there. Where that runtime has ended, which begins no task any more, it is done on a thread, and
    /// waited for: whoever ends a runtime may end the process next.
    pub(crate) fn begin_last(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut last = Last(Some(Box::pin(work)));
        drop(self.0.spawn(async move {
            if let Some(work) = last.0.take() {
                work.await;
            }
        }));
    }

    /// Whether this is asked there.
    #[cfg(feature = "flows")]
    pub(crate) fn is_here(&self) -> bool {
        Handle::try_current().is_ok_and(|here| here.id() == self.0.id())
    }

    /// Does the work. Where that waits, it goes on there, also when the caller goes away. Where the runtime ends before, so does
    /// the work, which gives nothing then.
    #[cfg(feature = "flows")]
    pub(crate) async fn carry_through<T: Default + Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let mut work = Box::pin(work);
        // Most of it waits for nothing, and needs no task.
        let begun = poll_fn(|context| Poll::Ready(work.as_mut().poll(context)));
        if let Poll::Ready(done) = begun.await {
            return done;
        }
        match self.0.spawn(work).await {
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            ended => ended.unwrap_or_default(),
        }
    }
}

/// How long what is left to do may take where its runtime has ended.
const LAST: Duration = Duration::from_secs(5);

/// What is left to do, until a task has begun with it.
struct Last(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Drop for Last {
    fn drop(&mut self) {
        let Some(work) = self.0.take() else {
            return;
        };
        let thread = thread::Builder::new().name("prefect-last".to_owned());
        let done = thread.spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(async { timeout(LAST, work).await }))
        });
        if !done.is_ok_and(|thread| matches!(thread.join(), Ok(Ok(Ok(()))))) {
            tracing::error!("a runtime has ended before what was to be said of a run in it");
        }
    }
}
