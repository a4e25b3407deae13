//! Where the pieces of a body end, without I/O.

use crate::call::Answer;

/// What ends a piece of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PieceEnd {
    /// The end of a line. Where the answer says that it is a `json-seq`, the begin of the next record.
    Line,
    /// An empty line, as behind an event of the server.
    Event,
    /// Nothing: a piece is what has come at once.
    Chunk,
}

impl PieceEnd {
    /// What ends the pieces of this answer.
    pub(super) fn of(self, answer: &Answer) -> End {
        let media_type = answer.media_type().unwrap_or_default();
        match self {
            Self::Line if media_type.ends_with("json-seq") => End::BeforeRecord,
            Self::Line => End::Line,
            Self::Event => End::EmptyLine,
            Self::Chunk => End::Nowhere,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Line,
    EmptyLine,
    BeforeRecord,
    /// Bytes that are no pieces of anything are passed on.
    Nowhere,
}

/// What begins a record of `application/json-seq`.
const RECORD: u8 = 0x1e;

/// Bytes as they come, until a piece of them is whole.
pub(super) struct Pieces {
    end: End,
    most: u64,
    buffer: Vec<u8>,
    /// How many bytes of the buffer were looked at.
    seen: usize,
    line: Line,
}

/// Where in a line the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Begin,
    Within,
    /// Behind a carriage return, which a line feed may follow.
    Returned,
}

impl Pieces {
    /// A piece has at most this many bytes.
    pub(super) fn new(end: End, most: u64) -> Self {
        Self {
            end,
            most,
            buffer: Vec::new(),
            seen: 0,
            line: Line::Begin,
        }
    }

    /// The pieces that are whole now; an error says how large one may be.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, u64> {
        if self.end == End::Nowhere {
            let chunk = (!bytes.is_empty()).then(|| bytes.to_vec());
            return Ok(chunk.into_iter().collect());
        }
        self.buffer.extend_from_slice(bytes);
        let mut ends = Vec::new();
        while let Some(byte) = self.buffer.get(self.seen).copied() {
            if self.end == End::BeforeRecord && byte == RECORD && self.seen > 0 {
                ends.push(self.seen);
            }
            self.seen += 1;
            if self.ends_with(byte) {
                ends.push(self.seen);
            }
        }
        let rest = self
            .buffer
            .split_off(ends.last().copied().unwrap_or_default());
        let mut whole = std::mem::replace(&mut self.buffer, rest);
        self.seen = self.buffer.len();
        let mut pieces = Vec::with_capacity(ends.len());
        while ends.pop().is_some() {
            pieces.push(whole.split_off(ends.last().copied().unwrap_or_default()));
        }
        pieces.reverse();
        if self.buffer.len() as u64 > self.most {
            return Err(self.most);
        }
        Ok(pieces)
    }

    /// What has no end but that of the body. An event that nothing ends is none.
    pub(super) fn rest(&mut self) -> Option<Vec<u8>> {
        let rest = std::mem::take(&mut self.buffer);
        (self.end != End::EmptyLine && !rest.is_empty()).then_some(rest)
    }

    fn ends_with(&mut self, byte: u8) -> bool {
        match self.end {
            End::Line => byte == b'\n',
            End::EmptyLine => self.ends_empty_line(byte),
            End::BeforeRecord | End::Nowhere => false,
        }
    }

    /// Lines end with a line feed, a carriage return, or both.
    fn ends_empty_line(&mut self, byte: u8) -> bool {
        let (next, ends) = match (self.line, byte) {
            // It belongs to the line that has ended.
            (Line::Returned | Line::Within, b'\n') => (Line::Begin, false),
            (Line::Begin, b'\n') => (Line::Begin, true),
            (Line::Begin | Line::Returned, b'\r') => (Line::Returned, true),
            (Line::Within, b'\r') => (Line::Returned, false),
            _ => (Line::Within, false),
        };
        self.line = next;
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of a text that comes in parts of this many bytes.
    fn pieces(end: End, text: &str, length: usize) -> Vec<String> {
        let mut pieces = Pieces::new(end, 100);
        let parts = text.as_bytes().chunks(length);
        let mut found: Vec<Vec<u8>> = parts.flat_map(|part| pieces.take(part).unwrap()).collect();
        found.extend(pieces.rest());
        let texts = found
            .into_iter()
            .map(|piece| String::from_utf8(piece).unwrap());
        texts.collect()
    }

    #[test]
    fn a_piece_is_whole_however_it_is_cut() {
        assert_eq!(pieces(End::Line, "1\n2\n3", 1), ["1\n", "2\n", "3"]);
        assert_eq!(pieces(End::Line, "1\n2\n3", 9), ["1\n", "2\n", "3"]);
        let records = "\u{1e}{\n1}\n\u{1e}2\n";
        let whole = ["\u{1e}{\n1}\n", "\u{1e}2\n"];
        assert_eq!(pieces(End::BeforeRecord, records, 1), whole);
        assert_eq!(
            pieces(End::EmptyLine, "data: 1\n\ndata: 2\n\n", 1),
            ["data: 1\n\n", "data: 2\n\n"]
        );
        let carriage = pieces(End::EmptyLine, "data: 1\r\n\r\ndata: 2\r\r", 1).concat();
        assert_eq!(carriage, "data: 1\r\n\r\ndata: 2\r\r");
        assert_eq!(
            pieces(End::EmptyLine, "data: 1\r\n\r\ndata: 2", 4),
            ["data: 1\r\n\r"]
        );
    }

    #[test]
    fn bytes_that_nothing_ends_are_passed_on() {
        let mut pieces = Pieces::new(End::Nowhere, 2);
        assert_eq!(pieces.take(b"1\n2"), Ok(vec![b"1\n2".to_vec()]));
        assert_eq!(pieces.take(b""), Ok(Vec::new()));
        assert_eq!(pieces.rest(), None);
    }

    #[test]
    fn a_piece_without_an_end_is_refused() {
        let mut pieces = Pieces::new(End::EmptyLine, 10);
        assert_eq!(
            pieces.take(b"12345678\n\n12345678"),
            Ok(vec![b"12345678\n\n".to_vec()])
        );
        assert_eq!(pieces.take(b"901"), Err(10));
    }
}
