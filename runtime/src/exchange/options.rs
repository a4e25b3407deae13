//! What some calls do otherwise than the rest of their client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::base_url::BaseUrl;
use super::retry::{Attempt, Retry, RetryPolicy};
use super::terms::{Observer, Terms};
use crate::model::HeaderNames;

/// What some calls do otherwise than the rest of their client. What is not set stays as the client has it.
///
/// A client's `with` takes them and gives a view of the same client, which shares everything with it.
#[derive(Clone, Default)]
#[must_use]
pub struct CallOptions {
    timeout: Option<Limit>,
    attempt_timeout: Option<Limit>,
    at_most: Option<Duration>,
    retry: Option<Arc<dyn RetryPolicy>>,
    server: Option<BaseUrl>,
    headers: HeaderMap,
    /// Why a header cannot be sent; the first one is kept.
    unsendable: Option<String>,
    on_async_context: Option<OnAsyncContext>,
    observer: Option<Arc<Observer>>,
}

/// A limit that was chosen; `None` is without end.
#[derive(Clone, Copy, Debug)]
struct Limit(Option<Duration>);

/// What a blocking call does on a thread on which an async executor is running, where it holds up every other task.
///
/// Whether it is on one can be told for tokio, and only where the feature `async` or `guard` is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnAsyncContext {
    /// It completes, and logs one warning per place in the source that names the async twin.
    #[default]
    Warn,
    /// It returns an error before anything is sent: see [`Error::is_blocking_in_async`](crate::Error::is_blocking_in_async).
    Deny,
    /// It completes.
    Allow,
}

impl CallOptions {
    /// Nothing is set yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the time that a call may take in all, with its retries and the body; `None` is without end. What limits an
    /// attempt goes on to do so: see [`attempt_timeout`](Self::attempt_timeout).
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = Some(Limit(timeout.into()));
        self
    }

    /// Sets the time that one attempt may take, with its body; `None` is as long as the call may.
    pub fn attempt_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.attempt_timeout = Some(Limit(timeout.into()));
        self
    }

    /// Sets the time after which a call ends whatever else is set, as a time limit that is shorter ends it before.
    pub fn at_most(mut self, time: Duration) -> Self {
        self.at_most = Some(time);
        self
    }

    /// Sets what decides whether an attempt is followed by another one.
    pub fn retry(mut self, policy: impl RetryPolicy + 'static) -> Self {
        self.retry = Some(Arc::new(policy));
        self
    }

    /// Sets a function that sees each attempt as it ends, and the one that follows it; that of the client's configuration does as well.
    pub fn on_attempt(
        mut self,
        observer: impl Fn(&Attempt<'_>, Option<&Retry>) + Send + Sync + 'static,
    ) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Sets a header, in place of the client's own of this name. What the operation itself sets goes before it; another
    /// origin, where a redirect leads, does not get it. A name or a value that can't be sent is an error of the call.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        let Ok(name) = name.try_into() else {
            return self
                .refuse("the name of a header in the call's options cannot be sent".to_owned());
        };
        let Ok(mut value) = value.try_into() else {
            return self.refuse(format!(
                "the value of the header `{name}` in the call's options cannot be sent"
            ));
        };
        value.set_sensitive(true);
        self.headers.insert(name, value);
        self
    }

    /// Sends to this base URL, in place of the client's own: to another server of the same API, which gets all that the
    /// client says of who it is. What is settled with a server first, such as a token, is settled with that one. One that
    /// can't be used is an error of the call.
    pub fn server(mut self, base_url: &str) -> Self {
        match BaseUrl::parse(base_url) {
            Ok(server) => self.server = Some(server),
            Err(error) => return self.refuse(error.to_string()),
        }
        self
    }

    /// Sets what a blocking call does on an async executor's thread.
    pub fn on_async_context(mut self, choice: OnAsyncContext) -> Self {
        self.on_async_context = Some(choice);
        self
    }

    /// Both: what `later` sets goes before what is set here.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn then(&self, later: Self) -> Self {
        let mut headers = self.headers.clone();
        headers.extend(later.headers);
        Self {
            timeout: later.timeout.or(self.timeout),
            attempt_timeout: later.attempt_timeout.or(self.attempt_timeout),
            at_most: shorter(self.at_most, later.at_most),
            server: later.server.or_else(|| self.server.clone()),
            retry: later.retry.or_else(|| self.retry.clone()),
            headers,
            unsendable: self.unsendable.clone().or(later.unsendable),
            on_async_context: later.on_async_context.or(self.on_async_context),
            observer: later.observer.or_else(|| self.observer.clone()),
        }
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn async_context(&self) -> Option<OnAsyncContext> {
        self.on_async_context
    }

    pub(super) fn timeout_within(&self, terms: &Terms) -> Option<Duration> {
        let timeout = self.timeout.map_or(terms.timeout, |limit| limit.0);
        shorter(timeout, self.at_most)
    }

    pub(super) fn attempt_timeout_within(&self, terms: &Terms) -> Option<Duration> {
        self.attempt_timeout
            .map_or(terms.attempt_timeout, |limit| limit.0)
    }

    pub(super) fn policy(&self) -> Option<&dyn RetryPolicy> {
        self.retry.as_deref()
    }

    pub(super) fn observer(&self) -> Option<&Observer> {
        self.observer.as_deref()
    }

    pub(super) fn base_url(&self) -> Option<&BaseUrl> {
        self.server.as_ref()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) fn unsendable(&self) -> Option<&str> {
        self.unsendable.as_deref()
    }

    fn refuse(mut self, why: String) -> Self {
        self.unsendable.get_or_insert(why);
        self
    }
}

/// The shorter of two times; `None` is without end.
fn shorter(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    [one, other].into_iter().flatten().min()
}

/// Without the values of headers: they may be secrets.
impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("at_most", &self.at_most)
            .field("headers", &HeaderNames(&self.headers))
            .field("on_async_context", &self.on_async_context)
            .finish_non_exhaustive()
    }
}
