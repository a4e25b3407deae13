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
    /// It took longer than the caller allows.
    Timeout(String),
    /// The server does not accept who the client is.
    Refused(String),
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

    pub(crate) fn timeout(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Timeout(text.into())))
    }

    /// The text may be the server's.
    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self(Box::new(Kind::Refused(text.into())))
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
            Kind::Api(error) => Some(error),
            _ => None,
        }
    }

    /// Whether what the caller gave can't be used; nothing was sent.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(*self.0, Kind::Invalid(_))
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
        self.api().is_some_and(prefect_client::Error::is_not_found)
    }

    /// Whether the server does not accept who the client is, on a websocket.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(*self.0, Kind::Refused(_))
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
            Kind::Invalid(text)
            | Kind::Exists(text)
            | Kind::Timeout(text)
            | Kind::Refused(text)
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
            Kind::Api(error) => error.source(),
            _ => None,
        }
    }
}
