//! An answer that has been read in full.

use std::fmt;
#[cfg(feature = "blocking")]
use std::sync::OnceLock;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use crate::model::HeaderNames;

/// An answer of the server, read in full.
#[derive(Clone)]
pub struct Answer {
    status: StatusCode,
    headers: Headers,
    body: Bytes,
}

#[derive(Clone)]
enum Headers {
    Read(HeaderMap),
    /// A head as it came, and what reads its headers once somebody asks for them: for most answers nobody does, and it
    /// takes as long as the rest of reading them.
    #[cfg(feature = "blocking")]
    Unread {
        head: Bytes,
        read: fn(&Bytes) -> HeaderMap,
        map: OnceLock<HeaderMap>,
    },
}

impl Answer {
    /// Puts an answer together.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: Headers::Read(headers),
            body: body.into(),
        }
    }

    /// Puts an answer together whose headers are read from its head once somebody asks for them.
    #[cfg(feature = "blocking")]
    pub(crate) fn with_head(
        status: StatusCode,
        head: Bytes,
        read: fn(&Bytes) -> HeaderMap,
        body: impl Into<Bytes>,
    ) -> Self {
        let map = OnceLock::new();
        Self {
            status,
            headers: Headers::Unread { head, read, map },
            body: body.into(),
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        match &self.headers {
            Headers::Read(headers) => headers,
            #[cfg(feature = "blocking")]
            Headers::Unread { head, read, map } => map.get_or_init(|| read(head)),
        }
    }

    /// The body; empty where there was none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body alone, without a copy of it.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// The same without a body, and the body.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn into_head(self) -> (Self, Bytes) {
        let head = Self {
            body: Bytes::new(),
            ..self
        };
        (head, self.body)
    }

    /// The media type without its parameters, in lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.headers().get(CONTENT_TYPE)?.to_str().ok()?;
        let media_type = value.split(';').next().unwrap_or(value).trim();
        (!media_type.is_empty()).then(|| media_type.to_ascii_lowercase())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &HeaderNames(self.headers()))
            .field("body_length", &self.body.len())
            .finish()
    }
}
