//! What a user has of a listener: an iterator in the blocking face, a stream in the async one.

#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

#[cfg(feature = "async")]
use futures_util::Stream;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;

#[cfg(feature = "async")]
use super::AsyncListener;
#[cfg(feature = "blocking")]
use super::Listener;
use super::{Feed, SubscribeOptions};
use crate::Error;
use crate::deadline::Deadline;

/// Hears what the server has: an iterator.
#[cfg(feature = "blocking")]
pub struct Subscriber<F: Feed>(Listener<F>);

#[cfg(feature = "blocking")]
impl<F: Feed> Subscriber<F> {
    pub(crate) fn open(
        client: &PrefectClient,
        feed: F,
        options: &SubscribeOptions,
    ) -> Result<Self, Error> {
        let mut listener = Listener::new(client, feed, options)?;
        listener.connect()?;
        Ok(Self(listener))
    }

    /// As [`open`](Self::open), but for connecting, which begins when something is waited for.
    #[cfg(feature = "flows")]
    pub(crate) fn later(
        client: &PrefectClient,
        feed: F,
        options: &SubscribeOptions,
    ) -> Result<Self, Error> {
        Ok(Self(Listener::new(client, feed, options)?))
    }

    /// Waits for the next one. `None` once the server is done, or an error was given.
    ///
    /// An error is as for subscribing, after as many attempts as [`SubscribeOptions`] says.
    #[allow(
        clippy::should_implement_trait,
        reason = "it is an iterator as well, and this needs no import"
    )]
    pub fn next(&mut self) -> Option<Result<F::Item, Error>> {
        self.0
            .wait(Deadline::after(None, Instant::now()))
            .transpose()
    }

    /// Waits for the next one, for a limited time, whatever is being done; what is not done then goes on.
    ///
    /// # Errors
    ///
    /// As of [`next`](Self::next); or nothing came within the time, and one can go on ([`Error::is_timeout`]).
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<F::Item>, Error> {
        self.0.wait(Deadline::after(Some(timeout), Instant::now()))
    }
}

#[cfg(feature = "blocking")]
impl<F: Feed> Iterator for Subscriber<F> {
    type Item = Result<F::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next()
    }
}

/// Hears what the server has: a stream. Nothing is lost where what waits for an item is dropped before it is there.
#[cfg(feature = "async")]
pub struct AsyncSubscriber<F: Feed>(State<F>);

#[cfg(feature = "async")]
enum State<F: Feed> {
    Resting(Box<AsyncListener<F>>),
    /// Kept here, so that whoever waits can come back.
    Waiting(Waiting<F>),
    Done,
}

#[cfg(feature = "async")]
type Waiting<F> = Pin<Box<dyn Future<Output = (Box<AsyncListener<F>>, Heard<F>)> + Send>>;

#[cfg(feature = "async")]
type Heard<F> = Option<Result<<F as Feed>::Item, Error>>;

#[cfg(feature = "async")]
impl<F: Feed> AsyncSubscriber<F> {
    pub(crate) async fn open(
        client: &AsyncPrefectClient,
        feed: F,
        options: &SubscribeOptions,
    ) -> Result<Self, Error> {
        let mut listener = AsyncListener::new(client, feed, options)?;
        listener.connect().await?;
        Ok(Self(State::Resting(Box::new(listener))))
    }

    /// As [`open`](Self::open), but for connecting, which begins when something is waited for.
    #[cfg(feature = "flows")]
    pub(crate) fn later(
        client: &AsyncPrefectClient,
        feed: F,
        options: &SubscribeOptions,
    ) -> Result<Self, Error> {
        let listener = AsyncListener::new(client, feed, options)?;
        Ok(Self(State::Resting(Box::new(listener))))
    }

    /// Waits for the next one. `None` once the server is done, or an error was given.
    ///
    /// An error is as for subscribing, after as many attempts as [`SubscribeOptions`] says.
    pub async fn anext(&mut self) -> Option<Result<F::Item, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// Waits for the next one, for a limited time, whatever is being done; what is not done then goes on.
    ///
    /// # Errors
    ///
    /// As of [`anext`](Self::anext); or nothing came within the time, and one can go on ([`Error::is_timeout`]).
    pub async fn anext_within(&mut self, timeout: Duration) -> Result<Option<F::Item>, Error> {
        match tokio::time::timeout(timeout, self.anext()).await {
            Ok(heard) => heard.transpose(),
            Err(_) => Err(Error::timeout(format!(
                "nothing came on {} within {timeout:?}",
                F::PATH
            ))),
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Heard<F>> {
        loop {
            self.0 = match std::mem::replace(&mut self.0, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Resting(mut listener) => State::Waiting(Box::pin(async move {
                    let heard = listener
                        .wait(Deadline::after(None, Instant::now()))
                        .await
                        .transpose();
                    (listener, heard)
                })),
                State::Waiting(mut waiting) => {
                    let polled = waiting.as_mut().poll(context);
                    if polled.is_pending() {
                        self.0 = State::Waiting(waiting);
                    }
                    let (listener, heard) = ready!(polled);
                    self.0 = State::Resting(listener);
                    return Poll::Ready(heard);
                }
            };
        }
    }
}

#[cfg(feature = "async")]
impl<F: Feed> Stream for AsyncSubscriber<F> {
    type Item = Result<F::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}
