//! Events in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{
    Countable, Event, EventFilter, EventIdFilter, EventOccurredFilter, TaskRunFilter,
    TaskRunFilterId, TaskRunFilterState, TaskRunFilterStateName,
};
use prefect_client::requests::{CountTaskRuns, ReadTaskRuns};
use prefect_client::written;
#[cfg(feature = "flows")]
use prefect_client::{Attempt, AttemptOutcome};
use uuid::Uuid;

use super::written::Written;
use crate::Error;
#[cfg(feature = "flows")]
use crate::background::Heard;
#[dual(sdk)]
use crate::background::{AsyncHandle, AsyncMailbox, AsyncShip, abegin, adeliver, asending};
use crate::background::{Described, Item, Limits, OnRejected, Outbox, Sought, Storing, Tells};
use crate::faces::sdk;

/// What is optional about sending events in the background.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SendEventsOptions {
    /// After how many events they are sent, in one request that the server confirms; 200 unless set, and at most 500, as
    /// the server remembers 1,000 ids to tell what comes again.
    pub checkpoint_every: usize,
    /// After what time they are sent where they are fewer; 100 ms unless set.
    pub checkpoint_interval: Duration,
    /// How many events are held until they are confirmed; 100,000 unless set.
    pub max_events: usize,
    /// How large the events that are held may be as JSON, in bytes; 64 MiB unless set.
    pub max_bytes: usize,
    /// When an event counts as delivered; as soon as the server took it unless set.
    pub confirmation: Confirmation,
    makes_runs: bool,
    on_rejected: OnRejected<Event>,
}

/// When an event counts as delivered, and is no longer held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Confirmation {
    /// When the server has answered that it took it. What the server then does with it is not seen: Prefect's keeps events
    /// in memory for up to five seconds, and loses those where its process ends meanwhile.
    #[default]
    Taken,
    /// When the server has it in its storage, which it is asked for. What does not appear there within 15 seconds is sent
    /// again. It takes a [`flush`](AsyncEventSender::flush) some seconds longer, and needs a server that says what it has
    /// stored.
    Stored,
}

/// How many events are sent ahead of what is seen to be stored, a part of the 10,000 that the server has room for: others send as well.
const MOST_AHEAD: usize = 2000;

/// How many are sent ahead of the task runs that are seen to be made of them: of a thousand task runs, nobody has to wait for any.
const MOST_AHEAD_OF_RUNS: usize = 3000;

/// How many events one request may have: the server tells what comes again from 1,000 ids that it remembers.
const MOST_AT_ONCE: usize = 500;

/// How large a request may be; an event may be half of that.
const REQUEST_BYTES: usize = 3_000_000;

impl Default for SendEventsOptions {
    fn default() -> Self {
        Self {
            checkpoint_every: 200,
            checkpoint_interval: Duration::from_millis(100),
            max_events: 100_000,
            max_bytes: 64 * 1024 * 1024,
            confirmation: Confirmation::Taken,
            makes_runs: false,
            on_rejected: OnRejected::default(),
        }
    }
}

impl SendEventsOptions {
    /// As Prefect sends events.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// As those of runs are sent: again, where the server's process may have ended before it made task runs of them.
    #[cfg(feature = "flows")]
    pub(crate) fn of_runs() -> Self {
        Self {
            makes_runs: true,
            ..Self::default()
        }
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

    /// Sets [`confirmation`](field@Self::confirmation).
    #[must_use]
    pub fn confirmation(mut self, confirmation: Confirmation) -> Self {
        self.confirmation = confirmation;
        self
    }

    /// Sets what is called, in the background, with each event that the server can't read, and with what is wrong with
    /// it. [`flush`](AsyncEventSender::flush) says so as well.
    #[must_use]
    pub fn on_rejected(mut self, callback: impl Fn(&Event, &str) + Send + Sync + 'static) -> Self {
        self.on_rejected = OnRejected::new(callback);
        self
    }

    fn limits(&self, api: &str) -> Limits {
        Limits {
            interval: self.checkpoint_interval,
            batch_items: self.checkpoint_every.clamp(1, MOST_AT_ONCE),
            batch_bytes: REQUEST_BYTES,
            max_items: self.max_events.max(1),
            max_bytes: self.max_bytes,
            storing: match self.confirmation {
                Confirmation::Taken if self.makes_runs => Storing::MadeLater(MOST_AHEAD_OF_RUNS),
                Confirmation::Taken => Storing::Later(MOST_AHEAD),
                Confirmation::Stored => Storing::LaterAndHeld(MOST_AHEAD),
            },
            address: format!("{api}{}", Written::PATH),
        }
    }
}

impl Item for Written {
    const PLURAL: &'static str = "events";
    const OPTIONS: &'static str = "SendEventsOptions";
    const MAX_ITEMS: &'static str = "max_events";
    const PATH: &'static str = "/events";

