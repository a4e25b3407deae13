//! A stream that is read by async calls.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream as FuturesStream};

use super::{Items, Opened, PieceEnd};
use crate::asynchronous::{BoxFuture, Client};
use crate::call::{Answer, Call, Error};
use crate::transport::{AsyncBodyChunks, AsyncChunk};

/// The items of an answer, each as soon as it has come. Dropping it closes its connection.
///
/// After an error nothing follows.
pub struct Stream<T> {
    items: Items<T>,
    state: State,
}

enum State {
    Ready(Box<dyn AsyncBodyChunks>),
    Reading(BoxFuture<'static, AsyncChunk>),
    Over,
}

// The items are never pinned.
impl<T> Unpin for Stream<T> {}

impl<T> Stream<T> {
    /// The status and the headers of the answer; what came of its body is read by the items.
    #[must_use]
    pub fn head(&self) -> &Answer {
        &self.items.head
    }

    /// The next item; `None` after the last one. A future that is dropped loses nothing.
    ///
    /// # Errors
    /// The answer breaks off, or an item can't be read. It is the last thing that comes.
    pub async fn anext(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.items.ready() {
                return Poll::Ready(Some(item));
            }
            let mut reading = match std::mem::replace(&mut self.state, State::Over) {
                State::Ready(rest) => rest.next(self.items.deadline()),
                State::Reading(reading) => reading,
                State::Over => return Poll::Ready(None),
            };
            let Poll::Ready(chunk) = reading.as_mut().poll(context) else {
                self.state = State::Reading(reading);
                return Poll::Pending;
            };
            match chunk {
                Ok(Some((chunk, rest))) => {
                    if self.items.feed(&chunk) {
                        self.state = State::Ready(rest);
                    }
                }
                Ok(None) => self.items.end(),
                Err(error) => {
                    self.items.fail(error);
                }
            }
        }
    }
}

impl<T> FuturesStream for Stream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context)
    }
}

impl<T> FusedStream for Stream<T> {
    fn is_terminated(&self) -> bool {
        self.items.came.is_empty()
            && self.items.error.is_none()
            && matches!(self.state, State::Over)
    }
}

impl<T> fmt::Debug for Stream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.fmt(f)
    }
}

impl Client {
    /// Sends a call whose answer is bytes, and gives them as they come, however many they are; where one item ends and the
    /// next begins says nothing. Its time limits are those of [`stream`](Self::stream).
    ///
    /// # Errors
    /// As of [`execute`](Self::execute), until the answer has begun.
    pub async fn stream_bytes(&self, call: Call<Vec<u8>>) -> Result<Stream<Vec<u8>>, Error> {
        self.stream(call.in_chunks(), PieceEnd::Chunk).await
    }

    /// Sends a call whose answer is a list, and gives the items as they come. Its time limits hold until the answer has
    /// begun, and then for each time that nothing comes. A stream has a connection of its own, which does not count among
    /// those of the client.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute), until the answer has begun.
    pub async fn stream<T>(&self, call: Call<Vec<T>>, end: PieceEnd) -> Result<Stream<T>, Error> {
        let operation = call.operation();
        let (request, reader) = call.into_parts();
        let (opened, course) = self.open(request?).await?;
        let Opened { answer, rest } = opened;
        let most = self.config().max_body;
        let mut items = Items::begin(operation, reader, (answer, course), end, most)?;
        let state = match rest {
            Some(rest) if items.error.is_none() => State::Ready(rest),
            Some(_) => State::Over,
            None => {
                items.end();
                State::Over
            }
        };
        Ok(Stream { items, state })
    }
}
