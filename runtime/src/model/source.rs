//! What a file is read from while it is sent.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// So many bytes of a source are in memory at once.
const CHUNK: usize = 64 * 1024;

/// A reader that can be read once, whoever of its clones does.
#[derive(Clone)]
pub(crate) struct Source {
    reader: Arc<Mutex<Option<Reader>>>,
    /// How much it gives, where that is known.
    pub(crate) length: Option<u64>,
}

/// What gives the bytes, as either face has it.
pub(crate) enum Reader {
    Blocking(Box<dyn Read + Send>),
    #[cfg(feature = "async")]
    Async(std::pin::Pin<Box<dyn tokio::io::AsyncRead + Send>>),
}

impl Source {
    pub(crate) fn new(reader: Reader) -> Self {
        Self {
            reader: Arc::new(Mutex::new(Some(reader))),
            length: None,
        }
    }

    /// Whether it was read, or is being read.
    pub(crate) fn is_spent(&self) -> bool {
        self.lock().is_none()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Reader>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Clones share what they read from.
impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.reader, &other.reader) && self.length == other.length
    }
}

impl Eq for Source {}

/// A part of a body.
#[derive(Clone)]
pub(crate) enum Piece {
    Bytes(Bytes),
    Source(Source),
}

impl Piece {
    fn length(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Self::Source(source) => source.length,
        }
    }
}

/// A body that is read from its sources while it is sent, piece by piece. It can be sent once.
#[derive(Clone)]
pub struct Upload {
    pieces: Vec<Piece>,
}

impl Upload {
    pub(crate) fn new(pieces: Vec<Piece>) -> Self {
        Self { pieces }
    }

    /// How many bytes it has, where every source says it.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        let mut lengths = self.pieces.iter().map(Piece::length);
        lengths.try_fold(0_u64, |sum, length| sum.checked_add(length?))
    }

    /// Whether a source of it was read, or is being read, so that it can't be sent any more.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        let mut sources = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Source(source) => Some(source),
            Piece::Bytes(_) => None,
        });
        sources.any(Source::is_spent)
    }

    /// Begins to read it; it is spent then.
    ///
    /// # Errors
    /// It was spent before.
    pub fn begin(&self) -> io::Result<Chunks> {
        let mut open = VecDeque::new();
        for piece in &self.pieces {
            open.push_back(match piece {
                Piece::Bytes(bytes) => Open::Bytes(bytes.clone()),
                Piece::Source(source) => {
                    let reader = source.lock().take();
                    let reader = reader.ok_or_else(|| io::Error::other(SPENT))?;
                    Open::Reader(reader, source.length)
                }
            });
        }
        Ok(Chunks { open })
    }
}

/// Without its content, which may be large or secret.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

pub(crate) const SPENT: &str =
    "its body is read from a source while it is sent, and can't be read again";

/// A body as it is read.
pub struct Chunks {
    open: VecDeque<Open>,
}

enum Open {
    Bytes(Bytes),
    /// With how much is to come, where that is known.
    Reader(Reader, Option<u64>),
}

/// Without its content, which may be large or secret.
impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks").finish_non_exhaustive()
    }
}

