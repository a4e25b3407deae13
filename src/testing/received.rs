//! What came to a server.

use std::fmt;

use diptych_runtime::http::{self, HeaderMap};
use diptych_runtime::{Bytes, Operation};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A request that came to a [`MockServer`](super::MockServer). `Debug` shows neither the query nor the values of headers
/// nor the body.
#[derive(Clone)]
pub struct Received {
    operation: &'static Operation,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Received {
    pub(super) fn new(operation: &'static Operation, request: http::Request<Bytes>) -> Self {
        let (head, body) = request.into_parts();
        Self {
            operation,
            path: below_base(operation, head.uri.path()).to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body,
        }
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The path as it was sent, below the base URL, such as `/flows/name/a%2Fb`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value of a parameter of the path, such as `id` in `/flows/{id}`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let values = self.path.split('/');
        let (_, value) = self
            .operation
            .path()
            .split('/')
            .zip(values)
            .find(|(part, _)| parameter_name(part) == Some(name))?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    }

    /// The query, in its order.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes())
            .into_owned()
            .collect()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body; empty where there was none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON; null where there was none, or where it was something else.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.keys().map(http::HeaderName::as_str).collect();
        f.debug_struct("Received")
            .field("operation", &self.operation.name())
            .field("method", self.operation.method())
            .field("path", &self.path)
            .field("headers", &headers)
            .field("body_length", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The end of a path that has as many parts as the operation's template. Values have no slashes: they are escaped.
fn below_base<'p>(operation: &Operation, path: &'p str) -> &'p str {
    let slashes = operation.path().matches('/').count();
    let start = path.rmatch_indices('/').take(slashes).last();
    start.map_or(path, |(index, _)| path.get(index..).unwrap_or(path))
}

fn parameter_name(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}
