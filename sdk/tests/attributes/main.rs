//! What `#[flow]` and `#[task]` make of functions, and what their engine does without a server.

mod runs;
mod shapes;
mod submitted;
mod waiting;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncFlow => Flow,
        AsyncFlowRun => FlowRun,
        AsyncPrefectClient => PrefectClient,
        AsyncTask => Task,
        AsyncTaskFuture => TaskFuture,
        AsyncTaskRun => TaskRun,
        achains => chains,
        agiven_states => given_states,
        ainner_flow => inner_flow,
        ainputs => inputs,
        anever_begun => never_begun,
        aouter_future => outer_future,
        asame => same,
        aunfit => unfit,
    }
}
