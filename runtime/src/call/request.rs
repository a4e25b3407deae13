//! A request as data.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method};

use super::operation::Operation;
use crate::model::{HeaderNames, Upload};

/// A request, relative to the base URL of a client.
#[derive(Clone)]
pub struct Request {
    pub(super) operation: &'static Operation,
    pub(super) path_and_query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
    /// A body that is read from its sources while it is sent, in the place of the other one.
    pub(super) upload: Option<Upload>,
}

impl Request {
    /// The operation.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &'static Method {
        self.operation.method()
    }

    /// The path and query; begins with a slash.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The headers of this request; those of the client come when it is sent.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, where there is one, and it is in memory: see [`upload`](Self::upload).
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// The body that is read from its sources while it is sent, where it is one.
    #[must_use]
    pub fn upload(&self) -> Option<&Upload> {
        self.upload.as_ref()
    }

    /// Whether it can't be sent again, as what its body is read from was read.
    pub(crate) fn is_spent(&self) -> bool {
        self.upload.as_ref().is_some_and(Upload::is_spent)
    }

    pub(crate) fn body_bytes(&self) -> Bytes {
        self.body.clone().unwrap_or_default()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation.name())
            .field("method", self.method())
            .field("path", &self.operation.path())
            .field("headers", &HeaderNames(&self.headers))
            .field("body_length", &self.body.as_ref().map(Bytes::len))
            .finish_non_exhaustive()
    }
}
