//! How far delivery is: what somebody waits for, and what is said of that.

#[cfg(any(feature = "flows", test))]
use std::time::Instant;

use super::{Outbox, Over};
use crate::background::Item;
use crate::{Error, Refusal};

/// Up to where somebody waits, and what of the rejections was told before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(super) end: u64,
    told: u64,
    /// Whether they wait also for what the server makes of it.
    is_seen: bool,
}

/// How far delivery is.
#[derive(Debug)]
pub(crate) enum Delivered {
    /// Everything is settled.
    Yes,
    /// Not everything is.
    Not,
    /// It is known what will not be delivered.
    Failed(Error),
}

impl<T: Item> Outbox<T> {
    /// Says that whatever is held now is wanted soon. Gives its end, and what of the rejections was told before.
    pub(crate) fn hurry(&mut self) -> Mark {
        self.wanted = self.next;
        Mark {
            end: self.next,
            told: self.rejections.told(),
            is_seen: false,
        }
    }

    /// Says that what the server makes is wanted soon of everything that it has taken and may have lost since; nothing where it has lost
    /// none of it, as its process is the same.
    #[cfg(any(feature = "flows", test))]
    pub(crate) fn hurry_until_sure(&mut self, now: Instant) -> Option<Mark> {
        let end = self.spares.doubted(&self.contact, now)?;
        self.spares.want(end);
        Some(Mark {
            end,
            told: self.rejections.told(),
            is_seen: true,
        })
    }

    /// How far everything before the mark is.
    pub(crate) fn delivered(&mut self, mark: Mark) -> Delivered {
        let (missing, unseen) = (self.missing(mark), self.shelf.held_before(mark.end));
        let is_seen = !mark.is_seen || !self.spares.are_unseen_before(mark.end);
        if missing + unseen == 0 && is_seen {
            let rejected = self.rejections.tell(mark.told);
            return match rejected {
                Some(told) => Delivered::Failed(told.error(T::PLURAL, &self.limits.address)),
                None => self.seen_in_the_end(mark),
            };
        }
        match &self.over {
            Some(over) => Delivered::Failed(self.over_error(over, missing, unseen)),
            None => Delivered::Not,
        }
    }

    /// Nothing before the mark is waited for any more.
    fn seen_in_the_end(&mut self, mark: Mark) -> Delivered {
        if !mark.is_seen {
            return Delivered::Yes;
        }
        match self.spares.tell_vain(mark.end) {
            0 => Delivered::Yes,
            count => Delivered::Failed(Error::lost(format!(
                "{count} {} are not seen to be in the state that {} was told of",
                T::THINGS,
                self.limits.address
            ))),
        }
    }

    /// How many before the mark the server does not have yet.
    pub(super) fn missing(&self, mark: Mark) -> usize {
        let waiting = self.waiting.partition_point(|held| held.number < mark.end);
        let suspects = self.suspects.iter().map(|suspect| suspect.held.number);
        let others = suspects.chain(self.away.iter().copied());
        waiting + others.filter(|number| *number < mark.end).count()
    }

    /// What of that before the mark may still be delivered.
    pub(crate) fn on_its_way(&self, mark: Mark) -> Option<String> {
        let held = self.missing(mark) + self.shelf.held_before(mark.end);
        (self.over.is_none() && held > 0).then(|| self.still_held(mark))
    }

    /// What of that before the mark is not delivered, and why.
    pub(crate) fn still_held(&self, mark: Mark) -> String {
        let (missing, what, address) = (self.missing(mark), T::PLURAL, &self.limits.address);
        let (unseen, why) = (self.shelf.held_before(mark.end), self.why());
        let taken = match unseen {
            0 => String::new(),
            _ => format!("{unseen} {what} were taken and are not seen to be stored yet, and "),
        };
        let unmade = match self.spares.unseen_before(mark.end) {
            count if count > 0 && mark.is_seen => format!(
                "{count} {} are not seen to be in their last state yet, and ",
                T::THINGS
            ),
            _ => String::new(),
        };
        format!("{taken}{unmade}{missing} {what} are still held and being sent to {address}{why}")
    }

    pub(super) fn why(&self) -> String {
        let trouble = self.trouble.as_ref();
        trouble.map_or_else(String::new, |cause| {
            format!("; the last attempt failed: {cause}")
        })
    }

    /// `unseen`: taken, and not seen to be stored.
    pub(super) fn over_error(&self, over: &Over, missing: usize, unseen: usize) -> Error {
        let (what, address) = (T::PLURAL, &self.limits.address);
        let lost = match missing {
            0 => format!("no more {what} are sent to {address}"),
            count => format!("{count} {what} are lost, and no more are sent to {address}"),
        };
        let lost = match unseen {
            0 => lost,
            _ => format!("{lost}; {unseen} {what} were taken and not seen to be stored"),
        };
        match over {
            Over::Refused(cause) => Error::refused(
                Refusal::Credentials,
                format!("{lost}: it does not accept the client's key or auth string: {cause}"),
            ),
            Over::GivenUp(cause) => Error::disconnected(format!("{lost}: {cause}")),
            Over::Ended => Error::disconnected(format!("{lost}: what sends them has ended")),
        }
    }
}
