//! `SIGKILL` for each who takes part, in turn, and what becomes of the runs that it had to do with.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::models::{FlowRunResponse, StateCreate, StateType};
use prefect_sdk::runner::{Runner, RunnerOptions};
use test_prefect::Server;
use uuid::Uuid;

use crate::child::Process;
use crate::figures::row;
use crate::flow::{due_with, is_over, mark, patiently};
use crate::python;
use crate::room::{ROOM, Room};
use crate::workers;

/// What a runner's process is called with, before the name of its deployment.
pub(crate) const SERVE: &str = "serve";

/// For how long a run may not end; a runner looks after what others have left behind some minutes later.
const PATIENCE: Duration = Duration::from_mins(12);
/// For how long the server is away.
const AWAY: Duration = Duration::from_secs(20);
/// How many runs are there while a runner is killed at random moments, and how often it is.
const MANY: u64 = 60;
const KILLS: usize = 10;

/// A runner, until it is stopped.
pub(crate) fn serve(client: &PrefectClient, name: &str) -> Result<()> {
    let options = RunnerOptions::new()
        .limit(4)
        .query_interval(Duration::from_secs(1))
        .pause_on_shutdown(false)
        .progress(false);
    let runner = Runner::new(client, &options);
    runner.add_flow(mark::flow(), name)?;
    Ok(runner.start()?)
}

/// A run, and what may become of it.
struct Case {
    killed: &'static str,
    was: &'static str,
    number: u64,
    id: Uuid,
    /// States, and how often it was executed.
    may: &'static [(&'static str, usize)],
}

/// All that takes part.
struct Stage {
    server: Server,
    client: PrefectClient,
    room: Room,
    name: String,
    deployment: Uuid,
    cases: Vec<Case>,
}

pub(crate) fn soak() -> Result<()> {
    let server = python::server()?;
    let client = PrefectClient::new(&server.url())?;
    let name = format!("killed-{}", Uuid::new_v4());
    let runner = Runner::new(&client, &RunnerOptions::new());
    let deployment = runner.add_flow(mark::flow(), &*name)?;
    let mut stage = Stage {
        server,
        client,
        room: Room::new()?,
        name,
        deployment,
        cases: Vec::new(),
    };
    stage.child()?;
    stage.runner()?;
    stage.worker()?;
    stage.server()?;
    stage.runner_at_random()?;
    stage.told()
}

impl Stage {
    fn serve(&self) -> Result<Process> {
        let mut program = Command::new(std::env::current_exe()?);
        program
            .args([SERVE, &*self.name])
            .env(ROOM, self.room.path())
            .env("PREFECT_API_URL", self.server.url());
        Process::begin(&mut program)
    }

