//! What follows from an answer about what the server has made, or from none.

use std::collections::HashMap;
use std::time::Instant;

use uuid::Uuid;

use super::{FIRST_LOOK, LOOK_AGAIN, Spare, Spares};
use crate::background::Item;
use crate::background::outbox::Outbox;
use crate::background::outbox::shelf::is_answer_for_ever;

/// How often spares are sent again, while the server is there; and where somebody waits for them.
const SENT: u32 = 3;
const SENT_WHILE_WAITED_FOR: u32 = 2;

impl<T: Item> Outbox<T> {
    /// How many of those that were counted are in the state that they were told to be in.
    pub(crate) fn counted(&mut self, found: Result<usize, prefect_client::Error>, now: Instant) {
        let sought = std::mem::take(&mut self.spares.sought);
        let Some(count) = self.answered(found, now) else {
            return;
        };
        let look = &mut self.spares.look;
        if count >= sought.len() {
            for number in sought {
                self.spares.see(number);
            }
            return self.moved(now);
        }
        let found = (sought.first().copied().unwrap_or_default(), count);
        if look.found != found {
            (look.found, look.moved_at) = (found, Some(now));
        }
        look.pause = (look.pause * 2).min(LOOK_AGAIN);
        look.at = Some(now + look.pause);
    }

    /// In which state each is of those that were asked for.
    pub(crate) fn found(
        &mut self,
        found: Result<Vec<(Uuid, String)>, prefect_client::Error>,
        now: Instant,
    ) {
        let sought = std::mem::take(&mut self.spares.sought);
        let Some(found) = self.answered(found, now) else {
            return;
        };
        let found: HashMap<Uuid, String> = found.into_iter().collect();
        let is_there = |spare: &Spare<T>| found.get(&spare.of) == Some(&spare.state);
        let all = sought.len();
        let unseen = &self.spares.unseen;
        let missing = sought
            .iter()
            .filter(|number| unseen.get(number).is_some_and(|spare| !is_there(spare)));
        let missing: Vec<u64> = missing.copied().collect();
        for number in sought {
            if !missing.contains(&number) {
                self.spares.see(number);
            }
        }
        self.moved(now);
        let is_everything = missing.len() == all;
        for number in missing {
            self.miss(number, is_everything);
        }
    }

    fn moved(&mut self, now: Instant) {
        let look = &mut self.spares.look;
        (look.at, look.moved_at, look.pause) = (Some(now), Some(now), FIRST_LOOK);
    }

    /// It was not seen: it is sent again, unless that was in vain before. Where nothing is seen, nothing is waited for any longer.
    fn miss(&mut self, number: u64, is_everything: bool) {
        let most = if number < self.spares.wanted {
            SENT_WHILE_WAITED_FOR
        } else {
            SENT
        };
        let Some(mut spare) = self.spares.take(number) else {
            return;
        };
        self.spares.bytes -= spare.bytes;
        if spare.times() < most {
            for held in &mut spare.items {
                held.times += 1;
            }
            return self.send_again(spare);
        }
        let given_up = std::iter::once(number)
            .chain(self.spares.unseen.keys().copied().filter(|_| is_everything));
        let given_up: Vec<u64> = given_up.collect();
        tracing::warn!(
            "{} {} are not seen to be in the state that the server was told of",
            given_up.len(),
            T::THINGS
        );
        for number in &given_up {
            if let Some(spare) = self.spares.take(*number) {
                self.spares.bytes -= spare.bytes;
            }
        }
        self.spares.vain.extend(given_up);
    }

    /// The answer, if there is one. A server that has none to give is not asked any more.
    fn answered<A>(&mut self, answer: Result<A, prefect_client::Error>, now: Instant) -> Option<A> {
        let error = match answer {
            Ok(answer) => {
                self.was_answered();
                self.contact.answered(now);
                return Some(answer);
            }
            Err(error) => error,
        };
        if is_answer_for_ever(&error) {
            tracing::debug!("the server does not say what it has made: {error}");
            self.spares = Spares::new(None);
            return None;
        }
        self.contact.lost();
        // That says nothing against them; but where the server is away, it may have lost them.
        let is_away = error.is_connect();
        let text = format!("it is not known what {} there are: {error}", T::THINGS);
        self.did_not_get_through(text, now, LOOK_AGAIN);
        self.spares.look.at = Some(now + LOOK_AGAIN);
        if is_away {
            self.doubt();
        }
        None
    }

    /// The server can't be reached: its process may have ended, and what it had in memory with it.
    pub(in crate::background::outbox) fn doubt(&mut self) {
        let spares = &mut self.spares;
        spares.last.clear();
        (spares.ahead, spares.bytes) = (0, 0);
        let unseen = std::mem::take(&mut spares.unseen).into_values();
        let all: Vec<Spare<T>> = std::mem::take(&mut spares.seen)
            .into_iter()
            .chain(unseen)
            .collect();
        for spare in all {
            self.send_again(spare);
        }
    }

    fn send_again(&mut self, spare: Spare<T>) {
        for held in spare.items {
            self.bytes += held.bytes;
            self.wait_again(held);
        }
    }
}
