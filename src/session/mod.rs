//! What is settled with a Prefect server before it gets requests: that its version fits, and a CSRF token.

mod advice;
mod csrf;
mod version;

use std::sync::Arc;

use diptych_runtime::exchange::session::{Before, Session};
use diptych_runtime::http::{HeaderMap, Method};
use diptych_runtime::{Answer, Clock, Error, Operation, Request, TransportError};

use crate::operations;

use csrf::Csrf;
use version::VersionCheck;

/// What a client settles with its server, and what it leaves out.
///
/// - The **version**: one `GET /admin/version` for each server and process. A server of another major version is an
///   error ([`Error::is_incompatible`]), an older one a warning in the log.
/// - The **CSRF token**: fetched with `GET /csrf-token` before the first POST, PUT, PATCH or DELETE, sent until it
///   expires, and fetched again when the server refuses it. Where the server has no such protection, it is asked once.
#[derive(Debug)]
pub struct PrefectSession {
    api_url: String,
    version: Option<VersionCheck>,
    csrf: Option<Csrf>,
}

impl PrefectSession {
    /// Settles both with the server at this URL.
    #[must_use]
    pub fn new(api_url: &str) -> Self {
        Self {
            api_url: api_url.to_owned(),
            version: Some(VersionCheck::new(api_url)),
            csrf: Some(Csrf::new()),
        }
    }

    /// Leaves out the version, as `PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED=false` does.
    #[must_use]
    pub fn without_version_check(self) -> Self {
        Self {
            version: None,
            ..self
        }
    }

    /// Leaves out the CSRF token, as `PREFECT_CLIENT_CSRF_SUPPORT_ENABLED=false` does.
    #[must_use]
    pub fn without_csrf(self) -> Self {
        Self { csrf: None, ..self }
    }
}

impl Session for PrefectSession {
    fn before(&self, request: &Request, clock: &dyn Clock) -> Result<Before, Error> {
        if let Some(version) = &self.version
            && let Some(before) = version.before(clock)?
        {
            return Ok(before);
        }
        match &self.csrf {
            Some(csrf) if changes(request.method()) => csrf.before(clock),
            _ => Ok(Before::Send(HeaderMap::new())),
        }
    }

    fn learn(
        &self,
        question: &'static Operation,
        outcome: Result<&Answer, &TransportError>,
        clock: &dyn Clock,
    ) -> Result<(), Error> {
        // The call gets the transport's error; there is nothing to be added.
        let answer = outcome.map_err(|error| Error::incompatible(error.to_string()))?;
        match (&self.version, &self.csrf) {
            (Some(version), _) if question.name() == operations::READ_VERSION.name() => {
                version.learn(answer)
            }
            (_, Some(csrf)) => csrf.learn(answer, clock),
            _ => Ok(()),
        }
    }

    fn is_refused(&self, sent: &HeaderMap, answer: &Answer) -> bool {
        self.csrf
            .as_ref()
            .is_some_and(|csrf| csrf.is_refused(sent, answer))
    }

    fn elsewhere(&self, base_url: &str) -> Option<Arc<dyn Session>> {
        Some(Arc::new(Self {
            api_url: base_url.to_owned(),
            version: self.version.as_ref().map(|_| VersionCheck::new(base_url)),
            csrf: self.csrf.as_ref().map(|_| Csrf::new()),
        }))
    }

    fn is_unserved(&self, answer: &Answer) -> bool {
        advice::is_unserved(answer)
    }

    fn advice(&self, outcome: Result<&Answer, &TransportError>) -> Option<String> {
        advice::of(&self.api_url, outcome)
    }
}

/// What a person has to change after this outcome, for what opens connections to the API on its own.
#[doc(hidden)]
#[must_use]
pub fn advise(api_url: &str, outcome: Result<&Answer, &TransportError>) -> Option<String> {
    advice::of(api_url, outcome)
}

fn changes(method: &Method) -> bool {
    matches!(
        *method,
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE
    )
}

#[cfg(test)]
mod tests;
