//! Events in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::Event;

use super::build;
#[dual(sdk)]
use super::delivery::adeliver;
use super::outbox::{Limits, Outbox};
use crate::Error;
#[dual(sdk)]
use crate::background::{AsyncHandle, AsyncMailbox, abegin};
use crate::faces::sdk;
use crate::websocket::{EVENTS_IN, Endpoint};

/// What is optional about sending events in the background.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SendEvents {
    /// After how many events the server is asked to confirm; 700 unless set, as Prefect does.
    pub checkpoint_every: usize,
    /// After what time it is asked where fewer were sent; 30 s unless set, as Prefect does.
    pub checkpoint_interval: Duration,
    /// How many events may wait to be confirmed; 100,000 unless set.
    pub max_events: usize,
    /// How large the events that wait to be confirmed may be as JSON, in bytes; 64 MiB unless set.
    pub max_bytes: usize,
}

impl Default for SendEvents {
    fn default() -> Self {
        Self {
            checkpoint_every: 700,
            checkpoint_interval: Duration::from_secs(30),
            max_events: 100_000,
            max_bytes: 64 * 1024 * 1024,
        }
    }
}

impl SendEvents {
    /// As Prefect sends events.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`checkpoint_every`](field@Self::checkpoint_every), at least 1.
    #[must_use]
    pub fn checkpoint_every(mut self, events: usize) -> Self {
        self.checkpoint_every = events.max(1);
        self
    }

    /// Sets [`checkpoint_interval`](field@Self::checkpoint_interval).
    #[must_use]
    pub fn checkpoint_interval(mut self, interval: Duration) -> Self {
        self.checkpoint_interval = interval;
        self
    }

    /// Sets [`max_events`](field@Self::max_events), at least 1.
    #[must_use]
    pub fn max_events(mut self, events: usize) -> Self {
        self.max_events = events.max(1);
        self
    }

    /// Sets [`max_bytes`](field@Self::max_bytes).
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    fn limits(&self) -> Limits {
        Limits {
            checkpoint_every: self.checkpoint_every.max(1),
            checkpoint_interval: self.checkpoint_interval,
            max_events: self.max_events,
            max_bytes: self.max_bytes,
        }
    }
}

/// Sends events in the background, over a websocket, and loses none with a connection: what the server has not
/// confirmed is sent again over the next one. An event may so arrive twice; the server stores it once, by its id.
///
/// Clones send over the same connection. When the last one is dropped, which waits for nothing, what is left is still
/// sent, as long as the process (in the async face, the runtime) lives and at most ten attempts in a row fail: see
/// [`flush`](Self::flush).
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{client::AsyncPrefectClient, events::{AsyncEventSender, EmitEvent, SendEvents}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let sender = AsyncEventSender::start(&client, &SendEvents::new())?;
/// for number in 0..1000 {
///     let resource = [("prefect.resource.id", format!("shop.order.{number}"))];
///     sender.send(&EmitEvent::new().build("shop.order.placed", resource)?)?;
/// }
/// sender.flush(Duration::from_secs(10)).await?;
/// # Ok(()) }
/// ```
#[dual(sdk)]
#[derive(Clone)]
pub struct AsyncEventSender {
    handle: Arc<AsyncHandle<Outbox>>,
}

#[dual(sdk)]
impl AsyncEventSender {
    /// Starts a sender. It connects in the background.
    ///
    /// # Errors
    ///
    /// The client's configuration can't be used for a websocket, or nothing can be started in the background: no thread
    /// or, in the async face, no task, as this is not called within a tokio runtime.
    pub fn start(client: &AsyncPrefectClient, options: &SendEvents) -> Result<Self, Error> {
        let endpoint = Endpoint::new(client.config(), EVENTS_IN)?;
        let outbox = Outbox::new(options.limits(), Instant::now());
        let (handle, mailbox) = AsyncMailbox::new(outbox);
        #[dual(async)]
        abegin(async move { adeliver(&endpoint, &mailbox).await })?;
        #[dual(blocking)]
        begin(move || deliver(&endpoint, &mailbox))?;
        Ok(Self {
            handle: Arc::new(handle),
        })
    }

    /// Takes an event to send it soon. It never waits for the network.
    ///
    /// # Errors
    ///
    /// The event is one that the server would not take ([`Error::is_invalid`]); as much waits to be confirmed as
    /// [`SendEvents`] allows, so that the event is *not* taken ([`Error::is_full`]); or the server does not accept the
    /// client ([`Error::is_refused`]).
    pub fn send(&self, event: &Event) -> Result<(), Error> {
        let text = build::checked_text(event)?;
        self.handle.put(|outbox| outbox.push(text.into()))
    }

    /// Waits until the server has confirmed every event that was given to the sender before.
    ///
    /// # Errors
    ///
    /// It took longer than the timeout, and sending goes on ([`Error::is_timeout`]); or the server does not accept the
    /// client ([`Error::is_refused`]).
    pub async fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.handle.flush(timeout).await
    }
}
