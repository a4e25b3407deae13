//! A file that is sent as a part of a form.

use std::fmt;
use std::io::Read;

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};

use super::source::{Reader, Source};

/// A file in a form (`multipart/form-data`): its content, and what the form says of it.
///
/// ```
/// # use diptych_runtime::File;
/// let file = File::new("a,b\n1,2\n").name("table.csv").media_type("text/csv");
/// assert_eq!(file.content(), Some(b"a,b\n1,2\n".as_slice()));
/// ```
///
/// What is too large for memory is read while it is sent. Such a file can be sent once, so that nothing is tried again once
/// it was begun:
///
/// ```no_run
/// # use diptych_runtime::File;
/// let film = std::fs::File::open("film.mp4")?;
/// let length = film.metadata()?.len();
/// let file = File::from_reader(film).length(length).name("film.mp4");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    content: Content,
    name: Option<String>,
    media_type: Option<String>,
    headers: Vec<(String, String)>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Bytes(Bytes),
    Source(Source),
}

impl File {
    /// A file with this content. [`Bytes::from_owner`] takes what is mapped into memory, without a copy.
    #[must_use]
    pub fn new(content: impl Into<Bytes>) -> Self {
        Self::of(Content::Bytes(content.into()))
    }

    /// A file whose content is read while it is sent, so that it need not fit into memory; clones share the reader. The async
    /// face reads it on a thread for what blocks. A call's deadline is not heard while the reader blocks.
    #[must_use]
    pub fn from_reader(reader: impl Read + Send + 'static) -> Self {
        Self::of(Content::Source(Source::new(Reader::Blocking(Box::new(
            reader,
        )))))
    }

    /// As [`from_reader`](Self::from_reader), of what only the async face can read.
    #[cfg(feature = "async")]
    #[cfg_attr(docsrs, doc(cfg(feature = "async")))]
    #[must_use]
    pub fn from_async_reader(reader: impl tokio::io::AsyncRead + Send + 'static) -> Self {
        Self::of(Content::Source(Source::new(Reader::Async(Box::pin(
            reader,
        )))))
    }

    fn of(content: Content) -> Self {
        Self {
            content,
            name: None,
            media_type: None,
            headers: Vec::new(),
        }
    }

    /// Says how many bytes the reader gives: the request then says how long it is, which some servers ask for. What the reader
    /// gives beyond it is not sent, and less is an error.
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        if let Content::Source(source) = &mut self.content {
            source.length = Some(bytes);
        }
        self
    }

    /// Says how the file is called; else it is called as its field.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says what the content is; else it is what the description says, or any bytes.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Adds a header to the part that the file is, such as `content-location` in a `multipart/related` body. Servers ignore
    /// those of a plain form (RFC 7578).
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The content, where it is in memory.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Source(_) => None,
        }
    }

    pub(crate) fn whole_content(&self) -> &Content {
        &self.content
    }

    pub(crate) fn own_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn own_headers(&self) -> &[(String, String)] {
        &self.headers
    }

    pub(crate) fn own_media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }
}

/// Without the content, which may be large or secret.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("File");
        shown
            .field("name", &self.name)
            .field("media_type", &self.media_type);
        match &self.content {
            Content::Bytes(bytes) => shown.field("bytes", &bytes.len()).finish(),
            Content::Source(source) => shown
                .field("length", &source.length)
                .finish_non_exhaustive(),
        }
    }
}

impl From<Bytes> for File {
    fn from(content: Bytes) -> Self {
        Self::new(content)
    }
}

impl From<Vec<u8>> for File {
    fn from(content: Vec<u8>) -> Self {
        Self::new(content)
    }
}

impl From<String> for File {
    fn from(content: String) -> Self {
        Self::new(content)
    }
}

impl From<&[u8]> for File {
    fn from(content: &[u8]) -> Self {
        Self::new(Bytes::copy_from_slice(content))
    }
}

impl From<&str> for File {
    fn from(content: &str) -> Self {
        content.as_bytes().into()
    }
}

impl Serialize for File {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("a file can be sent in a form only"))
    }
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
