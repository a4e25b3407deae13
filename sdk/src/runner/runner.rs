//! Looks for runs that are due, and has them executed.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use diptych_macros::dual;
#[dual(runners)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::DeploymentUpdate;
use prefect_client::requests::GetScheduledFlowRunsForDeployments;
use uuid::Uuid;

use super::control::Control;
use super::due::LeftOut;
use super::ending::Ended;
#[dual(runners)]
use super::execute::aexecute;
#[dual(runners)]
use super::running::{AsyncRunning, AsyncRunningRuns};
use super::sources::{self, Sources};
use super::{REQUEST, RunnerOptions, child, due, runners, surroundings};
#[dual(runners)]
use crate::background::{AsyncSignal, abegin};
use crate::cancelling::Watcher;
#[dual(runners)]
use crate::cancelling::awatch;
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deadline::abounded;
#[dual(runners)]
use crate::deployments::apull;
use crate::deployments::{RunnerDeployment, Source};
#[dual(runners)]
use crate::flows::AsyncFlow;
use crate::signals::{self, Listening};
use crate::{Error, Refusal};

/// How long it may take to say how runs ended after their processes have; what is not said then is left.
const WINDING_UP: Duration = Duration::from_mins(3);

/// Runs what is due of its deployments, each run in a process of its own. Clones are the same runner.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, flows::AsyncFlow};
/// # use prefect_sdk::runner::{AsyncRunner, RunnerOptions};
/// # async fn run(load: AsyncFlow<(), (), String>, report: AsyncFlow<(), (), String>) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let runner = AsyncRunner::new(&client, &RunnerOptions::new().limit(2));
/// runner.add_deployment(&load.to_deployment("north")).await?;
/// runner.add_deployment(&report.to_deployment("north")).await?;
/// runner.start().await?;
/// # Ok(()) }
/// ```
#[dual(runners)]
#[derive(Clone)]
pub struct AsyncRunner {
    shared: Arc<AsyncShared>,
}

/// What all threads or tasks of a runner share.
#[dual(runners)]
pub(super) struct AsyncShared {
    pub(super) client: AsyncPrefectClient,
    pub(super) options: RunnerOptions,
    pub(super) start: child::Start,
    pub(super) running: AsyncRunningRuns,
    /// `None` where the processes can't be told anything but to end.
    pub(super) control: Option<Arc<Control>>,
    deployments: Mutex<Vec<Uuid>>,
    left_out: Mutex<LeftOut>,
    sources: Mutex<Sources>,
    is_stopping: AtomicBool,
    is_started: AtomicBool,
    /// Raised when a run has ended, or the runner is to stop.
    changed: AsyncSignal,
}

#[dual(runners)]
impl AsyncRunner {
    /// A runner without deployments.
    #[must_use]
    pub fn new(client: &AsyncPrefectClient, options: &RunnerOptions) -> Self {
        let mut env = surroundings::of_the_server(client.config());
        env.extend(options.env.iter().cloned());
        let start = child::Start {
            // Where the system can't say, it is what the program was called as.
            program: std::env::current_exe().map_or_else(
                |_| std::env::args_os().next().unwrap_or_default(),
                Into::into,
            ),
            arguments: options.arguments.clone(),
            env,
            directory: None,
        };
        Self {
            shared: Arc::new(AsyncShared {
                client: client.clone(),
                options: options.clone(),
                start,
                running: AsyncRunningRuns::default(),
                control: control(),
                deployments: Mutex::default(),
                left_out: Mutex::default(),
                sources: Mutex::default(),
                is_stopping: AtomicBool::new(false),
                is_started: AtomicBool::new(false),
                changed: AsyncSignal::default(),
            }),
        }
    }

