//! The names that differ between the two faces, and the few functions that each face has of its own.

diptych_macros::faces! {
    /// The names that differ between the faces of this crate. A dual function or method named `a…` has its twin without
    /// the `a`; those that are called in other bodies are listed here.
    sdk {
        AsyncPrefectClient => PrefectClient,
        asleep => sleep,
        AsyncGetInputHandler => GetInputHandler,
        adelete_flow_run_input => delete_flow_run_input,
        acreate_flow_run_input => create_flow_run_input,
        afilter_flow_run_input => filter_flow_run_input,
        aread_flow_run_input => read_flow_run_input,
        areceive_input => receive_input,
        asend_input => send_input,
        async if feature = "async",
        blocking if feature = "blocking",
    }
}

/// Waits.
#[cfg(feature = "async")]
#[allow(dead_code, reason = "the first interface that waits will use it")]
pub(crate) async fn asleep(duration: std::time::Duration) {
    tokio::time::sleep(duration).await;
}

/// Waits, and blocks the thread.
#[cfg(feature = "blocking")]
#[allow(dead_code, reason = "the first interface that waits will use it")]
pub(crate) fn sleep(duration: std::time::Duration) {
    std::thread::sleep(duration);
}
