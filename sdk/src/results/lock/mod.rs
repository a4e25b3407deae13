//! Locks of results: one at a time works on a key.

mod files;
mod memory;

use std::time::Duration;

use chrono::{DateTime, Utc};

pub use files::FileLocks;
pub use memory::MemoryLocks;

use crate::Error;

/// What keeps the locks. Implement it for a store of your own.
///
/// Its methods may block, but do not wait for a lock: [`ResultStore`](super::ResultStore) and
/// [`AsyncResultStore`](super::AsyncResultStore) look again, the async one on a thread that may block.
pub trait LockManager: Send + Sync {
    /// Takes a lock for somebody, for so long or until it is released. `None` says that they have it, now or already;
    /// otherwise it is who has it instead.
    ///
    /// # Errors
    ///
    /// The locks can't be read or written.
    fn try_acquire(
        &self,
        key: &str,
        holder: &str,
        hold: Option<Duration>,
    ) -> Result<Option<LockHolder>, Error>;

    /// Gives a lock back.
    ///
    /// # Errors
    ///
    /// They do not have it ([`Error::is_lost`]); or the locks can't be read or written.
    fn release(&self, key: &str, holder: &str) -> Result<(), Error>;

    /// Who has a lock.
    ///
    /// # Errors
    ///
    /// The locks can't be read.
    fn holder(&self, key: &str) -> Result<Option<LockHolder>, Error>;
}

/// Who has a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockHolder {
    /// Their name.
    pub name: String,
    /// When the lock ends by itself.
    pub expiration: Option<DateTime<Utc>>,
    /// Whether their process has ended, so that nobody will give the lock back.
    pub is_gone: bool,
}

impl LockHolder {
    /// Who has a lock until they give it back.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            expiration: None,
            is_gone: false,
        }
    }

    /// Sets when the lock ends by itself.
    #[must_use]
    pub fn expiration(mut self, end: DateTime<Utc>) -> Self {
        self.expiration = Some(end);
        self
    }
}

/// The end of a lock that is held for so long; `None` is never.
fn end_of(hold: Option<Duration>) -> Option<DateTime<Utc>> {
    let hold = chrono::Duration::from_std(hold?).ok()?;
    Utc::now().checked_add_signed(hold)
}

fn not_held(key: &str, holder: &str) -> Error {
    Error::lost(format!("the lock of `{key}` is not held by `{holder}`"))
}
