//! The runs that a runner has.

use std::collections::HashMap;
use std::io;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diptych_macros::dual;
use uuid::Uuid;

use super::{child, runners};
#[dual(runners)]
use crate::background::AsyncSignal;

/// Why the runner ended a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Somebody cancelled the run.
    Cancelled,
    /// The runner stops.
    Stopped,
}

impl Ended {
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Cancelled => "Flow run was cancelled successfully.",
            Self::Stopped => "Runner is shutting down.",
        }
    }
}

/// One run, as the different threads or tasks see it that are about it.
#[dual(runners)]
#[derive(Default)]
pub(super) struct AsyncRunning {
    facts: Mutex<Facts>,
    changed: AsyncSignal,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Why its process is to end, if it is.
    pub(super) end: Option<Ended>,
    /// Whether its process has no time to end by itself.
    pub(super) is_hurried: bool,
    /// What its process exited with, if it did.
    pub(super) code: Option<i32>,
    /// It has no process, and will have none: what is left is to say how it ended.
    pub(super) is_over: bool,
}

#[dual(runners)]
impl AsyncRunning {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Facts {
        *self.facts()
    }

    /// Has its process end; the first reason stays.
    pub(super) fn end(&self, why: Ended) {
        self.facts().end.get_or_insert(why);
        self.changed.raise();
    }

    fn hurry(&self) {
        self.facts().is_hurried = true;
        self.changed.raise();
    }

    /// Says how its process ended.
    pub(super) fn ended(&self, status: io::Result<ExitStatus>) {
        // Whose end nobody could hear of is no process of ours any more.
        self.facts().code = Some(status.map_or(-1, child::code));
        self.changed.raise();
    }

    /// Says that it has no process any more, so that another run has room.
    pub(super) fn over(&self) {
        self.facts().is_over = true;
    }

    /// Waits until the facts are other than these, for that long at most.
    pub(super) async fn changes(&self, from: Facts, within: Duration) {
        let seen = self.changed.count();
        if self.now() == from {
            self.changed.wait(seen, within).await;
        }
    }
}

/// All runs that a runner has, by id.
#[dual(runners)]
#[derive(Default)]
pub(super) struct AsyncRunningRuns {
    runs: Mutex<HashMap<Uuid, Arc<AsyncRunning>>>,
}

#[dual(runners)]
impl AsyncRunningRuns {
    fn runs(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<AsyncRunning>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn insert(&self, id: Uuid) -> Arc<AsyncRunning> {
        Arc::clone(self.runs().entry(id).or_default())
    }

    pub(super) fn remove(&self, id: Uuid) {
        self.runs().remove(&id);
    }

    pub(super) fn get(&self, id: Uuid) -> Option<Arc<AsyncRunning>> {
        self.runs().get(&id).map(Arc::clone)
    }

    pub(super) fn ids(&self) -> Vec<Uuid> {
        self.runs().keys().copied().collect()
    }

    /// How many have a process, or are about to have one.
    pub(super) fn with_process(&self) -> usize {
        let runs = self.runs();
        runs.values().filter(|run| !run.now().is_over).count()
    }

    pub(super) fn end_all(&self, why: Ended) {
        for run in self.runs().values() {
            run.end(why);
        }
    }

    /// Has none of them any more time.
    pub(super) fn hurry_all(&self) {
        for run in self.runs().values() {
            run.hurry();
        }
    }
}
