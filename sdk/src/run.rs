//! What a program with flows does first.

use crate::flows::AnyFlow;

/// Runs the flow run that the environment names with one of these flows, and ends the process; where the environment names
/// none, it returns at once. Call it first in `main`, before the program does anything of its own: a process that was started
/// for a run does nothing else.
///
/// ```no_run
#[cfg_attr(feature = "blocking", doc = "use prefect_sdk::flows::{Flow, FlowRun};")]
#[cfg_attr(
    not(feature = "blocking"),
    doc = "use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};"
)]
///
/// fn main() {
#[cfg_attr(
    feature = "blocking",
    doc = "    let greet = Flow::new(\"greet\", |_: FlowRun, name: String| {
        println!(\"Hello, {name}!\");
        Ok::<_, std::fmt::Error>(())
    });"
)]
#[cfg_attr(
    not(feature = "blocking"),
    doc = "    let greet = AsyncFlow::new(\"greet\", |_: AsyncFlowRun, name: String| async move {
        println!(\"Hello, {name}!\");
        Ok::<_, std::fmt::Error>(())
    });"
)]
///     prefect_sdk::run(&[&greet]);
///     println!("This is not a run.");
/// }
/// ```
///
/// The run is that of `PREFECT__FLOW_RUN_ID`. Its flow is the one that has the name after the last colon of
/// `PREFECT__FLOW_ENTRYPOINT`, or the name of the run's flow, or that after the last colon of its deployment's entrypoint,
/// whichever is here. The server is that of the settings, and results are kept as they say.
///
/// Flows of both faces can be given. Their functions run on a thread of their own and, those of async flows, on a tokio
/// runtime of their own with as many threads as there are processors, so that `main` may be a function of either kind.
///
/// # How it ends
///
/// | the run | the process exits with |
/// |---|---|
/// | has ended, whether or not it failed; or the server takes no state of it | 0 |
/// | has ended before, or is paused | 0, and nothing runs |
/// | has a flow that isn't here; it is `Crashed`, and the message says which are | 1 |
/// | could not be read, or nobody could be told how it ended | 1 |
///
/// # When it is to end before
///
/// `SIGTERM` and Ctrl-C, and a cancellation that whoever started the process tells it of, request the run's
/// [cancellation](crate::flows::FlowRun::cancellation). Where nobody could tell, such as in a container, the process hears of it from
/// the server. An async function is left where it awaits, a blocking one has five seconds to end by itself; a
/// [shield](crate::flows::Cancellation::shield) of the run, or of a subflow or a task in it, holds either for as long as it is there.
/// Then the run is `Cancelled`, or `Crashed` where it was not cancelled and only the process is to end, and the process ends, whatever
/// the function does. A second signal ends it at once, in spite of shields. Where whoever started the process reports cancellations
/// itself, as Prefect's runners do, it is left to that.
///
/// # Commands
///
/// With the feature `cli`, a program that is called with `prefect` as its first argument does by itself what its other arguments
/// say, and ends: `my-program prefect list`, `run FLOW -p name=value`, `serve`, `deploy --pool NAME`, `visualize FLOW`.
/// `my-program prefect --help` explains them.
///
/// A program that starts itself again from within a flow takes `PREFECT__FLOW_RUN_ID` out of the environment of what it starts.
pub fn run(flows: &[&dyn AnyFlow]) {
    crate::entry::attend(flows);
    #[cfg(feature = "cli")]
    crate::cli::attend(flows);
}
