//! Looks for runs that are due, and has them executed.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use chrono::Utc;
use diptych_macros::dual;
#[dual(runners)]
use prefect_client::AsyncPrefectClient;
use prefect_client::requests::GetScheduledFlowRunsForDeployments;
use uuid::Uuid;

#[dual(runners)]
use super::execute::aexecute;
use super::running::Ended;
#[dual(runners)]
use super::shared::AsyncShared;
use super::{REQUEST, RunnerOptions, due, runners, sources};
#[dual(runners)]
use crate::background::abegin;
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deadline::abounded;
use crate::deployments::{RunnerDeployment, Source};
#[dual(runners)]
use crate::flows::AsyncFlow;
#[dual(runners)]
use crate::watching::awatch;
use crate::{Error, Refusal};

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

#[dual(runners)]
impl AsyncRunner {
    /// A runner without deployments.
    #[must_use]
    pub fn new(client: &AsyncPrefectClient, options: &RunnerOptions) -> Self {
        Self {
            shared: Arc::new(AsyncShared::new(client, options)),
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
        self.shared.add(id, deployment);
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
    /// runs; gives where it is now. A process keeps the code that was there when it began. [`add_deployment`](Self::add_deployment) does so for deployments from a source; equal ones are
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
        shared.begin()?;
        let _ends = AsyncEnds(shared);
        let _listening = shared
            .options
            .signals
            .then(|| shared.listen())
            .transpose()?;
        let _answers = shared.answer()?;
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
        let orphans = Arc::clone(shared);
        #[dual(async)]
        abegin(async move { orphans.alook_after_orphans().await })?;
        #[dual(blocking)]
        begin(move || orphans.look_after_orphans())?;
        while !shared.is_stopping() {
            let seen = shared.changes();
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
        if !self.shared.is_started() {
            let text = "the runner is not started";
            return Err(Error::refused(Refusal::State, text));
        }
        self.shared.stop();
        Ok(())
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
    let deployments = shared.deployments();
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
    shared.has_looked();
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
