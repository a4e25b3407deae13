//! Many task runs that were submitted, and which of them have ended.

use std::time::{Duration, Instant};

use diptych_macros::dual;

#[dual(engine)]
use super::AsyncTaskFuture;
use crate::deadline::Deadline;
#[dual(engine)]
use crate::engine::AsyncArrivals;
use crate::engine::engine;

/// Task runs, some of which have ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct DoneAndNotDone<F> {
    /// Those that have ended, in the order in which they were given.
    pub done: Vec<F>,
    /// Those that have not.
    pub not_done: Vec<F>,
}

/// Waits until all of these have ended, or the time is up, and says which have.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{flows::AsyncFlowRun, tasks::{AsyncTask, await_for_tasks}};
/// # async fn flow(run: AsyncFlowRun, load: AsyncTask<u32, String, String>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let futures = load.map(&run, 0..10)?;
/// let waited = await_for_tasks(futures, Duration::from_secs(5)).await;
/// println!("{} are late", waited.not_done.len());
/// # Ok(()) }
/// ```
#[dual(engine)]
pub async fn await_for_tasks<T: Send + Sync + 'static, E: Send + 'static>(
    futures: Vec<AsyncTaskFuture<T, E>>,
    timeout: impl Into<Option<Duration>> + Send,
) -> DoneAndNotDone<AsyncTaskFuture<T, E>> {
    let deadline = Deadline::after(timeout.into(), Instant::now());
    let arrivals = AsyncArrivals::new(futures.iter().map(Into::into).collect());
    let turn = futures.first().and_then(AsyncTaskFuture::turn);
    arrivals.wait_for(futures.len(), turn, deadline).await;
    let (done, not_done) = futures.into_iter().partition(AsyncTaskFuture::is_done);
    DoneAndNotDone { done, not_done }
}

/// Task runs, each as soon as it has ended.
///
/// ```async
/// # use prefect_sdk::{flows::AsyncFlowRun, tasks::{AsyncAsCompleted, AsyncTask}};
/// # async fn flow(run: AsyncFlowRun, load: AsyncTask<u32, String, String>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let mut ended = AsyncAsCompleted::new(load.map(&run, 0..10)?);
/// while let Some(future) = ended.next().await {
///     println!("{}", future.await?);
/// }
/// # Ok(()) }
/// ```
///
/// ```blocking
/// # use prefect_sdk::{flows::FlowRun, tasks::{AsCompleted, Task}};
/// # fn flow(run: FlowRun, load: Task<u32, String, String>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// for future in AsCompleted::new(load.map(&run, 0..10)?) {
///     println!("{}", future.result()?);
/// }
/// # Ok(()) }
/// ```
#[dual(engine)]
#[derive(Debug)]
pub struct AsyncAsCompleted<T, E> {
    futures: Vec<Option<AsyncTaskFuture<T, E>>>,
    arrivals: AsyncArrivals,
    given: usize,
}

#[dual(engine)]
impl<T: Send + Sync + 'static, E: Send + 'static> AsyncAsCompleted<T, E> {
    /// Of these.
    #[must_use]
    pub fn new(futures: Vec<AsyncTaskFuture<T, E>>) -> Self {
        Self {
            arrivals: AsyncArrivals::new(futures.iter().map(Into::into).collect()),
            futures: futures.into_iter().map(Some).collect(),
            given: 0,
        }
    }

    /// The next one that has ended; `None` after all of them. Waits for it.
    #[allow(
        clippy::should_implement_trait,
        reason = "in the blocking face it is an iterator as well"
    )]
    pub async fn next(&mut self) -> Option<AsyncTaskFuture<T, E>> {
        if self.given == self.futures.len() {
            return None;
        }
        let endless = Deadline::after(None, Instant::now());
        let turn = self.futures.iter().flatten().next();
        let turn = turn.and_then(AsyncTaskFuture::turn);
        self.arrivals.wait_for(self.given + 1, turn, endless).await;
        let place = self.arrivals.next()?;
        self.given += 1;
        self.futures.get_mut(place)?.take()
    }
}

#[cfg(feature = "blocking")]
impl<T: Send + Sync + 'static, E: Send + 'static> Iterator for AsCompleted<T, E> {
    type Item = TaskFuture<T, E>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next()
    }
}
