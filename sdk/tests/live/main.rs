//! The interfaces against a real server, in both faces, and with Python on the other side.
//!
//! `cargo xtask test` starts the server and installs Python's Prefect.

mod artifacts;
mod concurrency;
#[path = "../double/cutting.rs"]
mod cutting;
mod deployments;
mod events;
mod flow_runs;
mod input;
mod logs;
mod python;
mod runs;
mod served;
mod server;
mod variables;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncPrefectClient => PrefectClient,
        aconcurrency => concurrency,
        acreate => create,
        acreate_image_artifact => create_image_artifact,
        acreate_link_artifact => create_link_artifact,
        acreate_markdown_artifact => create_markdown_artifact,
        acreate_progress_artifact => create_progress_artifact,
        acreate_table_artifact => create_table_artifact,
        arate_limit => rate_limit,
        asleep => sleep,
        AsyncEventSender => EventSender,
        AsyncLogSender => LogSender,
        aemit_event => emit_event,
        aget => get,
        aget_or_create => get_or_create,
        aset => set,
        asubscribe => subscribe,
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
        aupdate_progress_artifact => update_progress_artifact,
    }
}
