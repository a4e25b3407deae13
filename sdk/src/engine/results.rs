//! Results of runs: what is kept, and where.

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use serde::Serialize;
use serde_json::Value;

#[dual(engine)]
use super::AsyncWithin;
use super::engine;
use crate::Error;
#[dual(engine)]
use crate::results::AsyncResultStore;
use crate::results::{CreateRecordOptions, FlowResultOptions, ResultSettings, TaskResultOptions};
use crate::states::RunError;

/// A run that says that its results are kept must know where.
pub(super) fn check(own_decision: Option<bool>, has_settings: bool) -> Result<(), Error> {
    if own_decision != Some(true) || has_settings {
        return Ok(());
    }
    let text = "results are to be kept, and nothing says where: see `RunFlowOptions::results`";
    Err(Error::invalid(text))
}

/// What a run has for results that encloses another one.
#[dual(engine)]
pub(super) struct AsyncEnclosing {
    store: AsyncResultStore,
    persists: bool,
}

#[dual(engine)]
impl AsyncEnclosing {
    pub(super) fn of(within: &AsyncWithin) -> Option<Self> {
        let store = within.scope.results.clone()?;
        let persists = within.persists;
        Some(Self { store, persists })
    }
}

/// The store of a flow's run, if there is one, and whether its results are kept. A subflow has that of its enclosing run, unless
/// it has settings of its own.
#[dual(engine)]
pub(super) async fn aresult_store(
    client: &AsyncPrefectClient,
    settings: Option<&ResultSettings>,
    enclosing: Option<&AsyncEnclosing>,
    flow: &FlowResultOptions,
) -> Result<(Option<AsyncResultStore>, bool), Error> {
    let (store, persists) = match (settings, enclosing) {
        (Some(settings), _) => (AsyncResultStore::new(settings.clone()), None),
        (None, Some(enclosing)) => (enclosing.store.clone(), Some(enclosing.persists)),
        (None, None) => return Ok((None, false)),
    };
    let store = store.update_for_flow(client, flow).await?;
    let persists = store.persists_flow(flow, persists);
    Ok((Some(store), persists))
}

/// The store of a task's run, if its results are kept.
#[dual(engine)]
pub(super) async fn atask_store(
    within: &AsyncWithin,
    task: &TaskResultOptions,
) -> Result<Option<AsyncResultStore>, Error> {
    let scope = &within.scope;
    check(task.own_decision(), scope.results.is_some())?;
    match &scope.results {
        Some(store) if store.persists_task(task, Some(within.persists)) => {
            let store = store.update_for_task(&scope.client, task).await?;
            Ok(Some(store))
        }
        _ => Ok(None),
    }
}

/// Keeps a result, and gives what the state says of it. What can't be written is a warning, and nothing is kept then: it says
/// nothing against the run.
#[dual(engine)]
pub(super) async fn akept<T: Serialize + Sync + ?Sized>(
    store: Option<&AsyncResultStore>,
    value: &T,
    options: &CreateRecordOptions,
) -> Result<Option<Value>, Error> {
    let Some(store) = store else {
        return Ok(None);
    };
    let record = store.create_record_with(value, options).await?;
    match store.persist(&record).await {
        Ok(()) => Ok(Some(record.metadata().to_state_data())),
        Err(error) => {
            tracing::warn!("the result of a run could not be kept: {error}");
            Ok(None)
        }
    }
}

/// Keeps an error, as [`akept`] does, always below a key of its own: it is nobody's cached result.
#[dual(engine)]
pub(super) async fn akept_error(
    store: Option<&AsyncResultStore>,
    error: &RunError,
) -> Option<Value> {
    let options = CreateRecordOptions::new().key(uuid::Uuid::new_v4().simple().to_string());
    match akept(store, error, &options).await {
        Ok(data) => data,
        Err(unkept) => {
            tracing::warn!("the error of a run could not be kept: {unkept}");
            None
        }
    }
}
