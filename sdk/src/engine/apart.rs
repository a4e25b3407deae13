//! Parts of the engine's work whose futures are held apart from what awaits them. A run within a run is polled within the one that
//! encloses it, and without optimisation what polls has room on its stack for each future that it may hold: in one piece, ten levels
//! were more than a thread of tokio's has.

#[cfg(feature = "async")]
use std::pin::Pin;

/// Begins a part of the work in memory of its own.
#[cfg(feature = "async")]
pub(super) fn aapart<F: Future>(begin: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(begin())
}

/// Does a part of the work.
#[cfg(feature = "blocking")]
pub(super) fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}
