//! The async face: a task.

#[cfg(feature = "flows")]
use std::future::poll_fn;
#[cfg(feature = "flows")]
use std::panic::resume_unwind;
#[cfg(feature = "flows")]
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
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
