//! States: how they are made, and what comes out of them.
//!
//! [`completed`], [`failed`] and the others of Prefect's names make a state to propose; setters say what else it has.
//!
//! What comes out of a state is a result or an exception: `get_state_result`, `get_state_exception`,
//! `raise_state_exception`, each with its async twin. It does not matter which language the run was written in.

mod constructors;
#[cfg(feature = "results")]
mod exception;
#[cfg(feature = "results")]
mod outcome;
#[cfg(feature = "results")]
pub(crate) mod reading;
#[cfg(all(test, feature = "results"))]
mod tests;

#[cfg(feature = "results")]
use diptych_macros::dual;

pub(crate) use constructors::dropped;
pub use constructors::{
    PausedStateOptions, awaiting_concurrency_slot, awaiting_retry, cancelled, cancelling,
    completed, crashed, failed, infrastructure_pending, late, paused, paused_with, pending,
    retrying, running, scheduled, submitting, suspended, suspended_with,
};
#[cfg(feature = "results")]
pub use exception::{Ending, RunError, StateException};
#[cfg(feature = "results")]
pub use outcome::StateResultOptions;
#[cfg(feature = "results")]
#[dual(states)]
pub use outcome::{
    aget_state_exception, aget_state_exception_with, aget_state_result, aget_state_result_with,
    araise_state_exception, araise_state_exception_with,
};

#[cfg(feature = "results")]
diptych_macros::faces! {
    /// The names that differ between the faces of this module.
    states {
        ..crate::faces::sdk,
        AsyncResultStore => ResultStore,
        aget_state_exception => get_state_exception,
        aget_state_exception_with => get_state_exception_with,
        aget_state_result => get_state_result,
        aget_state_result_with => get_state_result_with,
        aopen_storage => open_storage,
        araise_state_exception => raise_state_exception,
        araise_state_exception_with => raise_state_exception_with,
        aread_record => read_record,
        aread_once => read_once,
    }
}
