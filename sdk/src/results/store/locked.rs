//! The locks of keys, as a store has them.

use std::sync::Arc;
use std::time::Duration;

use diptych_macros::dual;

#[dual(results)]
use super::AsyncResultStore;
use crate::Error;
#[dual(results)]
use crate::faces::asleep;
#[dual(results)]
use crate::filesystems::offload::aoffload;
use crate::polling::Polling;
use crate::results::{LockHolder, LockManager, results};

/// As often as Python looks.
const LOCK_INTERVAL: Duration = Duration::from_millis(100);

#[dual(results)]
impl AsyncResultStore {
    /// Takes the lock of a key, for so long or until it is released; waits while somebody else has it.
    ///
    /// # Errors
    ///
    /// The store has no locks ([`Error::is_invalid`]); somebody else has it for longer than is waited for
    /// ([`Error::is_timeout`]), or has ended with it ([`Error::is_lost`]): the text says who; or the locks can't be written.
    pub async fn acquire_lock(
        &self,
        key: &str,
        hold: impl Into<Option<Duration>>,
    ) -> Result<(), Error> {
        let locks = self.kept_locks()?;
        let hold = hold.into();
        let mut polling = Polling::new(self.lock_timeout, LOCK_INTERVAL);
        loop {
            let (locks, key_again, holder) =
                (Arc::clone(locks), key.to_owned(), self.holder.clone());
            let acquire = move || locks.try_acquire(&key_again, &holder, hold);
            let Some(other) = aoffload(acquire).await? else {
                return Ok(());
            };
            let wait = longer(key, &other, &mut polling)?;
            asleep(wait).await;
        }
    }

    /// Gives the lock of a key back.
    ///
    /// # Errors
    ///
    /// The store has no locks ([`Error::is_invalid`]); it does not hold this one ([`Error::is_lost`]); or the locks can't be
    /// written.
    pub async fn release_lock(&self, key: &str) -> Result<(), Error> {
        let locks = Arc::clone(self.kept_locks()?);
        let (key, holder) = (key.to_owned(), self.holder.clone());
        aoffload(move || locks.release(&key, &holder)).await
    }

    /// Who has the lock of a key.
    ///
    /// # Errors
    ///
    /// The store has no locks ([`Error::is_invalid`]); or they can't be read.
    pub async fn lock_holder(&self, key: &str) -> Result<Option<LockHolder>, Error> {
        let (locks, key) = (Arc::clone(self.kept_locks()?), key.to_owned());
        aoffload(move || locks.holder(&key)).await
    }

    fn kept_locks(&self) -> Result<&Arc<dyn LockManager>, Error> {
        let locks = self.locks.as_ref();
        locks.ok_or_else(|| Error::invalid("the store has nothing that keeps locks: see `locks`"))
    }

    pub(super) async fn other_holder(&self, key: &str) -> Result<Option<LockHolder>, Error> {
        if self.locks.is_none() {
            return Ok(None);
        }
        let found = self.lock_holder(key).await?;
        Ok(found.filter(|other| other.name != self.holder))
    }

    /// Waits until nobody else has the lock of a key.
    pub(super) async fn until_free(&self, key: &str) -> Result<(), Error> {
        let mut polling = Polling::new(self.lock_timeout, LOCK_INTERVAL);
        while let Some(other) = self.other_holder(key).await? {
            let wait = longer(key, &other, &mut polling)?;
            asleep(wait).await;
        }
        Ok(())
    }
}

/// How long to wait for somebody else's lock until the next look.
fn longer(key: &str, other: &LockHolder, polling: &mut Polling) -> Result<Duration, Error> {
    let name = &other.name;
    if other.is_gone {
        let text = format!(
            "`{key}` is locked by `{name}`, whose process has ended: nobody will release it"
        );
        return Err(Error::lost(text));
    }
    let wait = polling.next_wait();
    wait.ok_or_else(|| Error::timeout(format!("`{key}` is still locked by `{name}`")))
}
