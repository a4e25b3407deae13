//! What a flow or task calls when its run enters a state.

use std::fmt::{Debug, Display};
use std::panic::Location;
use std::sync::Arc;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{FlowRunResponse, State, StateType};
use tracing::Span;
use uuid::Uuid;

#[dual(engine)]
use super::AsyncBody;
#[cfg(all(feature = "async", feature = "blocking"))]
use super::Host;
use super::hook_name::name_of;
use super::voice::Voice;
use super::{CalledFor, engine, remarks};
#[cfg(all(feature = "async", feature = "blocking"))]
use crate::Error;
#[cfg(all(feature = "async", feature = "blocking"))]
use crate::background::AsyncHome;
#[cfg(feature = "async")]
use crate::cancellation::Cancellation;
use crate::logs;

/// When a hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Running,
    Completion,
    Failure,
    Cancellation,
    Crashed,
    /// A transaction is committed.
    Commit,
    /// A transaction is rolled back.
    Rollback,
}

impl On {
    fn of(state: &StateType) -> Option<Self> {
        match state {
            StateType::Running => Some(Self::Running),
            StateType::Completed => Some(Self::Completion),
            StateType::Failed => Some(Self::Failure),
            StateType::Cancelling => Some(Self::Cancellation),
            StateType::Crashed => Some(Self::Crashed),
            _ => None,
        }
    }

    /// As in its name.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completion => "completion",
            Self::Failure => "failure",
            Self::Cancellation => "cancellation",
            Self::Crashed => "crashed",
            Self::Commit => "commit",
            Self::Rollback => "rollback",
        }
    }
}

/// A flow run that has entered a state, as the flow's hooks are told of it.
#[dual(engine)]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AsyncFlowRunEntered {
    /// The client that the run speaks to the server with.
    pub client: AsyncPrefectClient,
    /// The name of the flow.
    pub flow_name: String,
    /// The run, as the server had it before.
    pub flow_run: FlowRunResponse,
    /// The state.
    pub state: State,
    pub(super) span: Span,
    /// Who says what is said of its hooks.
    pub(super) voice: Voice,
}

#[dual(engine)]
impl AsyncFlowRunEntered {
    pub(crate) fn new(
        client: AsyncPrefectClient,
        flow_name: &str,
        flow_run: FlowRunResponse,
        state: State,
    ) -> Self {
        let span = logs::span_of_flow_run(flow_run.id);
        Self {
            client,
            flow_name: flow_name.to_owned(),
            flow_run,
            state,
            voice: Voice::Run(span.clone()),
            span,
        }
    }
}

/// A task run that has entered a state, as the task's hooks are told of it.
#[dual(engine)]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AsyncTaskRunEntered {
    /// The client that the run speaks to the server with.
    pub client: AsyncPrefectClient,
    /// The id of the task run.
    pub id: Uuid,
    /// The name of the task run.
    pub name: String,
    /// How often it has run.
    pub run_count: u32,
    /// The flow run that it is part of.
    pub flow_run_id: Uuid,
    /// The state.
    pub state: State,
    pub(super) span: Span,
}

#[dual(engine)]
impl CalledFor for AsyncFlowRunEntered {
    fn span(&self) -> Span {
        self.span.clone()
    }

    #[cfg(feature = "async")]
    fn stopped_by(&self) -> Option<Cancellation> {
        None
    }
}

#[dual(engine)]
impl CalledFor for AsyncTaskRunEntered {
    fn span(&self) -> Span {
        self.span.clone()
    }

    #[cfg(feature = "async")]
    fn stopped_by(&self) -> Option<Cancellation> {
        None
    }
}

#[cfg(all(feature = "async", feature = "blocking"))]
impl Host for AsyncFlowRunEntered {
    type Guest = FlowRunEntered;

    fn guest(&self, _: &AsyncHome) -> Result<FlowRunEntered, Error> {
        Ok(FlowRunEntered {
            client: PrefectClient::from_config(self.client.config().clone())?,
            flow_name: self.flow_name.clone(),
            flow_run: self.flow_run.clone(),
            state: self.state.clone(),
            span: self.span.clone(),
            voice: self.voice.clone(),
        })
    }
}

