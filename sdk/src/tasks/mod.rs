//! Tasks that are written in Rust: the steps of a [flow](crate::flows), each a run of its own with states and retries.
//!
//! A task is a name and a function, whose first argument is its run. It is called within the run of a flow, or of another
//! task, or with a client, outside of flows; or submitted, and runs beside whoever submitted it: [`Task::submit`] gives a
//! [`TaskFuture`], which other tasks take as their [`Argument`], so that Prefect knows what depends on what. A run that depends on one that did not complete does not run,
//! and ends in the state `NotReady`.
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::flows::{Flow, FlowOptions, FlowRun, RunFailed};
//! use prefect_sdk::prelude::*;
//! use prefect_sdk::tasks::{AsCompleted, Task, TaskRun};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//!     let square = Task::new("square", |_: TaskRun, n: u64| Ok::<_, String>(n * n));
//!     let flow = Flow::new("squares", move |run: FlowRun, most: u64| {
//!         let futures = square.map(&run, 0..most)?;
//!         let squares = AsCompleted::new(futures).map(|future| future.result());
//!         squares.sum::<Result<u64, RunFailed<String>>>()
//!     });
//!     let flow = flow.with_options(FlowOptions::new().max_workers(8));
//!     println!("{}", flow.call(&PrefectClient::from_env()?, &100)?);
//!     Ok(())
//! }
//! ```

mod argument;
mod call_options;
mod each;
mod future;
mod many;
mod options;
mod task;
mod task_run;

use diptych_macros::dual;

use crate::engine::engine;

#[dual(engine)]
pub use crate::engine::AsyncTaskRunEntered;
pub use crate::engine::{Dependency, RetryDelay, RunFailed};
pub use argument::Argument;
pub use call_options::CallTaskOptions;
pub use each::{Each, unmapped};
#[dual(engine)]
pub use future::AsyncTaskFuture;
pub use many::DoneAndNotDone;
#[dual(engine)]
pub use many::{AsyncAsCompleted, await_for_tasks};
pub use options::TaskOptions;
#[dual(engine)]
pub use task::AsyncTask;
#[dual(engine)]
pub use task_run::AsyncTaskRun;
