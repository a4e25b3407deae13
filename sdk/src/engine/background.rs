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
use tracing::level_filters::LevelFilter;
use uuid::Uuid;

#[dual(engine)]
use super::AsyncWithin;
use super::parameters::read_parameters;
use super::pool::Left;
#[dual(engine)]
use super::scope::AsyncScope;
use super::shown::StateShown;
use super::task::Given;
#[dual(engine)]
use super::task::arun_deferred;
use super::task_record::TaskRecord;
use super::{RunFailed, Unlimited, engine};
use crate::cancellation::Cancellation;
use crate::events::SendEventsOptions;
#[dual(engine)]
use crate::events::{AsyncEventSender, arelated_resources};
use crate::flow_runs::is_last;
#[dual(engine)]
use crate::logs::AsyncLogSender;
use crate::logs::{self, Route};
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
        let logs = logs::wanted().map(|options| AsyncLogSender::start(client, &options));
        Ok(Self {
            client: client.clone(),
            settings: settings.clone(),
            cancellation: Cancellation::new(),
            sender: AsyncEventSender::start(client, &SendEventsOptions::of_runs())?,
            logs: logs.transpose()?,
            unlimited: Arc::default(),
        })
    }

    /// What the run says finds its way while this is there.
    fn route(&self, run: &TaskRun, level: Option<LevelFilter>) -> Option<Arc<Route>> {
        let slot = self.logs.as_ref()?.slot();
        Some(Route::of_task_run(run.id, run.flow_run_id, level, slot))
    }

    async fn scope(&self, run: &TaskRun, results: AsyncResultStore) -> Result<AsyncScope, Error> {
        let mut scope =
            AsyncScope::without_flow(&self.client, &self.sender, run.id, &self.cancellation)?;
        if let Some(id) = run.flow_run_id {
            scope.id = id;
            scope.context = RunContext::flow_run(id);
            scope.related = arelated_resources(&self.client, &scope.context).await?;
        }
        scope.run_count = run.flow_run_run_count;
        (scope.results, scope.persists) = (Some(results), true);
        scope.unlimited = Arc::clone(&self.unlimited);
        Ok(scope)
    }
}

/// Why a run can't be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unable {
    /// What it was given can't be read, or is not what it takes; or nobody has its task.
    Parameters(String),
    /// That run did not complete.
    Upstream(Uuid),
}

/// Executes a run that is there already, until its last state is with the server; what it was given, or what is wrong with
/// that. An error says that it has no last state there.
#[dual(engine)]
pub(crate) async fn aexecute_task<P, T, E>(
    task: &AsyncTask<P, T, E>,
    ground: &AsyncGround,
    run: &TaskRun,
    given: Result<Map<String, Value>, Unable>,
) -> Result<(), Error>
where
    P: Serialize + DeserializeOwned + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let store = AsyncResultStore::new(ground.settings.clone());
    let results = task.results();
    let store = match store.update_for_task(&ground.client, &results).await {
        Ok(store) => store,
        // It does not begin, whatever it is.
        Err(_) if given.is_err() => AsyncResultStore::new(ground.settings.clone()),
        Err(error) => return Err(error),
    };
    let _route = ground.route(run, task.options().log_level);
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
        let parameters = read_parameters::<P>(&told).map_err(Unable::Parameters)?;
        Ok(Given { parameters, told })
    });
    let given = given.map_err(|unable| match unable {
        Unable::Parameters(text) => RunFailed::Parameters(text.replacen("Flow run", "Task run", 1)),
        Unable::Upstream(id) => RunFailed::NotReady(id),
    });
    let ended = arun_deferred(task, &within, record, shown.clone(), store, given).await;
    let scope = &within.scope;
    let (work, left) = (&scope.work, Left::after(&ended));
    work.finish(left, &scope.cancellation).await;
    if let Some(logs) = &ground.logs
        && let Err(error) = logs.flush(DELIVERY_OF_LOGS).await
    {
        tracing::warn!("the server lacks logs of a task run: {error}");
    }
    adelivered(&ground.sender, run.id, &ground.cancellation, DELIVERY).await?;
    match ended {
        Err(RunFailed::Engine(error)) if !is_last(&shown.get(run.id).type_) => Err(error),
        _ => Ok(()),
    }
}

/// Waits until the server has all that was told of the run, however long it is away: it has run, and somebody else would run it
/// again. An error says that nobody wants to wait any more.
#[dual(engine)]
async fn adelivered(
    sender: &AsyncEventSender,
    id: Uuid,
    cancellation: &Cancellation,
    patience: Duration,
) -> Result<(), Error> {
    loop {
        match sender.flush(patience).await {
            Ok(()) => return Ok(()),
            // What the server can't read, it can't read another time either.
            Err(error) if error.is_rejected() => {
                tracing::error!(task_run = %id, "the server lacks events of task runs: {error}");
                return Ok(());
            }
            Err(error) if error.is_timeout() && !cancellation.is_requested() => {
                tracing::warn!(task_run = %id, "the server lacks events of the task run yet: {error}");
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(all(test, feature = "blocking"))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use prefect_client::operations::CREATE_EVENTS;
    use prefect_client::testing::{MockServer, Reply};

    use super::*;
    use crate::events::{EmitEventOptions, EventSender};

    /// A server that takes events after so many requests, and somebody who has one to tell.
    fn late(requests: usize) -> (MockServer, EventSender) {
        let (server, heard) = (MockServer::new(), AtomicUsize::new(0));
        server.on(&CREATE_EVENTS).answers_with(move |_| {
            if heard.fetch_add(1, Ordering::Relaxed) < requests {
                Reply::Failure(500, "no".to_owned())
            } else {
                Reply::Value(())
            }
        });
        let sender = EventSender::start(&server.client(), &SendEventsOptions::new()).unwrap();
        let resource = [("prefect.resource.id", "it")];
        let event = EmitEventOptions::new()
            .build("it.happened", resource)
            .unwrap();
        sender.send(&event).unwrap();
        (server, sender)
    }

    #[test]
    fn a_server_that_is_late_is_waited_for_unless_nobody_wants_to() {
        let little = Duration::from_millis(1);
        let (id, cancellation) = (Uuid::nil(), Cancellation::new());
        let (_server, sender) = late(2);
        delivered(&sender, id, &cancellation, little).unwrap();
        let (_server, sender) = late(usize::MAX);
        cancellation.request();
        let error = delivered(&sender, id, &cancellation, little).unwrap_err();
        assert!(error.is_timeout(), "{error}");
    }
}
