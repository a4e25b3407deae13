//! The interfaces against a real server, in both faces, and with Python on the other side.
//!
//! `cargo xtask test` starts the server and installs Python's Prefect.

mod artifacts;
mod python;
mod server;
mod variables;

diptych_macros::faces! {
    /// The names that differ between the faces of these tests.
    faces {
        AsyncPrefectClient => PrefectClient,
        acreate => create,
        acreate_image_artifact => create_image_artifact,
        acreate_link_artifact => create_link_artifact,
        acreate_markdown_artifact => create_markdown_artifact,
        acreate_progress_artifact => create_progress_artifact,
        acreate_table_artifact => create_table_artifact,
        aget => get,
        aget_or_create => get_or_create,
        aset => set,
        aunset => unset,
        aupdate_progress_artifact => update_progress_artifact,
    }
}
