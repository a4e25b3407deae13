//! Task runs that wait for others, and those that can't be run, in both faces and without a server.

mod unbegun;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_sdk::client::models::{State, StateCreate, StateType};
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowOptions, FlowRun, RunFailed};
use prefect_sdk::states;
use prefect_sdk::tasks::{
    Argument, AsyncTask, AsyncTaskFuture, AsyncTaskRun, Task, TaskFuture, TaskOptions, TaskRun,
};
use prefect_sdk::testing::TestServer;
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::runs::later;

type Failed = RunFailed<String>;

#[dual(crate::faces)]
fn asame() -> AsyncTask<u32, u32, String> {
    AsyncTask::new("same", |_: AsyncTaskRun, n: u32| async move { Ok(n) })
}

fn of_one_at_once() -> FlowOptions {
    FlowOptions::new().max_workers(1)
}

/// The only turn is that of a task which calls a flow, and what that leaves depends on a task which waits behind it.
#[dual(crate::faces)]
async fn ainner_flow(client: AsyncPrefectClient) -> u32 {
    let outer = AsyncFlow::new("outer", |run: AsyncFlowRun, ()| async move {
        let calls = AsyncTask::new("calls", |run: AsyncTaskRun, ()| async move {
            let client = run.client().clone();
            let inner = AsyncFlow::new("inner", |run: AsyncFlowRun, ()| async move {
                let first = asame().submit(&run, 1);
                let queued: AsyncTaskFuture<u32, String> = asame().submit(&run, &first);
                asame().submit(&run, &queued);
                Ok::<_, String>(7)
            });
            inner
                .call(&client, &())
                .await
                .map_err(|failed| failed.to_string())
        });
        let called = calls.submit(&run, ());
        let ended = called.result().await?;
        Ok::<_, Failed>(ended)
    });
    outer
        .with_options(of_one_at_once())
        .call(&client, &())
        .await
        .unwrap()
}

#[test]
fn a_flow_in_a_task_ends_although_the_task_has_the_only_turn() {
    let server = TestServer::new();
    assert_eq!(inner_flow(server.client()), 7);
    assert_eq!(later(ainner_flow(server.aclient())), 7);
}

/// The inner flow leaves a task that depends on one of the outer flow, which waits behind the task that calls it.
#[dual(crate::faces)]
async fn aouter_future(client: AsyncPrefectClient) -> u32 {
    let outer = AsyncFlow::new("outer", |run: AsyncFlowRun, ()| async move {
        let begins = AsyncTask::new("begins", |_: AsyncTaskRun, n: u32| async move {
            Ok::<_, String>(n)
        });
        let of_outer = run.clone();
        let calls = AsyncTask::new("calls", move |run: AsyncTaskRun, ()| {
            let queued = begins.submit(&of_outer, 3);
            let client = run.client().clone();
            async move {
                let queued = Arc::new(queued);
                let inner = AsyncFlow::new("inner", move |run: AsyncFlowRun, ()| {
                    asame().submit(&run, &*queued);
                    async { Ok::<_, String>(7) }
                });
                inner
                    .call(&client, &())
                    .await
                    .map_err(|failed| failed.to_string())
            }
        });
        calls.submit(&run, ()).result().await
    });
    outer
        .with_options(of_one_at_once())
        .call(&client, &())
        .await
        .unwrap()
}

#[test]
fn what_an_inner_flow_leaves_may_depend_on_the_outer_one() {
    let server = TestServer::new();
    assert_eq!(outer_future(server.client()), 7);
    assert_eq!(later(aouter_future(server.aclient())), 7);
}

/// Each of many tasks submits two, of which the second depends on the first, and waits for the second only. Gives how many had
/// begun at once, at most.
#[dual(crate::faces)]
async fn achains(client: AsyncPrefectClient, count: u32) -> usize {
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let outer = AsyncTask::new("outer", move |run: AsyncTaskRun, n: u32| {
        let (open, most) = (Arc::clone(&open), Arc::clone(&most));
        most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let first = asame().submit(&run, n);
        let second = asame().submit(&run, &first);
        async move {
            let ended = second.result().await.map_err(|failed| failed.to_string());
            open.fetch_sub(1, Ordering::SeqCst);
            ended
        }
    });
    let flow = AsyncFlow::new("chains", move |run: AsyncFlowRun, count: u32| {
        let outer = outer.clone();
        async move {
            for future in outer.map(&run, 0..count)? {
                future.result().await?;
            }
            Ok::<_, Failed>(())
        }
    });
    flow.with_options(FlowOptions::new().max_workers(2))
        .call(&client, &count)
        .await
        .unwrap();
    seen.load(Ordering::SeqCst)
}

#[test]
fn what_is_waited_for_is_wanted_with_all_that_it_depends_on() {
    // Two have turns. One that has lent its own may have begun others before the two that it waits for.
    let server = TestServer::new();
    let most = chains(server.client(), 60);
    assert!(most <= 8, "{most} had begun at once");
    let most = later(achains(server.aclient(), 60));
    assert!(most <= 8, "{most} had begun at once");
}

