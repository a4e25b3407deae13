//! The same flow in Python and in both faces: what is said to the server, and what it has in the end.

use std::time::Duration;

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
#[dual(crate::faces)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFailed, RunFlowOptions};
use prefect_sdk::tasks::TaskOptions;
#[dual(crate::faces)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::given::X;
use super::recording::Recording;
use super::rows;
use crate::{python, server};

/// The parameters of the flow.
#[derive(Serialize, Deserialize)]
struct Only {
    n: i64,
}

const PYTHON: &str = r"
import os
os.environ['PREFECT_API_URL'] = arguments['url']
from prefect import flow, tags, task
from prefect.context import TaskRunContext

@task(retries=1, retry_delay_seconds=0.5, tags=['shaky'])
def flaky(x):
    if TaskRunContext.get().task_run.run_count == 1:
        raise ValueError('again')
    return x

@task(task_run_name='named-{x}', version='2')
def double(x):
    return inner(x)

@task(retries=2, retry_delay_seconds=[1, 2], retry_jitter_factor=0.5)
def inner(x):
    return 2 * x

@flow(name=arguments['name'], flow_run_name='run-{n}', version='v9', retries=1)
def main(n):
    return double(flaky(n))

with tags('ctx'):
    state = main(5, return_state=True)
answer(str(state.state_details.flow_run_id))
";

#[dual(crate::faces)]
async fn arun_main(client: &AsyncPrefectClient, name: &str) -> Uuid {
    let seconds = Duration::from_secs;
    let options = TaskOptions::new()
        .retries(1)
        .retry_delay(Duration::from_millis(500))
        .tags(["shaky"]);
    let flaky = AsyncTask::new("flaky", |run: AsyncTaskRun, given: X| async move {
        if run.run_count() == 1 {
            return Err("again".to_owned());
        }
        Ok(given.x)
    })
    .with_options(options);
    let options = TaskOptions::new()
        .retries(2)
        .retry_delay(vec![seconds(1), seconds(2)])
        .retry_jitter_factor(0.5);
    let inner = AsyncTask::new("inner", |_: AsyncTaskRun, given: X| async move {
        Ok::<_, String>(2 * given.x)
    })
    .with_options(options);
    let options = TaskOptions::new().task_run_name("named-{x}").version("2");
    let double = AsyncTask::new("double", move |run: AsyncTaskRun, given: X| {
        let inner = inner.clone();
        async move { inner.call(&run, given).await }
    })
    .with_options(options);
    let (sender, receiver) = std::sync::mpsc::channel();
    let options = FlowOptions::new()
        .flow_run_name("run-{n}")
        .version("v9")
        .retries(1);
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, given: Only| {
        sender.send(run.id()).unwrap();
        let (flaky, double) = (flaky.clone(), double.clone());
        async move {
            let x = flaky.call(&run, X { x: given.n }).await;
            let x = x.map_err(|failed| failed.to_string())?;
            let doubled = double.call(&run, X { x }).await;
            doubled.map_err(|failed: RunFailed<_>| failed.to_string())
        }
    })
    .with_options(options);
    let options = RunFlowOptions::new().tags(["ctx"]);
    let given = flow.call_with(client, &Only { n: 5 }, &options).await;
    assert_eq!(given.unwrap(), 10);
    receiver.recv().unwrap()
}

/// What a run has said and left.
fn seen(run: impl FnOnce(&str) -> Uuid) -> (Vec<Value>, Value) {
    let recording = Recording::start();
    let id = run(&recording.api_url());
    let rows = rows::rows(id, 3);
    (recording.writes(), rows)
}

#[test]
fn a_flow_is_the_same_in_python_and_in_both_faces() {
    let name = server::unique("conversation");
    let (python, python_rows) = seen(|url| {
        let id = python::run(PYTHON, &json!({"url": url, "name": name}));
        id.as_str().unwrap().parse().unwrap()
    });
    let (blocking, blocking_rows) = seen(|url| {
        run_main(
            &prefect_sdk::client::PrefectClient::new(url).unwrap(),
            &name,
        )
    });
    let (asynchronous, async_rows) = seen(|url| {
        server::run(async { arun_main(&AsyncPrefectClient::new(url).unwrap(), &name).await })
    });
    rows::assert_same(&blocking_rows, &python_rows);
    rows::assert_same(&async_rows, &python_rows);
    rows::assert_same(&json!(blocking), &json!(python));
    rows::assert_same(&json!(asynchronous), &json!(python));
}
