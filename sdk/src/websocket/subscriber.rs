//! Hears what the server has, over as many connections as it takes.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
use prefect_client::Config;
use serde_json::Value;
use uuid::Uuid;

use super::{ANSWER_TIMEOUT, Broken, Endpoint, Incoming};
#[dual(sdk)]
use super::{AsyncSocket, aconnect};
use crate::Error;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;

/// What can be subscribed to: events and logs.
pub trait Feed: sealed::Sealed {
    /// What comes.
    type Item;

    /// Where it comes from, below the API.
    const PATH: &str;

    /// The message that says what to send.
    fn filter(&mut self, now: DateTime<Utc>) -> Value;

    /// Reads a message of the server.
    ///
    /// # Errors
    ///
    /// It is not one that is known.
    fn read(&mut self, text: &str) -> Result<Self::Item, serde_json::Error>;

    /// What tells two items apart.
    fn id(item: &Self::Item) -> Uuid;
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for crate::events::EventFeed {}
    impl Sealed for crate::logs::LogFeed {}
}

/// What is optional about subscribing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Subscribe {
    /// How often in a row it is tried again to connect; 10 unless set, as Prefect does.
    pub reconnection_attempts: u32,
    /// Whether it goes on where the server is done; it ends there unless set.
    pub reconnect_on_clean_close: bool,
}

impl Default for Subscribe {
    fn default() -> Self {
        Self {
            reconnection_attempts: 10,
            reconnect_on_clean_close: false,
        }
    }
}

impl Subscribe {
    /// As Prefect subscribes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`reconnection_attempts`](field@Self::reconnection_attempts).
    #[must_use]
    pub fn reconnection_attempts(mut self, attempts: u32) -> Self {
        self.reconnection_attempts = attempts;
        self
    }

    /// Goes on where the server is done.
    #[must_use]
    pub fn reconnect_on_clean_close(mut self) -> Self {
        self.reconnect_on_clean_close = true;
        self
    }
}

/// Hears what the server has.
#[dual(sdk)]
pub struct AsyncSubscriber<F> {
    endpoint: Endpoint,
    feed: F,
    options: Subscribe,
    socket: Option<AsyncSocket>,
    seen: Seen,
    /// How many connections in a row did not come about.
    failures: u32,
    /// How many connections in a row were short.
    short: u32,
    opened: Instant,
    /// Whether the other side was asked for a sign of life.
    pinged: bool,
    has_ended: bool,
}

/// A connection that lives shorter is followed by a pause.
const SHORT: Duration = Duration::from_secs(1);

#[dual(sdk)]
impl<F: Feed> AsyncSubscriber<F> {
    pub(crate) async fn open(config: &Config, feed: F, options: &Subscribe) -> Result<Self, Error> {
        let mut subscriber = Self {
            endpoint: Endpoint::new(config, F::PATH)?,
            feed,
            options: options.clone(),
            socket: None,
            seen: Seen::default(),
            failures: 0,
            short: 0,
            opened: Instant::now(),
            pinged: false,
            has_ended: false,
        };
        while subscriber.socket.is_none() && !subscriber.has_ended {
            subscriber.reconnect().await?;
        }
        Ok(subscriber)
    }

