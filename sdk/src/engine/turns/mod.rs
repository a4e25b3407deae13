//! Whose turn it is, of the task runs that were submitted in a flow run. No I/O: both faces do what it says.
//!
//! So many hold a turn at once as there may be. A run that waits for another lends its turn meanwhile, so that runs which
//! submit others and wait for them never stand in each other's way; it goes on when it has a turn again, and before any that
//! has not begun. What is waited for so goes first. Where very many have lent theirs, no more begin than are waited for.

use std::collections::{BTreeMap, BTreeSet};

/// So many may have begun and wait, before none begins any more that nobody waits for: each of them holds what its function
/// has so far, and in the blocking face a thread.
const MOST_WAITING: usize = 256;

/// Tells jobs apart, in the order in which they came.
pub(super) type Ticket = u64;

/// Jobs, and who of them holds a turn.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Turns<J> {
    limit: usize,
    held: usize,
    next: Ticket,
    is_closed: bool,
    /// Those that wait for what they depend on, and which of them are wanted.
    later: BTreeMap<Ticket, J>,
    wanted: BTreeSet<Ticket>,
    /// Those that may begin, before the queue: somebody lends a turn for each.
    first: BTreeMap<Ticket, J>,
    /// Those that may begin.
    queue: BTreeMap<Ticket, J>,
    begun: BTreeMap<Ticket, Begun>,
    /// Those that have lent their turn, and want one again.
    back: BTreeSet<Ticket>,
}

/// One that has begun.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(PartialEq, Eq, Hash))]
struct Begun {
    holds: bool,
    /// For how much it waits.
    waits: usize,
}

/// What is to be done next.
#[derive(Debug)]
pub(super) enum Next<J> {
    /// This job begins.
    Begin(Ticket, J),
    /// This one has a turn again.
    GoOn(Ticket),
}

impl<J> Turns<J> {
    /// At least one may hold a turn.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            held: 0,
            next: 0,
            is_closed: false,
            later: BTreeMap::new(),
            wanted: BTreeSet::new(),
            first: BTreeMap::new(),
            queue: BTreeMap::new(),
            begun: BTreeMap::new(),
            back: BTreeSet::new(),
        }
    }

    /// How many may hold a turn at once.
    #[cfg(all(feature = "async", feature = "blocking"))]
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Takes a job, which may begin once it is ready. Nobody is taken after the end.
    pub(super) fn add(&mut self, job: J) -> Result<Ticket, J> {
        if self.is_closed {
            return Err(job);
        }
        let ticket = self.next;
        self.next += 1;
        self.later.insert(ticket, job);
        Ok(ticket)
    }

    /// What it depends on is there.
    pub(super) fn ready(&mut self, ticket: Ticket) {
        let Some(job) = self.later.remove(&ticket) else {
            return;
        };
        let line = if self.wanted.remove(&ticket) {
            &mut self.first
        } else {
            &mut self.queue
        };
        line.insert(ticket, job);
    }

    /// Somebody lends a turn for it. Gives whether what it depends on is wanted with it, and was not before.
    pub(super) fn want(&mut self, ticket: Ticket) -> bool {
        if let Some(job) = self.queue.remove(&ticket) {
            self.first.insert(ticket, job);
            return false;
        }
        self.later.contains_key(&ticket) && self.wanted.insert(ticket)
    }

    /// Those that wait for what they depend on.
    pub(super) fn later(&self) -> Vec<Ticket> {
        self.later.keys().copied().collect()
    }

    /// What is to be done, until it is nothing.
    pub(super) fn next(&mut self) -> Option<Next<J>> {
        if self.held >= self.limit {
            return None;
        }
        if let Some(ticket) = self.back.pop_first() {
            self.hold(ticket);
            return Some(Next::GoOn(ticket));
        }
        let (ticket, job) = self.first.pop_first().or_else(|| self.next_of_queue())?;
        let begun = Begun {
            holds: true,
            waits: 0,
        };
        self.begun.insert(ticket, begun);
        self.held += 1;
        Some(Next::Begin(ticket, job))
    }

    /// One that nobody waits for.
    fn next_of_queue(&mut self) -> Option<(Ticket, J)> {
        let waiting = self.begun.len() - self.held;
        let may_begin = waiting < MOST_WAITING;
        may_begin.then(|| self.queue.pop_first()).flatten()
    }

    fn hold(&mut self, ticket: Ticket) {
        if let Some(begun) = self.begun.get_mut(&ticket) {
            begun.holds = true;
            self.held += 1;
        }
    }

    /// It waits for another, and needs no turn meanwhile. Gives whether it wanted one again, as it waits more than once: who
    /// waited for that goes on.
    pub(super) fn lend(&mut self, ticket: Ticket) -> bool {
        let Some(begun) = self.begun.get_mut(&ticket) else {
            return false;
        };
        begun.waits += 1;
        if begun.holds {
            begun.holds = false;
            self.held -= 1;
        }
        self.back.remove(&ticket)
    }

    /// What it waited for is there: after the last wait it wants its turn again.
    pub(super) fn waited(&mut self, ticket: Ticket) {
        let Some(begun) = self.begun.get_mut(&ticket) else {
            return;
        };
        begun.waits = begun.waits.saturating_sub(1);
        if begun.waits == 0 && !begun.holds {
            self.back.insert(ticket);
        }
    }

    /// Whether it may go on after a wait. One that waits for something else still has lent its turn for that.
    pub(super) fn may_go_on(&self, ticket: Ticket) -> bool {
        let begun = self.begun.get(&ticket);
        begun.is_none_or(|begun| begun.holds || begun.waits > 0)
    }

    /// It goes on whether or not there is a turn for it, as it can't wait.
    pub(super) fn go_on_anyway(&mut self, ticket: Ticket) {
        if !self.may_go_on(ticket) {
            self.back.remove(&ticket);
            self.hold(ticket);
        }
    }

    /// It has ended.
    pub(super) fn end(&mut self, ticket: Ticket) {
        self.back.remove(&ticket);
        if self.begun.remove(&ticket).is_some_and(|begun| begun.holds) {
            self.held -= 1;
        }
    }

    /// Takes back one that could not begin after all, to begin it later; or gives it, where nobody would.
    #[cfg(any(feature = "blocking", test))]
    pub(super) fn take_back(&mut self, ticket: Ticket, job: J) -> Option<J> {
        self.end(ticket);
        if self.is_closed || self.begun.is_empty() {
            return Some(job);
        }
        self.first.insert(ticket, job);
        None
    }

    /// Nothing begins after this; gives what had not begun.
    pub(super) fn close(&mut self) -> Vec<J> {
        self.is_closed = true;
        self.wanted.clear();
        let later = std::mem::take(&mut self.later);
        let first = std::mem::take(&mut self.first);
        let queue = std::mem::take(&mut self.queue);
        let all = later.into_values().chain(first.into_values());
        all.chain(queue.into_values()).collect()
    }

    /// Nothing begins after this, if nothing is there; gives whether that is so.
    pub(super) fn close_if_idle(&mut self) -> bool {
        self.is_closed |= self.is_idle();
        self.is_idle()
    }

    /// Whether nothing is there any more.
    pub(super) fn is_idle(&self) -> bool {
        let waiting = [&self.later, &self.first, &self.queue];
        self.begun.is_empty() && waiting.iter().all(|jobs| jobs.is_empty())
    }
}

#[cfg(test)]
mod tests;
