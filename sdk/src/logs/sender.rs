//! Logs in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::LogCreate;
use uuid::Uuid;

use super::fit::fit;
use crate::Error;
#[dual(sdk)]
use crate::background::{AsyncHandle, AsyncMailbox, AsyncShip, abegin, adeliver, asending};
use crate::background::{Described, Item, Limits, OnRejected, Outbox, Sought, Storing};
use crate::faces::sdk;

/// What is optional about sending logs in the background.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SendLogsOptions {
    /// How long a log waits for others; 2 s unless set, as Prefect does.
    pub batch_interval: Duration,
    /// How large a batch may be as JSON, in bytes; 3,000,000 unless set, as Prefect does.
    pub batch_bytes: usize,
    /// How large a log may be as JSON, in bytes: the message of a larger one is cut. 1,000,000 unless set, and 25,000
    /// on Prefect Cloud, as Prefect does.
    pub log_bytes: Option<usize>,
    /// How many logs may wait; 100,000 unless set.
    pub max_logs: usize,
    /// How large the logs that wait may be as JSON, in bytes; 64 MiB unless set.
    pub max_bytes: usize,
    on_rejected: OnRejected<LogCreate>,
}

/// How many logs one request may have: the server stores so many at once, or none of them.
const MOST_AT_ONCE: usize = 1000;

impl Default for SendLogsOptions {
    fn default() -> Self {
        Self {
            batch_interval: Duration::from_secs(2),
            batch_bytes: 3_000_000,
            log_bytes: None,
            max_logs: 100_000,
            max_bytes: 64 * 1024 * 1024,
            on_rejected: OnRejected::default(),
        }
    }
}

impl SendLogsOptions {
    /// As Prefect sends logs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`batch_interval`](field@Self::batch_interval).
    #[must_use]
    pub fn batch_interval(mut self, interval: Duration) -> Self {
        self.batch_interval = interval;
        self
    }

    /// Sets [`batch_bytes`](field@Self::batch_bytes).
    #[must_use]
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.batch_bytes = bytes;
        self
    }

    /// Sets [`log_bytes`](field@Self::log_bytes).
    #[must_use]
    pub fn log_bytes(mut self, bytes: usize) -> Self {
        self.log_bytes = Some(bytes);
        self
    }

    /// Sets [`max_logs`](field@Self::max_logs), at least 1.
    #[must_use]
    pub fn max_logs(mut self, logs: usize) -> Self {
        self.max_logs = logs.max(1);
        self
    }

    /// Sets [`max_bytes`](field@Self::max_bytes).
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets what is called, in the background, with each log that the server can't read, and with what is wrong with it.
    /// [`flush`](AsyncLogSender::flush) says so as well.
    #[must_use]
    pub fn on_rejected(
        mut self,
        callback: impl Fn(&LogCreate, &str) + Send + Sync + 'static,
    ) -> Self {
        self.on_rejected = OnRejected::new(callback);
        self
    }

    fn limits(&self, api: &str) -> Limits {
        Limits {
            interval: self.batch_interval,
            batch_items: MOST_AT_ONCE,
            batch_bytes: self.batch_bytes,
            max_items: self.max_logs.max(1),
            max_bytes: self.max_bytes,
            storing: Storing::WithAnswer,
            address: format!("{api}{}", LogCreate::PATH),
        }
    }

    fn log_bytes_of(&self, api: &str) -> usize {
        let usual = if crate::websocket::is_cloud(api) {
            25_000
        } else {
            1_000_000
        };
        self.log_bytes.unwrap_or(usual)
    }
}

impl Item for LogCreate {
    const PLURAL: &'static str = "logs";
    const OPTIONS: &'static str = "SendLogsOptions";
    const MAX_ITEMS: &'static str = "max_logs";
    const PATH: &'static str = "/logs/";

    /// Logs are stored before they are answered.
    type Trace = ();

    fn operation() -> &'static str {
        prefect_client::operations::CREATE_LOGS.name()
    }

    /// Without the message, which may hold anything.
    fn describe(&self) -> Described {
        let (name, level, at) = (&self.name, self.level, self.timestamp);
        Described {
            id: None,
            name: format!("the log of `{name}` with level {level} at {at}"),
        }
    }

    fn trace(&self) {}
}

#[dual(sdk)]
impl AsyncShip for LogCreate {
    async fn ship(
        client: &AsyncPrefectClient,
        items: &[Self],
    ) -> Result<(), prefect_client::Error> {
        client.create_logs(items).await.map(drop)
    }

    async fn stored(
        _client: &AsyncPrefectClient,
        traces: &[()],
    ) -> Result<usize, prefect_client::Error> {
        Ok(traces.len())
    }

    async fn in_state(
        _client: &AsyncPrefectClient,
        sought: &Sought,
    ) -> Result<usize, prefect_client::Error> {
        Ok(sought.ids.len())
    }

