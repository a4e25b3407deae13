//! Two of Python's process workers on one pool, of which one is killed in the middle.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::models::{
    AutomationCreate, ChangeFlowRunState, EventTrigger, EventTriggerPosture, FlowRunResponse,
    StateType, WorkPoolCreate,
};
use prefect_sdk::deployments::{self, RunnerDeployment};
use serde_json::json;
use uuid::Uuid;

use crate::child::Process;
use crate::figures::{counted, row};
use crate::flow::{due_with, is_over, mark, patiently};
use crate::python;
use crate::room::{ROOM, Room};

/// How many runs a worker has at once.
const LIMIT: usize = 8;
/// How long nothing may happen to any run.
const STILL: Duration = Duration::from_mins(5);
/// How long a run may be with a worker without running.
const TAKEN: Duration = Duration::from_mins(1);

pub(crate) fn soak(client: &PrefectClient, count: usize) -> Result<()> {
    let room = Room::new()?;
    let pool = pool(client)?;
    let deployment = deployed(client, &pool, &room)?;
    let rescuer = crash_what_is_left(client)?;
    let ids: Vec<Uuid> = (0..)
        .take(count)
        .map(|number| due_with(client, deployment, &mark::parameters(number, 2.0)))
        .collect::<Result<_>>()?;
    println!("{count} runs are due at once, for two workers with {LIMIT} each");
    let began = Instant::now();
    let ended = worked(client, &pool, &room, &ids)?;
    patiently(|| client.delete_automation(rescuer))?;
    told(&room, &ids, &ended, began.elapsed())
}

/// A pool of processes. What its workers know of them is Python's own.
pub(crate) fn pool(client: &PrefectClient) -> Result<String> {
    let name = format!("soak-{}", Uuid::new_v4());
    let mut new = WorkPoolCreate::new(&name).type_("process");
    new.base_job_template = serde_json::from_value(json!({
        "job_configuration": {
            "command": "{{ command }}", "env": "{{ env }}", "working_dir": "{{ working_dir }}", "labels": "{{ labels }}",
            "name": "{{ name }}", "stream_output": "{{ stream_output }}",
        },
        "variables": {"type": "object", "properties": {
            "command": {"type": "string"}, "env": {"type": "object"}, "working_dir": {"type": "string"},
            "labels": {"type": "object"}, "name": {"type": "string"}, "stream_output": {"type": "boolean", "default": false},
        }},
    }))?;
    patiently(|| client.create_work_pool(&new))?;
    Ok(name)
}

/// The deployment of this program's flow that says in that room what is executed.
pub(crate) fn deployed(client: &PrefectClient, pool: &str, room: &Room) -> Result<Uuid> {
    let name = format!("workers-{}", Uuid::new_v4());
    let deployment = RunnerDeployment::new(mark::flow().name(), name)
        .job_variables([("env", json!({ROOM: room.path()}))]);
    let deployed = deployments::deploy(client, &[deployment], pool)?;
    let deployed = deployed.into_iter().next().context("a deployment")?;
    Ok(deployed.outcome?)
}

/// A worker that dies leaves runs that it has taken `Pending`, and no other of Python's looks after them: the server does, if it is
/// told to. The README of the SDK shows this as well.
fn crash_what_is_left(client: &PrefectClient) -> Result<Uuid> {
    let later = ["Running", "Completed", "Failed", "Crashed", "Cancelled"];
    let trigger = EventTrigger::new(EventTriggerPosture::Proactive)
        .after(["prefect.flow-run.Pending"])
        .expect(later.map(|state| format!("prefect.flow-run.{state}")))
        .for_each(["prefect.resource.id"])
        .threshold(1)
        .within(TAKEN.as_secs_f64());
    let action = ChangeFlowRunState::new(StateType::Crashed)
        .name("Crashed")
        .message("whoever took the run did not begin it");
    let name = format!("soak-{}", Uuid::new_v4());
    let automation = AutomationCreate::new(name, trigger, [action]);
    Ok(patiently(|| client.create_automation(&automation))?.id)
}

/// Until all runs have ended, or nothing happens to those that have not. One worker is killed when half of them have.
fn worked(
    client: &PrefectClient,
    pool: &str,
    room: &Room,
    ids: &[Uuid],
) -> Result<Vec<FlowRunResponse>> {
    let mut first = Some(start(client, pool, room, "first")?);
    let _second = start(client, pool, room, "second")?;
    row(&[&"s", &"ended", &"executions"]);
    let (began, mut changed) = (Instant::now(), Instant::now());
    let (mut ended, mut left) = (Vec::new(), ids.to_vec());
    while !left.is_empty() && changed.elapsed() < STILL {
        thread::sleep(Duration::from_secs(5));
        let mut still = Vec::new();
        for id in left {
            let run = patiently(|| client.read_flow_run(id))?;
            if is_over(&run) {
                changed = Instant::now();
                ended.push(run);
            } else {
                still.push(id);
            }
        }
        left = still;
        let executions = room.executions()?.len();
        row(&[&began.elapsed().as_secs(), &ended.len(), &executions]);
        if executions >= ids.len() / 2
            && let Some(worker) = first.take()
        {
            drop(worker);
            println!("one worker is killed");
        }
    }
    for id in left {
        ended.push(patiently(|| client.read_flow_run(id))?);
    }
    Ok(ended)
}

pub(crate) fn start(
    client: &PrefectClient,
    pool: &str,
    room: &Room,
    name: &str,
) -> Result<Process> {
    let room = room.path();
    let mut command = python::command(room)?;
    let limit = LIMIT.to_string();
    command
        .args(["-m", "prefect", "worker", "start", "--type", "process"])
        .args(["--pool", pool, "--name", name, "--limit", &limit])
        .env("PREFECT_API_URL", client.config().base_url())
        .env("PREFECT_WORKER_QUERY_SECONDS", "2");
    python::quiet(&mut command, &room.join(format!("{name}.log")))?;
    Process::begin(&mut command)
}

/// Each run was executed once, or crashed; none is left.
fn told(room: &Room, ids: &[Uuid], runs: &[FlowRunResponse], took: Duration) -> Result<()> {
    let executions = counted(room.executions()?);
    let mut outcomes = Vec::new();
    for run in runs {
        let number = ids.iter().position(|id| *id == run.id);
        let number = number.context("it is one of them")?;
        let times = executions.get(&number.to_string()).copied();
        let state = run.state_name.clone().unwrap_or_default();
        outcomes.push(format!("{state}\t{}", times.unwrap_or_default()));
    }
    row(&[&"state", &"executed", &"runs"]);
    let outcomes = counted(outcomes);
    for (outcome, count) in &outcomes {
        let (state, times) = outcome.split_once('\t').unwrap_or_default();
        row(&[&state, &times, count]);
    }
    println!("{:.0} s", took.as_secs_f64());
    let is_explained =
        |outcome: &String| matches!(&**outcome, "Completed\t1" | "Crashed\t0" | "Crashed\t1");
    ensure!(
        outcomes.keys().all(is_explained),
        "runs are stuck, or executed twice"
    );
    Ok(())
}
