//! What seldom happens to flows and tasks, in Python and in both faces: what the server has of it in the end.

mod beside;

use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{State, StateType};
#[dual(crate::faces)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, AsyncFlowRunEntered};
use prefect_sdk::flows::{FlowOptions, RunFailed, RunFlowOptions};
use prefect_sdk::tasks::{Argument, Each, TaskOptions};
#[dual(crate::faces)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, AsyncTaskRunEntered};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::sleep as asleep;
use uuid::Uuid;

use self::beside::PYTHON;
use super::endings::ValueError;
use super::given::{Both, X};
use super::rows;
use super::trees::assert_same_trees;
use crate::{python, server};

/// The flow runs, with how many task runs each has.
const RUNS: [(&str, usize); 17] = [
    ("refuses", 1),
    ("catches", 1),
    ("passes-on", 1),
    ("maps", 3),
    ("gives-FAILED", 0),
    ("gives-CANCELLED", 0),
    ("gives-CRASHED", 0),
    ("gives-COMPLETED", 0),
    ("tasks-give", 4),
    ("late-twice", 0),
    ("slow-twice", 1),
    ("nests-w-3", 3),
    ("hooks-completed", 1),
    ("hooks-fails", 2),
    ("hooks-CANCELLED", 1),
    ("hooks-CRASHED", 1),
    ("hooks-FAILED", 2),
];

type Failed = RunFailed<ValueError>;

/// What a flow may be given.
#[derive(Clone, Serialize, Deserialize)]
struct Sub {
    n: i64,
    word: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Given {
    #[serde(rename = "type")]
    type_: String,
    own: Option<String>,
}

impl Given {
    fn all() -> [Self; 4] {
        let all = [
            ("FAILED", None),
            ("CANCELLED", None),
            ("CRASHED", None),
            ("COMPLETED", Some("Skipped")),
        ];
        all.map(|(type_, own)| Self {
            type_: type_.to_owned(),
            own: own.map(str::to_owned),
        })
    }

    /// The state that is given.
    fn state(self) -> State {
        let mut state = State::new(StateType::from(self.type_.as_str()), Uuid::new_v4());
        state.name = self.own;
        state.message = Some("mine".to_owned());
        state
    }
}

#[derive(Clone, Serialize)]
struct One {
    n: i64,
    x: Value,
}

#[derive(Clone, Serialize, Deserialize)]
struct End {
    end: String,
}

/// Called hooks, in their order.
#[derive(Clone, Default)]
struct Called(Arc<Mutex<Vec<String>>>);

impl Called {
    fn add(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    fn hook(&self, who: &str, on: &str, state: &State) {
        let name = state.name.as_deref().unwrap_or_default();
        self.add(format!("{who}.on_{on}: {name}"));
    }
}

fn named(name: &str) -> FlowOptions {
    FlowOptions::new().flow_run_name(name)
}

#[dual(crate::faces)]
fn afailing(name: &str, options: TaskOptions) -> AsyncTask<X, i64, ValueError> {
    let task = AsyncTask::new(name, |_: AsyncTaskRun, _: X| async {
        Err::<i64, _>(ValueError("no"))
    });
    task.with_options(options)
}

#[dual(crate::faces)]
fn asub() -> AsyncFlow<Sub, i64, ValueError> {
    let twice = afailing("twice", TaskOptions::new().retries(1));
    let sub = AsyncFlow::new("sub", move |run: AsyncFlowRun, given: Sub| {
        let twice = twice.clone();
        async move {
            let ended = twice.call(&run, X { x: given.n }).await;
            ended.map_err(|failed: Failed| failed.raised().unwrap_or(ValueError("late")))
        }
    });
    sub.with_options(named("sub").retries(1))
}

/// What fails, and who goes on after that.
#[dual(crate::faces)]
async fn afail(client: &AsyncPrefectClient, name: &str, outer: &RunFlowOptions) {
    let refuses = AsyncFlow::new(name, |run: AsyncFlowRun, (): ()| async move {
        let refused = afailing("refused", TaskOptions::new().retries(2));
        let refused = refused.retry_condition(|_: &Failed| false);
        refused.return_state(&run, X { x: 1 }).await;
        Ok::<_, ValueError>(1)
    });
    let four = || Sub {
        n: 4,
        word: "w".to_owned(),
    };
    let catches = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| async move {
        let inner = RunFlowOptions::new().tags(["inner"]);
        let state = asub().return_state_with(&run, &four(), &inner).await;
        state.map_err(|_| ValueError("engine"))?;
        Ok::<_, ValueError>(1)
    });
    let passes_on = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| async move {
        asub().call(&run, &four()).await
    });
    let maps = AsyncFlow::new(name, |run: AsyncFlowRun, (): ()| async move {
        let failed = afailing("failing", TaskOptions::new()).submit(&run, X { x: 1 });
        let total = AsyncTask::new("total", |_: AsyncTaskRun, given: Both| async move {
            Ok::<_, ValueError>(given.x + given.y)
        });
        let each = Each::from([1, 2]).named("x");
        let each = each.zip(failed.unmapped().named("y"));
        let futures = total.map(&run, each.map(|(x, y)| Both { x, y }));
        for future in futures.map_err(|_| ValueError("engine"))? {
            future.wait().await;
        }
        Ok::<_, ValueError>(1)
    });
    let refuses = refuses.with_options(named("refuses"));
    refuses.call_with(client, &(), outer).await.unwrap();
    let catches = catches.with_options(named("catches"));
    catches.call_with(client, &(), outer).await.unwrap();
    let passes_on = passes_on.with_options(named("passes-on").retries(1));
    passes_on.call_with(client, &(), outer).await.unwrap_err();
    let maps = maps.with_options(named("maps"));
    maps.call_with(client, &(), outer).await.unwrap();
}

