//! What a run in the background is given, on its way to who executes it.

use diptych_macros::dual;
#[dual(task_workers)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::TaskRun;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::task_workers;
use crate::Error;
use crate::engine::Unable;
#[dual(task_workers)]
use crate::results::AsyncResultStore;
#[dual(task_workers)]
use crate::results::storages::aopen_storage;
use crate::results::{ResultSettings, StorageReference, TaskResultOptions};

/// What is kept. Python keeps more, which is of its own.
#[derive(Serialize)]
pub(super) struct Kept<'a> {
    pub(super) parameters: &'a Map<String, Value>,
}

#[derive(Deserialize)]
struct Read {
    #[serde(default)]
    parameters: Option<Map<String, Value>>,
}

/// Where parameters are kept: what the task says, or else the settings of scheduling.
#[dual(task_workers)]
pub(super) async fn aparameter_store(
    client: &AsyncPrefectClient,
    settings: &ResultSettings,
    task: &TaskResultOptions,
) -> Result<AsyncResultStore, Error> {
    let reference = match &settings.scheduling_storage_block {
        Some(block) => StorageReference::Block(block.clone()),
        None => StorageReference::Path(settings.local_storage_path.clone()),
    };
    let storage = aopen_storage(client, &reference).await?;
    let store = AsyncResultStore::new(settings.clone()).storage(storage);
    store.update_for_task(client, task).await
}

/// That what a run was given can't be read.
pub(super) fn unread(error: &Error) -> Unable {
    Unable::Parameters(format!("the parameters of the run can't be read: {error}"))
}

/// What a run was given; or why it can't be known, which another attempt would not change.
#[dual(task_workers)]
pub(super) async fn aread_given(
    store: &AsyncResultStore,
    run: &TaskRun,
) -> Result<Result<Map<String, Value>, Unable>, Error> {
    let Some(id) = id(run) else {
        return Ok(Ok(Map::new()));
    };
    match store.read_parameters::<Read>(id).await {
        Ok(read) => Ok(Ok(read.parameters.unwrap_or_default())),
        Err(error) if error.is_not_found() || error.is_unfit() => Ok(Err(unread(&error))),
        Err(error) => Err(error),
    }
}

fn id(run: &TaskRun) -> Option<Uuid> {
    let details = run.state.as_ref()?.state_details.as_ref()?;
    details.task_parameters_id
}
