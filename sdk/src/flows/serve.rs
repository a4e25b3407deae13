//! A flow that is served: its deployments, and the runner that runs what is due of them.

use diptych_macros::dual;
#[dual(served)]
use prefect_client::AsyncPrefectClient;

#[dual(served)]
use super::AsyncFlow;
use crate::Error;
use crate::deployments::RunnerDeployment;
#[dual(served)]
use crate::runner::{AsyncOfFlow, AsyncRunner};
use crate::runner::{FlowHooks, RunnerOptions};

diptych_macros::faces! {
    /// The names that differ between the faces of what serves flows.
    served {
        ..crate::engine::engine,
        AsyncOfFlow => OfFlow,
        AsyncRunner => Runner,
        add_deployment => add_deployment,
        aserve => serve,
        aserve_telling => serve_telling,
        aserve_with => serve_with,
    }
}

#[dual(served)]
impl<P, T, E> AsyncFlow<P, T, E> {
    /// A deployment of this flow, of that name. Its version and description are the flow's, and so is the schema of its
    /// parameters, where those are [described](Self::describe_parameters).
    #[must_use]
    pub fn to_deployment(&self, name: impl Into<String>) -> RunnerDeployment {
        let mut deployment = RunnerDeployment::new(self.name(), name);
        deployment.version.clone_from(&self.options().version);
        let description = &self.options().description;
        deployment.description.clone_from(description);
        deployment.parameter_openapi_schema =
            self.described().map(|schema| schema.into_iter().collect());
        deployment.entrypoint = Some(entrypoint(self.name()));
        deployment.hooks = FlowHooks::of(AsyncOfFlow::new(&self.facts()));
        deployment
    }

    /// Serves the flow under that name: applies a deployment, and runs what is due of it on this machine, until the process is
    /// told to stop. The program must call [`run`](crate::run) with the flow before.
    ///
    /// # Errors
    ///
    /// As those of [`aserve_with`].
    #[dual(name = serve)]
    pub async fn serve(&self, client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
        aserve(client, &[self.to_deployment(name)]).await
    }
}

/// Serves deployments of this program's flows: applies them, and runs what is due of them on this machine, until the process is
/// told to stop (`SIGTERM`, Ctrl-C). The program must call [`run`](crate::run) with the flows before.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, flows::{AsyncFlow, aserve}};
/// # async fn run(load: AsyncFlow<(), (), String>, report: AsyncFlow<(), (), String>) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// aserve(&client, &[load.to_deployment("north"), report.to_deployment("north")]).await
/// # }
/// ```
///
/// # Errors
///
/// As those of [`aserve_with`].
#[dual(served)]
pub async fn aserve(
    client: &AsyncPrefectClient,
    deployments: &[RunnerDeployment],
) -> Result<(), Error> {
    aserve_with(client, deployments, &RunnerOptions::new()).await
}

/// As [`aserve`], with what is optional about the runner.
///
/// # Errors
///
/// A deployment can't be applied ([`RunnerDeployment::aapply`]), or nothing can be started in the background.
#[dual(served)]
pub async fn aserve_with(
    client: &AsyncPrefectClient,
    deployments: &[RunnerDeployment],
    options: &RunnerOptions,
) -> Result<(), Error> {
    aserve_telling(client, deployments, options, &|| {}).await
}

/// As [`aserve_with`]; `once_made` is called when all deployments are there.
#[dual(served)]
pub(crate) async fn aserve_telling(
    client: &AsyncPrefectClient,
    deployments: &[RunnerDeployment],
    options: &RunnerOptions,
    once_made: &(dyn Fn() + Sync),
) -> Result<(), Error> {
    let runner = AsyncRunner::new(client, options);
    for deployment in deployments {
        runner.add_deployment(deployment).await?;
    }
    once_made();
    runner.start().await
}

/// The entrypoint of a flow in this program: the name of its executable, and that of the flow.
fn entrypoint(flow: &str) -> String {
    let executable = std::env::current_exe().ok();
    let name = executable.as_deref().and_then(|path| path.file_name());
    let name = name.map_or_else(|| "program".into(), |name| name.to_string_lossy());
    format!("{name}:{flow}")
}
