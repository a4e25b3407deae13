//! Tasks in the background: who submits a run goes on at once, and a worker executes it, on this machine or another.
//!
//! [`Task::delay`](crate::tasks::Task::delay) keeps the parameters where results are kept, and tells the server of a run that is
//! `Scheduled`. The server hands it to one of the [`TaskWorker`]s that serve the task, over a connection that stands.
//!
//! Blocking:
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::prelude::*;
//! use prefect_sdk::tasks::{Task, TaskRun};
//!
//! /// What both programs share.
//! fn greet() -> Task<String, String, String> {
//!     Task::new("greet", |_: TaskRun, name: String| Ok(format!("Hello, {name}!"))).with_key("greet-1")
//! }
//!
//! /// One program.
//! fn work() -> Result<(), prefect_sdk::Error> {
//!     // Until Ctrl-C.
//!     greet().serve(&PrefectClient::from_env()?)
//! }
//!
//! /// Another program.
//! fn ask() -> Result<String, prefect_sdk::Error> {
//!     let client = PrefectClient::from_env()?;
//!     let future = greet().delay(&client, &"Marvin".to_owned())?;
//!     future.result()
//! }
//! ```
//!
//! # How a run ends
//!
//! | | |
//! |---|---|
//! | its function gives something | `Completed`; the result is kept in any case |
//! | it fails, panics, takes too long | as a task of a flow does, with its retries |
//! | its parameters are not there, or don't fit | `Failed`, and the message says why |
//! | its parameters can't be read, or no worker has its task | the same, after five attempts |
//! | it waits for a run that does not complete ([`DelayOptions::wait_for`](field@DelayOptions::wait_for)) | `Failed`, and does not begin |
//! | the worker is killed, or loses its machine | the server hands it to another worker |
//! | the worker stops | it is waited for: [`TaskWorkerOptions::grace`](field@TaskWorkerOptions::grace) |
//!
//! The server is told that a run is taken only when its last state is there, so that a run is executed **at least once**: a
//! function may begin again where its worker was killed, or lost its connection for so long that the server gave up on it.
//! What must not happen twice has to notice that by itself, such as by the run's [id](crate::tasks::TaskRun::id).
//!
//! # With Python
//!
//! Either side may submit, and either may execute: what counts is the [key](crate::tasks::Task::with_key) of the task, and that
//! both read the same storage, so a block ([`ResultSettings::scheduling_storage_block`](field@crate::results::ResultSettings::scheduling_storage_block))
//! or one directory. Python's side:
//!
//! ```python
//! @task(persist_result=True, result_serializer="json")
//! def greet(name: str) -> str: ...
//!
//! # Rust executes what Python delays:
//! greet.task_key = "greet-1"
//! greet.delay("Marvin")
//!
//! # Python executes what Rust delays: give Rust's task what this prints (`with_key`), as Python's worker knows no other key.
//! print(greet.task_key)
//! greet.serve()
//! ```
//!
//! The serializer must be JSON: what Python pickles, such as the surroundings of the call, has no meaning elsewhere.
//!
//! # Other than Python's
//!
//! - Python's worker confirms a run as soon as it hears of it, so that a worker that dies loses it, and one run more than it has room for.
//! - A run whose parameters can't be read is `Failed`; Python leaves it `Scheduled`.
//! - A run that waits for others lends its place among those of [`TaskWorkerOptions::limit`](field@TaskWorkerOptions::limit), so that
//!   what it waits for can run. Python's workers do not wait for what Rust's run is told to wait for.
//! - [`DistributedFuture::result`] waits; Python's gives an error where the run has not ended yet.
//! - A worker that is told to stop (`SIGTERM`, Ctrl-C, [`TaskWorker::stop`]) takes nothing more, and waits for what runs; a second
//!   signal ends the wait, and the server hands out again what has not ended.

mod any_task;
mod delay;
mod execute;
mod future;
mod options;
mod parameters;
mod remembered;
mod seat;
mod seats;
mod serve;
mod shared;
mod status;
mod upstream;
mod wire;
mod worker;

use diptych_macros::dual;

#[dual(task_workers)]
pub use any_task::AsyncAnyTask;
pub use delay::DelayOptions;
#[dual(task_workers)]
pub use future::AsyncDistributedFuture;
pub use options::TaskWorkerOptions;
#[dual(task_workers)]
pub use serve::{aserve, aserve_with};
#[dual(task_workers)]
pub use worker::AsyncTaskWorker;

diptych_macros::faces! {
    /// The names that differ between the faces of tasks in the background.
    task_workers {
        ..crate::engine::engine,
        AsyncAnyTask => AnyTask,
        AsyncDistributedFuture => DistributedFuture,
        AsyncExecution => Execution,
        AsyncPlace => Place,
        AsyncRunningRun => RunningRun,
        AsyncSealed => Sealed,
        AsyncSeat => Seat,
        AsyncShared => Shared,
        AsyncStops => Stops,
        AsyncTaskWorker => TaskWorker,
        aadd_seat => add_seat,
        adue => due,
        aend_of => end_of,
        aexecute => execute,
        aexecuted => executed,
        agiven => given,
        aparameter_store => parameter_store,
        aread_given => read_given,
        auntil_ended => until_ended,
        auntil_one_ended => until_one_ended,
        aserve_with => serve_with,
        asit => sit,
        aset_up => set_up,
        aunknown => unknown,
        aopen_storage => open_storage,
        aget_state_result_with => get_state_result_with,
        aserve => serve,
        atell => tell,
    }
}
