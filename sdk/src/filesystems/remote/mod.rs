//! Files of a remote storage, such as a bucket.

#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "azure")]
mod connection_string;
#[cfg(feature = "webdav")]
mod dav;
mod directories;
mod driving;
mod failure;
mod fetching;
#[cfg(feature = "gcs")]
mod google;
#[cfg(any(feature = "http", feature = "webdav"))]
mod headers;
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
mod keys;
#[cfg(feature = "memory")]
mod memory;
mod opened;
#[cfg(feature = "s3")]
mod s3;
mod schemes;
mod settings;
mod storage;
#[cfg(test)]
mod tests;
#[cfg(feature = "http")]
mod web;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[dual(filesystems)]
use self::directories::{aget_files, aput_files};
#[dual(filesystems)]
use self::driving::adrive;
use self::fetching::Face;
use self::storage::Remote;
#[cfg(feature = "async")]
use super::AsyncStorage;
#[cfg(feature = "blocking")]
use super::Storage;
use super::address::Base;
use super::local::named;
#[dual(super::filesystems)]
use super::offload::aoffload;
use super::walk::Walk;
use super::{GetDirectoryOptions, PutDirectoryOptions, filesystems, place};
use crate::Error;
use crate::blocks::Block;

#[doc = include_str!("remote.md")]
#[derive(Clone, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Remote File System",
    description = "Store data as a file on a remote file system.\n\nSupports any remote file system supported by `fsspec`. The file system is specified\nusing a protocol. For example, \"s3://my-bucket/my-folder/\" will use S3.",
    capabilities("get-directory", "put-directory", "read-path", "write-path"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct RemoteFileSystem {
    #[schemars(
        description = "Default path for this block to write to.",
        example = "s3://my-bucket/my-folder/"
    )]
    basepath: String,
    #[serde(default)]
    #[schemars(
        description = "Additional settings to pass through to fsspec.",
        transform = without_default
    )]
    settings: Map<String, Value>,
    #[serde(skip)]
    opened: Opened,
}

/// What is opened once for all calls and clones.
#[derive(Clone, Default)]
struct Opened {
    #[cfg(feature = "blocking")]
    blocking: Arc<OnceLock<Remote>>,
    #[cfg(feature = "async")]
    asynchronous: Arc<OnceLock<Remote>>,
}

impl RemoteFileSystem {
    /// Files below a base path, such as `s3://bucket/folder`.
    #[must_use]
    pub fn new(basepath: impl Into<String>) -> Self {
        Self {
            basepath: basepath.into(),
            settings: Map::new(),
            opened: Opened::default(),
        }
    }

    /// Sets a setting of fsspec's, such as `key`. `client_kwargs` and the like are maps.
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.settings.insert(name.into(), value.into());
        self.opened = Opened::default();
        self
    }

    /// The base path.
    #[must_use]
    pub fn basepath(&self) -> &str {
        &self.basepath
    }

    /// The settings. There may be secrets among them.
    #[must_use]
    pub fn settings(&self) -> &Map<String, Value> {
        &self.settings
    }

    #[cfg(feature = "async")]
    fn aopened(&self) -> Result<&Remote, Error> {
        self.open(&self.opened.asynchronous, Face::Async)
    }

    #[cfg(feature = "blocking")]
    fn opened(&self) -> Result<&Remote, Error> {
        self.open(&self.opened.blocking, Face::Blocking)
    }

    fn open<'a>(&self, opened: &'a OnceLock<Remote>, face: Face) -> Result<&'a Remote, Error> {
        if let Some(remote) = opened.get() {
            return Ok(remote);
        }
        let remote = schemes::open(&self.basepath, &self.settings, face)?;
        Ok(opened.get_or_init(|| remote))
    }

    fn url(&self, path: &str) -> Result<String, Error> {
        Ok(Base::parse(&self.basepath)?.file(path)?.url)
    }
}

/// Python's class makes its empty map by a function, of which a schema says nothing.
fn without_default(schema: &mut Schema) {
    schema.remove("default");
}

/// Without what the settings say, as there may be secrets among it.
impl fmt::Debug for RemoteFileSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.settings.keys().collect();
        f.debug_struct("RemoteFileSystem")
            .field("basepath", &self.basepath)
            .field("settings", &names)
            .finish_non_exhaustive()
    }
}

