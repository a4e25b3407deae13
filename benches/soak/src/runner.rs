//! Many runs that are due at once, and what the runner takes meanwhile.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::models::FlowRunResponse;
use uuid::Uuid;

use crate::figures::{counted, files, memory_kb, row, threads};
use crate::flow::{due, is_over, patiently, runner};

const LIMIT: usize = 16;
const ROWS_EVERY: Duration = Duration::from_secs(10);

pub(crate) fn soak(client: &PrefectClient, count: usize) -> Result<()> {
    let (runner, deployment) = runner(client, "soak", |options| options.limit(LIMIT))?;
    let ids: Vec<Uuid> = (0..count)
        .map(|_| due(client, deployment, "sleeps", 0.5))
        .collect::<Result<_>>()?;
    println!("{count} runs are due; {LIMIT} run at once");
    row(&[&"s", &"ended", &"memory kB", &"threads", &"files"]);
    let began = Instant::now();
    let runs = runner.clone();
    let runs = thread::spawn(move || runs.start());
    let mut ended = Vec::new();
    let mut left = ids;
    while !left.is_empty() {
        thread::sleep(ROWS_EVERY);
        // Each is asked for until it has ended.
        let mut still = Vec::new();
        for id in left {
            let run = patiently(|| client.read_flow_run(id))?;
            if is_over(&run) {
                ended.push(run);
            } else {
                still.push(id);
            }
        }
        left = still;
        row(&[
            &began.elapsed().as_secs(),
            &ended.len(),
            &memory_kb(),
            &threads(),
            &files(),
        ]);
    }
    runner.stop()?;
    runs.join().expect("it does not panic")?;
    told(&ended, began.elapsed())
}

fn told(ended: &[FlowRunResponse], took: Duration) -> Result<()> {
    let name = |run: &FlowRunResponse| run.state_name.clone().unwrap_or_default();
    let states = counted(ended.iter().map(name));
    let counts = counted(
        ended
            .iter()
            .map(|run| format!("run {} times", run.run_count)),
    );
    println!("{states:?}, {counts:?}, {:.0} s", took.as_secs_f64());
    ensure!(
        states.len() == 1 && states.contains_key("Completed"),
        "not all are Completed"
    );
    ensure!(counts.len() == 1, "not all ran once");
    Ok(())
}
