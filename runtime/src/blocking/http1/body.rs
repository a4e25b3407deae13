//! The body of an answer, taken from bytes as they come.

use super::Unreadable;
use super::head::Framing;

/// The most bytes that the extensions of all chunks may have, and the trailers; hyper's limits.
const MAX_EXTENSIONS: usize = 16 * 1024;
const MAX_TRAILERS: usize = 16 * 1024;
const MOST_TRAILERS: usize = 100;

/// The room that is made at once for a body whose length is told. A server that lies gets no more than this.
const ROOM: u64 = 1024 * 1024;

/// A body that is being read.
pub(super) struct Body {
    bytes: Vec<u8>,
    limit: u64,
    rest: Rest,
}

/// What is to come.
enum Rest {
    Bytes(u64),
    Chunks(Chunks),
    UntilClose,
}

impl Body {
    /// Begins a body.
    ///
    /// # Errors
    /// The length that is told is beyond the limit.
    pub(super) fn begin(framing: Framing, limit: u64) -> Result<Self, Unreadable> {
        let (room, rest) = match framing {
            Framing::Length(length) if length > limit => {
                return Err(Unreadable::BodyTooLarge(limit));
            }
            Framing::Length(length) => (length.min(ROOM), Rest::Bytes(length)),
            Framing::Chunked => (0, Rest::Chunks(Chunks::default())),
            Framing::UntilClose => (0, Rest::UntilClose),
        };
        Ok(Self {
            bytes: Vec::with_capacity(usize::try_from(room).unwrap_or_default()),
            limit,
            rest,
        })
    }

    /// Takes what belongs to the body, and says how many bytes that was. Before the body's end it is all of them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize, Unreadable> {
        match &mut self.rest {
            Rest::Bytes(left) => {
                let part = front(bytes, *left);
                *left -= part.len() as u64;
                append(&mut self.bytes, part, self.limit)?;
                Ok(part.len())
            }
            Rest::Chunks(chunks) => chunks.take(bytes, &mut self.bytes, self.limit),
            Rest::UntilClose => {
                append(&mut self.bytes, bytes, self.limit)?;
                Ok(bytes.len())
            }
        }
    }

    /// Whether all of it is there.
    pub(super) fn is_over(&self) -> bool {
        match &self.rest {
            Rest::Bytes(left) => *left == 0,
            Rest::Chunks(chunks) => chunks.place == Place::Over,
            Rest::UntilClose => false,
        }
    }

    /// Whether the end of the connection is that of the body.
    pub(super) fn ends_with_connection(&self) -> bool {
        matches!(self.rest, Rest::UntilClose)
    }

    /// How much has come.
    pub(super) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Takes out what has come. What follows counts anew.
    pub(super) fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

fn front(bytes: &[u8], length: u64) -> &[u8] {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    bytes.get(..length).unwrap_or(bytes)
}

fn append(body: &mut Vec<u8>, part: &[u8], limit: u64) -> Result<(), Unreadable> {
    if (body.len() as u64).saturating_add(part.len() as u64) > limit {
        return Err(Unreadable::BodyTooLarge(limit));
    }
    body.extend_from_slice(part);
    Ok(())
}

/// Where in its chunks a body is.
#[derive(Default)]
struct Chunks {
    place: Place,
    /// Of the size while it is read, of the chunk afterwards.
    left: u64,
    extensions: usize,
    /// As they came, with the line ends.
    trailers: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    Size,
    AfterSize,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    LineStart,
    Trailer,
    TrailerLf,
    EndLf,
    Over,
}

impl Chunks {
    fn take(&mut self, bytes: &[u8], body: &mut Vec<u8>, limit: u64) -> Result<usize, Unreadable> {
        let mut rest = bytes;
        while self.place != Place::Over
            && let Some((&byte, behind)) = rest.split_first()
        {
            if self.place == Place::Data {
                let part = front(rest, self.left);
                append(body, part, limit)?;
                self.left -= part.len() as u64;
                rest = rest.get(part.len()..).unwrap_or_default();
                if self.left == 0 {
                    self.place = Place::DataCr;
                }
            } else {
                self.place = self.step(byte)?;
                rest = behind;
            }
        }
        Ok(bytes.len() - rest.len())
    }

    /// One byte of what is not data.
    fn step(&mut self, byte: u8) -> Result<Place, Unreadable> {
        let next = match (self.place, byte) {
            (Place::Start | Place::Size, _) if byte.is_ascii_hexdigit() => self.digit(byte)?,
            (Place::Size | Place::AfterSize, b' ' | b'\t') => Place::AfterSize,
            (Place::Size | Place::AfterSize, b';') => Place::Extension,
            (Place::Size | Place::AfterSize | Place::Extension, b'\r') => Place::SizeLf,
            (Place::Extension, b'\n') => return Err(Unreadable::Chunk),
            (Place::Extension, _) => self.extension()?,
            (Place::SizeLf, b'\n') if self.left == 0 => Place::LineStart,
            (Place::SizeLf, b'\n') => Place::Data,
            (Place::DataCr, b'\r') => Place::DataLf,
            (Place::DataLf, b'\n') => Place::Start,
            (Place::LineStart, b'\r') => Place::EndLf,
            (Place::LineStart | Place::Trailer, _) => self.trailer(byte)?,
            (Place::TrailerLf, b'\n') => {
                self.trailers.push(byte);
                Place::LineStart
            }
            (Place::EndLf, b'\n') => self.end()?,
            _ => return Err(Unreadable::Chunk),
        };
        Ok(next)
    }

    fn digit(&mut self, byte: u8) -> Result<Place, Unreadable> {
        let digit = char::from(byte).to_digit(16).map(u64::from);
        let size = self.left.checked_mul(16).zip(digit);
        self.left = size
            .and_then(|(size, digit)| size.checked_add(digit))
            .ok_or(Unreadable::Chunk)?;
        Ok(Place::Size)
    }

    fn extension(&mut self) -> Result<Place, Unreadable> {
        self.extensions += 1;
        if self.extensions >= MAX_EXTENSIONS {
            return Err(Unreadable::Chunk);
        }
        Ok(Place::Extension)
    }

    fn trailer(&mut self, byte: u8) -> Result<Place, Unreadable> {
        self.trailers.push(byte);
        if self.trailers.len() >= MAX_TRAILERS {
            return Err(Unreadable::Trailers);
        }
        Ok(match byte {
            b'\r' => Place::TrailerLf,
            _ => Place::Trailer,
        })
    }

    /// Trailers are not kept, but what is none ends the body as badly as a chunk that is none.
    fn end(&mut self) -> Result<Place, Unreadable> {
        if !self.trailers.is_empty() {
            self.trailers.extend_from_slice(b"\r\n");
            let mut room = [httparse::EMPTY_HEADER; MOST_TRAILERS];
            match httparse::parse_headers(&self.trailers, &mut room) {
                Ok(httparse::Status::Complete(_)) => {}
                _ => return Err(Unreadable::Trailers),
            }
        }
        Ok(Place::Over)
    }
}
