//! The blocking face: threads, each of which takes what is next when it is done.

use std::cell::RefCell;
use std::time::Duration;

use super::{Begun, Pool, Turn};
use crate::Error;
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, thread, thread_local};

/// What runs a task, once it has a turn; or says why it can't.
pub(crate) type Job = Box<dyn FnOnce(Result<Turn, Error>) + Send>;

thread_local! {
    static CURRENT: RefCell<Option<Turn>> = const { RefCell::new(None) };
}

/// How long a thread that has nothing to run waits for more: beginning one takes longer than most tasks do.
const RESTS: Duration = Duration::from_millis(100);

/// Where the runs of a pool run: on threads that begin when they are needed, and end when there was nothing to run for a while.
#[derive(Default)]
pub(super) struct Crew {
    resting: Mutex<Resting>,
    called: Condvar,
}

#[derive(Default)]
struct Resting {
    threads: usize,
    /// No more than there are threads.
    jobs: Vec<(Turn, Job)>,
    is_over: bool,
}

impl Crew {
    #[expect(clippy::unnecessary_wraps, reason = "its twin may fail")]
    pub(super) fn here() -> Result<Self, Error> {
        Ok(Self::default())
    }

    /// Nothing stops a thread.
    #[expect(clippy::unused_self, reason = "its twin has something to stop")]
    pub(super) fn stop(&self) {}

    /// Nothing begins any more.
    pub(super) fn dismiss(&self) {
        self.resting().is_over = true;
        self.called.notify_all();
    }

    fn resting(&self) -> MutexGuard<'_, Resting> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a job to a thread that rests; or back, where none does.
    fn call(&self, turn: Turn, job: Job) -> Option<(Turn, Job)> {
        let mut resting = self.resting();
        if resting.threads == resting.jobs.len() {
            return Some((turn, job));
        }
        resting.jobs.push((turn, job));
        drop(resting);
        self.called.notify_one();
        None
    }

    /// Waits for a while until there is a job again.
    fn rest(&self) -> Option<(Turn, Job)> {
        let mut resting = self.resting();
        resting.threads += 1;
        let called = self.called.wait_timeout_while(resting, RESTS, |resting| {
            resting.jobs.is_empty() && !resting.is_over
        });
        let (mut resting, _) = called.unwrap_or_else(PoisonError::into_inner);
        resting.threads -= 1;
        resting.jobs.pop()
    }
}

impl Turn {
    /// The one by which the caller runs.
    pub(in crate::engine) fn current() -> Option<Self> {
        CURRENT.with(|current| current.borrow().clone())
    }
}

impl Pool {
    /// Gives whether others may be begun: one for which there is no thread waits until somebody else has ended.
    pub(super) fn begin(turn: Turn, job: Job) -> bool {
        let pool = Arc::clone(&turn.pool);
        let Some((turn, job)) = pool.crew.call(turn, job) else {
            return true;
        };
        // Where no thread can be started, the job is still here.
        let place = Arc::new(Mutex::new(Some(job)));
        let (taken, of_thread) = (Arc::clone(&place), turn.clone());
        let thread = thread::Builder::new().name("prefect-task".to_owned());
        let started = thread.spawn(move || {
            if let Some(job) = take(&taken) {
                work(of_thread, job);
            }
        });
        let Err(error) = started else { return true };
        let Some(job) = take(&place) else { return true };
        let left = turn.pool.turns().take_back(turn.ticket, job);
        let is_lost = left.is_some();
        if let Some(job) = left {
            tracing::error!("no thread can be started for task runs: {error}");
            let text = "no thread can be started for the task run";
            job(Err(Error::lost(text).because(error)));
        }
        turn.pool.idle.raise();
        is_lost
    }
}

fn take(place: &Mutex<Option<Job>>) -> Option<Job> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Runs the job, and then whichever is next.
fn work(turn: Turn, job: Job) {
    let pool = Arc::clone(&turn.pool);
    let mut now = Some((turn, job));
    while let Some((turn, job)) = now.take().or_else(|| pool.crew.rest()) {
        let begun = Begun(turn.clone());
        CURRENT.with(|current| current.replace(Some(turn.clone())));
        job(Ok(turn));
        CURRENT.with(RefCell::take);
        begun.end();
        now = pool.next();
        // It goes on with one, and others with more.
        drop(begun);
    }
}
