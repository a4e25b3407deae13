//! The interfaces of Prefect 3 that people use, in two faces: blocking by default, async by name.
//!
//! Each is written once, as an async function, and [`dual`](diptych_macros::dual) adds the blocking twin: `aget` takes an
//! `AsyncPrefectClient` and is awaited, `get` takes a `PrefectClient` and blocks the thread. What an interface must have
//! is an argument; what it may have is in one struct, where everything starts absent.
//!
//! Features: `blocking` and `async` are the faces, `rustls` is HTTPS for the blocking one; all three are on by default.
//! `tracing-layer` adds a layer for `tracing` that ships logs to Prefect.

#![cfg_attr(docsrs, feature(doc_cfg))]

// The derive names this crate, also where the crate's own tests use it.
#[cfg(test)]
extern crate self as prefect_sdk;

pub mod artifacts;
mod background;
pub mod concurrency;
mod context;
mod deadline;
pub mod deployments;
mod error;
pub mod events;
mod faces;
pub mod flow_runs;
pub mod input;
pub mod logs;
mod missing;
mod polling;
pub mod variables;
mod websocket;

pub use context::RunContext;
pub use error::{Error, Refusal};
pub use prefect_client as client;

/// The README's example is tested as documentation.
#[cfg(all(doctest, feature = "blocking", feature = "async"))]
#[doc = include_str!("../README.md")]
struct Readme;
