//! A flow, whatever its face, its parameters and what it gives.

use super::Exit;
use crate::cancellation::Cancellation;
use crate::engine::ExistingRun;

/// A flow of either face, with any parameters, values and errors: what a program hands to [`run`](crate::run). Nothing else is
/// one.
pub trait AnyFlow: Sealed + Send + Sync {
    /// The name of the flow.
    fn name(&self) -> &str;
}

/// What only this crate can do with a flow.
pub trait Sealed {
    /// Runs a run that exists already, until it has ended. The thread is the run's own.
    fn enter(&self, existing: ExistingRun, cancellation: &Cancellation) -> Exit;
}