impl PartialEq for RemoteFileSystem {
    fn eq(&self, other: &Self) -> bool {
        self.basepath == other.basepath && self.settings == other.settings
    }
}

#[dual(filesystems)]
impl RemoteFileSystem {
    /// What a file holds.
    ///
    /// # Errors
    ///
    /// There is no such file ([`Error::is_not_found`]); the path is that of a directory, or one that others would read as
    /// another, or a setting can't be used ([`Error::is_invalid`]); the path leads out of the base path, or the keys are
    /// refused ([`Error::is_refused`]); nobody answered ([`Error::is_connect`], [`Error::is_timeout`]); or it could not be
    /// read ([`Error::is_storage`]).
    pub async fn aread_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        let remote = self.aopened()?;
        let key = remote.base.file(path)?;
        adrive(remote.read(&key)).await
    }

    /// Writes a file, in place of one that is there. Gives its whole address.
    ///
    /// # Errors
    ///
    /// As those of [`aread_path`](Self::aread_path); the storage is to be read only ([`Error::is_refused`]).
    pub async fn awrite_path(
        &self,
        path: &str,
        content: impl Into<Vec<u8>>,
    ) -> Result<String, Error> {
        let remote = self.aopened()?;
        let key = remote.base.file(path)?;
        let content = content.into().into();
        adrive(remote.write(&key, content)).await?;
        Ok(key.url)
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

    /// Copies what is below a path to a local directory, which may be there already: what it has besides stays.
    ///
    /// # Errors
    ///
    /// There is nothing below the path ([`Error::is_not_found`]); a name of the storage is not one of a file here, or a link
    /// in the local directory leads out of it, or the storage can't list what it has ([`Error::is_refused`]); or as those of
    /// [`aread_path`](Self::aread_path). What was copied until then stays.
    pub async fn aget_directory_with(
        &self,
        local_path: impl AsRef<Path>,
        options: &GetDirectoryOptions,
    ) -> Result<(), Error> {
        let remote = self.aopened()?;
        let from = remote
            .base
            .key(options.from_path.as_deref().unwrap_or_default())?;
        let to = place::directory(&named(local_path.as_ref())?)?;
        aget_files(remote, &from, &to).await
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

    /// Copies the files of a local directory to a path. Says how many those were.
    ///
    /// Symbolic links are followed, wherever they lead. Only the ignore file that is given counts; one that ignores
    /// everything leaves everything out, where Python's Prefect puts everything.
    ///
    /// # Errors
    ///
    /// There is no such directory, or a link leads to nothing ([`Error::is_not_found`]); the ignore file can't be read, or a
    /// link leads to a directory that it is in ([`Error::is_unfit`]); or as those of [`awrite_path`](Self::awrite_path).
    /// What was copied until then stays.
    pub async fn aput_directory_with(
        &self,
        local_path: impl AsRef<Path>,
        options: &PutDirectoryOptions,
    ) -> Result<usize, Error> {
        let remote = self.aopened()?;
        let to = remote
            .base
            .key(options.to_path.as_deref().unwrap_or_default())?;
        let from = place::directory(&named(local_path.as_ref())?)?;
        let options = options.clone();
        let walk = aoffload(move || Walk::to_put(&from, &options)).await?;
        aput_files(remote, walk, &to).await
    }
}

#[cfg(feature = "blocking")]
impl Storage for RemoteFileSystem {
    fn read_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.read_path(path)
    }

    fn write_path(&self, path: &str, content: &[u8]) -> Result<String, Error> {
        self.write_path(path, content)
    }

    fn get_directory_with(
        &self,
        local_path: &Path,
        options: &GetDirectoryOptions,
    ) -> Result<(), Error> {
        self.get_directory_with(local_path, options)
    }

    fn put_directory_with(
        &self,
        local_path: &Path,
        options: &PutDirectoryOptions,
    ) -> Result<usize, Error> {
        self.put_directory_with(local_path, options)
    }

    fn full_path(&self, path: &str) -> Result<String, Error> {
        self.url(path)
    }
}

#[cfg(feature = "async")]
impl AsyncStorage for RemoteFileSystem {
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
        Box::pin(std::future::ready(self.url(path)))
    }
}
