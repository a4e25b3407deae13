//! Results that are there already: what one language has computed, the other finds.

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
#[dual(crate::faces)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFlowOptions};
use prefect_sdk::results::{CachePolicy, ResultSettings};
use prefect_sdk::tasks::TaskOptions;
#[dual(crate::faces)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows;
use crate::room::Room;
use crate::{python, server};

/// What Python can't tell apart, such as small numbers, it says so of, and we of what is not kept: so there are none.
///
/// A task that is cached by its inputs, one by its inputs and the run, and one that has a key of its own, whatever its policy is:
/// the first and the last are found, if somebody has run them before.
const PYTHON: &str = r"
import os
os.environ['PREFECT_LOCAL_STORAGE_PATH'] = arguments['room']
os.environ['PREFECT_RESULTS_DEFAULT_SERIALIZER'] = 'json'
from datetime import timedelta
from prefect import flow, task
from prefect.cache_policies import INPUTS, RUN_ID

@task(cache_policy=INPUTS, cache_expiration=timedelta(days=1))
def shared(name, x):
    return [name, x + 1]

@task(cache_policy=INPUTS + RUN_ID)
def own(name, x):
    return name + '!'

@task(result_storage_key='{flow_run.name}/{task_run.task_name}-{task_run.parameters[name]}-{parameters[x]:03}', cache_policy=INPUTS)
def named(name, x):
    return x + 1000

@flow(name=arguments['name'], flow_run_name='cached')
def main():
    named('é', 1000)
    named('é', 7)
    named('é', 7)
    own('é', 1)
    own('é', 1)
    return shared('é', 1000)

state = main(return_state=True)
answer([str(state.state_details.flow_run_id), state.result()])
";

#[derive(Clone, Serialize)]
struct Given {
    name: String,
    x: i64,
}

#[dual(crate::faces)]
async fn arun_main(client: &AsyncPrefectClient, name: &str, room: &Room) -> Uuid {
    let day = std::time::Duration::from_hours(24);
    let (sender, receiver) = std::sync::mpsc::channel();
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        sender.send(run.id()).unwrap();
        let given = |x| Given {
            name: "é".to_owned(),
            x,
        };
        let shared = AsyncTask::new("shared", |_: AsyncTaskRun, given: Given| async move {
            Ok::<_, String>((given.name, given.x + 1))
        });
        let shared = shared
            .with_options(TaskOptions::new().cache_expiration(day))
            .cache_policy(CachePolicy::inputs());
        let own = AsyncTask::new("own", |_: AsyncTaskRun, given: Given| async move {
            Ok::<_, String>(given.name + "!")
        });
        let own = own.cache_policy(CachePolicy::inputs() + CachePolicy::run_id());
        let named = AsyncTask::new("named", |_: AsyncTaskRun, given: Given| async move {
            Ok::<_, String>(given.x + 1000)
        });
        let named = named
            .cache_policy(CachePolicy::inputs())
            .result_storage_key("{flow_run.name}/{task_run.task_name}-{task_run.parameters[name]}-{parameters[x]:03}");
        async move {
            for x in [1000, 7, 7] {
                let ended = named.call(&run, given(x)).await;
                assert_eq!(ended.map_err(|failed| failed.to_string())?, x + 1000);
            }
            own.call(&run, given(1))
                .await
                .map_err(|failed| failed.to_string())?;
            own.call(&run, given(1))
                .await
                .map_err(|failed| failed.to_string())?;
            let ended = shared.call(&run, given(1000)).await;
            ended.map_err(|failed| failed.to_string())
        }
    });
    let flow = flow.with_options(FlowOptions::new().flow_run_name("cached"));
    let options = RunFlowOptions::new().results(ResultSettings::new(room.text()));
    let given = flow.call_with(client, &(), &options).await.unwrap();
    assert_eq!(given, ("é".to_owned(), 1001));
    receiver.recv().unwrap()
}

fn run_python(name: &str, room: &Room) -> Uuid {
    let told = python::run(PYTHON, &json!({"name": name, "room": room.text()}));
    assert_eq!(told[1], json!(["é", 1001]));
    told[0].as_str().unwrap().parse().unwrap()
}

/// The task runs of a flow run.
fn task_runs(id: Uuid) -> Value {
    let mut rows = rows::rows(id, 6)["task_runs"].take();
    rows::unsay_language(&mut rows);
    rows
}

#[test]
fn what_one_language_has_computed_the_other_finds() {
    let name = server::unique("cached");
    // Each begins where nothing is kept, and is followed by another.
    let [rust, python, later] = ["rust", "python", "async"].map(Room::new);
    let by_python = [
        run_python(&name, &python),
        run_main(&server::client(), &name, &python),
    ];
    let by_rust = [
        run_main(&server::client(), &name, &rust),
        run_python(&name, &rust),
    ];
    let by_async = server::run(async {
        let client = server::async_client();
        [
            arun_main(&client, &name, &later).await,
            arun_main(&client, &name, &later).await,
        ]
    });
    let [by_python, by_rust, by_async] =
        [by_python, by_rust, by_async].map(|ids| ids.map(task_runs));
    for runs in [&by_rust, &by_async] {
        for (run, expected) in runs.iter().zip(&by_python) {
            rows::assert_same(run, expected);
        }
    }
    let ends = |runs: &Value| -> Vec<Value> {
        let ended = |run: &Value| run["states"][2]["name"].clone();
        runs.as_array().unwrap().iter().map(ended).collect()
    };
    let (done, had) = ("Completed", "Cached");
    assert_eq!(ends(&by_python[0]), [done, done, had, done, had, done]);
    assert_eq!(ends(&by_python[1]), [had, had, had, done, had, had]);
    for room in [rust, python, later] {
        assert!(room.0.join("cached").join("named-é-007").is_file());
    }
}
