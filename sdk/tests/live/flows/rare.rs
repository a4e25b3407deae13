//! Hooks that fail, delays, what runs again and what it finds, and states that flows give: in Python and in both faces.

mod beside;

use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use diptych_macros::{dual, faces};
#[dual(rare)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{State, StateType};
#[dual(rare)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, AsyncFlowRunEntered};
use prefect_sdk::flows::{FlowOptions, RunFlowOptions};
use prefect_sdk::results::{CachePolicy, FlowResultOptions, ResultSettings};
#[dual(rare)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, AsyncTaskRunEntered};
use prefect_sdk::tasks::{RetryDelay, TaskOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::sleep as asleep;
use uuid::Uuid;

use self::beside::PYTHON;
use super::endings::ValueError;
use super::given::X;
use super::trees::assert_as_in_python;
use crate::room::Room;

/// The flow runs, with how many task runs each has.
const RUNS: [(&str, usize); 9] = [
    ("hooks-break", 2),
    ("delays", 3),
    ("slow-then-not", 1),
    ("again", 6),
    ("one-state", 1),
    ("all-good", 2),
    ("cancelled", 3),
    ("crashed", 2),
    ("crashed-only", 1),
];

/// The states that flows give, by the names of their runs.
const GIVEN: [(&str, &[&str]); 4] = [
    ("all-good", &["COMPLETED", "COMPLETED"]),
    ("cancelled", &["CANCELLED", "FAILED", "COMPLETED"]),
    ("crashed", &["CRASHED", "COMPLETED"]),
    ("crashed-only", &["CRASHED"]),
];

faces! {
    /// The names that differ between the faces here.
    rare {
        ..crate::faces,
        abreak_hooks => break_hooks,
        adelay_all => delay_all,
        ago_slowly => go_slowly,
        afail_once => fail_once,
        afailing_task => failing_task,
        agive => give,
        ago_up_to => go_up_to,
        atake_up => take_up,
        akept => kept,
        arun_again => run_again,
        arun_all => run_all,
        astate_of => state_of,
        aunkept => unkept,
    }
}

/// What was called, in its order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn tell(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    /// Whether it is the first time that it is told.
    fn is_first(&self, text: &str) -> bool {
        !self.0.lock().unwrap().iter().any(|told| told == text)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct N {
    n: i64,
}

#[derive(Clone, Serialize)]
struct Which {
    #[serde(rename = "type")]
    type_: String,
}

fn named(name: &str) -> FlowOptions {
    FlowOptions::new().flow_run_name(name)
}

const MILLI: Duration = Duration::from_millis(1);

fn name_of(state: &State) -> &str {
    state.name.as_deref().unwrap_or_default()
}

/// Hooks that fail, and those that are called after them.
#[dual(rare)]
async fn abreak_hooks(client: &AsyncPrefectClient, name: &str, told: &Told) {
    let of_task = |who: &'static str, breaks: bool| {
        let told = told.clone();
        move |run: AsyncTaskRunEntered| {
            told.tell(format!("{who} {}", name_of(&run.state)));
            async move { if breaks { Err("hook") } else { Ok(()) } }
        }
    };
    let of_flow = |who: &'static str, breaks: bool| {
        let told = told.clone();
        move |run: AsyncFlowRunEntered| {
            told.tell(format!("{who} {}", name_of(&run.state)));
            async move { if breaks { Err("hook") } else { Ok(()) } }
        }
    };
    let completes = AsyncTask::new("completes_hooked", |_: AsyncTaskRun, given: X| async move {
        Ok::<_, ValueError>(given.x)
    });
    let completes = completes.on_completion(of_task("task completes", true));
    let fails = afailing_task("fails_hooked", TaskOptions::new().retries(1));
    let fails = fails
        .on_running(of_task("task runs", true))
        .on_running(of_task("task runs too", false))
        .on_failure(of_task("task fails", true))
        .on_failure(of_task("task fails too", false));
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        let (completes, fails) = (completes.clone(), fails.clone());
        async move {
            completes.call(&run, X { x: 1 }).await.unwrap();
            let failed = fails.call(&run, X { x: 1 }).await.unwrap_err();
            Err::<i64, _>(failed.raised().unwrap())
        }
    });
    let flow = flow
        .with_options(named("hooks-break"))
        .on_running(of_flow("flow runs", true))
        .on_failure(of_flow("flow fails", true))
        .on_failure(of_flow("flow fails too", false));
    flow.call(client, &()).await.unwrap_err();
}

