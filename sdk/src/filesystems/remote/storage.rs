//! A storage that is opened: what is read and written of it. None of it knows a face; whoever drives it does.

use opendal::options::{ReadOptions, WriteOptions};
use opendal::{Buffer, ErrorKind, Lister, Operator, Writer};
use prefect_client::transport::Bytes;

use super::super::address::{Base, Key};
use super::failure::failed;
use crate::Error;

/// What is read or sent at once. A writer holds two of them.
pub(super) const PART: u64 = 6 * 1024 * 1024;
/// As many parts as S3 takes.
const MOST_PARTS: u64 = 10_000;
/// How often a thing is read anew that somebody replaces meanwhile.
const READINGS: u32 = 5;

/// A storage that is opened.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) operator: Operator,
    pub(super) base: Base,
    /// What is never shown.
    pub(super) secrets: Vec<String>,
}

/// A thing that is read part by part, each of the same version.
pub(super) struct Download {
    remote: Remote,
    key: Key,
    size: u64,
    /// What the storage knows the version by.
    version: Option<String>,
    offset: u64,
}

/// A thing that is written part by part; nobody sees it before it is finished.
pub(super) struct Upload {
    remote: Remote,
    key: Key,
    way: Way,
}

enum Way {
    Parts(Box<Writer>),
    /// The storage takes things only as a whole.
    Whole(Vec<u8>),
}

/// Why a thing could not be read.
pub(super) enum Broken {
    /// Somebody has replaced it since its first part was read.
    Replaced,
    Failed(opendal::Error),
    /// The storage gave less than it told of, or more.
    Torn,
}

impl Remote {
    pub(super) fn failed(&self, what: &str, key: &Key, error: &opendal::Error) -> Error {
        failed(&format!("{what} `{}`", key.url), &self.secrets, error)
    }

    /// What a thing holds.
    pub(super) async fn read(&self, key: &Key) -> Result<Vec<u8>, Error> {
        let mut readings = 1;
        loop {
            match self.read_version(key).await {
                Err(Broken::Replaced) if readings < READINGS => readings += 1,
                Err(broken) => return Err(broken.told(self, key)),
                Ok(content) => return Ok(content),
            }
        }
    }

    async fn read_version(&self, key: &Key) -> Result<Vec<u8>, Broken> {
        let mut download = self.open(key).await?;
        let mut content = Vec::new();
        while let Some(part) = download.part().await? {
            content.extend_from_slice(&part);
        }
        Ok(content)
    }

    pub(super) async fn open(&self, key: &Key) -> Result<Download, Broken> {
        let about = self.operator.stat(&key.path).await?;
        Ok(Download {
            remote: self.clone(),
            key: key.clone(),
            size: about.content_length(),
            version: about.etag().map(str::to_owned),
            offset: 0,
        })
    }

    /// Writes a thing, in place of one that is there.
    pub(super) async fn write(&self, key: &Key, content: Bytes) -> Result<(), Error> {
        let size = content.len();
        let mut upload = Upload::begin(self, key).await?;
        let part = usize::try_from(PART).unwrap_or(usize::MAX);
        for begin in (0..size).step_by(part) {
            let end = begin.saturating_add(part).min(size);
            if let Err(error) = upload.part(content.slice(begin..end)).await {
                upload.abort().await;
                return Err(error);
            }
        }
        upload.finish().await
    }

    /// All things below a directory.
    pub(super) async fn list(&self, directory: &Key) -> Result<Lister, Error> {
        let path = directory.directory();
        let listed = self.operator.lister_with(&path).recursive(true).await;
        listed.map_err(|error| self.failed("listing", directory, &error))
    }
}

impl Download {
    /// The next part; `None` at the end.
    pub(super) async fn part(&mut self) -> Result<Option<Bytes>, Broken> {
        if self.offset >= self.size {
            return Ok(None);
        }
        let part = self.read().await?.to_bytes();
        self.offset += part.len() as u64;
        Ok(Some(part))
    }

