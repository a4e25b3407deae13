//! A share: how it is opened, and one file of it.

use std::time::Duration;

use smb2::client::stream::{FileReader, FileWriter};
use smb2::client::tree::DirectoryEntry;
use smb2::{ClientConfig, ErrorKind, RenameOptions, SmbClient, Tree};
use uuid::Uuid;

use super::super::address::Key;
use super::Smb;
use super::failure::failed;
use crate::Error;

const PORT: u16 = 445;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

/// Who asks which host.
pub(super) struct Share {
    config: ClientConfig,
    secrets: Vec<String>,
}

/// A connection to a share.
pub(super) struct Opened {
    client: SmbClient,
    tree: Tree,
    secrets: Vec<String>,
    /// The directory that was made last.
    made: String,
}

impl Share {
    pub(super) fn of(block: &Smb) -> Self {
        let text = |secret: &Option<crate::blocks::SecretString>| {
            let text = secret.as_ref().map(|secret| secret.expose().to_owned());
            text.unwrap_or_default()
        };
        let (name, password) = (text(&block.smb_username), text(&block.smb_password));
        let secrets = vec![name.clone(), password.clone()];
        let (domain, username) = match name.split_once('\\') {
            Some((domain, username)) => (domain.to_owned(), username.to_owned()),
            None => (String::new(), name),
        };
        let host = block.smb_host.trim_end_matches('/');
        // An address of IPv6 has colons of its own.
        let host = if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        let config = ClientConfig {
            addr: format!("{host}:{}", block.smb_port.unwrap_or(PORT)),
            timeout: CONNECT_TIMEOUT,
            response_timeout: Some(ANSWER_TIMEOUT),
            username,
            password,
            domain,
            ..ClientConfig::default()
        };
        Self { config, secrets }
    }

    /// What a file holds.
    pub(super) async fn read(self, key: Key) -> Result<Vec<u8>, Error> {
        self.open(&key).await?.read(&key).await
    }

    /// Writes a file, and gives its address.
    pub(super) async fn write(self, key: Key, content: Vec<u8>) -> Result<String, Error> {
        self.open(&key).await?.write(&key, &content).await?;
        Ok(key.url)
    }

    /// Opens the share that a key is in.
    pub(super) async fn open(self, key: &Key) -> Result<Opened, Error> {
        let what = format!("opening the share of `{}`", key.url);
        let told = |error: &smb2::Error| failed(&what, &self.secrets, error);
        let mut client = SmbClient::connect(self.config.clone())
            .await
            .map_err(|error| told(&error))?;
        let name = key.path.split('/').next().unwrap_or_default();
        let tree = client.connect_share(name).await;
        let tree = tree.map_err(|error| told(&error))?;
        Ok(Opened {
            client,
            tree,
            secrets: self.secrets,
            made: String::new(),
        })
    }
}

/// The path of a key within its share.
pub(super) fn within(key: &Key) -> &str {
    key.path.split_once('/').map_or("", |(_, path)| path)
}

impl Opened {
    pub(super) fn failed(&self, what: &str, key: &Key, error: &smb2::Error) -> Error {
        failed(&format!("{what} `{}`", key.url), &self.secrets, error)
    }

    async fn read(&mut self, key: &Key) -> Result<Vec<u8>, Error> {
        let reader = self.reader(key).await?;
        // Part by part, as the size is what the server says.
        let mut content = Vec::new();
        loop {
            let part = reader.read_at(content.len() as u64, PART as u64).await;
            let part = part.map_err(|error| self.failed("reading", key, &error))?;
            if part.is_empty() {
                break;
            }
            content.extend_from_slice(&part);
        }
        whole(&reader, content.len() as u64, key)?;
        Ok(content)
    }

    /// Opens a file. Servers read a directory as an empty file, or deny it as they deny what one may not see.
    pub(super) async fn reader(&mut self, key: &Key) -> Result<FileReader, Error> {
        let opened = self.client.open_file_reader(&self.tree, within(key)).await;
        let is_directory = match &opened {
            Ok(reader) => reader.info().is_directory,
            Err(error) if error.kind() == ErrorKind::AccessDenied => self.is_directory(key).await,
            Err(_) => false,
        };
        if is_directory {
            return Err(Error::invalid(format!("`{}` is a directory", key.url)));
        }
        opened.map_err(|error| self.failed("reading", key, &error))
    }

