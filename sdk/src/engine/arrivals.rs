//! Waiting for task runs that were submitted.

use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use diptych_macros::dual;

use super::engine;
#[dual(engine)]
use super::pool::AsyncTurn;
use super::submitted::{Callback, Dependency, want_all};
#[dual(engine)]
use crate::background::AsyncSignal;
use crate::deadline::Deadline;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Runs that somebody waits for, and which of them have ended.
#[dual(engine)]
pub(crate) struct AsyncArrivals {
    of: Vec<Dependency>,
    keys: Vec<u64>,
    shared: Arc<AsyncArrived>,
    /// Whether those are wanted already that have not ended.
    are_wanted: AtomicBool,
}

#[dual(engine)]
#[derive(Default)]
struct AsyncArrived {
    state: Mutex<Ended>,
    signal: AsyncSignal,
}

#[derive(Default)]
struct Ended {
    /// Those that nobody was told of yet, by their places.
    new: VecDeque<usize>,
    count: usize,
    /// Whom to tell when how many have ended.
    wanted: Option<(usize, Callback)>,
}

impl Ended {
    /// Whom to tell, if it is time.
    fn due(&mut self) -> Option<Callback> {
        let due = self.wanted.take_if(|(wanted, _)| *wanted <= self.count);
        due.map(|(_, callback)| callback)
    }
}

#[dual(engine)]
impl AsyncArrived {
    fn state(&self) -> MutexGuard<'_, Ended> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arrive(&self, place: usize) {
        let mut state = self.state();
        state.new.push_back(place);
        state.count += 1;
        let due = state.due();
        drop(state);
        if let Some(callback) = due {
            callback();
        }
        self.signal.raise();
    }
}

#[dual(engine)]
impl AsyncArrivals {
    pub(crate) fn new(of: Vec<Dependency>) -> Self {
        let shared = Arc::<AsyncArrived>::default();
        let then = |(place, run): (usize, &Dependency)| {
            let shared = Arc::clone(&shared);
            run.then(Box::new(move || shared.arrive(place)))
        };
        let keys = of.iter().enumerate().map(then).collect();
        Self {
            of,
            keys,
            shared,
            are_wanted: AtomicBool::new(false),
        }
    }

    /// Waits until so many have ended, and gives whether they have. The turn of the caller, or else of whoever submitted them,
    /// is lent meanwhile.
    pub(crate) async fn wait_for(
        &self,
        wanted: usize,
        submitter: Option<&AsyncTurn>,
        deadline: Deadline,
    ) -> bool {
        if self.shared.state().count >= wanted {
            return true;
        }
        // Whoever only looks lends nothing.
        if deadline.is_over(Instant::now()) {
            return false;
        }
        let turn = AsyncTurn::current().or_else(|| submitter.cloned());
        let lent = turn.and_then(|turn| self.lend(turn, wanted));
        let have_ended = self.counted(wanted, deadline).await;
        match lent {
            Some(lent) if have_ended => lent.take_back().await,
            // Whoever waits for a time only can't wait for a turn, too.
            Some(lent) => lent.take_now(),
            None => {}
        }
        have_ended
    }

    async fn counted(&self, wanted: usize, deadline: Deadline) -> bool {
        loop {
            let seen = self.shared.signal.count();
            if self.shared.state().count >= wanted {
                return true;
            }
            let left = deadline.left(Instant::now());
            if left.is_zero() {
                return false;
            }
            self.shared.signal.wait(seen, left).await;
        }
    }

    /// Waits until all have ended.
    pub(crate) async fn wait_for_all(&self, submitter: Option<&AsyncTurn>) {
        self.wait_for(
            self.of.len(),
            submitter,
            Deadline::after(None, Instant::now()),
        )
        .await;
    }

    /// The place of one that has ended, and was not told before.
    pub(crate) fn next(&self) -> Option<usize> {
        self.shared.state().new.pop_front()
    }

    /// Lends the turn until so many have ended, if they have not. Then it is asked for before those are over that have ended, so that
    /// nobody takes it first: who lends it says so in one step, as they may end as soon as it is lent.
    fn lend(&self, turn: AsyncTurn, wanted: usize) -> Option<AsyncLent> {
        // They go before others, which the turn would go to otherwise.
        if !self.are_wanted.swap(true, Ordering::AcqRel) {
            want_all(self.of.iter().filter(|run| run.has_completed().is_none()));
        }
        let mut state = self.shared.state();
        if state.count >= wanted {
            return None;
        }
        let others_go_on = turn.give();
        let lent = AsyncLent::of(turn);
        let asks = Arc::clone(&lent.asks);
        let before = state.wanted.replace((wanted, Box::new(move || asks.ask())));
        drop(state);
        drop(before);
        lent.asks.turn.given(others_go_on);
        Some(lent)
    }
}

#[dual(engine)]
impl fmt::Debug for AsyncArrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Arrivals").field(&self.of).finish()
    }
}

#[dual(engine)]
impl Drop for AsyncArrivals {
    fn drop(&mut self) {
        for (run, key) in self.of.iter().zip(&self.keys) {
            run.0.forget(*key);
        }
    }
}

/// A turn that is lent while its run waits.
#[dual(engine)]
pub(super) struct AsyncLent {
    asks: Arc<AsyncAsks>,
}

/// Asks for the turn again, once.
#[dual(engine)]
struct AsyncAsks {
    turn: AsyncTurn,
    has_asked: AtomicBool,
}

#[dual(engine)]
impl AsyncAsks {
    fn ask(&self) {
        if !self.has_asked.swap(true, Ordering::AcqRel) {
            self.turn.waited();
        }
    }
}

#[dual(engine)]
impl AsyncLent {
    pub(super) fn new(turn: AsyncTurn) -> Self {
        let others_go_on = turn.give();
        turn.given(others_go_on);
        Self::of(turn)
    }

    /// Of a turn that was given.
    fn of(turn: AsyncTurn) -> Self {
        let has_asked = AtomicBool::new(false);
        let asks = Arc::new(AsyncAsks { turn, has_asked });
        Self { asks }
    }

    pub(super) async fn take_back(self) {
        self.asks.ask();
        self.asks.turn.regained().await;
    }

    fn take_now(self) {
        self.asks.ask();
        self.asks.turn.anyway();
    }
}

/// A wait that was dropped does not wait for its turn either.
#[cfg(feature = "async")]
impl Drop for AsyncLent {
    fn drop(&mut self) {
        self.asks.ask();
        self.asks.turn.anyway();
    }
}
