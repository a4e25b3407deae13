//! What follows from an answer, or from none.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::batch::{Held, Suspect};
use super::{Batch, Outbox, Over};
use crate::Rejected;
use crate::background::{Item, Verdict};

/// How often the server fails for a single item, while it takes others, before that is the item's fault.
const PROOF: u32 = 5;

/// How many are suspected at most: where the server fails for more, it is not for one of them.
const MOST_SUSPECTS: usize = 8;

const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The longest pause before half of a batch is sent, as it may be the other half that the server failed for.
const PAUSE_OF_HALVES: Duration = Duration::from_millis(100);

impl<T: Item> Outbox<T> {
    /// What came of a batch. Gives those that are rejected, and why.
    pub(crate) fn settled(
        &mut self,
        batch: Batch<T>,
        verdict: Verdict,
        now: Instant,
    ) -> Vec<(T, String)> {
        self.away.clear();
        match verdict {
            Verdict::Taken | Verdict::Unfit(_) | Verdict::Unreadable(_) => {
                self.contact.answered(now);
            }
            Verdict::Suspicious(_) | Verdict::Passing { .. } => self.contact.lost(),
            Verdict::Refused(_) => {}
        }
        match verdict {
            Verdict::Taken => self.got_through(batch, now),
            Verdict::Unfit(unfit) => return self.sort_out(batch, &unfit),
            Verdict::Unreadable(reason) => return self.halve(batch, &reason),
            Verdict::Suspicious(cause) => return self.suspect(batch, &cause, now),
            Verdict::Passing {
                cause,
                wait,
                is_away,
            } => {
                if is_away {
                    self.doubt();
                }
                self.did_not_get_through(cause, now, LONGEST_PAUSE);
                let asked = wait.and_then(|wait| now.checked_add(wait));
                self.not_before = self.not_before.max(asked);
                self.put_back(batch, now);
            }
            Verdict::Refused(cause) => {
                self.over = Some(Over::Refused(cause));
                self.put_back(batch, now);
            }
        }
        Vec::new()
    }

    fn got_through(&mut self, batch: Batch<T>, now: Instant) {
        self.bytes -= batch.bytes();
        self.taken += batch.len() as u64;
        if batch.suspected.is_none() {
            self.size = (self.size * 2).min(self.limits.batch_items);
        }
        self.was_answered();
        if self.spares.are_kept() {
            self.spares.put(batch, now);
        } else {
            self.shelf.put(batch, now);
        }
    }

    pub(super) fn was_answered(&mut self) {
        self.failures = 0;
        self.not_before = None;
        self.trouble = None;
    }

    /// Rejects those that the server names, and keeps the others.
    fn sort_out(&mut self, batch: Batch<T>, unfit: &BTreeMap<usize, String>) -> Vec<(T, String)> {
        if !unfit.keys().any(|index| *index < batch.len()) {
            return self.halve(batch, "the server refuses what was not sent");
        }
        self.was_answered();
        let mut rejected = Vec::new();
        for (index, held) in batch.into_held().enumerate() {
            match unfit.get(&index) {
                Some(reason) => rejected.push(self.reject(held, reason)),
                None => self.wait_again(held),
            }
        }
        rejected
    }

    /// The batch as it is will never be taken: half of it may be, and a single one is rejected.
    fn halve(&mut self, batch: Batch<T>, reason: &str) -> Vec<(T, String)> {
        self.was_answered();
        if batch.len() == 1 {
            let held = batch.into_held();
            return held.map(|held| self.reject(held, reason)).collect();
        }
        self.size = (batch.len() / 2).max(1);
        batch
            .into_held()
            .rev()
            .for_each(|held| self.wait_again(held));
        Vec::new()
    }

    /// The server failed: for one of these, or for something else.
    fn suspect(&mut self, batch: Batch<T>, cause: &str, now: Instant) -> Vec<(T, String)> {
        let is_alone = batch.len() == 1;
        let longest = if is_alone {
            LONGEST_PAUSE
        } else {
            PAUSE_OF_HALVES
        };
        self.did_not_get_through(cause.to_owned(), now, longest);
        if batch.suspected.is_none() {
            self.size = (batch.len() / 2).max(1);
        }
        let failures = batch.suspected.unwrap_or(0) + 1;
        let mut rejected = Vec::new();
        for mut held in batch.into_held().rev() {
            let taken_before = *held.failed_at.get_or_insert(self.taken);
            if is_alone && failures >= PROOF && self.taken > taken_before {
                let reason =
                    format!("the server failed for it {failures} times, and took others: {cause}");
                self.was_answered();
                rejected.push(self.reject(held, &reason));
            } else if is_alone && self.suspects.len() < MOST_SUSPECTS {
                self.set_aside(held, failures, now);
            } else {
                self.wait_again(held);
            }
        }
        rejected
    }

    fn set_aside(&mut self, held: Held<T>, failures: u32, now: Instant) {
        let at = now + pause(failures).min(LONGEST_PAUSE);
        self.suspects.push(Suspect { held, failures, at });
    }

    pub(super) fn did_not_get_through(&mut self, cause: String, now: Instant, longest: Duration) {
        self.failures += 1;
        self.not_before = Some(now + pause(self.failures).min(longest));
        self.trouble = Some(cause);
    }

    fn put_back(&mut self, batch: Batch<T>, now: Instant) {
        let suspected = batch.suspected;
        for held in batch.into_held().rev() {
            match suspected {
                Some(failures) => self.set_aside(held, failures, now),
                None => self.wait_again(held),
            }
        }
    }

    /// Back to its place, to be sent soon.
    pub(super) fn wait_again(&mut self, held: Held<T>) {
        self.wanted = self.wanted.max(held.number + 1);
        let place = self
            .waiting
            .partition_point(|other| other.number < held.number);
        self.waiting.insert(place, held);
    }

    fn reject(&mut self, held: Held<T>, reason: &str) -> (T, String) {
        self.bytes -= held.bytes;
        let item = held.item.describe();
        self.rejections.add(Rejected {
            id: item.id,
            name: item.name,
            reason: reason.to_owned(),
        });
        (held.item, reason.to_owned())
    }
}

/// The first attempt follows at once, as after a connection that a load balancer closed; the others ever later.
fn pause(failures: u32) -> Duration {
    match failures {
        0 | 1 => Duration::ZERO,
        more => Duration::from_millis(50) * 2_u32.pow((more - 2).min(10)),
    }
}
