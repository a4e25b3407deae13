//! The task runs that were submitted in one attempt of a flow run, and who of them runs.

mod finish;
#[cfg(feature = "async")]
mod spawned;
#[cfg(feature = "blocking")]
mod threads;

use std::collections::BTreeMap;
use std::time::Duration;

use diptych_macros::dual;

use super::submitted::{Dependency, Line};
use super::turns::{Next, Ticket, Turns};
use super::{RunFailed, engine};
use crate::Error;
#[dual(engine)]
use crate::background::AsyncSignal;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
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
    /// What those depend on that wait for it.
    after: Mutex<BTreeMap<Ticket, Vec<Dependency>>>,
    /// Raised when nothing is there any more.
    idle: AsyncSignal,
    /// Raised when one of them may go on, for those that want to.
    back: Mutex<BTreeMap<Ticket, Arc<AsyncSignal>>>,
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
            after: Mutex::default(),
            idle: AsyncSignal::default(),
            back: Mutex::default(),
            asked: AtomicUsize::new(0),
            crew: AsyncCrew::here()?,
        }))
    }

    /// How many run at once.
    #[dual(async)]
    #[cfg(feature = "blocking")]
    pub(super) fn limit(&self) -> usize {
        self.turns().limit()
    }

    fn turns(&self) -> MutexGuard<'_, Turns<AsyncJob>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn after(&self) -> MutexGuard<'_, BTreeMap<Ticket, Vec<Dependency>>> {
        self.after.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn back(&self) -> MutexGuard<'_, BTreeMap<Ticket, Arc<AsyncSignal>>> {
        self.back.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a job, which begins when it is its turn, and after these have ended. One that never begins is dropped.
    pub(super) fn submit(
        self: &Arc<Self>,
        after: Vec<Dependency>,
        job: AsyncJob,
    ) -> Option<Ticket> {
        let added = self.turns().add(job);
        let ticket = added.ok()?;
        // One more, so that it does not begin before all of them are known.
        let left = Arc::new(AtomicUsize::new(after.len() + 1));
        if !after.is_empty() {
            self.after().insert(ticket, after.clone());
        }
        for dependency in after {
            let (pool, left) = (Arc::clone(self), Arc::clone(&left));
            dependency.then(Box::new(move || pool.one_less(&left, ticket)));
        }
        self.one_less(&left, ticket);
        Some(ticket)
    }

    fn one_less(self: &Arc<Self>, left: &AtomicUsize, ticket: Ticket) {
        if left.fetch_sub(1, Ordering::AcqRel) == 1 {
            let known = self.after().remove(&ticket);
            drop(known);
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
                Next::GoOn(ticket) => self.may_go_on(ticket),
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
        let known = std::mem::take(&mut *self.after());
        drop(known);
        self.idle.raise();
        #[dual(blocking)]
        self.crew.dismiss();
    }

    /// One of them may go on, which those hear that wait for it.
    fn may_go_on(&self, ticket: Ticket) {
        let signal = self.back().get(&ticket).cloned();
        if let Some(signal) = signal {
            signal.raise();
        }
    }

    /// Waits until everything has ended.
    pub(super) async fn idle(&self) {
        loop {
            let seen = self.idle.count();
            if self.turns().is_idle() {
                return;
            }
            self.idle.wait(seen, Duration::MAX).await;
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
    fn want(&self, ticket: Ticket) -> Vec<Dependency> {
        let is_new = self.turns().want(ticket);
        let known = is_new.then(|| self.after().get(&ticket).cloned());
        known.flatten().unwrap_or_default()
    }
}

#[dual(engine)]
impl AsyncTurn {
    /// It is not needed while its run waits; whoever does this says so by [`given`](Self::given). Gives whether others who wait by it
    /// go on.
    pub(super) fn give(&self) -> bool {
        self.pool.turns().lend(self.ticket)
    }

    /// It is somebody else's now.
    pub(super) fn given(&self, others_go_on: bool) {
        if others_go_on {
            self.pool.may_go_on(self.ticket);
        }
        self.pool.go_on();
    }

    /// What its run waited for is there.
    pub(super) fn waited(&self) {
        self.pool.turns().waited(self.ticket);
        self.pool.go_on();
    }

    /// Waits until its run may go on.
    pub(super) async fn regained(&self) {
        while !self.may_go_on() {
            let signal = Arc::clone(self.pool.back().entry(self.ticket).or_default());
            let seen = signal.count();
            if self.may_go_on() {
                return;
            }
            signal.wait(seen, Duration::MAX).await;
        }
    }

    fn may_go_on(&self) -> bool {
        self.pool.turns().may_go_on(self.ticket)
    }

    /// Its run goes on, as it can't wait.
    pub(super) fn anyway(&self) {
        self.pool.turns().go_on_anyway(self.ticket);
        self.pool.may_go_on(self.ticket);
    }
}

/// A run that has begun. When it is dropped, its turn is the next one's.
#[dual(engine)]
struct AsyncBegun(AsyncTurn);

#[dual(engine)]
impl AsyncBegun {
    fn end(&self) {
        let (pool, ticket) = (&self.0.pool, self.0.ticket);
        let mut turns = pool.turns();
        turns.end(ticket);
        let is_idle = turns.is_idle();
        drop(turns);
        let waits = pool.back().remove(&ticket);
        if let Some(signal) = waits {
            signal.raise();
        }
        if is_idle {
            pool.idle.raise();
        }
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
            assert!(pool.submit(Vec::new(), job).is_some());
        }
        runtime.block_on(tokio::task::yield_now());
        assert!(!pool.turns().is_idle());
        drop(runtime);
        assert!(pool.turns().is_idle());
    }
}
