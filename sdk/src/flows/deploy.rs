//! A flow that the workers of a work pool run.

use diptych_macros::dual;
#[dual(deployed)]
use prefect_client::AsyncPrefectClient;
use uuid::Uuid;

#[dual(deployed)]
use super::AsyncFlow;
use crate::Error;
#[dual(deployed)]
use crate::deployments::adeploy_with;
use crate::deployments::{DeployOptions, Deployed};

diptych_macros::faces! {
    /// The names that differ between the faces of flows that are deployed.
    deployed {
        ..crate::engine::engine,
        adeploy => deploy,
        adeploy_with => deploy_with,
    }
}

#[dual(deployed)]
impl<P, T, E> AsyncFlow<P, T, E> {
    /// Deploys the flow under that name: the workers of that work pool run it, each run as a process, or a container, of this
    /// program, which must call [`run`](crate::run) with the flow first in `main`. Gives the id of the deployment.
    ///
    /// # Errors
    ///
    /// As those of [`deployments::adeploy_with`](crate::deployments::adeploy_with), and of
    /// [`RunnerDeployment::aapply`](crate::deployments::RunnerDeployment::aapply).
    #[dual(name = deploy)]
    pub async fn deploy(
        &self,
        client: &AsyncPrefectClient,
        name: &str,
        work_pool: &str,
    ) -> Result<Uuid, Error> {
        self.deploy_with(client, name, work_pool, &DeployOptions::new())
            .await
    }

    /// As [`deploy`](Self::deploy), with what is optional about it.
    ///
    /// # Errors
    ///
    /// As those of [`deploy`](Self::deploy).
    #[dual(name = deploy_with)]
    pub async fn deploy_with(
        &self,
        client: &AsyncPrefectClient,
        name: &str,
        work_pool: &str,
        options: &DeployOptions,
    ) -> Result<Uuid, Error> {
        let deployments = [self.to_deployment(name)];
        only(adeploy_with(client, &deployments, work_pool, options).await?)
    }
}

/// What became of the only one.
pub(super) fn only(deployed: Vec<Deployed>) -> Result<Uuid, Error> {
    let mut deployed = deployed.into_iter();
    let only = deployed.next().map(|deployed| deployed.outcome);
    only.unwrap_or_else(|| Err(Error::invalid("there is nothing to deploy")))
}
