//! Many runs that are due at once, and what the runner takes meanwhile.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::models::StateType;
use uuid::Uuid;

use crate::figures::{counted, files, memory_kb, row, threads};
use crate::flow::{due, is_over, patiently, runner};

const LIMIT: usize = 16;
/// So that a thousand take ten minutes.
const LASTS_S: f64 = 9.0;
const ROWS_EVERY: Duration = Duration::from_secs(20);

pub(crate) fn soak(client: &PrefectClient, count: usize) -> Result<()> {
    let (runner, deployment) = runner(client, "soak", |options| options.limit(LIMIT))?;
    let ids: Vec<Uuid> = (0..count)
        .map(|_| due(client, deployment, "sleeps", LASTS_S))
        .collect::<Result<_>>()?;
    println!("{count} runs of {LASTS_S} s are due; {LIMIT} run at once");
    let began = Instant::now();
    let runs = runner.clone();
    let runs = thread::spawn(move || runs.start());
    let (is_over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ended = thread::scope(|scope| {
        scope.spawn(|| sampled(began, &is_over, &count));
        let ended = until_over(client, ids, &count);
        is_over.store(true, Ordering::Release);
        ended
    })?;
    runner.stop()?;
    runs.join().expect("it does not panic")?;
    told(&ended, began.elapsed())
}

/// What this process, which is the runner, takes.
fn sampled(began: Instant, is_over: &AtomicBool, ended: &AtomicUsize) {
    row(&[&"s", &"ended", &"memory kB", &"threads", &"files"]);
    let mut next = began;
    while !is_over.load(Ordering::Acquire) {
        if Instant::now() >= next {
            next += ROWS_EVERY;
            row(&[
                &began.elapsed().as_secs(),
                &ended.load(Ordering::Acquire),
                &memory_kb(),
                &threads(),
                &files(),
            ]);
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// How a run ended, and how often it ran; no more of it is kept, as it is this process whose memory is measured.
type Ended = (&'static str, i64);

/// Each is asked for until it has ended, the first one first.
fn until_over(client: &PrefectClient, ids: Vec<Uuid>, count: &AtomicUsize) -> Result<Vec<Ended>> {
    let mut ended = Vec::new();
    for id in ids {
        loop {
            let run = patiently(|| client.read_flow_run(id))?;
            if is_over(&run) {
                let state = match run.state_type {
                    Some(StateType::Completed) => "Completed",
                    Some(StateType::Failed) => "Failed",
                    Some(StateType::Crashed) => "Crashed",
                    _ => "Cancelled",
                };
                ended.push((state, run.run_count));
                count.store(ended.len(), Ordering::Release);
                break;
            }
            thread::sleep(Duration::from_millis(500));
        }
    }
    Ok(ended)
}

fn told(ended: &[Ended], took: Duration) -> Result<()> {
    let states = counted(ended.iter().map(|(state, _)| (*state).to_owned()));
    let counts = ended.iter().map(|(_, count)| format!("run {count} times"));
    let counts = counted(counts);
    println!("{states:?}, {counts:?}, {:.0} s", took.as_secs_f64());
    ensure!(
        states.len() == 1 && states.contains_key("Completed"),
        "not all are Completed"
    );
    ensure!(counts.len() == 1, "not all ran once");
    Ok(())
}
