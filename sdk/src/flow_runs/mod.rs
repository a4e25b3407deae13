//! Flow runs: wait for one, pause and suspend the one that the program is part of, resume one.
//!
//! A *paused* run's process lives on and waits. A *suspended* run's process ends, and resuming starts another. Either may
//! wait for an input ([`apause_flow_run_for_input`], [`asuspend_flow_run_for_input`]).

use diptych_macros::dual;

use crate::faces::sdk;

mod create;
mod pause;
mod pausing;
mod placeholder;
mod propose;
mod resume;
mod suspend;
mod tell;
mod wait;

#[dual(sdk)]
pub use pause::{
    apause_flow_run, apause_flow_run_for_input, apause_flow_run_for_input_with,
    apause_flow_run_with,
};
#[dual(sdk)]
pub use resume::{aresume_flow_run, aresume_flow_run_with};
#[dual(sdk)]
pub use suspend::{
    asuspend_flow_run, asuspend_flow_run_by_id, asuspend_flow_run_by_id_with,
    asuspend_flow_run_for_input, asuspend_flow_run_for_input_with, asuspend_flow_run_with,
};
#[dual(sdk)]
pub use wait::{await_for_flow_run, await_for_flow_run_with};

#[cfg(feature = "cli")]
#[dual(sdk, map(acreate_once => create_once))]
pub(crate) use create::acreate_once;
#[dual(sdk, map(acreate_surely => create_surely))]
pub(crate) use create::acreate_surely;
#[cfg(feature = "flows")]
#[dual(sdk, map(atry_to_create => try_to_create))]
pub(crate) use create::atry_to_create;
pub(crate) use create::give_key;
#[cfg(feature = "flows")]
pub(crate) use create::is_refusal;
#[cfg(feature = "flows")]
#[dual(sdk)]
pub(crate) use placeholder::AsyncLeftPlaceholder;
#[dual(sdk)]
pub(crate) use placeholder::AsyncPlaceholder;
#[cfg(feature = "flows")]
pub(crate) use propose::Proposal;
#[cfg(feature = "flows")]
#[dual(sdk, map(aforce_state => force_state, apropose_state => propose_state, apropose_once => propose_once))]
pub(crate) use propose::{aforce_state, apropose_once, apropose_state};

pub use pause::PauseFlowRunOptions;
pub use resume::ResumeFlowRunOptions;
pub use suspend::{SuspendFlowRunOptions, Suspension};
pub use wait::WaitForFlowRunOptions;
#[cfg(feature = "flows")]
pub(crate) use wait::is_last;
