//! What all threads or tasks of a runner share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(runners)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::FlowRunResponse;
use uuid::Uuid;

use super::code::Code;
use super::control::Control;
use super::due::LeftOut;
use super::hooks::FlowHooks;
use super::running::Ended;
#[dual(runners)]
use super::running::{AsyncRunning, AsyncRunningRuns};
use super::sources::Sources;
use super::surroundings::{self, HOOKS_OF_RUNNER, of_the_run};
use super::{RunnerOptions, child, due, health, runners};
#[dual(runners)]
use crate::background::AsyncSignal;
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deployments::apull;
use crate::deployments::{RunnerDeployment, Source};
#[dual(runners)]
use crate::filesystems::offload::aoffload;
use crate::probe::Probe;
use crate::signals::{self, Listening};
use crate::watching::Watcher;
use crate::{Error, Refusal};

/// What all threads or tasks of a runner share.
#[dual(runners)]
pub(super) struct AsyncShared {
    pub(super) client: AsyncPrefectClient,
    pub(super) options: RunnerOptions,
    start: child::Start,
    pub(super) running: AsyncRunningRuns,
    /// `None` where the processes can't be told anything but to end.
    pub(super) control: Option<Arc<Control>>,
    deployments: Mutex<BTreeMap<Uuid, Known>>,
    left_out: Mutex<LeftOut>,
    sources: Mutex<Sources>,
    /// When it last heard of runs that are due; or began, before that.
    looked: Mutex<Instant>,
    is_stopping: AtomicBool,
    is_started: AtomicBool,
    /// Raised when a run has ended, or the runner is to stop.
    pub(super) changed: AsyncSignal,
}

#[dual(runners)]
impl AsyncShared {
    pub(super) fn new(client: &AsyncPrefectClient, options: &RunnerOptions) -> Self {
        let mut env = surroundings::of_the_server(client.config());
        env.extend(options.heartbeat.map(surroundings::heartbeat));
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
            code: None,
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
            looked: Mutex::new(Instant::now()),
            is_stopping: AtomicBool::new(false),
            is_started: AtomicBool::new(false),
            changed: AsyncSignal::default(),
        }
    }

    pub(super) fn deployments(&self) -> Vec<Uuid> {
        held(&self.deployments).keys().copied().collect()
    }

    pub(super) fn left_out(&self) -> MutexGuard<'_, LeftOut> {
        held(&self.left_out)
    }

    /// Has the runs of a deployment begin here.
    pub(super) fn add(&self, id: Uuid, deployment: &RunnerDeployment) {
        held(&self.sources).add(id, deployment);
        // Where its code is elsewhere, it need not be that of this program's flow.
        let hooks = deployment.hooks.as_ref();
        let known = Known {
            name: deployment.full_name(),
            hooks: hooks.filter(|_| deployment.source.is_none()).cloned(),
        };
        held(&self.deployments).insert(id, known);
    }

    /// The name of the deployment that a run is of.
    pub(super) fn name_of(&self, run: &FlowRunResponse) -> Option<String> {
        let deployments = held(&self.deployments);
        let known = deployments.get(&run.deployment_id?)?;
        Some(known.name.clone())
    }

    /// The hooks of the flow that a run is of, where the runner has them.
    pub(super) fn hooks_of(&self, run: &FlowRunResponse) -> Option<FlowHooks> {
        held(&self.deployments)
            .get(&run.deployment_id?)?
            .hooks
            .clone()
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

    /// It was told what is due.
    pub(super) fn has_looked(&self) {
        *held(&self.looked) = Instant::now();
    }

    /// Answers who asks how it is, until what this gives is dropped, if somebody may.
    pub(super) fn answer(self: &Arc<Self>) -> Result<Option<Probe>, Error> {
        let Some(server) = &self.options.health else {
            return Ok(None);
        };
        self.has_looked();
        let (asked, patience) = (
            Arc::clone(self),
            server.patience(self.options.query_interval),
        );
        let answer = move |path: &str| {
            let is_well = held(&asked.looked).elapsed() <= patience;
            health::answer(path, is_well, asked.running.with_process())
        };
        server.open(answer).map(Some)
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
        let mut code = Code::elsewhere(apull(&self.client, source, &place).await?);
        if code.path() == place {
            let (last, copy) = self.sources().copies(source);
            let copied = aoffload(move || Ok(Code::fetched(&place, last, copy))).await?;
            code = copied.map_err(|error| {
                Error::of_storage("there is no copy of code that is fetched", error)
            })?;
        }
        let place = code.path().to_owned();
        self.sources().is_at(source, code);
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
}

/// A deployment whose runs begin here.
struct Known {
    name: String,
    hooks: Option<FlowHooks>,
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

    fn heard(&self, run: Uuid) {
        if let Some(running) = self.running.get(run) {
            running.end(Ended::Cancelled);
        }
    }

    fn is_over(&self) -> bool {
        self.is_stopping()
    }
}

#[cfg(all(test, feature = "blocking"))]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use prefect_client::testing::MockServer;

    use super::super::HealthServer;
    use super::*;

    /// What a runner that looks so often answers at first.
    fn asked(interval: Duration, path: &str, is_enough: impl Fn(&str) -> bool) -> String {
        let health = HealthServer::new()
            .host("127.0.0.1")
            .port(0)
            .missed_polls(1);
        let options = RunnerOptions::new().query_interval(interval).health(health);
        let shared = Arc::new(Shared::new(&MockServer::new().client(), &options));
        let probe = shared.answer().unwrap().unwrap();
        loop {
            let mut stream = TcpStream::connect(probe.address()).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\n\r\n").unwrap();
            let mut heard = String::new();
            stream.read_to_string(&mut heard).unwrap();
            if is_enough(&heard) {
                return heard;
            }
        }
    }

    #[test]
    fn a_runner_is_well_as_long_as_it_hears_what_is_due() {
        let hour = Duration::from_hours(1);
        let well = asked(hour, "/health", |_| true);
        assert!(well.starts_with("HTTP/1.1 200 "), "{well}");
        let none = asked(hour, "/run_count", |_| true);
        assert!(none.ends_with("\r\n\r\n0"), "{none}");
        // It never does.
        let is_ill = |heard: &str| heard.starts_with("HTTP/1.1 503 ");
        asked(Duration::ZERO, "/health", is_ill);
    }
}
