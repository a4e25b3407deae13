//! Logs in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::LogCreate;

use super::batcher::{Batcher, Limits};
#[dual(sdk)]
use super::shipping::aship;
use crate::Error;
#[dual(sdk)]
use crate::background::{AsyncHandle, AsyncMailbox, abegin};
use crate::faces::sdk;

/// What is optional about sending logs in the background.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SendLogs {
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
}

impl Default for SendLogs {
    fn default() -> Self {
        Self {
            batch_interval: Duration::from_secs(2),
            batch_bytes: 3_000_000,
            log_bytes: None,
            max_logs: 100_000,
            max_bytes: 64 * 1024 * 1024,
        }
    }
}

impl SendLogs {
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

    fn limits(&self, api: &str) -> Limits {
        let usual = if crate::websocket::is_cloud(api) {
            25_000
        } else {
            1_000_000
        };
        Limits {
            interval: self.batch_interval,
            batch_bytes: self.batch_bytes,
            log_bytes: self.log_bytes.unwrap_or(usual),
            max_logs: self.max_logs,
            max_bytes: self.max_bytes,
        }
    }
}

/// Sends logs in the background, in batches, and loses none with a connection: a batch is sent again until the server
/// has it. Where only the answer was lost, its logs are stored twice, as a log has no id of its own before it is stored;
/// Prefect's own handler loses the batch.
///
/// Clones send together. When the last one is dropped, which waits for nothing, what is left is still sent, as long as
/// the process (in the async face, the runtime) lives and at most ten attempts in a row fail: see
/// [`flush`](Self::flush).
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{RunContext, client::{AsyncPrefectClient, models::LogCreate}};
/// # use prefect_sdk::logs::{AsyncLogSender, SendLogs};
/// # async fn run(run: RunContext) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let sender = AsyncLogSender::start(&client, &SendLogs::new())?;
/// sender.log(&run, 20, "half of it is done")?;
/// sender.flush(Duration::from_secs(5)).await?;
/// # Ok(()) }
/// ```
#[dual(sdk)]
#[derive(Clone)]
pub struct AsyncLogSender {
    handle: Arc<AsyncHandle<Batcher>>,
}

#[dual(sdk)]
impl AsyncLogSender {
    /// Starts a sender.
    ///
    /// # Errors
    ///
    /// Nothing can be started in the background: no thread or, in the async face, no task, as this is not called within
    /// a tokio runtime.
    pub fn start(client: &AsyncPrefectClient, options: &SendLogs) -> Result<Self, Error> {
        let batcher = Batcher::new(options.limits(&client.config().base_url()));
        let (handle, mailbox) = AsyncMailbox::new(batcher);
        let client = client.clone();
        #[dual(async)]
        abegin(async move { aship(&client, &mailbox).await })?;
        #[dual(blocking)]
        begin(move || ship(&client, &mailbox))?;
        Ok(Self {
            handle: Arc::new(handle),
        })
    }

    /// Takes a log to send it soon. It never waits for the network.
    ///
    /// # Errors
    ///
    /// As much waits as [`SendLogs`] allows, so that the log is *not* taken ([`Error::is_full`]).
    pub fn send(&self, log: LogCreate) -> Result<(), Error> {
        self.handle.put(|batcher| batcher.push(log, Instant::now()))
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
    /// It took longer than the timeout, and sending goes on ([`Error::is_timeout`]); or the server did not take some
    /// logs ([`Error::is_invalid`]).
    pub async fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.handle.flush(timeout).await
    }

    /// A layer for `tracing` that sends what this run says.
    ///
    /// # Errors
    ///
    /// There is no run ([`Error::is_invalid`]).
    #[cfg(feature = "tracing-layer")]
    pub fn layer(&self, run: &crate::RunContext) -> Result<super::PrefectLayer, Error> {
        let sender = self.clone();
        super::PrefectLayer::new(run, move |log| sender.send(log))
    }
}
