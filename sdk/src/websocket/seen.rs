//! What came of late.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// What came of late. An item that comes again within that time is the same.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ids: HashSet<Uuid>,
    order: VecDeque<(Instant, Uuid)>,
}

/// Prefect's own numbers.
const REMEMBERED_FOR: Duration = Duration::from_mins(2);
const MOST_REMEMBERED: usize = 500_000;

impl Seen {
    /// `false` where it was there before.
    pub(super) fn insert(&mut self, id: Uuid, now: Instant) -> bool {
        while let Some((at, old)) = self.order.front()
            && (self.order.len() >= MOST_REMEMBERED || now.duration_since(*at) > REMEMBERED_FOR)
        {
            self.ids.remove(old);
            self.order.pop_front();
        }
        let is_new = self.ids.insert(id);
        if is_new {
            self.order.push_back((now, id));
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_new_once_within_two_minutes() {
        let (mut seen, now) = (Seen::default(), Instant::now());
        assert!(seen.insert(Uuid::from_u128(1), now));
        assert!(!seen.insert(Uuid::from_u128(1), now + REMEMBERED_FOR));
        assert!(seen.insert(Uuid::from_u128(2), now + REMEMBERED_FOR * 2));
        assert!(seen.insert(Uuid::from_u128(1), now + REMEMBERED_FOR * 2));
        assert_eq!(seen.ids.len(), seen.order.len());
    }
}
