//! Tasks that are served by a worker of their own.

use std::fmt::{Debug, Display};

use diptych_macros::dual;
#[dual(task_workers)]
use prefect_client::AsyncPrefectClient;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[dual(task_workers)]
use super::{AsyncAnyTask, AsyncTaskWorker};
use super::{TaskWorkerOptions, task_workers};
use crate::Error;
#[dual(task_workers)]
use crate::tasks::AsyncTask;

#[dual(task_workers)]
impl<P, T, E> AsyncTask<P, T, E>
where
    P: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    /// Executes the runs of this task that are submitted [to the background](crate::task_worker), until the process is told to
    /// stop.
    ///
    /// # Errors
    ///
    /// As those of [`aserve_with`].
    #[dual(name = serve)]
    pub async fn serve(&self, client: &AsyncPrefectClient) -> Result<(), Error> {
        aserve(client, &[self]).await
    }
}

/// Executes the runs of these tasks that are submitted to the background, until the process is told to stop (`SIGTERM`, Ctrl-C).
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, tasks::AsyncTask, task_worker::aserve};
/// # async fn run(mail: AsyncTask<String, (), String>, resize: AsyncTask<u32, u32, String>) -> Result<(), prefect_sdk::Error> {
/// aserve(&AsyncPrefectClient::from_env()?, &[&mail, &resize]).await
/// # }
/// ```
///
/// # Errors
///
/// As those of [`aserve_with`].
#[dual(task_workers)]
pub async fn aserve(client: &AsyncPrefectClient, tasks: &[&dyn AsyncAnyTask]) -> Result<(), Error> {
    aserve_with(client, tasks, &TaskWorkerOptions::new()).await
}

/// As [`aserve`], with what is optional about the worker.
///
/// # Errors
///
/// There is no task, or two have one key ([`Error::is_invalid`]); the server does not accept the client
/// ([`Error::is_refused`]); or nothing can be started in the background.
#[dual(task_workers)]
pub async fn aserve_with(
    client: &AsyncPrefectClient,
    tasks: &[&dyn AsyncAnyTask],
    options: &TaskWorkerOptions,
) -> Result<(), Error> {
    AsyncTaskWorker::new(client, tasks, options)?.start().await
}
