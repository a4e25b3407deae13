//! Runs that are cancelled at random moments: before they begin, while they compute, sleep, or call tasks.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::models::{StateCreate, StateType};
use uuid::Uuid;

use crate::figures::{counted, row};
use crate::flow::{WAYS, due, is_over, patiently, runner};

const GRACE: Duration = Duration::from_secs(15);
const LATEST_S: f64 = 20.0;

/// What became of a run.
struct Ended {
    way: &'static str,
    from: String,
    to: String,
    took: Duration,
}

pub(crate) fn soak(client: &PrefectClient, count: usize) -> Result<()> {
    let change = |options: prefect_sdk::runner::RunnerOptions| options.limit(8).grace(GRACE);
    let (runner, deployment) = runner(client, "cancelled", change)?;
    let runs = runner.clone();
    let runs = thread::spawn(move || runs.start());
    let cancelled = (0..count).map(|number| {
        let (client, way) = (client.clone(), WAYS[number % WAYS.len()]);
        thread::spawn(move || one(&client, deployment, way))
    });
    let cancelled: Vec<_> = cancelled.collect();
    let ended = cancelled
        .into_iter()
        .map(|one| one.join().expect("it does not panic"))
        .collect::<Result<Vec<Ended>>>()?;
    runner.stop()?;
    runs.join().expect("it does not panic")?;
    told(&ended)
}

fn one(client: &PrefectClient, deployment: Uuid, way: &'static str) -> Result<Ended> {
    let id = due(client, deployment, way, 600.0)?;
    thread::sleep(Duration::from_secs_f64(LATEST_S * fastrand::f64()));
    let before = patiently(|| client.read_flow_run(id))?;
    let cancelling = StateCreate::new(StateType::Cancelling);
    patiently(|| client.set_flow_run_state(id, &cancelling))?;
    let since = Instant::now();
    loop {
        let run = patiently(|| client.read_flow_run(id))?;
        if is_over(&run) {
            let took = since.elapsed();
            // Nobody overwrites it.
            thread::sleep(Duration::from_secs(5));
            let run = patiently(|| client.read_flow_run(id))?;
            return Ok(Ended {
                way,
                from: before.state_name.unwrap_or_default(),
                to: run.state_name.unwrap_or_default(),
                took,
            });
        }
        thread::sleep(Duration::from_millis(250));
    }
}

fn told(ended: &[Ended]) -> Result<()> {
    row(&[&"", &"cancelled as", &"ended as", &"runs", &"longest s"]);
    let kind = |run: &Ended| format!("{}\t{}\t{}", run.way, run.from, run.to);
    for (name, count) in counted(ended.iter().map(kind)) {
        let those = ended.iter().filter(|run| kind(run) == name);
        let longest = those.map(|run| run.took).max().unwrap_or_default();
        let cells: Vec<&str> = name.split('\t').collect();
        let longest = format!("{:.1}", longest.as_secs_f64());
        row(&[&cells[0], &cells[1], &cells[2], &count, &longest]);
    }
    let is_cancelled = |run: &Ended| run.to == "Cancelled";
    ensure!(ended.iter().all(is_cancelled), "not all are Cancelled");
    Ok(())
}
