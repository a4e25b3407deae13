//! What a run says through `tracing`, on its way to the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use tracing::level_filters::LevelFilter;
use uuid::Uuid;

use super::engine;
use crate::Error;
#[dual(engine)]
use crate::logs::AsyncLogSender;
use crate::logs::{self, Route};

/// How long the last state of a run waits for its logs; as long as Python waits.
const DELIVERY: Duration = Duration::from_secs(5);

/// The logs of a flow run and of the task runs in it; nothing where nobody wants them.
#[dual(engine)]
pub(super) struct AsyncRunLogs(Option<AsyncShipped>);

#[dual(engine)]
struct AsyncShipped {
    sender: AsyncLogSender,
    /// As long as it is there, they find their way.
    _route: Arc<Route>,
    /// Whether they were waited for in vain: once is enough.
    are_late: AtomicBool,
}

#[dual(engine)]
impl AsyncRunLogs {
    pub(super) fn begin(
        client: &AsyncPrefectClient,
        flow_run_id: Uuid,
        level: Option<LevelFilter>,
    ) -> Result<Self, Error> {
        Self::through(client, |sender| {
            Route::open(flow_run_id, level, sender.slot())
        })
    }

    /// Those of a task run that is part of no flow run, and by which they find their way.
    pub(super) fn without_flow(
        client: &AsyncPrefectClient,
        task_run_id: Uuid,
        level: Option<LevelFilter>,
    ) -> Result<Self, Error> {
        Self::through(client, |sender| {
            Route::of_task_run(task_run_id, None, level, sender.slot())
        })
    }

    /// They go the way that is opened so, where anybody wants them.
    fn through(
        client: &AsyncPrefectClient,
        open: impl FnOnce(&AsyncLogSender) -> Arc<Route>,
    ) -> Result<Self, Error> {
        let Some(options) = logs::wanted() else {
            return Ok(Self(None));
        };
        let sender = AsyncLogSender::start(client, &options)?;
        Ok(Self(Some(AsyncShipped {
            _route: open(&sender),
            sender,
            are_late: AtomicBool::new(false),
        })))
    }

    /// Waits until the server has them. What it does not take keeps no run from ending.
    pub(super) async fn delivered(&self) {
        let Some(shipped) = &self.0 else {
            return;
        };
        if shipped.are_late.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = shipped.sender.flush(DELIVERY).await {
            shipped
                .are_late
                .store(error.is_timeout(), Ordering::Relaxed);
            tracing::warn!("the server lacks logs of a run: {error}");
        }
    }
}
