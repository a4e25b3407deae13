//! An outbox that two sides see: who puts something in, and who delivers it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diptych_macros::dual;

#[dual(sdk)]
use super::AsyncSignal;
use super::Item;
use super::outbox::{Delivered, Mark, Outbox};
use crate::Error;
use crate::deadline::Deadline;
use crate::faces::sdk;

/// An outbox that both sides see. The lock is held for moments only, never while something is sent.
#[dual(sdk)]
pub(crate) struct AsyncMailbox<T: Item> {
    outbox: Mutex<Outbox<T>>,
    is_closed: AtomicBool,
    /// Raised when there is something to do.
    work: AsyncSignal,
    /// Raised when something was done.
    progress: AsyncSignal,
}

/// Where something is put in. Once all are dropped, the other side delivers what is there and ends.
#[dual(sdk)]
pub(crate) struct AsyncSlot<T: Item> {
    mailbox: Arc<AsyncMailbox<T>>,
}

/// A slot whose drop does not leave anything behind without a word.
#[dual(sdk)]
pub(crate) struct AsyncHandle<T: Item> {
    slot: Arc<AsyncSlot<T>>,
}

/// How long a handle that is dropped waits for delivery.
#[cfg(feature = "blocking")]
const DROP_WAITS: Duration = Duration::from_secs(5);

#[dual(sdk)]
impl<T: Item> AsyncMailbox<T> {
    /// Both sides.
    pub(crate) fn new(outbox: Outbox<T>) -> (AsyncHandle<T>, Arc<Self>) {
        let mailbox = Arc::new(Self {
            outbox: Mutex::new(outbox),
            is_closed: AtomicBool::new(false),
            work: AsyncSignal::default(),
            progress: AsyncSignal::default(),
        });
        let slot = Arc::new(AsyncSlot {
            mailbox: Arc::clone(&mailbox),
        });
        (AsyncHandle { slot }, mailbox)
    }

    pub(super) fn outbox(&self) -> MutexGuard<'_, Outbox<T>> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing more will be put in.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    /// What [`wait`](Self::wait) takes: asked for before the outbox is looked at.
    pub(super) fn seen(&self) -> u64 {
        self.work.count()
    }

    /// Waits for something to do.
    pub(super) async fn wait(&self, seen: u64, timeout: Duration) {
        self.work.wait(seen, timeout).await;
    }

    /// Says that something was done.
    pub(super) fn progressed(&self) {
        self.progress.raise();
    }

    fn hurry(&self) -> Mark {
        self.change(Outbox::hurry)
    }

    /// Changes the outbox, and wakes the other side if that has something else to do now: most of what is put in waits for others, and
    /// most of what is wanted soon is there already.
    fn change<R>(&self, change: impl FnOnce(&mut Outbox<T>) -> R) -> R {
        let mut outbox = self.outbox();
        let before = outbox.due();
        let changed = change(&mut outbox);
        let is_news = outbox.due() != before;
        drop(outbox);
        if is_news {
            self.work.raise();
        }
        changed
    }

    #[cfg(feature = "flows")]
    fn hurry_until_sure(&self) -> Option<Mark> {
        let mark = self.outbox().hurry_until_sure(Instant::now())?;
        self.work.raise();
        Some(mark)
    }
}

#[dual(sdk)]
impl<T: Item> AsyncSlot<T> {
    /// Changes the outbox, and wakes the other side where that is news to it.
    pub(crate) fn put<R>(&self, change: impl FnOnce(&mut Outbox<T>) -> R) -> R {
        self.mailbox.change(change)
    }
}

#[dual(sdk)]
impl<T: Item> AsyncHandle<T> {
    /// Where something is put in without waiting for it in the end.
    pub(crate) fn slot(&self) -> &Arc<AsyncSlot<T>> {
        &self.slot
    }

    /// Waits until everything that is held now is delivered.
    pub(crate) async fn flush(&self, timeout: Duration) -> Result<(), Error> {
        let mark = self.slot.mailbox.hurry();
        self.delivered(mark, timeout).await
    }

