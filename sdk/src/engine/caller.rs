//! Who calls a flow: a program, or a run, in which the flow's run is a part then.

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

/// Who calls a flow: a client, so that the flow has a run of its own; or a run, an [`AsyncFlowRun`] or [`AsyncTaskRun`], in
/// which the flow's run is a subflow then. Nothing else is one.
#[dual(engine)]
#[diagnostic::on_unimplemented(
    message = "a flow of this face can't be called by `{Self}`",
    label = "neither a client nor a run of the flow's face",
    note = "an async flow (`async fn`) is called with a `&AsyncPrefectClient`, or as a subflow with a `&AsyncFlowRun` or `&AsyncTaskRun`: make what calls it an `async fn`, or the flow a plain `fn`",
    note = "a blocking flow (`fn`) is called with a `&PrefectClient`, or as a subflow with a `&FlowRun` or `&TaskRun`; in an async flow it is called by `acall`, or is made async by `to_async()`: then it runs on a thread of its own"
)]
pub trait AsyncCaller: Send + Sync {
    #[doc(hidden)]
    fn called_by(&self) -> AsyncCalledBy;
}

/// What a flow takes from whoever calls it.
#[dual(engine)]
#[derive(Clone)]
pub struct AsyncCalledBy {
    pub(crate) client: AsyncPrefectClient,
    pub(crate) within: Option<AsyncWithin>,
}

#[dual(engine)]
impl AsyncCalledBy {
    /// What keeps the call, where it is to be drawn in the place of being run.
    pub(super) fn drawing(&self) -> Option<&Drawing> {
        self.within.as_ref()?.scope.drawing.as_deref()
    }
}

#[dual(engine)]
impl AsyncCaller for AsyncPrefectClient {
    fn called_by(&self) -> AsyncCalledBy {
        AsyncCalledBy {
            client: self.clone(),
            within: None,
        }
    }
}

#[dual(engine)]
impl AsyncCaller for AsyncFlowRun {
    fn called_by(&self) -> AsyncCalledBy {
        AsyncCalledBy {
            client: self.client().clone(),
            within: Some(self.within()),
        }
    }
}

#[dual(engine)]
impl AsyncCaller for AsyncTaskRun {
    fn called_by(&self) -> AsyncCalledBy {
        AsyncCalledBy {
            client: self.client().clone(),
            within: Some(self.within()),
        }
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
