//! The flows of the program.

use std::time::Duration;

use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun, FlowRunEntered};
use prefect_sdk::results::FlowResultOptions;
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskRun};
use serde::{Deserialize, Serialize};

pub(crate) const ADD: &str = "program-add";
pub(crate) const DOUBLE: &str = "program-double";
pub(crate) const PANIC: &str = "program-panic";
/// Sleeps for so many milliseconds.
pub(crate) const SLEEP: &str = "program-sleep";
/// Fails at first, and is retried after some seconds.
pub(crate) const RETRY: &str = "program-retry";
/// The same, after a time in which it is sure to be cancelled.
pub(crate) const RETRY_LATE: &str = "program-retry-late";
/// Ends its process in a way that is the parameter.
pub(crate) const LEAVE: &str = "program-leave";
/// Has hooks.
pub(crate) const HOOKED: &str = "program-hooked";
/// Where these write to, as a variable says.
pub(crate) const HOOKS_FILE: &str = "PROGRAM_HOOKS_FILE";

pub(crate) const ASK: &str = "program-ask";
pub(crate) const ENDLESS: &str = "program-endless";
pub(crate) const SHIELDED: &str = "program-shielded";
/// Calls one short task after the other.
pub(crate) const STEPS: &str = "program-steps";
pub(crate) const ASTEPS: &str = "program-asteps";
/// How many: more than there is time for.
pub(crate) const MOST_STEPS: u64 = 600;
pub(super) const TALK: &str = "program-talk";
pub(super) const ATALK: &str = "program-atalk";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sum {
    x: i64,
    #[serde(default)]
    y: i64,
}

pub(super) fn add() -> Flow<Sum, i64, String> {
    let results = FlowResultOptions::new().persist(true);
    Flow::new(ADD, |_: FlowRun, sum: Sum| {
        let result = sum.x.checked_add(sum.y);
        result.ok_or_else(|| "it is too much".to_owned())
    })
    .with_options(FlowOptions::new().version("v1").results(results))
}

pub(super) fn double() -> AsyncFlow<Sum, i64, String> {
    let task = AsyncTask::new("twice", |_: AsyncTaskRun, x: i64| async move {
        tokio::task::yield_now().await;
        Ok::<_, String>(2 * x)
    });
    AsyncFlow::new(DOUBLE, move |run: AsyncFlowRun, sum: Sum| {
        let task = task.clone();
        async move {
            let doubled = task.call(&run, sum.x).await;
            doubled.map_err(|failed| failed.to_string())
        }
    })
}

pub(super) fn panics() -> Flow<(), (), String> {
    Flow::new(PANIC, |_: FlowRun, (): ()| panic!("it is what it does"))
}

pub(super) fn sleep() -> Flow<u64, (), String> {
    Flow::new(SLEEP, |_: FlowRun, milliseconds: u64| {
        std::thread::sleep(Duration::from_millis(milliseconds));
        Ok(())
    })
}

pub(super) fn retry(name: &str, delay: Duration) -> Flow<(), (), String> {
    Flow::new(name, |run: FlowRun, (): ()| match run.run_count() {
        1 => Err("at first".to_owned()),
        _ => Ok(()),
    })
    .with_options(FlowOptions::new().retries(1).retry_delay(delay))
}

pub(super) fn leave() -> Flow<String, (), String> {
    Flow::new(LEAVE, |_: FlowRun, way: String| match way.as_str() {
        "abort" => std::process::abort(),
        code => std::process::exit(code.parse().unwrap()),
    })
}

/// Ends when it is cancelled, and says so in a file.
pub(super) fn ask() -> Flow<String, (), String> {
    Flow::new(ASK, |run: FlowRun, file: String| {
        run.cancellation().requested();
        std::fs::write(file, "it is cancelled").map_err(|error| error.to_string())
    })
}

/// Awaits what never comes, in a task.
pub(super) fn endless() -> AsyncFlow<(), (), String> {
    let task = AsyncTask::new("endless", |_: AsyncTaskRun, (): ()| {
        std::future::pending::<Result<(), String>>()
    });
    AsyncFlow::new(ENDLESS, move |run: AsyncFlowRun, (): ()| {
        let task = task.clone();
        async move {
            task.call(&run, ())
                .await
                .map_err(|failed| failed.to_string())
        }
    })
}

