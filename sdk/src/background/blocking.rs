//! The blocking face: a thread.

use std::time::Duration;

use crate::Error;
use crate::sync::{Condvar, Mutex, PoisonError, thread};

/// Wakes whoever waits for a change. A change between looking and waiting is not missed.
#[derive(Default)]
pub(crate) struct Signal {
    count: Mutex<u64>,
    raised: Condvar,
}

impl Signal {
    /// How often it was raised.
    pub(crate) fn count(&self) -> u64 {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn raise(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.raised.notify_all();
    }

    /// Waits until it was raised more often than that, or the time is over.
    pub(crate) fn wait(&self, seen: u64, timeout: Duration) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(
            self.raised
                .wait_timeout_while(count, timeout, |count| *count == seen),
        );
    }
}

/// Begins work on a thread.
pub(crate) fn begin(work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let thread = thread::Builder::new().name("prefect-sender".to_owned());
    match thread.spawn(work) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::invalid(format!("no thread can be started: {error}"))),
    }
}

/// Where what is left to do is done: by the caller, who may wait.
#[derive(Clone, Debug)]
pub(crate) struct Home;

impl Home {
    #[expect(clippy::unnecessary_wraps, reason = "its twin may fail")]
    pub(crate) fn here() -> Result<Self, Error> {
        Ok(Self)
    }

    /// Does the work.
    #[expect(clippy::unused_self, reason = "its twin has somewhere to go")]
    pub(crate) fn begin(&self, work: impl FnOnce()) {
        work();
    }
}