/// What gives a state.
#[dual(crate::faces)]
async fn agive_all(client: &AsyncPrefectClient, name: &str, outer: &RunFlowOptions) {
    let gives = AsyncFlow::new(name, |_: AsyncFlowRun, given: Given| async move {
        Ok::<_, ValueError>(given.state())
    });
    let gives = gives.with_options(named("gives-{type}"));
    for given in Given::all() {
        gives.call_with(client, &given, outer).await.ok();
    }
    let tasks = AsyncFlow::new(name, |run: AsyncFlowRun, (): ()| async move {
        let gives = AsyncTask::new("gives_too", |_: AsyncTaskRun, given: Given| async move {
            Ok::<_, ValueError>(given.state())
        });
        let gives = gives.with_options(TaskOptions::new().retries(1));
        let mut all = Given::all();
        all[0].own = Some("Own".to_owned());
        for given in all {
            gives.return_state(&run, given).await;
        }
        Ok::<_, ValueError>(1)
    });
    let tasks = tasks.with_options(named("tasks-give"));
    tasks.call_with(client, &(), outer).await.unwrap();
}

/// What takes too long, twice.
#[dual(crate::faces)]
async fn aend_late(client: &AsyncPrefectClient, name: &str, outer: &RunFlowOptions) {
    let millis = Duration::from_millis;
    let late = AsyncFlow::new(name, move |_: AsyncFlowRun, (): ()| async move {
        asleep(millis(1500)).await;
        Ok::<_, ValueError>(1)
    });
    let options = named("late-twice").timeout(millis(500)).retries(1);
    let late = late.with_options(options);
    late.call_with(client, &(), outer).await.unwrap_err();
    let slow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| async move {
        let slow = AsyncTask::new("slow", move |_: AsyncTaskRun, (): ()| async move {
            asleep(millis(1000)).await;
            Ok::<_, ValueError>(1)
        });
        let options = TaskOptions::new().timeout(millis(250)).retries(1);
        slow.with_options(options).return_state(&run, ()).await;
        Ok::<_, ValueError>(1)
    });
    let slow = slow.with_options(named("slow-twice"));
    slow.call_with(client, &(), outer).await.unwrap();
}

