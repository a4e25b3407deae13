//! The blocking face: threads, each of which takes what is next when it is done.

use std::cell::RefCell;

use super::{Begun, Pool, Turn};
use crate::Error;
use crate::sync::{Arc, Mutex, PoisonError, thread, thread_local};

/// What runs a task, once it has a turn.
pub(crate) type Job = Box<dyn FnOnce(Turn) + Send>;

thread_local! {
    static CURRENT: RefCell<Option<Turn>> = const { RefCell::new(None) };
}

/// Where the runs of a pool run: on threads that begin when they are needed, and end when nothing is left to run.
pub(super) struct Crew;

impl Crew {
    #[expect(clippy::unnecessary_wraps, reason = "its twin may fail")]
    pub(super) fn here() -> Result<Self, Error> {
        Ok(Self)
    }

    /// Nothing stops a thread.
    #[expect(clippy::unused_self, reason = "its twin has something to stop")]
    pub(super) fn stop(&self) {}
}

impl Turn {
    /// The one by which the caller runs.
    pub(in crate::engine) fn current() -> Option<Self> {
        CURRENT.with(|current| current.borrow().clone())
    }
}

impl Pool {
    /// Gives whether others may be begun: one for which there is no thread waits until somebody else has ended.
    #[expect(clippy::needless_pass_by_value, reason = "its twin gives it to a task")]
    pub(super) fn begin(turn: Turn, job: Job) -> bool {
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
        if is_lost {
            tracing::error!("no thread can be started for task runs: {error}");
        }
        drop(left);
        turn.pool.idle.raise();
        is_lost
    }
}

fn take(place: &Mutex<Option<Job>>) -> Option<Job> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Runs the job, and then whichever is next.
fn work(turn: Turn, job: Job) {
    let mut now = Some((turn, job));
    while let Some((turn, job)) = now.take() {
        let pool = Arc::clone(&turn.pool);
        let begun = Begun(turn.clone());
        CURRENT.with(|current| current.replace(Some(turn.clone())));
        job(turn);
        CURRENT.with(RefCell::take);
        begun.end();
        now = pool.next();
        // It goes on with one, and others with more.
        drop(begun);
    }
}
