//! Filesystems: where files are kept, below a base path that no path leads out of.
//!
//! [`LocalFileSystem`] is Prefect's block of that name, and so is `RemoteFileSystem`, which is there with the features of its
//! schemes: `s3`, `azure`, `gcs`, `webdav`, `http`, `memory`; with `smb`, `Smb`. A store of your own implements [`Storage`] for the
//! blocking face and [`AsyncStorage`] for the async one, and is used wherever one of this crate's is.
//!
//! # Ignore files
//!
//! `.prefectignore` at the root of what is got, and the ignore file that is put with, are in gitignore's syntax. As with
//! Python's Prefect, and other than with git, a `!pattern` brings a file back whose directory is ignored.

#[cfg(any(feature = "remote", feature = "smb"))]
mod address;
mod bytes;
mod copy;
#[cfg(any(feature = "async", feature = "smb"))]
mod ended;
mod ignoring;
mod local;
pub(crate) mod offload;
mod options;
mod place;
#[cfg(feature = "remote")]
#[cfg_attr(
    not(all(
        feature = "azure",
        feature = "gcs",
        feature = "http",
        feature = "memory",
        feature = "s3",
        feature = "webdav"
    )),
    allow(
        dead_code,
        unused_imports,
        unused_mut,
        reason = "each scheme needs another part of what all of them share"
    )
)]
mod remote;
mod saved;
#[cfg(feature = "smb")]
mod smb;
mod storage;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "remote", feature = "smb"))]
mod transfer;
mod tree;
mod walk;

pub use local::LocalFileSystem;
pub use options::{GetDirectoryOptions, PutDirectoryOptions};
#[cfg(feature = "async")]
pub use prefect_client::transport::BoxFuture;
#[cfg(feature = "remote")]
pub use remote::RemoteFileSystem;
#[cfg(feature = "smb")]
pub use smb::Smb;
#[cfg(feature = "async")]
pub use storage::AsyncStorage;
#[cfg(feature = "blocking")]
pub use storage::Storage;

diptych_macros::faces! {
    /// The names that differ between the faces of this module.
    filesystems {
        ..crate::faces::sdk,
        adone => done,
        aoffload => offload,
        adrive => drive,
        aget_file => get_file,
        aget_files => get_files,
        aget_version => get_version,
        aopened => opened,
        aput_file => put_file,
        aput_files => put_files,
        asend => send,
        aread_path => read_path,
        awrite_path => write_path,
        aget_directory_with => get_directory_with,
        aput_directory_with => put_directory_with,
    }
}
