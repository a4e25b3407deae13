//! The interfaces against a real server, in both faces, and with Python on the other side.
//!
//! `cargo xtask test` starts the server and installs Python's Prefect.

mod deployments;
mod flow_runs;
mod input;
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
        acreate_flow_run_input => create_flow_run_input,
        adelete_flow_run_input => delete_flow_run_input,
        afilter_flow_run_input => filter_flow_run_input,
        aread_flow_run_input => read_flow_run_input,
        areceive => receive,
        areceive_input => receive_input,
        arespond => respond,
        asave => save,
        aload => load,
        asend_input => send_input,
        asend_to => send_to,
        AsyncGetInputHandler => GetInputHandler,
        anext => next,
        anext_of => next_of,
        apause => pause,
    }
}
