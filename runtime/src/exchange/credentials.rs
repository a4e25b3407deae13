//! What says who a client is, beside its authorization: keys by name, and tokens that change.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::call::{Error, Operation, add_cookies};
use crate::model::{Redacted, Secret, style};

/// Gives the token that a client says who it is with: asked for each attempt, so that one that was renewed meanwhile is
/// sent.
///
/// It is asked where a request is about to be sent, in either face, so it must not wait: renew the token beside it, and
/// give the one that is there. A function is one.
pub trait TokenProvider: Send + Sync + 'static {
    /// The token.
    ///
    /// # Errors
    /// There is none. The request is not sent then.
    fn token(&self) -> Result<Secret, Box<dyn StdError + Send + Sync>>;
}

impl<F> TokenProvider for F
where
    F: Fn() -> Result<Secret, Box<dyn StdError + Send + Sync>> + Send + Sync + 'static,
{
    fn token(&self) -> Result<Secret, Box<dyn StdError + Send + Sync>> {
        self()
    }
}

/// Where a key travels, and its name there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiKey<'n> {
    /// In a header.
    Header(&'n str),
    /// In the query.
    Query(&'n str),
    /// Among the cookies.
    Cookie(&'n str),
}

/// The keys and the tokens of a client.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    headers: HeaderMap,
    /// Pairs of the query, percent-encoded.
    query: Vec<(String, Secret)>,
    cookies: Vec<(String, Secret)>,
    provider: Option<Arc<dyn TokenProvider>>,
}

impl Credentials {
    /// Sets a key; one of the same name and place is replaced.
    pub(crate) fn set(&mut self, key: ApiKey<'_>, value: &Secret) -> Result<(), Error> {
        let encoded = Secret::from(style::unreserved(value.expose()));
        match key {
            ApiKey::Header(name) => {
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                    Error::config("a key's header has a name that no header can have")
                })?;
                let mut value = HeaderValue::from_str(value.expose())
                    .map_err(|_| Error::config("a key has characters that a header cannot hold"))?;
                value.set_sensitive(true);
                self.headers.insert(name, value);
            }
            ApiKey::Query(name) => replace(&mut self.query, style::unreserved(name), encoded),
            ApiKey::Cookie(name) => replace(&mut self.cookies, style::unreserved(name), encoded),
        }
        Ok(())
    }

    pub(crate) fn provide(&mut self, provider: impl TokenProvider) {
        self.provider = Some(Arc::new(provider));
    }

    pub(crate) fn provider(&self) -> Option<&Arc<dyn TokenProvider>> {
        self.provider.as_ref()
    }

    /// The path and query with the keys that belong there and are not there yet: a redirect may repeat the query that
    /// it was asked with.
    pub(super) fn in_query(&self, path_and_query: &str) -> Option<String> {
        if self.query.is_empty() {
            return None;
        }
        let query = path_and_query
            .split_once('?')
            .map_or("", |(_, query)| query);
        let is_there = |name: &str, value: &Secret| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.any(|pair| pair == (name, value.expose()))
        };
        let mut text = path_and_query.to_owned();
        let missing = self.query.iter();
        for (name, value) in missing.filter(|(name, value)| !is_there(name, value)) {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.extend([name.as_str(), "=", value.expose()]);
        }
        Some(text)
    }

    /// The headers that always are the same.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// What says who the client is by the token that the provider gives now, where there is one.
    pub(super) fn bearer(
        &self,
        operation: &'static Operation,
    ) -> Result<Option<HeaderValue>, Error> {
        let Some(provider) = &self.provider else {
            return Ok(None);
        };
        let token = provider.token().map_err(|error| {
            Error::request_source(operation, "there is no token to send", error)
        })?;
        let bearer = token.bearer().map_err(|_| {
            let text = "the token has characters that a header cannot hold";
            Error::request(operation, text)
        })?;
        Ok(Some(bearer))
    }

    /// Adds the cookies to those that are there.
    pub(crate) fn add_cookies(&self, headers: &mut HeaderMap) {
        let own = self.cookies.iter();
        let own = own.map(|(name, value)| format!("{name}={}", value.expose()));
        add_cookies(headers, own.collect());
    }
}

fn replace(pairs: &mut Vec<(String, Secret)>, name: String, value: Secret) {
    pairs.retain(|(known, _)| *known != name);
    pairs.push((name, value));
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted.fmt(f)
    }
}