    /// Waits for the next one. `None` once the server is done, or an error was given. In the async face, nothing is lost
    /// where this is dropped before it is ready.
    ///
    /// An error is as for subscribing, after as many attempts as [`Subscribe`] says.
    #[allow(
        clippy::should_implement_trait,
        reason = "the blocking twin is an iterator as well"
    )]
    pub async fn next(&mut self) -> Option<Result<F::Item, Error>> {
        self.wait(None).await.transpose()
    }

    /// Waits for the next one, for a limited time. An attempt to connect again that is under way then is finished first.
    ///
    /// # Errors
    ///
    /// As of [`next`](Self::next); or nothing came within the time, and one can go on ([`Error::is_timeout`]).
    pub async fn next_within(&mut self, timeout: Duration) -> Result<Option<F::Item>, Error> {
        self.wait(Some(Instant::now() + timeout)).await
    }

    async fn wait(&mut self, deadline: Option<Instant>) -> Result<Option<F::Item>, Error> {
        while !self.has_ended {
            let left = deadline.map_or(ANSWER_TIMEOUT, |end| {
                end.saturating_duration_since(Instant::now())
            });
            let Some(socket) = &mut self.socket else {
                self.reconnect().await?;
                continue;
            };
            match socket.receive(left.min(ANSWER_TIMEOUT)).await {
                Ok(Incoming::Text(text)) => {
                    self.pinged = false;
                    if let Some(item) = self.take(&text) {
                        return Ok(Some(item));
                    }
                }
                Ok(Incoming::Pong(_)) => self.pinged = false,
                Ok(Incoming::Nothing) if left < ANSWER_TIMEOUT => {
                    return Err(Error::timeout(format!(
                        "nothing came on {}",
                        self.endpoint.address()
                    )));
                }
                Ok(Incoming::Nothing) => self.keep_alive().await?,
                Err(broken) => self.lose(broken)?,
            }
        }
        Ok(None)
    }

    /// Asks for a sign of life, once.
    async fn keep_alive(&mut self) -> Result<(), Error> {
        let Some(socket) = &mut self.socket else {
            return Ok(());
        };
        let asked = if self.pinged {
            Err(Broken::Lost("a ping was not answered".to_owned()))
        } else {
            socket.ping(0).await
        };
        self.pinged = true;
        asked.or_else(|broken| self.lose(broken))
    }

    /// Tries once to connect and to say what is wanted.
    async fn reconnect(&mut self) -> Result<(), Error> {
        let pauses = [
            Duration::from_secs(u64::from(self.failures > 2)),
            Duration::from_millis(50) * self.short.min(20),
        ];
        asleep(pauses.into_iter().max().unwrap_or_default()).await;
        let filter = self.feed.filter(Utc::now()).to_string();
        let opened = match aconnect(&self.endpoint).await {
            Ok(mut socket) => match socket.send(filter.into()).await {
                Ok(()) => Ok(socket),
                Err(broken) => Err(broken),
            },
            Err(broken) => Err(broken),
        };
        match opened {
            Ok(socket) => {
                self.socket = Some(socket);
                self.failures = 0;
                self.opened = Instant::now();
                self.pinged = false;
                Ok(())
            }
            Err(broken) => {
                self.failures += 1;
                self.lose(broken)
            }
        }
    }

    /// An item, unless it was there before or can't be read.
    fn take(&mut self, text: &str) -> Option<F::Item> {
        match self.feed.read(text) {
            Ok(item) => self
                .seen
                .insert(F::id(&item), Instant::now())
                .then_some(item),
            Err(error) => {
                tracing::warn!(
                    "{} sent what can't be read: {error}",
                    self.endpoint.address()
                );
                None
            }
        }
    }

    /// Decides what follows a connection that is gone: `Ok` where it is tried again, or everything is done.
    fn lose(&mut self, broken: Broken) -> Result<(), Error> {
        if self.socket.take().is_some() {
            self.short = if self.opened.elapsed() < SHORT {
                self.short + 1
            } else {
                0
            };
        }
        match broken {
            Broken::Clean if !self.options.reconnect_on_clean_close => {
                self.has_ended = true;
                Ok(())
            }
            Broken::Clean | Broken::Lost(_)
                if self.failures <= self.options.reconnection_attempts =>
            {
                tracing::debug!(?broken, "subscribing again");
                Ok(())
            }
            broken => {
                self.has_ended = true;
                Err(broken.into_error(&self.endpoint.address()))
            }
        }
    }
}

#[cfg(feature = "blocking")]
impl<F: Feed> Iterator for Subscriber<F> {
    type Item = Result<F::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next()
    }
}

#[cfg(feature = "async")]
impl<F: Feed + Send> AsyncSubscriber<F> {
    /// As a stream of items, for those who have combinators for them.
    pub fn into_stream(self) -> impl futures_util::Stream<Item = Result<F::Item, Error>> + Send {
        futures_util::stream::unfold(self, |mut subscriber| async move {
            subscriber.next().await.map(|item| (item, subscriber))
        })
    }
}

/// What came of late. An item that comes again within that time is the same.
#[derive(Debug, Default)]
struct Seen {
    ids: HashSet<Uuid>,
    order: VecDeque<(Instant, Uuid)>,
}

/// Prefect's own numbers.
const REMEMBERED_FOR: Duration = Duration::from_secs(120);
const MOST_REMEMBERED: usize = 500_000;

impl Seen {
    /// `false` where it was there before.
    fn insert(&mut self, id: Uuid, now: Instant) -> bool {
        while let Some((at, old)) = self.order.front()
            && (self.order.len() >= MOST_REMEMBERED || now.duration_since(*at) > REMEMBERED_FOR)
        {
            self.ids.remove(old);
            self.order.pop_front();
        }
        let is_new = self.ids.insert(id);
        if is_new {
            self.order.push_back((now, id));
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_new_once_within_two_minutes() {
        let (mut seen, now) = (Seen::default(), Instant::now());
        assert!(seen.insert(Uuid::from_u128(1), now));
        assert!(!seen.insert(Uuid::from_u128(1), now + REMEMBERED_FOR));
        assert!(seen.insert(Uuid::from_u128(2), now + REMEMBERED_FOR * 2));
        assert!(seen.insert(Uuid::from_u128(1), now + REMEMBERED_FOR * 2));
        assert_eq!(seen.ids.len(), seen.order.len());
    }
}
