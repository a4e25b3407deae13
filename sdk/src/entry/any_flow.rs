//! A flow, whatever its face, its parameters and what it gives.

#[cfg(feature = "cli")]
use serde_json::{Map, Value};

use super::Exit;
#[cfg(feature = "cli")]
use crate::Error;
use crate::cancellation::Cancellation;
#[cfg(feature = "cli")]
use crate::deployments::RunnerDeployment;
use crate::engine::ExistingRun;
#[cfg(feature = "cli")]
use crate::flows::FlowGraph;

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

    /// A deployment of that name.
    #[cfg(feature = "cli")]
    fn deployment(&self, name: &str) -> RunnerDeployment;

    /// What does not fit of parameters.
    #[cfg(feature = "cli")]
    fn check(&self, parameters: &Map<String, Value>) -> Result<(), String>;

    /// What it calls with these parameters.
    #[cfg(feature = "cli")]
    fn drawn(&self, parameters: Map<String, Value>) -> Result<FlowGraph, Error>;
}