    /// Applies a deployment, and runs what is due of it from then on; gives its id.
    ///
    /// # Errors
    ///
    /// As those of [`RunnerDeployment::aapply`]; or it has code elsewhere that can't be fetched, or is not run by Python or a command
    /// ([`Error::is_invalid`]).
    pub async fn add_deployment(&self, deployment: &RunnerDeployment) -> Result<Uuid, Error> {
        if let Some(why) = sources::refusal(deployment) {
            return Err(Error::invalid(why));
        }
        if let Some(source) = &deployment.source {
            self.add_storage(source.clone()).await?;
        }
        let id = deployment.aapply(&self.shared.client).await?;
        self.shared.sources().add(id, deployment);
        let mut deployments = self.shared.deployments();
        if !deployments.contains(&id) {
            deployments.push(id);
        }
        Ok(id)
    }

    /// Applies a deployment of a flow of this program, of that name, and runs what is due of it from then on; gives its id. The
    /// program must call [`run`](crate::run) with the flow before.
    ///
    /// # Errors
    ///
    /// As those of [`add_deployment`](Self::add_deployment).
    pub async fn add_flow<P, T, E>(
        &self,
        flow: &AsyncFlow<P, T, E>,
        name: impl Into<String>,
    ) -> Result<Uuid, Error> {
        self.add_deployment(&flow.to_deployment(name)).await
    }

    /// Fetches code that is elsewhere, into a directory that is the runner's, and fetches it again now and then while the runner
    /// runs; gives where it is. [`add_deployment`](Self::add_deployment) does so for deployments from a source; equal ones are
    /// fetched once.
    ///
    /// # Errors
    ///
    /// It is not there ([`Error::is_not_found`]), can't be fetched ([`Error::is_refused`]), or needs what is not installed
    /// ([`Error::is_invalid`]).
    pub async fn add_storage(&self, source: impl Into<Source>) -> Result<PathBuf, Error> {
        self.shared.apull_on(&source.into()).await
    }

    /// Runs what is due until the runner is [stopped](Self::stop), or the process is to end (`SIGTERM`, Ctrl-C). The processes
    /// have ended then, and the deployments are paused, if the options say so. A second signal kills the processes that have not
    /// ended yet.
    ///
    /// # Errors
    ///
    /// The runner is, or was, started already ([`Error::is_refused`]), or nothing can be started in the background.
    pub async fn start(&self) -> Result<(), Error> {
        let shared = &self.shared;
        if shared.is_started.swap(true, Ordering::AcqRel) {
            let text = "the runner is started already";
            return Err(Error::refused(Refusal::State, text));
        }
        let _ends = AsyncEnds(shared);
        let _listening = shared
            .options
            .signals
            .then(|| shared.listen())
            .transpose()?;
        let watched = Arc::clone(shared);
        #[dual(async)]
        abegin(async move { awatch(&watched.client, &*watched).await })?;
        #[dual(blocking)]
        begin(move || watch(&watched.client, &*watched))?;
        let pulled = Arc::clone(shared);
        #[dual(async)]
        abegin(async move { pulled.akeep_pulled().await })?;
        #[dual(blocking)]
        begin(move || pulled.keep_pulled())?;
        while !shared.is_stopping() {
            let seen = shared.changed.count();
            let is_cut = alook(shared).await;
            let next = Deadline::after(
                Some(due::wait(shared.options.query_interval, fastrand::f64())),
                Instant::now(),
            );
            shared.rest(seen, next, is_cut).await;
        }
        shared.wind_up().await;
        Ok(())
    }

    /// Has a runner end that is started: [`start`](Self::start) gives as soon as its processes have ended. A run that is being
    /// executed is `Cancelled`.
    ///
    /// # Errors
    ///
    /// The runner is not started ([`Error::is_refused`]).
    pub fn stop(&self) -> Result<(), Error> {
        if !self.shared.is_started.load(Ordering::Acquire) {
            let text = "the runner is not started";
            return Err(Error::refused(Refusal::State, text));
        }
        self.shared.stop();
        Ok(())
    }
}

