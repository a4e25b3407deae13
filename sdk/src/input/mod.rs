//! Input of flow runs: what a paused run waits for, and messages between runs.
//!
//! A [`RunInput`] is a struct whose fields a person, or another run, fills in. Python sees the class of the same name:
//!
//! ```
//! use prefect_sdk::input::{RunInput, schemars};
//!
//! #[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema, RunInput)]
//! # #[schemars(crate = "prefect_sdk::input::schemars")]
//! struct Approval {
//!     approved: bool,
//!     #[serde(default)]
//!     reason: Option<String>,
//! }
//!
//! assert_eq!(Approval::keyset().schema, "approval-schema");
//! ```
//!
//! A crate that does not depend on `schemars` itself says where it is with
//! `#[schemars(crate = "prefect_sdk::input::schemars")]`.
//!
//! **Pausing with input.** A run that pauses names the keys of its input in the state that it proposes
//! (`state_details.run_input_keyset`, from [`Keyset::of_pause`] and `into()`), saves the schema with
//! [`InputForm::asave`] once the server accepts the state, waits until it runs again, and loads the response with
//! [`InputForm::aload`]. The server checks the response against the schema before the run resumes.
//!
//! **Messages.** [`RunInput::asend_to`] sends an input to a run, [`RunInput::areceive`] gives those that were sent to it,
//! one after the other, and [`Received::arespond`] answers the run that sent one. [`asend_input`] and
//! [`areceive_input`] also take bare values such as numbers and lists.
//!
//! **Raw inputs** are text below a key: [`acreate_flow_run_input`] and the others of its kind.

mod actions;
mod automatic;
mod form;
mod keys;
mod kinds;
mod messages;
mod receive;
mod schema;
#[cfg(test)]
mod tests;

use diptych_macros::dual;

use crate::faces::sdk;

#[dual(sdk)]
pub use actions::{
    acreate_flow_run_input, adelete_flow_run_input, afilter_flow_run_input, aread_flow_run_input,
};
pub use form::InputForm;
pub use keys::Keyset;
pub use kinds::{Input, RunInput};
#[dual(sdk)]
pub use messages::asend_input;
pub use messages::{Received, RunInputMetadata, SendInput};
pub use prefect_client::models::FlowRunInput;
pub use prefect_client::requests::{CreateFlowRunInput, FilterFlowRunInput};
pub use prefect_sdk_derive::RunInput;
pub use receive::ReceiveInput;
#[dual(sdk)]
pub use receive::{AsyncGetInputHandler, areceive_input};
pub use schemars;