/// What a task run came from, by its parameters.
#[dual(crate::faces)]
async fn ainputs(client: AsyncPrefectClient) -> Vec<uuid::Uuid> {
    #[derive(Clone, Serialize)]
    struct Given {
        x: u32,
        all: Vec<u32>,
        other: u32,
    }
    let flow = AsyncFlow::new("inputs", |run: AsyncFlowRun, ()| async move {
        let futures = asame().map(&run, 0..3)?;
        let of = |n: usize| Argument::from(&futures[n]);
        let x = of(0)
            .named("x")
            .zip(of(1).named("x"))
            .map(|(one, two)| one + two);
        let all = Argument::from(&futures).named("all");
        let given = x
            .zip(all)
            .zip(of(2))
            .map(|((x, all), other)| Given { x, all, other });
        let takes = AsyncTask::new("takes", |_: AsyncTaskRun, given: Given| async move {
            Ok::<_, String>(given.x + given.all.iter().sum::<u32>() + given.other)
        });
        assert_eq!(takes.submit(&run, given).result().await?, 1 + 3 + 2);
        Ok::<_, Failed>(futures.iter().map(AsyncTaskFuture::id).collect::<Vec<_>>())
    });
    flow.call(&client, &()).await.unwrap()
}

fn look_at_inputs(server: &TestServer, ids: &[uuid::Uuid]) {
    let runs = server.task_runs();
    let takes = runs
        .iter()
        .find(|run| run.name.starts_with("takes"))
        .unwrap();
    let of = |name: &str| -> Vec<String> {
        let inputs = takes.task_inputs[name].as_array().unwrap().iter();
        inputs
            .map(|input| input["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(of("x"), ids[..2]);
    assert_eq!(of("all"), ids);
}

#[test]
fn lists_and_parameters_of_several_runs_keep_what_they_come_from() {
    let server = TestServer::new();
    look_at_inputs(&server, &inputs(server.client()));
    let server = TestServer::new();
    look_at_inputs(&server, &later(ainputs(server.aclient())));
}

/// A task that gives a failed state is retried, and gives it; what depends on it is not ready; and a flow that gives one failed.
#[dual(crate::faces)]
async fn agiven_states(client: AsyncPrefectClient) -> Failed {
    let gives = AsyncTask::new("gives", |_: AsyncTaskRun, ()| async {
        Ok::<_, String>(made(&states::failed().message("by hand")))
    });
    let gives = gives.with_options(TaskOptions::new().retries(1));
    let flow = AsyncFlow::new("gives-states", move |run: AsyncFlowRun, ()| {
        let gives = gives.clone();
        async move {
            let counts = AsyncTask::new("counts", |_: AsyncTaskRun, _: State| async {
                Ok::<_, String>(1)
            });
            let state = gives.submit(&run, ());
            let never = counts.submit(&run, &state);
            assert!(matches!(never.result().await, Err(RunFailed::NotReady(_))));
            assert_eq!(state.state().message.as_deref(), Some("by hand"));
            state.result().await
        }
    });
    match flow.call(&client, &()).await {
        Err(RunFailed::Ended(state)) => RunFailed::Ended(state),
        other => panic!("{other:?}"),
    }
}

fn made(state: &StateCreate) -> State {
    let mut made = State::new(state.type_.clone(), uuid::Uuid::now_v7());
    made.name.clone_from(&state.name);
    made.message.clone_from(&state.message);
    made
}

#[test]
fn states_that_functions_give_are_those_of_their_runs() {
    let servers = [TestServer::new(), TestServer::new()];
    given_states(servers[0].client());
    later(agiven_states(servers[1].aclient()));
    for server in servers {
        let runs = server.task_runs();
        let gives = runs
            .iter()
            .find(|run| run.name.starts_with("gives"))
            .unwrap();
        assert_eq!(
            gives.state_names(),
            ["Pending", "Running", "Retrying", "Failed"]
        );
        assert_eq!(server.flow_runs()[0].state_names().last(), Some(&"Failed"));
    }
}

type Ask = Box<dyn Fn() -> bool + Send + Sync>;

/// Its copies ask the future that they are copies of.
#[derive(Serialize)]
struct Asks {
    #[serde(skip)]
    ask: Arc<OnceLock<Ask>>,
}

impl Clone for Asks {
    fn clone(&self) -> Self {
        assert!(self.ask.get().is_some_and(|ask| ask()));
        let ask = Arc::clone(&self.ask);
        Self { ask }
    }
}

#[test]
fn copies_are_made_without_a_lock() {
    let flow = Flow::new("copies", |run: FlowRun, ()| {
        let ask = Arc::<OnceLock<Ask>>::default();
        let given = Arc::clone(&ask);
        let makes = Task::new("makes", move |_: TaskRun, ()| {
            let ask = Arc::clone(&given);
            Ok::<_, String>(Asks { ask })
        });
        let takes = Task::new("takes", |_: TaskRun, _: Asks| Ok::<_, String>(1));
        let future = Arc::new(makes.submit(&run, ()));
        future.wait();
        let asked = Arc::clone(&future);
        assert!(ask.set(Box::new(move || asked.is_done())).is_ok());
        takes.submit(&run, &*future).result()
    });
    assert_eq!(flow.call(&TestServer::new().client(), &()).unwrap(), 1);
}
