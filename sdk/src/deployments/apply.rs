//! Makes the server have a deployment as it is described.

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::FlowCreate;
use uuid::Uuid;

use super::{DeploymentRef, RunnerDeployment};
use crate::Error;
use crate::faces::sdk;

#[dual(sdk)]
impl RunnerDeployment {
    /// Makes the server have this deployment, as it is described here: it makes it, or changes the one of that name. Gives its
    /// id.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, deployments::RunnerDeployment};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let id = RunnerDeployment::new("load", "nightly").aapply(&client).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A name is empty or has a slash ([`Error::is_invalid`]), or a call of the client failed.
    pub async fn aapply(&self, client: &AsyncPrefectClient) -> Result<Uuid, Error> {
        DeploymentRef::split(&self.full_name())?;
        let known = client
            .read_deployment_by_name(&self.flow_name, &self.name)
            .await;
        match known {
            Ok(known) => {
                let body = self.to_update();
                client.update_deployment(known.id, &body).await?;
                Ok(known.id)
            }
            Err(error) if error.is_not_found() => {
                let flow = client
                    .create_flow(&FlowCreate::new(&self.flow_name))
                    .await?;
                let made = client.create_deployment(&self.to_create(flow.id)).await?;
                Ok(made.id)
            }
            Err(error) => Err(error.into()),
        }
    }
}