#[dual(rare)]
fn afailing_task(name: &str, options: TaskOptions) -> AsyncTask<X, i64, ValueError> {
    let task = AsyncTask::new(name, |_: AsyncTaskRun, _: X| async {
        Err::<i64, _>(ValueError("no"))
    });
    task.with_options(options)
}

/// A task that fails before that attempt.
#[dual(rare)]
fn ago_up_to(name: &str, attempt: u32, options: TaskOptions) -> AsyncTask<X, i64, ValueError> {
    let task = AsyncTask::new(name, move |run: AsyncTaskRun, given: X| async move {
        if run.run_count() < attempt {
            return Err(ValueError("no"));
        }
        Ok(given.x)
    });
    task.with_options(options)
}

/// Delays of which there are fewer than retries, some by chance, and none.
#[dual(rare)]
async fn adelay_all(client: &AsyncPrefectClient, name: &str) {
    let delays = TaskOptions::new().retry_delay(vec![100 * MILLI, 200 * MILLI]);
    let shorter = ago_up_to("shorter", 4, delays.retries(3));
    let jitter = TaskOptions::new().retry_jitter_factor(0.5);
    let jitter = jitter.retries(2).retry_delay(100 * MILLI);
    let jitters = ago_up_to("jitters", 2, jitter);
    let none = TaskOptions::new().retry_delay(RetryDelay::Each(Vec::new()));
    let undelayed = afailing_task("undelayed", none.retries(1));
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        let (shorter, jitters) = (shorter.clone(), jitters.clone());
        let undelayed = undelayed.clone();
        async move {
            shorter.call(&run, X { x: 1 }).await.unwrap();
            jitters.call(&run, X { x: 1 }).await.unwrap();
            undelayed.return_state(&run, X { x: 1 }).await;
            Ok::<_, ValueError>(1)
        }
    });
    let flow = flow.with_options(named("delays"));
    flow.call(client, &()).await.unwrap();
}

/// A task that takes too long, then fails, then does neither.
#[dual(rare)]
async fn ago_slowly(client: &AsyncPrefectClient, name: &str) {
    let slow = AsyncTask::new("slow_then_not", |run: AsyncTaskRun, given: X| async move {
        if run.run_count() == 1 {
            asleep(Duration::from_secs(1)).await;
        }
        if run.run_count() == 2 {
            return Err(ValueError("no"));
        }
        Ok(given.x)
    });
    let options = TaskOptions::new().timeout(250 * MILLI).retries(2);
    let slow = slow.with_options(options.retry_delay(100 * MILLI));
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        let slow = slow.clone();
        async move { Ok::<_, ValueError>(slow.call(&run, X { x: 1 }).await.unwrap()) }
    });
    let flow = flow.with_options(named("slow-then-not"));
    flow.call(client, &()).await.unwrap();
}

#[dual(rare)]
fn akept(told: &Told) -> AsyncTask<X, i64, ValueError> {
    let told = told.clone();
    let task = AsyncTask::new("kept", move |_: AsyncTaskRun, given: X| {
        told.tell(format!("kept {}", given.x));
        async move { Ok(given.x + 1) }
    });
    task.cache_policy(CachePolicy::inputs() + CachePolicy::run_id())
}

#[dual(rare)]
fn aunkept(told: &Told) -> AsyncTask<X, i64, ValueError> {
    let told = told.clone();
    AsyncTask::new("unkept", move |_: AsyncTaskRun, given: X| {
        told.tell(format!("unkept {}", given.x));
        async move { Ok(given.x + 1) }
    })
}

