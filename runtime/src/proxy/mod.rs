//! Which proxy leads to an address: decided in one place, for the requests of both faces and for websockets.

mod bypass;
mod environment;
mod tunnel;

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;

use crate::call::Error;
use crate::model::Redacted;
#[cfg(feature = "async")]
use crate::model::Secret;
use bypass::Bypass;

pub use tunnel::{Tunnel, TunnelRefused, is_refusal};

/// A proxy, and who the client is there.
#[derive(Clone)]
pub struct Proxy {
    scheme: Scheme,
    authority: Authority,
    /// User and password as they stand in the address.
    #[cfg(feature = "async")]
    user: Option<Secret>,
    authorization: Option<HeaderValue>,
}

/// What a configuration says about proxies.
#[derive(Clone, Debug, Default)]
pub(crate) enum Choice {
    /// What the environment says when a client is built.
    #[default]
    Environment,
    /// None.
    Direct,
    /// This one, for every address.
    Always(Arc<Proxy>),
}

/// The proxies of a client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    /// For addresses of `http`, of `https`, and of either.
    http: Option<Arc<Proxy>>,
    https: Option<Arc<Proxy>>,
    all: Option<Arc<Proxy>>,
    bypass: Bypass,
}

impl Proxies {
    /// The proxies that were chosen.
    ///
    /// # Errors
    /// A variable of the environment does not hold the address of a proxy.
    pub(crate) fn new(choice: &Choice) -> Result<Self, Error> {
        match choice {
            Choice::Direct => Ok(Self::default()),
            Choice::Always(proxy) => Ok(Self {
                all: Some(Arc::clone(proxy)),
                ..Self::default()
            }),
            Choice::Environment => environment::proxies(std::env::vars_os()),
        }
    }

    /// Whether there is none at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none() && self.all.is_none()
    }

    /// The proxy on the way to an address; a websocket goes the way of `http` or `https`.
    pub(crate) fn to(&self, scheme: &str, host: &str, port: u16) -> Option<&Arc<Proxy>> {
        let of_scheme = match scheme {
            "https" | "wss" => &self.https,
            _ => &self.http,
        };
        let proxy = of_scheme.as_ref().or(self.all.as_ref())?;
        (!self.bypass.covers(scheme, host, port)).then_some(proxy)
    }

    /// The proxy on the way to an address that is whole.
    pub(crate) fn to_address(&self, address: &Uri) -> Option<&Arc<Proxy>> {
        if self.is_empty() {
            return None;
        }
        let (scheme, host) = (address.scheme_str()?, address.host()?);
        let port = address.port_u16().unwrap_or(usual_port(scheme));
        self.to(scheme, without_brackets(host), port)
    }
}

impl Proxy {
    /// Reads the address of a proxy: `http://host:port` or `https://host:port`, with `user:password@` before the host where
    /// the proxy asks for them. The text is never part of an error: it may hold a password.
    ///
    /// # Errors
    /// Why the text is not such an address.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let behind_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = behind_scheme.split(['/', '?', '#']).next();
        if behind_scheme.contains('@') && authority.is_some_and(|part| !part.contains('@')) {
            return Err("in its user and password, / ? and # must be percent-encoded");
        }
        let with_scheme = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let uri: Uri = with_scheme.parse().map_err(|_| "it is not a URL")?;
        let parts = uri.into_parts();
        let scheme = parts.scheme.ok_or("it is not a URL")?;
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err("only proxies of http:// and https:// can be used");
        }
        if scheme == Scheme::HTTPS && cfg!(not(feature = "rustls")) {
            return Err("a proxy of https:// needs the feature `rustls`");
        }
        let whole = parts.authority.ok_or("it has no host")?;
        let (user, place) = match whole.as_str().rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, whole.as_str()),
        };
        let authority: Authority = place.parse().map_err(|_| "it has no host")?;
        let behind_host = place.strip_prefix(authority.host()).unwrap_or_default();
        if authority.host().is_empty() {
            return Err("it has no host");
        }
        if !matches!(behind_host, "" | ":") && authority.port_u16().is_none() {
            return Err("its port is not a number below 65536");
        }
        Ok(Self {
            #[cfg(feature = "async")]
            user: user.map(Secret::from),
            authorization: user.map(basic),
            scheme,
            authority,
        })
    }

    /// The host, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        without_brackets(self.authority.host())
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        let usual = usual_port(self.scheme.as_str());
        self.authority.port_u16().unwrap_or(usual)
    }

    /// Whether TLS leads to the proxy itself.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The header `Proxy-Authorization`. It is marked as sensitive.
    #[must_use]
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// The whole address, with user and password.
    #[cfg(feature = "async")]
    pub(crate) fn whole_address(&self) -> String {
        match &self.user {
            Some(user) => format!("{}://{}@{}", self.scheme, user.expose(), self.authority),
            None => self.address(),
        }
    }

    /// The address, without user and password.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }
}

/// Without user and password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("address", &self.address())
            .field(
                "authorization",
                &self.authorization.as_ref().map(|_| Redacted),
            )
            .finish_non_exhaustive()
    }
}

fn basic(user: &str) -> HeaderValue {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut bytes: Vec<u8> = percent_decode_str(name).collect();
    bytes.push(b':');
    bytes.extend(percent_decode_str(password));
    let text = format!("Basic {}", STANDARD.encode(bytes));
    // Nothing of it is outside of what a header holds.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Basic"));
    value.set_sensitive(true);
    value
}

fn usual_port(scheme: &str) -> u16 {
    match scheme {
        "https" | "wss" => 443,
        _ => 80,
    }
}

pub(crate) fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests;
