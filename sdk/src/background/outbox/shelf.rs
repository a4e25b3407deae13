//! What the server has taken, and is not known to have stored.
//!
//! Prefect's server answers that it has taken events before it stores them. Until then they are in its memory, in a queue
//! that has room for 10,000 and drops what does not fit without a word, and that ends with the process. So no more than a
//! part of that queue is sent ahead of what is seen to be stored; and who wants to be certain has the sender hold each
//! event until then, and send again what does not appear.
//!
//! Those that task runs are made of are looked for as task runs: see `spares`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batch::Held;
use super::{Batch, Errand, Outbox, until};
use crate::background::Item;

/// When the server stores what it takes, and what follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storing {
    /// Before it answers.
    WithAnswer,
    /// Later: at most so many are sent ahead of what is seen to be stored.
    Later(usize),
    /// Later, and each is held until it is seen to be stored.
    LaterAndHeld(usize),
    /// Later, and something else is made of some of them then, of which so many are sent ahead: those are kept until it is seen.
    MadeLater(usize),
}

impl Storing {
    /// How many items may be ahead of what is made of them.
    pub(super) fn most_made_later(self) -> Option<usize> {
        match self {
            Self::MadeLater(most) => Some(most),
            _ => None,
        }
    }
}

/// What the server has taken, in that order.
#[derive(Debug)]
pub(super) struct Shelf<T: Item> {
    storing: Storing,
    taken: VecDeque<Taken<T>>,
    /// How often in a row waiting for something to be stored was in vain.
    vain: u32,
}

/// What one answer confirmed.
#[derive(Debug)]
struct Taken<T: Item> {
    traces: Arc<[T::Trace]>,
    /// Empty where they need not be sent again.
    held: Vec<Held<T>>,
    /// Of those that are held.
    bytes: usize,
    since: Instant,
    /// When it is looked whether they are stored.
    look_at: Instant,
}

/// How often it is looked for the same.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// How long it is waited for the same to be stored. Prefect's server stores what it has at least every five seconds.
const PATIENCE: Duration = Duration::from_secs(15);

/// After how many waits in vain a sender that was dropped gives up.
const LAST_WAITS: u32 = 3;

impl<T: Item> Shelf<T> {
    pub(super) fn new(storing: Storing) -> Self {
        Self {
            storing,
            taken: VecDeque::new(),
            vain: 0,
        }
    }

    pub(super) fn put(&mut self, batch: Batch<T>, now: Instant) {
        if self.storing == Storing::WithAnswer {
            return;
        }
        let mut taken = Taken {
            traces: batch.items().iter().map(T::trace).collect(),
            held: Vec::new(),
            bytes: 0,
            since: now,
            look_at: now,
        };
        if matches!(self.storing, Storing::LaterAndHeld(_)) {
            taken.bytes = batch.bytes();
            taken.held = batch.into_held().collect();
            taken.look_at = now + LOOK_AGAIN;
        }
        self.taken.push_back(taken);
    }

    /// How many are held.
    pub(super) fn held(&self) -> usize {
        self.taken.iter().map(|taken| taken.held.len()).sum()
    }

    /// How many before this number are held.
    pub(super) fn held_before(&self, end: u64) -> usize {
        let held = self.taken.iter().flat_map(|taken| &taken.held);
        held.filter(|held| held.number < end).count()
    }

    /// Of those that are held.
    pub(super) fn bytes(&self) -> usize {
        let held = self.taken.iter().filter(|taken| !taken.held.is_empty());
        held.map(|taken| taken.bytes).sum()
    }

    /// Whether it is waited in vain.
    pub(super) fn is_vain(&self) -> bool {
        self.vain >= LAST_WAITS
    }

    /// How long it is until the next look, where there will be one whatever else happens.
    pub(super) fn until_look(&self, now: Instant) -> Duration {
        match (self.storing, self.taken.front()) {
            (Storing::LaterAndHeld(_), Some(first)) => first.look_at.saturating_duration_since(now),
            _ => Duration::MAX,
        }
    }

    fn is_full(&self, next: usize) -> bool {
        let most = match self.storing {
            Storing::WithAnswer | Storing::MadeLater(_) => return false,
            Storing::Later(most) | Storing::LaterAndHeld(most) => most,
        };
        let taken: usize = self.taken.iter().map(|taken| taken.traces.len()).sum();
        taken > 0 && taken + next > most
    }
}

impl<T: Item> Outbox<T> {
    /// Whether it is looked first what is stored, or waited for that.
    pub(super) fn look(&mut self, now: Instant) -> Option<Errand<T>> {
        let first = self.shelf.taken.front()?;
        let next = self.untaken().min(self.limits.batch_items);
        let is_full = next > 0 && self.shelf.is_full(next);
        let left = first.look_at.saturating_duration_since(now);
        let is_held = !first.held.is_empty();
        if (is_full || is_held) && left.is_zero() {
            return Some(Errand::Look(Arc::clone(&first.traces)));
        }
        is_full.then_some(Errand::Idle(left))
    }

    /// How many of those that were asked for are stored.
    pub(crate) fn looked(&mut self, found: Result<usize, prefect_client::Error>, now: Instant) {
        let Some(mut first) = self.shelf.taken.pop_front() else {
            return;
        };
        let trouble = match found {
            Ok(count) if count >= first.traces.len() => {
                self.shelf.vain = 0;
                return self.was_answered();
            }
            Ok(count) => {
                let (all, what) = (first.traces.len(), T::PLURAL);
                self.was_answered();
                format!("of {all} {what} that the server took, {count} are stored")
            }
            Err(error) if is_answer_for_ever(&error) && first.held.is_empty() => {
                // Nobody says what is stored, so nobody waits for it.
                tracing::debug!("the server does not say what it has stored: {error}");
                self.shelf = Shelf::new(Storing::WithAnswer);
                return;
            }
            Err(error) => {
                let text = format!("it is not known what is stored: {error}");
                self.did_not_get_through(text.clone(), now, LOOK_AGAIN);
                text
            }
        };
        first.look_at = now + LOOK_AGAIN;
        if until(first.since, PATIENCE, now).is_zero() {
            self.waited_in_vain(first, &trouble);
        } else {
            self.shelf.taken.push_front(first);
        }
        self.trouble = Some(trouble);
    }

    /// What is held is sent again, and the others are forgotten: they may be stored later, or never.
    fn waited_in_vain(&mut self, first: Taken<T>, trouble: &str) {
        self.shelf.vain += 1;
        if first.held.is_empty() {
            if self.shelf.vain == 1 {
                tracing::warn!("after {PATIENCE:?}, {trouble}");
            }
            self.shelf.taken.clear();
        }
        for held in first.held.into_iter().rev() {
            self.bytes += held.bytes;
            self.wait_again(held);
        }
    }
}

/// Whether asking again would be answered alike.
pub(super) fn is_answer_for_ever(error: &prefect_client::Error) -> bool {
    let status = error.status();
    let is_refusal = status.is_some_and(|status| status.is_client_error());
    (is_refusal && !error.is_retryable()) || error.is_unserved() || error.is_decode()
}

#[cfg(test)]
mod tests;