    async fn states(
        _client: &AsyncPrefectClient,
        _ids: &[Uuid],
    ) -> Result<Vec<(Uuid, String)>, prefect_client::Error> {
        Ok(Vec::new())
    }
}

/// Sends logs in the background, many in one request, and loses none: a batch is sent again until the server has it.
/// Where only the answer was lost, its logs are stored twice, as a log has no id of its own before it is stored; Prefect's
/// own handler loses the batch. A log that the server can't read holds up no other: it is named by [`flush`](Self::flush),
/// and given to [`SendLogsOptions::on_rejected`].
///
/// Clones send together. When the last one is dropped, what is left is still sent, as long as the process (in the async
/// face, the runtime) lives and at most ten attempts in a row fail. The blocking face waits for that when it drops one,
/// but no longer than five seconds; the async one does not wait, so [`flush`](Self::flush) before. Either says in a
/// warning how many logs are not delivered. Layers are no clones: keep a sender to the end of the program.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{RunContext, client::{AsyncPrefectClient, models::LogCreate}};
/// # use prefect_sdk::logs::{AsyncLogSender, SendLogsOptions};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let sender = AsyncLogSender::start(&client, &SendLogsOptions::new())?;
/// sender.log(&run, 20, "half of it is done")?;
/// sender.flush(Duration::from_secs(5)).await?;
/// # Ok(()) }
/// ```
#[dual(sdk)]
#[derive(Clone)]
pub struct AsyncLogSender {
    handle: Arc<AsyncHandle<LogCreate>>,
    log_bytes: usize,
}

#[dual(sdk)]
impl AsyncLogSender {
    /// Starts a sender.
    ///
    /// # Errors
    ///
    /// Nothing can be started in the background: no thread or, in the async face, no task, as this is not called within
    /// a tokio runtime.
    pub fn start(client: &AsyncPrefectClient, options: &SendLogsOptions) -> Result<Self, Error> {
        let api = client.config().base_url();
        let (handle, mailbox) = AsyncMailbox::new(Outbox::new(options.limits(&api)));
        let (client, on_rejected) = (asending(client), options.on_rejected.clone());
        #[dual(async)]
        abegin(async move { adeliver(&client, &mailbox, &on_rejected).await })?;
        #[dual(blocking)]
        begin(move || deliver(&client, &mailbox, &on_rejected))?;
        Ok(Self {
            handle: Arc::new(handle),
            log_bytes: options.log_bytes_of(&api),
        })
    }

    /// Takes a log to send it soon. It never waits for the network.
    ///
    /// # Errors
    ///
    /// As much waits as [`SendLogsOptions`] allows, so that the log is *not* taken ([`Error::is_full`]); or the server does not
    /// accept the client ([`Error::is_refused`]).
    pub fn send(&self, log: LogCreate) -> Result<(), Error> {
        let (log, bytes) = fit(log, self.log_bytes)?;
        let slot = self.handle.slot();
        slot.put(|outbox| outbox.push(log, bytes, Instant::now()))
    }

    /// Takes what a run has to say, now and at a level as Python numbers them (10 debug, 20 info, 30 warning, 40 error).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); or there is no run ([`Error::is_invalid`]).
    pub fn log(
        &self,
        run: &crate::RunContext,
        level: i64,
        message: impl Into<String>,
    ) -> Result<(), Error> {
        self.send(super::of_run(run, level, message.into())?)
    }

    /// Waits until the server has every log that was given to the sender before.
    ///
    /// # Errors
    ///
    /// The server can't read some of them ([`Error::is_rejected`], and [`Error::rejected`] says which); it took longer
    /// than the timeout, and sending goes on ([`Error::is_timeout`]), with what is still held and why; or the server does
    /// not accept the client ([`Error::is_refused`]).
    pub async fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.handle.flush(timeout).await
    }

    /// A layer for `tracing` that sends what this run says, for as long as a sender is there: it is no clone, so that the
    /// last sender's drop waits for what was said even where the layer stays to the end of the program.
    ///
    /// # Errors
    ///
    /// There is no run ([`Error::is_invalid`]).
    #[cfg(feature = "tracing-layer")]
    pub fn layer(&self, run: &crate::RunContext) -> Result<super::PrefectLayer, Error> {
        super::PrefectLayer::new(run, self.slot())
    }

    /// Takes logs as [`send`](Self::send) does, for as long as a sender is there.
    #[cfg(any(feature = "tracing-layer", feature = "flows"))]
    pub(crate) fn slot(
        &self,
    ) -> impl Fn(LogCreate) -> Result<(), Error> + Send + Sync + 'static + use<> {
        let (slot, log_bytes) = (Arc::clone(self.handle.slot()), self.log_bytes);
        move |log| {
            let (log, bytes) = fit(log, log_bytes)?;
            slot.put(|outbox| outbox.push(log, bytes, Instant::now()))
        }
    }
}
