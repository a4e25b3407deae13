//! Endings that are carried through: whoever waits for one may go away, and nothing is left half done.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use diptych_macros::dual;
#[cfg(feature = "async")]
use tracing::Instrument as _;

#[dual(engine)]
use super::AsyncTransaction;
#[cfg(feature = "async")]
use crate::background::AsyncHome;
#[dual(engine)]
use crate::background::AsyncSignal;
use crate::engine::engine;

/// How many end a transaction, or what is part of it, while its function may still run.
#[dual(engine)]
#[derive(Default)]
pub(super) struct AsyncEndings {
    count: Mutex<usize>,
    /// For whoever waits, which few do.
    none: OnceLock<AsyncSignal>,
}

/// One of them. It is over when this is dropped.
#[dual(engine)]
struct AsyncEnding(Arc<AsyncEndings>);

#[dual(engine)]
impl AsyncEndings {
    fn count(&self) -> MutexGuard<'_, usize> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(self: &Arc<Self>) -> AsyncEnding {
        *self.count() += 1;
        AsyncEnding(Arc::clone(self))
    }

    /// Waits until there is none.
    pub(super) async fn over(&self) {
        while *self.count() > 0 {
            let none = self.none.get_or_init(AsyncSignal::default);
            let seen = none.count();
            if *self.count() > 0 {
                none.wait(seen, Duration::MAX).await;
            }
        }
    }
}

#[dual(engine)]
impl Drop for AsyncEnding {
    fn drop(&mut self) {
        let left = {
            let mut count = self.0.count();
            *count -= 1;
            *count
        };
        if let (0, Some(none)) = (left, self.0.none.get()) {
            none.raise();
        }
    }
}

#[cfg(feature = "async")]
impl AsyncTransaction {
    /// Ends it, or what is part of it. Where that waits, a task goes on with it, and the flow run does not end before.
    pub(super) async fn athrough<T, Fut>(&self, ending: impl FnOnce(Self) -> Fut + Send) -> T
    where
        T: Default + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
    {
        let part = self.facts().within.scope.work.parts.begin();
        let (begun, work) = (self.endings().begin(), ending(self.clone()));
        let work = async move {
            let ended = work.await;
            drop((begun, part));
            ended
        };
        let work = work.in_current_span();
        match AsyncHome::here() {
            Ok(home) => home.carry_through(work).await,
            // There is nobody else who could go on.
            Err(_) => work.await,
        }
    }
}

#[cfg(feature = "blocking")]
impl Transaction {
    /// Ends it, or what is part of it.
    pub(super) fn through<T>(&self, ending: impl FnOnce(Self) -> T) -> T {
        let begun = self.endings().begin();
        let ended = ending(self.clone());
        drop(begun);
        ended
    }
}