/// A flow that keeps what it gives.
#[dual(rare)]
fn atake_up(told: &Told) -> AsyncFlow<N, i64, ValueError> {
    let of_flow = told.clone();
    let flow = AsyncFlow::new("takes_up", move |run: AsyncFlowRun, given: N| {
        let told = of_flow.clone();
        told.tell("takes up");
        async move {
            akept(&told).call(&run, X { x: given.n }).await.unwrap();
            aunkept(&told).call(&run, X { x: given.n }).await.unwrap();
            Ok(given.n)
        }
    });
    let kept = FlowResultOptions::new().persist(true);
    flow.with_options(named("takes-up").results(kept))
        .take_up_results()
}

/// A flow that fails once.
#[dual(rare)]
fn afail_once(told: &Told) -> AsyncFlow<N, i64, ValueError> {
    let of_flow = told.clone();
    let flow = AsyncFlow::new("fails_once", move |run: AsyncFlowRun, given: N| {
        let told = of_flow.clone();
        async move {
            akept(&told).call(&run, X { x: given.n }).await.unwrap();
            aunkept(&told).call(&run, X { x: 2 }).await.unwrap();
            if told.is_first("failed") {
                told.tell("failed");
                return Err(ValueError("no"));
            }
            Ok(1)
        }
    });
    flow.with_options(named("fails-once"))
}

/// A flow that runs again after a flow in it has failed, and what that finds.
#[dual(rare)]
async fn arun_again(client: &AsyncPrefectClient, name: &str, told: &Told, room: &Room) {
    let of_flow = told.clone();
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        let told = of_flow.clone();
        async move {
            akept(&told).call(&run, X { x: 1000 }).await.unwrap();
            aunkept(&told).call(&run, X { x: 1 }).await.unwrap();
            let takes_up = atake_up(&told);
            takes_up.call(&run, &N { n: 2000 }).await.unwrap();
            let fails_once = afail_once(&told);
            let ended = fails_once.call(&run, &N { n: 3000 }).await;
            ended.map_err(|failed| failed.raised().unwrap())
        }
    });
    let flow = flow.with_options(named("again").retries(1));
    let options = RunFlowOptions::new().results(ResultSettings::new(room.text()));
    flow.call_with(client, &(), &options).await.unwrap();
}

/// A task that ends in that state.
#[dual(rare)]
fn astate_of() -> AsyncTask<Which, State, ValueError> {
    AsyncTask::new("state_of", |_: AsyncTaskRun, given: Which| async move {
        if given.type_ == "FAILED" {
            return Err(ValueError("no"));
        }
        let mut state = State::new(StateType::from(given.type_.as_str()), Uuid::new_v4());
        if given.type_ != "COMPLETED" {
            state.message = Some("mine".to_owned());
        }
        Ok(state)
    })
}

/// Flows that give states of task runs.
#[dual(rare)]
async fn agive(client: &AsyncPrefectClient, name: &str) {
    let one = AsyncFlow::new(name, |run: AsyncFlowRun, (): ()| async move {
        let type_ = "FAILED".to_owned();
        let state = astate_of().return_state(&run, Which { type_ }).await;
        Ok::<_, ValueError>(state)
    });
    let one = one.with_options(named("one-state"));
    one.call(client, &()).await.unwrap_err();
    for (which, types) in GIVEN {
        let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| async move {
            let mut states = Vec::new();
            for type_ in types {
                let type_ = (*type_).to_owned();
                states.push(astate_of().return_state(&run, Which { type_ }).await);
            }
            Ok::<_, ValueError>(states)
        });
        flow.with_options(named(which))
            .call(client, &())
            .await
            .unwrap();
    }
}

/// Runs all of it, and says what was told.
#[dual(rare)]
async fn arun_all(client: &AsyncPrefectClient, name: &str) -> Value {
    let (told, room) = (Told::default(), Room::new("rare"));
    abreak_hooks(client, name, &told).await;
    adelay_all(client, name).await;
    ago_slowly(client, name).await;
    arun_again(client, name, &told, &room).await;
    agive(client, name).await;
    json!(*told.0.lock().unwrap())
}

#[test]
fn hooks_delays_what_runs_again_and_states_are_as_in_python() {
    assert_as_in_python("rare", PYTHON, &RUNS, run_all, arun_all);
}
