//! What is called when a flow's run enters a state.

use std::fmt::{Debug, Display};

use diptych_macros::dual;

#[dual(engine)]
use super::AsyncFlow;
#[dual(engine)]
use crate::engine::AsyncFlowRunEntered;
use crate::engine::{On, engine};

/// What is called when a run enters a state, one after the other. It gives a `Result`; an error or a panic of it says nothing
/// against the run, and is logged.
///
/// ```async
/// # use prefect_sdk::flows::{AsyncFlow, AsyncFlowRunEntered};
/// # fn with_hook(flow: AsyncFlow<(), u32, String>) -> AsyncFlow<(), u32, String> {
/// flow.on_failure(|run: AsyncFlowRunEntered| async move {
///     println!("{} failed: {:?}", run.flow_name, run.state.message);
///     Ok::<_, std::io::Error>(())
/// })
/// # }
/// ```
///
/// ```blocking
/// # use prefect_sdk::flows::{Flow, FlowRunEntered};
/// # fn with_hook(flow: Flow<(), u32, String>) -> Flow<(), u32, String> {
/// flow.on_failure(|run: FlowRunEntered| {
///     println!("{} failed: {:?}", run.flow_name, run.state.message);
///     Ok::<_, std::io::Error>(())
/// })
/// # }
/// ```
#[dual(engine)]
impl<P, T, E> AsyncFlow<P, T, E> {
    /// Adds what is called when a run begins, and when it begins again.
    #[must_use]
    #[track_caller]
    pub fn on_running<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncFlowRunEntered) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.hooks.add(On::Running, hook);
        self
    }

    /// Adds what is called when a run has completed.
    #[must_use]
    #[track_caller]
    pub fn on_completion<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncFlowRunEntered) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.hooks.add(On::Completion, hook);
        self
    }

    /// Adds what is called when a run has failed, and is not tried again.
    #[must_use]
    #[track_caller]
    pub fn on_failure<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncFlowRunEntered) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.hooks.add(On::Failure, hook);
        self
    }

    /// Adds what is called when a run is cancelled.
    #[must_use]
    #[track_caller]
    pub fn on_cancellation<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncFlowRunEntered) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.hooks.add(On::Cancellation, hook);
        self
    }

    /// Adds what is called when a run has crashed.
    #[must_use]
    #[track_caller]
    pub fn on_crashed<F, Fut, H>(mut self, hook: F) -> Self
    where
        F: Fn(AsyncFlowRunEntered) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), H>> + Send + 'static,
        H: Display + Debug + Send + 'static,
    {
        self.hooks.add(On::Crashed, hook);
        self
    }
}
