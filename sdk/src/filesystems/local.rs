//! Files of this machine.

use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(feature = "async")]
use super::AsyncStorage;
#[cfg(feature = "blocking")]
use super::Storage;
use super::ignoring::Ignoring;
#[dual(super::filesystems)]
use super::offload::aoffload;
use super::place::{self, Place};
use super::walk::{Links, Walk};
use super::{GetDirectoryOptions, PutDirectoryOptions, bytes, filesystems, tree};
use crate::Error;
use crate::blocks::Block;

/// Looked for at the root of what is got.
const IGNORE_FILE: &str = ".prefectignore";

/// Files of this machine, below a base path.
///
/// A path is relative to the base path, or an absolute one below it; `~` is the home directory. `..` and symbolic links are
/// resolved first, and what leads out of the base path then is refused ([`Error::is_refused`]), as with Python's Prefect. It
/// is opened relative to the base path with what the system has for that (`openat2` on Linux), so that nobody who moves a
/// directory, or puts a link in its place meanwhile, can lead a read or a write out of it.
///
/// A file is written beside and renamed, so that whoever reads it sees the old one or the new one. It is not forced to the
/// disk: after a loss of power, the last ones may be missing.
///
/// The async face works on the threads of tokio that may block. What has begun there goes on if the future is dropped.
///
/// It is a [`Block`], Python's own of this name: one that is loaded is a storage that results name by its document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Local File System",
    description = "Store data as a file on a local file system.",
    capabilities("get-directory", "put-directory", "read-path", "write-path"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct LocalFileSystem {
    /// Everything is below it; the working directory at the time of the call, unless set.
    #[serde(default)]
    #[schemars(description = "Default local path for this block to write to.")]
    pub basepath: Option<String>,
}

impl LocalFileSystem {
    /// Files below a base path.
    #[must_use]
    pub fn new(basepath: impl Into<String>) -> Self {
        Self {
            basepath: Some(basepath.into()),
        }
    }

    pub(super) fn place(&self, path: &str) -> Result<Place, Error> {
        Place::find(self.basepath.as_deref(), path)
    }

    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        bytes::read(&self.place(path)?)
    }

    pub(super) fn write(&self, path: &str, content: &[u8]) -> Result<String, Error> {
        let place = self.place(path)?;
        bytes::write(&place, content)?;
        named(&place.full())
    }

    /// Writes a file where none is, whole from the first; `false` where there is one.
    #[cfg(feature = "results")]
    pub(crate) fn write_new(&self, path: &str, content: &[u8]) -> Result<bool, Error> {
        bytes::write_new(&self.place(path)?, content)
    }

    /// Removes a file; it need not be there.
    #[cfg(feature = "results")]
    pub(crate) fn remove(&self, path: &str) -> Result<(), Error> {
        bytes::remove(&self.place(path)?)
    }

    pub(super) fn get(&self, to: &Path, options: &GetDirectoryOptions) -> Result<(), Error> {
        let from = self.place(options.from_path.as_deref().unwrap_or_default())?;
        let to = place::directory(&named(to)?)?;
        if from.full() == to {
            return Ok(());
        }
        apart(&from.full(), &to)?;
        let failed = |error| place::failed("getting", &from, error);
        let directory = opened(&from).map_err(failed)?;
        let ignoring = match directory.open(IGNORE_FILE) {
            Ok(file) => Ignoring::read(file, &from.full().join(IGNORE_FILE))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ignoring::nothing(),
            Err(error) => return Err(failed(error)),
        };
        let walk = Walk::new(directory, &from.full(), Links::Kept, ignoring)?;
        tree::copied(walk, &made(&to)?).map(drop)
    }

    pub(super) fn put(&self, from: &Path, options: &PutDirectoryOptions) -> Result<usize, Error> {
        let to = self.place(options.to_path.as_deref().unwrap_or_default())?;
        let from = place::directory(&named(from)?)?;
        if to.full() == from {
            return Ok(0);
        }
        apart(&from, &to.full())?;
        let walk = Walk::to_put(&from, options)?;
        let to = target(&to).map_err(|error| place::failed("putting to", &to, error))?;
        tree::copied(walk, &to)
    }
}

