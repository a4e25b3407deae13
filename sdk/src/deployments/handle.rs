//! A run that was started, and that may be waited for.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;

#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::FlowRunResponse;
use uuid::Uuid;

#[cfg(any(feature = "async", feature = "blocking"))]
use crate::Error;
use crate::flow_runs::WaitForFlowRunOptions;
#[cfg(feature = "async")]
use crate::flow_runs::await_for_flow_run_with;
#[cfg(feature = "blocking")]
use crate::flow_runs::wait_for_flow_run_with;

/// A flow run that was started. Waiting is `.wait()` in the blocking face, and `.await` in the async one: both give the
/// run when it has ended.
///
/// Dropping it leaves the run alone.
#[must_use = "the run is not waited for: `.wait()` or `.await` does, and `drop` says that it is meant"]
#[derive(Clone)]
pub struct FlowRunHandle<C> {
    client: C,
    run: FlowRunResponse,
    how: WaitForFlowRunOptions,
}

impl<C> FlowRunHandle<C> {
    pub(crate) fn new(client: C, run: FlowRunResponse, how: WaitForFlowRunOptions) -> Self {
        Self { client, run, how }
    }

    /// The id of the run.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.run.id
    }

    /// The run as it was when it was started.
    #[must_use]
    pub fn flow_run(&self) -> &FlowRunResponse {
        &self.run
    }

    /// The run as it was when it was started, without the handle.
    #[must_use]
    pub fn into_flow_run(self) -> FlowRunResponse {
        self.run
    }
}

#[cfg(feature = "blocking")]
impl FlowRunHandle<PrefectClient> {
    /// Waits until the run is in a final state, and gives it.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::PrefectClient, deployments};
    /// # fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = PrefectClient::from_env()?;
    /// let first = deployments::start_deployment(&client, "etl/north")?;
    /// let second = deployments::start_deployment(&client, "etl/south")?;
    /// let runs = [first.wait()?, second.wait()?];
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The run did not end in time ([`Error::is_timeout`]); or a call of the client failed.
    #[track_caller]
    pub fn wait(self) -> Result<FlowRunResponse, Error> {
        wait_for_flow_run_with(&self.client, self.run.id, &self.how)
    }
}

/// Awaits until the run is in a final state, and gives it.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, deployments};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let handle = deployments::astart_deployment(&client, "etl/north").await?;
/// let run = handle.await?;
/// # Ok(()) }
/// ```
#[cfg(feature = "async")]
impl IntoFuture for FlowRunHandle<AsyncPrefectClient> {
    type Output = Result<FlowRunResponse, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { await_for_flow_run_with(&self.client, self.run.id, &self.how).await })
    }
}

impl<C> fmt::Debug for FlowRunHandle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowRunHandle")
            .field("id", &self.run.id)
            .finish_non_exhaustive()
    }
}
