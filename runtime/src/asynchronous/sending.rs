//! A body that is read from its sources while reqwest sends it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, channel};

use crate::model::{Chunks, Upload};

/// Chunks that are read ahead.
const AHEAD: usize = 1;

/// Reads once somebody asks: until there is a connection, nothing is read, and what is not read can be sent again.
pub(super) struct Sending {
    state: State,
    /// How much is to come, where that is known.
    left: Option<u64>,
    failure: Failure,
}

enum State {
    Unread(Upload),
    /// Readers may not be shared between threads, as reqwest asks of a body, so a task of its own reads.
    Underway(Receiver<Bytes>),
}

/// Why a source could not be read. What reqwest makes of it says less.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    pub(super) fn take(&self) -> Option<io::Error> {
        let mut failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take()
    }

    fn is_there(&self) -> bool {
        let failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failure.is_some()
    }

    fn set(&self, error: io::Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

impl Sending {
    pub(super) fn new(upload: Upload) -> (Self, Failure) {
        let failure = Failure::default();
        let sending = Self {
            left: upload.length(),
            state: State::Unread(upload),
            failure: failure.clone(),
        };
        (sending, failure)
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let State::Unread(upload) = &self.state {
            let (sender, receiver) = channel(AHEAD);
            match upload.begin() {
                Ok(chunks) => drop(tokio::spawn(read(chunks, sender, self.failure.clone()))),
                Err(error) => self.failure.set(error),
            }
            self.state = State::Underway(receiver);
        }
        let State::Underway(receiver) = &mut self.state else {
            return Poll::Ready(None);
        };
        let chunk = ready!(receiver.poll_recv(context));
        Poll::Ready(match chunk {
            Some(chunk) => {
                let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                self.left = self.left.map(|left| left.saturating_sub(length));
                Some(Ok(Frame::data(chunk)))
            }
            // The body must not look whole.
            None if self.failure.is_there() => Some(Err(io::ErrorKind::Other.into())),
            None => None,
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

async fn read(mut chunks: Chunks, sender: tokio::sync::mpsc::Sender<Bytes>, failure: Failure) {
    loop {
        match chunks.achunk().await {
            Ok(Some(chunk)) => {
                // Whoever wanted it is gone.
                if sender.send(chunk).await.is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                failure.set(error);
                return;
            }
        }
    }
}
