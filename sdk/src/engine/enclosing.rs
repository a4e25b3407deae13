//! The run that a task is called in.

use std::sync::Arc;

use diptych_macros::dual;
use uuid::Uuid;

#[dual(engine)]
use super::AsyncScope;
use super::engine;
#[dual(engine)]
use super::pool::AsyncTurn;
#[dual(engine)]
use crate::transactions::AsyncTransaction;

/// A run that tasks are called in: an [`AsyncFlowRun`](crate::flows::AsyncFlowRun), or an
/// [`AsyncTaskRun`](crate::tasks::AsyncTaskRun) of it. Nothing else is one.
#[dual(engine)]
#[diagnostic::on_unimplemented(
    message = "this task can't be called in `{Self}`",
    label = "not a run that it can be called in",
    note = "an async task (`async fn`) is called and awaited in an async flow or task only, with its `&AsyncFlowRun` or `&AsyncTaskRun`: make what calls it an `async fn`, or the task a plain `fn`",
    note = "a blocking task (`fn`) is called in a blocking flow or task, with its `&FlowRun` or `&TaskRun`; in an async one it is called by `acall`, `asubmit` or `amap`, or is made async by `to_async()`: then it runs on a thread of its own"
)]
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
    /// What it runs by, if it was submitted.
    pub(crate) turn: Option<AsyncTurn>,
    /// What is called in it is part of this.
    pub(crate) transaction: Option<AsyncTransaction>,
}
