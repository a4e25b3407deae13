//! Why no answer came.

use std::error::Error as StdError;
use std::fmt;

/// Why a transport has no answer; the cause is its source.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kinds of a [`TransportError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection came about: name resolution, TCP or TLS. Nothing was sent.
    Connect,
    /// The deadline passed.
    Timeout,
    /// The answer's body was larger than this many bytes.
    BodyTooLarge(u64),
    /// The exchange broke off after it had begun.
    Interrupted,
    /// The future was polled outside of the runtime that its transport needs. Nothing was sent.
    NoRuntime,
}

impl TransportError {
    /// An error with its cause.
    pub fn new(
        kind: TransportErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// The deadline passed without any other cause.
    #[must_use]
    pub fn timeout() -> Self {
        Self {
            kind: TransportErrorKind::Timeout,
            source: None,
        }
    }

    /// The answer's body was larger than `limit` bytes.
    #[must_use]
    pub fn body_too_large(limit: u64) -> Self {
        Self {
            kind: TransportErrorKind::BodyTooLarge(limit),
            source: None,
        }
    }

    #[cfg(feature = "async")]
    pub(crate) fn no_runtime(source: tokio::runtime::TryCurrentError) -> Self {
        Self::new(TransportErrorKind::NoRuntime, source)
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TransportErrorKind::Connect => f.write_str("could not connect"),
            TransportErrorKind::Timeout => f.write_str("the deadline passed"),
            TransportErrorKind::BodyTooLarge(limit) => {
                write!(f, "the answer is larger than {limit} bytes")
            }
            TransportErrorKind::Interrupted => f.write_str("the exchange broke off"),
            TransportErrorKind::NoRuntime => {
                f.write_str("no tokio runtime: run the future in one, or enter one's handle")
            }
        }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.source {
            Some(source) => Some(&**source),
            None => None,
        }
    }
}
