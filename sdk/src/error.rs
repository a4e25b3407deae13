//! The one error of the interfaces.

mod cause;
#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::fmt;

use prefect_client::ErrorExt as _;
use prefect_client::transport::http::StatusCode;

pub(crate) use cause::Cause;

#[cfg(feature = "notifications")]
use crate::notified::NotifiedTarget;
use crate::rejected::Rejected;

/// Why an interface has no value. The kind is asked for with the `is_…` methods; the cause is kept as the source.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    text: String,
    cause: Option<Cause>,
    rejected: Vec<Rejected>,
    #[cfg(feature = "notifications")]
    targets: Vec<NotifiedTarget>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A call of the client failed, which is the cause; there is no text.
    Api,
    /// What the caller gave can't be used.
    Invalid,
    /// What was to be made is there already.
    Exists,
    /// What somebody else gave is not what it should be.
    Unfit,
    /// The server's answer lacks what it must have.
    Answer,
    /// It took longer than the caller allows.
    Timeout,
    /// The server, or a storage, has no such thing.
    NotFound,
    /// It is refused.
    Refused(Refusal),
    /// What was held is not held any more.
    Lost,
    /// The connection was lost, or none could be made.
    Disconnected,
    /// There is no room for more.
    Full,
    /// The server can't read some of what was sent.
    Rejected,
    /// Somebody was not told of a notice.
    #[cfg(feature = "notifications")]
    Undelivered,
    /// What is kept could not be read or written.
    Storage,
    /// A run failed, crashed or was cancelled; what it ended with is the cause.
    #[cfg(feature = "results")]
    Run,
}

/// What a refusal is due to, and so what would have to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// What is asked for, which nobody gets at any time: more slots than a limit has, an input that the run does not take.
    Request,
    /// The state that things are in, so that the same may be granted later: slots that are taken, a run that isn't paused.
    State,
    /// Who asks: the credentials.
    Credentials,
}

