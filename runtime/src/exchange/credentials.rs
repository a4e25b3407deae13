//! What says who a client is: its authorization, keys by name, and tokens that change.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::call::{Credential, Error, Operation, add_cookies};
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
    authorization: Option<HeaderValue>,
    headers: HeaderMap,
    /// Pairs of the query, percent-encoded.
    query: Vec<(String, Secret)>,
    cookies: Vec<(String, Secret)>,
    provider: Option<Arc<dyn TokenProvider>>,
}

impl Credentials {
    pub(crate) fn authorize(&mut self, authorization: HeaderValue) {
        self.authorization = Some(authorization);
    }

    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// Those that an operation asks for; `None` is all, where it says nothing of them.
    pub(super) fn asked(&self, operation: &Operation) -> Option<Self> {
        let any = operation.asks()?;
        let is_here = |all: &&&[Credential]| {
            !all.is_empty() && all.iter().all(|credential| self.has(*credential))
        };
        Some(match any.iter().find(is_here) {
            Some(all) => self.only(all),
            None => self.only(&any.concat()),
        })
    }

    fn has(&self, credential: Credential) -> bool {
        let has = |pairs: &[(String, Secret)], name| {
            let name = style::unreserved(name);
            pairs.iter().any(|(known, _)| *known == name)
        };
        match credential {
            Credential::Basic => self.is_authorized_by("Basic "),
            Credential::Bearer => self.provider.is_some() || self.is_authorized_by("Bearer "),
            Credential::Header(name) => {
                self.headers.contains_key(name)
                    || is_authorization(name)
                        && (self.authorization.is_some() || self.provider.is_some())
            }
            Credential::Query(name) => has(&self.query, name),
            Credential::Cookie(name) => has(&self.cookies, name),
        }
    }

    fn is_authorized_by(&self, scheme: &str) -> bool {
        let authorization = self.authorization.as_ref();
        authorization.is_some_and(|value| value.as_bytes().starts_with(scheme.as_bytes()))
    }

    fn only(&self, kept: &[Credential]) -> Self {
        let by_hand = kept.iter().any(
            |credential| matches!(credential, Credential::Header(name) if is_authorization(name)),
        );
        let is_kept = by_hand
            || kept.contains(&Credential::Basic) && self.is_authorized_by("Basic ")
            || kept.contains(&Credential::Bearer) && self.is_authorized_by("Bearer ");
        let provides = by_hand || kept.contains(&Credential::Bearer);
        let mut only = Self {
            authorization: self.authorization.clone().filter(|_| is_kept),
            provider: self.provider.clone().filter(|_| provides),
            ..Self::default()
        };
        for credential in kept {
            match *credential {
                Credential::Header(name) => {
                    if let (Ok(name), Some(value)) = (
                        HeaderName::from_bytes(name.as_bytes()),
                        self.headers.get(name),
                    ) {
                        only.headers.insert(name, value.clone());
                    }
                }
                Credential::Query(name) => keep(&mut only.query, &self.query, name),
                Credential::Cookie(name) => keep(&mut only.cookies, &self.cookies, name),
                Credential::Basic | Credential::Bearer => {}
            }
        }
        only
    }

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

/// Whether a key's header is the one that says who asks in other ways too.
fn is_authorization(name: &str) -> bool {
    name.eq_ignore_ascii_case(AUTHORIZATION.as_str())
}

/// The pair of a name, where it is there and was not kept yet.
fn keep(kept: &mut Vec<(String, Secret)>, all: &[(String, Secret)], name: &str) {
    let name = style::unreserved(name);
    let pair = all.iter().find(|(known, _)| *known == name);
    if let Some((name, value)) = pair {
        replace(kept, name.clone(), value.clone());
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
