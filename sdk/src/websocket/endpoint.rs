//! Where a websocket leads, and what it takes to open one.

use std::fmt;
use std::sync::Arc;

use http::header::{ACCEPT, AUTHORIZATION, HeaderName, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, HeaderValue, Request, Uri};
#[cfg(any(feature = "blocking", feature = "async"))]
use prefect_client::proxy::{Proxy, Tunnel};
use prefect_client::{Config, Secret, TokenProvider};
use tungstenite::client::IntoClientRequest;

use super::Broken;
use crate::Error;

/// Where a websocket leads, and what it takes to open one.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(super) uri: Uri,
    /// The URL of the API that it is below.
    pub(super) api_url: String,
    headers: HeaderMap,
    token: Option<Secret>,
    /// What gives another token for each connection, in place of the one that stays.
    source: Option<Arc<dyn TokenProvider>>,
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(super) proxy: Option<Arc<Proxy>>,
    /// `None`: neither the server nor the proxy before it speaks TLS.
    #[cfg(feature = "rustls")]
    pub(super) tls: Option<Arc<rustls::ClientConfig>>,
}

/// Prefect Cloud's API.
const CLOUD: &str = "https://api.prefect.cloud/api";

/// What the websocket itself says; nobody else does.
const OWN_HEADERS: [&str; 7] = [
    "host",
    "connection",
    "upgrade",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
];

impl Endpoint {
    /// The endpoint at this path below the API of the client with this configuration.
    ///
    /// # Errors
    ///
    /// The URL can't be one of a websocket, or it asks for TLS and that can't be set up, or the environment has a proxy that
    /// can't be used.
    pub(crate) fn new(config: &Config, path: &str) -> Result<Self, Error> {
        let base = config.base_url();
        let address = match base.split_once("://") {
            Some(("https", rest)) => format!("wss://{rest}{path}"),
            Some((_, rest)) => format!("ws://{rest}{path}"),
            None => return Err(Error::invalid(format!("{base} is not a URL"))),
        };
        let uri: Uri = address
            .parse()
            .map_err(|_| Error::invalid(format!("{address} is not a URL")))?;
        let mut headers = config.own_headers();
        headers.remove(ACCEPT);
        for name in OWN_HEADERS {
            headers.remove(name);
        }
        #[cfg(any(feature = "blocking", feature = "async"))]
        let proxy = config.proxy_to(&uri)?;
        Ok(Self {
            #[cfg(feature = "rustls")]
            tls: {
                let is_asked_for = uri.scheme_str() == Some("wss")
                    || proxy.as_ref().is_some_and(|proxy| proxy.is_tls());
                is_asked_for
                    .then(|| config.tls_client_config().map(Arc::new))
                    .transpose()?
            },
            #[cfg(any(feature = "blocking", feature = "async"))]
            proxy,
            uri,
            api_url: base,
            headers,
            token: config.credential().cloned(),
            source: config.token_source(),
        })
    }

    /// The address, for people.
    pub(crate) fn address(&self) -> String {
        self.uri.to_string()
    }

    pub(super) fn is_tls(&self) -> bool {
        self.uri.scheme_str() == Some("wss")
    }

