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
#[cfg(feature = "async")]
use crate::flow_runs::await_for_end;
#[cfg(feature = "blocking")]
use crate::flow_runs::wait_for_end;
use crate::flow_runs::{WaitForFlowRun, Waited};

/// A flow run that was started. Waiting is `.wait()` in the blocking face, and `.await` in the async one: both give the
/// run when it has ended, or as it is when time is up.
///
/// Dropping it leaves the run alone.
#[must_use = "the run is not waited for: `.wait()` or `.await` does, and `drop` says that it is meant"]
#[derive(Clone)]
pub struct FlowRunHandle<C> {
    client: C,
    run: FlowRunResponse,
    how: WaitForFlowRun,
}

impl<C> FlowRunHandle<C> {
    pub(crate) fn new(client: C, run: FlowRunResponse, how: WaitForFlowRun) -> Self {
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
    /// Waits until the run is in a final state, and gives it; or as it is when time is up.
    ///
    /// ```no_run
    /// # use prefect_sdk::client::PrefectClient;
    /// # use prefect_sdk::deployments::{self, RunDeployment};
    /// # fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = PrefectClient::from_env()?;
    /// let how = RunDeployment::new();
    /// let first = deployments::start_deployment(&client, "etl/north", &how)?;
    /// let second = deployments::start_deployment(&client, "etl/south", &how)?;
    /// let runs = [first.wait()?, second.wait()?];
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A call of the client failed.
    pub fn wait(self) -> Result<FlowRunResponse, Error> {
        wait_for_end(&self.client, self.run.id, &self.how).map(Waited::into_flow_run)
    }
}

/// Awaits until the run is in a final state, and gives it; or as it is when time is up.
///
/// ```no_run
/// # use prefect_sdk::client::AsyncPrefectClient;
/// # use prefect_sdk::deployments::{self, RunDeployment};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let handle = deployments::astart_deployment(&client, "etl/north", &RunDeployment::new()).await?;
/// let run = handle.await?;
/// # Ok(()) }
/// ```
#[cfg(feature = "async")]
impl IntoFuture for FlowRunHandle<AsyncPrefectClient> {
    type Output = Result<FlowRunResponse, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let waited = await_for_end(&self.client, self.run.id, &self.how).await;
            waited.map(Waited::into_flow_run)
        })
    }
}

impl<C> fmt::Debug for FlowRunHandle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowRunHandle")
            .field("id", &self.run.id)
            .finish_non_exhaustive()
    }
}
