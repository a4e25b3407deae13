//! What a client is built from.

#[cfg(any(feature = "blocking", feature = "async", feature = "rustls"))]
mod way;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::call::Error;
use crate::exchange::base_url::BaseUrl;
use crate::exchange::clock::{Clock, SystemClock};
use crate::exchange::credentials::{ApiKey, Credentials, TokenProvider};
use crate::exchange::options::OnAsyncContext;
use crate::exchange::retry::{Attempt, NoRetry, Retry, RetryPolicy};
use crate::exchange::session::Session;
use crate::exchange::terms::Terms;
use crate::exchange::{Hinge, headers};
use crate::model::{HeaderNames, Redacted, Secret};
#[cfg(any(feature = "blocking", feature = "async"))]
use crate::proxy::Choice;
#[cfg(any(feature = "blocking", feature = "async"))]
use crate::reach::Reach;
#[cfg(feature = "rustls")]
use crate::tls::Tls;
#[cfg(feature = "async")]
use crate::transport::AsyncTransport;
#[cfg(feature = "blocking")]
use crate::transport::Transport;

/// What a client of either face is built from.
#[derive(Clone)]
pub struct Config {
    pub(crate) terms: Terms,
    pub(crate) credential: Option<Secret>,
    pub(crate) max_connections: usize,
    pub(crate) max_idle_connections: usize,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_body: u64,
    pub(crate) on_async_context: OnAsyncContext,
    pub(crate) async_twin: Option<&'static str>,
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) proxy: Choice,
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) reach: Reach,
    #[cfg(feature = "rustls")]
    pub(crate) tls: Tls,
    #[cfg(feature = "blocking")]
    pub(crate) transport: Option<Arc<dyn Transport>>,
    #[cfg(feature = "async")]
    pub(crate) async_transport: Option<Arc<dyn AsyncTransport>>,
}

/// How a client says who it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Authorization {
    /// A user and password, as `user:password`.
    Basic(Secret),
    /// A key.
    Bearer(Secret),
}

/// As good as for ever, and short enough for the libraries below to add it to the time of day.
const LONGEST_IDLE: Duration = Duration::from_hours(30 * 365 * 24);

impl Config {
    /// The configuration for an API at this URL, for example `http://localhost:4200/api`.
    ///
    /// # Errors
    /// The URL is not one of `http` or `https`, or it has credentials, a query or a fragment.
    pub fn new(base_url: &str) -> Result<Self, Error> {
        Ok(Self {
            terms: Terms {
                base_url: BaseUrl::parse(base_url)?,
                credentials: Credentials::default(),
                default_headers: HeaderMap::new(),
                user_agent: HeaderValue::from_static(concat!(
                    "diptych-runtime/",
                    env!("CARGO_PKG_VERSION")
                )),
                timeout: Some(Duration::from_mins(1)),
                attempt_timeout: None,
                max_redirects: 10,
                retry: Arc::new(NoRetry),
                session: None,
                observer: None,
                clock: Arc::new(SystemClock),
                keeps_machine_time: true,
            },
            credential: None,
            max_connections: 64,
            max_idle_connections: 64,
            idle_timeout: Duration::from_secs(4),
            max_body: 256 * 1024 * 1024,
            on_async_context: OnAsyncContext::default(),
            async_twin: None,
            #[cfg(any(feature = "blocking", feature = "async"))]
            proxy: Choice::default(),
            #[cfg(any(feature = "blocking", feature = "async"))]
            reach: Reach::default(),
            #[cfg(feature = "rustls")]
            tls: Tls::default(),
            #[cfg(feature = "blocking")]
            transport: None,
            #[cfg(feature = "async")]
            async_transport: None,
        })
    }

    /// The clock that is set: the machine's, unless [`clock`](Self::clock) says another.
    #[must_use]
    pub fn clock_used(&self) -> &dyn Clock {
        &*self.terms.clock
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.terms.base_url.text()
    }

    /// Sets how the client says who it is.
    ///
    /// # Errors
    /// The secret has characters that a header cannot hold.
    pub fn authorization(mut self, authorization: &Authorization) -> Result<Self, Error> {
        self.terms.credentials.authorize(authorization.header()?);
        self.credential = Some(authorization.secret().clone());
        Ok(self)
    }

