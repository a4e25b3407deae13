//! Logs of runs: shipped to Prefect, and heard from it.
//!
//! [`AsyncLogSender`] ships them in the background, and its layer what is said through `tracing`; `RunLayer` (features
//! `tracing-layer` and `flows`) ships what flows and tasks of this program say, each as a log of its run; [`asubscribe`] hears those
//! that a filter lets through.

mod feed;
mod fit;
#[cfg(feature = "tracing-layer")]
mod layer;
#[cfg(feature = "flows")]
mod routes;
#[cfg(all(feature = "tracing-layer", feature = "flows"))]
mod run_layer;
mod sender;
mod settings;

use chrono::Utc;
use diptych_macros::dual;
use prefect_client::models::LogCreate;

pub use feed::LogFeed;
#[dual(sdk)]
pub use feed::{AsyncLogSubscriber, asubscribe};
#[cfg(feature = "tracing-layer")]
pub use layer::PrefectLayer;
#[cfg(feature = "flows")]
pub(crate) use routes::{Route, span_of_flow_run, span_of_task_run, wanted};
#[cfg(all(feature = "tracing-layer", feature = "flows"))]
pub use run_layer::RunLayer;
#[cfg(all(feature = "tracing-layer", feature = "flows"))]
pub(crate) use run_layer::install;
#[dual(sdk)]
pub use sender::AsyncLogSender;
pub use sender::SendLogsOptions;

use crate::faces::sdk;
#[dual(sdk)]
pub use crate::websocket::AsyncSubscriber;
pub use crate::websocket::{Feed, SubscribeOptions};
use crate::{Error, RunContext};

/// What a run says now, under the name that Prefect's own logger for it has.
fn of_run(run: &RunContext, level: i64, message: String) -> Result<LogCreate, Error> {
    if run.flow_run_id.is_none() && run.task_run_id.is_none() {
        return Err(Error::invalid("a log belongs to a run, and there is none"));
    }
    let name = match run.task_run_id {
        Some(_) => "prefect.task_runs",
        None => "prefect.flow_runs",
    };
    let mut log = LogCreate::new(name, level, message, Utc::now());
    log.flow_run_id = run.flow_run_id;
    log.task_run_id = run.task_run_id;
    Ok(log)
}
