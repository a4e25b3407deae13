//! The subflows that were begun in one attempt of a flow run, which ends after all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diptych_macros::dual;

use super::engine;
#[dual(engine)]
use crate::background::AsyncSignal;
use crate::cancellation::Cancellation;

/// So many subflows have not ended.
#[dual(engine)]
pub(crate) struct AsyncParts {
    count: AtomicUsize,
    none: AsyncSignal,
    /// Requested with that of the run, or alone, where the run's time is up: for the subflows and task runs of the attempt.
    pub(crate) cancellation: Cancellation,
}

/// One of them. It has ended when this is dropped.
#[dual(engine)]
pub(crate) struct AsyncPart(Arc<AsyncParts>);

#[dual(engine)]
impl AsyncParts {
    pub(crate) fn of(run: &Cancellation) -> Arc<Self> {
        Arc::new(Self {
            count: AtomicUsize::new(0),
            none: AsyncSignal::default(),
            cancellation: run.child(),
        })
    }

    pub(crate) fn begin(self: &Arc<Self>) -> AsyncPart {
        self.count.fetch_add(1, Ordering::AcqRel);
        AsyncPart(Arc::clone(self))
    }

    /// Waits until all have ended.
    pub(super) async fn over(&self) {
        loop {
            let seen = self.none.count();
            if self.count.load(Ordering::Acquire) == 0 {
                return;
            }
            self.none.wait(seen, Duration::MAX).await;
        }
    }
}

#[dual(engine)]
impl AsyncPart {
    /// That of the attempt that it is part of.
    pub(super) fn cancellation(&self) -> &Cancellation {
        &self.0.cancellation
    }
}

#[dual(engine)]
impl Drop for AsyncPart {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.none.raise();
        }
    }
}
