//! Whether a request has begun to be sent, which reqwest does not say: a deadline may pass while it still connects.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};

use crate::call::TransportError;
use crate::proxy;

/// A request on its way to its connection.
pub(super) struct Begun {
    /// Set as soon as it has one and is about to be written.
    is_set: Arc<AtomicBool>,
    /// The proxy on the way, without user and password.
    proxy: Option<String>,
}

impl Begun {
    pub(super) fn new(proxy: Option<String>) -> Self {
        let is_set = Arc::default();
        Self { is_set, proxy }
    }

    /// The same body, which sets this.
    pub(super) fn set_by(&self, body: impl Into<reqwest::Body>) -> reqwest::Body {
        reqwest::Body::wrap(Watched {
            body: body.into(),
            is_begun: Arc::clone(&self.is_set),
        })
    }

    /// Why there is no answer. Unless it has begun, nothing was sent, and what is wrong is on the way.
    pub(super) fn judge(self, error: TransportError) -> TransportError {
        if self.is_set.load(Ordering::Acquire) {
            return error;
        }
        let error = error.unsent();
        match self.proxy {
            // One that refuses a tunnel is named by that.
            Some(proxy) if !proxy::is_refusal(&error) => error.through(proxy),
            _ => error,
        }
    }
}

struct Watched {
    body: reqwest::Body,
    is_begun: Arc<AtomicBool>,
}

impl Watched {
    fn begin(&self) {
        self.is_begun.store(true, Ordering::Release);
    }
}

impl Body for Watched {
    type Data = <reqwest::Body as Body>::Data;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.begin();
        Pin::new(&mut self.body).poll_frame(context)
    }

    /// hyper asks this first of all, whether there is a body or not, of a request that it is about to write.
    fn is_end_stream(&self) -> bool {
        self.begin();
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
