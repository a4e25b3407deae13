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
//! for run in client.read_flow_runs(&ReadFlowRuns::new().limit(20))? {
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

mod connection;
#[path = "../generated/mod.rs"]
#[rustfmt::skip]
#[expect(clippy::pedantic, reason = "the description gives the words and the sizes")]
mod generated;
mod retry;
mod session;

pub use connection::{API_VERSION, config, config_from_env};
#[cfg(any(feature = "blocking", feature = "async"))]
pub use diptych_runtime::pages::{ByPage, Face, Pages};
pub use diptych_runtime::{
    Answer, Attempt, AttemptOutcome, Authorization, Call, Clock, Config, Error, NoRetry,
    OnAsyncContext, Operation, Patch, Request, Retry, RetryPolicy, Secret, StandardRetry,
};
#[cfg(feature = "async")]
pub use generated::AsyncPrefectClient;
#[cfg(feature = "blocking")]
pub use generated::PrefectClient;
pub use generated::{DESCRIPTION_VERSION as PREFECT_VERSION, models, operations, requests};
pub use retry::retry_policy;
pub use session::PrefectSession;

/// Replacing how requests are sent: see [`Config::transport`] and [`Config::async_transport`].
pub mod transport {
    #[cfg(feature = "async")]
    pub use diptych_runtime::asynchronous::{
        BoxFuture, ReqwestTransport, Transport as AsyncTransport,
    };
    #[cfg(feature = "blocking")]
    pub use diptych_runtime::blocking::{Transport, UreqTransport};
    pub use diptych_runtime::{Bytes, TransportError, TransportErrorKind, http};
}

/// The README's examples are tested as documentation.
#[cfg(all(doctest, feature = "blocking", feature = "async"))]
#[doc = include_str!("../README.md")]
struct Readme;
