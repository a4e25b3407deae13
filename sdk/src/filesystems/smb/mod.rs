//! Files of a share in a network.

mod driving;
mod failure;
mod share;
mod trees;

use std::path::Path;

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[dual(filesystems)]
use self::driving::adone;
use self::share::Share;
#[cfg(feature = "async")]
use super::AsyncStorage;
#[cfg(feature = "blocking")]
use super::Storage;
use super::address::Base;
use super::local::named;
use super::{GetDirectoryOptions, PutDirectoryOptions, filesystems, place};
use crate::Error;
use crate::blocks::{Block, SecretString};

/// Files of a share that a server has for its network by SMB, version 2 or 3, such as Windows or Samba.
///
/// It is Python's block of this name. A path is relative to that of the share, or a whole address below it, such as
/// `smb://host/SHARE/dir/file`; what leads out of it is refused ([`Error::is_refused`]).
///
/// A file is written beside and renamed, so that whoever reads it sees the old one or the new one. Large files go part by
/// part. Each call makes a connection of its own, and goes on if its future is dropped. The blocking face works on one
/// thread that all blocks of a process share.
///
/// Passwords are proved by NTLM. A name may begin with its domain: `DOMAIN\user`.
///
/// ```no_run
/// use prefect_sdk::filesystems::Smb;
///
/// # fn run() -> Result<(), prefect_sdk::Error> {
/// let files = Smb::new("files.example.com", "/SHARE/reports").username("user").password("s3cret");
/// # #[cfg(feature = "blocking")]
/// files.write_path("today.json", "{}")?;
/// # Ok(()) }
/// # #[cfg(feature = "async")]
/// # async fn arun(files: Smb) -> Result<(), prefect_sdk::Error> {
/// let report: Vec<u8> = files.aread_path("today.json").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "SMB",
    description = "Store data as a file on a SMB share.",
    capabilities("get-directory", "put-directory", "read-path", "write-path"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[schemars(rename = "SMB")]
#[allow(
    clippy::struct_field_names,
    reason = "they are those of Python's block"
)]
#[non_exhaustive]
pub struct Smb {
    #[schemars(
        description = "SMB target (requires <SHARE>, followed by <PATH>).",
        example = "/SHARE/dir/subdir"
    )]
    share_path: String,
    #[serde(default)]
    #[schemars(
        title = "SMB Username",
        description = "Username with access to the target SMB SHARE."
    )]
    smb_username: Option<SecretString>,
    #[serde(default)]
    #[schemars(title = "SMB Password", description = "Password for SMB access.")]
    smb_password: Option<SecretString>,
    #[schemars(title = "SMB server/hostname", description = "SMB server/hostname.")]
    smb_host: String,
    #[serde(default)]
    #[schemars(
        with = "Option<i64>",
        title = "SMB port",
        description = "SMB port (default: 445)."
    )]
    smb_port: Option<u16>,
}

impl Smb {
    /// Files below a path of a share, such as `/SHARE/dir`, of a host.
    #[must_use]
    pub fn new(host: impl Into<String>, share_path: impl Into<String>) -> Self {
        Self {
            share_path: share_path.into(),
            smb_username: None,
            smb_password: None,
            smb_host: host.into(),
            smb_port: None,
        }
    }

    /// Sets who asks; a guest unless set.
    #[must_use]
    pub fn username(mut self, username: impl Into<SecretString>) -> Self {
        self.smb_username = Some(username.into());
        self
    }

    /// Sets the password.
    #[must_use]
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.smb_password = Some(password.into());
        self
    }

    /// Sets the port; 445 unless set.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.smb_port = Some(port);
        self
    }

    /// Where the files are: `smb://host/SHARE/dir`.
    ///
    /// # Errors
    ///
    /// The host or the path can't be used ([`Error::is_invalid`]).
    pub fn basepath(&self) -> Result<String, Error> {
        Ok(self.base()?.text)
    }

    fn base(&self) -> Result<Base, Error> {
        let host = self.smb_host.trim_end_matches('/');
        let path = self.share_path.trim_start_matches('/');
        if path.is_empty() {
            let text = "the `share_path` of an SMB block names a share, such as `/SHARE/dir`";
            return Err(Error::invalid(text));
        }
        Base::parse(&format!("smb://{host}/{path}"))
    }
}

#[dual(filesystems)]
impl Smb {
    /// What a file holds.
    ///
    /// # Errors
    ///
    /// There is no such file or share ([`Error::is_not_found`]); the path is that of a directory, or no path
    /// ([`Error::is_invalid`]); it leads out of the share's, or the credentials are refused ([`Error::is_refused`]); nobody
    /// answered ([`Error::is_connect`], [`Error::is_timeout`]); or it could not be read ([`Error::is_storage`]).
    pub async fn aread_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        let key = self.base()?.file(path)?;
        let share = Share::of(self);
        adone(share.read(key)).await
    }

    /// Writes a file, with the directories that it is in, in place of one that is there. Gives its whole address.
    ///
    /// # Errors
    ///
    /// As those of [`aread_path`](Self::aread_path).
    pub async fn awrite_path(
        &self,
        path: &str,
        content: impl Into<Vec<u8>>,
    ) -> Result<String, Error> {
        let key = self.base()?.file(path)?;
        let written = Share::of(self).write(key, content.into());
        adone(written).await
    }

    /// Copies all below the path of the share to a local directory: [`aget_directory_with`](Self::aget_directory_with).
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
    /// There is no such directory ([`Error::is_not_found`]); a name of the share is not one of a file here
    /// ([`Error::is_refused`]); or as those of [`aread_path`](Self::aread_path). What was copied until then stays.
    pub async fn aget_directory_with(
        &self,
        local_path: impl AsRef<Path>,
        options: &GetDirectoryOptions,
    ) -> Result<(), Error> {
        let from = options.from_path.as_deref().unwrap_or_default();
        let from = self.base()?.key(from)?;
        let to = place::directory(&named(local_path.as_ref())?)?;
        let share = Share::of(self);
        adone(trees::get(share, from, to)).await
    }

    /// Copies a local directory to the path of the share: [`aput_directory_with`](Self::aput_directory_with).
    ///
    /// # Errors
    ///
    /// As those of [`aput_directory_with`](Self::aput_directory_with).
    pub async fn aput_directory(&self, local_path: impl AsRef<Path>) -> Result<usize, Error> {
        let options = PutDirectoryOptions::new();
        self.aput_directory_with(local_path, &options).await
    }

    /// Copies the files of a local directory to a path, in place of those that are there. Says how many those were.
    ///
    /// Symbolic links are followed, wherever they lead. Only the ignore file that is given counts.
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
        let to = options.to_path.as_deref().unwrap_or_default();
        let to = self.base()?.key(to)?;
        let from = place::directory(&named(local_path.as_ref())?)?;
        let share = Share::of(self);
        adone(trees::put(share, from, options.clone(), to)).await
    }
}

#[cfg(feature = "blocking")]
impl Storage for Smb {
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
        Ok(self.base()?.file(path)?.url)
    }
}

#[cfg(feature = "async")]
impl AsyncStorage for Smb {
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
        let url = self.base().and_then(|base| Ok(base.file(path)?.url));
        Box::pin(std::future::ready(url))
    }
}
