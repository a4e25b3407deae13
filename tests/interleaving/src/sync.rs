//! What the SDK's files are guarded by, in shuttle's hands.

use std::time::Instant;

pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, atomic};
pub(crate) use shuttle::{thread, thread_local};
pub(crate) use std::sync::{Arc, OnceLock, PoisonError, Weak};

/// Tells those who listen, as that of `event-listener`.
#[derive(Debug, Default)]
pub(crate) struct Event(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    count: Mutex<u64>,
    changed: Condvar,
}

impl Event {
    pub(crate) fn notify(&self, _: usize) {
        *self.0.count.lock().unwrap() += 1;
        self.0.changed.notify_all();
    }

    pub(crate) fn listen(&self) -> Listening {
        Listening {
            since: *self.0.count.lock().unwrap(),
            told: Arc::clone(&self.0),
        }
    }
}

/// Hears what is told from now on.
pub(crate) struct Listening {
    since: u64,
    told: Arc<Told>,
}

pub(crate) trait Listener {
    fn wait(self);
    fn wait_deadline(self, deadline: Instant) -> Option<()>;
}

impl Listener for Listening {
    fn wait(self) {
        let count = self.told.count.lock().unwrap();
        drop(
            self.told
                .changed
                .wait_while(count, |count| *count == self.since),
        );
    }

    fn wait_deadline(self, _: Instant) -> Option<()> {
        self.wait();
        Some(())
    }
}
