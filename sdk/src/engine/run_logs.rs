//! What a run says through `tracing`, on its way to the server.

use std::sync::Arc;
use std::time::Duration;

use diptych_macros::dual;
#[dual(engine)]
use prefect_client::AsyncPrefectClient;
use uuid::Uuid;

use super::engine;
use crate::Error;
#[dual(engine)]
use crate::logs::AsyncLogSender;
use crate::logs::{self, Route, SendLogsOptions};

/// How long the last state of a run waits for its logs; as long as Python waits.
const DELIVERY: Duration = Duration::from_secs(5);

/// The logs of a flow run and of the task runs in it; nothing where nobody wants them.
#[dual(engine)]
pub(super) struct AsyncRunLogs(Option<(AsyncLogSender, Arc<Route>)>);

#[dual(engine)]
impl AsyncRunLogs {
    pub(super) fn begin(client: &AsyncPrefectClient, flow_run_id: Uuid) -> Result<Self, Error> {
        if !logs::is_wanted() {
            return Ok(Self(None));
        }
        let sender = AsyncLogSender::start(client, &SendLogsOptions::new())?;
        let route = Route::open(flow_run_id, sender.slot());
        Ok(Self(Some((sender, route))))
    }

    /// Waits until the server has them. What it does not take keeps no run from ending.
    pub(super) async fn delivered(&self) {
        if let Some((sender, _)) = &self.0
            && let Err(error) = sender.flush(DELIVERY).await
        {
            tracing::warn!("the server lacks logs of a run: {error}");
        }
    }
}