    async fn read(&self) -> Result<Buffer, Broken> {
        let left = self.size - self.offset;
        let operator = &self.remote.operator;
        let is_versioned = operator.info().capability().read_with_if_match;
        let version = self.version.clone().filter(|_| is_versioned);
        // Parts of what has no version could be of two.
        let length = match version {
            Some(_) => left.min(PART),
            None => left,
        };
        let mut options = ReadOptions {
            if_match: version,
            ..ReadOptions::default()
        };
        if length < self.size {
            options.range = (self.offset..self.offset + length).into();
        }
        match operator.read_options(&self.key.path, options).await {
            Ok(part) if part.len() as u64 == length => Ok(part),
            Ok(_) => Err(Broken::Torn),
            Err(error) => Err(error.into()),
        }
    }
}

impl Upload {
    pub(super) async fn begin(remote: &Remote, key: &Key) -> Result<Self, Error> {
        let way = if remote.operator.info().capability().write_can_multi {
            let options = WriteOptions::default();
            let writer = remote.operator.writer_options(&key.path, options).await;
            Way::Parts(Box::new(
                writer.map_err(|error| remote.failed("writing", key, &error))?,
            ))
        } else {
            Way::Whole(Vec::new())
        };
        let (remote, key) = (remote.clone(), key.clone());
        Ok(Self { remote, key, way })
    }

    pub(super) async fn part(&mut self, part: Bytes) -> Result<(), Error> {
        match &mut self.way {
            Way::Whole(whole) => whole.extend_from_slice(&part),
            Way::Parts(writer) => {
                let written = writer.write(part).await;
                written.map_err(|error| self.remote.failed("writing", &self.key, &error))?;
            }
        }
        Ok(())
    }

    /// Makes it visible, as a whole.
    pub(super) async fn finish(mut self) -> Result<(), Error> {
        let finished = match &mut self.way {
            Way::Whole(whole) => {
                let whole = std::mem::take(whole);
                self.remote.operator.write(&self.key.path, whole).await
            }
            Way::Parts(writer) => writer.close().await,
        };
        if let Err(error) = finished {
            let error = self.remote.failed("writing", &self.key, &error);
            self.abort().await;
            return Err(error);
        }
        self.way = Way::Whole(Vec::new());
        Ok(())
    }

    /// Gives up what was sent. The error that led here says more than that this failed too.
    pub(super) async fn abort(mut self) {
        if let Way::Parts(mut writer) = std::mem::replace(&mut self.way, Way::Whole(Vec::new())) {
            drop(writer.abort().await);
        }
    }
}

/// A future that was dropped leaves nothing behind, as far as there is still a runtime: nobody ever sees the parts, but
/// somebody pays for them.
#[cfg(feature = "async")]
impl Drop for Upload {
    fn drop(&mut self) {
        let way = std::mem::replace(&mut self.way, Way::Whole(Vec::new()));
        if let (Way::Parts(mut writer), Ok(runtime)) = (way, tokio::runtime::Handle::try_current())
        {
            runtime.spawn(async move { drop(writer.abort().await) });
        }
    }
}

impl Broken {
    pub(super) fn told(&self, remote: &Remote, key: &Key) -> Error {
        let what = || format!("reading `{}`", key.url);
        let torn = |why| Error::of_storage(what(), std::io::Error::other(why));
        match self {
            Self::Failed(error) => remote.failed("reading", key, error),
            Self::Replaced => torn("it was replaced again and again meanwhile"),
            Self::Torn => torn("the storage gave another number of bytes than it told of"),
        }
    }
}

impl From<opendal::Error> for Broken {
    fn from(error: opendal::Error) -> Self {
        match error.kind() {
            ErrorKind::ConditionNotMatch => Self::Replaced,
            _ => Self::Failed(error),
        }
    }
}

/// How large the parts of a file are that is as large.
pub(super) fn part_size(size: u64) -> u64 {
    size.div_ceil(MOST_PARTS).max(PART)
}
