//! The entry of a program whose flows others start: Prefect's workers, the runner of this crate, and containers.

mod any_flow;
mod choice;
mod control;
mod enter;
mod environment;
mod exit;
mod faces;
mod found;
mod supervise;

pub use any_flow::AnyFlow;
use environment::Environment;
pub(crate) use environment::{
    CONTROL_PORT, CONTROL_TOKEN, ENTRYPOINT, HOOKS_OF_PARENT, OWN_CANCELLATION,
};
use exit::Exit;
#[cfg(feature = "async")]
pub(crate) use faces::alone;
#[cfg(feature = "cli")]
pub(crate) use faces::ask;
#[cfg(all(feature = "async", not(feature = "blocking")))]
pub(crate) use faces::runtime;

diptych_macros::faces! {
    /// The names that differ between the faces of the entry.
    entry {
        ..crate::engine::engine,
        AsyncKept => Kept,
        aenter => enter,
        afind => find,
        achoose => choose,
        aleft => left,
    }
}

/// Runs the run that the environment names, if it names one, and ends the process.
pub(crate) fn attend(flows: &[&dyn AnyFlow]) {
    let environment = match Environment::read() {
        Ok(Some(environment)) => environment,
        Ok(None) => return,
        Err(error) => Exit::untold(&error).leave(),
    };
    #[cfg(feature = "tracing-layer")]
    if let Err(error) = crate::logs::install() {
        Exit::untold(&error).leave();
    }
    supervise::supervise(&environment, flows, &Exit::code)
}

/// Runs a run in this process, as if it was started for it, and ends the process with what that gives which is called then.
#[cfg(feature = "cli")]
pub(crate) fn run_here(
    flow_run_id: uuid::Uuid,
    flows: &[&dyn AnyFlow],
    code: &dyn Fn() -> i32,
) -> ! {
    let environment = Environment {
        flow_run_id,
        entrypoint: None,
        is_told_by_parent: false,
        has_hooks_of_parent: false,
        control: None,
    };
    supervise::supervise(&environment, flows, &|_| code())
}
