//! How a guard and the thread or task that keeps its slots speak: a pair for each face.

#[cfg(feature = "blocking")]
use std::sync::mpsc;
use std::time::Duration;

#[cfg(feature = "async")]
use tokio::sync::oneshot;

use crate::Error;

/// Longer than any program runs.
pub(super) const FOREVER: Duration = Duration::MAX;

/// Held by the guard: dropping it is the end.
#[cfg(feature = "async")]
#[derive(Debug)]
pub(super) struct AsyncHold {
    end: oneshot::Sender<()>,
    kept: oneshot::Receiver<Result<(), Error>>,
}

/// Held by the guard: dropping it is the end.
#[cfg(feature = "blocking")]
#[derive(Debug)]
pub(super) struct Hold {
    end: mpsc::Sender<()>,
    kept: mpsc::Receiver<Result<(), Error>>,
}

/// Held by the task that keeps the slots.
#[cfg(feature = "async")]
#[derive(Debug)]
pub(super) struct AsyncKeep {
    end: oneshot::Receiver<()>,
    kept: oneshot::Sender<Result<(), Error>>,
}

/// Held by the thread that keeps the slots.
#[cfg(feature = "blocking")]
#[derive(Debug)]
pub(super) struct Keep {
    end: mpsc::Receiver<()>,
    kept: mpsc::Sender<Result<(), Error>>,
}

#[cfg(feature = "async")]
impl AsyncHold {
    pub(super) fn new() -> (Self, AsyncKeep) {
        let (sender, end) = oneshot::channel();
        let (kept, receiver) = oneshot::channel();
        let hold = Self {
            end: sender,
            kept: receiver,
        };
        (hold, AsyncKeep { end, kept })
    }

    /// Says the end, and waits for what came of it.
    pub(super) async fn end(self) -> Result<(), Error> {
        drop(self.end);
        self.kept.await.unwrap_or_else(|_| Err(gone()))
    }
}

#[cfg(feature = "async")]
impl AsyncKeep {
    /// Waits that long for the end; whether it came, now or before.
    pub(super) async fn ends_within(&mut self, wait: Duration) -> bool {
        self.end.is_terminated() || tokio::time::timeout(wait, &mut self.end).await.is_ok()
    }

    pub(super) fn kept(self, result: Result<(), Error>) -> Option<Result<(), Error>> {
        self.kept.send(result).err()
    }
}

#[cfg(feature = "blocking")]
impl Hold {
    pub(super) fn new() -> (Self, Keep) {
        let (sender, end) = mpsc::channel();
        let (kept, receiver) = mpsc::channel();
        let hold = Self {
            end: sender,
            kept: receiver,
        };
        (hold, Keep { end, kept })
    }

    /// Says the end, and waits for what came of it.
    pub(super) fn end(self) -> Result<(), Error> {
        drop(self.end);
        self.kept.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Says the end, and waits that long for what came of it; `None` where that is not enough.
    pub(super) fn end_within(self, wait: Duration) -> Option<Result<(), Error>> {
        drop(self.end);
        self.kept.recv_timeout(wait).ok()
    }
}

#[cfg(feature = "blocking")]
impl Keep {
    /// Waits that long for the end; whether it came, now or before.
    pub(super) fn ends_within(&mut self, wait: Duration) -> bool {
        !matches!(
            self.end.recv_timeout(wait),
            Err(mpsc::RecvTimeoutError::Timeout)
        )
    }

    pub(super) fn kept(self, result: Result<(), Error>) -> Option<Result<(), Error>> {
        self.kept.send(result).err().map(|unsent| unsent.0)
    }
}

fn gone() -> Error {
    Error::lost("what kept the slots has ended: they are free when their lease ends")
}
