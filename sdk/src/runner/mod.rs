//! The runner: runs that are due begin as processes on this machine.
//!
//! A runner looks for the runs of its deployments, and starts this program again for each: [`run`](crate::run), first in
//! `main`, does the rest there. Where a run is cancelled, its process is asked to end, and is killed if it does not; whatever
//! happens to a process, its run ends in a state.
//!
//! Blocking:
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_sdk::flows::{Flow, FlowRun};
//! use prefect_sdk::prelude::*;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//!     let greet = Flow::new("greet", |_: FlowRun, name: String| {
//!         println!("Hello, {name}!");
//!         Ok::<_, std::fmt::Error>(())
//!     });
//!     prefect_sdk::run(&[&greet]);
//!     // Until Ctrl-C.
//!     greet.serve(&PrefectClient::from_env()?, "all-day")?;
//!     Ok(())
//! }
//! ```
//!
//! # How a run ends
//!
//! | | its state |
//! |---|---|
//! | its process reports one | that |
//! | its process can't be started, or ends otherwise | `Crashed`, with what the process exited with |
//! | it is cancelled | `Cancelled`, after the process has ended: by itself, or killed after [`RunnerOptions::grace`](field@RunnerOptions::grace) |
//! | the runner stops | `Cancelled`, with the message that it does |
//! | the runner is killed | the process goes on, reports a state, and hears by itself that it is cancelled |
//! | the runner is killed before the process begins | `Crashed`: another runner of the deployment says so, five minutes later; `Cancelled`, where it was to be |
//!
//! Several runners may have the same deployment: the server gives each run to one of them.
//!
//! # Hooks
//!
//! Whoever says how a run ends calls what the flow has for that: its own process, wherever it can. Where a process was killed, or
//! does not end by itself, the runner says it, and calls `on_cancellation` or `on_crashed` after that, in its own process. It knows
//! them of flows of this program ([`Flow::to_deployment`](crate::flows::Flow::to_deployment),
//! [`Runner::add_flow`], `serve`), of either face. Python's flows call those of a cancellation themselves. Where a runner is gone, whichever
//! other one of the deployment says first how the run ends calls them, also of a run that may not have begun. A run that this runner could
//! not start calls none, as with Python's.
//!
//! # Other than Python's
//!
//! - A runner that is told to stop (`SIGTERM`, Ctrl-C, [`Runner::stop`]) pauses its deployments, and ends its processes within the
//!   grace time; a second signal kills them. Python's waits for as long as they run, and leaves the deployments as they are.
//! - A process that exits without a word leaves no run behind that is `Running` or `Pending` for ever.
//! - `submit_to_runner` and `wait_for_submitted_runs` are gone upstream: [`deployments::run_deployment`](crate::deployments::run_deployment)
//!   starts a run, and waits for it.
//! - A process is ended with all that it has started and that is still of its process group.
//! - Processes have the environment of the runner, but for what Prefect says there of a run (`PREFECT__…`); the address of the server, and the key, are those of the runner's client, and other
//!   settings those of the environment or the profile, or of [`RunnerOptions::add_env`].

mod child;
mod code;
mod conclude;
mod control;
mod due;
mod ending;
mod execute;
mod health;
mod hooks;
mod options;
mod orphans;
mod progress;
#[expect(
    clippy::module_inception,
    reason = "it is what the module is named after"
)]
mod runner;
mod running;
mod settings;
mod shared;
mod sources;
mod surroundings;
mod taking;
mod winding;

use diptych_macros::dual;

pub use health::HealthServer;
#[dual(runners)]
pub(crate) use hooks::AsyncOfFlow;
pub(crate) use hooks::FlowHooks;
pub use options::RunnerOptions;
#[dual(runners)]
pub use runner::AsyncRunner;

/// How long one request of a runner may take: whoever waits for it may have to stop.
const REQUEST: std::time::Duration = std::time::Duration::from_secs(30);

diptych_macros::faces! {
    /// The names that differ between the faces of runners.
    runners {
        ..crate::engine::engine,
        AsyncEnds => Ends,
        AsyncHeld => Held,
        AsyncRunner => Runner,
        AsyncRunning => Running,
        AsyncRunningRuns => RunningRuns,
        AsyncShared => Shared,
        add_deployment => add_deployment,
        add_flow => add_flow,
        add_storage => add_storage,
        aconclude => conclude,
        aend_of => end_of,
        ais_first => is_first,
        asaid => said,
        aexecute => execute,
        AsyncOfFlow => OfFlow,
        acall_hooks => call_hooks,
        alook => look,
        alook_after_orphans => look_after_orphans,
        aof_others => of_others,
        apause_deployments => pause_deployments,
        aprocess => process,
        atake => take,
        atell_cancelled => tell_cancelled,
        atry_to_conclude => try_to_conclude,
        awatch => watch,
        aapply => apply,
        aoffload => offload,
        apull => pull,
        akeep_pulled => keep_pulled,
        apull_all => pull_all,
        apull_on => pull_on,
    }
}
