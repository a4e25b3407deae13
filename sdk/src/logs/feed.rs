//! Logs as they are heard.

use chrono::{DateTime, TimeDelta, Utc};
use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{Log, LogFilter, LogFilterTimestamp};
use prefect_client::requests::ReadLogs;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Error;
use crate::faces::sdk;
#[dual(sdk)]
use crate::websocket::AsyncSubscriber;
use crate::websocket::{self, Feed, SubscribeOptions, sealed};

/// Hears logs.
#[dual(sdk)]
pub type AsyncLogSubscriber = AsyncSubscriber<LogFeed>;

/// What an [`AsyncLogSubscriber`] hears.
#[derive(Clone, Debug)]
pub struct LogFeed {
    filter: LogFilter,
}

/// Hears the logs that the filter lets through, from now on. The server sends none again: what is logged while a
/// connection is lost is not heard, and is read with the client's `read_logs`.
///
/// ```no_run
/// # use prefect_sdk::client::{AsyncPrefectClient, models::{LogFilter, LogFilterLevel}};
/// # use prefect_sdk::logs::{SubscribeOptions, asubscribe};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let warnings = LogFilter::new().level(LogFilterLevel::new().ge(30));
/// let mut logs = asubscribe(&client, warnings, &SubscribeOptions::new()).await?;
/// while let Some(log) = logs.anext().await {
///     println!("{}", log?.message);
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The server does not accept the client ([`Error::is_refused`]), does not take the filter ([`Error::is_invalid`]), or
/// can't be reached ([`Error::is_connect`]).
#[dual(sdk, map(anext => next))]
pub async fn asubscribe(
    client: &AsyncPrefectClient,
    filter: LogFilter,
    options: &SubscribeOptions,
) -> Result<AsyncLogSubscriber, Error> {
    AsyncSubscriber::open(client, LogFeed { filter }, options).await
}

#[dual(sdk)]
impl sealed::Sealed for LogFeed {
    async fn acheck(&self, client: &AsyncPrefectClient) -> Result<(), prefect_client::Error> {
        let request = ReadLogs::new().logs(self.filter.clone()).limit(1);
        client.read_logs_with(&request).await.map(drop)
    }
}

impl Feed for LogFeed {
    type Item = Log;

    const PATH: &str = "/logs/out";

    /// Logs of the last minute and the next year, unless the filter says when.
    fn filter(&mut self, now: DateTime<Utc>) -> Value {
        let given = self.filter.timestamp.clone().unwrap_or_default();
        let timestamp = LogFilterTimestamp::new()
            .after(given.after.unwrap_or(now - TimeDelta::minutes(1)))
            .before(given.before.unwrap_or(now + TimeDelta::days(365)));
        let filter = self.filter.clone().timestamp(timestamp);
        json!({"type": "filter", "filter": filter})
    }

    fn read(&mut self, text: &str) -> Result<Log, serde_json::Error> {
        websocket::member(text, "log")
    }

    fn id(log: &Log) -> Uuid {
        log.id
    }
}
