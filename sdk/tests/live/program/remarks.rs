//! What the engine itself says in the logs of a run, beside Python's.

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFailed};
use prefect_sdk::tasks::TaskOptions;
#[dual(crate::faces)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskFuture, AsyncTaskRun, AsyncTaskRunEntered};
use serde_json::{Value, json};

use super::logs::logs;
use super::{pending, started_for};
use crate::flows::ValueError;
use crate::python;

const REMARKS: &str = "program-remarks";
const AREMARKS: &str = "program-aremarks";

const PYTHON: &str = r#"
import logging, re, time
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.runtime import task_run

for name in ('prefect.flow_runs', 'prefect.task_runs'):
    logging.getLogger(name).setLevel(logging.INFO)

@task
def well():
    return 1

@task(retries=1)
def flaky():
    if task_run.run_count == 1:
        raise ValueError('once')
    return 1

@task(retries=1, retry_delay_seconds=0.5)
def pump():
    raise ValueError('pump')

@task
def needs(one):
    return one

def hook(task, run, state):
    raise ValueError('hook')

@task(on_completion=[hook])
def hooked():
    return 1

@flow(name='outer', retries=1)
def outer(name):
    well()
    flaky()
    broken = pump.submit()
    broken.wait()
    needs.submit(broken).wait()
    hooked()
    if name != 'well':
        raise ValueError('end')

def said(name):
    id = outer(name, return_state=True).state_details.flow_run_id
    wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[id]))
    last, logs = '', []
    while not last.startswith('Finished in state') or logs[-1].task_run_id:
        with get_client(sync_client=True) as client:
            logs = sorted(client.read_logs(wanted), key=lambda log: log.timestamp)
        last = logs[-1].message if logs else ''
        time.sleep(0.2)
    return [[log.level, log.name, worded(log.message), bool(log.task_run_id)] for log in logs if own(log.message)]

# Hooks have no names here, and are not counted.
def own(message):
    return not re.match('Running hook|Hook ', message)

def worded(message):
    if message.startswith('An error was encountered while running hook'):
        return 'An error was encountered while running a hook: hook'
    return re.sub(r"""ValueError\('(\w+)'\)""", r'\1', message.split('\nTraceback')[0])

answer([said(name) for name in arguments['names']])
"#;

#[dual(crate::faces)]
fn asaying(name: &str) -> AsyncFlow<String, u32, ValueError> {
    type Ended = Result<u32, ValueError>;
    let well = AsyncTask::new("well", |_: AsyncTaskRun, (): ()| async { Ended::Ok(1) });
    let flaky = AsyncTask::new("flaky", |run: AsyncTaskRun, (): ()| async move {
        if run.run_count() == 1 {
            Err(ValueError("once"))
        } else {
            Ok(1)
        }
    });
    let pump = AsyncTask::new("pump", |_: AsyncTaskRun, (): ()| async {
        Ended::Err(ValueError("pump"))
    });
    let needs = AsyncTask::new("needs", |_: AsyncTaskRun, one: u32| async move {
        Ended::Ok(one)
    });
    let hooked = well
        .clone()
        .on_completion(|_: AsyncTaskRunEntered| async { Err(ValueError("hook")) });
    let once_more = || TaskOptions::new().retries(1);
    let flaky = flaky.with_options(once_more());
    let pump = pump.with_options(once_more().retry_delay(std::time::Duration::from_millis(500)));
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, name: String| {
        let (well, flaky, pump) = (well.clone(), flaky.clone(), pump.clone());
        let (needs, hooked) = (needs.clone(), hooked.clone());
        async move {
            let had =
                |failed: RunFailed<ValueError>| failed.raised().unwrap_or(ValueError("other"));
            well.call(&run, ()).await.map_err(had)?;
            flaky.call(&run, ()).await.map_err(had)?;
            let broken: AsyncTaskFuture<u32, ValueError> = pump.submit(&run, ());
            broken.wait().await;
            needs.submit(&run, &broken).wait().await;
            hooked.call(&run, ()).await.map_err(had)?;
            if name == "well" {
                Ok(1)
            } else {
                Err(ValueError("end"))
            }
        }
    });
    flow.with_options(FlowOptions::new().retries(1))
}

pub(super) fn remarks() -> Flow<String, u32, ValueError> {
    saying(REMARKS)
}

pub(super) fn aremarks() -> AsyncFlow<String, u32, ValueError> {
    asaying(AREMARKS)
}

/// What a run of this program has said, as told of Python's.
fn said(flow: &str, parameter: &str) -> Value {
    let id = pending(flow, json!({"parameter": parameter}));
    let output = started_for(&id.to_string()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let logs = logs(id).into_iter().map(|log| {
        let is_task_s = log.task_run_id.is_some();
        json!([log.level, log.name, log.message, is_task_s])
    });
    logs.collect()
}

/// Without what no two runs have in common.
fn alike(logs: &Value) -> Vec<(i64, String, String, bool)> {
    let logs = logs.as_array().unwrap().iter();
    let logs = logs.map(|log| {
        let (name, message) = (log[1].as_str().unwrap(), log[2].as_str().unwrap());
        let message = match message.split_once(" run '") {
            Some((before, named)) => {
                let after = named.split_once('\'').unwrap().1;
                let after = after.split(" for flow").next().unwrap();
                format!("{before} run{after}")
            }
            None => message.to_owned(),
        };
        let (level, is_task_s) = (log[0].as_i64().unwrap(), log[3].as_bool().unwrap());
        (level, name.to_owned(), message, is_task_s)
    });
    logs.collect()
}

#[test]
fn the_engine_says_what_python_s_says() {
    let names = ["well", "fails"];
    let python = python::run(PYTHON, &json!({"names": names}));
    for (name, python) in names.iter().zip(python.as_array().unwrap()) {
        let expected = alike(python);
        let again =
            "Task run failed with exception: pump - Retry 1/1 will start 0.5 second(s) from now";
        assert!(expected.iter().any(|log| log.2 == again), "{expected:#?}");
        for flow in [REMARKS, AREMARKS] {
            assert_eq!(alike(&said(flow, name)), expected, "{flow} {name}");
        }
    }
}
