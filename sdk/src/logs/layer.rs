//! A layer for `tracing`.

use std::fmt::{self, Write};

use prefect_client::models::LogCreate;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::{Error, RunContext};

/// Ships what a run says through `tracing` to Prefect, as the logs of that run. It is made by a log sender:
///
#[cfg_attr(feature = "blocking", doc = "```no_run")]
#[cfg_attr(not(feature = "blocking"), doc = "```ignore")]
/// use prefect_sdk::{RunContext, client::PrefectClient, logs::{LogSender, SendLogsOptions}};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let sender = LogSender::start(&PrefectClient::from_env()?, &SendLogsOptions::new())?;
/// if let Some(run) = RunContext::from_env()? {
///     let subscriber = tracing_subscriber::registry().with(sender.layer(&run)?);
///     let _guard = tracing::subscriber::set_default(subscriber);
///     tracing::info!(orders = 12, "half of it is done");
/// }
/// sender.flush(std::time::Duration::from_secs(5))?;
/// # Ok::<(), prefect_sdk::Error>(())
/// ```
///
/// Levels are Python's numbers: 5 trace, 10 debug, 20 info, 30 warning, 40 error. A log is the event's message followed
/// by its fields. What the way to the server says itself (this crate, its HTTP and its websockets) is never shipped. A
/// log for which the sender has no room is lost.
pub struct PrefectLayer {
    run: RunContext,
    ship: Box<dyn Fn(LogCreate) -> Result<(), Error> + Send + Sync>,
}

/// The crates that logs travel through: were their own shipped, each would make others.
const WAY_TO_THE_SERVER: [&str; 14] = [
    "prefect_sdk",
    "prefect_client",
    "diptych_runtime",
    "reqwest",
    "hyper",
    "hyper_util",
    "hyper_rustls",
    "h2",
    "tower",
    "rustls",
    "tokio_rustls",
    "tungstenite",
    "tokio_tungstenite",
    "mio",
];

impl PrefectLayer {
    pub(super) fn new(
        run: &RunContext,
        ship: impl Fn(LogCreate) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        // Says now rather than with each log that there is no run.
        super::of_run(run, 0, String::new())?;
        Ok(Self {
            run: run.clone(),
            ship: Box::new(ship),
        })
    }
}

impl<S: Subscriber> Layer<S> for PrefectLayer {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let Some(text) = said(event) else {
            return;
        };
        let level = number(*event.metadata().level());
        // A layer has nobody to tell that there is no room.
        drop(super::of_run(&self.run, level, text).and_then(&self.ship));
    }
}

/// An event as text, unless the way to the server says it.
pub(super) fn said(event: &Event<'_>) -> Option<String> {
    if is_way_to_the_server(event.metadata().target()) {
        return None;
    }
    let mut text = Text::default();
    event.record(&mut text);
    (!text.is_own).then(|| text.message + &text.fields)
}

impl fmt::Debug for PrefectLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PrefectLayer").field(&self.run).finish()
    }
}

/// The level as Python numbers it.
pub(super) fn number(level: Level) -> i64 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    }
}

fn is_way_to_the_server(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or_default();
    WAY_TO_THE_SERVER.contains(&name)
}

/// An event as text.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
    /// Whether it came from the crate `log`, and from the way to the server.
    is_own: bool,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.is_own = is_way_to_the_server(value);
        }
        if field.name() == "message" {
            self.message.push_str(value);
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a text does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name if name.starts_with("log.") => Ok(()),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;
    use uuid::Uuid;

    use super::*;

    fn shipped(run: &RunContext, say: impl FnOnce()) -> Vec<LogCreate> {
        let shipped = Arc::new(Mutex::new(Vec::new()));
        let for_layer = Arc::clone(&shipped);
        let layer = PrefectLayer::new(run, move |log| {
            for_layer.lock().unwrap().push(log);
            Ok(())
        });
        let subscriber = tracing_subscriber::registry().with(layer.unwrap());
        tracing::subscriber::with_default(subscriber, say);
        std::mem::take(&mut shipped.lock().unwrap())
    }

    #[test]
    fn what_is_said_is_shipped_with_pythons_numbers() {
        let run = RunContext::flow_run(Uuid::from_u128(1));
        let logs = shipped(&run, || {
            tracing::trace!(target: "shop", "a");
            tracing::debug!(target: "shop", "b");
            tracing::info!(target: "shop", orders = 12, name = "x", "half of {}", "it");
            tracing::warn!(target: "shop", "d");
            tracing::error!(target: "shop", "e");
        });
        let levels: Vec<i64> = logs.iter().map(|log| log.level).collect();
        assert_eq!(levels, [5, 10, 20, 30, 40]);
        assert_eq!(logs[2].message, "half of it orders=12 name=\"x\"");
        assert_eq!(logs[2].name, "prefect.flow_runs");
        assert_eq!(logs[2].flow_run_id, Some(Uuid::from_u128(1)));
        let task = run.task_run(Uuid::from_u128(2));
        let logs = shipped(&task, || tracing::info!(target: "shop", "f"));
        assert_eq!(logs[0].name, "prefect.task_runs");
        assert_eq!(logs[0].task_run_id, Some(Uuid::from_u128(2)));
    }

    #[test]
    fn what_the_way_to_the_server_says_is_not_shipped() {
        let run = RunContext::flow_run(Uuid::from_u128(1));
        let logs = shipped(&run, || {
            tracing::error!(target: "hyper::client", "a");
            tracing::error!(target: "prefect_sdk::logs", "b");
            tracing::error!(target: "log", { log.target = "tungstenite::protocol" }, "c");
            tracing::error!(target: "hyperbole", "d");
            tracing::error!(target: "log", { log.target = "somebody" }, "e");
        });
        let messages: Vec<&str> = logs.iter().map(|log| log.message.as_str()).collect();
        assert_eq!(messages, ["d", "e"]);
    }

    #[test]
    fn there_must_be_a_run() {
        let layer = PrefectLayer::new(&RunContext::default(), |_| Ok(()));
        assert!(layer.unwrap_err().is_invalid());
    }
}
