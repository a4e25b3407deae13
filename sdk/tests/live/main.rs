//! The interfaces against a real server, in both faces, and with Python on the other side.
//!
//! `cargo xtask test` starts the server and installs Python's Prefect.

mod deployments;
mod flow_runs;
mod python;
mod runs;
mod served;
mod server;
mod variables;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncPrefectClient => PrefectClient,
        acreate => create,
        aget => get,
        aset => set,
        aunset => unset,
        apause_flow_run => pause_flow_run,
        asuspend_flow_run => suspend_flow_run,
        asuspend_flow_run_by_id => suspend_flow_run_by_id,
        aresume_flow_run => resume_flow_run,
        await_for_flow_run => wait_for_flow_run,
        arun_deployment => run_deployment,
        astart_deployment => start_deployment,
        await => wait,
    }
}
