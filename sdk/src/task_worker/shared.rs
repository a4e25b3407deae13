//! What all threads or tasks of a worker share.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[dual(task_workers)]
use prefect_client::AsyncPrefectClient;
use uuid::Uuid;

#[dual(task_workers)]
use super::AsyncAnyTask;
use super::remembered::Remembered;
use super::seats::Seats;
use super::status::{self, InFlight, Status};
use super::{TaskWorkerOptions, task_workers};
use crate::Error;
#[dual(task_workers)]
use crate::background::AsyncSignal;
use crate::probe::Probe;
use crate::results::ResultSettings;
use crate::websocket::Endpoint;

/// What all threads or tasks of a worker share.
#[dual(task_workers)]
pub(super) struct AsyncShared {
    pub(super) client: AsyncPrefectClient,
    pub(super) endpoint: Endpoint,
    pub(super) client_id: String,
    pub(super) tasks: BTreeMap<String, Arc<dyn AsyncAnyTask>>,
    pub(super) settings: ResultSettings,
    pub(super) options: TaskWorkerOptions,
    pub(super) seats: Mutex<Seats>,
    /// The runs that are being executed.
    pub(super) running: Mutex<HashMap<Uuid, InFlight>>,
    /// How many runs it has executed.
    pub(super) finished: AtomicUsize,
    pub(super) remembered: Mutex<Remembered>,
    pub(super) started_at: OnceLock<DateTime<Utc>>,
    /// Why it can't go on.
    pub(super) failed: Mutex<Option<Error>>,
    pub(super) is_started: AtomicBool,
    pub(super) is_stopping: AtomicBool,
    pub(super) is_hurried: AtomicBool,
    /// Raised when a seat is gone, a run has ended, or the worker is to stop.
    pub(super) changed: AsyncSignal,
}

#[dual(task_workers)]
impl AsyncShared {
    pub(super) fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn running(&self) -> MutexGuard<'_, HashMap<Uuid, InFlight>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn remembered(&self) -> MutexGuard<'_, Remembered> {
        let remembered = self.remembered.lock();
        remembered.unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers who asks what it does, until what this gives is dropped, if somebody may.
    pub(super) fn answer(self: &Arc<Self>) -> Result<Option<Probe>, Error> {
        let started_at = *self.started_at.get_or_init(Utc::now);
        let Some(port) = self.options.status_server_port else {
            return Ok(None);
        };
        let asked = Arc::clone(self);
        let status = move || {
            Status {
                client_id: &asked.client_id,
                started_at,
                is_stopping: asked.is_stopping(),
                limit: asked.options.limit,
                keys: asked.tasks.keys().map(String::as_str).collect(),
                finished: asked.finished.load(Ordering::Acquire),
                running: &asked.running(),
            }
            .told()
        };
        status::open(port, status).map(Some)
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
        self.changed.raise();
    }

    /// The worker can't go on.
    pub(super) fn fail(&self, error: Error) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get_or_insert(error);
        drop(failed);
        self.stop();
    }
}
