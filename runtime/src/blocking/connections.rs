//! How many connections are used at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Lets a number of callers in at once, and the others in the order in which they came.
#[derive(Debug)]
pub(super) struct Connections {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    waiting: VecDeque<Arc<Turn>>,
}

/// A caller that waits. Its connection is handed to it, so that nobody who comes later gets it first.
#[derive(Debug, Default)]
struct Turn {
    has_come: AtomicBool,
    came: Condvar,
}

/// The right to use a connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Connection<'a>(&'a Connections);

impl Connections {
    pub(super) fn new(count: usize) -> Self {
        let state = State {
            free: count,
            waiting: VecDeque::new(),
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// Waits for a connection; `None` when the deadline passes first.
    pub(super) fn take(&self, deadline: Option<Instant>) -> Option<Connection<'_>> {
        let mut state = self.lock();
        if state.free > 0 {
            state.free -= 1;
            return Some(Connection(self));
        }
        let turn = Arc::new(Turn::default());
        state.waiting.push_back(Arc::clone(&turn));
        while !turn.has_come.load(Ordering::Relaxed) {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            state = match left {
                None => turn
                    .came
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => {
                    state.waiting.retain(|other| !Arc::ptr_eq(other, &turn));
                    return None;
                }
                Some(left) => {
                    let woken = turn.came.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        Some(Connection(self))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        match state.waiting.pop_front() {
            Some(next) => {
                next.has_come.store(true, Ordering::Relaxed);
                next.came.notify_one();
            }
            None => state.free += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_more_than_the_number_are_in_use_and_everybody_gets_a_turn() {
        let connections = Connections::new(3);
        let (in_use, most, done) = (
            AtomicUsize::new(0),
            AtomicUsize::new(0),
            AtomicUsize::new(0),
        );
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _connection = connections.take(None).unwrap();
                        most.fetch_max(in_use.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::yield_now();
                        in_use.fetch_sub(1, Ordering::SeqCst);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 16 * 50);
        assert!((2..=3).contains(&most.into_inner()));
        assert_eq!(connections.lock().free, 3);
    }

    #[test]
    fn a_deadline_ends_the_wait_and_leaves_no_place_in_the_queue() {
        let connections = Connections::new(1);
        let held = connections.take(None).unwrap();
        let soon = Some(Instant::now() + Duration::from_millis(20));
        assert!(connections.take(soon).is_none());
        drop(held);
        assert_eq!(connections.lock().free, 1);
        assert!(connections.take(soon).is_some(), "a free one needs no time");
    }
}
