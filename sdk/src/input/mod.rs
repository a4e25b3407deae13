//! Input of flow runs: what a paused run waits for, and messages between runs.
//!
//! A [`RunInput`] is a struct whose fields a person, or another run, fills in. Python sees the class of the same name:
//!
//! ```
//! use prefect_sdk::input::{RunInput, schemars};
//!
//! #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema, RunInput)]
//! struct Approval {
//!     approved: bool,
//!     #[serde(default)]
//!     reason: Option<String>,
//! }
//!
//! assert_eq!(Approval::keyset().schema, "approval-schema");
//! ```
//!
//! The derive of `JsonSchema` looks for `schemars` where it stands: a crate that does not depend on it imports it, as here, or
//! says where it is with `#[schemars(crate = "prefect_sdk::input::schemars")]`.
//!
//! **Pausing with input.** A run pauses, or suspends, until somebody resumes it with such an input:
//! [`apause_flow_run_for_input`](crate::flow_runs::apause_flow_run_for_input) and
//! [`asuspend_flow_run_for_input`](crate::flow_runs::asuspend_flow_run_for_input) take an [`InputForm`] and give the input.
//! The form is saved once the run has stopped, and the server checks an input against it before the run resumes.
//! [`InputForm::asave`] and [`InputForm::aload`] are for those who propose states of their own.
//!
//! **Messages.** [`RunInput::asend_to`] sends an input to a run, [`RunInput::areceive`] gives those that are sent to it,
//! one after the other, and [`Received::arespond`] answers the run that sent one. [`asend_input`] and
//! [`areceive_input`] also take bare values such as numbers and lists: each [`InputType`].
//!
//! **Raw inputs** are text below a key: [`acreate_flow_run_input`] and the others of its kind.

mod actions;
mod automatic;
mod form;
mod input_type;
mod keys;
mod messages;
mod question;
mod receive;
mod run_input;
mod schema;
#[cfg(test)]
mod tests;

use diptych_macros::dual;

use crate::faces::sdk;

#[dual(sdk)]
pub use actions::{
    acreate_flow_run_input, acreate_flow_run_input_with, adelete_flow_run_input,
    afilter_flow_run_input, afilter_flow_run_input_with, aread_flow_run_input,
};
pub use form::InputForm;
pub use input_type::InputType;
pub use keys::Keyset;
pub use messages::{Received, RunInputMetadata, SendInputOptions};
#[dual(sdk)]
pub use messages::{asend_input, asend_input_with};
pub use prefect_client::models::FlowRunInput;
pub use prefect_client::requests::{CreateFlowRunInput, FilterFlowRunInput};
pub use prefect_sdk_derive::RunInput;
pub(crate) use question::Question;
pub use receive::ReceiveInputOptions;
#[dual(sdk)]
pub use receive::{AsyncInputs, areceive_input, areceive_input_with};
pub use run_input::RunInput;
pub use schemars;