    /// Says that everything that is held now is wanted soon.
    #[cfg(feature = "flows")]
    pub(crate) fn hurry(&self) {
        self.slot.mailbox.hurry();
    }

    /// Waits until it is seen what the server has made of what it has taken, as far as it may have lost that.
    #[cfg(feature = "flows")]
    pub(crate) async fn until_sure(&self, timeout: Duration) -> Result<(), Error> {
        match self.slot.mailbox.hurry_until_sure() {
            Some(mark) => self.delivered(mark, timeout).await,
            None => Ok(()),
        }
    }

    async fn delivered(&self, mark: Mark, timeout: Duration) -> Result<(), Error> {
        let (deadline, mailbox) = (
            Deadline::after(Some(timeout), Instant::now()),
            &self.slot.mailbox,
        );
        loop {
            let seen = mailbox.progress.count();
            let delivered = mailbox.outbox().delivered(mark);
            match delivered {
                Delivered::Yes => return Ok(()),
                Delivered::Failed(error) => return Err(error),
                Delivered::Not if deadline.is_over(Instant::now()) => {
                    let held = mailbox.outbox().still_held(mark);
                    return Err(Error::timeout(format!("after {timeout:?}, {held}")));
                }
                Delivered::Not => {
                    let left = deadline.left(Instant::now());
                    mailbox.progress.wait(seen, left).await;
                }
            }
        }
    }
}

/// Waits for what is held, but no longer than a few seconds.
#[cfg(feature = "blocking")]
impl<T: Item> Drop for Handle<T> {
    fn drop(&mut self) {
        let (deadline, mailbox) = (
            Deadline::after(Some(DROP_WAITS), Instant::now()),
            &self.slot.mailbox,
        );
        let mark = mailbox.hurry();
        loop {
            let seen = mailbox.progress.count();
            let held = mailbox.outbox().on_its_way(mark);
            match held {
                None => return,
                Some(held) if deadline.is_over(Instant::now()) => {
                    tracing::warn!(
                        "a sender was dropped, and {held}; where the program ends now, they are lost"
                    );
                    return;
                }
                Some(_) => {
                    let left = deadline.left(Instant::now());
                    mailbox.progress.wait(seen, left);
                }
            }
        }
    }
}

/// Does not wait, as that would hold up the other tasks of the thread.
#[cfg(feature = "async")]
impl<T: Item> Drop for AsyncHandle<T> {
    fn drop(&mut self) {
        let mailbox = &self.slot.mailbox;
        let mark = mailbox.hurry();
        let held = mailbox.outbox().on_its_way(mark);
        if let Some(held) = held {
            tracing::warn!(
                "a sender was dropped without a flush, and {held}; where the runtime ends before, they are lost"
            );
        }
    }
}

#[dual(sdk)]
impl<T: Item> Drop for AsyncSlot<T> {
    fn drop(&mut self) {
        self.mailbox.is_closed.store(true, Ordering::Release);
        self.mailbox.work.raise();
    }
}

#[cfg(all(test, feature = "blocking"))]
mod tests {
    use super::super::outbox::tests::{Number, limits};
    use super::*;

    #[test]
    fn nobody_is_woken_for_what_is_wanted_soon_already_or_is_not_there() {
        let (handle, mailbox) = Mailbox::new(Outbox::new(limits()));
        let before = mailbox.seen();
        mailbox.hurry();
        assert_eq!(mailbox.seen(), before, "there is nothing");
        let pushed = handle
            .slot()
            .put(|outbox| outbox.push(Number(1), 2, Instant::now()));
        pushed.unwrap();
        assert_eq!(mailbox.seen(), before + 1);
        for _ in 0..3 {
            mailbox.hurry();
            assert_eq!(mailbox.seen(), before + 2);
        }
        // Nobody delivers it, and so nobody is to wait for it.
        mailbox.outbox().ended();
    }
}
