//! Subflows that nobody waits for, that were cancelled, or that could not begin, in both faces and without a server.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::client::models::{FlowRunResponse, State, StateType};
use prefect_sdk::client::operations;
use prefect_sdk::client::testing::Reply;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{
    AsyncFlow, AsyncFlowRun, AsyncFlowRunEntered, Cancellation, Flow, FlowOptions, FlowRun,
    FlowRunEntered, RunFailed, RunFlowOptions,
};
use prefect_sdk::results::{FlowResultOptions, ResultSettings, StorageReference};
use prefect_sdk::testing::TestServer;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::runs::later;

/// The names of the last states of all runs, in the order in which these were made.
fn last_states(server: &TestServer) -> Vec<String> {
    let runs = server.flow_runs();
    let last = |names: Vec<&str>| names.last().unwrap().to_string();
    runs.iter().map(|run| last(run.state_names())).collect()
}

#[test]
fn a_flow_ends_after_a_subflow_that_nobody_waits_for() {
    let server = TestServer::new();
    let inner = Flow::new("inner", |_: FlowRun, (): ()| {
        thread::sleep(Duration::from_millis(50));
        Ok::<_, String>(())
    });
    let begun = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&begun);
    let outer = Flow::new("outer", move |run: FlowRun, (): ()| {
        let inner = inner.clone();
        let (tell, told) = std::sync::mpsc::channel();
        let inner = inner.on_running(move |_: FlowRunEntered| tell.send(()));
        let thread = thread::spawn(move || inner.call(&run, &()));
        told.recv().unwrap();
        kept.lock().unwrap().push(thread);
        Ok::<_, String>(())
    });
    outer.call(&server.client(), &()).unwrap();
    assert_eq!(last_states(&server), ["Completed", "Completed"]);
}

#[test]
fn an_async_flow_ends_after_a_subflow_that_was_dropped_or_is_not_awaited() {
    let server = TestServer::new();
    let inner = AsyncFlow::new("inner", |run: AsyncFlowRun, is_endless: bool| async move {
        let _run = run;
        if is_endless {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok::<_, String>(())
    });
    let outer = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let begun = Arc::new(tokio::sync::Semaphore::new(0));
        let tell = Arc::clone(&begun);
        let inner = inner.clone().on_running(move |_: AsyncFlowRunEntered| {
            tell.add_permits(1);
            async { Ok::<_, String>(()) }
        });
        async move {
            tokio::select! {
                biased;
                _ = inner.call(&run, &true) => unreachable!("it is endless"),
                first = begun.acquire() => first.unwrap().forget(),
            }
            tokio::spawn(async move { inner.call(&run, &false).await });
            begun.acquire().await.unwrap().forget();
            Ok::<_, String>(())
        }
    });
    later(async {
        outer.call(&server.aclient(), &()).await.unwrap();
        assert_eq!(last_states(&server), ["Completed", "Crashed", "Completed"]);
    });
}

#[test]
fn a_flow_whose_time_is_up_cancels_the_subflows_that_go_on() {
    let server = TestServer::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let inner = AsyncFlow::new("inner", |run: AsyncFlowRun, ()| async move {
        let _run = run;
        std::future::pending::<Result<(), String>>().await
    });
    let inner = inner.on_cancellation(move |run: AsyncFlowRunEntered| {
        keep.lock().unwrap().push(run.state.type_);
        async { Ok::<_, String>(()) }
    });
    let outer = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let inner = inner.clone();
        async move {
            let other = (inner.clone(), run.clone());
            tokio::spawn(async move { other.0.call(&other.1, &()).await });
            inner.call(&run, &()).await
        }
    });
    // The other one has begun when this is over, or it never begins.
    let timeout = Duration::from_millis(200);
    let outer = outer.with_options(FlowOptions::new().timeout(timeout));
    later(async {
        let ended = outer.call(&server.aclient(), &()).await;
        assert!(matches!(ended, Err(RunFailed::TimedOut(_))), "{ended:?}");
    });
    let last = last_states(&server);
    assert_eq!(last[0], "TimedOut");
    // The one that the function awaited is dropped with it.
    assert!(
        last[1..]
            .iter()
            .all(|name| ["Cancelled", "Crashed"].contains(&name.as_str())),
        "{last:?}"
    );
    let told = told.lock().unwrap();
    assert!(told.iter().all(|type_| *type_ == StateType::Cancelling));
}