impl Error {
    /// What the caller gave can't be used, and nothing was sent. No text may hold a secret.
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, text)
    }

    pub(crate) fn exists(text: impl Into<String>) -> Self {
        Self::new(Kind::Exists, text)
    }

    /// What somebody else gave is not what it should be.
    pub(crate) fn unfit(text: impl Into<String>) -> Self {
        Self::new(Kind::Unfit, text)
    }

    /// The server's answer lacks what it must have.
    pub(crate) fn answer(text: impl Into<String>) -> Self {
        Self::new(Kind::Answer, text)
    }

    pub(crate) fn timeout(text: impl Into<String>) -> Self {
        Self::new(Kind::Timeout, text)
    }

    pub(crate) fn refused(why: Refusal, text: impl Into<String>) -> Self {
        Self::new(Kind::Refused(why), text)
    }

    pub(crate) fn not_found(text: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, text)
    }

    pub(crate) fn lost(text: impl Into<String>) -> Self {
        Self::new(Kind::Lost, text)
    }

    pub(crate) fn disconnected(text: impl Into<String>) -> Self {
        Self::new(Kind::Disconnected, text)
    }

    pub(crate) fn full(text: impl Into<String>) -> Self {
        Self::new(Kind::Full, text)
    }

    /// What went wrong with what is kept, for a storage of your own: what isn't there is a
    /// [`is_not_found`](Self::is_not_found), a time that is up is a [`is_timeout`](Self::is_timeout), and everything else a
    /// [`is_storage`](Self::is_storage). The text says what was tried with what, and ends with the cause; it may be shown to
    /// anybody, so no secret may be in it.
    ///
    /// ```
    /// use std::io;
    ///
    /// let cause = io::Error::from(io::ErrorKind::NotFound);
    /// let error = prefect_sdk::Error::of_storage("reading `a/b` of the bucket", cause);
    /// assert!(error.is_not_found());
    /// ```
    #[must_use]
    pub fn of_storage(text: impl Into<String>, cause: std::io::Error) -> Self {
        let kind = match cause.kind() {
            std::io::ErrorKind::NotFound => Kind::NotFound,
            std::io::ErrorKind::TimedOut => Kind::Timeout,
            std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidFilename => Kind::Invalid,
            _ => Kind::Storage,
        };
        Self::new(kind, text).because(cause)
    }

    /// A run ended with that.
    #[cfg(feature = "results")]
    pub(crate) fn raised(exception: crate::states::StateException) -> Self {
        Self::new(Kind::Run, "").because(exception)
    }

    /// What a run failed, crashed or was cancelled with, where that is the error.
    #[cfg(feature = "results")]
    #[must_use]
    pub fn exception(&self) -> Option<&crate::states::StateException> {
        match &self.0.cause {
            Some(Cause::Other(error)) if self.0.kind == Kind::Run => error.downcast_ref(),
            _ => None,
        }
    }

    /// Whether it is about a class that can't be read outside of Python.
    #[cfg(feature = "results")]
    pub(crate) fn names_class(&self) -> bool {
        match &self.0.cause {
            #[cfg(feature = "pickle")]
            Some(Cause::Other(error)) => error
                .downcast_ref()
                .is_some_and(crate::results::PickleError::is_of_class),
            _ => false,
        }
    }

    /// The server can't read these of what a sender sent.
    pub(crate) fn rejecting(text: impl Into<String>, rejected: Vec<Rejected>) -> Self {
        let mut error = Self::new(Kind::Rejected, text);
        error.0.rejected = rejected;
        error
    }

    /// Some of these are not known to be told of a notice. No text may hold a secret.
    #[cfg(feature = "notifications")]
    pub(crate) fn undelivered(text: impl Into<String>, targets: Vec<NotifiedTarget>) -> Self {
        let mut error = Self::new(Kind::Undelivered, text);
        error.0.targets = targets;
        error
    }

    /// The same error with its cause, which the text then ends with.
    pub(crate) fn because(mut self, cause: impl Into<Cause>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            text: text.into(),
            cause: None,
            rejected: Vec::new(),
            #[cfg(feature = "notifications")]
            targets: Vec::new(),
        }))
    }

    /// The client's error, where a call of it failed.
    #[must_use]
    pub fn api(&self) -> Option<&prefect_client::Error> {
        match &self.0.cause {
            Some(Cause::Api(error)) => Some(error),
            Some(Cause::Other(_)) | None => None,
        }
    }

    /// Whether what the caller gave can't be used; nothing was sent.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.0.kind == Kind::Invalid || self.failed_call(prefect_client::Error::is_request)
    }

    /// Whether what somebody else gave is not what it should be, such as an input of another type, or an artifact's data.
    #[must_use]
    pub fn is_unfit(&self) -> bool {
        self.0.kind == Kind::Unfit
    }

    /// Whether the server's answer could not be read, or lacks what it must have. What was asked for may be done.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.0.kind == Kind::Answer || self.failed_call(prefect_client::Error::is_decode)
    }

    /// Whether what was to be made is there already.
    #[must_use]
    pub fn is_already_exists(&self) -> bool {
        self.0.kind == Kind::Exists || self.failed_call(prefect_client::Error::is_already_exists)
    }

    /// Whether the server, or a storage, has no such thing. A path that it does not have, as where the API URL lacks `/api`, says nothing
    /// about the thing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == Kind::NotFound || self.failed_call(prefect_client::Error::is_not_found)
    }

    /// Whether what is asked for is refused; [`refusal`](Self::refusal) says what that is due to.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refusal().is_some()
    }

    /// What a refusal is due to; `None` where nothing was refused. Where it is an answer of the server,
    /// [`api`](Self::api) is that.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        let unknown =
            |error: &prefect_client::Error| error.status() == Some(StatusCode::UNAUTHORIZED);
        match self.0.kind {
            Kind::Refused(why) => Some(why),
            Kind::Api if self.failed_call(unknown) => Some(Refusal::Credentials),
            _ => None,
        }
    }

    /// Whether what was held, such as the lease of slots, is not held any more.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.kind == Kind::Lost
    }

    /// Whether what is kept could not be read or written, such as on a full disk, or where a right is missing.
    #[must_use]
    pub fn is_storage(&self) -> bool {
        self.0.kind == Kind::Storage
    }

    /// Whether there was no connection, or it was lost too often.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.kind == Kind::Disconnected || self.failed_call(prefect_client::Error::is_connect)
    }

    /// Whether a sender holds as much as it may, and takes nothing more until some of that is delivered.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.kind == Kind::Full
    }

    /// Whether the server can't read some of what a sender sent; it has the rest.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.0.kind == Kind::Rejected
    }

    /// What the server can't read of what a sender sent, as far as it is still known: the last 1,000.
    #[must_use]
    pub fn rejected(&self) -> &[Rejected] {
        &self.0.rejected
    }

    /// Whether a target of a notice is not known to be told; [`targets`](Self::targets) says which.
    #[cfg(feature = "notifications")]
    #[must_use]
    pub fn is_undelivered(&self) -> bool {
        self.0.kind == Kind::Undelivered
    }

    /// All targets of a notice of which some are not known to be told.
    #[cfg(feature = "notifications")]
    #[must_use]
    pub fn targets(&self) -> &[NotifiedTarget] {
        &self.0.targets
    }

    /// Whether it took longer than the caller, or the client's configuration, allows.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.kind == Kind::Timeout || self.failed_call(prefect_client::Error::is_timeout)
    }

    /// Whether a call of the client failed, and so.
    fn failed_call(&self, is: impl FnOnce(&prefect_client::Error) -> bool) -> bool {
        self.0.kind == Kind::Api && self.api().is_some_and(is)
    }
}

impl From<prefect_client::Error> for Error {
    fn from(error: prefect_client::Error) -> Self {
        Self::new(Kind::Api, "").because(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)?;
        let Some(cause) = &self.0.cause else {
            return Ok(());
        };
        let colon = if self.0.text.is_empty() { "" } else { ": " };
        match cause {
            Cause::Api(error) => write!(f, "{colon}{error}"),
            Cause::Other(error) => write!(f, "{colon}{error}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Error");
        shown
            .field("kind", &self.0.kind)
            .field("text", &self.0.text);
        match &self.0.cause {
            Some(Cause::Api(error)) => shown.field("cause", error),
            Some(Cause::Other(error)) => shown.field("cause", error),
            None => &mut shown,
        };
        shown.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.cause {
            // The text is that of the client's error alone, which so is not a source of itself.
            Some(Cause::Api(error)) if self.0.kind == Kind::Api => error.source(),
            Some(Cause::Api(error)) => Some(error),
            Some(Cause::Other(error)) => Some(&**error),
            None => None,
        }
    }
}