    /// Its id, and when it occurred.
    type Trace = (Uuid, DateTime<Utc>);

    fn operation() -> &'static str {
        prefect_client::operations::CREATE_EVENTS.name()
    }

    fn describe(&self) -> Described {
        Described {
            id: Some(self.id),
            name: self.name.clone(),
        }
    }

    fn trace(&self) -> Self::Trace {
        (self.id, self.occurred)
    }

    const THINGS: &'static str = "task runs";

    fn tells(&self) -> Option<Tells> {
        self.tells.clone()
    }
}

#[dual(sdk)]
impl AsyncShip for Written {
    async fn ship(
        client: &AsyncPrefectClient,
        items: &[Self],
    ) -> Result<(), prefect_client::Error> {
        client.execute(written::create_events(items)).await
    }

    async fn stored(
        client: &AsyncPrefectClient,
        traces: &[Self::Trace],
    ) -> Result<usize, prefect_client::Error> {
        let filter = with_traces(traces);
        let counts = client
            .count_account_events(&Countable::Event, &filter)
            .await?;
        let count: i64 = counts.iter().map(|event| event.count).sum();
        Ok(usize::try_from(count).unwrap_or_default())
    }

    async fn in_state(
        client: &AsyncPrefectClient,
        sought: &Sought,
    ) -> Result<usize, prefect_client::Error> {
        let state =
            TaskRunFilterState::new().name(TaskRunFilterStateName::new().any([&sought.state]));
        let filter = with_ids(&sought.ids).state(state);
        let request = CountTaskRuns::new().task_runs(filter);
        let count = client.count_task_runs_with(&request).await?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    async fn states(
        client: &AsyncPrefectClient,
        ids: &[Uuid],
    ) -> Result<Vec<(Uuid, String)>, prefect_client::Error> {
        let request = ReadTaskRuns::new().task_runs(with_ids(ids));
        let runs = client.read_task_runs_with(&request).await?;
        let states = runs.into_iter().map(|run| {
            let state = run.state_name.unwrap_or_default();
            (run.id, state)
        });
        Ok(states.collect())
    }
}

impl OnRejected<Event> {
    /// The same for those that are sent.
    fn of_events(&self) -> OnRejected<Written> {
        let callback = self.clone();
        OnRejected::new(move |written: &Written, reason| {
            if let Some(event) = written.event() {
                callback.call(&event, reason);
            }
        })
    }
}

fn with_ids(ids: &[Uuid]) -> TaskRunFilter {
    TaskRunFilter::new().id(TaskRunFilterId::new().any(ids.iter().copied()))
}

/// Left to itself, the server looks at half a year up to now only.
fn with_traces(traces: &[(Uuid, DateTime<Utc>)]) -> EventFilter {
    let ids = traces.iter().map(|(id, _)| *id);
    let times = || traces.iter().map(|(_, occurred)| *occurred);
    let mut occurred = EventOccurredFilter::new();
    (occurred.since, occurred.until) = (times().min(), times().max());
    EventFilter::new()
        .id(EventIdFilter::new().id(ids))
        .occurred(occurred)
}

/// Sends events in the background, many in one request, and loses none: what the server has not confirmed is sent again.
/// An event may so arrive twice; the server stores it once, by its id. One that the server can't read holds up no other:
/// it is named by [`flush`](Self::flush), and given to [`SendEventsOptions::on_rejected`].
///
/// Clones send together. When the last one is dropped, what is left is still sent, as long as the process (in the async
/// face, the runtime) lives and at most ten attempts in a row fail. The blocking face waits for that when it drops one,
/// but no longer than five seconds; the async one does not wait, so [`flush`](Self::flush) before. Either says in a
/// warning how many events are not delivered.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{client::AsyncPrefectClient, events::{AsyncEventSender, EmitEventOptions, SendEventsOptions}};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let sender = AsyncEventSender::start(&client, &SendEventsOptions::new())?;
/// for number in 0..1000 {
///     let resource = [("prefect.resource.id", format!("shop.order.{number}"))];
///     sender.send(&EmitEventOptions::new().build("shop.order.placed", resource)?)?;
/// }
/// sender.flush(Duration::from_secs(10)).await?;
/// # Ok(()) }
/// ```
#[dual(sdk)]
#[derive(Clone)]
pub struct AsyncEventSender {
    handle: Arc<AsyncHandle<Written>>,
}

#[dual(sdk)]
impl AsyncEventSender {
    /// Starts a sender. It connects in the background.
    ///
    /// # Errors
    ///
    /// Nothing can be started in the background: no thread or, in the async face, no task, as this is not called within
    /// a tokio runtime.
    pub fn start(client: &AsyncPrefectClient, options: &SendEventsOptions) -> Result<Self, Error> {
        let outbox = Outbox::new(options.limits(&client.config().base_url()));
        let (handle, mailbox) = AsyncMailbox::new(outbox);
        let (client, on_rejected) = (asending(client), options.on_rejected.of_events());
        #[dual(async)]
        abegin(async move { adeliver(&client, &mailbox, &on_rejected).await })?;
        #[dual(blocking)]
        begin(move || deliver(&client, &mailbox, &on_rejected))?;
        Ok(Self {
            handle: Arc::new(handle),
        })
    }

