//! How many seats a worker has: one that is free, as long as there may be one more, and those that are taken. No I/O.

/// The seats of a worker, of which each executes one run at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seats {
    pub(super) all: usize,
    taken: usize,
    limit: Option<usize>,
}

impl Seats {
    /// Nobody sits.
    pub(super) fn new(limit: Option<usize>) -> Self {
        Self {
            all: 0,
            taken: 0,
            limit,
        }
    }

    /// Adds a free seat, if there is none and there may be one.
    pub(super) fn add(&mut self) -> bool {
        let is_wanted = self.all == self.taken && self.limit.is_none_or(|limit| self.all < limit);
        self.all += usize::from(is_wanted);
        is_wanted
    }

    /// A free seat is taken.
    pub(super) fn take(&mut self) {
        self.taken += 1;
    }

    /// A seat is free again.
    pub(super) fn free(&mut self) {
        self.taken -= 1;
    }

    /// Takes a free seat away, if one more is there than is needed.
    pub(super) fn remove_spare(&mut self) -> bool {
        let is_spare = self.all > self.taken + 1;
        self.all -= usize::from(is_spare);
        is_spare
    }

    /// A free seat is there no more.
    pub(super) fn remove(&mut self) {
        self.all -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_free_up_to_the_limit() {
        let mut seats = Seats::new(Some(2));
        assert!(seats.add() && !seats.add());
        seats.take();
        assert!(seats.add() && !seats.add());
        seats.take();
        assert!(!seats.add() && !seats.remove_spare());
        seats.free();
        assert!(!seats.remove_spare());
        seats.free();
        // Two that are free at one time do not both leave.
        assert!(seats.remove_spare() && !seats.remove_spare());
        assert_eq!(seats.all, 1);
        let mut endless = Seats::new(None);
        for _ in 0..100 {
            assert!(endless.add());
            endless.take();
        }
    }
}