/// Futures deep within what a task is given, and names of what that is.
#[dual(crate::faces)]
async fn anest(client: &AsyncPrefectClient, name: &str, outer: &RunFlowOptions) {
    let nests = AsyncFlow::new(name, |run: AsyncFlowRun, _: Sub| async move {
        let one = AsyncTask::new("one", |_: AsyncTaskRun, given: One| async move {
            Ok::<_, ValueError>(given.n + given.x["a"].as_i64().unwrap_or_default())
        });
        let one = one.with_options(TaskOptions::new().task_run_name("of-{n}-{x[a]}"));
        let [first, second] = [(1, 5), (2, 6)].map(|(n, a)| {
            let x = json!({"a": a});
            one.submit(&run, One { n, x })
        });
        let nested = AsyncTask::new("nested", |_: AsyncTaskRun, _: Value| async {
            Ok::<_, ValueError>(1)
        });
        let all: Argument<Vec<i64>> = Argument::all([&first, &second, &first]).named("x");
        let given = all.map(
            |all| json!({"x": {"first": all[0], "others": [all[1], {"again": all[2]}], "n": 3}}),
        );
        nested.submit(&run, given).wait().await;
        Ok::<_, ValueError>(1)
    });
    let given = Sub {
        n: 3,
        word: "w".to_owned(),
    };
    let nests = nests.with_options(named("nests-{word}-{n}"));
    nests.call_with(client, &given, outer).await.unwrap();
}

/// A task with hooks that fails at first.
#[dual(crate::faces)]
fn ahooked(called: &Called) -> AsyncTask<Value, i64, ValueError> {
    let hook = |on: &'static str| {
        let called = called.clone();
        move |run: AsyncTaskRunEntered| {
            called.hook("task", on, &run.state);
            async { Ok::<_, ValueError>(()) }
        }
    };
    let task = AsyncTask::new("hooked", |run: AsyncTaskRun, _: Value| async move {
        if run.run_count() == 1 {
            return Err(ValueError("no"));
        }
        Ok(1)
    });
    task.with_options(TaskOptions::new().retries(1))
        .on_running(hook("running"))
        .on_completion(hook("completion"))
        .on_failure(hook("failure"))
}

/// What calls hooks.
#[dual(crate::faces)]
async fn acall_hooks(
    client: &AsyncPrefectClient,
    name: &str,
    outer: &RunFlowOptions,
) -> Vec<String> {
    let called = Called::default();
    let told = called.clone();
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, given: End| {
        told.add(given.end.clone());
        let hooked = ahooked(&told);
        async move {
            let given_to_task = json!({"x": 1, "failures": [false, true]});
            hooked.return_state(&run, given_to_task).await;
            if given.end == "fails" {
                return Err(ValueError("no"));
            }
            let type_ = given.end.to_uppercase();
            Ok(Given { type_, own: None }.state())
        }
    });
    let hook = |on: &'static str| {
        let called = called.clone();
        move |run: AsyncFlowRunEntered| {
            called.hook("flow", on, &run.state);
            async { Ok::<_, ValueError>(()) }
        }
    };
    let flow = flow
        .with_options(named("hooks-{end}").retries(1))
        .on_running(hook("running"))
        .on_completion(hook("completion"))
        .on_failure(hook("failure"))
        .on_cancellation(hook("cancellation"))
        .on_crashed(hook("crashed"));
    for end in ["completed", "fails", "CANCELLED", "CRASHED", "FAILED"] {
        let end = end.to_owned();
        flow.call_with(client, &End { end }, outer).await.ok();
    }
    let called = called.0.lock().unwrap();
    called.clone()
}

/// Runs all of it, and says which hooks were called.
#[dual(crate::faces)]
async fn arun_all(client: &AsyncPrefectClient, name: &str) -> Vec<String> {
    let outer = RunFlowOptions::new().tags(["outer"]);
    afail(client, name, &outer).await;
    agive_all(client, name, &outer).await;
    aend_late(client, name, &outer).await;
    anest(client, name, &outer).await;
    acall_hooks(client, name, &outer).await
}

#[test]
fn what_seldom_happens_ends_as_in_python() {
    let names = ["python", "blocking", "async"].map(server::unique);
    let called = [
        python::run(PYTHON, &json!({"name": names[0]})),
        json!(run_all(&server::client(), &names[1])),
        json!(server::run(async {
            arun_all(&server::async_client(), &names[2]).await
        })),
    ];
    assert_same_trees(&names, &RUNS);
    for others in &called[1..] {
        rows::assert_same(others, &called[0]);
    }
}