/// A subflow with a token of its own is cancelled with the outer one, too; and one token may be that of many runs.
#[dual(crate::faces)]
async fn aown_tokens(client: AsyncPrefectClient) -> u32 {
    let (own, ran) = (Cancellation::new(), Arc::new(AtomicU32::new(0)));
    let (of_inner, count) = (own.clone(), Arc::clone(&ran));
    let inner = AsyncFlow::new("inner", move |run: AsyncFlowRun, is_last: bool| {
        count.fetch_add(1, Ordering::SeqCst);
        assert!(!run.cancellation().is_requested());
        let _ = is_last;
        async { Ok::<_, String>(1) }
    });
    let outer = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let (inner, of_inner) = (inner.clone(), of_inner.clone());
        async move {
            let options = RunFlowOptions::new().cancellation(&of_inner);
            for _ in 0..2 {
                assert_eq!(inner.call_with(&run, &false, &options).await.unwrap(), 1);
            }
            run.cancellation().request();
            let ended = inner.call_with(&run, &true, &options).await;
            assert!(matches!(ended, Err(RunFailed::Cancelled)));
            Ok::<_, String>(1)
        }
    });
    let options = RunFlowOptions::new().cancellation(&Cancellation::new());
    let ended = outer.call_with(&client, &(), &options).await;
    assert!(matches!(ended, Err(RunFailed::Cancelled)));
    assert!(!own.is_requested());
    ran.load(Ordering::SeqCst)
}

#[test]
fn a_subflow_with_a_token_of_its_own_is_cancelled_with_its_flow() {
    let expected = ["Cancelled", "Completed", "Completed", "Cancelled"];
    let server = TestServer::new();
    assert_eq!(own_tokens(server.client()), 2);
    assert_eq!(last_states(&server), expected);
    let server = TestServer::new();
    assert_eq!(later(aown_tokens(server.aclient())), 2);
    assert_eq!(last_states(&server), expected);
}

/// What hooks were told of a run that somebody cancels while it begins.
#[dual(crate::faces)]
async fn atold_when_it_begins(client: AsyncPrefectClient) -> Vec<StateType> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = |told: &Arc<Mutex<Vec<StateType>>>| {
        let told = Arc::clone(told);
        move |run: AsyncFlowRunEntered| {
            told.lock().unwrap().push(run.state.type_);
            async { Ok::<_, String>(()) }
        }
    };
    let flow = AsyncFlow::new("begins", |_: AsyncFlowRun, ()| async {
        Ok::<_, String>(())
    });
    let flow = flow.on_running(keep(&told)).on_cancellation(keep(&told));
    drop(flow.call(&client, &()).await);
    let told = told.lock().unwrap();
    told.clone()
}

#[test]
fn hooks_are_told_of_the_state_that_was_accepted() {
    let server = || server_of(StateType::Cancelling);
    let expected = [StateType::Running];
    assert_eq!(told_when_it_begins(server().client()), expected);
    assert_eq!(later(atold_when_it_begins(server().aclient())), expected);
}

/// A server that says of each run that it is in that state, but does with it what it does with others.
fn server_of(type_: StateType) -> TestServer {
    let server = TestServer::new();
    server
        .mock()
        .on(&operations::READ_FLOW_RUN)
        .answers_with(move |_| read_as(type_.clone()));
    // What it answers otherwise is over after the first time.
    assert!(server.client().read_flow_run(Uuid::nil()).is_err());
    server
}

fn read_as(type_: StateType) -> FlowRunResponse {
    let mut run = FlowRunResponse::new(Uuid::nil(), Uuid::nil());
    run.state_type = Some(type_.clone());
    run.state = Some(State::new(type_, Uuid::nil()));
    run
}

/// Parameters that are written, and can't be read.
#[derive(Serialize)]
struct Odd;

impl<'de> Deserialize<'de> for Odd {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("no"))
    }
}

#[dual(crate::faces)]
async fn arefused(client: AsyncPrefectClient) -> RunFailed<String> {
    let flow = AsyncFlow::new("odd", |_: AsyncFlowRun, _: Odd| async {
        Ok::<_, String>(())
    });
    flow.call(&client, &Odd).await.unwrap_err()
}

