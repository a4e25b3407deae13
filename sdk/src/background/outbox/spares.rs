//! What the server has taken of what it makes something else of, as it does task runs of their events.
//!
//! What makes them is not what stores the events: Prefect's server has a queue for each, in memory, and where its process ends, an event
//! may be stored of which no task run was made. So it is the task runs that are looked for. Until each is seen to be in its last state,
//! a spare of its events is kept, and a little longer, until the server has stored them as well; they are sent again where the server
//! can't be reached meanwhile, as its process may have ended, or where what is made of them does not appear. An event that comes again is
//! the same one: its state is made once, and a state that is older than the one that is there changes nothing.
//!
//! Most of the time one request for many is enough, which counts those that are in a state. Which ones are missing is asked only where
//! nothing has changed for a while.

mod answers;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::batch::Held;
#[cfg(any(feature = "flows", test))]
use super::contact::Contact;
use super::{Batch, Errand, Outbox};
use crate::background::{Item, Tells};

/// For how many it is looked at once; the server answers with no more of them.
const SOUGHT: usize = 200;

/// How long it is waited before it is looked for the first time, and at most until it is looked again: the server is asked all along
/// where somebody waits, so that its process does not end unseen.
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LOOK_AGAIN: Duration = Duration::from_millis(320);

/// How long it takes the server at most to store what it has, so that spares are kept; and after how long in which nothing has changed
/// something is missing.
const KEPT: Duration = Duration::from_secs(6);

/// How large all of them may be.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sought {
    pub(crate) state: String,
    pub(crate) ids: Vec<Uuid>,
}

/// What the server has taken and may not have made anything of.
#[derive(Debug)]
pub(super) struct Spares<T> {
    /// How many items may be ahead of what is seen; nothing is kept without it.
    most_ahead: Option<usize>,
    /// By the number of the last item of each.
    unseen: BTreeMap<u64, Spare<T>>,
    /// Those numbers.
    last: HashMap<Uuid, u64>,
    /// Kept for as long as the items may not be stored.
    seen: VecDeque<Spare<T>>,
    /// How many items are unseen.
    ahead: usize,
    bytes: usize,
    look: Look,
    /// What it is looked for just now.
    sought: Vec<u64>,
    /// Somebody waits for everything before.
    wanted: u64,
    /// The numbers of those that were not seen in the end, and that nobody was told of.
    vain: Vec<u64>,
}

/// What was told of one thing.
#[derive(Debug)]
struct Spare<T> {
    of: Uuid,
    state: String,
    items: Vec<Held<T>>,
    bytes: usize,
    taken_at: Instant,
}

/// How it is looked for the oldest ones.
#[derive(Debug)]
struct Look {
    at: Option<Instant>,
    pause: Duration,
    /// The first that it was looked for, how many were there, and since when that is so.
    found: (u64, usize),
    moved_at: Option<Instant>,
}

impl<T> Spare<T> {
    fn times(&self) -> u32 {
        let times = self.items.iter().map(|held| held.times);
        times.max().unwrap_or_default()
    }
}

impl<T: Item> Spares<T> {
    pub(super) fn new(most_ahead: Option<usize>) -> Self {
        Self {
            most_ahead,
            unseen: BTreeMap::new(),
            last: HashMap::new(),
            seen: VecDeque::new(),
            ahead: 0,
            bytes: 0,
            look: Look {
                at: None,
                pause: FIRST_LOOK,
                found: (0, 0),
                moved_at: None,
            },
            sought: Vec::new(),
            wanted: 0,
            vain: Vec::new(),
        }
    }

    pub(super) fn are_kept(&self) -> bool {
        self.most_ahead.is_some()
    }

    pub(super) fn put(&mut self, batch: Batch<T>, now: Instant) {
        self.forget_stored(now);
        for held in batch.into_held() {
            if let Some(tells) = held.item.tells() {
                self.keep(held, tells, now);
            }
        }
        self.bound();
    }

    fn keep(&mut self, held: Held<T>, tells: Tells, now: Instant) {
        if self.unseen.is_empty() {
            self.look.pause = FIRST_LOOK;
            self.look.at = Some(now + FIRST_LOOK);
            self.look.moved_at = Some(now);
        }
        let before = self.last.get(&tells.of).copied();
        let mut spare = before
            .and_then(|number| self.unseen.remove(&number))
            .unwrap_or_else(|| Spare {
                of: tells.of,
                state: String::new(),
                items: Vec::new(),
                bytes: 0,
                taken_at: now,
            });
        let number = before.map_or(held.number, |before| before.max(held.number));
        if number == held.number {
            spare.state = tells.state;
        }
        spare.taken_at = now;
        spare.bytes += held.bytes;
        self.bytes += held.bytes;
        self.ahead += 1;
        spare.items.push(held);
        self.last.insert(tells.of, number);
        self.unseen.insert(number, spare);
    }

