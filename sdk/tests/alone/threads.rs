//! A process that can start no more threads.

use std::thread;
use std::time::Duration;

use prefect_sdk::flows::{Flow, FlowRun, RunFailed};
use prefect_sdk::tasks::{Task, TaskRun};
use prefect_sdk::testing::TestServer;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::forked::in_a_child;

/// How much memory this process has taken.
fn taken() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let size = size.unwrap().trim().trim_end_matches(" kB");
    size.parse::<u64>().unwrap() * 1024
}

/// Takes what is left for threads.
fn take_all_threads() {
    let limit = Rlimit {
        current: Some(taken() + 1024 * 1024),
        ..getrlimit(Resource::As)
    };
    setrlimit(Resource::As, limit).unwrap();
    let rests = || thread::Builder::new().spawn(|| thread::sleep(Duration::from_mins(10)));
    while rests().is_ok() {}
}

fn submitted_to_no_thread() -> i32 {
    let server = TestServer::new();
    let flow = Flow::new("full", |run: FlowRun, (): ()| {
        let task = Task::new("late", |_: TaskRun, (): ()| Ok::<u32, String>(1));
        let before = getrlimit(Resource::As);
        take_all_threads();
        let ended = task.submit(&run, ()).result();
        setrlimit(Resource::As, before).unwrap();
        let Err(RunFailed::Engine(error)) = ended else {
            return Err("it ran".to_owned());
        };
        let text = error.to_string();
        if text.contains("no thread can be started") {
            Ok(1)
        } else {
            Err(text)
        }
    });
    match flow.call(&server.client(), &()) {
        Ok(_) => 0,
        Err(failed) => {
            eprintln!("{failed}");
            1
        }
    }
}

#[test]
fn a_task_that_no_thread_can_be_started_for_says_so() {
    assert_eq!(in_a_child(submitted_to_no_thread), 0);
}