    pub(super) fn host(&self) -> &str {
        let host = self.uri.host().unwrap_or_default();
        host.strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host)
    }

    pub(super) fn port(&self) -> u16 {
        let usual = if self.is_tls() { 443 } else { 80 };
        self.uri.port_u16().unwrap_or(usual)
    }

    /// The host that is connected to, and its port: the proxy's, where there is one.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(super) fn first_stop(&self) -> (&str, u16) {
        match &self.proxy {
            Some(proxy) => (proxy.host(), proxy.port()),
            None => (self.host(), self.port()),
        }
    }

    /// What the proxy is asked, where there is one.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(super) fn tunnel(&self) -> Option<(&Proxy, Tunnel)> {
        let proxy = self.proxy.as_deref()?;
        Some((proxy, Tunnel::new(proxy, self.host(), self.port())))
    }

    /// The key, the auth string, or what the token source gives now.
    pub(super) fn token(&self) -> Result<Option<Secret>, Broken> {
        let Some(source) = &self.source else {
            return Ok(self.token.clone());
        };
        let given = source.token();
        given
            .map(Some)
            .map_err(|error| Broken::lost(format!("there is no token to send: {error}")))
    }

    pub(super) fn request(&self) -> Result<Request<()>, Broken> {
        let mut request = self.uri.clone().into_client_request()?;
        let headers = request.headers_mut();
        headers.extend(self.headers.clone());
        if self.source.is_some()
            && let Some(token) = self.token()?
        {
            let bearer = token
                .bearer()
                .map_err(|_| Broken::lost("the token has characters that a header cannot hold"))?;
            headers.insert(AUTHORIZATION, bearer);
        }
        let name: HeaderName = SEC_WEBSOCKET_PROTOCOL;
        headers.insert(name, HeaderValue::from_static("prefect"));
        Ok(request)
    }
}

/// Whether an API is Prefect Cloud's.
pub(crate) fn is_cloud(api: &str) -> bool {
    api.starts_with(CLOUD)
}

/// Without headers and token.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.uri).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use prefect_client::{Authorization, config};

    use super::*;

    const OUT: &str = "/events/out";

    fn endpoint(base: &str, path: &str) -> Endpoint {
        let config = config(base).unwrap();
        let who = Authorization::Basic("user:s3cret".into());
        Endpoint::new(&config.authorization(&who).unwrap(), path).unwrap()
    }

    #[test]
    fn an_endpoint_is_below_the_api() {
        let plain = endpoint("http://127.0.0.1:4200/api", "/events/out");
        assert_eq!(plain.address(), "ws://127.0.0.1:4200/api/events/out");
        assert_eq!((plain.host(), plain.port()), ("127.0.0.1", 4200));
        let six = endpoint("http://[::1]/api", OUT);
        assert_eq!((six.host(), six.port()), ("::1", 80));
    }

    #[cfg(feature = "rustls")]
    #[test]
    fn https_is_wss() {
        let cloud = endpoint(&format!("{CLOUD}/accounts/a/workspaces/w"), OUT);
        assert!(
            cloud
                .address()
                .starts_with("wss://api.prefect.cloud/api/accounts/")
        );
        assert!(cloud.tls.is_some());
        assert_eq!(cloud.port(), 443);
    }

    #[test]
    fn a_provided_token_is_asked_for_each_connection() {
        let count = AtomicUsize::new(0);
        let next = move || Ok(format!("t{}", count.fetch_add(1, Ordering::Relaxed)).into());
        let config = config("http://host/api").unwrap().token_provider(next);
        let endpoint = Endpoint::new(&config, OUT).unwrap();
        for expected in ["Bearer t0", "Bearer t1"] {
            let request = endpoint.request().unwrap();
            assert_eq!(request.headers()["authorization"], expected);
        }
        let token = endpoint.token().unwrap();
        assert_eq!(token.as_ref().map(Secret::expose), Some("t2"));
        let dry = config.token_provider(|| Err("the well is dry".into()));
        let endpoint = Endpoint::new(&dry, OUT).unwrap();
        assert!(matches!(endpoint.request(), Err(Broken::Lost(why)) if why.contains("dry")));
    }

    #[test]
    fn the_request_says_what_http_requests_say_and_shows_no_secret() {
        let endpoint = endpoint("http://host/api", OUT);
        let request = endpoint.request().unwrap();
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap())
        };
        assert_eq!(header("sec-websocket-protocol"), Some("prefect"));
        assert_eq!(header("authorization"), Some("Basic dXNlcjpzM2NyZXQ="));
        assert_eq!(header("host"), Some("host"));
        assert!(header("user-agent").is_some_and(|agent| agent.starts_with("prefect/")));
        let shown = format!("{endpoint:?} {:?}", request.headers());
        assert!(
            !shown.contains("s3cret") && !shown.contains("dXNlcjpzM2NyZXQ="),
            "{shown}"
        );
    }
}
