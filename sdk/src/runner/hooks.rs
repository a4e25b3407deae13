//! What a flow has called when its run is cancelled or has crashed, where its own process can't call it any more.

use std::fmt;
use std::sync::Arc;

use diptych_macros::dual;
#[dual(runners)]
use prefect_client::AsyncPrefectClient;
use prefect_client::Config;
use prefect_client::models::{FlowRunResponse, State, StateType};

use super::runners;
use crate::Error;
#[cfg(feature = "async")]
use crate::engine::on_thread;
#[dual(runners)]
use crate::engine::{AsyncFlowFacts, AsyncFlowRunEntered, AsyncHooks};
#[cfg(feature = "async")]
use crate::entry::alone;

/// The hooks of a flow of either face, whichever the runner's is.
#[derive(Clone)]
pub(crate) struct FlowHooks(Arc<dyn Hooked>);

pub(crate) trait Hooked: Send + Sync {
    fn has(&self, state: &StateType) -> bool;

    /// Calls those of the state, on this thread, which is in no runtime.
    fn call(&self, config: Config, run: FlowRunResponse, state: State) -> Result<(), Error>;
}

/// The hooks of a flow, and its name.
#[dual(runners)]
pub(crate) struct AsyncOfFlow {
    flow_name: String,
    hooks: AsyncHooks<AsyncFlowRunEntered>,
}

#[dual(runners)]
impl AsyncOfFlow {
    pub(crate) fn new(flow: &AsyncFlowFacts<'_>) -> Self {
        Self {
            flow_name: flow.name.to_owned(),
            hooks: flow.hooks.clone(),
        }
    }
}

#[dual(runners)]
impl Hooked for AsyncOfFlow {
    fn has(&self, state: &StateType) -> bool {
        self.hooks.has(state)
    }

    fn call(&self, config: Config, run: FlowRunResponse, state: State) -> Result<(), Error> {
        let client = AsyncPrefectClient::from_config(config)?;
        let entered = AsyncFlowRunEntered::new(client, &self.flow_name, run, state);
        #[dual(async)]
        alone(async {
            self.hooks.entered(entered).await;
            Ok(())
        })?;
        #[dual(blocking)]
        self.hooks.entered(entered);
        Ok(())
    }
}

impl FlowHooks {
    /// `None` where there are none that a runner calls.
    pub(crate) fn of(flow: impl Hooked + 'static) -> Option<Self> {
        let called = [StateType::Cancelling, StateType::Crashed];
        let has_some = called.iter().any(|state| flow.has(state));
        has_some.then(|| Self(Arc::new(flow)))
    }
}

impl fmt::Debug for FlowHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FlowHooks")
    }
}

/// Calls the hooks of a state that the runner has a run end in, and waits for them. They may be of the other face, and are called on
/// a thread that no executor needs.
#[dual(runners)]
pub(super) async fn acall_hooks(
    hooks: FlowHooks,
    config: &Config,
    run: FlowRunResponse,
    state: State,
) {
    if !hooks.0.has(&state.type_) {
        return;
    }
    let (id, config) = (run.id, config.clone());
    #[dual(async)]
    let called = on_thread(move || hooks.0.call(config, run, state))
        .await
        .and_then(|called| called);
    #[dual(blocking)]
    let called = hooks.0.call(config, run, state);
    if let Err(error) = called {
        tracing::error!(flow_run = %id, "hooks can't be called: {error}");
    }
}
