//! A task, whatever its parameters and what it gives.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use diptych_macros::dual;
use prefect_client::models::TaskRun;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[dual(task_workers)]
use super::parameters::{aparameter_store, aread_given};
use super::task_workers;
use crate::Error;
#[dual(task_workers)]
use crate::engine::{AsyncGround, aexecute_task};
#[dual(task_workers)]
use crate::tasks::AsyncTask;

/// A task with any parameters, values and errors: what a worker serves. Nothing else is one.
#[dual(task_workers)]
pub trait AsyncAnyTask: AsyncSealed {
    /// The name of the task.
    fn name(&self) -> &str;

    /// What the server tells it from others by.
    fn key(&self) -> &str;
}

/// What only this crate can do with a task.
#[dual(task_workers)]
pub trait AsyncSealed: Send + Sync {
    /// The same task, for as long as somebody needs it.
    fn shared(&self) -> Arc<dyn AsyncAnyTask>;

    /// Executes a run that is there already, which was given what is kept below that state's id.
    #[dual(async)]
    fn execute<'a>(
        &'a self,
        ground: &'a AsyncGround,
        run: &'a TaskRun,
        scheduled: &'a TaskRun,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// Executes a run that is there already, which was given what is kept below that state's id.
    #[dual(blocking)]
    fn execute(&self, ground: &Ground, run: &TaskRun, scheduled: &TaskRun) -> Result<(), Error>;
}

#[dual(task_workers)]
impl<P, T, E> AsyncAnyTask for AsyncTask<P, T, E>
where
    P: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    fn name(&self) -> &str {
        AsyncTask::name(self)
    }

    fn key(&self) -> &str {
        AsyncTask::key(self)
    }
}

#[dual(task_workers)]
impl<P, T, E> AsyncSealed for AsyncTask<P, T, E>
where
    P: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    fn shared(&self) -> Arc<dyn AsyncAnyTask> {
        Arc::new(self.clone())
    }

    #[dual(async)]
    fn execute<'a>(
        &'a self,
        ground: &'a AsyncGround,
        run: &'a TaskRun,
        scheduled: &'a TaskRun,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(aexecute(self, ground, run, scheduled))
    }

    #[dual(blocking)]
    fn execute(&self, ground: &Ground, run: &TaskRun, scheduled: &TaskRun) -> Result<(), Error> {
        execute(self, ground, run, scheduled)
    }
}

#[dual(task_workers)]
async fn aexecute<P, T, E>(
    task: &AsyncTask<P, T, E>,
    ground: &AsyncGround,
    run: &TaskRun,
    scheduled: &TaskRun,
) -> Result<(), Error>
where
    P: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let options = &task.options().results;
    let store = aparameter_store(&ground.client, &ground.settings, options).await?;
    let given = aread_given(&store, scheduled).await?;
    aexecute_task(task, ground, run, given).await
}
