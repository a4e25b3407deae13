//! What an exchange asks of its sender.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::call::{Answer, Error};
use crate::model::Upload;

/// What a sender does next.
pub enum Step {
    /// Send this within [`Exchange::time_left`](super::Exchange::time_left), and report what came of it with
    /// [`Exchange::answered`](super::Exchange::answered) or [`Exchange::failed`](super::Exchange::failed).
    Send(http::Request<Bytes>),
    /// As `Send`, with a body that is read from its sources while it is sent.
    Upload(http::Request<Upload>),
    /// Wait this long.
    Sleep(Duration),
    /// The exchange is over.
    Done(Result<Answer, Error>),
}

/// Without headers, query and body: they may hold secrets.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request) => f
                .debug_struct("Send")
                .field("method", request.method())
                .field("path", &request.uri().path())
                .finish_non_exhaustive(),
            Self::Upload(request) => f
                .debug_struct("Upload")
                .field("method", request.method())
                .field("path", &request.uri().path())
                .finish_non_exhaustive(),
            Self::Sleep(wait) => f.debug_tuple("Sleep").field(wait).finish(),
            Self::Done(outcome) => f.debug_tuple("Done").field(outcome).finish(),
        }
    }
}