    /// Sets a key that every request to the API's own origin has; one of the same name and place is replaced. It is in no
    /// error, log or `Debug`, but what travels in the query is seen by whoever keeps addresses.
    ///
    /// # Errors
    /// The name or the key has characters that a header cannot hold.
    pub fn api_key(mut self, key: ApiKey<'_>, value: &Secret) -> Result<Self, Error> {
        self.terms.credentials.set(key, value)?;
        Ok(self)
    }

    /// Sets what gives the token that each attempt says who the client is with, in place of
    /// [`authorization`](Self::authorization). A call or a default header that has an authorization of its own goes before it.
    #[must_use]
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.terms.credentials.provide(provider);
        self
    }

    /// The key, or `user:password`, that the client says who it is with: for what is said on other ways than HTTP's
    /// header, such as websockets.
    #[must_use]
    pub fn credential(&self) -> Option<&Secret> {
        self.credential.as_ref()
    }

    /// What gives the token that is sent in place of [`authorization`](Self::authorization), where it was set: for what opens
    /// connections on its own, which asks it for each.
    #[must_use]
    pub fn token_source(&self) -> Option<Arc<dyn TokenProvider>> {
        let is_heard = !self.terms.default_headers.contains_key(AUTHORIZATION);
        let provider = self.terms.credentials.provider();
        provider.filter(|_| is_heard).cloned()
    }

    /// The headers that every request to the API's own origin has, authorization included, unless a
    /// [`token_source`](Self::token_source) gives it: for what opens connections to it on its own. Their values are marked as
    /// sensitive, so that `Debug` shows none of them.
    #[must_use]
    pub fn own_headers(&self) -> HeaderMap {
        let mut headers = headers::own_headers(&self.terms, &self.terms.credentials);
        self.terms.credentials.add_cookies(&mut headers);
        for value in headers.values_mut() {
            value.set_sensitive(true);
        }
        headers
    }

    /// What the exchanges of a client with this configuration share, for those who drive an
    /// [`Exchange`](crate::exchange::Exchange) on their own.
    #[must_use]
    pub fn hinge(&self) -> Hinge {
        Hinge::new(self.terms.clone())
    }

    /// Sets headers that every request has, unless the operation sets the same header itself.
    #[must_use]
    pub fn default_headers(mut self, headers: HeaderMap) -> Self {
        self.terms.default_headers = headers;
        self
    }

    /// Sets the `User-Agent`.
    ///
    /// # Errors
    /// The text has characters that a header cannot hold.
    pub fn user_agent(mut self, text: &str) -> Result<Self, Error> {
        self.terms.user_agent = HeaderValue::from_str(text)
            .map_err(|_| Error::config("the user agent has characters that cannot be sent"))?;
        Ok(self)
    }

    /// Sets the time that a call may take in all, with its retries and the body; 60 s unless set, `None` is without end.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.terms.timeout = timeout.into();
        self
    }

    /// Sets the time that one attempt of a call may take, with its body; unless set, only the call as a whole is
    /// limited.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.terms.attempt_timeout = timeout.into();
        self
    }

    /// Sets how many redirects an attempt follows; 10 unless set, and 0 follows none. GET and HEAD follow any, everything
    /// else 307 and 308 only, within the API's origin. Another origin gets no credentials and no body.
    #[must_use]
    pub fn max_redirects(mut self, count: u32) -> Self {
        self.terms.max_redirects = count;
        self
    }

    /// Sets how many connections a client uses at once; 64 unless set, at least 1. A further call waits its turn.
    #[must_use]
    pub fn max_connections(mut self, count: usize) -> Self {
        self.max_connections = count.max(1);
        self
    }

    /// Sets how many idle connections are kept; 64 unless set.
    #[must_use]
    pub fn max_idle_connections(mut self, count: usize) -> Self {
        self.max_idle_connections = count;
        self
    }

    /// Sets how long an idle connection is kept; 4 s unless set. It must be shorter than the server keeps it.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout.min(LONGEST_IDLE);
        self
    }

    /// Sets how large the body of an answer may be, in bytes; 256 MiB unless set.
    #[must_use]
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets what decides whether an attempt is followed by another one; nothing is tried again unless set.
    #[must_use]
    pub fn retry_policy(mut self, policy: impl RetryPolicy + 'static) -> Self {
        self.terms.retry = Arc::new(policy);
        self
    }

    /// Sets what is settled with the server before a request is sent; nothing unless set.
    #[must_use]
    pub fn session(mut self, session: impl Session) -> Self {
        self.terms.session = Some(Arc::new(session));
        self
    }

    /// Sets a function that sees each attempt as it ends, and the one that follows it.
    #[must_use]
    pub fn on_attempt(
        mut self,
        observer: impl Fn(&Attempt<'_>, Option<&Retry>) + Send + Sync + 'static,
    ) -> Self {
        self.terms.observer = Some(Arc::new(observer));
        self
    }

    /// Sets the clock for deadlines and the waits between attempts.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.terms.clock = Arc::new(clock);
        self.terms.keeps_machine_time = false;
        self
    }

    /// Sets what a blocking call does on an async executor's thread; it warns unless set.
    #[must_use]
    pub fn on_async_context(mut self, choice: OnAsyncContext) -> Self {
        self.on_async_context = choice;
        self
    }

    /// Sets the name of the async client, for the warning about a blocking call on an executor's thread.
    #[must_use]
    pub fn async_twin(mut self, name: &'static str) -> Self {
        self.async_twin = Some(name);
        self
    }

    /// Sets the transport of the blocking face. Connections, TLS and the size of a body are then its business.
    #[cfg(feature = "blocking")]
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the transport of the async face. Connections, TLS and the size of a body are then its business. For a
    /// client of reqwest's own, see [`ReqwestTransport`](crate::asynchronous::ReqwestTransport).
    #[cfg(feature = "async")]
    #[must_use]
    pub fn async_transport(mut self, transport: impl AsyncTransport) -> Self {
        self.async_transport = Some(Arc::new(transport));
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("base_url", &self.base_url())
            .field(
                "authorization",
                &self.terms.credentials.authorization().map(|_| Redacted),
            )
            .field("default_headers", &HeaderNames(&self.terms.default_headers))
            .field("timeout", &self.terms.timeout)
            .field("attempt_timeout", &self.terms.attempt_timeout)
            .field("max_redirects", &self.terms.max_redirects)
            .field("max_connections", &self.max_connections)
            .field("max_idle_connections", &self.max_idle_connections)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_body", &self.max_body)
            .field("on_async_context", &self.on_async_context)
            .finish_non_exhaustive()
    }
}

