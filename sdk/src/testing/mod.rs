//! Flows and tasks without a server, for the tests of your own: everything is in memory, and waiting takes no time.
//!
//! A [`TestServer`] does for flows and tasks what Prefect's server does. It gives clients of both faces, and keeps the flow
//! runs, task runs and events that it was told of. Delays of retries are waited by its [clock](TestServer::clock), which only
//! waiting moves. What a function itself sleeps, and timeouts, are real.
//!
#![cfg_attr(feature = "blocking", doc = "```")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::flows::{FlowRun, RunFailed};
//! use prefect_sdk::tasks::TaskRun;
//! use prefect_sdk::testing::TestServer;
//! use prefect_sdk::{flow, task};
//!
//! #[task(retries = 3, retry_delay = 60)]
//! fn fetch(run: &TaskRun, page: u32) -> Result<u32, String> {
//!     if run.run_count() < 3 {
//!         return Err("it is busy".to_owned());
//!     }
//!     Ok(page)
//! }
//!
//! #[flow]
//! fn fetch_all(run: &FlowRun, pages: u32) -> Result<u32, RunFailed<String>> {
//!     (0..pages).map(|page| fetch::call(run, page)).sum()
//! }
//!
//! let server = TestServer::new();
//! assert_eq!(fetch_all::call(&server.client(), 2)?, 1);
//!
//! let task_runs = server.task_runs();
//! assert_eq!(task_runs.len(), 2);
//! let states = ["Pending", "Running", "AwaitingRetry", "Retrying", "AwaitingRetry", "Retrying", "Completed"];
//! assert_eq!(task_runs[0].state_names(), states);
//! assert_eq!(server.flow_runs()[0].state_names(), ["Pending", "Running", "Completed"]);
//! // Four delays of a minute each, which took no time.
//! assert_eq!(server.clock().sleeps().len(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server answers before it has what it was told: [`wait_for_events`] and [`wait_for_task_runs`] wait until it has, be it this
//! one or a real one. They are in the place of the `process_events` of Python's fixtures.
//!
//! Where code asks the server for more than flows and tasks do, such as for a variable, the answers are
//! [given](TestServer::mock) as of any [`MockServer`](prefect_client::testing::MockServer).

mod double;
mod recorded;
mod server;
mod task_runs;
mod visible;

use diptych_macros::dual;

use crate::faces::sdk;

pub use recorded::{RecordedFlowRun, RecordedState, RecordedTaskRun};
pub use server::TestServer;
#[dual(sdk, map(await_for_events => wait_for_events, await_for_task_runs => wait_for_task_runs))]
pub use visible::{await_for_events, await_for_task_runs};
