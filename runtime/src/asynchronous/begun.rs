//! Whether a request has begun to be sent, which reqwest does not say: a deadline may pass while it still connects.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};

use crate::call::TransportError;

/// Set as soon as a request has a connection and is about to be written.
#[derive(Clone, Default)]
pub(super) struct Begun(Arc<AtomicBool>);

impl Begun {
    /// The same body, which sets this.
    pub(super) fn set_by(&self, body: impl Into<reqwest::Body>) -> reqwest::Body {
        reqwest::Body::wrap(Watched {
            body: body.into(),
            begun: self.clone(),
        })
    }

    /// Why there is no answer. Nothing was sent unless it has begun.
    pub(super) fn judge(&self, error: TransportError) -> TransportError {
        if self.0.load(Ordering::Acquire) {
            error
        } else {
            error.unsent()
        }
    }

    fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

struct Watched {
    body: reqwest::Body,
    begun: Begun,
}

impl Body for Watched {
    type Data = <reqwest::Body as Body>::Data;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.begun.set();
        Pin::new(&mut self.body).poll_frame(context)
    }

    /// hyper asks this first of all, whether there is a body or not, of a request that it is about to write.
    fn is_end_stream(&self) -> bool {
        self.begun.set();
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