impl Authorization {
    fn secret(&self) -> &Secret {
        match self {
            Self::Basic(secret) | Self::Bearer(secret) => secret,
        }
    }

    fn header(&self) -> Result<HeaderValue, Error> {
        let value = match self {
            Self::Basic(secret) => {
                let encoded = STANDARD.encode(secret.expose());
                HeaderValue::from_str(&format!("Basic {encoded}"))
            }
            Self::Bearer(secret) => secret.bearer(),
        };
        let mut value = value
            .map_err(|_| Error::config("the authorization has characters that cannot be sent, such as a line break at its end"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_ever_shown() {
        let mut headers = HeaderMap::new();
        headers.insert("x-api-key", HeaderValue::from_static("s3cret"));
        let authorization = Authorization::Bearer("s3cret".into());
        let config = Config::new("http://host").unwrap().default_headers(headers);
        let config = config.authorization(&authorization).unwrap();
        let handed_out = (config.own_headers(), config.credential());
        let shown = format!("{config:?} {authorization:?} {handed_out:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("[REDACTED]"), "{shown}");
        let bad = Authorization::Bearer("s3cret\n".into());
        let error = Config::new("http://host")
            .unwrap()
            .authorization(&bad)
            .unwrap_err();
        assert!(error.is_config());
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }

    #[test]
    fn a_user_agent_must_fit_into_a_header() {
        assert!(
            Config::new("http://host")
                .unwrap()
                .user_agent("a\nb")
                .is_err()
        );
    }
}
