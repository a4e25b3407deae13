//! Flow runs: wait for one, pause and suspend the one that the program is part of, resume one.
//!
//! A *paused* run's process lives on and waits. A *suspended* run's process ends, and resuming starts another.

use diptych_macros::dual;

use crate::faces::sdk;

mod pause;
mod pause_key;
mod pausing;
mod propose;
mod resume;
mod suspend;
mod wait;

#[dual(sdk)]
pub use pause::apause_flow_run;
#[dual(sdk)]
pub use resume::aresume_flow_run;
#[dual(sdk)]
pub use suspend::{asuspend_flow_run, asuspend_flow_run_by_id};
#[dual(sdk)]
pub use wait::await_for_flow_run;

pub use pause::PauseFlowRun;
pub(crate) use pause_key::PauseCount;
pub use resume::ResumeFlowRun;
pub use suspend::{SuspendFlowRun, Suspension};
pub use wait::WaitForFlowRun;
pub(crate) use wait::Waited;
#[dual(sdk)]
pub(crate) use wait::await_for_end;
