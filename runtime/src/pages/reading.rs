//! The pages as both faces hold them.

use std::{fmt, vec};

use super::Sequence;
use crate::call::{Error, Operation, Progress, TransportError, TransportErrorKind};

/// The items of an operation that answers page by page. Nothing is sent before the first of them is asked for.
///
/// With a blocking client it is an [`Iterator`] of items, and has `next_page`; with an async client it is a
/// `futures_core::Stream` of items, and has `anext_page`. [`by_page`](Self::by_page) gives whole pages. An error comes
/// once, and ends the pages: what came before it is good. No page is empty.
///
/// At most one page is held, two with [`read_ahead`](Self::read_ahead). Pages that begin at an offset or have numbers are
/// those of a moving list: what is added or removed while they are read can make an item come twice or not at all.
#[must_use = "pages are not read before they are asked for"]
pub struct Pages<C: Caller, T> {
    pub(super) face: C,
    pub(super) reads_ahead: bool,
    pub(super) items: vec::IntoIter<T>,
    pub(super) state: State<T, <C::Sender as Sender>::Underway<T>>,
}

/// [`Pages`] as an iterator or a stream of whole pages.
#[must_use = "pages are not read before they are asked for"]
pub struct ByPage<C: Caller, T>(pub(super) Pages<C, T>);

/// A client of an API: one of its two faces.
pub trait Caller {
    /// What sends its calls.
    type Sender: Sender;

    /// What sends its calls.
    fn sender(&self) -> &Self::Sender;
}

/// What sends calls: the runtime's own blocking or async client.
pub trait Sender: sealed::Sealed {
    /// Pages that are being read.
    #[doc(hidden)]
    type Underway<T>;
}

mod sealed {
    pub trait Sealed {}

    #[cfg(feature = "async")]
    impl Sealed for crate::asynchronous::Client {}
    #[cfg(feature = "blocking")]
    impl Sealed for crate::blocking::Client {}
}

pub(super) enum State<T, U> {
    Ready(Box<Sequence<T>>),
    Underway(U),
    Over,
}

/// A page, an error, or the end.
pub(super) type Outcome<T> = Option<Result<Vec<T>, Error>>;

impl<C: Caller, T> Pages<C, T> {
    /// The pages of a sequence, read through a client.
    pub fn new(face: C, sequence: Sequence<T>) -> Self {
        Self {
            face,
            reads_ahead: false,
            items: Vec::new().into_iter(),
            state: State::Ready(Box::new(sequence)),
        }
    }

    /// Reads one page while the caller is busy with the one before.
    ///
    /// With a blocking client that takes a thread, from the first page until the last or until the pages are dropped.
    /// With an async client it takes a tokio task, which is aborted when the pages are dropped; outside of tokio, pages
    /// are read as they are asked for.
    pub fn read_ahead(mut self) -> Self {
        self.reads_ahead = true;
        self
    }

    /// Gives whole pages in place of items. What is left of a page that was begun comes first.
    pub fn by_page(self) -> ByPage<C, T> {
        ByPage(self)
    }

    /// What is left of a page that was begun by item.
    pub(super) fn rest(&mut self) -> Option<Vec<T>> {
        let rest: Vec<T> = std::mem::take(&mut self.items).collect();
        (!rest.is_empty()).then_some(rest)
    }
}

/// Nothing in it is pinned.
impl<C: Caller, T> Unpin for Pages<C, T> {}

impl<C: Caller, T> fmt::Debug for Pages<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Ready(_) => "ready",
            State::Underway(_) => "underway",
            State::Over => "over",
        };
        f.debug_struct("Pages")
            .field("reads_ahead", &self.reads_ahead)
            .field("items", &self.items.len())
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

impl<C: Caller, T> fmt::Debug for ByPage<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ByPage").field(&self.0).finish()
    }
}

/// What reads ahead ended without a word: it panicked, or its runtime is gone.
pub(super) fn stopped(
    operation: &'static Operation,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    let error = TransportError::new(TransportErrorKind::Interrupted, source);
    Error::transport(operation, error, None, Progress::MayBeExecuted)
}
