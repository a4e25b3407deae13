//! The interfaces against a real server, in both faces, and with Python on the other side.
//!
//! `cargo xtask test` starts the server and installs Python's Prefect.

mod events;
mod python;
mod server;
mod variables;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncPrefectClient => PrefectClient,
        AsyncEventSender => EventSender,
        AsyncEventSubscriber => EventSubscriber,
        acreate => create,
        aemit_event => emit_event,
        aget => get,
        aset => set,
        asubscribe => subscribe,
        aunset => unset,
    }
}
