//! Runs of tasks that a worker executes: they are there already, and most are part of no flow run.

use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::TaskRun;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

#[dual(engine)]
use super::AsyncWithin;
use super::parameters::read_parameters;
use super::pool::Left;
#[dual(engine)]
use super::scope::{AsyncScope, AsyncWork};
use super::shown::StateShown;
use super::task::Given;
#[dual(engine)]
use super::task::arun_deferred;
use super::task_record::TaskRecord;
use super::{RunFailed, Subflows, Unlimited, engine};
use crate::cancellation::Cancellation;
use crate::events::SendEventsOptions;
#[dual(engine)]
use crate::events::{AsyncEventSender, arelated_resources};
use crate::flow_runs::is_last;
use crate::flows::FlowOptions;
#[dual(engine)]
use crate::logs::AsyncLogSender;
use crate::logs::{self, Route, SendLogsOptions};
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::ResultSettings;
#[dual(engine)]
use crate::tasks::AsyncTask;
use crate::{Error, RunContext};

/// How long the end of a run waits until the server has its events.
const DELIVERY: Duration = Duration::from_mins(1);
/// How long it waits for its logs, which keep no run from ending.
const DELIVERY_OF_LOGS: Duration = Duration::from_secs(5);

/// What the runs of one worker share.
#[dual(engine)]
pub struct AsyncGround {
    pub(crate) client: AsyncPrefectClient,
    pub(crate) settings: ResultSettings,
    pub(crate) cancellation: Cancellation,
    sender: AsyncEventSender,
    logs: Option<AsyncLogSender>,
    unlimited: Arc<Unlimited>,
}

#[dual(engine)]
impl AsyncGround {
    pub(crate) fn begin(
        client: &AsyncPrefectClient,
        settings: &ResultSettings,
    ) -> Result<Self, Error> {
        let logs =
            logs::is_wanted().then(|| AsyncLogSender::start(client, &SendLogsOptions::new()));
        Ok(Self {
            client: client.clone(),
            settings: settings.clone(),
            cancellation: Cancellation::new(),
            sender: AsyncEventSender::start(client, &SendEventsOptions::new())?,
            logs: logs.transpose()?,
            unlimited: Arc::default(),
        })
    }

    /// What the run says finds its way while this is there.
    fn route(&self, run: &TaskRun) -> Option<Arc<Route>> {
        let (slot, flow_run_id) = (self.logs.as_ref()?.slot(), run.flow_run_id);
        // It is known by the task run, as there may be no flow run, and several task runs of one flow run.
        Some(Route::open(run.id, move |mut log| {
            log.flow_run_id = flow_run_id;
            slot(log)
        }))
    }

    async fn scope(&self, run: &TaskRun, results: AsyncResultStore) -> Result<AsyncScope, Error> {
        let of_flow_run = run.flow_run_id.map(RunContext::flow_run);
        let related = match &of_flow_run {
            Some(context) => arelated_resources(&self.client, context).await?,
            None => Vec::new(),
        };
        Ok(AsyncScope {
            client: self.client.clone(),
            sender: self.sender.clone(),
            context: of_flow_run.unwrap_or_default(),
            id: run.flow_run_id.unwrap_or_default(),
            name: String::new(),
            flow_name: String::new(),
            run_count: run.flow_run_run_count,
            tags: Vec::new(),
            parameters: Map::new(),
            related,
            results: Some(results),
            persists: true,
            unlimited: Arc::clone(&self.unlimited),
            subflows: Arc::<Subflows>::default(),
            cancellation: self.cancellation.clone(),
            logs: run.id,
            span: logs::span_of_task_run(run.id, run.id),
            transaction: None,
            work: AsyncWork::new(FlowOptions::new().max_workers, &self.cancellation)?,
            drawing: None,
        })
    }
}

/// Executes a run that is there already, until its last state is with the server; what it was given, or what is wrong with
/// that. An error says that it has no last state there.
#[dual(engine)]
pub(crate) async fn aexecute_task<P, T, E>(
    task: &AsyncTask<P, T, E>,
    ground: &AsyncGround,
    run: &TaskRun,
    given: Result<Map<String, Value>, String>,
) -> Result<(), Error>
where
    P: Serialize + DeserializeOwned + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let store = AsyncResultStore::new(ground.settings.clone());
    let results = &task.options().results;
    let store = store.update_for_task(&ground.client, results).await?;
    let _route = ground.route(run);
    let within = AsyncWithin {
        scope: Arc::new(ground.scope(run, store.clone()).await?),
        parent: None,
        persists: true,
        turn: None,
        transaction: None,
    };
    let shown = StateShown::default();
    let record = TaskRecord::of_existing(&task.facts(&[]), run, Utc::now())?;
    let given = given.and_then(|told| {
        let parameters = read_parameters::<P>(&told);
        parameters.map(|parameters| Given { parameters, told })
    });
    let unfit = |text: String| RunFailed::Parameters(text.replacen("Flow run", "Task run", 1));
    let given = given.map_err(unfit);
    let ended = arun_deferred(task, &within, record, shown.clone(), store, given).await;
    let scope = &within.scope;
    let (work, left) = (&scope.work, Left::after(&ended));
    work.finish(left, &scope.cancellation).await;
    if let Some(logs) = &ground.logs
        && let Err(error) = logs.flush(DELIVERY_OF_LOGS).await
    {
        tracing::warn!("the server lacks logs of a task run: {error}");
    }
    match ground.sender.flush(DELIVERY).await {
        // What the server can't read, it can't read another time either.
        Err(error) if error.is_rejected() => {
            tracing::error!(task_run = %run.id, "the server lacks events of task runs: {error}");
        }
        delivered => delivered?,
    }
    match ended {
        Err(RunFailed::Engine(error)) if !is_last(&shown.get(run.id).type_) => Err(error),
        _ => Ok(()),
    }
}