#[dual(filesystems)]
impl LocalFileSystem {
    /// What a file holds.
    ///
    /// ```no_run
    /// # use prefect_sdk::filesystems::LocalFileSystem;
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let files = LocalFileSystem::new("~/storage");
    /// let content = files.aread_path("reports/today.json").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// There is no such file ([`Error::is_not_found`]); it is a directory ([`Error::is_invalid`]); the path leads out of the
    /// base path ([`Error::is_refused`]); or it could not be read ([`Error::is_storage`]).
    pub async fn aread_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        let (files, path) = (self.clone(), path.to_owned());
        aoffload(move || files.read(&path)).await
    }

    /// Writes a file, with the directories that it is in, in place of one that is there. Gives its absolute path.
    ///
    /// ```no_run
    /// # use prefect_sdk::filesystems::LocalFileSystem;
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let files = LocalFileSystem::new("~/storage");
    /// files.awrite_path("reports/today.json", b"{}").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// There is a directory of that name ([`Error::is_invalid`]); the path leads out of the base path
    /// ([`Error::is_refused`]); or it could not be written ([`Error::is_storage`]).
    pub async fn awrite_path(
        &self,
        path: &str,
        content: impl Into<Vec<u8>>,
    ) -> Result<String, Error> {
        let (files, path, content) = (self.clone(), path.to_owned(), content.into());
        aoffload(move || files.write(&path, &content)).await
    }

    /// Copies all below the base path to a local directory: [`aget_directory_with`](Self::aget_directory_with).
    ///
    /// # Errors
    ///
    /// As those of [`aget_directory_with`](Self::aget_directory_with).
    pub async fn aget_directory(&self, local_path: impl AsRef<Path>) -> Result<(), Error> {
        let options = GetDirectoryOptions::new();
        self.aget_directory_with(local_path, &options).await
    }

    /// Copies a directory below the base path to a local one, which may be there already: what it has besides stays.
    ///
    /// Symbolic links are copied as links. If there is a file `.prefectignore` in the directory itself, what it names is left
    /// out; Python's Prefect makes an empty directory in the place of one that a pattern with a slash at its end ignores.
    ///
    /// ```no_run
    /// # use prefect_sdk::filesystems::{GetDirectoryOptions, LocalFileSystem};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let files = LocalFileSystem::new("~/storage");
    /// let options = GetDirectoryOptions::new().from_path("flows");
    /// files.aget_directory_with("./flows", &options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// There is no such directory ([`Error::is_not_found`]); it leads out of the base path, or the local one is within it, or
    /// a link in the local one leads out of that ([`Error::is_refused`]); the ignore file can't be read
    /// ([`Error::is_unfit`]); or a file could not be read or written ([`Error::is_storage`]). What was copied until then
    /// stays.
    pub async fn aget_directory_with(
        &self,
        local_path: impl AsRef<Path>,
        options: &GetDirectoryOptions,
    ) -> Result<(), Error> {
        let (files, to) = (self.clone(), local_path.as_ref().to_owned());
        let options = options.clone();
        aoffload(move || files.get(&to, &options)).await
    }

    /// Copies a local directory to the base path: [`aput_directory_with`](Self::aput_directory_with).
    ///
    /// # Errors
    ///
    /// As those of [`aput_directory_with`](Self::aput_directory_with).
    pub async fn aput_directory(&self, local_path: impl AsRef<Path>) -> Result<usize, Error> {
        let options = PutDirectoryOptions::new();
        self.aput_directory_with(local_path, &options).await
    }

    /// Copies a local directory to one below the base path, which may be there already: what it has besides stays. Says how
    /// many files that were.
    ///
    /// Symbolic links are followed, wherever they lead. Only the ignore file that is given counts.
    ///
    /// ```no_run
    /// # use prefect_sdk::filesystems::{LocalFileSystem, PutDirectoryOptions};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let files = LocalFileSystem::new("~/storage");
    /// let options = PutDirectoryOptions::new().to_path("flows").ignore_file(".prefectignore");
    /// files.aput_directory_with("./flows", &options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// There is no such directory, or a link leads to nothing ([`Error::is_not_found`]); the path leads out of the base path,
    /// or the directory there is within the local one ([`Error::is_refused`]); the ignore file can't be read, or a link leads
    /// to a directory that it is in ([`Error::is_unfit`]); or a file could not be read or written ([`Error::is_storage`]).
    /// What was copied until then stays.
    pub async fn aput_directory_with(
        &self,
        local_path: impl AsRef<Path>,
        options: &PutDirectoryOptions,
    ) -> Result<usize, Error> {
        let (files, from) = (self.clone(), local_path.as_ref().to_owned());
        let options = options.clone();
        aoffload(move || files.put(&from, &options)).await
    }
}

