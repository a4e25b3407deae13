//! The one error of the interfaces.

use std::error::Error as StdError;
use std::fmt;

/// Why an interface has no value. The kind is asked for with the `is_…` methods.
pub struct Error(Box<Kind>);

#[derive(Debug)]
enum Kind {
    /// A call of the client.
    Api(prefect_client::Error),
    /// What the caller gave can't be used.
    Invalid(String),
    /// What was to be made is there already.
    Exists(String),
    /// What was received is not what it should be.
    Unfit(String),
    /// It took longer than the caller allows.
    Timeout(String),
    /// The server has no such thing.
    NotFound(String),
    /// The server refuses what is asked for, or the run's state does.
    Refused(String, Option<prefect_client::Error>),
    /// What was held is not held any more.
    Lost(String),
    /// The connection was lost, or none could be made.
    Disconnected(String),
    /// There is no room for more.
    Full(String),
}

impl Error {
    /// What the caller gave can't be used. The text must not hold a secret.
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Invalid(text.into())))
    }

    pub(crate) fn exists(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Exists(text.into())))
    }

    /// What was received is not what it should be.
    pub(crate) fn unfit(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Unfit(text.into())))
    }

    pub(crate) fn timeout(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Timeout(text.into())))
    }

    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Refused(text.into(), None)))
    }

    pub(crate) fn not_found(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::NotFound(text.into())))
    }

    /// The same error of the client, where the server answered that it can't give what is asked for.
    pub(crate) fn into_refused(self, text: impl Into<String>) -> Self {
        match *self.0 {
            Kind::Api(error) => Self(Box::new(Kind::Refused(text.into(), Some(error)))),
            other => Self(Box::new(other)),
        }
    }

    pub(crate) fn lost(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Lost(text.into())))
    }

    pub(crate) fn disconnected(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Disconnected(text.into())))
    }

    pub(crate) fn full(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Full(text.into())))
    }

    /// The client's error, where a call of it failed.
    #[must_use]
    pub fn api(&self) -> Option<&prefect_client::Error> {
        match &*self.0 {
            Kind::Api(error) | Kind::Refused(_, Some(error)) => Some(error),
            _ => None,
        }
    }

    /// Whether what the caller gave can't be used; nothing was sent.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(*self.0, Kind::Invalid(_))
    }

    /// Whether what was received is not what it should be, such as an input of another type.
    #[must_use]
    pub fn is_unfit(&self) -> bool {
        matches!(*self.0, Kind::Unfit(_))
    }

    /// Whether what was to be made is there already.
    #[must_use]
    pub fn is_already_exists(&self) -> bool {
        match &*self.0 {
            Kind::Exists(_) => true,
            Kind::Api(error) => error.is_already_exists(),
            _ => false,
        }
    }

    /// Whether the server has no such thing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(*self.0, Kind::NotFound(_))
            || self.api().is_some_and(prefect_client::Error::is_not_found)
    }

    /// Whether the server refuses what is asked for, such as more slots than a limit has, or what can't be done in the state
    /// that a run is in, or a websocket to who the client is. Where it is an answer of the server, [`api`](Self::api) is that.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(*self.0, Kind::Refused(..))
    }

    /// Whether what was held, such as the lease of slots, is not held any more.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(*self.0, Kind::Lost(_))
    }

    /// Whether there was no connection, or it was lost too often.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        match &*self.0 {
            Kind::Disconnected(_) => true,
            Kind::Api(error) => error.is_connect(),
            _ => false,
        }
    }

    /// Whether a sender holds as much as it may, and takes nothing more until some of that is delivered.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(*self.0, Kind::Full(_))
    }

    /// Whether it took longer than the caller, or the client's configuration, allows.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match &*self.0 {
            Kind::Timeout(_) => true,
            Kind::Api(error) => error.is_timeout(),
            _ => false,
        }
    }
}

impl From<prefect_client::Error> for Error {
    fn from(error: prefect_client::Error) -> Self {
        Self(Box::new(Kind::Api(error)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Api(error) => error.fmt(f),
            Kind::Refused(text, Some(error)) => write!(f, "{text}: {error}"),
            Kind::Invalid(text)
            | Kind::Exists(text)
            | Kind::Unfit(text)
            | Kind::Timeout(text)
            | Kind::NotFound(text)
            | Kind::Refused(text, None)
            | Kind::Lost(text)
            | Kind::Disconnected(text)
            | Kind::Full(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.0 {
            Kind::Api(error) | Kind::Refused(_, Some(error)) => error.source(),
            _ => None,
        }
    }
}
