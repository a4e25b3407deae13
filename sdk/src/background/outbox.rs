//! What a sender holds until the server has it. Without I/O: both faces do what it says.
//!
//! Items are sent in batches, one at a time and in order, and a batch is the server's as soon as it answers so. What an
//! answer says about single items decides about them alone: those that the server can't read are rejected, and the others
//! are sent again at once. Where it does not say which, the batch is halved until a single one is left. One for which the
//! server fails each time, while it takes others, is rejected as well; until that is certain it is set aside, so that it
//! holds nobody up.
//!
//! What the server has taken is on the shelf until it is known to be stored, as far as that matters: see `shelf`; and of what it makes
//! something else of, spares are kept until that is seen: see `spares`.

mod batch;
mod contact;
mod delivery;
mod settle;
mod shelf;
mod spares;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::Item;
use super::rejections::Rejections;
use crate::Error;
pub(crate) use batch::Batch;
use batch::{Held, Suspect};
use contact::Contact;
pub(crate) use delivery::{Delivered, Mark};
use shelf::Shelf;
pub(crate) use shelf::Storing;
pub(crate) use spares::Sought;
use spares::Spares;

/// What a sender holds until the server has it.
#[derive(Debug)]
pub(crate) struct Outbox<T: Item> {
    limits: Limits,
    /// In the order of their numbers.
    waiting: VecDeque<Held<T>>,
    /// Those for which the server may fail.
    suspects: Vec<Suspect<T>>,
    /// Whether one of them goes before a batch.
    is_suspects_turn: bool,
    /// The numbers of those that are on their way.
    away: Vec<u64>,
    /// Of everything that the server has not taken.
    bytes: usize,
    /// The next one's number.
    next: u64,
    /// Everything before is wanted soon.
    wanted: u64,
    /// How many the next batch may have.
    size: usize,
    /// How many attempts in a row did not get through.
    failures: u32,
    not_before: Option<Instant>,
    /// How many the server has taken, ever.
    taken: u64,
    /// Why the last attempt did not get through, unless it did.
    trouble: Option<String>,
    over: Option<Over>,
    rejections: Rejections,
    shelf: Shelf<T>,
    spares: Spares<T>,
    contact: Contact,
}

/// When a batch is sent, and how much is held.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// How long an item waits for others.
    pub(crate) interval: Duration,
    pub(crate) batch_items: usize,
    pub(crate) batch_bytes: usize,
    pub(crate) max_items: usize,
    pub(crate) max_bytes: usize,
    pub(crate) storing: Storing,
    /// Where everything goes, for people.
    pub(crate) address: String,
}

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Errand<T: Item> {
    /// Send these, and say what came of it.
    Post(Batch<T>),
    /// Ask how many of these are stored, and say so.
    Look(Arc<[T::Trace]>),
    /// Ask how many of these are in that state, and say so.
    Count(Arc<Sought>),
    /// Ask in which state each of these is, and say so.
    Find(Arc<[Uuid]>),
    /// Wait so long for something to do.
    Idle(Duration),
    /// Nothing is left to be done, ever.
    End,
}

/// When a batch is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing waits.
    Never,
    Now,
    /// So long after the first one came as it waits for others.
    After(Instant),
}

/// Why nothing more is sent, ever.
#[derive(Clone, Debug)]
enum Over {
    /// The server does not accept the client.
    Refused(String),
    /// The sender was dropped, and the server can't be reached.
    GivenUp(String),
    /// What sends has ended.
    Ended,
}

/// What came of a request.
#[cfg(feature = "flows")]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Heard {
    Answer,
    /// An answer that a server's proxy or end may give.
    Failure,
    Nothing,
}

/// How often in a row a sender that was dropped tries to reach the server; Prefect's own number.
const LAST_ATTEMPTS: u32 = 10;

