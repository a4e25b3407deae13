//! Many task runs that were submitted, and which of them have ended.

use std::fmt;
#[cfg(feature = "async")]
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[cfg(feature = "async")]
use futures_util::Stream;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;

#[dual(engine)]
use super::AsyncTaskFuture;
use crate::deadline::Deadline;
use crate::engine::engine;
#[dual(engine)]
use crate::engine::{AsyncArrivals, AsyncTurn};

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

/// Task runs, each as soon as it has ended: a stream, or in the blocking face an iterator.
///
/// ```async
/// # use prefect_sdk::{flows::AsyncFlowRun, tasks::{AsyncAsCompleted, AsyncTask}};
/// # async fn flow(run: AsyncFlowRun, load: AsyncTask<u32, String, String>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let mut ended = AsyncAsCompleted::new(load.map(&run, 0..10)?);
/// while let Some(future) = ended.anext().await {
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
pub struct AsyncAsCompleted<T, E> {
    futures: Vec<Option<AsyncTaskFuture<T, E>>>,
    arrivals: Arc<AsyncArrivals>,
    given: usize,
    /// What whoever polls the stream waits for.
    #[dual(async)]
    underway: Option<BoxFuture<'static, ()>>,
}

#[dual(engine)]
impl<T: Send + Sync + 'static, E: Send + 'static> AsyncAsCompleted<T, E> {
    /// Of these.
    #[must_use]
    pub fn new(futures: Vec<AsyncTaskFuture<T, E>>) -> Self {
        let arrivals = AsyncArrivals::new(futures.iter().map(Into::into).collect());
        Self::of(arrivals, futures.into_iter().map(Some).collect())
    }

    #[dual(async)]
    fn of(arrivals: AsyncArrivals, futures: Vec<Option<AsyncTaskFuture<T, E>>>) -> Self {
        Self {
            futures,
            arrivals: Arc::new(arrivals),
            given: 0,
            underway: None,
        }
    }

    #[dual(blocking)]
    fn of(arrivals: Arrivals, futures: Vec<Option<TaskFuture<T, E>>>) -> Self {
        Self {
            futures,
            arrivals: Arc::new(arrivals),
            given: 0,
        }
    }

    /// The next one that has ended; `None` after all of them. Waits for it.
    #[dual(async)]
    pub async fn anext(&mut self) -> Option<AsyncTaskFuture<T, E>> {
        // One wait is enough, and this one ends where it is dropped.
        self.underway = None;
        self.next_end()?.wait().await;
        self.taken()
    }

    /// What is to be waited for before the next one can be given, unless all are.
    fn next_end(&self) -> Option<AsyncNextEnd> {
        let turn = self.futures.iter().flatten().next()?.turn();
        Some(AsyncNextEnd {
            arrivals: Arc::clone(&self.arrivals),
            ended: self.given + 1,
            turn: turn.cloned(),
        })
    }

    fn left(&self) -> usize {
        self.futures.len() - self.given
    }

    fn taken(&mut self) -> Option<AsyncTaskFuture<T, E>> {
        let place = self.arrivals.next()?;
        self.given += 1;
        self.futures.get_mut(place)?.take()
    }
}

/// One more that has ended.
#[dual(engine)]
struct AsyncNextEnd {
    arrivals: Arc<AsyncArrivals>,
    /// How many have ended then.
    ended: usize,
    /// What the run that submitted them ran by.
    turn: Option<AsyncTurn>,
}

#[dual(engine)]
impl AsyncNextEnd {
    async fn wait(self) {
        let (turn, endless) = (self.turn.as_ref(), Deadline::after(None, Instant::now()));
        self.arrivals.wait_for(self.ended, turn, endless).await;
    }
}

#[cfg(feature = "async")]
impl<T: Send + Sync + 'static, E: Send + 'static> Stream for AsyncAsCompleted<T, E> {
    type Item = AsyncTaskFuture<T, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let all = self.get_mut();
        if all.underway.is_none() {
            all.underway = all.next_end().map(|end| Box::pin(end.wait()) as _);
        }
        if let Some(wait) = &mut all.underway {
            ready!(wait.as_mut().poll(context));
            all.underway = None;
        }
        Poll::Ready(all.taken())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left(), Some(self.left()))
    }
}

#[cfg(feature = "blocking")]
impl<T: Send + Sync + 'static, E: Send + 'static> Iterator for AsCompleted<T, E> {
    type Item = TaskFuture<T, E>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_end()?.wait();
        self.taken()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left(), Some(self.left()))
    }
}

#[dual(engine)]
impl<T, E> fmt::Debug for AsyncAsCompleted<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let futures: Vec<_> = self.futures.iter().flatten().collect();
        f.debug_tuple("AsCompleted").field(&futures).finish()
    }
}
