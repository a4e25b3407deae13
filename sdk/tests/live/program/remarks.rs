//! What the engine itself says in the logs of a run, beside Python's.

use diptych_macros::{dual, faces};
#[dual(hooked)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, AsyncFlowRunEntered};
use prefect_sdk::flows::{FlowOptions, RunFailed};
use prefect_sdk::tasks::TaskOptions;
#[dual(hooked)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskFuture, AsyncTaskRun, AsyncTaskRunEntered};
#[dual(hooked)]
use prefect_sdk::transactions::{AsyncTransaction, atransaction};
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
from prefect.transactions import transaction

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

@task
def staged():
    return 1

@staged.on_commit
def keep(of):
    pass

@staged.on_rollback
def undo(of):
    if of.get('breaks'):
        raise ValueError('undo')

def begins(flow, run, state):
    pass

def ends(flow, run, state):
    pass

@flow(name='outer', retries=1, on_running=[begins], on_completion=[ends], on_failure=[ends])
def outer(name):
    well()
    flaky()
    broken = pump.submit()
    broken.wait()
    needs.submit(broken).wait()
    hooked()
    with transaction() as all:
        staged()
    for breaks in (False, True):
        try:
            with transaction() as all:
                all.set('breaks', breaks)
                staged()
                raise ValueError('undone')
        except ValueError:
            pass
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
    return [[log.level, log.name, worded(log.message), bool(log.task_run_id)] for log in logs]

# An exception follows what is said of it in a text of its own. By its default policy, a task's transaction has a key.
def worded(message):
    message, *trace = message.split('\nTraceback')
    if trace and not message.startswith(('Task run failed', 'Encountered', 'Crash')):
        message += ': ' + trace[-1].strip().rsplit(': ', 1)[-1]
    message = re.sub(r"transaction '\w+'", 'transaction None', message)
    return re.sub(r"""ValueError\('(\w+)'\)""", r'\1', message)

# It is never its turn, and so what is said of it stands nowhere, which is known once others' logs are there.
@flow(on_running=[begins], on_failure=[ends])
def unfit(number: int):
    pass

never = unfit('unfit', return_state=True).state_details.flow_run_id
all_said = [said(name) for name in arguments['names']]
with get_client(sync_client=True) as client:
    of_never = client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[never])))
answer([*all_said, [log.message for log in of_never]])
"#;

/// How a transaction ends.
#[derive(Clone, Copy, PartialEq)]
enum Staged {
    Well,
    Badly,
    /// What undoes it fails.
    Worse,
}

faces! {
    /// The names that differ between the faces here.
    hooked {
        ..crate::faces,
        abegins => begins,
        aends => ends,
        ahook => hook,
        akeep => keep,
        atransaction => transaction,
        aundo => undo,
    }
}

#[dual(hooked)]
async fn ahook(_: AsyncTaskRunEntered) -> Result<(), ValueError> {
    Err(ValueError("hook"))
}

#[dual(hooked)]
async fn akeep(_: AsyncTransaction) -> Result<(), ValueError> {
    Ok(())
}

#[dual(hooked)]
async fn aundo(of: AsyncTransaction) -> Result<(), ValueError> {
    let breaks: bool = of.get("breaks").unwrap_or_default();
    if breaks {
        Err(ValueError("undo"))
    } else {
        Ok(())
    }
}

#[dual(hooked)]
async fn abegins(_: AsyncFlowRunEntered) -> Result<(), ValueError> {
    Ok(())
}

#[dual(hooked)]
async fn aends(_: AsyncFlowRunEntered) -> Result<(), ValueError> {
    Ok(())
}

#[dual(hooked)]
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
    let hooked = well.clone().on_completion(ahook);
    let staged = well.clone().on_commit(akeep).on_rollback(aundo);
    let once_more = || TaskOptions::new().retries(1);
    let flaky = flaky.with_options(once_more());
    let pump = pump.with_options(once_more().retry_delay(std::time::Duration::from_millis(500)));
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, name: String| {
        let (well, flaky, pump) = (well.clone(), flaky.clone(), pump.clone());
        let (needs, hooked, staged) = (needs.clone(), hooked.clone(), staged.clone());
        async move {
            let had =
                |failed: RunFailed<ValueError>| failed.raised().unwrap_or(ValueError("other"));
            well.call(&run, ()).await.map_err(had)?;
            flaky.call(&run, ()).await.map_err(had)?;
            let broken: AsyncTaskFuture<u32, ValueError> = pump.submit(&run, ());
            broken.wait().await;
            needs.submit(&run, &broken).wait().await;
            hooked.call(&run, ()).await.map_err(had)?;
            for ends in [Staged::Well, Staged::Badly, Staged::Worse] {
                let staged = staged.clone();
                let ended = atransaction(&run, |all: AsyncTransaction| async move {
                    all.set("breaks", &(ends == Staged::Worse))?;
                    staged.call(&all, ()).await?;
                    if ends == Staged::Well {
                        return Ok(());
                    }
                    Err(RunFailed::Raised(ValueError("undone")))
                })
                .await;
                assert_eq!(ended.is_ok(), ends == Staged::Well);
            }
            if name == "well" {
                Ok(1)
            } else {
                Err(ValueError("end"))
            }
        }
    });
    flow.with_options(FlowOptions::new().retries(1))
        .on_running(abegins)
        .on_completion(aends)
        .on_failure(aends)
}

pub(super) fn remarks() -> Flow<String, u32, ValueError> {
    saying(REMARKS)
}

pub(super) fn aremarks() -> AsyncFlow<String, u32, ValueError> {
    asaying(AREMARKS)
}

/// The hooks of the async flow are called by the names that they have there.
fn in_python(message: &str) -> String {
    let (lower, upper) = ("hook 'a", "Hook 'a");
    message.replace(lower, "hook '").replace(upper, "Hook '")
}

/// What a run of this program has said, as told of Python's.
fn said(flow: &str, parameter: &Value) -> Value {
    let id = pending(flow, json!({"parameter": parameter}));
    let output = started_for(&id.to_string()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let logs = logs(id).into_iter().map(|log| {
        let is_task_s = log.task_run_id.is_some();
        json!([log.level, log.name, in_python(&log.message), is_task_s])
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
    let python = python.as_array().unwrap();
    assert_eq!(python[2], json!([]), "a run that never began");
    for flow in [REMARKS, AREMARKS] {
        assert_eq!(said(flow, &json!(1)), json!([]), "{flow}");
    }
    for (name, python) in names.iter().zip(python) {
        let expected = alike(python);
        let again =
            "Task run failed with exception: pump - Retry 1/1 will start 0.5 second(s) from now";
        assert!(expected.iter().any(|log| log.2 == again), "{expected:#?}");
        for flow in [REMARKS, AREMARKS] {
            let said = said(flow, &json!(name));
            assert_eq!(alike(&said), expected, "{flow} {name}");
        }
    }
}
