//! What the exchanges of a client share.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;

use super::base_url::BaseUrl;
#[cfg(any(feature = "blocking", feature = "async"))]
use super::clock::Clock;
use super::headers;
use super::session::Session;
use super::terms::Terms;

/// What all exchanges of a client share.
pub struct Hinge {
    pub(super) terms: Terms,
    pub(super) own_headers: HeaderMap,
    pub(super) reached: AtomicBool,
    /// Whether each request has its operation among its extensions.
    pub(super) names_operations: bool,
    /// What is settled with servers other than the client's own, by their base URLs.
    elsewhere: Mutex<BTreeMap<String, Option<Arc<dyn Session>>>>,
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
            elsewhere: Mutex::default(),
        }
    }

    /// What is settled with the server at this base URL.
    pub(super) fn session_of(&self, base_url: &BaseUrl) -> Option<Arc<dyn Session>> {
        let own = self.terms.session.as_ref()?;
        let text = base_url.text();
        if text == self.terms.base_url.text() {
            return Some(Arc::clone(own));
        }
        let mut elsewhere = self
            .elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let session = elsewhere
            .entry(text)
            .or_insert_with_key(|text| own.elsewhere(text));
        session.clone()
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
