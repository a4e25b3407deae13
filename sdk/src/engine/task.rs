//! A task run, from its first state to its last. The server is told of it by events alone.

use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use diptych_macros::dual;
use prefect_client::models::{Event, StateCreate};
use serde::Serialize;
use serde_json::{Map, Value, json};

#[dual(engine)]
use super::AsyncWithin;
#[dual(engine)]
use super::arrivals::AsyncArrivals;
use super::order::{Order, Settled};
#[dual(engine)]
use super::pool::AsyncJob;
#[dual(engine)]
use super::results::{akept, akept_error, atask_store};
use super::retry::Retry;
#[dual(engine)]
use super::scope::asend;
use super::shown::StateShown;
#[dual(engine)]
use super::slots::{agive_back, atake_slots};
use super::submitted::{Promise, Submitted};
use super::task_record::{self, TaskRecord};
use super::{RunFailed, engine, last_state};
use crate::Error;
#[dual(engine)]
use crate::concurrency::AsyncSlots;
#[dual(engine)]
use crate::faces::asleep_for;
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::CreateRecordOptions;
use crate::states::{self, RunError};
use crate::tasks::{Argument, CallTaskOptions};
#[dual(engine)]
use crate::tasks::{AsyncTask, AsyncTaskFuture, AsyncTaskRun};

/// Runs a task within a run, after all that it depends on has ended.
#[dual(engine)]
pub(crate) async fn arun_task<P, T, E>(
    task: &AsyncTask<P, T, E>,
    within: &AsyncWithin,
    order: Order<P>,
) -> Result<T, RunFailed<E>>
where
    P: Serialize + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let dependencies = order.dependencies();
    if !dependencies.is_empty() {
        let arrivals = AsyncArrivals::new(dependencies);
        arrivals.wait_for_all(within.turn.as_ref()).await;
    }
    let (id, shown) = (order.id, order.shown.clone());
    let (settled, inputs) = order.settle(within.parent)?;
    let record = TaskRecord::new(task.facts(&within.scope.tags), id, &inputs, Utc::now());
    match settled {
        Settled::NotReady(upstream) => {
            let mut run = AsyncTaskConversation::abegin(within, record, Map::new(), shown).await?;
            run.finish(last_state::not_ready(upstream)).await?;
            Err(RunFailed::NotReady(upstream))
        }
        Settled::Ready(parameters, told) => {
            let options = task.options();
            let name = options.task_run_name.as_ref();
            let name = name.map(|name| name.of(&told)).transpose()?;
            let store = atask_store(within, &options.results).await?;
            let mut run = AsyncTaskConversation::abegin(within, record, told, shown).await?;
            let slots = run.wait_for_slots().await?;
            run.start(name).await?;
            let ended = atask_attempts(task, store.as_ref(), &mut run, parameters).await;
            agive_back(slots).await;
            ended
        }
    }
}

/// Submits a task within a run: it runs when it is its turn, and after all that it depends on has ended.
#[dual(engine)]
pub(crate) fn asubmit_task<P, T, E>(
    task: &AsyncTask<P, T, E>,
    mut within: AsyncWithin,
    argument: Argument<P>,
    options: &CallTaskOptions,
) -> AsyncTaskFuture<T, E>
where
    P: Serialize + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let submitted = Arc::new(Submitted::new());
    let order = Order::new(submitted.id, argument, options, submitted.shown.clone());
    let after = order.dependencies();
    let promise = Promise::new(Arc::clone(&submitted));
    let (task, turn_of_caller) = (task.clone(), within.turn.take());
    let pool = Arc::clone(&within.scope.pool);
    let job: AsyncJob = Box::new(move |turn| {
        Box::pin(async move {
            within.turn = Some(turn);
            // What has not begun when its flow run is cancelled never begins.
            let is_cancelled = within.scope.cancellation.is_requested();
            let ended = if is_cancelled {
                Err(RunFailed::Cancelled)
            } else {
                arun_task(&task, &within, order).await
            };
            promise.end(ended);
        })
    });
    if let Some(ticket) = pool.submit(&after, job) {
        submitted.waits_in(pool.line(), ticket);
    }
    AsyncTaskFuture::new(submitted, turn_of_caller)
}

/// Runs the function until it gives something, or there is no retry left.
#[dual(engine)]
async fn atask_attempts<P, T, E>(
    task: &AsyncTask<P, T, E>,
    store: Option<&AsyncResultStore>,
    run: &mut AsyncTaskConversation<'_>,
    parameters: P,
) -> Result<T, RunFailed<E>>
where
    P: Serialize + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let options = task.options();
    let mut retried = 0;
    let mut parameters = Some(parameters);
    loop {
        // Only an attempt that another may follow needs a copy.
        let given = match &parameters {
            Some(kept) if retried < options.retry.retries => kept.clone(),
            _ => match parameters.take() {
                Some(last) => last,
                None => return Err(Error::lost("the parameters of the run are gone").into()),
            },
        };
        let handle = AsyncTaskRun::new(run.within, &run.record, store.is_some(), options.timeout);
        let ended = task.body().run(handle, given, options.timeout).await;
        let failed = match run.keep(store, ended).await {
            Ok((value, state)) => {
                run.finish(state).await?;
                return Ok(value);
            }
            Err(failed) => failed,
        };
        let is_worth_it = task.is_worth_a_retry(&failed);
        let retry = options
            .retry
            .after_failure(retried, is_worth_it, Utc::now(), fastrand::f64);
        match retry {
            Retry::Now(state) => run.enter(state).await?,
            Retry::After(delay, state) => {
                run.enter(state).await?;
                asleep_for(&run.within.scope.client, delay).await;
                run.enter(states::retrying()).await?;
            }
            Retry::Never => {
                let late = match failed {
                    RunFailed::TimedOut(timeout) => Some(timeout),
                    _ => None,
                };
                let error = failed.run_error();
                run.fail(store, late, &error).await?;
                return Err(failed);
            }
        }
        retried += 1;
    }
}

