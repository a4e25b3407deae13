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
}

impl Hinge {
    /// Nothing has been exchanged yet.
    #[must_use]
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            own_headers: headers::own_headers(&terms, &terms.credentials),
            terms,
            reached: AtomicBool::new(false),
        }
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
