//! The request as it goes over the wire.

use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE,
    TRANSFER_ENCODING, USER_AGENT,
};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use super::Exchange;
use super::credentials::Credentials;
use super::options::CallOptions;
use super::redirect::is_same_origin;
use super::terms::Terms;
use crate::call::{Error, Request};
use crate::model::Upload;

impl Exchange<'_> {
    /// The request; where somebody asks for it, with its operation, as a `&'static Operation`, among its extensions.
    pub(super) fn http_request(&self) -> Result<http::Request<()>, Error> {
        let sent = self.sent();
        let credentials = &self.hinge.terms.credentials;
        let asked = credentials.asked(sent.operation());
        let address = self.address(sent, asked.as_ref().unwrap_or(credentials))?;
        let mut request = http::Request::new(());
        *request.method_mut() = sent.method().clone();
        *request.headers_mut() = self.headers(sent, &address, asked.as_ref())?;
        *request.uri_mut() = address;
        if self.hinge.names_operations {
            request.extensions_mut().insert(sent.operation());
        }
        Ok(request)
    }

    fn address(&self, sent: &Request, credentials: &Credentials) -> Result<Uri, Error> {
        let unsendable =
            |error| Error::request_source(sent.operation(), "the address cannot be sent", error);
        let Some(redirected) = &self.redirected else {
            let with_keys = credentials.in_query(sent.path_and_query());
            let path_and_query = with_keys.as_deref().unwrap_or(sent.path_and_query());
            return self.base_url().join(path_and_query).map_err(unsendable);
        };
        let asked = redirected
            .path_and_query()
            .map_or("/", PathAndQuery::as_str);
        let is_own = is_same_origin(self.base_url().scheme_and_authority(), redirected);
        match credentials.in_query(asked).filter(|_| is_own) {
            Some(with_keys) => same_place(redirected, &with_keys).map_err(unsendable),
            None => Ok(redirected.clone()),
        }
    }

    /// The headers of the client, of the session and of the options, then those of the operation, which win.
    ///
    /// Another origin gets none of the first three, and of the last what says what is sent and wanted: any other may be a credential.
    fn headers(
        &self,
        sent: &Request,
        address: &Uri,
        asked: Option<&Credentials>,
    ) -> Result<HeaderMap, Error> {
        let base = self.base_url().scheme_and_authority();
        let is_own = self.redirected.is_none() || is_same_origin(base, address);
        let terms = &self.hinge.terms;
        let mut headers = match asked {
            _ if !is_own => anybodys_headers(terms),
            None => self.hinge.own_headers.clone(),
            Some(asked) => own_headers(terms, asked),
        };
        let credentials = asked.unwrap_or(&terms.credentials);
        if is_own
            && credentials.provider().is_some()
            && !self.says_who_asks(sent)
            && let Some(bearer) = credentials.bearer(sent.operation())?
        {
            headers.insert(AUTHORIZATION, bearer);
        }
        if is_own && self.question.is_none() {
            replace(&mut headers, &self.session_headers);
        }
        if is_own && let Some(options) = self.options {
            replace(&mut headers, options.headers());
        }
        #[cfg(feature = "traceparent")]
        if is_own {
            super::traceparent::insert(&mut headers);
        }
        if is_own {
            replace(&mut headers, sent.headers());
        } else {
            replace(&mut headers, &harmless(sent.headers()));
        }
        if is_own {
            credentials.add_cookies(&mut headers);
        }
        set_length(sent, &mut headers);
        Ok(headers)
    }

    /// Whether something that goes before a provided token has an authorization of its own.
    fn says_who_asks(&self, sent: &Request) -> bool {
        let session = self.question.is_none().then_some(&self.session_headers);
        let others = [
            Some(&self.hinge.terms.default_headers),
            session,
            self.options.map(CallOptions::headers),
            Some(sent.headers()),
        ];
        let mut others = others.into_iter().flatten();
        others.any(|headers| headers.contains_key(AUTHORIZATION))
    }
}

/// An address with another path and query.
fn same_place(address: &Uri, path_and_query: &str) -> Result<Uri, http::Error> {
    let mut parts = address.clone().into_parts();
    parts.path_and_query = Some(path_and_query.try_into()?);
    Ok(Uri::from_parts(parts)?)
}

/// Of the headers of an operation, those that say what is sent and wanted. Any other may say who asks.
fn harmless(headers: &HeaderMap) -> HeaderMap {
    let kept = [ACCEPT, CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE];
    let kept = kept
        .into_iter()
        .filter_map(|name| Some((name.clone(), headers.get(&name)?.clone())));
    kept.collect()
}

/// What every request to the API's own origin has that asks for these credentials.
pub(crate) fn own_headers(terms: &Terms, credentials: &Credentials) -> HeaderMap {
    let mut headers = anybodys_headers(terms);
    if let Some(authorization) = credentials.authorization() {
        headers.insert(AUTHORIZATION, authorization.clone());
    }
    replace(&mut headers, credentials.headers());
    replace(&mut headers, &terms.default_headers);
    headers
}

/// What every request has, wherever it leads.
fn anybodys_headers(terms: &Terms) -> HeaderMap {
    let accept = HeaderValue::from_static("application/json, */*;q=0.5");
    HeaderMap::from_iter([(ACCEPT, accept), (USER_AGENT, terms.user_agent.clone())])
}

/// Says how long the body is. Left to themselves, the two transports frame a body of a DELETE, and a POST without
/// a body, each in its own way.
fn set_length(sent: &Request, headers: &mut HeaderMap) {
    let own = u64::try_from(sent.body().unwrap_or_default().len()).ok();
    // Where the length of what is to be read isn't known, the transports send it in chunks.
    let length = sent.upload().map_or(own, Upload::length);
    let method = sent.method();
    let expects_body =
        matches!(*method, Method::POST | Method::PUT | Method::PATCH) || method.as_str() == "QUERY";
    if let Some(length) = length.filter(|length| *length > 0 || expects_body) {
        headers.insert(CONTENT_LENGTH, length.into());
    }
}

/// Replaces headers by others; a header with several values keeps all of them. How a body is framed, no other says.
fn replace(headers: &mut HeaderMap, others: &HeaderMap) {
    let frames = |name: &HeaderName| *name == CONTENT_LENGTH || *name == TRANSFER_ENCODING;
    for name in others.keys().filter(|name| !frames(name)) {
        headers.remove(name);
        for value in others.get_all(name) {
            headers.append(name.clone(), value.clone());
        }
    }
}
