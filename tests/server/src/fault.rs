//! What is done with a request.

use std::time::Duration;

use crate::Answer;

/// What is done with one request: mostly harm.
#[derive(Clone, Debug)]
pub enum Fault {
    /// None: a whole answer, and the connection is kept.
    Whole(Answer),
    /// A whole answer, and the connection is closed when it has been idle for this long.
    CloseIdleAfter(Answer, Duration),
    /// The request is not read.
    Unread(End),
    /// The first bytes of an answer, and then this end. `0` is before the head.
    CutAt(usize, Answer, End),
    /// Bytes that are no good answer, and then this end.
    Malformed(Malformed, End),
    /// An answer that never ends.
    Endless(Endless),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The connection is closed.
    Close,
    /// The connection is reset (RST).
    Reset,
    /// Nothing more comes, until the server stops.
    Stall,
    /// The connection is kept for the next request.
    Keep,
}

/// Answers that no HTTP server should give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Bytes that are not HTTP.
    Garbage,
    /// A body that is shorter than its length says.
    LengthTooLong,
    /// A body that is longer than its length says: the rest is a whole answer that nobody asked for.
    LengthTooShort,
    /// Two lengths that differ.
    ConflictingLengths,
    /// A length that is no number.
    LengthOfWords,
    /// A length of more than 64 bits.
    LengthOverflow,
    /// A chunk whose length is no number.
    ChunkGarbage,
    /// A chunk of `u64::MAX` bytes.
    ChunkOverflow,
    /// Chunks that end before the last one.
    ChunksCut,
    /// A switch to another protocol that nobody asked for.
    Switch,
}

/// Answers that never end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endless {
    /// One header after the other.
    Headers,
    /// One header whose value goes on and on.
    HeaderLine,
    /// One informational answer (103) after the other, as fast as they are read.
    InformationalFlood,
    /// An informational answer (103) every 20 ms.
    DrippingInformational,
    /// A body of 64 bits of length.
    Body,
    /// A body of chunks.
    Chunks,
    /// A chunk whose extension goes on and on.
    ChunkExtension,
    /// A byte of the head every 20 ms.
    DrippingHead,
    /// A byte of the body every 20 ms.
    DrippingBody,
}

impl From<Answer> for Fault {
    fn from(answer: Answer) -> Self {
        Self::Whole(answer)
    }
}
