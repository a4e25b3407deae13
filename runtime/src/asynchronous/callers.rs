//! What a transport knows of those who call: how many there are at once, and on which runtime.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Id, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::call::TransportError;

/// Those who call.
#[derive(Debug)]
pub(super) struct Callers {
    turns: Semaphore,
    /// The runtime on which a call ended last, and when.
    last: Mutex<Option<(Id, Instant)>>,
}

/// A runtime that did something so lately has not stood still since, and knows which connections are closed as well as
/// one that never does.
const LATELY: Duration = Duration::from_millis(1);

impl Callers {
    /// So many have their turn at once.
    pub(super) fn new(most: usize) -> Self {
        Self {
            turns: Semaphore::new(most.min(Semaphore::MAX_PERMITS)),
            last: Mutex::new(None),
        }
    }

    /// The turn of a request, which may have to wait for those before it.
    pub(super) async fn turn(
        &self,
        deadline: Option<Instant>,
    ) -> Result<Option<SemaphorePermit<'_>>, TransportError> {
        if let Ok(free) = self.turns.try_acquire() {
            return Ok(Some(free));
        }
        // The semaphore is never closed.
        let waiting = async { Ok(self.turns.acquire().await.ok()) };
        let turn = within_time(deadline, waiting).await;
        turn.map_err(|_| TransportError::without_turn())
    }

    /// Lets a runtime that may have stood still since the last call, as one of a single thread does between two
    /// `block_on`, see which connections were closed meanwhile.
    pub(super) async fn look_around(&self, runtime: Id) {
        let is_lately = |(id, when): (Id, Instant)| id == runtime && when.elapsed() < LATELY;
        if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread
            && !self.last().is_some_and(is_lately)
        {
            tokio::task::yield_now().await;
        }
    }

    /// A call has ended on this runtime.
    pub(super) fn answered(&self, runtime: Id) {
        *self.last() = Some((runtime, Instant::now()));
    }

    fn last(&self) -> MutexGuard<'_, Option<(Id, Instant)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The runtime on which a future is polled. On none, timers and sockets would panic.
pub(super) fn runtime() -> Result<Id, TransportError> {
    let handle = Handle::try_current();
    handle
        .map(|handle| handle.id())
        .map_err(TransportError::no_runtime)
}

/// What comes of it until the deadline.
pub(super) async fn within_time<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    match deadline {
        None => work.await,
        Some(deadline) => tokio::time::timeout_at(deadline.into(), work)
            .await
            .unwrap_or_else(|_| Err(TransportError::timeout())),
    }
}

/// Whether a body of this length is within the limit.
pub(super) fn check_length(length: usize, limit: u64) -> Result<(), TransportError> {
    if u64::try_from(length).is_ok_and(|length| length <= limit) {
        Ok(())
    } else {
        Err(TransportError::body_too_large(limit))
    }
}