#[cfg(all(feature = "async", feature = "blocking"))]
impl Host for AsyncTaskRunEntered {
    type Guest = TaskRunEntered;

    fn guest(&self, _: &AsyncHome) -> Result<TaskRunEntered, Error> {
        Ok(TaskRunEntered {
            client: PrefectClient::from_config(self.client.config().clone())?,
            id: self.id,
            name: self.name.clone(),
            run_count: self.run_count,
            flow_run_id: self.flow_run_id,
            state: self.state.clone(),
            span: self.span.clone(),
        })
    }
}

/// A run that has entered a state.
pub(crate) trait Entered: CalledFor {
    fn state(&self) -> &State;

    fn voice(&self) -> Voice;
}

#[dual(engine)]
impl Entered for AsyncFlowRunEntered {
    fn state(&self) -> &State {
        &self.state
    }

    fn voice(&self) -> Voice {
        self.voice.clone()
    }
}

#[dual(engine)]
impl Entered for AsyncTaskRunEntered {
    fn state(&self) -> &State {
        &self.state
    }

    fn voice(&self) -> Voice {
        Voice::Run(self.span.clone())
    }
}

/// What is called with a run (`R`), or a transaction.
#[dual(engine)]
pub(crate) struct AsyncHooks<R>(pub(super) Vec<AsyncHook<R>>);

/// One of them, by its name.
#[dual(engine)]
pub(crate) struct AsyncHook<R> {
    pub(super) on: On,
    pub(super) name: Arc<str>,
    pub(super) body: AsyncBody<R, (), (), String>,
}

#[dual(engine)]
impl<R> Clone for AsyncHook<R> {
    fn clone(&self) -> Self {
        Self {
            on: self.on,
            name: Arc::clone(&self.name),
            body: self.body.clone(),
        }
    }
}

#[dual(engine)]
impl<R> Clone for AsyncHooks<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[dual(engine)]
impl<R> Default for AsyncHooks<R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[dual(engine)]
impl<R: CalledFor + Clone + Send + 'static> AsyncHooks<R> {
    #[track_caller]
    pub(crate) fn add<F, Fut, H>(&mut self, on: On, hook: F)
    where
        F: Fn(R) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        let name = name_of::<F>(Location::caller()).into();
        let hook = Arc::new(hook);
        let told = move |run: R, (): ()| {
            let hook = Arc::clone(&hook);
            async move { hook(run).await.map_err(|error| error.to_string()) }
        };
        let body = AsyncBody::new(told);
        self.0.push(AsyncHook { on, name, body });
    }

    /// Whether one is called when the run enters that state.
    pub(crate) fn has(&self, state: &StateType) -> bool {
        self.of(On::of(state)).next().is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, on: Option<On>) -> impl DoubleEndedIterator<Item = &AsyncHook<R>> {
        self.0.iter().filter(move |hook| Some(hook.on) == on)
    }

    /// Calls those of a transaction until one of them fails; those of a rollback in reverse order.
    pub(crate) async fn acall_all(&self, on: On, run: &R) -> Result<(), String> {
        let mut those: Vec<_> = self.of(Some(on)).collect();
        if on == On::Rollback {
            those.reverse();
        }
        for hook in those {
            let span = run.span();
            remarks::transaction_hook_runs(&span, on, &hook.name);
            if let Err(failed) = hook.body.run(run.clone(), (), None).await {
                remarks::transaction_hook_failed(&span, on, &hook.name);
                return Err(failed.to_string());
            }
            remarks::transaction_hook_ended(&span, on, &hook.name);
        }
        Ok(())
    }
}

#[dual(engine)]
impl<R: Entered + Clone + Send + 'static> AsyncHooks<R> {
    /// Calls those of the state that the run has entered, one after the other. What goes wrong in one says nothing against the run.
    pub(crate) async fn entered(&self, run: R) {
        for hook in self.of(On::of(&run.state().type_)) {
            let voice = run.voice();
            remarks::hook_runs(&voice, &hook.name, run.state());
            match hook.body.run(run.clone(), (), None).await {
                Ok(()) => remarks::hook_ended(&voice, &hook.name),
                Err(failed) => remarks::hook_failed(&voice, &hook.name, &failed),
            }
        }
    }
}
