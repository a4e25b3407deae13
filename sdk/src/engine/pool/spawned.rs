//! The async face: a task of the caller's runtime for each run.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use prefect_client::transport::BoxFuture;

use super::{AsyncBegun, AsyncPool, AsyncTurn};
use crate::Error;
use crate::background::{AsyncHome, AsyncSignal};
use crate::cancellation::Cancellation;

/// What runs a task, once it has a turn.
pub(crate) type AsyncJob = Box<dyn FnOnce(AsyncTurn) -> BoxFuture<'static, ()> + Send>;

tokio::task_local! {
    static CURRENT: AsyncTurn;
}

/// Where the runs of a pool run.
pub(super) struct AsyncCrew {
    home: AsyncHome,
    /// Raised when what runs is to be dropped.
    stopped: AsyncSignal,
}

impl AsyncCrew {
    /// The caller's runtime.
    pub(super) fn here() -> Result<Self, Error> {
        Ok(Self {
            home: AsyncHome::here()?,
            stopped: AsyncSignal::default(),
        })
    }

    /// Drops what runs, where it awaits.
    pub(super) fn stop(&self) {
        self.stopped.raise();
    }
}

impl AsyncTurn {
    /// The one by which the caller runs.
    pub(in crate::engine) fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }
}

/// Whether the run is to stop before that is there.
pub(super) async fn is_stopped_before(
    done: impl Future<Output = ()>,
    cancellation: &Cancellation,
) -> bool {
    let stop = pin!(cancellation.ato_stop());
    matches!(select(pin!(done), stop).await, Either::Right(_))
}

impl AsyncPool {
    /// Gives whether others may be begun, as its twin can't always.
    pub(super) fn begin(turn: AsyncTurn, job: AsyncJob) -> bool {
        let begun = AsyncBegun(turn.clone());
        let (pool, current) = (Arc::clone(&turn.pool), turn.clone());
        pool.crew.home.begin(CURRENT.scope(current, async move {
            // Dropped last, also by a runtime that ends.
            let begun = begun;
            let stopped = &begun.0.pool.crew.stopped;
            let stopped = pin!(stopped.wait(0, Duration::MAX));
            drop(select(job(turn), stopped).await);
        }));
        true
    }
}
