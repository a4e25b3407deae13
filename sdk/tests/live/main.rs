//! The interfaces against a real server, in both faces, and with Python on the other side.
//!
//! `cargo xtask test` starts the server and installs Python's Prefect.

mod input;
mod python;
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