#[test]
fn parameters_that_do_not_fit_do_not_end_a_run_that_has_ended() {
    let server = || server_of(StateType::Cancelled);
    let (blocking, other) = (server(), server());
    for failed in [refused(blocking.client()), later(arefused(other.aclient()))] {
        assert!(matches!(failed, RunFailed::Ended(_)), "{failed:?}");
    }
    assert_eq!(last_states(&blocking), ["Pending"]);
    assert_eq!(last_states(&other), ["Pending"]);
    let failed = refused(TestServer::new().client());
    assert!(matches!(failed, RunFailed::Parameters(_)), "{failed:?}");
}

#[dual(crate::faces)]
async fn acan_t_begin(client: AsyncPrefectClient) {
    let inner = AsyncFlow::new("inner", |_: AsyncFlowRun, ()| async { Ok::<_, String>(()) });
    let outer = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let inner = inner.clone();
        async move { inner.call(&run, &()).await }
    });
    assert!(outer.call(&client, &()).await.is_err());
}

#[test]
fn what_was_made_for_a_subflow_that_can_t_begin_says_so() {
    let server = || {
        let server = TestServer::new();
        let own = server.mock();
        // After the first one.
        own.on(&operations::CREATE_FLOW)
            .answers_with(|_| -> Reply<_> { Reply::Failure(422, "no".to_owned()) });
        own.on(&operations::SET_TASK_RUN_STATE)
            .answers_with(|_| -> Reply<_> {
                let accept = prefect_sdk::client::models::StateAcceptDetails::new();
                let status = prefect_sdk::client::models::SetStateStatus::Accept;
                Reply::Value(prefect_sdk::client::models::OrchestrationResult::new(
                    status, accept,
                ))
            });
        server
    };
    let told = |server: &TestServer| -> Vec<(bool, String)> {
        let requests = server.mock().requests();
        let told = requests.iter().filter(|request| {
            request.path().contains("/task_runs/") && request.path().ends_with("/set_state")
        });
        told.map(|request| {
            let body = request.json();
            (body["force"] == true, body["state"]["type"].to_string())
        })
        .collect()
    };
    let expected = [(true, "\"CRASHED\"".to_owned())];
    let (blocking, other) = (server(), server());
    can_t_begin(blocking.client());
    assert_eq!(told(&blocking), expected);
    later(acan_t_begin(other.aclient()));
    assert_eq!(told(&other), expected);
}

/// How often a subflow ran whose outer flow is tried three times, and what that gave.
#[dual(crate::faces)]
async fn ataken_up(client: AsyncPrefectClient, room: String) -> (u32, u32) {
    let ran = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&ran);
    let storage = FlowResultOptions::new()
        .persist(true)
        .storage(StorageReference::Path(room));
    let inner = AsyncFlow::new("inner", move |_: AsyncFlowRun, n: u32| {
        count.fetch_add(1, Ordering::SeqCst);
        async move { Ok::<_, String>(n + 1) }
    });
    let inner = inner.take_up_results();
    let outer = AsyncFlow::new("outer", move |run: AsyncFlowRun, ()| {
        let inner = inner.clone();
        async move {
            let given = inner.call(&run, &1).await.unwrap();
            assert_eq!(
                inner.return_state(&run, &2).await.unwrap().type_,
                StateType::Completed
            );
            if run.run_count() < 3 {
                return Err("once more".to_owned());
            }
            Ok(given)
        }
    });
    let outer = outer.with_options(FlowOptions::new().retries(2).results(storage));
    let options = RunFlowOptions::new().results(ResultSettings::new("/nowhere"));
    let given = outer.call_with(&client, &(), &options).await.unwrap();
    (ran.load(Ordering::SeqCst), given)
}

#[test]
fn what_a_subflow_has_given_is_taken_up_by_the_next_attempt() {
    let room = std::env::temp_dir().join(format!("prefect-sdk-taken-up-{}", std::process::id()));
    let text = room.to_str().unwrap().to_owned();
    let servers = [TestServer::new(), TestServer::new()];
    assert_eq!(taken_up(servers[0].client(), text.clone()), (2, 2));
    assert_eq!(later(ataken_up(servers[1].aclient(), text)), (2, 2));
    std::fs::remove_dir_all(&room).unwrap();
    for server in servers {
        assert_eq!(last_states(&server), ["Completed"; 3]);
    }
}