#[dual(runners)]
impl AsyncShared {
    fn deployments(&self) -> std::sync::MutexGuard<'_, Vec<Uuid>> {
        self.deployments
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn left_out(&self) -> std::sync::MutexGuard<'_, LeftOut> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run that is due does not begin here now.
    pub(super) fn leave_out(&self, id: Uuid) {
        let now = Instant::now();
        let until = now.checked_add(due::wait(self.options.query_interval, 0.5));
        self.left_out().add(id, until.unwrap_or(now));
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
        self.changed.raise();
    }

    fn sources(&self) -> std::sync::MutexGuard<'_, Sources> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How a run of that deployment is started.
    pub(super) fn start_of(&self, deployment: Option<Uuid>) -> child::Start {
        let elsewhere =
            deployment.and_then(|id| self.sources().start(id, &self.start, &self.options));
        elsewhere.unwrap_or_else(|| self.start.clone())
    }

    /// Fetches code again now and then, until the runner stops. What takes long holds up nothing else.
    async fn akeep_pulled(&self) {
        let interval = self.options.pull_interval.max(due::SHORTEST);
        loop {
            self.pause(interval, true).await;
            if self.is_stopping() {
                return;
            }
            self.apull_all().await;
        }
    }

    /// Fetches code that is elsewhere.
    async fn apull_on(&self, source: &Source) -> Result<PathBuf, Error> {
        let place = self.sources().place(source).map_err(|error| {
            Error::of_storage("there is no room for code that is fetched", error)
        })?;
        let place = apull(&self.client, source, &place).await?;
        self.sources().is_at(source, place.clone());
        Ok(place)
    }

    /// Fetches it again; what can't be fetched stays as it was.
    async fn apull_all(&self) {
        let all = self.sources().all();
        for source in all {
            if let Err(error) = self.apull_on(&source).await {
                tracing::warn!("code is not fetched again: {error}");
            }
        }
    }

    /// Stops when the process is to end, and hurries when it is told so again.
    fn listen(self: &Arc<Self>) -> Result<Listening, Error> {
        let (to_stop, is_second) = (Arc::clone(self), AtomicBool::new(false));
        signals::listen(move |_| {
            to_stop.stop();
            if is_second.swap(true, Ordering::AcqRel) {
                to_stop.running.hurry_all();
            }
        })
    }

    /// A run has no process any more.
    pub(super) fn has_room(&self, running: &AsyncRunning) {
        running.over();
        self.changed.raise();
    }

    /// A run has ended.
    pub(super) fn done(&self, id: Uuid) {
        self.running.remove(id);
        self.changed.raise();
    }

    /// Waits for that long; or until the runner is to stop, where somebody wants to know of that.
    pub(super) async fn pause(&self, time: Duration, is_cut_short: bool) {
        let end = Deadline::after(Some(time), Instant::now());
        loop {
            let seen = self.changed.count();
            let left = end.left(Instant::now());
            if left.is_zero() || (is_cut_short && self.is_stopping()) {
                return;
            }
            self.changed.wait(seen, left).await;
        }
    }

    /// Until the next look, which comes as soon as there is room where some were left.
    async fn rest(&self, mut seen: u64, next: Deadline, is_cut: bool) {
        let before = self.running.with_process();
        let shortest = due::shortest(self.options.query_interval);
        let soonest = Deadline::after(Some(shortest), Instant::now());
        loop {
            let has_room = is_cut && self.running.with_process() < before;
            let until = if has_room { soonest } else { next };
            let left = until.left(Instant::now());
            if self.is_stopping() || left.is_zero() {
                return;
            }
            self.changed.wait(seen, left).await;
            seen = self.changed.count();
        }
    }

    /// Ends what runs, and pauses the deployments meanwhile; or afterwards, where the server was too busy.
    async fn wind_up(&self) {
        self.running.end_all(Ended::Stopped);
        let mut deployments = Vec::new();
        if self.options.pause_on_shutdown {
            deployments.clone_from(&self.deployments());
        }
        let left = self.apause_deployments(deployments).await;
        self.until_ended().await;
        for id in self.apause_deployments(left).await {
            tracing::error!(deployment = %id, "the runner stops, and the deployment is not paused");
        }
    }

