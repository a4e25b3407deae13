//! The interfaces against a real server, in both faces, and with Python on the other side.
//!
//! `cargo xtask test` starts the server and installs Python's Prefect.

mod concurrency;
mod python;
mod server;
mod variables;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncPrefectClient => PrefectClient,
        aconcurrency => concurrency,
        acreate => create,
        arate_limit => rate_limit,
        asleep => sleep,
        aget => get,
        aset => set,
        aunset => unset,
    }
}
