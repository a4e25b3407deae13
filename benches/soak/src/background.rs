//! Tasks in the background over two workers, of which one is killed and begins again, again and again.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use prefect_sdk::client::PrefectClient;
use prefect_sdk::task;
use prefect_sdk::task_worker::{DistributedFuture, TaskWorker, TaskWorkerOptions};
use prefect_sdk::tasks::TaskRun;

use crate::child::Process;
use crate::figures::row;
use crate::room::{ROOM, Room, executed};

/// What a worker's process is called with.
pub(crate) const WORK: &str = "work";

const KILLED_EVERY: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_mins(10);
const TOLD_EVERY: usize = 1000;

#[task(task_key = "soak-double")]
fn double(_: &TaskRun, number: u64) -> Result<u64, std::io::Error> {
    executed(number)?;
    Ok(2 * number)
}

/// A worker, until it is told to end.
pub(crate) fn work(client: &PrefectClient) -> Result<()> {
    let options = TaskWorkerOptions::new().limit(8);
    TaskWorker::new(client, &[double::task()], &options)?.start()?;
    Ok(())
}

fn worker(room: &Room) -> Result<Process> {
    let mut program = Command::new(std::env::current_exe()?);
    Process::begin(program.arg(WORK).env(ROOM, room.path()))
}

pub(crate) fn soak(client: &PrefectClient, count: usize) -> Result<()> {
    let room = Room::new()?;
    let began = Instant::now();
    let numbers: Vec<u64> = (0..).take(count).collect();
    let is_over = AtomicBool::new(false);
    let (lost, killed) = thread::scope(|scope| {
        // They begin before: the server has a thousand runs of a task wait at most.
        let _steady = worker(&room)?;
        let kills = scope.spawn(|| killed_again_and_again(&room, &is_over));
        let given = given(client, &numbers);
        is_over.store(true, Ordering::Release);
        let killed = kills.join().expect("it does not panic")?;
        anyhow::Ok((given?, killed))
    })?;
    let executed = room.executions()?;
    let executions = executed.len();
    let executed = executed.into_iter().collect::<BTreeSet<_>>().len();
    row(&[
        &"runs",
        &"kills",
        &"executions",
        &"executed",
        &"no result",
        &"s",
    ]);
    let took = began.elapsed().as_secs();
    row(&[&count, &killed, &executions, &executed, &lost, &took]);
    ensure!(lost == 0 && executed == count, "runs are lost");
    Ok(())
}

/// How many runs of these numbers did not give what they are to give.
fn given(client: &PrefectClient, numbers: &[u64]) -> Result<usize> {
    let began = Instant::now();
    let mut runs = Vec::new();
    for number in numbers {
        runs.push(delayed(client, *number)?);
        if runs.len().is_multiple_of(TOLD_EVERY) {
            let took = began.elapsed().as_secs();
            println!("{} runs are submitted after {took} s", runs.len());
        }
    }
    let (mut lost, mut there) = (0, 0_usize);
    for (number, run) in numbers.iter().zip(&runs) {
        let given = run.result_at_most(PATIENCE);
        let is_there = given.is_ok_and(|given| given == 2 * number);
        lost += usize::from(!is_there);
        there += usize::from(is_there);
        if there.is_multiple_of(TOLD_EVERY) {
            let took = began.elapsed().as_secs();
            println!("{there} results are there after {took} s, {lost} are lost");
        }
    }
    Ok(lost)
}

/// A server under load does not always answer; whatever it has then besides is executed as well.
fn delayed(client: &PrefectClient, number: u64) -> Result<DistributedFuture<u64>> {
    let limit = Instant::now() + PATIENCE;
    loop {
        match double::delay(client, number) {
            Ok(run) => return Ok(run),
            Err(error) if Instant::now() > limit => return Err(error.into()),
            Err(_) => thread::sleep(Duration::from_millis(500)),
        }
    }
}

/// How often a worker was killed.
fn killed_again_and_again(room: &Room, is_over: &AtomicBool) -> Result<usize> {
    let mut killed = 0;
    loop {
        let worker = worker(room)?;
        let until = Instant::now() + KILLED_EVERY;
        while Instant::now() < until {
            if is_over.load(Ordering::Acquire) {
                return Ok(killed);
            }
            thread::sleep(Duration::from_millis(50));
        }
        drop(worker);
        killed += 1;
    }
}
