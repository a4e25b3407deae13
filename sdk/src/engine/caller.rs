//! Who calls a flow or a task: a program, or a run, in which the flow's or task's run is a part then.

use std::sync::Arc;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;

#[dual(engine)]
use super::AsyncWithin;
use super::{Drawing, engine};
#[dual(engine)]
use crate::flows::AsyncFlowRun;
#[dual(engine)]
use crate::tasks::AsyncTaskRun;

#[dual(engine)]
use super::AsyncEnclosingRun as _;

/// Who calls a flow or a task: a client, so that it has a run of its own; or a run, an [`AsyncFlowRun`] or [`AsyncTaskRun`], in
/// which it is a subflow or a task run then. Nothing else is one.
#[dual(engine)]
#[diagnostic::on_unimplemented(
    message = "a flow or task of this face can't be called with `{Self}`",
    label = "neither a client nor a run of its face",
    note = "an async one (`async fn`) is called with a `&AsyncFlowRun` or `&AsyncTaskRun`, or with a `&AsyncPrefectClient`: make what calls it an `async fn`, or itself a plain `fn`",
    note = "a blocking one (`fn`) is called with a `&FlowRun` or `&TaskRun`, or with a `&PrefectClient`; in an async one it is called by `acall`, a task also by `asubmit` or `amap`, or is made async by `to_async()`: then it runs on a thread of its own"
)]
pub trait AsyncCaller: Send + Sync {
    #[doc(hidden)]
    fn called_by(&self) -> AsyncCalledBy;
}

/// Who has called a flow or a task.
#[dual(engine)]
#[derive(Clone)]
pub enum AsyncCalledBy {
    Client(AsyncPrefectClient),
    Run(AsyncWithin),
}

#[dual(engine)]
impl AsyncCalledBy {
    /// The run, if it is one.
    pub(super) fn within(&self) -> Option<&AsyncWithin> {
        match self {
            Self::Client(_) => None,
            Self::Run(within) => Some(within),
        }
    }

    /// What keeps the call, where it is to be drawn in the place of being run.
    pub(super) fn drawing(&self) -> Option<&Drawing> {
        self.within()?.scope.drawing.as_deref()
    }
}

#[dual(engine)]
impl AsyncCaller for AsyncPrefectClient {
    fn called_by(&self) -> AsyncCalledBy {
        AsyncCalledBy::Client(self.clone())
    }
}

#[dual(engine)]
impl AsyncCaller for AsyncFlowRun {
    fn called_by(&self) -> AsyncCalledBy {
        AsyncCalledBy::Run(self.within())
    }
}

#[dual(engine)]
impl AsyncCaller for AsyncTaskRun {
    fn called_by(&self) -> AsyncCalledBy {
        AsyncCalledBy::Run(self.within())
    }
}

#[dual(engine)]
impl<C: AsyncCaller + ?Sized> AsyncCaller for &C {
    fn called_by(&self) -> AsyncCalledBy {
        (**self).called_by()
    }
}

#[dual(engine)]
impl<C: AsyncCaller + ?Sized> AsyncCaller for Arc<C> {
    fn called_by(&self) -> AsyncCalledBy {
        (**self).called_by()
    }
}