/// What is told of one task run.
#[dual(engine)]
struct AsyncTaskConversation<'a> {
    within: &'a AsyncWithin,
    parameters: Map<String, Value>,
    record: TaskRecord,
    shown: StateShown,
    /// What is not given to the sender yet.
    unsent: Option<Event>,
    is_over: bool,
}

#[dual(engine)]
impl<'a> AsyncTaskConversation<'a> {
    /// Tells of a run that is pending.
    #[dual(name = begin)]
    async fn abegin(
        within: &'a AsyncWithin,
        record: TaskRecord,
        parameters: Map<String, Value>,
        shown: StateShown,
    ) -> Result<Self, Error> {
        let mut run = Self {
            within,
            parameters,
            record,
            shown,
            unsent: None,
            is_over: false,
        };
        run.enter(task_record::first_state()).await?;
        Ok(run)
    }

    async fn enter(&mut self, state: StateCreate) -> Result<(), Error> {
        let scope = &self.within.scope;
        // Whoever drops this while it waits for room sends it before the state that follows.
        self.unsent = Some(self.record.enter(state, &scope.related, Utc::now())?);
        let sent = match &self.unsent {
            Some(event) => asend(&scope.sender, event).await,
            None => Ok(()),
        };
        self.unsent = None;
        self.show();
        sent
    }

    fn show(&self) {
        if let Some(state) = self.record.state() {
            let (run, flow_run) = (self.record.id, self.within.scope.id);
            self.shown.set(state.clone(), run, flow_run);
        }
    }

    /// It enters its last state.
    async fn finish(&mut self, state: StateCreate) -> Result<(), Error> {
        self.enter(state).await?;
        self.is_over = true;
        Ok(())
    }

    /// It is pending until there are slots. Where none can be had, it ends.
    async fn wait_for_slots(&mut self) -> Result<Option<AsyncSlots>, Error> {
        match atake_slots(self.within, &self.record).await {
            Err(error) => {
                self.finish(last_state::crashed(&error)).await?;
                Err(error)
            }
            had => had,
        }
    }

    /// It runs, by its own name from here on, if it has one.
    async fn start(&mut self, name: Option<String>) -> Result<(), Error> {
        if let Some(name) = name {
            self.record.name = name;
        }
        self.record.begin(self.within.scope.run_count, Utc::now());
        self.enter(states::running()).await
    }

    /// Keeps what its function gave, if it is to be, and gives the state of that.
    async fn keep<T: Serialize + Send + Sync, E: Send>(
        &self,
        store: Option<&AsyncResultStore>,
        ended: Result<T, RunFailed<E>>,
    ) -> Result<(T, StateCreate), RunFailed<E>> {
        let value = ended?;
        let options = CreateRecordOptions::new().key_values(self.key_values());
        let data = akept(store, &value, &options).await?;
        Ok((value, last_state::completed(data)))
    }

    async fn fail(
        &mut self,
        store: Option<&AsyncResultStore>,
        late: Option<Duration>,
        error: &RunError,
    ) -> Result<(), Error> {
        let state = if let Some(timeout) = late {
            last_state::timed_out("Task", timeout)
        } else {
            let data = akept_error(store, error).await;
            last_state::failed(error.task_message(), data)
        };
        self.finish(state).await
    }

    /// What the format string of a task's keys is filled in with.
    fn key_values(&self) -> Value {
        let scope = &self.within.scope;
        json!({
            "flow_run": {"id": scope.id, "name": scope.name, "tags": scope.tags, "run_count": scope.run_count},
            "task_run": self.record.key_values(),
            "parameters": self.parameters,
        })
    }
}

/// Whatever ends the conversation before the run has ended, such as a future that is dropped, ends the run.
#[dual(engine)]
impl Drop for AsyncTaskConversation<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let scope = &self.within.scope;
        let last = self
            .record
            .enter(last_state::dropped(), &scope.related, Utc::now());
        self.show();
        let sent = last.and_then(|last| {
            let events = self.unsent.take().into_iter().chain([last]);
            events
                .into_iter()
                .try_for_each(|event| scope.sender.send_in_any_case(&event))
        });
        if let Err(error) = sent {
            tracing::error!(task_run = %self.record.id, "the task run has no last state: {error}");
        }
    }
}
