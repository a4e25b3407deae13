//! The shared state of the engine: the pool of tasks, their futures, who waits for them, and cancellation. These are the SDK's own
//! files, compiled with locks, conditions and threads of shuttle, which decides who takes the next step.

// The examples in these files are the SDK's, and are tested there.
#![cfg(not(doctest))]
#![allow(dead_code, reason = "the files have more than what is tested here")]

mod background;
#[path = "../../../sdk/src/cancellation/mod.rs"]
mod cancellation;
mod control;
mod deadline;
mod engine;
mod error;
pub mod scenarios;
mod signals;
mod sync;

pub(crate) use error::Error;
