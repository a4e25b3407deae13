//! The interfaces of Prefect 3 that people use, in two faces: blocking by default, async by name.
//!
//! Each is written once, as an async function, and [`dual`](diptych_macros::dual) adds the blocking twin: `aget` takes an
//! `AsyncPrefectClient` and is awaited, `get` takes a `PrefectClient` and blocks the thread.
//!
//! What an interface must have is an argument. What it may have is in a struct whose name ends in `Options`, for a second
//! function with the suffix `_with`: [`deployments::run_deployment`], [`deployments::run_deployment_with`]. Setters
//! replace what was set; what adds begins with `add_`. A time that is up is an error ([`Error::is_timeout`]) wherever
//! something is waited for, and `None` waits for ever.
//!
//! # Importing
//!
//! Two types have the names of types that the client has, too: [`variables::Variable`] and [`artifacts::Artifact`]. The
//! [`prelude`] has the clients, the modules of this crate, and the client's `models` and `requests`, and no name that both
//! have, so that it goes together with whatever else is imported:
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::client::models::*;
//! use prefect_sdk::prelude::*;
//!
//! # fn run() -> Result<(), prefect_sdk::Error> {
//! let client = PrefectClient::from_env()?;
//! let greeting: Option<VariableValue> = variables::Variable::get(&client, "greeting")?;
//! let all: Vec<Variable> = client.read_variables()?;
//! # Ok(()) }
//! ```
//!
//! Features: `blocking` and `async` are the faces, `rustls` is HTTPS for the blocking one; `notifications`, `filesystems` and
//! `results` have the modules of those names, `flows` has that and `tasks`, and `pickle` reads the results of Python's flows.
//! All of these are on by default. `xz`, `bzip2` and `zlib` are for results that are compressed, `s3`, `azure`, `gcs`, `webdav`, `http`,
//! `memory`, `redis` and `smb` for files of a remote storage, `tracing-layer` adds a layer for `tracing` that ships logs to Prefect, `cli` gives programs with flows commands, `testing` runs flows
//! and tasks without a server.

#![cfg_attr(docsrs, feature(doc_cfg))]

// The derives name this crate, also where the crate uses them itself.
extern crate self as prefect_sdk;

pub mod artifacts;
mod background;
pub mod blocks;
#[cfg(feature = "flows")]
mod cancellation;
#[cfg(feature = "cli")]
mod cli;
pub mod concurrency;
mod context;
#[cfg(feature = "flows")]
mod control;
mod deadline;
pub mod deployments;
#[cfg(feature = "flows")]
mod engine;
#[cfg(feature = "flows")]
mod entry;
mod error;
pub mod events;
mod faces;
#[cfg(feature = "filesystems")]
pub mod filesystems;
pub mod flow_runs;
#[cfg(feature = "flows")]
pub mod flows;
#[cfg(feature = "flows")]
#[doc(hidden)]
pub mod generated;
mod hex;
pub mod input;
pub mod logs;
#[cfg(any(feature = "notifications", feature = "remote"))]
mod made_once;
#[cfg(feature = "notifications")]
pub mod notifications;
#[cfg(feature = "notifications")]
mod notified;
#[cfg(all(test, feature = "async", feature = "blocking"))]
mod own_certificate;
mod polling;
pub mod prelude;
#[cfg(feature = "flows")]
mod probe;
mod pydantic;
mod python_json;
#[cfg(any(feature = "redis", feature = "remote", feature = "smb"))]
mod redacted;
mod rejected;
#[cfg(feature = "results")]
pub mod results;
#[cfg(feature = "flows")]
mod run;
#[cfg(feature = "flows")]
pub mod runner;
mod said;
#[cfg(feature = "flows")]
mod signals;
pub mod states;
mod sync;
#[cfg(feature = "flows")]
pub mod task_worker;
#[cfg(feature = "flows")]
pub mod tasks;
#[cfg(all(feature = "testing", any(feature = "blocking", feature = "async")))]
pub mod testing;
#[cfg(feature = "flows")]
pub mod transactions;
pub mod variables;
#[cfg(feature = "flows")]
mod watching;
mod websocket;

pub use context::RunContext;
pub use error::{Error, Refusal};
#[cfg(feature = "notifications")]
pub use notified::NotifiedTarget;
pub use prefect_client as client;
#[cfg(feature = "flows")]
pub use prefect_sdk_derive::{flow, task};
pub use rejected::Rejected;
#[cfg(feature = "flows")]
pub use run::run;

/// The README's example is tested as documentation.
#[cfg(all(
    doctest,
    feature = "blocking",
    feature = "async",
    feature = "testing",
    feature = "tracing-layer"
))]
#[doc = include_str!("../README.md")]
struct Readme;