    /// A run that is due, and lasts so long.
    fn due(
        &mut self,
        killed: &'static str,
        was: &'static str,
        seconds: f64,
        may: &'static [(&'static str, usize)],
    ) -> Result<Uuid> {
        self.due_of(self.deployment, killed, was, seconds, may)
    }

    fn due_of(
        &mut self,
        deployment: Uuid,
        killed: &'static str,
        was: &'static str,
        seconds: f64,
        may: &'static [(&'static str, usize)],
    ) -> Result<Uuid> {
        let number = self.cases.len() as u64;
        let parameters = mark::parameters(number, seconds);
        let id = due_with(&self.client, deployment, &parameters)?;
        self.cases.push(Case {
            killed,
            was,
            number,
            id,
            may,
        });
        Ok(id)
    }

    fn read(&self, id: Uuid) -> Result<FlowRunResponse> {
        patiently(|| self.client.read_flow_run(id))
    }

    fn until(&self, id: Uuid, is_so: impl Fn(&FlowRunResponse) -> bool) -> Result<()> {
        let limit = Instant::now() + PATIENCE;
        while !is_so(&self.read(id)?) && Instant::now() < limit {
            thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn until_running(&self, id: Uuid) -> Result<()> {
        self.until(id, |run| run.state_type == Some(StateType::Running))
    }

    fn cancel(&self, id: Uuid) -> Result<()> {
        let cancelling = StateCreate::new(StateType::Cancelling);
        patiently(|| self.client.set_flow_run_state(id, &cancelling)).map(drop)
    }

    fn child(&mut self) -> Result<()> {
        println!("a child is killed");
        let runs = self.due("child", "running", 600.0, &[("Crashed", 1)])?;
        let _runner = self.serve()?;
        self.until_running(runs)?;
        kill(child_of(runs)?)?;
        self.until(runs, is_over)
    }

    fn runner(&mut self) -> Result<()> {
        println!("a runner is killed");
        let goes_on = self.due("runner", "running", 20.0, &[("Completed", 1)])?;
        let cancelled = self.due(
            "runner",
            "running, cancelled after",
            600.0,
            &[("Cancelled", 1)],
        )?;
        let runner = self.serve()?;
        self.until_running(goes_on)?;
        self.until_running(cancelled)?;
        drop(runner);
        self.cancel(cancelled)?;
        let later = self.due("runner", "due meanwhile", 1.0, &[("Completed", 1)])?;
        thread::sleep(Duration::from_secs(5));
        let _runner = self.serve()?;
        for id in [goes_on, cancelled, later] {
            self.until(id, is_over)?;
        }
        Ok(())
    }

    /// One of Python's. What it has taken and not begun, `soak workers` shows.
    fn worker(&mut self) -> Result<()> {
        println!("a worker is killed");
        let pool = workers::pool(&self.client)?;
        let of = workers::deployed(&self.client, &pool, &self.room)?;
        let completed = &[("Completed", 1)];
        let goes_on = self.due_of(of, "worker", "running", 20.0, completed)?;
        let cancelled = self.due_of(
            of,
            "worker",
            "running, cancelled after",
            600.0,
            &[("Cancelled", 1)],
        )?;
        let worker = workers::start(&self.client, &pool, &self.room, "first")?;
        self.until_running(goes_on)?;
        self.until_running(cancelled)?;
        drop(worker);
        self.cancel(cancelled)?;
        let later = self.due_of(of, "worker", "due meanwhile", 1.0, completed)?;
        let _worker = workers::start(&self.client, &pool, &self.room, "second")?;
        for id in [goes_on, cancelled, later] {
            self.until(id, is_over)?;
        }
        Ok(())
    }

    fn server(&mut self) -> Result<()> {
        println!("the server is killed");
        let runner = self.serve()?;
        let ends = self.due(
            "server",
            "running, ends meanwhile",
            15.0,
            &[("Completed", 1)],
        )?;
        let goes_on = self.due("server", "running, ends after", 90.0, &[("Completed", 1)])?;
        let cancelled = self.due("server", "being cancelled", 600.0, &[("Cancelled", 1)])?;
        for id in [ends, goes_on, cancelled] {
            self.until_running(id)?;
        }
        let due = self.due("server", "due", 1.0, &[("Completed", 1), ("Crashed", 0)])?;
        self.cancel(cancelled)?;
        self.server.kill()?;
        thread::sleep(AWAY);
        self.server.start_again()?;
        let later = self.due("server", "due after", 1.0, &[("Completed", 1)])?;
        for id in [ends, goes_on, cancelled, due, later] {
            self.until(id, is_over)?;
        }
        drop(runner);
        Ok(())
    }

    /// One that was taken, and has no process yet, is crashed by whoever serves the deployment after that.
    fn runner_at_random(&mut self) -> Result<()> {
        println!("a runner is killed {KILLS} times, at random moments");
        let may = &[("Completed", 1), ("Crashed", 0)];
        let ids: Vec<Uuid> = (0..MANY)
            .map(|_| self.due("runner", "due, at random", 0.5, may))
            .collect::<Result<_>>()?;
        for _ in 0..KILLS {
            let runner = self.serve()?;
            thread::sleep(Duration::from_secs_f64(1.0 + 3.0 * fastrand::f64()));
            drop(runner);
        }
        let _runner = self.serve()?;
        for id in ids {
            self.until(id, is_over)?;
        }
        Ok(())
    }

    /// The outcomes, none of which is another than it may be.
    fn told(&self) -> Result<()> {
        let executions = crate::figures::counted(self.room.executions()?);
        let mut outcomes = Vec::new();
        let mut is_explained = true;
        for case in &self.cases {
            let run = self.read(case.id)?;
            let state = run.state_name.unwrap_or_default();
            let times = executions.get(&case.number.to_string());
            let times = times.copied().unwrap_or_default();
            let is_one = case.may.contains(&(&*state, times));
            is_explained &= is_one;
            let mark = if is_one { "" } else { "unexplained" };
            if !is_one {
                println!(
                    "{}: {:?}",
                    case.id,
                    run.state.and_then(|state| state.message)
                );
            }
            outcomes.push(format!(
                "{}\t{}\t{state}\t{times}\t{mark}",
                case.killed, case.was
            ));
        }
        row(&[&"killed", &"run was", &"became", &"executed", &"runs"]);
        for (outcome, count) in crate::figures::counted(outcomes) {
            let cells: Vec<&str> = outcome.split('\t').collect();
            row(&[
                &cells[0], &cells[1], &cells[2], &cells[3], &count, &cells[4],
            ]);
        }
        ensure!(is_explained, "there are outcomes that nothing explains");
        Ok(())
    }
}

/// The process that was started for a run.
fn child_of(run: Uuid) -> Result<u32> {
    let sought = format!("PREFECT__FLOW_RUN_ID={run}");
    for entry in std::fs::read_dir("/proc")? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(number) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0);
        if variables.any(|variable| variable == sought.as_bytes()) {
            return Ok(number);
        }
    }
    anyhow::bail!("the run has no process")
}

fn kill(process: u32) -> Result<()> {
    let status = Command::new("kill")
        .args(["-9", &process.to_string()])
        .status()?;
    ensure!(status.success(), "it can't be killed");
    Ok(())
}
