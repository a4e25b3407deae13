//! A body that is read from its sources while reqwest sends it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, Sender, channel};

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
    Underway(Receiver<Piece>),
    Over,
}

/// What the task that reads sends: a chunk, or that there are no more. Where it ends without that word, the body is not whole.
type Piece = Option<Bytes>;

/// Why a source could not be read. What reqwest makes of it says less.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    pub(super) fn take(&self) -> Option<io::Error> {
        let mut failure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take()
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
        let piece = ready!(receiver.poll_recv(context));
        Poll::Ready(match piece {
            Some(Some(chunk)) => {
                let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                self.left = self.left.map(|left| left.saturating_sub(length));
                Some(Ok(Frame::data(chunk)))
            }
            Some(None) => {
                self.state = State::Over;
                None
            }
            // The body must not look whole.
            None => Some(Err(io::ErrorKind::Other.into())),
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

async fn read(mut chunks: Chunks, sender: Sender<Piece>, failure: Failure) {
    loop {
        match chunks.achunk().await {
            Ok(Some(chunk)) => {
                // Whoever wanted it is gone.
                if sender.send(Some(chunk)).await.is_err() {
                    return;
                }
            }
            Ok(None) => return drop(sender.send(None).await),
            Err(error) => {
                failure.set(error);
                return;
            }
        }
    }
}
