//! A task run that was submitted, as those know it who wait for it: its state, what it gave, and who is told of its end. It is
//! the same in both faces, so that futures of either are arguments of tasks of either.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::RunFailed;
use super::shown::StateShown;
use super::turns::Ticket;
use crate::Error;
use crate::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

pub(crate) type Callback = Box<dyn FnOnce() + Send>;

/// Where a run waits for its turn.
pub(crate) trait Line: Send + Sync {
    /// Somebody lends a turn for it. Gives what it waits for itself, if that is not known to be wanted.
    fn want(&self, ticket: Ticket) -> Vec<Dependency>;
}

/// A run that others wait for.
pub(crate) trait Upstream: Send + Sync {
    fn id(&self) -> Uuid;

    /// Whether it completed, once it has ended.
    fn has_completed(&self) -> Option<bool>;

    /// Calls that once it has ended, which may be at once; the key is for [`forget`](Self::forget).
    fn then(&self, callback: Callback) -> u64;

    fn forget(&self, key: u64);

    /// Somebody who could run waits for it instead. Gives what it waits for itself, if that is not known to be wanted.
    fn want(&self) -> Vec<Dependency>;
}

/// Somebody who could run waits for these instead, and so for all that they wait for.
pub(crate) fn want_all(runs: impl IntoIterator<Item = impl std::borrow::Borrow<Dependency>>) {
    let mut left: Vec<Dependency> = Vec::new();
    for run in runs {
        left.extend(run.borrow().0.want());
    }
    while let Some(run) = left.pop() {
        left.extend(run.0.want());
    }
}

/// A task run that another one can wait for, of whichever type its result is: `(&future).into()`.
#[derive(Clone)]
pub struct Dependency(pub(crate) Arc<dyn Upstream>);

impl Dependency {
    pub(crate) fn id(&self) -> Uuid {
        self.0.id()
    }

    pub(crate) fn has_completed(&self) -> Option<bool> {
        self.0.has_completed()
    }

    pub(crate) fn then(&self, callback: Callback) -> u64 {
        self.0.then(callback)
    }
}

impl std::fmt::Debug for Dependency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Dependency").field(&self.id()).finish()
    }
}

/// What is known of a run that was submitted.
pub(crate) struct Submitted<T, E> {
    pub(crate) id: Uuid,
    pub(crate) shown: StateShown,
    known: Mutex<Known<T, E>>,
    place: OnceLock<(Weak<dyn Line>, Ticket)>,
}

struct Known<T, E> {
    ended: Option<Result<Arc<T>, RunFailed<E>>>,
    completed: Option<bool>,
    /// Those that need a copy of what it gave.
    users: usize,
    copy: Option<fn(&T) -> T>,
    then: BTreeMap<u64, Callback>,
    next_key: u64,
}

impl<T, E> Submitted<T, E> {
    pub(crate) fn new() -> Self {
        Self {
            id: Uuid::now_v7(),
            shown: StateShown::default(),
            known: Mutex::new(Known {
                ended: None,
                completed: None,
                users: 0,
                copy: None,
                then: BTreeMap::new(),
                next_key: 0,
            }),
            place: OnceLock::new(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known<T, E>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where it waits.
    pub(crate) fn waits_in(&self, line: Weak<dyn Line>, ticket: Ticket) {
        drop(self.place.set((line, ticket)));
    }

    fn end(&self, ended: Result<T, RunFailed<E>>) {
        if let Err(failed) = &ended {
            self.shown.end(failed);
        }
        let completed = ended.is_ok() && self.shown.is_completed();
        let ended = ended.map(Arc::new);
        let mut known = self.known();
        known.completed = Some(completed);
        known.ended = Some(ended);
        let then = std::mem::take(&mut known.then);
        drop(known);
        for callback in then.into_values() {
            callback();
        }
    }

    /// What it gave, once it has ended; it is not there a second time. Copies are made outside of the lock: how long that takes
    /// is the user's.
    pub(crate) fn take(&self) -> Option<Result<T, RunFailed<E>>> {
        let mut known = self.known();
        let copy = known.copy;
        let taken = match &known.ended {
            Some(Ok(value)) if known.users > 0 => Some(Ok(Arc::clone(value))),
            _ => known.ended.take(),
        };
        drop(known);
        match taken? {
            Err(failed) => Some(Err(failed)),
            // Whoever else has it needs a copy, and has said how one is made.
            Ok(value) => match Arc::try_unwrap(value) {
                Ok(value) => Some(Ok(value)),
                Err(shared) => copy.map(|copy| Ok(copy(&shared))),
            },
        }
    }

    /// Somebody will need a copy of what it gives.
    pub(crate) fn use_copy(&self)
    where
        T: Clone,
    {
        let mut known = self.known();
        known.users += 1;
        known.copy = Some(T::clone);
    }

    /// The copy that was asked for.
    pub(crate) fn copied(&self) -> Option<T>
    where
        T: Clone,
    {
        let mut known = self.known();
        known.users = known.users.saturating_sub(1);
        let value = match &known.ended {
            Some(Ok(value)) => Some(Arc::clone(value)),
            _ => None,
        };
        drop(known);
        value.map(|value| T::clone(&value))
    }
}

impl<T: Send + Sync, E: Send> Upstream for Submitted<T, E> {
    fn id(&self) -> Uuid {
        self.id
    }

    fn has_completed(&self) -> Option<bool> {
        self.known().completed
    }

    fn then(&self, callback: Callback) -> u64 {
        let mut known = self.known();
        if known.completed.is_some() {
            drop(known);
            callback();
            return 0;
        }
        known.next_key += 1;
        let key = known.next_key;
        known.then.insert(key, callback);
        key
    }

    fn forget(&self, key: u64) {
        let forgotten = self.known().then.remove(&key);
        drop(forgotten);
    }

    fn want(&self) -> Vec<Dependency> {
        let place = self.place.get();
        let line = place.and_then(|(line, ticket)| Some((line.upgrade()?, *ticket)));
        line.map_or_else(Vec::new, |(line, ticket)| line.want(ticket))
    }
}

/// The end of a run that was submitted, which must be told: whoever drops it says that the run never began, or was left.
pub(crate) struct Promise<T, E>(Option<Arc<Submitted<T, E>>>);

impl<T, E> Promise<T, E> {
    pub(crate) fn new(submitted: Arc<Submitted<T, E>>) -> Self {
        Self(Some(submitted))
    }

    pub(crate) fn end(mut self, ended: Result<T, RunFailed<E>>) {
        if let Some(submitted) = self.0.take() {
            submitted.end(ended);
        }
    }
}

impl<T, E> Drop for Promise<T, E> {
    fn drop(&mut self) {
        if let Some(submitted) = self.0.take() {
            let text = if std::thread::panicking() {
                "the task run was not run to its end, as something panicked"
            } else {
                "the task run was not run to its end, as its flow run had ended"
            };
            submitted.end(Err(Error::lost(text).into()));
        }
    }
}
