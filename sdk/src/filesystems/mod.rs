//! Filesystems: where files are kept, below a base path that no path leads out of.
//!
//! [`LocalFileSystem`] is Prefect's block of that name. A store of your own, such as a bucket, implements [`Storage`] for
//! the blocking face and [`AsyncStorage`] for the async one, and is used wherever one of this crate's is.
//!
//! # Ignore files
//!
//! `.prefectignore` at the root of what is got, and the ignore file that is put with, are in gitignore's syntax. As with
//! Python's Prefect, and other than with git, a `!pattern` brings a file back whose directory is ignored.

mod bytes;
mod copy;
mod ignoring;
mod local;
pub(crate) mod offload;
mod options;
mod place;
mod saved;
mod storage;
#[cfg(test)]
mod tests;
mod tree;

pub use local::LocalFileSystem;
pub use options::{GetDirectoryOptions, PutDirectoryOptions};
#[cfg(feature = "async")]
pub use prefect_client::transport::BoxFuture;
#[cfg(feature = "async")]
pub use storage::AsyncStorage;
#[cfg(feature = "blocking")]
pub use storage::Storage;

diptych_macros::faces! {
    /// The names that differ between the faces of this module.
    filesystems {
        ..crate::faces::sdk,
        aoffload => offload,
        aread_path => read_path,
        awrite_path => write_path,
        aget_directory_with => get_directory_with,
        aput_directory_with => put_directory_with,
    }
}
