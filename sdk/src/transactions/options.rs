//! What is optional about a transaction.

use std::fmt;
use std::sync::Arc;

use crate::results::LockManager;

/// When a transaction that succeeded is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommitMode {
    /// When it ends.
    Eager,
    /// With the one that it is part of, or when it ends, if it is part of none.
    Lazy,
    /// Only by its `commit`: else it is rolled back, unless the one that it is part of commits it.
    Off,
}

/// What others see of a transaction's key while it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IsolationLevel {
    /// Others may write below the same key meanwhile.
    ReadCommitted,
    /// Whoever opens one with the same key waits until this one has ended; it takes something that keeps locks.
    Serializable,
}

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionState {
    /// It is open.
    Active,
    /// It has something to commit.
    Staged,
    /// It is committed, or what is kept below its key was there before.
    Committed,
    /// It is undone.
    RolledBack,
}

/// What is optional about a transaction, by Prefect's names.
///
/// ```
/// use prefect_sdk::transactions::{CommitMode, TransactionOptions};
///
/// let options = TransactionOptions::new().key("monday").commit_mode(CommitMode::Eager);
/// assert_eq!(options.key.as_deref(), Some("monday"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct TransactionOptions {
    /// Below what key its record is kept; none is kept unless set. Where one is there already, it is committed from the start.
    pub key: Option<String>,
    /// When it is committed; as the one that it is part of, or lazily, unless set.
    pub commit_mode: Option<CommitMode>,
    /// What others see meanwhile; as of the one that it is part of, or what is committed, unless set.
    pub isolation_level: Option<IsolationLevel>,
    /// Whether it is not committed from the start, and replaces a record that is there already.
    pub overwrite: bool,
    /// Whether its record is kept when it is committed; it is unless set.
    pub write_on_commit: bool,
    /// What keeps the lock of its key; what keeps those of the run's results, unless set.
    pub locks: Option<Arc<dyn LockManager>>,
}

impl Default for TransactionOptions {
    fn default() -> Self {
        Self {
            key: None,
            commit_mode: None,
            isolation_level: None,
            overwrite: false,
            write_on_commit: true,
            locks: None,
        }
    }
}

impl TransactionOptions {
    /// Nothing is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets below what key its record is kept.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets when it is committed.
    #[must_use]
    pub fn commit_mode(mut self, mode: CommitMode) -> Self {
        self.commit_mode = Some(mode);
        self
    }

    /// Sets what others see meanwhile.
    #[must_use]
    pub fn isolation_level(mut self, level: IsolationLevel) -> Self {
        self.isolation_level = Some(level);
        self
    }

    /// Sets whether it replaces a record that is there already.
    #[must_use]
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Sets whether its record is kept when it is committed.
    #[must_use]
    pub fn write_on_commit(mut self, write: bool) -> Self {
        self.write_on_commit = write;
        self
    }

    /// Sets what keeps the lock of its key.
    #[must_use]
    pub fn locks(mut self, locks: Arc<dyn LockManager>) -> Self {
        self.locks = Some(locks);
        self
    }
}

impl fmt::Debug for TransactionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionOptions")
            .field("key", &self.key)
            .field("commit_mode", &self.commit_mode)
            .field("isolation_level", &self.isolation_level)
            .field("overwrite", &self.overwrite)
            .field("write_on_commit", &self.write_on_commit)
            .finish_non_exhaustive()
    }
}
