//! What a storage is: a trait for each face, each the same but for how it waits.

use std::path::Path;

#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use uuid::Uuid;

use super::{GetDirectoryOptions, PutDirectoryOptions};
use crate::{Error, Refusal};

/// A place where files are kept. Implement it for a store of your own; [`Error::of_storage`] makes its errors.
///
/// ```
/// use std::collections::HashMap;
/// use std::io;
/// use std::sync::Mutex;
/// use prefect_sdk::Error;
/// use prefect_sdk::filesystems::Storage;
///
/// #[derive(Default)]
/// struct Memory(Mutex<HashMap<String, Vec<u8>>>);
///
/// impl Storage for Memory {
///     fn read_path(&self, path: &str) -> Result<Vec<u8>, Error> {
///         let missing = || {
///             let cause = io::Error::from(io::ErrorKind::NotFound);
///             Error::of_storage(format!("reading `{path}`"), cause)
///         };
///         self.0.lock().unwrap().get(path).cloned().ok_or_else(missing)
///     }
///
///     fn write_path(&self, path: &str, content: &[u8]) -> Result<String, Error> {
///         self.0.lock().unwrap().insert(path.to_owned(), content.to_vec());
///         Ok(path.to_owned())
///     }
/// }
///
/// let memory: &dyn Storage = &Memory::default();
/// memory.write_path("a", b"one")?;
/// assert_eq!(memory.read_path("a")?, b"one");
/// assert!(memory.read_path("b").unwrap_err().is_not_found());
/// # Ok::<(), Error>(())
/// ```
#[cfg(feature = "blocking")]
pub trait Storage: Send + Sync {
    /// What the file holds.
    ///
    /// # Errors
    ///
    /// There is no such file ([`Error::is_not_found`]); the path leads out of the storage ([`Error::is_refused`]); or it
    /// could not be read.
    fn read_path(&self, path: &str) -> Result<Vec<u8>, Error>;

    /// Writes a file, in place of one that is there, and says where it is. Nobody may ever see half of it.
    ///
    /// # Errors
    ///
    /// The path leads out of the storage ([`Error::is_refused`]); or it could not be written.
    fn write_path(&self, path: &str, content: &[u8]) -> Result<String, Error>;

    /// Copies a directory of the storage to a local one. Unless implemented, it is refused.
    ///
    /// # Errors
    ///
    /// Something could not be read or written.
    fn get_directory_with(
        &self,
        local_path: &Path,
        options: &GetDirectoryOptions,
    ) -> Result<(), Error> {
        let _ = (local_path, options);
        Err(no_directories())
    }

    /// Copies a local directory to the storage, and says how many files that were. Unless implemented, it is refused.
    ///
    /// # Errors
    ///
    /// Something could not be read or written.
    fn put_directory_with(
        &self,
        local_path: &Path,
        options: &PutDirectoryOptions,
    ) -> Result<usize, Error> {
        let _ = (local_path, options);
        Err(no_directories())
    }

    /// The name by which others find the file: what a result's record says where the storage is not a saved block. It is the
    /// path itself unless implemented.
    ///
    /// # Errors
    ///
    /// The path leads out of the storage ([`Error::is_refused`]).
    fn full_path(&self, path: &str) -> Result<String, Error> {
        Ok(path.to_owned())
    }

    /// The document that the storage was loaded from, if it is a saved block.
    fn block_document_id(&self) -> Option<Uuid> {
        None
    }
}

/// A place where files are kept. Implement it for a store of your own; [`Error::of_storage`] makes its errors.
///
/// ```
/// use std::io;
/// use prefect_sdk::Error;
/// use prefect_sdk::filesystems::{AsyncStorage, BoxFuture};
///
/// struct Empty;
///
/// impl AsyncStorage for Empty {
///     fn read_path<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Vec<u8>, Error>> {
///         Box::pin(async move {
///             let cause = io::Error::from(io::ErrorKind::NotFound);
///             Err(Error::of_storage(format!("reading `{path}`"), cause))
///         })
///     }
///
///     fn write_path<'a>(
///         &'a self,
///         path: &'a str,
///         _content: &'a [u8],
///     ) -> BoxFuture<'a, Result<String, Error>> {
///         Box::pin(async move { Ok(path.to_owned()) })
///     }
/// }
///
/// let _storage: Box<dyn AsyncStorage> = Box::new(Empty);
/// ```
#[cfg(feature = "async")]
pub trait AsyncStorage: Send + Sync {
    /// What the file holds; or an error: there is no such file ([`Error::is_not_found`]), the path leads out of the storage
    /// ([`Error::is_refused`]), or it could not be read.
    fn read_path<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Vec<u8>, Error>>;

    /// Writes a file, in place of one that is there, and says where it is. Nobody may ever see half of it. An error says
    /// that the path leads out of the storage ([`Error::is_refused`]), or that it could not be written.
    fn write_path<'a>(
        &'a self,
        path: &'a str,
        content: &'a [u8],
    ) -> BoxFuture<'a, Result<String, Error>>;

    /// Copies a directory of the storage to a local one. Unless implemented, it is refused.
    fn get_directory_with<'a>(
        &'a self,
        local_path: &'a Path,
        options: &'a GetDirectoryOptions,
    ) -> BoxFuture<'a, Result<(), Error>> {
        let _ = (local_path, options);
        Box::pin(std::future::ready(Err(no_directories())))
    }

    /// Copies a local directory to the storage, and says how many files that were. Unless implemented, it is refused.
    fn put_directory_with<'a>(
        &'a self,
        local_path: &'a Path,
        options: &'a PutDirectoryOptions,
    ) -> BoxFuture<'a, Result<usize, Error>> {
        let _ = (local_path, options);
        Box::pin(std::future::ready(Err(no_directories())))
    }

    /// The name by which others find the file: what a result's record says where the storage is not a saved block. It is the
    /// path itself unless implemented. An error says that the path leads out of the storage ([`Error::is_refused`]).
    fn full_path<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<String, Error>> {
        Box::pin(std::future::ready(Ok(path.to_owned())))
    }

    /// The document that the storage was loaded from, if it is a saved block.
    fn block_document_id(&self) -> Option<Uuid> {
        None
    }
}

fn no_directories() -> Error {
    let text = "this storage has no directories: it reads and writes single files";
    Error::refused(Refusal::Request, text)
}