    async fn until_ended(&self) {
        let longest = self.options.grace.saturating_add(WINDING_UP);
        let end = Deadline::after(Some(longest), Instant::now());
        // What began just now is told as well.
        loop {
            let seen = self.changed.count();
            self.running.end_all(Ended::Stopped);
            let left = self.running.ids().len();
            if left == 0 {
                return;
            }
            if end.is_over(Instant::now()) {
                tracing::error!("the runner stops, and {left} runs have not ended");
                return;
            }
            self.changed.wait(seen, Duration::from_secs(1)).await;
        }
    }

    /// Pauses what can be paused in the time of one request; gives the others.
    async fn apause_deployments(&self, deployments: Vec<Uuid>) -> Vec<Uuid> {
        let end = Deadline::after(Some(REQUEST), Instant::now());
        let mut left = Vec::new();
        for id in deployments {
            if end.is_over(Instant::now()) {
                left.push(id);
                continue;
            }
            let client = abounded(&self.client, end.left(Instant::now()));
            let paused = DeploymentUpdate::new().paused(true);
            if let Err(error) = client.update_deployment(id, &paused).await {
                tracing::warn!(deployment = %id, "the deployment is not paused: {error}");
                left.push(id);
            }
        }
        left
    }
}

/// Where there is no port, processes that are cancelled are ended without being told why.
fn control() -> Option<Arc<Control>> {
    let control = Control::open();
    let told = |error: &std::io::Error| tracing::warn!("processes can't be told why: {error}");
    control.inspect_err(told).ok().map(Arc::new)
}

#[dual(runners)]
impl Watcher for AsyncShared {
    fn runs(&self) -> Vec<Uuid> {
        self.running.ids()
    }

    fn cancel(&self, run: Uuid) {
        if let Some(running) = self.running.get(run) {
            running.end(Ended::Cancelled);
        }
    }

    fn is_over(&self) -> bool {
        self.is_stopping()
    }
}

/// Ends what runs, however [`AsyncRunner::start`] is left: also where its future is dropped.
#[dual(runners)]
struct AsyncEnds<'a>(&'a AsyncShared);

#[dual(runners)]
impl Drop for AsyncEnds<'_> {
    fn drop(&mut self) {
        self.0.stop();
        self.0.running.end_all(Ended::Stopped);
    }
}

/// Looks once, and begins what is due; whether some had to wait.
#[dual(runners)]
async fn alook(shared: &Arc<AsyncShared>) -> bool {
    let options = &shared.options;
    let mut request = GetScheduledFlowRunsForDeployments::new();
    request.scheduled_before = Some(due::until(options.prefetch, Utc::now()));
    let deployments = shared.deployments().clone();
    let client = abounded(&shared.client, REQUEST);
    let found = client
        .get_scheduled_flow_runs_for_deployments_with(&deployments, &request)
        .await;
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!("the runs that are due can't be read: {error}");
            return false;
        }
    };
    let room = due::room(options.limit, shared.running.with_process());
    let count = found.len();
    let now = Instant::now();
    let passes = |id| shared.running.get(id).is_some() || shared.left_out().has(id, now);
    let begun = due::begins(found, passes, room, Utc::now());
    let is_cut = begun.len() < count && begun.len() == room;
    for run in begun {
        let id = run.id;
        let running = shared.running.insert(id);
        let its = Arc::clone(shared);
        #[dual(async)]
        let started = abegin(async move { aexecute(&its, &running, &run).await });
        #[dual(blocking)]
        let started = begin(move || execute(&its, &running, &run));
        if let Err(error) = started {
            tracing::error!(flow_run = %id, "the run can't begin now: {error}");
            shared.done(id);
        }
    }
    is_cut
}

#[dual(runners)]
impl fmt::Debug for AsyncRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("name", &self.shared.options.name)
            .field("deployments", &self.shared.deployments().len())
            .finish_non_exhaustive()
    }
}
