//! Locks of this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;

use super::{LockHolder, LockManager, end_of, not_held};
use crate::Error;

/// Locks in memory: of those that have a clone of them.
#[derive(Clone, Debug, Default)]
pub struct MemoryLocks {
    held: Arc<Mutex<HashMap<String, LockHolder>>>,
}

impl MemoryLocks {
    /// No lock is held.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is held; a lock that has ended is not.
    fn held(&self, key: &str) -> MutexGuard<'_, HashMap<String, LockHolder>> {
        // Nothing panics while it is locked, and a map is whole after each step.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let end = held.get(key).and_then(|holder| holder.expiration);
        if end.is_some_and(|end| end <= Utc::now()) {
            held.remove(key);
        }
        held
    }
}

impl LockManager for MemoryLocks {
    fn try_acquire(
        &self,
        key: &str,
        holder: &str,
        hold: Option<Duration>,
    ) -> Result<Option<LockHolder>, Error> {
        let mut all = self.held(key);
        if let Some(other) = all.get(key).filter(|other| other.name != holder) {
            return Ok(Some(other.clone()));
        }
        let mut new = LockHolder::new(holder);
        new.expiration = end_of(hold);
        all.entry(key.to_owned()).or_insert(new);
        Ok(None)
    }

    fn release(&self, key: &str, holder: &str) -> Result<(), Error> {
        let mut all = self.held(key);
        match all.get(key) {
            Some(other) if other.name == holder => drop(all.remove(key)),
            _ => return Err(not_held(key, holder)),
        }
        Ok(())
    }

    fn holder(&self, key: &str) -> Result<Option<LockHolder>, Error> {
        Ok(self.held(key).get(key).cloned())
    }
}
