//! Tasks that are written in Rust: the steps of a [flow](crate::flows), each a run of its own with states and retries.
//!
//! A task is a name and a function, whose first argument is its run. It is called within the run of a flow, or of another
//! task.

mod options;
mod task;
mod task_run;

use diptych_macros::dual;

use crate::engine::engine;

pub use crate::engine::RetryDelay;
pub use options::TaskOptions;
#[dual(engine)]
pub use task::AsyncTask;
#[dual(engine)]
pub use task_run::AsyncTaskRun;
