//! Flows that are written in Rust: their runs, task runs, states and results stand in Prefect as those of a Python flow do.
//!
//! A flow is a name and a function. The run that it is called for is the function's first argument, and [tasks](crate::tasks)
//! are called within that; nothing is ambient. [`Flow`] and [`Task`](crate::tasks::Task) block the thread, [`AsyncFlow`] and
//! [`AsyncTask`](crate::tasks::AsyncTask) are awaited: the type says which.
//!
//! Blocking:
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::flows::{Flow, FlowRun, RunFailed};
//! use prefect_sdk::prelude::*;
//! use prefect_sdk::tasks::{Task, TaskOptions, TaskRun};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//!     let parse = Task::new("parse", |_: TaskRun, text: String| text.parse::<u64>())
//!         .with_options(TaskOptions::new().retries(2));
//!     let sum = Flow::new("sum", move |run: FlowRun, texts: Vec<String>| {
//!         let numbers = texts.into_iter().map(|text| parse.call(&run, text));
//!         numbers.sum::<Result<u64, RunFailed<_>>>()
//!     });
//!     let client = PrefectClient::from_env()?;
//!     println!("{}", sum.call(&client, &vec!["1".to_owned(), "2".to_owned()])?);
//!     Ok(())
//! }
//! ```
//!
//! Async:
//!
#![cfg_attr(feature = "async", doc = "```no_run")]
#![cfg_attr(not(feature = "async"), doc = "```ignore")]
//! use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
//! use prefect_sdk::prelude::*;
//! use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let parse = AsyncTask::new("parse", |_: AsyncTaskRun, text: String| async move { text.parse::<u64>() });
//! let flow = AsyncFlow::new("double", move |run: AsyncFlowRun, text: String| {
//!     let parse = parse.clone();
//!     async move { parse.call(&run, text).await.map(|number| 2 * number) }
//! });
//! let client = AsyncPrefectClient::from_env()?;
//! assert_eq!(flow.call(&client, &"21".to_owned()).await?, 42);
//! # Ok(()) }
//! ```
//!
//! # By attributes
//!
//! [`#[flow]`](macro@crate::flow) and [`#[task]`](macro@crate::task) make the same of functions. Beside each function stands a
//! type of its name that runs it; a plain `fn` is a blocking flow or task, an `async fn` an async one:
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::flows::{FlowRun, RunFailed};
//! use prefect_sdk::prelude::*;
//! use prefect_sdk::tasks::TaskRun;
//!
//! #[task(retries = 2)]
//! fn parse(_: &TaskRun, text: String) -> Result<u64, std::num::ParseIntError> {
//!     text.parse()
//! }
//!
//! /// Doubles a number.
//! #[flow(flow_run_name = "double-{text}")]
//! fn double(run: &FlowRun, text: String) -> Result<u64, RunFailed<std::num::ParseIntError>> {
//!     let number = parse::call(run, text)?;
//!     Ok(2 * number)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! println!("{}", double::call(&PrefectClient::from_env()?, "21".to_owned())?);
//! # Ok(()) }
//! ```
//!
//! A blocking task or flow runs in an async flow as well, on a thread of its own: by `parse::acall(run, …)`, `parse::asubmit(run, …)` and
//! their like, which are awaited, or by [`Task::to_async`](crate::tasks::Task::to_async) and [`Flow::to_async`]. What it calls itself
//! is blocking; so many of those that it submits run at once as of those that the flow submits.
//!
//! What is of the other face does not compile: an async task is called, and awaited, in an async flow or task only.
//!
#![cfg_attr(
    all(feature = "blocking", feature = "async"),
    doc = "```compile_fail,E0277"
)]
#![cfg_attr(not(all(feature = "blocking", feature = "async")), doc = "```ignore")]
//! # use prefect_sdk::{flow, flows::FlowRun, task, tasks::AsyncTaskRun};
//! #[task]
//! async fn fetch(_: &AsyncTaskRun) -> Result<u64, String> {
//!     Ok(42)
//! }
//!
//! #[flow]
//! fn sum(run: &FlowRun) -> Result<u64, String> {
//!     drop(fetch::call(run));
//!     Ok(1)
//! }
//! ```
//!
//! # How a run ends
//!
//! | its function | the state |
//! |---|---|
//! | gives a value | `Completed` |
//! | gives an error | `Failed`, with the error's type and words in the message; or `AwaitingRetry`, and it runs again |
//! | panics | the same, with the panic's words |
//! | takes longer than its timeout | the same, but the last state is `TimedOut` |
//! | is never called, as the parameters don't fit | `Failed`, with the name of the parameter |
//! | ends, or is left where it awaits, after the run was cancelled ([`FlowRun::cancellation`]) | `Cancelled` |
//! | ends after somebody brought the run into `Cancelled` | that one; Python's engine overwrites it |
//! | is a future that is dropped | `Crashed`, and so are the task runs in it; only within a tokio runtime, which must live long enough to tell it |
//! | gives the state of a task run, or states (`Vec<State>`) | what they come to: `Completed` if all are, else `Failed`, `Cancelled` or `Paused`; who calls a flow that gives one is told of it as an error |
//! | can't go on, as the engine is not answered | `Crashed`, if that can still be told |
//!
//! `Crashed` overwrites no last state; a run that is being cancelled is `Cancelled` instead.
//!
//! Before the last state of a flow run is proposed, what was told of its task runs has been taken by the server. That is
//! waited for 60 seconds at most; what is late is still sent.
//!
//! # Other than Python's
//!
//! - A flow run ends after all tasks that were [submitted](crate::tasks::Task::submit) in it, also those that nobody waits for.
//!   Where its function failed, those end that have begun, and the others never begin. Python ends it before them.
//! - 100 tasks run at once that were submitted in a flow run, unless [`FlowOptions::max_workers`](field@FlowOptions::max_workers) says otherwise. One that
//!   waits for another does not count meanwhile, so that tasks can submit tasks to any depth; in Python that never ends where
//!   all places are taken. One that depends on others takes no place before those have ended, and the server is told of it then.
//! - Nothing is taken from the environment: results, and the errors of runs, are kept where [`RunFlowOptions::results`](method@RunFlowOptions::results) says,
//!   and nowhere without it.
//! - A task is submitted within the run of a flow, or of another task. Called with a client it runs outside of flows, and keeps its result
//!   where [`CallTaskOptions::results`](crate::tasks::CallTaskOptions::results) says.
//! - A blocking function can't be stopped. When its time is up it goes on, as in Python's worker threads, but what it gives
//!   after that is not taken; [`TaskRun::time_left`](crate::tasks::TaskRun::time_left) tells it how long it has.
//! - An async function is stopped where it awaits. One that does not yield is not, but what it gives late is not taken.
//! - A subflow that has completed runs again where the flow that calls it is tried again, unless it keeps its results and
//!   [takes them up](Flow::take_up_results).
//! - A flow run ends after its subflows, also those that it no longer waits for.
//! - The run of a flow that is called has an idempotency key, of its own. Where the answer to what makes it is lost, the server is told
//!   again by it, and gives the run that it has made. Python's have none, and such a run stays `Pending` for ever.
//! - What is called in a [transaction](crate::transactions) that has ended already goes the same way; in Python it is neither committed nor undone.
//! - A task has no cache policy unless it [says one](crate::tasks::Task::cache_policy); Python's tasks that keep their results have one of the
//!   inputs, the source and the run. A cached result that can't be read is computed again.
//! - The hooks of a flow are called when its function has ended, also after a cancellation; those of a process that is killed are not. They are told
//!   of states that the engine brought the run into, and not of those that it found it in.
//! - Heartbeats are sent where [`RunFlowOptions::heartbeat_frequency`](method@RunFlowOptions::heartbeat_frequency) says how often; in a process that was started for a run, where
//!   `PREFECT_FLOWS_HEARTBEAT_FREQUENCY` does. Python sends them every three minutes unless told otherwise.
//! - [`visualize`](crate::flows::Flow::visualize) gives a graph that writes itself for Graphviz or Mermaid or, with the
//!   feature `svg`, as a picture, and opens no window. A value that a task gave is a value like others, so that edges are the
//!   futures that tasks are given; Python draws those of values, too, as far as it can tell.

mod deploy;
mod flow;
mod flow_run;
mod graph;
mod options;
mod parameters_schema;
mod serve;
mod sourced;

use diptych_macros::dual;

use crate::engine::engine;

pub use crate::cancellation::{Cancellation, Shield};
#[dual(engine)]
pub use crate::engine::{AsyncCaller, AsyncEnclosingRun, AsyncFlowRunEntered};
pub use crate::engine::{RunFailed, RunName};
pub use crate::entry::AnyFlow;
#[dual(engine)]
pub use flow::AsyncFlow;
#[dual(engine)]
pub use flow_run::AsyncFlowRun;
pub use graph::FlowGraph;
pub use options::{FlowOptions, RunFlowOptions};
pub use schemars;
#[cfg(feature = "cli")]
#[dual(engine, map(aserve_telling => serve_telling))]
#[allow(
    unused_imports,
    reason = "where both faces are there, the blocking one asks"
)]
pub(crate) use serve::aserve_telling;
#[dual(engine, map(aserve => serve, aserve_with => serve_with))]
pub use serve::{aserve, aserve_with};
#[dual(engine, map(AsyncSourcedFlow => SourcedFlow))]
pub use sourced::AsyncSourcedFlow;