impl<T: Item> Outbox<T> {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            size: limits.batch_items,
            shelf: Shelf::new(limits.storing),
            spares: Spares::new(limits.storing.most_made_later()),
            contact: Contact::default(),
            limits,
            waiting: VecDeque::new(),
            suspects: Vec::new(),
            is_suspects_turn: false,
            away: Vec::new(),
            bytes: 0,
            next: 0,
            wanted: 0,
            failures: 0,
            not_before: None,
            taken: 0,
            trouble: None,
            over: None,
            rejections: Rejections::default(),
        }
    }

    /// Takes an item of that size, unless there is no room for it.
    pub(crate) fn push(&mut self, item: T, bytes: usize, now: Instant) -> Result<(), Error> {
        self.push_out_of(&mut Some(item), bytes, now)
    }

    /// Takes an item of that size out of there, unless there is no room for it.
    pub(crate) fn push_out_of(
        &mut self,
        item: &mut Option<T>,
        bytes: usize,
        now: Instant,
    ) -> Result<(), Error> {
        if let Some(over) = &self.over {
            return Err(self.over_error(over, 0, 0));
        }
        self.check_room(bytes)?;
        if let Some(item) = item.take() {
            self.hold(item, bytes, now);
        }
        Ok(())
    }

    /// Takes an item of that size, whether or not there is room for it.
    #[cfg(feature = "flows")]
    pub(crate) fn push_in_any_case(
        &mut self,
        item: T,
        bytes: usize,
        now: Instant,
    ) -> Result<(), Error> {
        if let Some(over) = &self.over {
            return Err(self.over_error(over, 0, 0));
        }
        self.hold(item, bytes, now);
        Ok(())
    }

    fn hold(&mut self, item: T, bytes: usize, now: Instant) {
        self.bytes += bytes;
        self.waiting.push_back(Held {
            item,
            bytes,
            number: self.next,
            since: now,
            failed_at: None,
            times: 0,
        });
        self.next += 1;
    }

    fn check_room(&self, bytes: usize) -> Result<(), Error> {
        let (options, most) = (T::OPTIONS, self.limits.max_bytes);
        if bytes > most {
            return Err(Error::full(format!(
                "this takes {bytes} bytes as JSON, and the sender holds at most {most}: raise `{options}::max_bytes`"
            )));
        }
        let (held, what) = (self.len(), T::PLURAL);
        let held_bytes = self.bytes + self.shelf.bytes();
        let limit = if held >= self.limits.max_items {
            T::MAX_ITEMS
        } else if held_bytes + bytes > most {
            "max_bytes"
        } else {
            return Ok(());
        };
        Err(Error::full(format!(
            "the sender holds {held} {what} ({held_bytes} bytes) that the server does not have yet, and takes no more: flush it, or raise `{options}::{limit}`{}",
            self.why()
        )))
    }

    /// How many are held.
    pub(crate) fn len(&self) -> usize {
        self.untaken() + self.shelf.held()
    }

    /// How many are not delivered, or not seen to be made.
    #[cfg(feature = "flows")]
    pub(crate) fn left(&self) -> usize {
        self.len() + self.spares.unseen_before(u64::MAX)
    }

    fn untaken(&self) -> usize {
        self.waiting.len() + self.suspects.len() + self.away.len()
    }

    /// What is to be done next; where nothing more will come, everything is sent soon.
    pub(crate) fn next(&mut self, now: Instant, is_closed: bool) -> Errand<T> {
        let errand = self.errand(now, is_closed);
        if !matches!(errand, Errand::Idle(_) | Errand::End) {
            self.contact.asks(now);
        }
        errand
    }

    fn errand(&mut self, now: Instant, is_closed: bool) -> Errand<T> {
        if self.over.is_some() || (is_closed && self.len() == 0) {
            return Errand::End;
        }
        if is_closed {
            self.hurry();
        }
        if let Some(left) = self.pause(now) {
            return Errand::Idle(left);
        }
        if let Some(step) = self.look(now) {
            return step;
        }
        if let Some(step) = self.make_room(now) {
            return step;
        }
        let wait = self.until_due(now);
        let due = self.suspects.iter().position(|suspect| suspect.at <= now);
        match due {
            Some(place) if self.is_suspects_turn || !wait.is_zero() => {
                return Errand::Post(self.send_suspect(place));
            }
            _ if wait.is_zero() => return Errand::Post(self.send_batch()),
            _ => {}
        }
        if let Some(step) = self.seek(now) {
            return step;
        }
        let suspects = self.suspects.iter();
        let waits = suspects.map(|suspect| suspect.at.saturating_duration_since(now));
        let wait = wait.min(self.shelf.until_look(now));
        let wait = wait.min(self.spares.until_look(now));
        Errand::Idle(waits.fold(wait, Duration::min))
    }

    /// How long nothing is sent, after attempts that did not get through.
    fn pause(&self, now: Instant) -> Option<Duration> {
        let left = self.not_before?.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    fn until_due(&self, now: Instant) -> Duration {
        match self.due() {
            Due::Never => Duration::MAX,
            Due::Now => Duration::ZERO,
            Due::After(since) => until(since, self.limits.interval, now),
        }
    }

    /// When the next batch is sent, as far as that depends on what waits.
    pub(crate) fn due(&self) -> Due {
        let Some(first) = self.waiting.front() else {
            return Due::Never;
        };
        let is_full =
            self.waiting.len() >= self.limits.batch_items || self.bytes >= self.limits.batch_bytes;
        if is_full || first.number < self.wanted {
            Due::Now
        } else {
            Due::After(first.since)
        }
    }

    /// The oldest ones that fit into a batch, at least one.
    fn send_batch(&mut self) -> Batch<T> {
        let (mut batch, mut bytes) = (Batch::default(), 0);
        while let Some(next) = self.waiting.front() {
            let fits = bytes + next.bytes <= self.limits.batch_bytes && batch.len() < self.size;
            if !fits && batch.len() > 0 {
                break;
            }
            bytes += next.bytes;
            batch.extend(self.waiting.pop_front());
        }
        self.is_suspects_turn = true;
        self.away = batch.numbers();
        batch
    }

    fn send_suspect(&mut self, place: usize) -> Batch<T> {
        let batch = Batch::suspect(self.suspects.remove(place));
        self.is_suspects_turn = false;
        self.away = batch.numbers();
        batch
    }

    /// Gives up where a sender that was dropped can't reach the server.
    pub(crate) fn give_up(&mut self) {
        let is_vain = self.failures >= LAST_ATTEMPTS || self.shelf.is_vain();
        if is_vain && self.over.is_none() {
            let cause = self.trouble.clone().unwrap_or_default();
            self.over = Some(Over::GivenUp(cause));
        }
    }

    /// What delivers has ended, whyever. What that leaves behind.
    pub(crate) fn ended(&mut self) -> Option<String> {
        let over = self.over.get_or_insert(Over::Ended).clone();
        let (lost, unseen) = (self.untaken(), self.shelf.held());
        (lost + unseen > 0).then(|| self.over_error(&over, lost, unseen).to_string())
    }

    /// What came of another request to the same server, which took so long.
    #[cfg(feature = "flows")]
    pub(crate) fn heard(&mut self, heard: Heard, took: Duration, now: Instant) {
        self.contact.asks(now.checked_sub(took).unwrap_or(now));
        match heard {
            Heard::Answer => self.contact.answered(now),
            Heard::Failure => self.contact.lost(),
            Heard::Nothing => {
                self.contact.lost();
                self.doubt();
            }
        }
    }
}

/// How long it is from now until so long after then; zero where that has passed.
fn until(since: Instant, wait: Duration, now: Instant) -> Duration {
    since
        .checked_add(wait)
        .map_or(Duration::MAX, |end| end.saturating_duration_since(now))
}

#[cfg(test)]
pub(super) mod tests;
