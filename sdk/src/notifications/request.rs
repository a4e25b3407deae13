//! One request to a service, as data.

use std::fmt;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, StatusCode, Uri};
use prefect_client::Answer;
use prefect_client::transport::Bytes;
use serde::Serialize;

use super::notice::SENDER;
use crate::Error;

/// How long Apprise waits to connect, and then for the answer.
const TIMEOUT: Duration = Duration::from_secs(8);

/// What tells one target of a notice. `Debug` shows neither its address nor what it holds: both may be secrets.
#[derive(Clone)]
pub struct NotificationRequest {
    pub(super) target: String,
    pub(super) http: Request<Bytes>,
    pub(super) accepts: Accepts,
    pub(super) timeout: Duration,
    pub(super) addresses: Addresses,
}

/// Which answers mean that the target is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Accepts {
    /// Any of the 200s.
    Success,
    Statuses(&'static [u16]),
    /// 200, with this text.
    Text(&'static str),
}

/// Where the request may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addresses {
    Any,
    Public,
}

impl NotificationRequest {
    /// A request of any kind. The target is what a person knows it by, such as a channel; never a secret.
    #[must_use]
    pub fn new(target: impl Into<String>, request: Request<Bytes>) -> Self {
        Self {
            target: target.into(),
            http: request,
            accepts: Accepts::Success,
            timeout: TIMEOUT,
            addresses: Addresses::Any,
        }
    }

    /// A POST of a text to an address.
    ///
    /// # Errors
    ///
    /// It is no address ([`Error::is_invalid`]).
    pub fn post(target: impl Into<String>, url: &str, body: Bytes) -> Result<Self, Error> {
        let request = Request::post(url).header(USER_AGENT, SENDER).body(body);
        let target = target.into();
        match request {
            Ok(request) if is_address(request.uri()) => Ok(Self::new(target, request)),
            _ => Err(Error::invalid(format!("{target}: the URL can't be used"))),
        }
    }

    /// A POST of JSON.
    pub(super) fn json(target: &str, url: &str, body: &impl Serialize) -> Result<Self, Error> {
        let body = prefect_client::json::to_vec(body)
            .map_err(|error| Error::invalid(format!("{target}: not JSON")).because(error))?;
        let mut request = Self::post(target, url, body.into())?;
        request.set(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(request)
    }

    /// What is sent, secrets included.
    #[must_use]
    pub fn http(&self) -> &Request<Bytes> {
        &self.http
    }

    /// Sets how long the target may take to answer, connecting included; 8 s unless set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Refuses addresses that are not public ones, such as those of the loopback or a private network, where the
    /// connection is made.
    #[must_use]
    pub fn public_addresses_only(mut self) -> Self {
        self.addresses = Addresses::Public;
        self
    }

    /// The same, for a block that says whether its address may lead to a host that isn't public.
    pub(super) fn within(self, allows_private: bool) -> Self {
        if allows_private {
            self
        } else {
            self.public_addresses_only()
        }
    }

    pub(super) fn accepting(mut self, statuses: &'static [u16]) -> Self {
        self.accepts = Accepts::Statuses(statuses);
        self
    }

    pub(super) fn accepting_text(mut self, text: &'static str) -> Self {
        self.accepts = Accepts::Text(text);
        self
    }

    pub(super) fn set(&mut self, name: HeaderName, value: HeaderValue) {
        self.http.headers_mut().insert(name, value);
    }

    /// Sets who asks. The text is a secret.
    pub(super) fn authorize(&mut self, text: &str) -> Result<(), Error> {
        let Ok(mut value) = HeaderValue::from_str(text) else {
            let text = format!("{}: the key has characters that can't be sent", self.target);
            return Err(Error::invalid(text));
        };
        value.set_sensitive(true);
        self.set(AUTHORIZATION, value);
        Ok(())
    }
}

fn is_address(uri: &Uri) -> bool {
    matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|it| !it.is_empty())
}

impl Accepts {
    /// Why this answer does not mean that the target is told.
    pub(super) fn refusal(&self, answer: &Answer) -> Option<String> {
        let status = answer.status();
        match self {
            Self::Success if status.is_success() => None,
            Self::Statuses(known) if known.contains(&status.as_u16()) => None,
            Self::Text(text) if status == StatusCode::OK && answer.body() == text.as_bytes() => {
                None
            }
            Self::Text(text) if status == StatusCode::OK => {
                Some(format!("it answered {status}, but not `{text}`"))
            }
            _ => Some(format!("it answered {status}")),
        }
    }
}

impl fmt::Debug for NotificationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotificationRequest")
            .field("target", &self.target)
            .field("method", self.http.method())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_address_nor_body_are_shown() {
        let body = Bytes::from_static(b"s3cret");
        let mut request = NotificationRequest::post("a", "https://host/s3cret", body).unwrap();
        request.authorize("Bearer s3cret").unwrap();
        let shown = format!("{request:?}");
        assert!(
            shown.contains("POST") && !shown.contains("s3cret"),
            "{shown}"
        );
    }

    #[test]
    fn what_is_no_url_is_refused_without_showing_it() {
        for url in [
            "",
            "s3cret",
            "ftp://s3cret/",
            "/s3cret",
            "https://ho st/s3cret",
            "https://\u{0}s3cret/",
        ] {
            let error = NotificationRequest::post("a", url, Bytes::new()).unwrap_err();
            assert!(error.is_invalid() && !format!("{error} {error:?}").contains("s3cret"));
        }
    }
}
