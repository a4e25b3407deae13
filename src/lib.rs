//! A client for the API of Prefect 3 in two faces: blocking by default, async by name.
//!
//! [`PrefectClient`] blocks the thread, [`AsyncPrefectClient`] has the same methods as futures on the caller's tokio.
//! Both are generated from the description that Prefect's server gives of itself, one method for each operation.
//! What an operation must have is an argument; what it may have is in one struct of [`requests`].
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_client::{PrefectClient, models::FlowCreate, requests::ReadFlowRuns};
//!
//! let client = PrefectClient::from_env()?;
//! let flow = client.create_flow(&FlowCreate::new("etl"))?;
//! for run in client.read_flow_runs_with(&ReadFlowRuns::new().limit(20))? {
//!     println!("{:?} {:?}", run.name, run.state_type);
//! }
//! match client.read_flow(flow.id) {
//!     Err(error) if error.is_not_found() => println!("somebody deleted it"),
//!     other => println!("{}", other?.name),
//! }
//! # Ok::<(), prefect_client::Error>(())
//! ```
//!
//! Features: `blocking` and `async` are the faces, `rustls` is HTTPS for the blocking one (the async one always has it);
//! all three are on by default. With `blocking` alone there is no async runtime in the tree.
//! `testing` brings a double of the server for your tests, `traceparent` says to the server which OpenTelemetry span a
//! request belongs to, and `guard` lets the blocking face notice tokio's threads where `async`, which brings it, is off.
//!
//! Async calls need a tokio runtime with I/O and time enabled; blocking ones work on any thread, and start none but to look
//! up a host name that is not remembered, and for pages that are [read ahead](Pages::read_ahead). After a fork, build a
//! new client in the child if other threads were calling at that moment.
//!
//! Each call is a span of `tracing` with its operation, method, path template, status, attempts and duration, and each
//! retry an event at `DEBUG`; they hold no arguments, no bodies and no keys.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod clients;
mod connection;
mod error;
#[path = "../generated/mod.rs"]
#[rustfmt::skip]
#[expect(clippy::pedantic, reason = "the description gives the words and the sizes")]
mod generated;
mod retry;
mod session;
mod settings;
#[cfg(all(feature = "testing", any(feature = "blocking", feature = "async")))]
pub mod testing;
pub mod transport;
#[doc(hidden)]
pub mod written;

pub use clients::config_from_env;
pub use connection::{API_VERSION, config};
#[cfg(any(feature = "blocking", feature = "async"))]
pub use diptych_runtime::pages::{ByPage, Caller, Pages};
pub use diptych_runtime::{
    Answer, AnswerForm, Attempt, AttemptOutcome, Authorization, Call, CallOptions, Clock, Config,
    Error, NoRetry, OnAsyncContext, Operation, Patch, Progress, Request, Retry, RetryPolicy,
    Secret, StandardRetry, TokenProvider, TypedOperation, json, retry_after,
};
#[cfg(any(feature = "blocking", feature = "async"))]
#[doc(hidden)]
pub use diptych_runtime::{proxy, sockets};
pub use error::ErrorExt;
#[cfg(feature = "async")]
pub use generated::AsyncPrefectClient;
#[cfg(feature = "blocking")]
pub use generated::PrefectClient;
pub use generated::{DESCRIPTION_VERSION as PREFECT_VERSION, models, operations, requests};
pub use retry::retry_policy;
pub use session::PrefectSession;
#[doc(hidden)]
pub use session::advise;
pub use settings::{Explained, Explanation, Profiles, Setting, Settings, SettingsBuilder, Source};

/// The README's examples are tested as documentation.
#[cfg(all(doctest, feature = "blocking", feature = "async"))]
#[doc = include_str!("../README.md")]
struct Readme;
