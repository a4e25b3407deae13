//! What all threads or tasks of a runner share, and how it winds up.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(runners)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{DeploymentUpdate, FlowRunResponse};
use uuid::Uuid;

use super::control::Control;
use super::due::LeftOut;
use super::ending::Ended;
use super::hooks::FlowHooks;
#[dual(runners)]
use super::running::{AsyncRunning, AsyncRunningRuns};
use super::sources::Sources;
use super::surroundings::{self, HOOKS_OF_RUNNER, of_the_run};
use super::{REQUEST, RunnerOptions, child, due, runners};
#[dual(runners)]
use crate::background::AsyncSignal;
use crate::cancelling::Watcher;
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deadline::abounded;
#[dual(runners)]
use crate::deployments::apull;
use crate::deployments::{RunnerDeployment, Source};
use crate::signals::{self, Listening};
use crate::{Error, Refusal};

/// How long it may take to say how runs ended after their processes have; what is not said then is left.
const WINDING_UP: Duration = Duration::from_mins(3);

/// What all threads or tasks of a runner share.
#[dual(runners)]
pub(super) struct AsyncShared {
    pub(super) client: AsyncPrefectClient,
    pub(super) options: RunnerOptions,
    start: child::Start,
    pub(super) running: AsyncRunningRuns,
    /// `None` where the processes can't be told anything but to end.
    pub(super) control: Option<Arc<Control>>,
    deployments: Mutex<Vec<Uuid>>,
    left_out: Mutex<LeftOut>,
    sources: Mutex<Sources>,
    /// Of the deployments whose flows are this program's.
    hooks: Mutex<HashMap<Uuid, FlowHooks>>,
    is_stopping: AtomicBool,
    is_started: AtomicBool,
    /// Raised when a run has ended, or the runner is to stop.
    changed: AsyncSignal,
}

#[dual(runners)]
impl AsyncShared {
    pub(super) fn new(client: &AsyncPrefectClient, options: &RunnerOptions) -> Self {
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
            client: client.clone(),
            options: options.clone(),
            start,
            running: AsyncRunningRuns::default(),
            control: control(),
            deployments: Mutex::default(),
            left_out: Mutex::default(),
            sources: Mutex::default(),
            hooks: Mutex::default(),
            is_stopping: AtomicBool::new(false),
            is_started: AtomicBool::new(false),
            changed: AsyncSignal::default(),
        }
    }

    pub(super) fn deployments(&self) -> MutexGuard<'_, Vec<Uuid>> {
        held(&self.deployments)
    }

    pub(super) fn left_out(&self) -> MutexGuard<'_, LeftOut> {
        held(&self.left_out)
    }

    /// Has the runs of a deployment begin here.
    pub(super) fn add(&self, id: Uuid, deployment: &RunnerDeployment) {
        held(&self.sources).add(id, deployment);
        // Where its code is elsewhere, it need not be that of this program's flow.
        let hooks = deployment.hooks.as_ref();
        match hooks.filter(|_| deployment.source.is_none()) {
            Some(known) => held(&self.hooks).insert(id, known.clone()),
            None => held(&self.hooks).remove(&id),
        };
        let mut deployments = self.deployments();
        if !deployments.contains(&id) {
            deployments.push(id);
        }
    }

    /// The hooks of the flow that a run is of, where the runner has them.
    pub(super) fn hooks_of(&self, run: &FlowRunResponse) -> Option<FlowHooks> {
        held(&self.hooks).get(&run.deployment_id?).cloned()
    }

    /// Begins to run, which it does once.
    pub(super) fn begin(&self) -> Result<(), Error> {
        if self.is_started.swap(true, Ordering::AcqRel) {
            let text = "the runner is started already";
            return Err(Error::refused(Refusal::State, text));
        }
        Ok(())
    }

    pub(super) fn is_started(&self) -> bool {
        self.is_started.load(Ordering::Acquire)
    }

    /// How often something has changed.
    pub(super) fn changes(&self) -> u64 {
        self.changed.count()
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

    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
        self.changed.raise();
    }

    fn sources(&self) -> MutexGuard<'_, Sources> {
        held(&self.sources)
    }

    /// How a run is started.
    pub(super) fn start_of(&self, run: &FlowRunResponse) -> child::Start {
        let mut start = self.start.clone();
        start.env.extend(of_the_run(run.id));
        if self.hooks_of(run).is_some() {
            start.env.push(HOOKS_OF_RUNNER.map(str::to_owned).into());
        }
        let elsewhere = run
            .deployment_id
            .and_then(|id| self.sources().start(id, &start, &self.options));
        elsewhere.unwrap_or(start)
    }

    /// Fetches code again now and then, until the runner stops. What takes long holds up nothing else.
    pub(super) async fn akeep_pulled(&self) {
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
    pub(super) async fn apull_on(&self, source: &Source) -> Result<PathBuf, Error> {
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
    pub(super) fn listen(self: &Arc<Self>) -> Result<Listening, Error> {
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
    pub(super) async fn rest(&self, mut seen: u64, next: Deadline, is_cut: bool) {
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
    pub(super) async fn wind_up(&self) {
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

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
