//! A flow run with tasks, as the engine has them.

use std::sync::Arc;

use super::RunFailed;
use super::arrivals::Arrivals;
use super::pool::{Job, Left, Pool, Turn};
use super::submitted::{Dependency, Promise, Submitted};
use crate::cancellation::Cancellation;
use crate::sync::atomic::{AtomicUsize, Ordering};

pub(crate) type Run = Arc<Submitted<u32, ()>>;

/// A flow run: its pool, its cancellation, and how many of its tasks run by a turn.
#[derive(Clone)]
pub(crate) struct Flow {
    pool: Arc<Pool>,
    pub(crate) cancellation: Cancellation,
    limit: usize,
    running: Arc<AtomicUsize>,
}

impl Flow {
    pub(crate) fn new(limit: usize) -> Self {
        Self::with_threads(limit, 0)
    }

    /// So many more run at once, as tasks do something while their threads wait.
    pub(crate) fn with_threads(limit: usize, more: usize) -> Self {
        Self {
            pool: Pool::new(limit).expect("threads need nothing"),
            cancellation: Cancellation::new(),
            limit: limit + more,
            running: Arc::default(),
        }
    }

    /// Submits a task that does the work, as the engine does.
    pub(crate) fn submit(
        &self,
        after: &[&Run],
        work: impl FnOnce(&Turn) -> u32 + Send + 'static,
    ) -> Run {
        let submitted = Arc::new(Submitted::new());
        let promise = Promise::new(Arc::clone(&submitted));
        let flow = self.clone();
        let after: Vec<Dependency> = after.iter().map(|run| dependency(run)).collect();
        let before = after.clone();
        let job: Job = Box::new(move |turn| {
            let turn = turn.expect("threads can be started");
            let have_ended = before.iter().all(|run| run.has_completed().is_some());
            assert!(have_ended, "it depends on what has not ended");
            if flow.cancellation.is_requested() {
                promise.end(Err(RunFailed::Cancelled));
                return;
            }
            flow.begins();
            let given = work(&turn);
            flow.ends();
            promise.end(Ok(given));
        });
        if let Some(ticket) = self.pool.submit(after, job) {
            submitted.waits_in(self.pool.line(), ticket);
        }
        submitted
    }

    pub(crate) fn begins(&self) {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        assert!(running <= self.limit, "{running} run at once");
    }

    pub(crate) fn ends(&self) {
        self.running.fetch_sub(1, Ordering::SeqCst);
    }

    /// Waits in a task, whose turn is lent meanwhile.
    pub(crate) fn waits(&self, runs: &[&Run]) {
        self.ends();
        wait(runs, None);
        self.begins();
    }

    /// The function has ended well: all tasks run.
    pub(crate) fn succeeds(&self) {
        self.finish(Left::Runs);
    }

    /// It has failed: those run that have begun.
    pub(crate) fn fails(&self) {
        self.finish(Left::RunsOn);
    }

    /// Nobody begins any more.
    pub(crate) fn closes(&self) {
        self.pool.close();
    }

    /// It was stopped.
    pub(crate) fn stops(&self) {
        self.finish(Left::Stops);
    }

    fn finish(&self, left: Left) {
        self.pool.finish(left, &self.cancellation);
        assert_eq!(
            self.running.load(Ordering::SeqCst),
            0,
            "something runs still"
        );
    }
}

fn dependency(run: &Run) -> Dependency {
    Dependency(Arc::<Submitted<u32, ()>>::clone(run))
}

pub(crate) fn wait(runs: &[&Run], submitter: Option<&Turn>) {
    let runs = runs.iter().map(|run| dependency(run)).collect();
    Arrivals::new(runs).wait_for_all(submitter);
}

pub(crate) fn given(run: &Run) -> u32 {
    run.take()
        .expect("it has ended")
        .expect("it gave something")
}
