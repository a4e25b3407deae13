//! A task, whatever its parameters and what it gives.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use diptych_macros::dual;
use prefect_client::models::TaskRun;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

#[dual(task_workers)]
use super::parameters::{aparameter_store, aread_given};
use super::{parameters, task_workers};
use crate::Error;
use crate::engine::Unable;
#[dual(task_workers)]
use crate::engine::{AsyncGround, aexecute_task};
use crate::polling::is_passing;
#[dual(task_workers)]
use crate::tasks::AsyncTask;

/// How a run is executed.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// Where what it was given can't be read, another attempt may follow.
    One,
    /// None follows.
    Last,
    /// It is known that it can't run, and it ends by that.
    Refused(Unable),
}

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
        attempt: Attempt,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// Executes a run that is there already, which was given what is kept below that state's id.
    #[dual(blocking)]
    fn execute(
        &self,
        ground: &Ground,
        run: &TaskRun,
        scheduled: &TaskRun,
        attempt: Attempt,
    ) -> Result<(), Error>;
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
        attempt: Attempt,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(aexecute(self, ground, run, scheduled, attempt))
    }

    #[dual(blocking)]
    fn execute(
        &self,
        ground: &Ground,
        run: &TaskRun,
        scheduled: &TaskRun,
        attempt: Attempt,
    ) -> Result<(), Error> {
        execute(self, ground, run, scheduled, attempt)
    }
}

#[dual(task_workers)]
async fn aexecute<P, T, E>(
    task: &AsyncTask<P, T, E>,
    ground: &AsyncGround,
    run: &TaskRun,
    scheduled: &TaskRun,
    attempt: Attempt,
) -> Result<(), Error>
where
    P: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let given = match attempt {
        Attempt::Refused(why) => Err(why),
        Attempt::One => agiven(task, ground, scheduled).await?,
        Attempt::Last => match agiven(task, ground, scheduled).await {
            Ok(given) => given,
            Err(error) if is_away(&error) => return Err(error),
            Err(error) => Err(parameters::unread(&error)),
        },
    };
    aexecute_task(task, ground, run, given).await
}

/// What the run was given; or why it can't be known.
#[dual(task_workers)]
async fn agiven<P: Sync, T: Sync, E>(
    task: &AsyncTask<P, T, E>,
    ground: &AsyncGround,
    scheduled: &TaskRun,
) -> Result<Result<Map<String, Value>, Unable>, Error> {
    let options = &task.options().results;
    let store = aparameter_store(&ground.client, &ground.settings, options).await?;
    aread_given(&store, scheduled).await
}

/// Whether somebody is away, who may be back soon.
pub(super) fn is_away(error: &Error) -> bool {
    error.is_timeout() || error.api().is_some_and(is_passing)
}