impl Chunks {
    /// What comes next; nothing after the end. Never empty.
    ///
    /// # Errors
    /// A source can't be read, gives less than was said, or needs the async face.
    pub fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            match self.open.pop_front() {
                None => return Ok(None),
                Some(Open::Bytes(bytes)) if bytes.is_empty() => {}
                Some(Open::Bytes(bytes)) => return Ok(Some(bytes)),
                Some(Open::Reader(Reader::Blocking(mut reader), left)) => {
                    let chunk = read(&mut reader, left)?;
                    if let Some(chunk) = self.follow(Reader::Blocking(reader), left, chunk)? {
                        return Ok(Some(chunk));
                    }
                }
                #[cfg(feature = "async")]
                Some(Open::Reader(Reader::Async(_), _)) => {
                    let text = "an async reader can only be read by the async client";
                    return Err(io::Error::new(ErrorKind::Unsupported, text));
                }
            }
        }
    }

    /// As [`chunk`](Self::chunk), on tokio: a reader that blocks does so on a thread for that.
    ///
    /// # Errors
    /// As of [`chunk`](Self::chunk), but that an async reader is read.
    #[cfg(feature = "async")]
    pub async fn achunk(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            match self.open.pop_front() {
                None => return Ok(None),
                Some(Open::Bytes(bytes)) if bytes.is_empty() => {}
                Some(Open::Bytes(bytes)) => return Ok(Some(bytes)),
                Some(Open::Reader(Reader::Blocking(mut reader), left)) => {
                    let reading = tokio::task::spawn_blocking(move || {
                        let chunk = read(&mut reader, left);
                        (reader, chunk)
                    });
                    let (reader, chunk) = reading.await.map_err(io::Error::other)?;
                    if let Some(chunk) = self.follow(Reader::Blocking(reader), left, chunk?)? {
                        return Ok(Some(chunk));
                    }
                }
                Some(Open::Reader(Reader::Async(mut reader), left)) => {
                    let mut chunk = vec![0; most(left)];
                    let read = std::future::poll_fn(|context| {
                        let mut buffer = tokio::io::ReadBuf::new(&mut chunk);
                        let polled = reader.as_mut().poll_read(context, &mut buffer);
                        polled.map_ok(|()| buffer.filled().len())
                    });
                    let read = read.await?;
                    chunk.truncate(read);
                    if let Some(chunk) = self.follow(Reader::Async(reader), left, chunk)? {
                        return Ok(Some(chunk));
                    }
                }
            }
        }
    }

    /// Goes on with a reader after a chunk of it; nothing where it has ended.
    fn follow(
        &mut self,
        reader: Reader,
        left: Option<u64>,
        chunk: Vec<u8>,
    ) -> io::Result<Option<Bytes>> {
        if chunk.is_empty() {
            return match left {
                None | Some(0) => Ok(None),
                Some(missing) => {
                    let text = format!("a source ends {missing} bytes before its length");
                    Err(io::Error::new(ErrorKind::UnexpectedEof, text))
                }
            };
        }
        let read = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        let left = left.map(|left| left.saturating_sub(read));
        self.open.push_front(Open::Reader(reader, left));
        Ok(Some(chunk.into()))
    }

    /// All of it, for a transport that can't send it piece by piece.
    ///
    /// # Errors
    /// As of [`chunk`](Self::chunk).
    #[cfg(feature = "blocking")]
    pub(crate) fn gather(mut self) -> io::Result<Bytes> {
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk()? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    }

    /// As [`gather`](Self::gather), on tokio.
    ///
    /// # Errors
    /// As of [`achunk`](Self::achunk).
    #[cfg(feature = "async")]
    pub(crate) async fn gather_async(mut self) -> io::Result<Bytes> {
        let mut all = Vec::new();
        while let Some(chunk) = self.achunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    }
}

fn most(left: Option<u64>) -> usize {
    let left = left.and_then(|left| usize::try_from(left).ok());
    left.map_or(CHUNK, |left| left.min(CHUNK))
}

/// Reads once; nothing at the end.
fn read(reader: &mut impl Read, left: Option<u64>) -> io::Result<Vec<u8>> {
    let mut chunk = vec![0; most(left)];
    let read = loop {
        match reader.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    chunk.truncate(read);
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use super::{Piece, Reader, Source, Upload};

    fn upload(text: &'static str, length: Option<u64>) -> Upload {
        let mut source = Source::new(Reader::Blocking(Box::new(text.as_bytes())));
        source.length = length;
        Upload::new(vec![
            Piece::Bytes("<".into()),
            Piece::Source(source),
            Piece::Bytes(">".into()),
        ])
    }

    fn all(upload: &Upload) -> std::io::Result<String> {
        let mut chunks = upload.begin()?;
        let mut all = Vec::new();
        while let Some(chunk) = chunks.chunk()? {
            assert!(!chunk.is_empty());
            all.extend_from_slice(&chunk);
        }
        Ok(String::from_utf8(all).unwrap())
    }

    #[test]
    fn it_is_read_once() {
        let body = upload("abc", None);
        assert_eq!((body.length(), body.is_spent()), (None, false));
        let same = body.clone();
        assert_eq!(all(&body).unwrap(), "<abc>");
        assert!(body.is_spent() && same.is_spent());
        assert!(all(&same).unwrap_err().to_string().contains("again"));
    }

    #[test]
    fn a_source_gives_what_was_said() {
        assert_eq!(upload("abc", Some(3)).length(), Some(5));
        assert_eq!(all(&upload("abc", Some(3))).unwrap(), "<abc>");
        assert_eq!(all(&upload("abcdef", Some(3))).unwrap(), "<abc>");
        let error = all(&upload("abc", Some(5))).unwrap_err().to_string();
        assert_eq!(error, "a source ends 2 bytes before its length");
    }
}
