//! The async face: a task.

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

    /// Waits until it was raised more often than that, or the time is over.
    pub(crate) async fn wait(&self, seen: u64, within: Duration) {
        let mut receiver = self.count.subscribe();
        drop(timeout(within, receiver.wait_for(|count| *count != seen)).await);
    }
}

/// Begins work in a task on the caller's tokio.
pub(crate) fn abegin(work: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
    let Ok(runtime) = Handle::try_current() else {
        let text = "a sender of the async face is started within a tokio runtime";
        return Err(Error::invalid(text));
    };
    drop(runtime.spawn(work));
    Ok(())
}