    /// The oldest are given up where they take too much.
    fn bound(&mut self) {
        while self.bytes > MOST_BYTES {
            let oldest = match self.seen.pop_front() {
                Some(seen) => seen,
                None => match self.unseen.first_key_value().map(|(number, _)| *number) {
                    Some(number) => match self.take(number) {
                        Some(spare) => spare,
                        None => return,
                    },
                    None => return,
                },
            };
            self.bytes -= oldest.bytes;
        }
    }

    fn take(&mut self, number: u64) -> Option<Spare<T>> {
        let spare = self.unseen.remove(&number)?;
        self.last.remove(&spare.of);
        self.ahead -= spare.items.len();
        Some(spare)
    }

    fn forget_stored(&mut self, now: Instant) {
        while let Some(first) = self.seen.front()
            && first.taken_at + KEPT <= now
        {
            self.bytes -= first.bytes;
            self.seen.pop_front();
        }
    }

    fn see(&mut self, number: u64) {
        if let Some(spare) = self.take(number) {
            self.seen.push_back(spare);
        }
    }

    /// Whether some of those before this number are unseen.
    pub(super) fn are_unseen_before(&self, end: u64) -> bool {
        self.unseen.range(..end).next().is_some()
    }

    pub(super) fn unseen_before(&self, end: u64) -> usize {
        self.unseen.range(..end).count()
    }

    /// How many of those before this number were not seen in the end; they are told of once.
    pub(super) fn tell_vain(&mut self, end: u64) -> usize {
        let all = self.vain.len();
        self.vain.retain(|number| *number >= end);
        all - self.vain.len()
    }

    /// The end of what the server has taken and may have lost since.
    #[cfg(any(feature = "flows", test))]
    pub(super) fn doubted(&self, contact: &Contact, now: Instant) -> Option<u64> {
        let mut latest = self.unseen.iter().rev();
        let doubted = latest.find(|(_, spare)| !contact.has_kept(spare.taken_at, now));
        doubted.map(|(number, _)| number + 1)
    }

    /// Somebody waits for everything before this number.
    #[cfg(any(feature = "flows", test))]
    pub(super) fn want(&mut self, end: u64) {
        self.wanted = self.wanted.max(end);
    }

    /// When it is looked next, whatever else happens.
    fn look_at(&self) -> Option<Instant> {
        let (number, first) = self.unseen.first_key_value()?;
        let at = self.look.at?;
        if *number < self.wanted {
            return Some(at);
        }
        Some(at.max(first.taken_at + KEPT))
    }

    pub(super) fn until_look(&self, now: Instant) -> Duration {
        let at = self.look_at();
        at.map_or(Duration::MAX, |at| at.saturating_duration_since(now))
    }

    /// The oldest that are in the same state, of those that it is time for.
    fn seek(&mut self, now: Instant, all: bool) -> Option<Errand<T>> {
        let (first, oldest) = self.unseen.first_key_value()?;
        let (first, state, times) = (*first, oldest.state.clone(), oldest.times());
        let is_due = |number: u64, spare: &Spare<T>| {
            all || number < self.wanted || spare.taken_at + KEPT <= now
        };
        let same = self
            .unseen
            .iter()
            .filter(|(number, spare)| spare.state == state && is_due(**number, spare));
        let same = same.take(SOUGHT);
        let (sought, ids): (Vec<u64>, Vec<Uuid>) =
            same.map(|(number, spare)| (*number, spare.of)).unzip();
        let patience = if first < self.wanted {
            KEPT
        } else {
            KEPT * 2_u32.pow(times.min(8))
        };
        let moved_at = self.look.moved_at.unwrap_or(oldest.taken_at);
        let is_stuck = moved_at.max(oldest.taken_at) + patience <= now;
        self.sought = sought;
        if is_stuck {
            return Some(Errand::Find(ids.into()));
        }
        Some(Errand::Count(Arc::new(Sought { state, ids })))
    }
}

impl<T: Item> Outbox<T> {
    /// Whether it is looked first what the server has made, or waited for that, as it has much to do.
    pub(super) fn make_room(&mut self, now: Instant) -> Option<Errand<T>> {
        let most = self.spares.most_ahead?;
        let (ahead, next) = (
            self.spares.ahead,
            self.untaken().min(self.limits.batch_items),
        );
        if next == 0 || ahead == 0 || ahead + next <= most {
            return None;
        }
        match self.spares.look.at {
            Some(at) if at > now => Some(Errand::Idle(at - now)),
            _ => self.spares.seek(now, true),
        }
    }

    /// Whether it is looked for what is due, or for what somebody waits for.
    pub(super) fn seek(&mut self, now: Instant) -> Option<Errand<T>> {
        let is_due = self.spares.look_at().is_some_and(|at| at <= now);
        is_due.then(|| self.spares.seek(now, false)).flatten()
    }
}

#[cfg(test)]
mod tests;
