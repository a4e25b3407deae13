//! What the exchanges of a client share.

use std::fmt;
use std::sync::atomic::AtomicBool;

use http::HeaderMap;

#[cfg(any(feature = "blocking", feature = "async"))]
use super::clock::Clock;
use super::headers;
use super::terms::Terms;

/// What all exchanges of a client share.
pub struct Hinge {
    pub(super) terms: Terms,
    pub(super) own_headers: HeaderMap,
    pub(super) reached: AtomicBool,
    /// Whether each request has its operation among its extensions.
    pub(super) names_operations: bool,
}

impl Hinge {
    /// Nothing has been exchanged yet.
    #[must_use]
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            own_headers: headers::own_headers(&terms, &terms.credentials),
            terms,
            reached: AtomicBool::new(false),
            names_operations: true,
        }
    }

    /// Leaves the operation out of the extensions of each request: our own transports don't ask for it, and a map for it
    /// costs a call a good part of what it costs.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn without_operations(mut self) -> Self {
        self.names_operations = false;
        self
    }

    /// The clock of its exchanges.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.terms.clock
    }
}

/// Without the headers: they may hold secrets.
impl fmt::Debug for Hinge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hinge")
            .field("base_url", &self.terms.base_url.text())
            .finish_non_exhaustive()
    }
}
