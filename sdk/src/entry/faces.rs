//! What the entry does in each face: a pair, or where it does not matter, one of the two.

use std::fmt::{Debug, Display};

use diptych_macros::dual;
use serde::Serialize;
use serde::de::DeserializeOwned;
#[cfg(feature = "cli")]
use serde_json::{Map, Value};
use uuid::Uuid;

use super::any_flow::Sealed;
use super::found::Found;
use super::{AnyFlow, Environment, Exit};
use crate::Error;
use crate::cancellation::{Cancellation, Why};
#[cfg(feature = "cli")]
use crate::deployments::RunnerDeployment;
#[cfg(feature = "cli")]
use crate::engine::read_parameters;
use crate::engine::{ExistingRun, engine};
#[cfg(feature = "cli")]
use crate::flows::FlowGraph;
use crate::watching::Watcher;

/// Asks with the client of the settings, in the face that is there: the blocking one, where both are.
macro_rules! ask {
    (|$client:ident| $blocking:expr, $asynchronous:expr) => {{
        #[cfg(feature = "blocking")]
        {
            let $client = prefect_client::PrefectClient::from_env()?;
            $blocking
        }
        #[cfg(all(feature = "async", not(feature = "blocking")))]
        {
            $crate::entry::runtime()?.block_on(async {
                let $client = prefect_client::AsyncPrefectClient::from_env()?;
                $asynchronous
            })
        }
    }};
}
#[cfg(feature = "cli")]
pub(crate) use ask;

pub(super) fn find<'a>(
    environment: &Environment,
    flows: &[&'a dyn AnyFlow],
) -> Result<Found<'a>, Error> {
    ask!(
        |client| super::found::find(&client, environment, flows),
        super::found::afind(&client, environment, flows).await
    )
}

/// Says how the run ends in the place of its function, which goes on.
pub(super) fn stop(flow_run_id: Uuid, why: Why) -> Result<(), Error> {
    let _forced = ask!(
        |client| crate::engine::stop(&client, flow_run_id, why),
        crate::engine::astop(&client, flow_run_id, why).await
    )?;
    Ok(())
}

/// Tells of cancellations, for as long as the process is there.
pub(super) fn watch(watcher: &dyn Watcher) -> Result<(), Error> {
    ask!(
        |client| {
            crate::watching::watch(&client, watcher);
            Ok(())
        },
        {
            crate::watching::awatch(&client, watcher).await;
            Ok(())
        }
    )
}

/// With as many threads as there are processors.
#[cfg(feature = "async")]
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build();
    runtime.map_err(|error| Error::invalid("no runtime can be started").because(error))
}

#[dual(engine)]
impl<P, T, E> AnyFlow for crate::flows::AsyncFlow<P, T, E>
where
    P: Serialize + DeserializeOwned + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    fn name(&self) -> &str {
        crate::flows::AsyncFlow::name(self)
    }
}

#[dual(engine)]
impl<P, T, E> Sealed for crate::flows::AsyncFlow<P, T, E>
where
    P: Serialize + DeserializeOwned + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    fn enter(&self, existing: ExistingRun, cancellation: &Cancellation) -> Exit {
        #[dual(async)]
        let ended = alone(super::enter::aenter(self, existing, cancellation));
        #[dual(blocking)]
        let ended = super::enter::enter(self, existing, cancellation);
        Exit::of(ended)
    }

    #[cfg(feature = "cli")]
    fn deployment(&self, name: &str) -> RunnerDeployment {
        self.to_deployment(name)
    }

    #[cfg(feature = "cli")]
    fn check(&self, parameters: &Map<String, Value>) -> Result<(), String> {
        read_parameters::<P>(parameters).map(drop)
    }

    #[cfg(feature = "cli")]
    fn drawn(&self, parameters: Map<String, Value>) -> Result<FlowGraph, Error> {
        #[dual(async)]
        let graph = alone(crate::engine::adraw(self, parameters))?;
        #[dual(blocking)]
        let graph = crate::engine::draw(self, parameters)?;
        Ok(graph)
    }
}

/// Does it on a runtime of its own. What it leaves behind there is not waited for: the process ends.
#[cfg(feature = "async")]
pub(crate) fn alone<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = runtime()?;
    let ended = runtime.block_on(work);
    runtime.shutdown_background();
    ended
}
