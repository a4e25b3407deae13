//! A flow whose code is elsewhere.

use std::convert::Infallible;

use diptych_macros::dual;
#[dual(sourced)]
use prefect_client::AsyncPrefectClient;
use uuid::Uuid;

#[dual(sourced)]
use super::AsyncFlow;
use super::deploy::only;
#[dual(sourced)]
use super::serve::aserve;
use crate::Error;
#[dual(sourced)]
use crate::deployments::adeploy;
use crate::deployments::{RunnerDeployment, Source, flow_name};

diptych_macros::faces! {
    /// The names that differ between the faces of flows whose code is elsewhere.
    sourced {
        ..super::deploy::deployed,
        AsyncSourcedFlow => SourcedFlow,
        aserve => serve,
    }
}

/// A flow whose code is elsewhere, which is fetched by whoever runs it: [`AsyncFlow::from_source`] makes one. It is deployed and
/// served as others are, and can't be called, as it is not here.
///
/// ```no_run
/// # use prefect_sdk::{client::AsyncPrefectClient, flows::AsyncFlow};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// // A flow of Python's, which this program serves.
/// let load = AsyncFlow::from_source("https://github.com/me/flows.git", "flows.py:load");
/// load.serve(&client, "nightly").await?;
/// // One of Rust's.
/// let report = AsyncFlow::from_source("https://github.com/me/shop.git", "shop:report");
/// report.command(["cargo", "run", "--release"]).deploy(&client, "nightly", "machines").await?;
/// # Ok(()) }
/// ```
#[dual(sourced)]
#[derive(Clone, Debug)]
pub struct AsyncSourcedFlow {
    source: Source,
    entrypoint: String,
    name: String,
    command: Vec<String>,
}

#[dual(sourced)]
impl AsyncFlow<(), (), Infallible> {
    /// A flow whose code is there, at that entrypoint: one of Python's (`flows.py:load`, `shop.flows.load`), or one of a program
    /// that a [command](AsyncSourcedFlow::command) runs (`shop:load`). Nothing is fetched by this.
    #[must_use]
    pub fn from_source(
        source: impl Into<Source>,
        entrypoint: impl Into<String>,
    ) -> AsyncSourcedFlow {
        let entrypoint = entrypoint.into();
        AsyncSourcedFlow {
            source: source.into(),
            name: flow_name(&entrypoint),
            entrypoint,
            command: Vec::new(),
        }
    }
}

#[dual(sourced)]
impl AsyncSourcedFlow {
    /// Sets the name of the flow; that of its function unless set, as Python makes it (`load_all` is `load-all`).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets what runs it, in the directory of its code: a program and its arguments. What has an entrypoint of Python's needs none.
    #[must_use]
    pub fn command(mut self, command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.command = command.into_iter().map(Into::into).collect();
        self
    }

    /// A deployment of the flow, of that name. Nothing is known of its parameters.
    #[must_use]
    pub fn to_deployment(&self, name: impl Into<String>) -> RunnerDeployment {
        let deployment =
            RunnerDeployment::from_storage(self.source.clone(), &*self.entrypoint, name);
        let mut deployment = deployment.command(self.command.clone());
        deployment.flow_name.clone_from(&self.name);
        deployment
    }

    /// Serves the flow under that name: fetches its code, and runs what is due on this machine, until the process is told to stop.
    ///
    /// # Errors
    ///
    /// As those of [`flows::aserve_with`](super::aserve_with).
    #[dual(name = serve)]
    pub async fn serve(&self, client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
        aserve(client, &[self.to_deployment(name)]).await
    }

    /// Deploys the flow under that name: the workers of that work pool fetch its code, and run it. Gives the id of the deployment.
    ///
    /// # Errors
    ///
    /// As those of [`AsyncFlow::deploy`].
    #[dual(name = deploy)]
    pub async fn deploy(
        &self,
        client: &AsyncPrefectClient,
        name: &str,
        work_pool: &str,
    ) -> Result<Uuid, Error> {
        only(adeploy(client, &[self.to_deployment(name)], work_pool).await?)
    }
}
