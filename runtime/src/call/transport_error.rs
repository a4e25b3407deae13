//! Why no answer came.

use std::error::Error as StdError;
use std::fmt;

use super::cause;

/// Why a transport has no answer; the cause is its source.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// The proxy on the way, without user and password.
    proxy: Option<String>,
    is_unsent: bool,
    is_stale: bool,
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
            proxy: None,
            is_unsent: matches!(
                kind,
                TransportErrorKind::Connect | TransportErrorKind::NoRuntime
            ),
            is_stale: false,
        }
    }

    /// The deadline passed without any other cause.
    #[must_use]
    pub fn timeout() -> Self {
        Self {
            kind: TransportErrorKind::Timeout,
            source: None,
            proxy: None,
            is_unsent: false,
            is_stale: false,
        }
    }

    /// The answer's body was larger than `limit` bytes.
    #[must_use]
    pub fn body_too_large(limit: u64) -> Self {
        Self {
            kind: TransportErrorKind::BodyTooLarge(limit),
            source: None,
            proxy: None,
            is_unsent: false,
            is_stale: false,
        }
    }

    #[cfg(feature = "async")]
    pub(crate) fn no_runtime(source: tokio::runtime::TryCurrentError) -> Self {
        Self::new(TransportErrorKind::NoRuntime, source)
    }

    /// The deadline passed while all connections were in use.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn without_turn() -> Self {
        let text = "all connections of the client were in use (`max_connections`)";
        Self::new(TransportErrorKind::Timeout, text).unsent()
    }

    /// The same error on the way through a proxy, at this address without user and password.
    #[doc(hidden)]
    #[must_use]
    pub fn through(mut self, proxy: String) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// The same error of a request that had not begun to be sent, whatever its kind: a transport says so where it knows.
    #[must_use]
    pub fn unsent(mut self) -> Self {
        self.is_unsent = true;
        self
    }

    /// Whether it is known that nothing was sent.
    #[must_use]
    pub fn is_unsent(&self) -> bool {
        self.is_unsent
    }

    /// The same error on a connection that had been used before, where nothing came of an answer: most likely the server had
    /// closed it meanwhile. A transport says so where it knows.
    #[must_use]
    pub fn stale(mut self) -> Self {
        self.is_stale = true;
        self
    }

    /// Whether the connection had been used before, and nothing came of an answer. What may be repeated can be sent again at
    /// once, on another connection.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, None)
    }
}

impl TransportError {
    /// Says what happened, where, and why, on one line.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, address: Option<&str>) -> fmt::Result {
        let at = |word: &str| address.map_or(String::new(), |address| format!(" {word} {address}"));
        match self.kind {
            TransportErrorKind::Connect => {
                write!(f, "could not connect{}{}", at("to"), self.on_the_way())?;
            }
            TransportErrorKind::Timeout if self.is_unsent => {
                let (to, way) = (at("to"), self.on_the_way());
                write!(f, "the deadline passed before anything was sent{to}{way}")?;
            }
            TransportErrorKind::Timeout => return write!(f, "the deadline passed{}", at("at")),
            TransportErrorKind::BodyTooLarge(limit) => {
                let at = at("at");
                return write!(
                    f,
                    "the answer is larger than {limit} bytes (`max_body`){at}"
                );
            }
            TransportErrorKind::Interrupted => write!(f, "the exchange{} broke off", at("with"))?,
            TransportErrorKind::NoRuntime => {
                return f
                    .write_str("no tokio runtime: run the future in one, or enter one's handle");
            }
        }
        match &self.source {
            Some(source) => write!(f, ": {}", cause::of(&**source)),
            None => Ok(()),
        }
    }
}

impl TransportError {
    fn on_the_way(&self) -> String {
        let proxy = self.proxy.as_ref();
        proxy.map_or(String::new(), |proxy| format!(" through the proxy {proxy}"))
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
