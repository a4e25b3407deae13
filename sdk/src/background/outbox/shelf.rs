//! What the server has taken, and is not known to have stored.
//!
//! Prefect's server answers that it has taken events before it stores them. Until then they are in its memory, in a queue
//! that has room for 10,000 and drops what does not fit without a word, and that ends with the process. So no more than a
//! part of that queue is sent ahead of what is seen to be stored; and who wants to be certain has the sender hold each
//! event until then, and send again what does not appear.
//!
//! Between these is who does not wait, and keeps a spare of each event for as long as the server may not have stored it: it is sent
//! again where the server can't be reached meanwhile, as its process may have ended, or where it is not seen to be stored after a while.

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
    /// Later, and there is a spare of each until it is seen to be stored.
    LaterWithSpares(usize),
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
    /// Nobody waits for these, and they take no room.
    spares: Vec<Held<T>>,
    /// Of those that are held, or of the spares.
    bytes: usize,
    /// When it is looked for the spares.
    spares_due: Instant,
    since: Instant,
    /// When it is looked whether they are stored.
    look_at: Instant,
}

/// How often it is looked for the same.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// How long it is waited for the same to be stored. Prefect's server stores what it has at least every five seconds.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long after spares were sent it is looked whether they are stored, and twice as long after each time that they were not.
const SPARES_DUE: Duration = Duration::from_secs(6);

/// How often spares are sent again.
const SPARES_SENT: u32 = 3;

/// How many of them are looked for at once, and how large all of them may be.
const MOST_SPARES: usize = 500;
const SPARE_BYTES: usize = 16 * 1024 * 1024;

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
            spares: Vec::new(),
            bytes: 0,
            since: now,
            look_at: now,
            spares_due: now,
        };
        match self.storing {
            Storing::LaterAndHeld(_) => {
                taken.bytes = batch.bytes();
                taken.held = batch.into_held().collect();
                taken.look_at = now + LOOK_AGAIN;
            }
            Storing::LaterWithSpares(_) => {
                taken.bytes = batch.bytes();
                taken.spares = batch.into_held().collect();
                let times = taken.spares.iter().map(|spare| spare.times).max();
                taken.spares_due = now + SPARES_DUE * 2_u32.pow(times.unwrap_or_default().min(8));
            }
            _ => {}
        }
        self.taken.push_back(taken);
        self.bound_spares();
    }

    /// The oldest are given up where they take too much.
    fn bound_spares(&mut self) {
        let of = |taken: &Taken<T>| {
            if taken.spares.is_empty() {
                0
            } else {
                taken.bytes
            }
        };
        let mut bytes: usize = self.taken.iter().map(of).sum();
        for taken in &mut self.taken {
            if bytes <= SPARE_BYTES {
                return;
            }
            bytes -= of(taken);
            taken.spares.clear();
        }
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
            (Storing::LaterWithSpares(_), Some(first)) if !first.spares.is_empty() => {
                first.spares_due.saturating_duration_since(now)
            }
            _ => Duration::MAX,
        }
    }

    fn is_full(&self, next: usize) -> bool {
        let most = match self.storing {
            Storing::WithAnswer => return false,
            Storing::Later(most) | Storing::LaterAndHeld(most) | Storing::LaterWithSpares(most) => {
                most
            }
        };
        let taken: usize = self.taken.iter().map(|taken| taken.traces.len()).sum();
        taken > 0 && taken + next > most
    }

    /// Those whose spares are due are looked for together.
    fn gather(&mut self, now: Instant) {
        let is_due = |taken: &Taken<T>| !taken.spares.is_empty() && taken.spares_due <= now;
        if !self.taken.front().is_some_and(is_due) {
            return;
        }
        let Some(mut first) = self.taken.pop_front() else {
            return;
        };
        let mut traces = first.traces.to_vec();
        while traces.len() < MOST_SPARES && self.taken.front().is_some_and(is_due) {
            let Some(next) = self.taken.pop_front() else {
                break;
            };
            traces.extend_from_slice(&next.traces);
            first.spares.extend(next.spares);
            first.bytes += next.bytes;
        }
        first.traces = traces.into();
        self.taken.push_front(first);
    }
}

impl<T: Item> Outbox<T> {
    /// Whether it is looked first what is stored, or waited for that.
    pub(super) fn look(&mut self, now: Instant) -> Option<Errand<T>> {
        self.shelf.gather(now);
        let first = self.shelf.taken.front()?;
        let next = self.untaken().min(self.limits.batch_items);
        let is_full = next > 0 && self.shelf.is_full(next);
        let left = first.look_at.saturating_duration_since(now);
        let is_held = !first.held.is_empty();
        let is_due = !first.spares.is_empty() && first.spares_due <= now;
        if ((is_full || is_held) && left.is_zero()) || is_due {
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
                if !first.spares.is_empty() {
                    // That says nothing against them; but where the server is away, it may have lost them.
                    first.spares_due = now + LOOK_AGAIN;
                    self.shelf.taken.push_front(first);
                    if error.is_connect() {
                        self.doubt();
                    }
                    self.trouble = Some(text);
                    return;
                }
                text
            }
        };
        first.look_at = now + LOOK_AGAIN;
        if first.spares_due <= now && !first.spares.is_empty() {
            self.missed(first.spares);
        } else if until(first.since, PATIENCE, now).is_zero() {
            self.waited_in_vain(first, &trouble);
        } else {
            self.shelf.taken.push_front(first);
        }
        self.trouble = Some(trouble);
    }

    /// The server can't be reached: its process may have ended, and what it had in memory with it.
    pub(super) fn doubt(&mut self) {
        for taken in std::mem::take(&mut self.shelf.taken) {
            if taken.spares.is_empty() {
                self.shelf.taken.push_back(taken);
            } else {
                self.send_again(taken.spares);
            }
        }
    }

    /// They were not seen to be stored, which a server may never say.
    fn missed(&mut self, mut spares: Vec<Held<T>>) {
        spares.retain_mut(|spare| {
            spare.times += 1;
            spare.times <= SPARES_SENT
        });
        self.send_again(spares);
    }

    fn send_again(&mut self, spares: Vec<Held<T>>) {
        for spare in spares.into_iter().rev() {
            self.bytes += spare.bytes;
            self.wait_again(spare);
        }
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
        self.missed(first.spares);
        for held in first.held.into_iter().rev() {
            self.bytes += held.bytes;
            self.wait_again(held);
        }
    }
}

/// Whether asking again would be answered alike.
fn is_answer_for_ever(error: &prefect_client::Error) -> bool {
    let status = error.status();
    let is_refusal = status.is_some_and(|status| status.is_client_error());
    (is_refusal && !error.is_retryable()) || error.is_unserved() || error.is_decode()
}

#[cfg(test)]
mod tests;
