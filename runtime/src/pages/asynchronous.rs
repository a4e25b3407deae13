//! Pages that are read by async calls: a stream.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::Sequence;
use super::reading::{ByPage, Caller, Outcome, Pages, Sender, State, stopped};
use crate::asynchronous::Client;
use crate::call::{Error, Operation};

impl Sender for Client {
    type Underway<T> = Underway<T>;
}

impl Caller for Client {
    type Sender = Self;

    fn sender(&self) -> &Self {
        self
    }
}

/// A page that is being read.
type Underway<T> = Pin<Box<dyn Future<Output = Read<T>> + Send>>;

/// What came, and the sequence, where another page may follow.
type Read<T> = (Option<Box<Sequence<T>>>, Outcome<T>);

impl<C: Caller<Sender = Client>, T: Send + 'static> Pages<C, T> {
    /// The next page; `None` after the last one. A future that is dropped loses nothing: the next one goes on with it.
    ///
    /// # Errors
    ///
    /// As the operation's method; also when a page names a next one that leads nowhere. It is the last thing that comes.
    pub async fn anext_page(&mut self) -> Option<Result<Vec<T>, Error>> {
        poll_fn(|context| self.poll_page(context)).await
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Outcome<T>> {
        if let Some(rest) = self.rest() {
            return Poll::Ready(Some(Ok(rest)));
        }
        let mut underway = match std::mem::replace(&mut self.state, State::Over) {
            State::Ready(sequence) => self.begin(sequence),
            State::Underway(underway) => underway,
            State::Over => return Poll::Ready(None),
        };
        let Poll::Ready((sequence, page)) = underway.as_mut().poll(context) else {
            self.state = State::Underway(underway);
            return Poll::Pending;
        };
        self.state = match sequence {
            Some(sequence) if self.reads_ahead => State::Underway(self.begin(sequence)),
            Some(sequence) => State::Ready(sequence),
            None => State::Over,
        };
        Poll::Ready(page)
    }

    fn begin(&self, sequence: Box<Sequence<T>>) -> Underway<T> {
        let operation = sequence.operation();
        let reading = read(self.face.sender().clone(), sequence);
        match Handle::try_current() {
            Ok(runtime) if self.reads_ahead => Box::pin(Ahead {
                operation,
                task: runtime.spawn(reading),
            }),
            _ => Box::pin(reading),
        }
    }
}

impl<C: Caller<Sender = Client>, T: Send + 'static> Stream for Pages<C, T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let pages = self.get_mut();
        if let Some(item) = pages.items.next() {
            return Poll::Ready(Some(Ok(item)));
        }
        Poll::Ready(match ready!(pages.poll_page(context)) {
            Some(Ok(page)) => {
                pages.items = page.into_iter();
                pages.items.next().map(Ok)
            }
            Some(Err(error)) => Some(Err(error)),
            None => None,
        })
    }
}

impl<C: Caller<Sender = Client>, T: Send + 'static> FusedStream for Pages<C, T> {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Over) && self.items.as_slice().is_empty()
    }
}

impl<C: Caller<Sender = Client>, T: Send + 'static> Stream for ByPage<C, T> {
    type Item = Result<Vec<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.poll_page(context)
    }
}

impl<C: Caller<Sender = Client>, T: Send + 'static> FusedStream for ByPage<C, T> {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}

async fn read<T>(client: Client, mut sequence: Box<Sequence<T>>) -> Read<T> {
    let Some(call) = sequence.call() else {
        return (None, None);
    };
    let answer = client.execute(call).await;
    let page = sequence.answered(answer);
    let goes_on = matches!(page, Some(Ok(_)));
    (goes_on.then_some(sequence), page)
}

/// A task that reads ahead, and is aborted when nobody waits for its page any more.
struct Ahead<T> {
    operation: &'static Operation,
    task: JoinHandle<Read<T>>,
}

impl<T> Future for Ahead<T> {
    type Output = Read<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let read = ready!(Pin::new(&mut self.task).poll(context));
        Poll::Ready(read.unwrap_or_else(|error| {
            let error = stopped(self.operation, error);
            (None, Some(Err(error)))
        }))
    }
}

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
