//! A task run, from its first state to its last. The server is told of it by events alone.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use chrono::Utc;
use diptych_macros::dual;
use prefect_client::models::StateType;
use serde::Serialize;
use serde_json::{Map, Value};

#[dual(engine)]
use super::AsyncWithin;
#[dual(engine)]
use super::apart::aapart;
#[dual(engine)]
use super::arrivals::AsyncArrivals;
#[cfg(feature = "async")]
use super::body::apanic_caught;
#[cfg(feature = "blocking")]
use super::body::panic_caught;
#[dual(engine)]
use super::cache::acached;
use super::order::{Order, Settled};
#[dual(engine)]
use super::pool::AsyncJob;
#[dual(engine)]
use super::results::atask_store;
use super::shown::StateShown;
#[dual(engine)]
use super::slots::agive_back;
use super::submitted::{Promise, Submitted};
#[dual(engine)]
use super::task_conversation::AsyncTaskConversation;
use super::task_record::{self, TaskRecord};
use super::{RunFailed, aggregate, engine, last_state, remarks};
use crate::Error;
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::CacheInputs;
use crate::tasks::{Argument, CallTaskOptions};
#[dual(engine)]
use crate::tasks::{AsyncTask, AsyncTaskFuture, AsyncTaskRun};
use crate::transactions::Leaves;
#[dual(engine)]
use crate::transactions::{AsyncOpen, AsyncTransaction};

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
    if let Some(drawing) = &within.scope.drawing {
        return drawing.task(task.name(), &order, task.stand_in());
    }
    within.scope.suspension.check()?;
    aapart(|| arun_ordered(task, within, order)).await
}

#[dual(engine)]
pub(super) async fn arun_ordered<P, T, E>(
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
        within.scope.suspension.check()?;
    }
    let (id, shown) = (order.id, order.shown.clone());
    let (settled, inputs) = order.settle(within.parent);
    let facts = task.facts(&within.scope.tags);
    let record = match within.scope.flow_run() {
        Some(_) => TaskRecord::new(facts, id, &inputs, Utc::now()),
        None => TaskRecord::outside(facts, id, &inputs, Utc::now()),
    };
    // What can't be run is a run that says so.
    let first = (task_record::first_state(), shown);
    let told = (task.name(), task.hooks(), task.options().log_level);
    let begun = aapart(|| AsyncTaskConversation::abegin(within, record, first, told)).await;
    let mut run = begun?;
    match settled {
        Settled::NotReady(upstream) => {
            aapart(|| run.finish(last_state::not_ready(upstream))).await?;
            Err(RunFailed::NotReady(upstream))
        }
        Settled::Unfit(error) => Err(aapart(|| run.crash(error)).await.into()),
        Settled::Ready(parameters, told) => {
            let given = Given { parameters, told };
            aapart(|| arun_ready(task, &mut run, given, None)).await
        }
    }
}

/// What the function of a task is given, and what is told of that.
pub(super) struct Given<P> {
    pub(super) parameters: P,
    pub(super) told: Map<String, Value>,
}

/// Runs a task whose run is there already, which was given that, or what does not fit; its result is kept in any case.
#[dual(engine)]
pub(super) async fn arun_deferred<P, T, E>(
    task: &AsyncTask<P, T, E>,
    within: &AsyncWithin,
    record: TaskRecord,
    shown: StateShown,
    store: AsyncResultStore,
    given: Result<Given<P>, RunFailed<E>>,
) -> Result<T, RunFailed<E>>
where
    P: Serialize + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let first = (task_record::deferred_state(), shown);
    let told = (task.name(), task.hooks(), task.options().log_level);
    let mut run = AsyncTaskConversation::abegin(within, record, first, told).await?;
    match given {
        Ok(given) => aapart(|| arun_ready(task, &mut run, given, Some(store))).await,
        Err(failed) => {
            let error = failed.run_error();
            run.fail(Some(&store), None, &error).await?;
            Err(failed)
        }
    }
}

/// Runs a task that depends on nothing any more; where it says nothing of results, that store has them.
#[dual(engine)]
async fn arun_ready<P, T, E>(
    task: &AsyncTask<P, T, E>,
    run: &mut AsyncTaskConversation<'_>,
    given: Given<P>,
    otherwise: Option<AsyncResultStore>,
) -> Result<T, RunFailed<E>>
where
    P: Serialize + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    run.parameters = given.told;
    let (name, store) = match aapart(|| aprepared(task, run)).await {
        Ok(prepared) => prepared,
        Err(error) => return Err(aapart(|| run.crash(error)).await.into()),
    };
    let store = store.or(otherwise);
    // What it locks for its transaction is locked for nobody else.
    let store = store.map(|store| store.for_one_holder());
    let enclosing = run.within.transaction.as_ref();
    let store = match enclosing.and_then(AsyncTransaction::store) {
        Some(outer) => store.map(|store| store.or_locks_of(outer)),
        None => store,
    };
    let slots = aapart(|| run.wait_for_slots()).await?;
    aapart(|| run.start(name)).await?;
    if let Err(error) = afind_key(task, store.as_ref(), run) {
        let failed = RunFailed::from(error);
        let why = failed.run_error();
        aapart(|| run.fail(store.as_ref(), None, &why)).await?;
        return Err(failed);
    }
    let mut open = match aapart(|| aopened(task, store.as_ref(), run)).await {
        Ok(open) => open,
        Err(error) => return Err(aapart(|| run.crash(error)).await.into()),
    };
    let found = aapart(|| afound(task, store.as_ref(), run)).await?;
    let ended = if let Some(value) = found {
        open.transaction().had();
        Ok(value)
    } else {
        let parameters = given.parameters;
        aapart(|| atask_attempts(task, store.as_ref(), run, parameters, &mut open)).await
    };
    aapart(|| open.aleave(Leaves::after(&ended))).await;
    if ended.is_ok() {
        // As Python's, they find what was committed.
        aapart(|| run.finished()).await;
    }
    aapart(|| agive_back(slots)).await;
    ended
}

