//! The one error of a client.

use std::error::Error as StdError;

use http::{HeaderMap, StatusCode};

use super::answer::Answer;
use super::detail;
use super::operation::Operation;
use super::read_error::ReadError;
use super::transport_error::{TransportError, TransportErrorKind};

mod body;
mod shown;

/// Why a call has no value. The kind is asked for with the `is_…` methods; the cause is kept as the source.
pub struct Error(Box<Inner>);

struct Inner {
    operation: Option<&'static Operation>,
    /// The session's question that failed, where it was not the operation itself.
    asked: Option<&'static Operation>,
    kind: Kind,
    progress: Progress,
    /// What a person should know beside it.
    note: Option<String>,
}

/// How far the request of a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The server has not got it.
    NotSent,
    /// It was sent, at least in part, and no answer says what became of it: it may have been executed or not.
    MayBeExecuted,
    /// The server has answered.
    Answered,
}

#[derive(Debug)]
enum Kind {
    /// The client cannot be built from its configuration.
    Config(Message),
    /// An argument cannot be sent; nothing was.
    Request(Message),
    /// The server is not one that the client can work with.
    Incompatible(Message),
    /// A blocking call on an async executor's thread; nothing was sent.
    #[cfg(feature = "blocking")]
    BlockingInAsync(Message),
    /// With the address where it happened.
    Transport(TransportError, Option<String>),
    Status(Answer),
    /// The server does not know the operation.
    Unserved(Answer),
    Decode(Answer, ReadError),
}

#[derive(Debug)]
struct Message {
    text: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of a configuration that can't be used, for clients that add settings of their own. The text must not
    /// hold a secret.
    pub fn config(text: impl Into<String>) -> Self {
        Self::new(None, Kind::Config(Message::new(text)))
    }

    /// An error of a server that the client can't work with, for the [`Session`](crate::Session) that finds out.
    pub fn incompatible(text: impl Into<String>) -> Self {
        Self::new(None, Kind::Incompatible(Message::new(text)))
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn blocking_in_async(operation: &'static Operation, text: String) -> Self {
        Self::new(Some(operation), Kind::BlockingInAsync(Message::new(text)))
    }

    /// The same error, said of an operation; what it was about before is what was asked first.
    pub(crate) fn of(mut self, operation: &'static Operation, progress: Progress) -> Self {
        let before = self.0.operation.replace(operation);
        self.0.asked = before.filter(|before| !std::ptr::eq(*before, operation));
        self.0.progress = progress;
        self
    }

    /// The same error of a request that had come so far before.
    pub(crate) fn after(mut self, progress: Progress) -> Self {
        self.0.progress = progress;
        self
    }

    /// The same error with what a person should know beside it.
    pub(crate) fn noted(mut self, note: Option<String>) -> Self {
        self.0.note = note.or(self.0.note);
        self
    }

    #[cfg(feature = "rustls")]
    pub(crate) fn config_source(
        text: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::new(None, Kind::Config(Message::with_source(text, source)))
    }

    pub(crate) fn request(operation: &'static Operation, text: impl Into<String>) -> Self {
        Self::new(Some(operation), Kind::Request(Message::new(text)))
    }

    pub(crate) fn request_source(
        operation: &'static Operation,
        text: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let message = Message::with_source(text, source);
        Self::new(Some(operation), Kind::Request(message))
    }

    pub(crate) fn transport(
        operation: &'static Operation,
        error: TransportError,
        address: Option<String>,
        progress: Progress,
    ) -> Self {
        let mut made = Self::new(Some(operation), Kind::Transport(error, address));
        made.0.progress = progress;
        made
    }

    pub(crate) fn unserved(operation: &'static Operation, answer: Answer) -> Self {
        Self::new(Some(operation), Kind::Unserved(answer))
    }

    /// The error of an answer whose status is no success.
    #[must_use]
    pub fn from_answer(operation: &'static Operation, answer: Answer) -> Self {
        Self::new(Some(operation), Kind::Status(answer))
    }

    pub(crate) fn decode(operation: &'static Operation, answer: Answer, error: ReadError) -> Self {
        Self::new(Some(operation), Kind::Decode(answer, error))
    }

    fn new(operation: Option<&'static Operation>, kind: Kind) -> Self {
        let progress = match &kind {
            Kind::Status(_) | Kind::Unserved(_) | Kind::Decode(..) => Progress::Answered,
            _ => Progress::NotSent,
        };
        Self(Box::new(Inner {
            operation,
            asked: None,
            kind,
            progress,
            note: None,
        }))
    }

    /// The name of the operation.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation.map(Operation::name)
    }

