//! How many seats a worker has: one that is free, as long as there may be one more, and those that are taken. No I/O.

/// How many runs may wait for others beside those that are executed.
const MOST_LENT: usize = 256;

/// The seats of a worker, of which each executes one run at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seats {
    pub(super) all: usize,
    taken: usize,
    /// Those whose run waits for others, which may need seats themselves.
    lent: usize,
    running: usize,
    limit: Option<usize>,
}

impl Seats {
    /// Nobody sits.
    pub(super) fn new(limit: Option<usize>) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    fn has_room(&self, seats: usize) -> bool {
        self.limit.is_none_or(|limit| seats < limit + self.lent)
    }

    /// Adds a free seat, if there is none and there may be one.
    pub(super) fn add(&mut self) -> bool {
        let is_wanted = self.all == self.taken && self.has_room(self.all);
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

    /// The run on a taken seat waits for others, so that there may be one more seat; unless too many do.
    pub(super) fn lend(&mut self) -> bool {
        let may = self.lent < MOST_LENT;
        self.lent += usize::from(may);
        may
    }

    pub(super) fn take_back(&mut self) {
        self.lent -= 1;
    }

    /// Whether a run begins: there are no more at once than the limit says, whoever has come back.
    pub(super) fn begin(&mut self) -> bool {
        let may = self.limit.is_none_or(|limit| self.running < limit);
        self.running += usize::from(may);
        may
    }

    pub(super) fn end(&mut self) {
        self.running -= 1;
    }

    /// Takes a free seat away, if one more is there than is needed.
    pub(super) fn remove_spare(&mut self) -> bool {
        let is_spare = self.all > self.taken + 1 || self.is_over();
        self.all -= usize::from(is_spare);
        is_spare
    }

    /// Takes a free seat away, if there are more than there may be.
    pub(super) fn remove_over(&mut self) -> bool {
        let is_over = self.is_over();
        self.all -= usize::from(is_over);
        is_over
    }

    fn is_over(&self) -> bool {
        self.all > self.taken && self.all > 0 && !self.has_room(self.all - 1)
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

    #[test]
    fn a_seat_is_lent_while_its_run_waits() {
        let mut seats = Seats::new(Some(1));
        assert!(seats.add());
        seats.take();
        assert!(!seats.add());
        assert!(seats.lend() && seats.add() && !seats.add());
        // What it waits for is executed meanwhile.
        seats.take();
        assert!(seats.begin());
        seats.take_back();
        assert!(!seats.begin());
        seats.end();
        seats.free();
        assert!(seats.begin());
        // One seat is too many now.
        assert!(seats.remove_over() && !seats.remove_over());
        assert_eq!(seats.all, 1);
        let mut many = Seats::new(Some(1));
        for _ in 0..MOST_LENT {
            assert!(many.lend());
        }
        assert!(!many.lend());
    }
}
