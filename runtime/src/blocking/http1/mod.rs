//! HTTP/1.1 without I/O: a request becomes bytes, and the bytes of an answer are read as they come, however they are cut.

mod body;
mod head;
mod reading;
mod request;

use std::fmt;

use crate::transport::head_too_large;

pub(super) use reading::{Reading, Whole};
pub(super) use request::{Length, Target, write_head};

/// That of the head of an answer, together with the informational ones before it.
pub(super) use crate::transport::MAX_HEAD;

/// Why an answer can't be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    Head(httparse::Error),
    HeadTooLarge,
    /// No number, none that fits, or several that differ.
    Length,
    /// HTTP/1.0 has none.
    TransferEncoding,
    Chunk,
    Trailers,
    /// The connection ended before the answer did.
    CutShort,
    /// The body is larger than this.
    BodyTooLarge(u64),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head(error) => write!(f, "the answer is not HTTP/1.1: {error}"),
            Self::HeadTooLarge => f.write_str(&head_too_large()),
            Self::Length => f.write_str("the answer's content-length is no one number"),
            Self::TransferEncoding => f.write_str("the answer of HTTP/1.0 has a transfer-encoding"),
            Self::Chunk => f.write_str("the answer's chunks can't be read"),
            Self::Trailers => f.write_str("the answer's trailers can't be read"),
            Self::CutShort => f.write_str("the connection ended before the answer did"),
            Self::BodyTooLarge(limit) => write!(f, "the answer is larger than {limit} bytes"),
        }
    }
}

impl std::error::Error for Unreadable {}

#[cfg(test)]
mod tests;
