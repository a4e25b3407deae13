//! The one error of a client.

use std::error::Error as StdError;
use std::fmt;

use http::{HeaderMap, StatusCode};

use super::answer::Answer;
use super::detail;
use super::operation::Operation;
use super::read::ReadError;
use super::transport_error::{TransportError, TransportErrorKind};

/// How much of the server's detail a message shows, in characters.
const DETAIL_SHOWN: usize = 500;

/// Why a call has no value. The kind is asked for with the `is_…` methods; the cause is kept as the source.
pub struct Error(Box<Inner>);

struct Inner {
    operation: Option<&'static Operation>,
    kind: Kind,
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
    Transport(TransportError),
    Status(Answer),
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

    /// The same error, said of an operation unless it is about one already.
    pub(crate) fn of(mut self, operation: &'static Operation) -> Self {
        self.0.operation.get_or_insert(operation);
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

    pub(crate) fn transport(operation: &'static Operation, error: TransportError) -> Self {
        Self::new(Some(operation), Kind::Transport(error))
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
        Self(Box::new(Inner { operation, kind }))
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
            Kind::Status(answer) => detail::of(answer.body()),
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

    /// Whether the server answered 404.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is_status(StatusCode::NOT_FOUND)
    }

    /// Whether the server answered 409, which it does when what was to be made is there already.
    #[must_use]
    pub fn is_already_exists(&self) -> bool {
        self.is_status(StatusCode::CONFLICT)
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

    /// Whether no connection came about, so that nothing was sent.
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

    /// Whether a successful answer could not be read.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode(..))
    }

    /// Whether an argument cannot be sent; nothing was.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(self.0.kind, Kind::Request(_))
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
            Kind::Transport(_) | Kind::Status(_) | Kind::Decode(..) => None,
        }
    }

    fn is_status(&self, status: StatusCode) -> bool {
        matches!(&self.0.kind, Kind::Status(answer) if answer.status() == status)
    }

    fn answer(&self) -> Option<&Answer> {
        match &self.0.kind {
            Kind::Status(answer) | Kind::Decode(answer, _) => Some(answer),
            _ => None,
        }
    }

    fn transport_kind(&self) -> Option<TransportErrorKind> {
        match &self.0.kind {
            Kind::Transport(error) => Some(error.kind()),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            let (name, method) = (operation.name(), operation.method());
            write!(f, "{name}: {method} {}: ", operation.path())?;
        }
        if let Some(message) = self.message() {
            return f.write_str(&message.text);
        }
        match &self.0.kind {
            Kind::Transport(error) => error.fmt(f),
            Kind::Decode(answer, error) => {
                let text = one_line(&error.to_string());
                write!(
                    f,
                    "{}, but the answer could not be read: {text}",
                    answer.status()
                )
            }
            Kind::Status(answer) => {
                write!(f, "{}", answer.status())?;
                self.detail()
                    .map_or(Ok(()), |detail| write!(f, ": {}", one_line(&detail)))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("message", &self.to_string())
            .field("kind", &self.0.kind)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        if let Some(message) = self.message() {
            return match &message.source {
                Some(source) => Some(&**source),
                None => None,
            };
        }
        match &self.0.kind {
            Kind::Transport(error) => error.source(),
            Kind::Decode(_, error) => error.source(),
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

/// The beginning of a text, on one line.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = text.chars().take(DETAIL_SHOWN).map(plain).collect();
    if text.chars().nth(DETAIL_SHOWN).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests;