/// Does what must not be left half done.
pub(super) fn shielded() -> AsyncFlow<String, (), String> {
    AsyncFlow::new(SHIELDED, |run: AsyncFlowRun, file: String| async move {
        let shield = run.cancellation().shield();
        run.cancellation().arequested().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        std::fs::write(file, "it is whole").map_err(|error| error.to_string())?;
        drop(shield);
        std::future::pending().await
    })
}

pub(super) fn steps() -> Flow<(), (), String> {
    let step = Task::new("step", |_: TaskRun, _: u64| {
        std::thread::sleep(Duration::from_millis(200));
        Ok::<(), String>(())
    });
    Flow::new(STEPS, move |run: FlowRun, (): ()| {
        (0..MOST_STEPS)
            .try_for_each(|number| step.call(&run, number))
            .map_err(|failed| failed.to_string())
    })
}

pub(super) fn asteps() -> AsyncFlow<(), (), String> {
    let step = AsyncTask::new("step", |_: AsyncTaskRun, _: u64| async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok::<(), String>(())
    });
    AsyncFlow::new(ASTEPS, move |run: AsyncFlowRun, (): ()| {
        let step = step.clone();
        async move {
            for number in 0..MOST_STEPS {
                let done = step.call(&run, number).await;
                done.map_err(|failed| failed.to_string())?;
            }
            Ok(())
        }
    })
}

/// Says something, and so does its task, which says where it is in a thread too.
pub(super) fn talk() -> Flow<String, (), String> {
    let task = Task::new("answer", |run: TaskRun, name: String| {
        tracing::warn!(target: "program", "{name} in a task");
        let span = run.span().clone();
        let thread = std::thread::spawn(move || {
            span.in_scope(|| tracing::info!(target: "program", "{name} in a thread"));
        });
        thread.join().unwrap();
        Ok::<(), String>(())
    });
    Flow::new(TALK, move |run: FlowRun, name: String| {
        tracing::info!(target: "program", "{name} in a flow");
        tracing::debug!(target: "program", "too little");
        task.call(&run, name.clone())
            .map_err(|failed| failed.to_string())?;
        Err(format!("{name} fails"))
    })
}

/// The same, where it awaits.
pub(super) fn atalk() -> AsyncFlow<String, (), String> {
    let task = AsyncTask::new("answer", |_: AsyncTaskRun, name: String| async move {
        tracing::warn!(target: "program", "{name} in a task");
        let later = async move { tracing::info!(target: "program", "{name} in a thread") };
        tokio::spawn(tracing::Instrument::in_current_span(later))
            .await
            .map_err(|error| error.to_string())
    });
    AsyncFlow::new(ATALK, move |run: AsyncFlowRun, name: String| {
        let task = task.clone();
        async move {
            tokio::task::yield_now().await;
            tracing::info!(target: "program", "{name} in a flow");
            let answer = task.call(&run, name.clone()).await;
            answer.map_err(|failed| failed.to_string())?;
            Err(format!("{name} fails"))
        }
    })
}

/// Ends its process in the way that is the parameter, or sleeps; whoever calls its hooks writes into a file.
pub(crate) fn hooked(file: &str) -> Flow<String, (), String> {
    let written = |file: String| {
        move |run: FlowRunEntered| {
            let line = format!(
                "{} {} {}\n",
                std::process::id(),
                run.flow_run.id,
                run.state.type_
            );
            let file = std::fs::File::options()
                .append(true)
                .create(true)
                .open(&file);
            std::io::Write::write_all(&mut file?, line.as_bytes())
        }
    };
    let flow = Flow::new(HOOKED, |_: FlowRun, way: String| {
        if way == "abort" {
            std::process::abort();
        }
        std::thread::sleep(Duration::from_mins(10));
        Ok(())
    });
    flow.on_cancellation(written(file.to_owned()))
        .on_crashed(written(file.to_owned()))
}