/// What must be known of a run before it begins: its name, if it has one of its own, and where its result is kept.
#[dual(engine)]
async fn aprepared<P, T, E>(
    task: &AsyncTask<P, T, E>,
    run: &AsyncTaskConversation<'_>,
) -> Result<(Option<String>, Option<AsyncResultStore>), Error> {
    let options = task.options();
    let name = options.task_run_name.as_ref();
    let name = name.map(|name| name.of(&run.parameters)).transpose()?;
    let store = atask_store(run.within, &task.results()).await?;
    Ok((name, store))
}

/// Gives the run the key of its result, if others find it by one.
#[dual(engine)]
fn afind_key<P, T, E>(
    task: &AsyncTask<P, T, E>,
    store: Option<&AsyncResultStore>,
    run: &mut AsyncTaskConversation<'_>,
) -> Result<(), Error> {
    let (Some(caching), Some(_)) = (task.caching(), store) else {
        return Ok(());
    };
    let scope = &run.within.scope;
    let inputs = CacheInputs::new(&run.parameters)
        .flow_parameters(&scope.parameters)
        .run_id(scope.flow_run().unwrap_or(run.record.id));
    run.key = caching.key(&inputs, || run.key_values())?;
    Ok(())
}

/// The transaction of a run, with the key of its result. Where nobody else may have that meanwhile, it waits for it.
#[dual(engine)]
async fn aopened<P, T, E>(
    task: &AsyncTask<P, T, E>,
    store: Option<&AsyncResultStore>,
    run: &AsyncTaskConversation<'_>,
) -> Result<AsyncOpen, Error> {
    let level = task.options().isolation_level;
    let transaction =
        AsyncTransaction::of_task(run.within, store, run.key.as_deref(), level, run.record.id);
    let open = AsyncOpen::here(transaction.clone())?;
    transaction.alock().await?;
    Ok(open)
}

/// What the run gives without calling its function, if that is kept.
#[dual(engine)]
async fn afound<P, T, E>(
    task: &AsyncTask<P, T, E>,
    store: Option<&AsyncResultStore>,
    run: &mut AsyncTaskConversation<'_>,
) -> Result<Option<T>, Error> {
    let options = task.options();
    run.expires_after = options.cache_expiration;
    let (Some(caching), Some(store)) = (task.caching(), store) else {
        return Ok(None);
    };
    let Some(key) = run.key.as_deref().filter(|_| !options.refresh_cache) else {
        return Ok(None);
    };
    match acached(caching, store, key).await {
        Some((value, state)) => {
            run.tell_last(state).await?;
            Ok(Some(value))
        }
        None => Ok(None),
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
    if let Some(drawing) = &within.scope.drawing {
        promise.end(drawing.task(task.name(), &order, task.stand_in()));
        return AsyncTaskFuture::new(submitted, None);
    }
    let (task, turn_of_caller) = (task.clone(), within.turn.take());
    let pool = Arc::clone(&within.scope.work.pool);
    let job: AsyncJob = Box::new(move |turn| {
        #[dual(blocking)]
        let turn = match turn {
            Ok(turn) => turn,
            Err(error) => return promise.end(Err(error.into())),
        };
        Box::pin(async move {
            within.turn = Some(turn);
            // What has not begun when its flow run is cancelled, or its time is up, never begins.
            if within.scope.of_attempt().is_requested() {
                promise.end(Err(RunFailed::Cancelled));
                return;
            }
            #[dual(async)]
            let ended = apanic_caught(arun_task(&task, &within, order)).await;
            #[dual(blocking)]
            let ended = panic_caught(|| run_task(&task, &within, order));
            promise.end(ended);
        })
    });
    if let Some(ticket) = pool.submit(after, job) {
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
    open: &mut AsyncOpen,
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
        let handle = AsyncTaskRun::new(
            run.within,
            open.transaction(),
            &run.record,
            store.is_some(),
            options,
        );
        let ended = task.body().run(handle, given, options.timeout).await;
        let is_worth_it = aworth_a_retry(task, &ended);
        let fault = remarks::fault(&ended);
        let again = run.tries_once_more(&options.retry, retried, is_worth_it, fault.as_deref());
        let again = aapart(|| again).await?;
        if !again {
            let hooks = task.transaction_hooks();
            return aapart(|| run.ended(store, open, ended, hooks)).await;
        }
        aapart(|| open.transaction().aundo_attempt()).await;
        retried += 1;
    }
}

/// Whether a run that ended so is worth a retry: it failed, or gave a state that says so.
#[dual(engine)]
fn aworth_a_retry<P, T: 'static, E>(
    task: &AsyncTask<P, T, E>,
    ended: &Result<T, RunFailed<E>>,
) -> bool {
    match ended {
        Ok(value) => aggregate::gone_wrong(value).is_some_and(|state| {
            state.type_ == StateType::Failed
                && task.is_worth_a_retry(&RunFailed::Ended(Box::new(state.clone())))
        }),
        Err(failed) => task.is_worth_a_retry(failed),
    }
}
