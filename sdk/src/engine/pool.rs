//! The task runs that were submitted in one attempt of a flow run, and who of them runs.

#[cfg(feature = "async")]
mod spawned;
#[cfg(feature = "blocking")]
mod threads;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use diptych_macros::dual;

use super::submitted::{Dependency, Line};
use super::turns::{Next, Ticket, Turns};
use super::{RunFailed, engine};
use crate::Error;
#[dual(engine)]
use crate::background::AsyncSignal;
use crate::cancellation::Cancellation;
#[cfg(feature = "async")]
use spawned::AsyncCrew;
#[cfg(feature = "async")]
pub(crate) use spawned::AsyncJob;
#[cfg(feature = "blocking")]
use threads::Crew;
#[cfg(feature = "blocking")]
pub(crate) use threads::Job;

/// What becomes of the tasks that were submitted, and have not ended when the flow's function has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// All of them run, as the flow succeeded.
    Runs,
    /// Those run that have begun, as it failed.
    RunsOn,
    /// Those are dropped that can be, as its time is up, or it was cancelled.
    Stops,
}

impl Left {
    pub(super) fn after<T, E>(ended: &Result<T, RunFailed<E>>) -> Self {
        match ended {
            Ok(_) => Self::Runs,
            Err(RunFailed::TimedOut(_) | RunFailed::Cancelled) => Self::Stops,
            Err(_) => Self::RunsOn,
        }
    }
}

/// As many task runs as were submitted, of which so many run at once as may.
#[dual(engine)]
pub(crate) struct AsyncPool {
    turns: Mutex<Turns<AsyncJob>>,
    /// Raised when somebody has a turn again, and when one has ended.
    changed: AsyncSignal,
    /// How often somebody wanted to go on, since somebody does.
    asked: AtomicUsize,
    crew: AsyncCrew,
}

/// What one of them runs by. Clones are the same.
#[dual(engine)]
#[derive(Clone)]
pub(crate) struct AsyncTurn {
    pool: Arc<AsyncPool>,
    ticket: Ticket,
}

#[dual(engine)]
impl AsyncPool {
    /// A pool in which so many run at once.
    pub(super) fn new(limit: usize) -> Result<Arc<Self>, Error> {
        Ok(Arc::new(Self {
            turns: Mutex::new(Turns::new(limit)),
            changed: AsyncSignal::default(),
            asked: AtomicUsize::new(0),
            crew: AsyncCrew::here()?,
        }))
    }

    fn turns(&self) -> MutexGuard<'_, Turns<AsyncJob>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a job, which begins when it is its turn, and after these have ended. One that never begins is dropped.
    pub(super) fn submit(self: &Arc<Self>, after: &[Dependency], job: AsyncJob) -> Option<Ticket> {
        let added = self.turns().add(job);
        let ticket = added.ok()?;
        // One more, so that it does not begin before all of them are known.
        let left = Arc::new(AtomicUsize::new(after.len() + 1));
        for dependency in after {
            let (pool, left) = (Arc::clone(self), Arc::clone(&left));
            dependency.then(Box::new(move || pool.one_less(&left, ticket)));
        }
        self.one_less(&left, ticket);
        Some(ticket)
    }

    fn one_less(self: &Arc<Self>, left: &AtomicUsize, ticket: Ticket) {
        if left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.turns().ready(ticket);
            self.go_on();
        }
    }

    /// Does what follows from a change. Whoever is in here already does it for those who come meanwhile: a runtime that ends
    /// drops what it is given at once, so that the end of each would begin the next within itself.
    fn go_on(self: &Arc<Self>) {
        if self.asked.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        let mut done = 1;
        loop {
            while let Some((turn, job)) = self.next() {
                if !Self::begin(turn, job) {
                    break;
                }
            }
            match self
                .asked
                .compare_exchange(done, 0, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return,
                Err(asked) => done = asked,
            }
        }
    }

    /// Whoever is to begin next. Those who have a turn again are told before.
    fn next(self: &Arc<Self>) -> Option<(AsyncTurn, AsyncJob)> {
        loop {
            let next = self.turns().next();
            match next? {
                Next::GoOn => self.changed.raise(),
                Next::Begin(ticket, job) => {
                    let pool = Arc::clone(self);
                    return Some((AsyncTurn { pool, ticket }, job));
                }
            }
        }
    }

    /// Nothing begins after this. What runs is left alone.
    pub(super) fn close(&self) {
        let never = self.turns().close();
        // Each says that it never began, which may be heard in here.
        drop(never);
        self.changed.raise();
    }

    /// Waits for what is left, as the flow's function has ended. What can be stopped is stopped where the run is cancelled.
    pub(super) async fn finish(&self, left: Left, cancellation: &Cancellation) {
        match left {
            Left::Runs => {}
            Left::RunsOn => self.close(),
            Left::Stops => self.stop(),
        }
        #[dual(async)]
        if spawned::is_stopped_before(self.idle(), cancellation).await {
            self.stop();
        }
        #[dual(blocking)]
        let _ = cancellation;
        self.idle().await;
        self.close();
    }

    fn stop(&self) {
        self.close();
        self.crew.stop();
    }

    /// Waits until everything has ended.
    pub(super) async fn idle(&self) {
        loop {
            let seen = self.changed.count();
            if self.turns().is_idle() {
                return;
            }
            self.changed.wait(seen, Duration::MAX).await;
        }
    }
}

#[dual(engine)]
impl AsyncPool {
    /// Where its runs wait.
    pub(super) fn line(self: &Arc<Self>) -> Weak<dyn Line> {
        let pool: Arc<dyn Line> = Arc::<Self>::clone(self);
        Arc::downgrade(&pool)
    }
}

#[dual(engine)]
impl Line for AsyncPool {
    fn want(&self, ticket: Ticket) {
        self.turns().want(ticket);
    }
}

#[dual(engine)]
impl AsyncTurn {
    /// It is not needed while its run waits.
    pub(super) fn lend(&self) {
        self.pool.turns().lend(self.ticket);
        self.pool.go_on();
    }

    /// What its run waited for is there.
    pub(super) fn waited(&self) {
        self.pool.turns().waited(self.ticket);
        self.pool.go_on();
    }

    /// Waits until its run may go on.
    pub(super) async fn regained(&self) {
        loop {
            let seen = self.pool.changed.count();
            if self.pool.turns().may_go_on(self.ticket) {
                return;
            }
            self.pool.changed.wait(seen, Duration::MAX).await;
        }
    }

    /// Its run goes on, as it can't wait.
    pub(super) fn anyway(&self) {
        self.pool.turns().go_on_anyway(self.ticket);
    }
}

/// A run that has begun. When it is dropped, its turn is the next one's.
#[dual(engine)]
struct AsyncBegun(AsyncTurn);

#[dual(engine)]
impl AsyncBegun {
    fn end(&self) {
        self.0.pool.turns().end(self.0.ticket);
        self.0.pool.changed.raise();
    }
}

#[dual(engine)]
impl Drop for AsyncBegun {
    fn drop(&mut self) {
        self.end();
        self.0.pool.go_on();
    }
}

#[cfg(all(test, feature = "async"))]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_that_ends_ends_a_long_queue() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.unwrap();
        let pool = runtime.block_on(async { AsyncPool::new(1) }).unwrap();
        for _ in 0..100_000 {
            let job: AsyncJob = Box::new(|_| Box::pin(std::future::pending()));
            assert!(pool.submit(&[], job).is_some());
        }
        runtime.block_on(tokio::task::yield_now());
        assert!(!pool.turns().is_idle());
        drop(runtime);
        assert!(pool.turns().is_idle());
    }
}
