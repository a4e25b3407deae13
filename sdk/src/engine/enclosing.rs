//! The run that a task is called in.

use std::sync::Arc;

use diptych_macros::dual;
use uuid::Uuid;

#[dual(engine)]
use super::AsyncScope;
use super::engine;

/// A run that tasks are called in: an [`AsyncFlowRun`](crate::flows::AsyncFlowRun), or an
/// [`AsyncTaskRun`](crate::tasks::AsyncTaskRun) of it. Nothing else is one.
#[dual(engine)]
pub trait AsyncEnclosingRun: Send + Sync {
    #[doc(hidden)]
    fn within(&self) -> AsyncWithin;
}

/// What a task takes from the run that it is called in.
#[dual(engine)]
#[derive(Clone)]
pub struct AsyncWithin {
    pub(crate) scope: Arc<AsyncScope>,
    /// The task run, if it is one.
    pub(crate) parent: Option<Uuid>,
    /// Whether that run keeps its results.
    pub(crate) persists: bool,
}