    async fn is_directory(&mut self, key: &Key) -> bool {
        let about = self.client.stat(&mut self.tree, within(key)).await;
        about.is_ok_and(|about| about.is_directory)
    }

    /// What is in a directory; servers name the directory itself, and the one that it is in, among it.
    pub(super) async fn list(&mut self, key: &Key) -> Result<Vec<DirectoryEntry>, Error> {
        let listed = self
            .client
            .list_directory(&mut self.tree, within(key))
            .await;
        let mut entries = listed.map_err(|error| self.failed("listing", key, &error))?;
        entries.retain(|entry| entry.name != "." && entry.name != "..");
        Ok(entries)
    }

    async fn write(&mut self, key: &Key, content: &[u8]) -> Result<(), Error> {
        let mut writing = self.begin(key).await?;
        match writing.part(content).await {
            Ok(()) => self.keep(writing, key).await,
            Err(error) => Err(self.abort(writing, key, &error).await),
        }
    }

    /// Begins a file beside the one that it takes the place of.
    pub(super) async fn begin(&mut self, key: &Key) -> Result<Writing, Error> {
        let path = within(key);
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        self.make(directory, key).await?;
        let beside = format!(".{}.part", Uuid::new_v4().simple());
        let beside = match directory {
            "" => beside,
            _ => format!("{directory}/{beside}"),
        };
        let writer = self
            .client
            .create_file_writer_exclusive(&self.tree, &beside)
            .await;
        let writer = writer.map_err(|error| self.failed("writing", key, &error))?;
        Ok(Writing { writer, beside })
    }

    /// Puts the file, which is whole, where it belongs.
    pub(super) async fn keep(&mut self, writing: Writing, key: &Key) -> Result<(), Error> {
        let Writing { writer, beside } = writing;
        if let Err(error) = writer.finish().await {
            return Err(self.remove(&beside, key, &error).await);
        }
        let options = RenameOptions::new().replace_if_exists(true);
        let renamed = self
            .client
            .rename_with(&self.tree, &beside, within(key), options)
            .await;
        match renamed {
            Ok(()) => Ok(()),
            Err(error) => {
                let is_directory = self.is_directory(key).await;
                let told = self.remove(&beside, key, &error).await;
                if is_directory {
                    return Err(Error::invalid(format!("`{}` is a directory", key.url)));
                }
                Err(told)
            }
        }
    }

    /// Leaves nothing of a file that could not be written.
    pub(super) async fn abort(
        &mut self,
        writing: Writing,
        key: &Key,
        error: &smb2::Error,
    ) -> Error {
        let Writing { writer, beside } = writing;
        drop(writer.abort().await);
        self.remove(&beside, key, error).await
    }

    async fn remove(&mut self, beside: &str, key: &Key, error: &smb2::Error) -> Error {
        // What matters is why it could not be written.
        drop(self.client.delete_file(&self.tree, beside).await);
        self.failed("writing", key, error)
    }

    /// Makes a directory of the share, with those that it is in.
    async fn make(&mut self, directory: &str, key: &Key) -> Result<(), Error> {
        if directory == self.made {
            return Ok(());
        }
        let ends = directory.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([directory.len()]) {
            let made = self
                .client
                .create_directory(&self.tree, &directory[..end])
                .await;
            if let Err(error) = made
                && error.kind() != ErrorKind::AlreadyExists
            {
                return Err(self.failed("making the directory of", key, &error));
            }
        }
        directory.clone_into(&mut self.made);
        Ok(())
    }
}

/// What was read is all that the file held when it was opened.
pub(super) fn whole(reader: &FileReader, read: u64, key: &Key) -> Result<(), Error> {
    if read == reader.size() {
        return Ok(());
    }
    let text = format!("`{}` became shorter while it was read", key.url);
    Err(Error::unfit(text))
}

/// A file that is not whole.
pub(super) struct Writing {
    writer: FileWriter,
    beside: String,
}

impl Writing {
    pub(super) async fn part(&mut self, content: &[u8]) -> Result<(), smb2::Error> {
        for part in content.chunks(PART) {
            self.writer.write_chunk(part).await?;
        }
        Ok(())
    }
}

/// What is held of a file at once.
pub(super) const PART: usize = 4 * 1024 * 1024;
