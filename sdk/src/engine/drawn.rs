//! What runs a flow's function to draw it.

use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::time::Instant;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::transport::Transport;
use prefect_client::transport::http::Request;
#[cfg(feature = "async")]
use prefect_client::transport::{AsyncTransport, BoxFuture};
use prefect_client::transport::{Bytes, TransportError, TransportErrorKind};
use prefect_client::{Answer, Config};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::drawing::{Drawing, only_value};
use super::parameters::read_parameters;
#[dual(engine)]
use super::scope::{AsyncScope, AsyncWork};
use super::{RunFailed, Subflows, Suspension, Unlimited, engine};
use crate::cancellation::Cancellation;
#[dual(engine)]
use crate::events::AsyncEventSender;
use crate::events::SendEventsOptions;
use crate::flows::FlowGraph;
#[dual(engine)]
use crate::flows::{AsyncFlow, AsyncFlowRun};
use crate::{Error, RunContext};

/// Where nothing is sent to.
const NOWHERE: &str = "http://drawn.invalid/api";

/// Calls the function of a flow, whose tasks and subflows are not run, and gives what it called.
#[dual(engine)]
pub(crate) async fn adraw<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    parameters: Map<String, Value>,
) -> Result<FlowGraph, Error>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let (graph, _) = acalled(flow, parameters).await?;
    Ok(graph)
}

/// What stands in for the value of a flow that is called in one that is drawn: what it gives where its tasks do not run either.
#[dual(engine)]
pub(super) async fn astand_in<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    drawing: &Drawing,
    parameters: Map<String, Value>,
) -> Result<T, RunFailed<E>>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    drawing.subflow(flow.name());
    match only_value() {
        Some(value) => Ok(value),
        None => Ok(acalled(flow, parameters).await?.1),
    }
}

#[dual(engine)]
async fn acalled<P, T, E>(
    flow: &AsyncFlow<P, T, E>,
    parameters: Map<String, Value>,
) -> Result<(FlowGraph, T), Error>
where
    P: DeserializeOwned + Send + 'static,
    T: Serialize + Send + Sync + 'static,
    E: Display + Debug + Send + 'static,
{
    let given = read_parameters(&parameters).map_err(Error::invalid)?;
    let drawing = Arc::<Drawing>::default();
    let scope = AsyncScope::drawn(flow.name(), parameters, Arc::clone(&drawing))?;
    let run = AsyncFlowRun::new(Arc::new(scope));
    let ended = flow.body().run(run, given, None).await;
    drawing.finish(ended)
}

#[dual(engine)]
impl AsyncScope {
    /// That of no run at all.
    fn drawn(
        flow_name: &str,
        parameters: Map<String, Value>,
        drawing: Arc<Drawing>,
    ) -> Result<Self, Error> {
        let config = Config::new(NOWHERE)?;
        // Of both faces, as blocking functions are called in async runs.
        #[cfg(feature = "async")]
        let config = config.async_transport(Nowhere);
        #[cfg(feature = "blocking")]
        let config = config.transport(Nowhere);
        let client = AsyncPrefectClient::from_config(config)?;
        let cancellation = Cancellation::new();
        Ok(Self {
            sender: AsyncEventSender::start(&client, &SendEventsOptions::new())?,
            client,
            context: RunContext::default(),
            id: Uuid::nil(),
            name: String::new(),
            flow_name: flow_name.to_owned(),
            run_count: 1,
            tags: Vec::new(),
            parameters,
            related: Vec::new(),
            results: None,
            persists: false,
            unlimited: Arc::<Unlimited>::default(),
            subflows: Arc::<Subflows>::default(),
            suspension: Suspension::default(),
            cancellation: cancellation.clone(),
            logs: Uuid::nil(),
            span: tracing::Span::none(),
            work: AsyncWork::new(1, &cancellation)?,
            drawing: Some(drawing),
            transaction: None,
        })
    }
}

/// Sends nothing.
struct Nowhere;

fn refused() -> TransportError {
    let text = "a flow that is drawn sends nothing";
    TransportError::new(TransportErrorKind::Connect, text)
}

#[cfg(feature = "blocking")]
impl Transport for Nowhere {
    fn send(&self, _: Request<Bytes>, _: Option<Instant>) -> Result<Answer, TransportError> {
        Err(refused())
    }
}

#[cfg(feature = "async")]
impl AsyncTransport for Nowhere {
    fn send(
        &self,
        _: Request<Bytes>,
        _: Option<Instant>,
    ) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(std::future::ready(Err(refused())))
    }
}
