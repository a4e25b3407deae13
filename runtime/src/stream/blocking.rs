//! A stream that is read by blocking calls: an iterator.

use std::fmt;
use std::iter::FusedIterator;

use super::{Items, Opened, PieceEnd};
use crate::blocking::Client;
use crate::call::{Answer, Call, Error};
use crate::transport::BodyChunks;

/// The items of an answer, each as soon as it has come. Dropping it closes its connection.
///
/// After an error nothing follows.
pub struct Stream<T> {
    client: Client,
    items: Items<T>,
    rest: Option<Box<dyn BodyChunks>>,
}

impl<T> Stream<T> {
    /// The status and the headers of the answer; what came of its body is read by the items.
    #[must_use]
    pub fn head(&self) -> &Answer {
        &self.items.head
    }

    /// Reads the next chunk of the body, within the time that a stream may be silent. The result is whether more may follow.
    fn read_on(&mut self, rest: &mut dyn BodyChunks) -> bool {
        match rest.next(self.items.deadline()) {
            Ok(Some(chunk)) => self.items.feed(&chunk),
            Ok(None) => {
                self.items.end();
                false
            }
            Err(error) => self.items.fail(error),
        }
    }
}

impl<T> Iterator for Stream<T> {
    type Item = Result<T, Error>;

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.items.ready() {
                return Some(item);
            }
            let mut rest = self.rest.take()?;
            if let Err(error) = self.client.check_context(self.items.operation) {
                return Some(Err(error));
            }
            if self.read_on(&mut *rest) {
                self.rest = Some(rest);
            }
        }
    }
}

impl<T> FusedIterator for Stream<T> {}

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
    #[track_caller]
    pub fn stream_bytes(&self, call: Call<Vec<u8>>) -> Result<Stream<Vec<u8>>, Error> {
        self.stream(call.in_chunks(), PieceEnd::Chunk)
    }

    /// Sends a call whose answer is a list, and gives the items as they come. Its time limits hold until the answer has
    /// begun, and then for each time that nothing comes. A stream has a connection of its own, which does not count among
    /// those of the client.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute), until the answer has begun.
    #[track_caller]
    pub fn stream<T>(&self, call: Call<Vec<T>>, end: PieceEnd) -> Result<Stream<T>, Error> {
        let operation = call.operation();
        self.check_context(operation)?;
        let (request, reader) = call.into_parts();
        let (opened, course) = self.open(&request?)?;
        let Opened { answer, rest } = opened;
        let most = self.config().max_body;
        let mut items = Items::begin(operation, reader, (answer, course), end, most)?;
        if rest.is_none() {
            items.end();
        }
        let goes_on = items.error.is_none();
        Ok(Stream {
            client: self.clone(),
            items,
            rest: rest.filter(|_| goes_on),
        })
    }
}