    /// Takes an event to send it soon. It never waits for the network.
    ///
    /// # Errors
    ///
    /// The event is one that the server would not take ([`Error::is_invalid`]), also one that it would drop without a
    /// word; as much waits to be confirmed as [`SendEventsOptions`] allows, so that the event is *not* taken
    /// ([`Error::is_full`]); or the server does not accept the client ([`Error::is_refused`]).
    pub fn send(&self, event: &Event) -> Result<(), Error> {
        let event = Written::of(event)?;
        let slot = self.handle.slot();
        let bytes = event.bytes();
        slot.put(|outbox| outbox.push(event, bytes, Instant::now()))
    }

    /// As [`send`](Self::send), of one that is taken out of there; it stays where it is not taken.
    #[cfg(feature = "flows")]
    pub(crate) fn send_written(&self, event: &mut Option<Written>) -> Result<(), Error> {
        let bytes = event.as_ref().map_or(0, Written::bytes);
        let slot = self.handle.slot();
        slot.put(|outbox| outbox.push_out_of(event, bytes, Instant::now()))
    }

    /// As [`send`](Self::send), also where as much waits as may: for what nobody could send later.
    #[cfg(feature = "flows")]
    pub(crate) fn send_in_any_case(&self, event: Written) -> Result<(), Error> {
        let slot = self.handle.slot();
        let bytes = event.bytes();
        slot.put(|outbox| outbox.push_in_any_case(event, bytes, Instant::now()))
    }

    /// Waits until the server has confirmed every event that was given to the sender before: that it took it or, with
    /// [`Confirmation::Stored`], that it has stored it.
    ///
    /// # Errors
    ///
    /// The server can't read some of them ([`Error::is_rejected`], and [`Error::rejected`] says which); it took longer
    /// than the timeout, and sending goes on ([`Error::is_timeout`]), with what is still held and why; or the server does
    /// not accept the client ([`Error::is_refused`]).
    pub async fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.handle.flush(timeout).await
    }

    /// How much is not delivered yet, or not seen to be made.
    #[cfg(feature = "flows")]
    pub(crate) fn left(&self) -> usize {
        self.handle.slot().put(|outbox| outbox.left())
    }

    /// Says that everything that was given to the sender before is wanted soon.
    #[cfg(feature = "flows")]
    pub(crate) fn hurry(&self) {
        self.handle.hurry();
    }

    /// Waits until the server has made task runs of the events that tell of them, as far as it may have lost those since it took them.
    ///
    /// # Errors
    ///
    /// As of [`flush`](Self::flush); also where some are not seen to be in their last state after they were sent again (`Error::is_lost`).
    #[cfg(feature = "flows")]
    pub(crate) async fn until_sure(&self, timeout: Duration) -> Result<(), Error> {
        self.handle.until_sure(timeout).await
    }

    /// What came of an attempt to ask the same server something else: so it is known whether that still has what it took.
    #[cfg(feature = "flows")]
    pub(crate) fn heard(&self, attempt: &Attempt<'_>) {
        let heard = match attempt.outcome() {
            AttemptOutcome::Answered(answer) if answer.status().is_server_error() => Heard::Failure,
            AttemptOutcome::Answered(_) => Heard::Answer,
            AttemptOutcome::Failed(_) => Heard::Nothing,
        };
        let (took, now) = (attempt.elapsed(), Instant::now());
        let slot = self.handle.slot();
        slot.put(|outbox| outbox.heard(heard, took, now));
    }
}
