//! What is on its way.

use std::time::Instant;

/// Something that is held.
#[derive(Debug)]
pub(super) struct Held<T> {
    pub(super) item: T,
    /// As JSON.
    pub(super) bytes: usize,
    pub(super) number: u64,
    pub(super) since: Instant,
    /// How many the server had taken when it first failed for a batch with this one.
    pub(super) failed_at: Option<u64>,
    /// How often it was sent again although the server had taken it.
    pub(super) times: u32,
}

/// Something for which the server may fail.
#[derive(Debug)]
pub(super) struct Suspect<T> {
    pub(super) held: Held<T>,
    /// How often the server failed for it alone.
    pub(super) failures: u32,
    /// When it is tried again.
    pub(super) at: Instant,
}

/// What is on its way. Items stand apart from what is known of them, so that they can be sent as they are.
#[derive(Debug)]
pub(crate) struct Batch<T> {
    items: Vec<T>,
    marks: Vec<Held<()>>,
    /// How often the server failed for it alone, where it is a single one that is suspected.
    pub(super) suspected: Option<u32>,
}

impl<T> Batch<T> {
    pub(super) fn suspect(suspect: Suspect<T>) -> Self {
        let mut batch = Self {
            suspected: Some(suspect.failures),
            ..Self::default()
        };
        batch.extend([suspect.held]);
        batch
    }

    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.marks.iter().map(|mark| mark.bytes).sum()
    }

    pub(super) fn numbers(&self) -> Vec<u64> {
        self.marks.iter().map(|mark| mark.number).collect()
    }

    pub(super) fn into_held(self) -> impl DoubleEndedIterator<Item = Held<T>> + ExactSizeIterator {
        let items = self.items.into_iter().zip(self.marks);
        items.map(|(item, mark)| mark.with(item).1)
    }
}

impl<T> Extend<Held<T>> for Batch<T> {
    fn extend<I: IntoIterator<Item = Held<T>>>(&mut self, held: I) {
        for held in held {
            let (item, mark) = held.with(());
            self.items.push(item);
            self.marks.push(mark);
        }
    }
}

impl<T> Held<T> {
    /// Puts something else in the item's place.
    fn with<U>(self, item: U) -> (T, Held<U>) {
        let held = Held {
            item,
            bytes: self.bytes,
            number: self.number,
            since: self.since,
            failed_at: self.failed_at,
            times: self.times,
        };
        (self.item, held)
    }
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            marks: Vec::new(),
            suspected: None,
        }
    }
}