#[cfg(feature = "blocking")]
impl Storage for LocalFileSystem {
    fn read_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.read(path)
    }

    fn write_path(&self, path: &str, content: &[u8]) -> Result<String, Error> {
        self.write(path, content)
    }

    fn get_directory_with(
        &self,
        local_path: &Path,
        options: &GetDirectoryOptions,
    ) -> Result<(), Error> {
        self.get(local_path, options)
    }

    fn put_directory_with(
        &self,
        local_path: &Path,
        options: &PutDirectoryOptions,
    ) -> Result<usize, Error> {
        self.put(local_path, options)
    }

    fn full_path(&self, path: &str) -> Result<String, Error> {
        named(&self.place(path)?.full())
    }
}

#[cfg(feature = "async")]
impl AsyncStorage for LocalFileSystem {
    fn read_path<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Vec<u8>, Error>> {
        Box::pin(self.aread_path(path))
    }

    fn write_path<'a>(
        &'a self,
        path: &'a str,
        content: &'a [u8],
    ) -> BoxFuture<'a, Result<String, Error>> {
        Box::pin(self.awrite_path(path, content))
    }

    fn get_directory_with<'a>(
        &'a self,
        local_path: &'a Path,
        options: &'a GetDirectoryOptions,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.aget_directory_with(local_path, options))
    }

    fn put_directory_with<'a>(
        &'a self,
        local_path: &'a Path,
        options: &'a PutDirectoryOptions,
    ) -> BoxFuture<'a, Result<usize, Error>> {
        Box::pin(self.aput_directory_with(local_path, options))
    }

    fn full_path<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<String, Error>> {
        let (files, path) = (self.clone(), path.to_owned());
        Box::pin(aoffload(move || named(&files.place(&path)?.full())))
    }
}

/// A path as text, which is what travels.
pub(super) fn named(path: &Path) -> Result<String, Error> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Error::invalid(format!("`{}` is not UTF-8", path.display())))
}

/// Copying a tree into itself has no end.
fn apart(from: &Path, to: &Path) -> Result<(), Error> {
    if !to.starts_with(from) {
        return Ok(());
    }
    let (from, to) = (from.display(), to.display());
    let text = format!("`{to}` is within `{from}`, which would be copied into itself");
    Err(Error::refused(crate::Refusal::Request, text))
}

fn opened(place: &Place) -> std::io::Result<Dir> {
    let base = place.open()?;
    if place.below.as_os_str().is_empty() {
        return Ok(base);
    }
    base.open_dir(&place.below)
}

fn target(place: &Place) -> std::io::Result<Dir> {
    let base = place.make()?;
    if !place.below.as_os_str().is_empty() {
        base.create_dir_all(&place.below)?;
    }
    opened(place)
}

pub(super) fn made(path: &Path) -> Result<Dir, Error> {
    let made = Dir::create_ambient_dir_all(path, ambient_authority())
        .and_then(|()| Dir::open_ambient_dir(path, ambient_authority()));
    made.map_err(|error| Error::of_storage(format!("writing to `{}`", path.display()), error))
}
