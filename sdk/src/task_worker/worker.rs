//! Executes runs of tasks that were submitted to the background.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(task_workers)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::TaskRun;

#[dual(task_workers)]
use super::AsyncAnyTask;
#[dual(task_workers)]
use super::execute::aend_of;
#[dual(task_workers)]
use super::seat::aadd_seat;
use super::seats::Seats;
#[dual(task_workers)]
use super::shared::AsyncShared;
use super::{TaskWorkerOptions, task_workers, wire};
#[dual(task_workers)]
use crate::background::AsyncSignal;
use crate::deadline::Deadline;
#[dual(task_workers)]
use crate::engine::AsyncGround;
use crate::results::ResultSettings;
use crate::websocket::Endpoint;
use crate::{Error, Refusal, signals};

/// Executes the runs of its tasks that are submitted [to the background](crate::task_worker). Clones are the same worker.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, tasks::AsyncTask};
/// # use prefect_sdk::task_worker::{AsyncTaskWorker, TaskWorkerOptions};
/// # async fn run(mail: AsyncTask<String, (), String>) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let worker = AsyncTaskWorker::new(&client, &[&mail], &TaskWorkerOptions::new().limit(4))?;
/// worker.start().await
/// # }
/// ```
#[dual(task_workers)]
#[derive(Clone)]
pub struct AsyncTaskWorker {
    shared: Arc<AsyncShared>,
}

#[dual(task_workers)]
impl AsyncTaskWorker {
    /// A worker for these tasks.
    ///
    /// # Errors
    ///
    /// There is none, or two have one key, or the environment says what can't be read ([`Error::is_invalid`]).
    pub fn new(
        client: &AsyncPrefectClient,
        tasks: &[&dyn AsyncAnyTask],
        options: &TaskWorkerOptions,
    ) -> Result<Self, Error> {
        let mut by_key = BTreeMap::new();
        for task in tasks {
            let key = task.key().to_owned();
            if by_key.insert(key, task.shared()).is_some() {
                let text = format!("two tasks have the key `{}`", task.key());
                return Err(Error::invalid(text));
            }
        }
        if by_key.is_empty() {
            return Err(Error::invalid("a worker has a task at least"));
        }
        let settings = options.results.clone();
        Ok(Self {
            shared: Arc::new(AsyncShared {
                client: client.clone(),
                endpoint: Endpoint::new(client.config(), wire::PATH)?,
                client_id: wire::client_id(),
                tasks: by_key,
                settings: settings.map_or_else(ResultSettings::from_env, Ok)?,
                seats: Mutex::new(Seats::new(options.limit)),
                options: options.clone(),
                running: Mutex::default(),
                finished: AtomicUsize::new(0),
                remembered: Mutex::default(),
                started_at: OnceLock::new(),
                failed: Mutex::default(),
                is_started: AtomicBool::new(false),
                is_stopping: AtomicBool::new(false),
                is_hurried: AtomicBool::new(false),
                changed: AsyncSignal::default(),
            }),
        })
    }

    /// Executes what is submitted until the worker is [stopped](Self::stop), or the process is to end (`SIGTERM`, Ctrl-C), and
    /// what runs then has ended. A second signal ends that wait. A connection that is lost is made again, for ever.
    ///
    /// # Errors
    ///
    /// The worker is, or was, started already, or the server does not accept the client ([`Error::is_refused`]); or nothing can be
    /// started in the background.
    pub async fn start(&self) -> Result<(), Error> {
        let shared = &self.shared;
        if shared.is_started.swap(true, Ordering::AcqRel) {
            let text = "the worker is started already";
            return Err(Error::refused(Refusal::State, text));
        }
        let _stops = AsyncStops(shared);
        let (to_stop, is_second) = (Arc::clone(shared), AtomicBool::new(false));
        let _listening = signals::listen(move |_| {
            to_stop.is_stopping.store(true, Ordering::Release);
            if is_second.swap(true, Ordering::AcqRel) {
                to_stop.is_hurried.store(true, Ordering::Release);
            }
            to_stop.changed.raise();
        })?;
        let _answers = shared.answer()?;
        let ground = Arc::new(AsyncGround::begin(&shared.client, &shared.settings)?);
        aadd_seat(shared, &ground)?;
        let mut grace: Option<Deadline> = None;
        loop {
            let seen = shared.changed.count();
            if shared.seats().all == 0 {
                break;
            }
            let mut left = Duration::MAX;
            if shared.is_stopping() {
                let options = &shared.options;
                let end =
                    grace.get_or_insert_with(|| Deadline::after(options.grace, Instant::now()));
                left = end.left(Instant::now());
            }
            if left.is_zero() || shared.is_hurried.load(Ordering::Acquire) {
                ground.cancellation.request();
                tracing::warn!("the worker stops, and some of its runs have not ended");
                break;
            }
            shared.changed.wait(seen, left).await;
        }
        let failed = shared
            .failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        failed.map_or(Ok(()), Err)
    }

    /// Has the worker take nothing more. [`start`](Self::start) comes back when what runs has ended.
    ///
    /// # Errors
    ///
    /// It was not started ([`Error::is_refused`]).
    pub fn stop(&self) -> Result<(), Error> {
        if !self.shared.is_started.load(Ordering::Acquire) {
            let text = "the worker is not started";
            return Err(Error::refused(Refusal::State, text));
        }
        self.shared.stop();
        Ok(())
    }

    /// Executes a run of one of its tasks now, whoever it was handed to, until its last state is with the server; one that has
    /// its last state already is left alone. What it waits for is waited for.
    ///
    /// # Errors
    ///
    /// It is a run of another task ([`Error::is_invalid`]), or could not be brought to an end.
    pub async fn execute_task_run(&self, run: &TaskRun) -> Result<(), Error> {
        let task = self.shared.tasks.get(&run.task_key).ok_or_else(|| {
            Error::invalid(format!(
                "the worker has no task with the key `{}`",
                run.task_key
            ))
        })?;
        let ground = AsyncGround::begin(&self.shared.client, &self.shared.settings)?;
        aend_of(task.as_ref(), &ground, run).await
    }
}

/// However [`AsyncTaskWorker::start`] is left, nothing more is taken.
#[dual(task_workers)]
struct AsyncStops<'a>(&'a AsyncShared);

#[dual(task_workers)]
impl Drop for AsyncStops<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[dual(task_workers)]
impl fmt::Debug for AsyncTaskWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskWorker")
            .field("tasks", &self.shared.tasks.keys())
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}
