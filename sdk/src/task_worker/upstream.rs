//! Runs that must have completed before another one begins.

use diptych_macros::dual;
#[dual(task_workers)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{StateType, TaskInput, TaskRun};
use uuid::Uuid;

use super::task_workers;
use crate::Error;
#[dual(task_workers)]
use crate::deadline::abounded;
#[dual(task_workers)]
use crate::faces::asleep;
use crate::flow_runs::is_last;
use crate::polling::{Missed, Polling};

/// How long there is between two looks at most.
const INTERVAL: std::time::Duration = std::time::Duration::from_secs(2);

/// The name among the inputs of a run, which Python gives it too.
pub(super) const WAIT_FOR: &str = "wait_for";

/// The task runs that this one waits for.
pub(super) fn upstreams(run: &TaskRun) -> Vec<Uuid> {
    let inputs = run.task_inputs.get(WAIT_FOR);
    let inputs = inputs.into_iter().flatten();
    inputs
        .filter_map(|input| match input {
            TaskInput::TaskRunResult(run) => Some(run.id),
            _ => None,
        })
        .collect()
}

/// Waits until all of them have ended; which of them did not complete, if one did not.
#[dual(task_workers)]
pub(super) async fn auntil_ended(
    client: &AsyncPrefectClient,
    upstreams: &[Uuid],
    is_stopping: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Option<Uuid>, Error> {
    let mut failed = None;
    for id in upstreams {
        let state = auntil_one_ended(client, *id, is_stopping).await?;
        if state != Some(StateType::Completed) {
            failed = failed.or(Some(*id));
        }
    }
    Ok(failed)
}

/// The last state of a run; `None` where there is no such run any more.
#[dual(task_workers)]
async fn auntil_one_ended(
    client: &AsyncPrefectClient,
    id: Uuid,
    is_stopping: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Option<StateType>, Error> {
    let (mut polling, mut missed) = (Polling::new(None, INTERVAL), Missed::default());
    loop {
        match abounded(client, polling.for_look()).read_task_run(id).await {
            Ok(run) => {
                missed.forget();
                let state = run.state.map(|state| state.type_);
                if state.as_ref().is_some_and(is_last) {
                    return Ok(state);
                }
            }
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) if missed.passes(&error) => {}
            Err(error) => return Err(error.into()),
        }
        if is_stopping() {
            return Err(Error::lost("the worker stops before the run could begin"));
        }
        asleep(polling.next_wait().unwrap_or(INTERVAL)).await;
    }
}

#[cfg(all(test, feature = "blocking"))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use prefect_client::operations::READ_TASK_RUN;
    use prefect_client::testing::{MockServer, Reply};
    use serde_json::json;

    use super::*;

    /// A run that is in these states, one after the other.
    fn going_through(states: &'static [&str]) -> MockServer {
        let (server, looks) = (MockServer::new(), AtomicUsize::new(0));
        server.on(&READ_TASK_RUN).answers_with(move |_| {
            let Some(state) = states.get(looks.fetch_add(1, Ordering::Relaxed)) else {
                return Reply::Failure(404, "gone".to_owned());
            };
            Reply::Json(json!({
                "id": Uuid::nil(), "task_key": "t", "dynamic_key": "0", "created": null, "updated": null,
                "state": {"id": Uuid::nil(), "type": state},
            }))
        });
        server
    }

    #[test]
    fn who_waits_hears_whether_all_completed() {
        let waited = |states, is_stopping: bool| {
            let upstreams = [Uuid::from_u128(1), Uuid::from_u128(2)];
            let client = going_through(states).client();
            until_ended(&client, &upstreams, &|| is_stopping)
        };
        let all = waited(&["PENDING", "RUNNING", "COMPLETED", "COMPLETED"], false);
        assert_eq!(all.unwrap(), None);
        let one = waited(&["FAILED", "COMPLETED"], false);
        assert_eq!(one.unwrap(), Some(Uuid::from_u128(1)));
        let gone = waited(&["COMPLETED"], false);
        assert_eq!(gone.unwrap(), Some(Uuid::from_u128(2)));
        assert!(waited(&["RUNNING"], true).unwrap_err().is_lost());
    }

    #[test]
    fn what_a_run_waits_for_is_among_its_inputs() {
        let run = json!({
            "id": Uuid::nil(), "task_key": "t", "dynamic_key": "0", "created": null, "updated": null,
            "task_inputs": {"x": [{"input_type": "task_run", "id": Uuid::from_u128(1)}], "wait_for": [
                {"input_type": "task_run", "id": Uuid::from_u128(2)}, {"input_type": "parameter", "name": "y"},
            ]},
        });
        let run: TaskRun = serde_json::from_value(run).unwrap();
        assert_eq!(upstreams(&run), [Uuid::from_u128(2)]);
    }
}
