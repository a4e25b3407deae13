//! A task that is called, within a run or outside of flows.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use serde::Serialize;

#[dual(engine)]
use super::apart::aapart;
use super::order::Order;
use super::pool::Left;
#[dual(engine)]
use super::run_logs::AsyncRunLogs;
use super::scope::DELIVERY;
#[dual(engine)]
use super::scope::{AsyncScope, asure_or_said};
#[dual(engine)]
use super::task::{arun_ordered, arun_task};
#[dual(engine)]
use super::{AsyncCalledBy, AsyncWithin};
use super::{RunFailed, engine};
use crate::Error;
use crate::cancellation::Cancellation;
#[dual(engine)]
use crate::events::AsyncEventSender;
use crate::events::SendEventsOptions;
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::{FlowResultOptions, ResultSettings};
#[dual(engine)]
use crate::tasks::AsyncTask;

/// Runs a task for whoever calls it: within the caller's run, or in one of its own, whose results are kept by these settings.
#[dual(engine)]
pub(crate) async fn acall_task<P, T, E>(
    task: &AsyncTask<P, T, E>,
    called_by: AsyncCalledBy,
    order: Order<P>,
    results: Option<&ResultSettings>,
) -> Result<T, RunFailed<E>>
where
    P: Serialize + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    match called_by {
        AsyncCalledBy::Run(within) => arun_task(task, &within, order).await,
        AsyncCalledBy::Client(client) => {
            aapart(|| arun_outside(task, client, order, results)).await
        }
    }
}

/// Runs a task in a task run that is part of no flow run, until the server has its last state.
#[dual(engine)]
async fn arun_outside<P, T, E>(
    task: &AsyncTask<P, T, E>,
    client: AsyncPrefectClient,
    order: Order<P>,
    results: Option<&ResultSettings>,
) -> Result<T, RunFailed<E>>
where
    P: Serialize + Clone + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    // Nothing else is asked before the function runs, and a server that is not there would be told nothing of it.
    client.health_check().await.map_err(Error::from)?;
    let (id, cancellation) = (order.id, Cancellation::new());
    let sender = AsyncEventSender::start(&client, &SendEventsOptions::of_runs())?;
    let logs = AsyncRunLogs::without_flow(&client, id, task.options().log_level)?;
    let mut scope = AsyncScope::without_flow(&client, &sender, id, &cancellation)?;
    if let Some(settings) = results {
        let store = AsyncResultStore::new(settings.clone());
        scope.persists = store.persists_flow(&FlowResultOptions::new(), None);
        scope.results = Some(store);
    }
    let within = AsyncWithin {
        persists: scope.persists,
        scope: Arc::new(scope),
        parent: None,
        turn: None,
        transaction: None,
    };
    let ended = aapart(|| arun_ordered(task, &within, order)).await;
    let work = &within.scope.work;
    work.finish(Left::after(&ended), &cancellation).await;
    sender.hurry();
    logs.delivered().await;
    asure_or_said(&sender, id, DELIVERY).await;
    ended
}