    /// The status of the answer, where one came.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.answer().map(Answer::status)
    }

    /// The headers of the answer, where one came.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.answer().map(Answer::headers)
    }

    /// The body of the answer as it came.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.answer().map(Answer::body)
    }

    /// What the server says about the error, read from a JSON body as far as it can be.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match &self.0.kind {
            Kind::Status(answer) | Kind::Unserved(answer) => detail::of(answer.body()),
            _ => None,
        }
    }

    /// The path of the JSON value that could not be read, for example `[3].state.type`; `.` is the whole body.
    #[must_use]
    pub fn json_path(&self) -> Option<&str> {
        match &self.0.kind {
            Kind::Decode(_, error) => error.json_path(),
            _ => None,
        }
    }

    /// How far the request came: whether it was sent, may have been executed, or was answered.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.0.progress
    }

    /// Why no answer came, where that is what happened.
    #[must_use]
    pub fn transport_kind(&self) -> Option<TransportErrorKind> {
        match &self.0.kind {
            Kind::Transport(error, _) => Some(error.kind()),
            _ => None,
        }
    }

    /// Whether the server does not know the operation: it is not this API that is at the address, or an older version.
    #[must_use]
    pub fn is_unserved(&self) -> bool {
        matches!(self.0.kind, Kind::Unserved(_))
    }

    /// Whether the server answered 404 about the thing that was asked for. That it does not know the operation itself
    /// is another question: [`is_unserved`](Self::is_unserved).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is_status(StatusCode::NOT_FOUND)
    }

    /// Whether the server answered 409.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.is_status(StatusCode::CONFLICT)
    }

    /// Whether the deadline passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.transport_kind() == Some(TransportErrorKind::Timeout)
    }

    /// Whether no connection came about in the last attempt; one before it may have been sent
    /// ([`progress`](Self::progress)).
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.transport_kind() == Some(TransportErrorKind::Connect)
    }

    /// Whether the same call may succeed later: 408, 429, 502, 503, or no connection.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let status = match &self.0.kind {
            Kind::Status(answer) => answer.status().as_u16(),
            _ => return self.is_connect(),
        };
        matches!(status, 408 | 429 | 502 | 503)
    }

    /// Whether a successful answer could not be read; a page in place of an answer is [one](Self::is_unserved) too.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        match &self.0.kind {
            Kind::Decode(..) => true,
            Kind::Unserved(answer) => answer.status().is_success(),
            _ => false,
        }
    }

    /// Whether an argument cannot be sent; nothing was.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(self.0.kind, Kind::Request(_)) && self.0.progress == Progress::NotSent
    }

    /// Whether the client cannot be built from its configuration.
    #[must_use]
    pub fn is_config(&self) -> bool {
        matches!(self.0.kind, Kind::Config(_))
    }

    /// Whether the server can't be worked with, such as one of another major version.
    #[must_use]
    pub fn is_incompatible(&self) -> bool {
        matches!(self.0.kind, Kind::Incompatible(_))
    }

    /// Whether a blocking call was refused on an async executor's thread: see
    /// [`OnAsyncContext::Deny`](crate::OnAsyncContext::Deny).
    #[must_use]
    pub fn is_blocking_in_async(&self) -> bool {
        #[cfg(feature = "blocking")]
        let is = matches!(self.0.kind, Kind::BlockingInAsync(_));
        #[cfg(not(feature = "blocking"))]
        let is = false;
        is
    }

    fn message(&self) -> Option<&Message> {
        match &self.0.kind {
            Kind::Config(message) | Kind::Request(message) | Kind::Incompatible(message) => {
                Some(message)
            }
            #[cfg(feature = "blocking")]
            Kind::BlockingInAsync(message) => Some(message),
            Kind::Transport(..) | Kind::Status(_) | Kind::Unserved(_) | Kind::Decode(..) => None,
        }
    }

    fn is_status(&self, status: StatusCode) -> bool {
        matches!(&self.0.kind, Kind::Status(answer) if answer.status() == status)
    }

    fn answer(&self) -> Option<&Answer> {
        match &self.0.kind {
            Kind::Status(answer) | Kind::Unserved(answer) | Kind::Decode(answer, _) => Some(answer),
            _ => None,
        }
    }
}

impl Message {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            source: None,
        }
    }

    fn with_source(
        text: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            text: text.into(),
            source: Some(source.into()),
        }
    }
}

#[cfg(test)]
mod tests;
