//! The run of a flow, as its function sees it.

use std::fmt;
use std::sync::Arc;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use serde_json::{Map, Value};
use uuid::Uuid;

#[cfg(all(feature = "async", feature = "blocking"))]
use crate::Error;
use crate::RunContext;
#[cfg(all(feature = "async", feature = "blocking"))]
use crate::background::AsyncHome;
use crate::cancellation::Cancellation;
#[cfg(all(feature = "async", feature = "blocking"))]
use crate::engine::Host;
#[dual(engine)]
use crate::engine::{AsyncEnclosingRun, AsyncScope, AsyncWithin};
use crate::engine::{CalledFor, engine};

/// The run that a flow's function is called for. Clones are the same run; tasks are called within it.
#[dual(engine)]
#[derive(Clone)]
pub struct AsyncFlowRun {
    scope: Arc<AsyncScope>,
}

#[dual(engine)]
impl AsyncFlowRun {
    pub(crate) fn new(scope: Arc<AsyncScope>) -> Self {
        Self { scope }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.scope.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.scope.name
    }

    /// The name of its flow.
    #[must_use]
    pub fn flow_name(&self) -> &str {
        &self.scope.flow_name
    }

    /// How often it has run: 1, and one more for each retry.
    #[must_use]
    pub fn run_count(&self) -> i64 {
        self.scope.run_count
    }

    /// Its tags.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        &self.scope.tags
    }

    /// Its parameters, by name.
    #[must_use]
    pub fn parameters(&self) -> &Map<String, Value> {
        &self.scope.parameters
    }

    /// The client that it speaks to the server with.
    #[must_use]
    pub fn client(&self) -> &AsyncPrefectClient {
        &self.scope.client
    }

    /// What says that it is to end: it was cancelled, or its process is to end. A function that takes long asks for it now and
    /// then, or waits for it beside its work, and ends as soon as it can. What it gives then is not taken.
    #[must_use]
    pub fn cancellation(&self) -> &Cancellation {
        &self.scope.cancellation
    }

    /// What its task runs are told.
    pub(crate) fn of_attempt(&self) -> &Cancellation {
        self.scope.of_attempt()
    }

    /// What its function is called in: what is said through `tracing` in this span is said by the run. Threads and tasks that
    /// the function starts are to say what they say in it.
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        &self.scope.span
    }

    /// The run, for interfaces that act for one, such as artifacts and pauses.
    #[must_use]
    pub fn context(&self) -> &RunContext {
        &self.scope.context
    }
}

#[dual(engine)]
impl AsyncEnclosingRun for AsyncFlowRun {
    fn within(&self) -> AsyncWithin {
        AsyncWithin {
            scope: Arc::clone(&self.scope),
            parent: None,
            persists: self.scope.persists,
            turn: None,
            transaction: self.scope.transaction.clone(),
        }
    }
}

#[dual(engine)]
impl CalledFor for AsyncFlowRun {
    fn span(&self) -> tracing::Span {
        self.scope.span.clone()
    }

    #[cfg(feature = "async")]
    fn stopped_by(&self) -> Option<Cancellation> {
        Some(self.scope.cancellation.clone())
    }
}

#[dual(engine)]
impl fmt::Debug for AsyncFlowRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowRun")
            .field("id", &self.scope.id)
            .field("name", &self.scope.name)
            .finish_non_exhaustive()
    }
}

/// A blocking flow that is called in an async run has a thread of its own.
#[cfg(all(feature = "async", feature = "blocking"))]
impl Host for AsyncFlowRun {
    type Guest = FlowRun;

    fn guest(&self, home: &AsyncHome) -> Result<FlowRun, Error> {
        self.scope.guests(home).map(FlowRun::new)
    }
}
