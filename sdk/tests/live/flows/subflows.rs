//! Flows within flows, in Python and in both faces: what is said to the server, and what it has in the end.

use std::thread;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{self, TaskRunFilter, TaskRunFilterFlowRunId};
use prefect_sdk::client::requests::ReadTaskRuns;
#[dual(crate::faces)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFailed, RunFlowOptions};
use prefect_sdk::results::ResultSettings;
#[dual(crate::faces)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::recording::Recording;
use super::rows;
use crate::room::Room;
use crate::{python, server};

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(3);

const PYTHON: &str = r"
import os
os.environ['PREFECT_API_URL'] = arguments['url']
os.environ['PREFECT_LOCAL_STORAGE_PATH'] = arguments['room']
os.environ['PREFECT_RESULTS_DEFAULT_SERIALIZER'] = 'json'
from prefect import flow, tags, task

@task
def same(n):
    return n

@flow(name='sub', flow_run_name='sub-{n}', version='v3')
def sub(n):
    if n < 0:
        raise ValueError('below')
    return same(n)

@flow(name=arguments['name'], flow_run_name='main', version='v9')
def main(n):
    first = sub(n)
    failed = sub(-1, return_state=True)
    return first if failed.is_failed() else 0

with tags('ctx'):
    state = main(5, return_state=True)
answer(str(state.state_details.flow_run_id))
";

#[derive(Clone, Serialize, Deserialize)]
struct Only {
    n: i64,
}

#[derive(Debug)]
struct ValueError(&'static str);

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[dual(crate::faces)]
async fn arun_main(client: &AsyncPrefectClient, name: &str, room: &Room) -> Uuid {
    let sub = AsyncFlow::new("sub", |run: AsyncFlowRun, given: Only| async move {
        if given.n < 0 {
            return Err(ValueError("below"));
        }
        let same = AsyncTask::new("same", |_: AsyncTaskRun, given: Only| async move {
            Ok::<_, ValueError>(given.n)
        });
        let ended = same.call(&run, given).await;
        ended.map_err(|failed: RunFailed<_>| failed.raised().unwrap_or(ValueError("late")))
    });
    let sub = sub.with_options(FlowOptions::new().flow_run_name("sub-{n}").version("v3"));
    let (sender, receiver) = std::sync::mpsc::channel();
    let main = AsyncFlow::new(name, move |run: AsyncFlowRun, given: Only| {
        sender.send(run.id()).unwrap();
        let sub = sub.clone();
        async move {
            let first = sub.call(&run, &given).await?;
            let failed = sub.return_state(&run, &Only { n: -1 }).await?;
            let has_failed = failed.type_.as_str() == "FAILED";
            Ok::<_, RunFailed<ValueError>>(if has_failed { first } else { 0 })
        }
    });
    let main = main.with_options(FlowOptions::new().flow_run_name("main").version("v9"));
    let settings = ResultSettings::new(room.text());
    let options = RunFlowOptions::new().tags(["ctx"]).results(settings);
    let given = main.call_with(client, &Only { n: 5 }, &options).await;
    assert_eq!(given.unwrap(), 5);
    receiver.recv().unwrap()
}

/// The task runs that stand for subflows, once the server has their last states.
fn tracking(id: Uuid) -> Vec<models::TaskRun> {
    let limit = Instant::now() + LONG;
    loop {
        let of_flow = TaskRunFilterFlowRunId::new().any([id]);
        let filter = TaskRunFilter::new().flow_run_id(of_flow);
        let found = server::client()
            .read_task_runs_with(&ReadTaskRuns::new().task_runs(filter))
            .unwrap();
        let mut found: Vec<models::TaskRun> = found.into_iter().collect();
        if found.len() == 2 && found.iter().all(|run| run.end_time.is_some()) {
            found.sort_by(|one, other| one.name.cmp(&other.name));
            return found;
        }
        assert!(Instant::now() < limit, "{found:?}");
        thread::sleep(Duration::from_millis(100));
    }
}

fn told(run: &models::TaskRun) -> Value {
    let details = run
        .state
        .as_ref()
        .and_then(|state| state.state_details.as_ref());
    let key = run.task_key.rsplit_once('-').unwrap();
    json!({
        "name": run.name, "dynamic_key": run.dynamic_key, "tags": run.tags, "version": run.task_version,
        "task_key": (key.0, key.1.len()), "inputs": run.task_inputs, "state": run.state_name,
        "message": run.state.as_ref().map(|state| &state.message),
        "has_child": details.is_some_and(|details| details.child_flow_run_id.is_some()),
        "policy": format!("{:?}", run.empirical_policy),
    })
}

/// What a run has said, and what of it and its subflows is left.
fn seen(run: impl FnOnce(&str) -> Uuid) -> Value {
    let recording = Recording::start();
    let id = run(&recording.api_url());
    let tracking = tracking(id);
    let child = |run: &models::TaskRun| {
        let details = run
            .state
            .as_ref()
            .and_then(|state| state.state_details.as_ref());
        details
            .and_then(|details| details.child_flow_run_id)
            .unwrap()
    };
    let children = [
        rows::rows(child(&tracking[0]), 1),
        rows::rows(child(&tracking[1]), 0),
    ];
    let mut seen = json!({
        "writes": recording.writes(),
        "tracking": tracking.iter().map(told).collect::<Vec<_>>(),
        "children": children,
    });
    rows::unsay_language(&mut seen);
    seen
}

#[test]
fn subflows_are_the_same_in_python_and_in_both_faces() {
    let name = server::unique("subflows");
    let room = Room::new("subflows");
    let python = seen(|url| {
        let id = python::run(
            PYTHON,
            &json!({"url": url, "name": name, "room": room.text()}),
        );
        id.as_str().unwrap().parse().unwrap()
    });
    let blocking = seen(|url| {
        run_main(
            &prefect_sdk::client::PrefectClient::new(url).unwrap(),
            &name,
            &room,
        )
    });
    let asynchronous = seen(|url| {
        server::run(async { arun_main(&AsyncPrefectClient::new(url).unwrap(), &name, &room).await })
    });
    rows::assert_same(&blocking, &python);
    rows::assert_same(&asynchronous, &python);
}
