//! The engine's files, and what stands in for those that they need.

#[path = "../../../../sdk/src/engine/arrivals.rs"]
mod arrivals;
mod flow;
#[path = "../../../../sdk/src/engine/pool/mod.rs"]
mod pool;
mod shown;
#[path = "../../../../sdk/src/engine/submitted.rs"]
mod submitted;
#[path = "../../../../sdk/src/engine/turns/mod.rs"]
mod turns;

use std::time::Duration;

use crate::Error;
pub(crate) use flow::{Flow, given, wait};

/// How a run ended that gave nothing.
#[derive(Debug)]
pub(crate) enum RunFailed<E> {
    Raised(E),
    TimedOut(Duration),
    Cancelled,
    Engine(Error),
}

impl<E> From<Error> for RunFailed<E> {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

diptych_macros::faces! {
    /// The names that differ between the faces.
    engine {
        async if feature = "async",
        blocking if feature = "blocking",
        AsyncArrivals => Arrivals,
        AsyncArrived => Arrived,
        AsyncAsks => Asks,
        AsyncBegun => Begun,
        AsyncCrew => Crew,
        AsyncJob => Job,
        AsyncLent => Lent,
        AsyncPool => Pool,
        AsyncSignal => Signal,
        AsyncTurn => Turn,
    }
}
