//! The interfaces against a real server, in both faces, and with Python on the other side.
//!
//! `cargo xtask test` starts the server and installs Python's Prefect.

#[path = "../double/cutting.rs"]
mod cutting;
mod events;
mod logs;
mod python;
mod server;
mod variables;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncPrefectClient => PrefectClient,
        AsyncEventSender => EventSender,
        AsyncLogSender => LogSender,
        acreate => create,
        aemit_event => emit_event,
        aget => get,
        aset => set,
        asubscribe => subscribe,
        aunset => unset,
    }
}
