//! A queue that two sides see: who puts something in, and who takes it out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diptych_macros::dual;

#[dual(sdk)]
use super::AsyncSignal;
use crate::Error;
use crate::faces::sdk;

/// What a mailbox holds.
pub(crate) trait Queue: Send + 'static {
    /// Says that whatever is in the queue now is wanted soon. Gives what [`delivered`](Self::delivered) asks for.
    fn hurry(&mut self) -> u64;

    /// How far it is with everything up to there.
    fn delivered(&mut self, up_to: u64) -> Delivered;
}

/// How far delivery is.
pub(crate) enum Delivered {
    /// Everything is there.
    Yes,
    /// So much is not yet.
    Missing(usize),
    /// It never will be.
    Never(Error),
}

/// A queue that both sides see. The lock is held for moments only, never while something is sent.
#[dual(sdk)]
pub(crate) struct AsyncMailbox<Q> {
    queue: Mutex<Q>,
    is_closed: AtomicBool,
    /// Raised when there is something to do.
    work: AsyncSignal,
    /// Raised when something was done.
    progress: AsyncSignal,
}

/// The side that puts something in. Once it is dropped, the other side delivers what is there and ends.
#[dual(sdk)]
pub(crate) struct AsyncHandle<Q> {
    mailbox: Arc<AsyncMailbox<Q>>,
}

#[dual(sdk)]
impl<Q: Queue> AsyncMailbox<Q> {
    /// Both sides.
    pub(crate) fn new(queue: Q) -> (AsyncHandle<Q>, Arc<Self>) {
        let mailbox = Arc::new(Self {
            queue: Mutex::new(queue),
            is_closed: AtomicBool::new(false),
            work: AsyncSignal::default(),
            progress: AsyncSignal::default(),
        });
        let handle = AsyncHandle {
            mailbox: Arc::clone(&mailbox),
        };
        (handle, mailbox)
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Q> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing more will be put in.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    /// What [`wait`](Self::wait) takes: asked for before the queue is looked at.
    pub(crate) fn seen(&self) -> u64 {
        self.work.count()
    }

    /// Waits for something to do.
    pub(crate) async fn wait(&self, seen: u64, timeout: Duration) {
        self.work.wait(seen, timeout).await;
    }

    /// Says that something was done.
    pub(crate) fn progressed(&self) {
        self.progress.raise();
    }
}

#[dual(sdk)]
impl<Q: Queue> AsyncHandle<Q> {
    /// Changes the queue, and wakes the other side.
    pub(crate) fn put<T>(&self, change: impl FnOnce(&mut Q) -> T) -> T {
        let changed = change(&mut self.mailbox.queue());
        self.mailbox.work.raise();
        changed
    }

    /// Waits until everything that is in the queue now is delivered.
    pub(crate) async fn flush(&self, timeout: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + timeout;
        let up_to = self.put(Queue::hurry);
        loop {
            let seen = self.mailbox.progress.count();
            let delivered = self.mailbox.queue().delivered(up_to);
            let missing = match delivered {
                Delivered::Yes => return Ok(()),
                Delivered::Never(error) => return Err(error),
                Delivered::Missing(count) => count,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::timeout(format!(
                    "{missing} were not confirmed within {timeout:?}; they are still being sent"
                )));
            }
            self.mailbox.progress.wait(seen, left).await;
        }
    }
}

#[dual(sdk)]
impl<Q> Drop for AsyncHandle<Q> {
    fn drop(&mut self) {
        self.mailbox.is_closed.store(true, Ordering::Release);
        self.mailbox.work.raise();
    }
}
