//! The interfaces against a real server, in both faces, and with Python on the other side.
//!
//! `cargo xtask test` starts the server and installs Python's Prefect.

mod applied;
mod artifacts;
mod blocks;
mod changed;
mod concurrency;
#[path = "../double/cutting.rs"]
mod cutting;
mod delivery;
mod deployed;
mod deployments;
mod events;
mod files;
mod flow_runs;
mod flows;
mod input;
mod logs;
mod notifications;
mod program;
mod python;
mod redis;
mod results;
mod room;
mod runner;
mod runs;
mod served;
mod server;
mod smb;
mod storages;
mod task_worker;
mod variables;
mod visible;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        asave_outer => save_outer,
        awhole => whole,
        AsyncPrefectClient => PrefectClient,
        aconcurrency_with => concurrency_with,
        acreate_with => create_with,
        acreate_image_artifact_with => create_image_artifact_with,
        acreate_link_artifact_with => create_link_artifact_with,
        acreate_markdown_artifact_with => create_markdown_artifact_with,
        acreate_progress_artifact_with => create_progress_artifact_with,
        acreate_table_artifact_with => create_table_artifact_with,
        arate_limit_with => rate_limit_with,
        asleep => sleep,
        AsyncEventSender => EventSender,
        AsyncFlow => Flow,
        AsyncFlowRun => FlowRun,
        adelay_some => delay_some,
        asaying => saying,
        acalled_outside => called_outside,
        asee => see,
        await_for_events => wait_for_events,
        await_for_task_runs => wait_for_task_runs,
        AsyncDistributedFuture => DistributedFuture,
        AsyncTask => Task,
        AsyncTaskRun => TaskRun,
        AsyncTaskRunEntered => TaskRunEntered,
        AsyncTransaction => Transaction,
        alocks => locks,
        atelling => telling,
        atransacts => transacts,
        atransaction_with => transaction_with,
        arun_main => run_main,
        arun_three => run_three,
        ago_wrong => go_wrong,
        adependent => dependent,
        astates => states,
        AsyncFlowRunEntered => FlowRunEntered,
        afailing => failing,
        asub => sub,
        afail => fail,
        agive_all => give_all,
        aend_late => end_late,
        anest => nest,
        ahooked => hooked,
        acall_hooks => call_hooks,
        AsyncAsCompleted => AsCompleted,
        AsyncTaskFuture => TaskFuture,
        await_for_tasks => wait_for_tasks,
        asame => same,
        AsyncEnclosingRun => EnclosingRun,
        AsyncLogSender => LogSender,
        aemit_event => emit_event,
        aget => get,
        aget_directory => get_directory,
        aget_directory_with => get_directory_with,
        aput_directory_with => put_directory_with,
        aread_path => read_path,
        awrite_path => write_path,
        aget_or_create_with => get_or_create_with,
        aset_with => set_with,
        asubscribe => subscribe,
        aunset => unset,
        apause_flow_run_for_input_with => pause_flow_run_for_input_with,
        asuspend_flow_run_for_input => suspend_flow_run_for_input,
        apause_flow_run_with => pause_flow_run_with,
        asuspend_flow_run_with => suspend_flow_run_with,
        asuspend_flow_run_by_id_with => suspend_flow_run_by_id_with,
        aresume_flow_run_with => resume_flow_run_with,
        await_for_flow_run_with => wait_for_flow_run_with,
        arun_deployment_with => run_deployment_with,
        astart_deployment_with => start_deployment_with,
        await => wait,
        acreate_flow_run_input_with => create_flow_run_input_with,
        adelete_flow_run_input => delete_flow_run_input,
        afilter_flow_run_input_with => filter_flow_run_input_with,
        aread_flow_run_input => read_flow_run_input,
        areceive_with => receive_with,
        areceive_input_with => receive_input_with,
        arespond_with => respond_with,
        asave => save,
        asave_with => save_with,
        asave_anonymous => save_anonymous,
        aload => load,
        aload_with => load_with,
        aload_from_ref => load_from_ref,
        aload_from_ref_with => load_from_ref_with,
        aregister_type_and_schema => register_type_and_schema,
        aupdate => update,
        aupdate_with => update_with,
        adelete => delete,
        asend_input_with => send_input_with,
        asend_to_with => send_to_with,
        AsyncInputs => Inputs,
        anext => next,
        anext_within => next_within,
        anext_of => next_of,
        apause => pause,
        aget_state_exception => get_state_exception,
        aget_state_result => get_state_result,
        araise_state_exception => raise_state_exception,
        aupdate_progress_artifact_with => update_progress_artifact_with,
    }
}
