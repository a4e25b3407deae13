//! Tasks that are called with a client, outside of flows, beside Python's: what the server has of them in the end.

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::State;
use prefect_sdk::tasks::TaskOptions;
#[dual(crate::faces)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use serde_json::{Value, json};
use uuid::Uuid;

use super::endings::ValueError;
use super::given::X;
use super::rows;
use crate::{python, server};

const PYTHON: &str = r"
from prefect import task
from prefect.cache_policies import NO_CACHE

@task(name='inner', cache_policy=NO_CACHE)
def inner(x):
    return x + 1

@task(name='outer', tags=['alone'], task_run_name='outer-{x}', cache_policy=NO_CACHE)
def outer(x):
    return inner(x)

@task(name='fails', retries=1, cache_policy=NO_CACHE)
def fails():
    raise ValueError('no')

states = [outer(1, return_state=True), fails(return_state=True)]
answer([str(state.state_details.task_run_id) for state in states])
";

#[dual(crate::faces)]
async fn acalled_outside(client: &AsyncPrefectClient) -> Vec<State> {
    let inner = AsyncTask::new("inner", |_: AsyncTaskRun, given: X| async move {
        Ok::<_, ValueError>(given.x + 1)
    });
    let outer = AsyncTask::new("outer", move |run: AsyncTaskRun, given: X| {
        let inner = inner.clone();
        async move {
            let called = inner.call(&run, given).await;
            called.map_err(|failed| failed.raised().unwrap_or(ValueError("other")))
        }
    });
    let options = TaskOptions::new()
        .tags(["alone"])
        .task_run_name("outer-{x}");
    let outer = outer.with_options(options);
    let fails = AsyncTask::new("fails", |_: AsyncTaskRun, (): ()| async {
        Err::<(), _>(ValueError("no"))
    });
    let fails = fails.with_options(TaskOptions::new().retries(1));
    vec![
        outer.return_state(client, X { x: 1 }).await,
        fails.return_state(client, ()).await,
    ]
}

/// The rows of the task runs that are called outside, and of what the first of them calls.
fn told(ids: &[Uuid]) -> Value {
    let client = server::client();
    let of = |id: Uuid| rows::task_run(&client, &rows::ended(&client, id));
    let inner = rows::called_by(&client, ids[0]);
    assert!(inner.flow_run_id.is_none());
    json!({ "called": ids.iter().copied().map(of).collect::<Vec<_>>(), "inner": rows::task_run(&client, &inner) })
}

#[test]
fn tasks_that_are_called_outside_of_flows_are_those_of_python() {
    let ids: Vec<Uuid> = serde_json::from_value(python::run(PYTHON, &json!({}))).unwrap();
    let expected = told(&ids);
    let id = |state: State| state.state_details.unwrap().task_run_id.unwrap();
    let rust = [
        called_outside(&server::client()),
        server::run(async { acalled_outside(&server::async_client()).await }),
    ];
    for states in rust {
        let ids: Vec<Uuid> = states.into_iter().map(id).collect();
        rows::assert_same(&told(&ids), &expected);
    }
}
