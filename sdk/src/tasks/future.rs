//! A task run that was submitted, as whoever submitted it knows it.

use std::fmt;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::sync::{Mutex, PoisonError};
#[cfg(feature = "async")]
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_client::models::State;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use uuid::Uuid;

use super::RunFailed;
use crate::Error;
use crate::deadline::Deadline;
#[dual(engine)]
use crate::engine::{AsyncArrivals, AsyncTurn};
use crate::engine::{Dependency, Submitted, Upstream as _, engine};

#[cfg(feature = "async")]
type Polled<T, E> = BoxFuture<'static, Result<T, RunFailed<E>>>;

/// The run of a task that was [submitted](super::AsyncTask::submit). What it gives is taken with [`result`](Self::result), and
/// other tasks take it as their [`Argument`](super::Argument).
///
/// Dropping it changes nothing: the task is run, and its flow run waits for that.
#[dual(engine)]
pub struct AsyncTaskFuture<T, E> {
    submitted: Arc<Submitted<T, E>>,
    /// What the run that submitted it ran by, if that was a task's.
    turn: Option<AsyncTurn>,
    #[dual(async)]
    polled: Mutex<Option<Polled<T, E>>>,
}

#[dual(engine)]
impl<T, E> AsyncTaskFuture<T, E>
where
    T: Send + Sync + 'static,
    E: Send + 'static,
{
    #[dual(async)]
    pub(crate) fn new(submitted: Arc<Submitted<T, E>>, turn: Option<AsyncTurn>) -> Self {
        Self {
            submitted,
            turn,
            polled: Mutex::new(None),
        }
    }

    #[dual(blocking)]
    pub(crate) fn new(submitted: Arc<Submitted<T, E>>, turn: Option<Turn>) -> Self {
        Self { submitted, turn }
    }

    /// The id of the task run.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.submitted.id
    }

    /// The state that the run is in: `Pending` before it begins. It is known here before the server has it.
    #[must_use]
    pub fn state(&self) -> State {
        self.submitted.shown.get(self.submitted.id)
    }

    /// Whether the run has ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.submitted.has_completed().is_some()
    }

    /// Waits until the run has ended.
    ///
    /// A task that waits for one that it submitted lends it its place among those that run at once, so that tasks can submit
    /// tasks to any depth. It lends it as well for what others submitted, where it waits itself: a thread, or a tokio task, that it has
    /// started is not known to be its own, and lends nothing then. Nor does a blocking function in an async flow for what that flow
    /// submitted. Where a task waits for such a thread, and as many do so as run at once, nobody goes on: let the task itself wait, or
    /// take the future as an argument.
    pub async fn wait(&self) {
        let arrivals = self.watched();
        arrivals.wait_for_all(self.turn.as_ref()).await;
    }

    /// As [`wait`](Self::wait), but no longer than that.
    ///
    /// # Errors
    ///
    /// The time is up ([`Error::is_timeout`]); the run goes on.
    pub async fn wait_at_most(&self, timeout: Duration) -> Result<(), Error> {
        let deadline = Deadline::after(Some(timeout), Instant::now());
        let arrivals = self.watched();
        let turn = self.turn.as_ref();
        if arrivals.wait_for(1, turn, deadline).await {
            return Ok(());
        }
        let text = format!("the task run {} has not ended after {timeout:?}", self.id());
        Err(Error::timeout(text))
    }

    /// Waits until the run has ended, and gives what its function gave.
    ///
    /// # Errors
    ///
    /// As those of [`call`](super::AsyncTask::call).
    pub async fn result(self) -> Result<T, RunFailed<E>> {
        self.wait().await;
        self.taken()
    }

    fn taken(&self) -> Result<T, RunFailed<E>> {
        let taken = self.submitted.take();
        taken.unwrap_or_else(|| Err(Error::lost("the result of the task run was taken").into()))
    }

    fn watched(&self) -> AsyncArrivals {
        AsyncArrivals::new(vec![self.into()])
    }

    pub(super) fn turn(&self) -> Option<&AsyncTurn> {
        self.turn.as_ref()
    }

    pub(crate) fn submitted(&self) -> &Arc<Submitted<T, E>> {
        &self.submitted
    }

    pub(crate) fn into_submitted(self) -> Arc<Submitted<T, E>> {
        self.submitted
    }
}

/// It is awaited as [`result`](Self::result) is.
#[cfg(feature = "async")]
impl<T: Send + Sync + 'static, E: Send + 'static> Future for AsyncTaskFuture<T, E> {
    type Output = Result<T, RunFailed<E>>;

    fn poll(self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let polled = this
            .polled
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let result = polled.get_or_insert_with(|| {
            let submitted = Arc::clone(&this.submitted);
            Box::pin(Self::new(submitted, this.turn.clone()).result())
        });
        result.as_mut().poll(context)
    }
}

#[dual(engine)]
impl<T: Send + Sync + 'static, E: Send + 'static> From<&AsyncTaskFuture<T, E>> for Dependency {
    fn from(future: &AsyncTaskFuture<T, E>) -> Self {
        Self(Arc::clone(&future.submitted) as _)
    }
}

#[dual(engine)]
impl<T, E> fmt::Debug for AsyncTaskFuture<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskFuture")
            .field("id", &self.submitted.id)
            .finish_non_exhaustive()
    }
}
