//! Waiting until a server has what it was told.

use std::time::Duration;

use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{Event, TaskRun};
use uuid::Uuid;

use crate::Error;
#[dual(sdk)]
use crate::background::AsyncShip;
#[dual(sdk)]
use crate::deadline::abounded;
use crate::events::Written;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;
use crate::flow_runs::is_last;
use crate::polling::Polling;

/// How long there is between two looks at most.
const INTERVAL: Duration = Duration::from_millis(500);
/// How many events are asked for at once.
const AT_ONCE: usize = 200;

/// Waits until a server has stored these events, so that a test may look at what follows from them: a server answers before it
/// has. This is in the place of Python's `process_events` of the fixtures of events, and works with a real server, too.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{client::AsyncPrefectClient, events::{self, EmitEventOptions}, testing};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let (resource, options) = ([("prefect.resource.id", "shop.1")], EmitEventOptions::new());
/// let event = events::aemit_event(&client, "shop.closed", resource, &options).await?;
/// testing::await_for_events(&client, &[event], Duration::from_mins(1)).await
/// # }
/// ```
///
/// # Errors
///
/// It has not when the time is over ([`Error::is_timeout`]), or a call failed.
#[dual(sdk)]
pub async fn await_for_events(
    client: &AsyncPrefectClient,
    events: &[Event],
    timeout: Duration,
) -> Result<(), Error> {
    let mut polling = Polling::new(Some(timeout), INTERVAL);
    let mut chunks = events.chunks(AT_ONCE).peekable();
    while let Some(chunk) = chunks.peek() {
        let traces = chunk.iter().map(|event| (event.id, event.occurred));
        let traces: Vec<_> = traces.collect();
        let look = abounded(client, polling.for_look());
        let stored = <Written as AsyncShip>::stored(&look, &traces).await?;
        if stored >= traces.len() {
            chunks.next();
            continue;
        }
        let Some(wait) = polling.next_wait() else {
            let text = format!(
                "after {timeout:?} the server has {stored} of {}",
                traces.len()
            );
            return Err(Error::timeout(format!("{text} events")));
        };
        asleep(wait).await;
    }
    Ok(())
}

/// Waits until a server has the last states of these task runs, which travel as events, and gives the runs in that order. This is
/// in the place of Python's `process_events` of the fixtures of task runs, and works with a real server, too.
///
/// ```no_run
/// # use std::time::Duration;
/// # use prefect_sdk::{client::AsyncPrefectClient, testing};
/// # async fn run(id: uuid::Uuid) -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let runs = testing::await_for_task_runs(&client, &[id], Duration::from_mins(1)).await?;
/// assert_eq!(runs[0].state_name.as_deref(), Some("Completed"));
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// It has not when the time is over ([`Error::is_timeout`]), or a call failed. A run that is not known yet is waited for.
#[dual(sdk)]
pub async fn await_for_task_runs(
    client: &AsyncPrefectClient,
    ids: &[Uuid],
    timeout: Duration,
) -> Result<Vec<TaskRun>, Error> {
    let mut polling = Polling::new(Some(timeout), INTERVAL);
    let mut runs = Vec::with_capacity(ids.len());
    while let Some(id) = ids.get(runs.len()) {
        let state = match abounded(client, polling.for_look())
            .read_task_run(*id)
            .await
        {
            Ok(run) => {
                let type_ = run.state.as_ref().map(|state| state.type_.clone());
                if type_.as_ref().is_some_and(is_last) {
                    runs.push(run);
                    continue;
                }
                type_.map(|type_| type_.to_string())
            }
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error.into()),
        };
        let Some(wait) = polling.next_wait() else {
            let state = state.as_deref().unwrap_or("not known");
            let text = format!("after {timeout:?} the task run {id} has not ended: it is {state}");
            return Err(Error::timeout(text));
        };
        asleep(wait).await;
    }
    Ok(runs)
}
