//! Task runs that wait for slots of their tags while their flow run stops, in both faces and without a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_sdk::client::models::{FlowRunResponse, State, StateType};
use prefect_sdk::client::operations;
use prefect_sdk::client::testing::Reply;
use prefect_sdk::client::transport::http::header::{CONTENT_TYPE, RETRY_AFTER};
use prefect_sdk::client::transport::http::{HeaderMap, HeaderValue, StatusCode};
use prefect_sdk::client::{Answer, AsyncPrefectClient, PrefectClient};
use prefect_sdk::flows::{
    AsyncFlow, AsyncFlowRun, Cancellation, Flow, FlowRun, RunFailed, RunFlowOptions,
};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskOptions, TaskRun};
use prefect_sdk::testing::TestServer;
use serde_json::json;
use uuid::Uuid;

/// After this, slots are free in any case: who still waits for one then goes on, which the tests see.
const LONG: Duration = Duration::from_mins(5);

/// How the task is called that waits.
#[derive(Clone, Copy, PartialEq)]
enum How {
    Called,
    Submitted,
    Shielded,
    /// By a function that has heard that its run is cancelled.
    Ending,
}

/// What the server says of a request for a slot.
#[derive(Clone, Copy)]
enum Slot {
    Free,
    /// Ask again after so many seconds.
    Taken(&'static str),
}

fn reply<T>(slot: Slot) -> Reply<T> {
    match slot {
        Slot::Free => {
            let limit = json!({"id": Uuid::nil(), "name": "tag:slow", "limit": 1});
            Reply::Json(json!({"lease_id": Uuid::nil(), "limits": [limit]}))
        }
        Slot::Taken(seconds) => {
            let headers = HeaderMap::from_iter([
                (RETRY_AFTER, HeaderValue::from_static(seconds)),
                (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            ]);
            let taken = r#"{"detail": "taken"}"#;
            Reply::Answer(Answer::new(StatusCode::LOCKED, headers, taken))
        }
    }
}

/// A server that says this of slots.
fn server(slot: impl Fn() -> Slot + Send + Sync + 'static) -> TestServer {
    let server = TestServer::new();
    let mock = server.mock();
    mock.on(&operations::BULK_INCREMENT_ACTIVE_SLOTS_WITH_LEASE)
        .answers_with(move |_| reply(slot()));
    mock.on(&operations::RENEW_CONCURRENCY_LEASE).answers(&());
    // What it answers otherwise is over after the first time.
    let client = server.client();
    let asked = client.bulk_increment_active_slots_with_lease(1, &["burnt".to_owned()]);
    assert!(asked.unwrap().limits.is_empty());
    server
}

/// How often slots were given back.
fn given_back(server: &TestServer) -> usize {
    let requests = server.mock().requests();
    let of = "bulk_decrement_active_slots_with_lease";
    requests
        .iter()
        .filter(|sent| sent.operation().name() == of)
        .count()
}

/// What a task gives that waits for a slot; how often its function was called is counted.
#[dual(crate::faces)]
async fn awaits_for_a_slot(
    client: AsyncPrefectClient,
    how: How,
    cancellation: Cancellation,
    calls: Arc<AtomicU32>,
) -> Result<u32, RunFailed<String>> {
    let task = AsyncTask::new("slow", move |_: AsyncTaskRun, (): ()| {
        calls.fetch_add(1, Ordering::SeqCst);
        async { Ok::<u32, String>(1) }
    });
    let task = task.with_options(TaskOptions::new().tags(["slow"]));
    let flow = AsyncFlow::new("waits", move |run: AsyncFlowRun, (): ()| {
        let task = task.clone();
        async move {
            let _shield = (how == How::Shielded).then(|| run.cancellation().shield());
            if how == How::Ending {
                run.cancellation().request();
            }
            let ended = if how == How::Submitted {
                task.submit(&run, ()).result().await
            } else {
                task.call(&run, ()).await
            };
            ended.map_err(|failed| failed.to_string())
        }
    });
    let options = RunFlowOptions::new().cancellation(&cancellation);
    flow.call_with(&client, &(), &options).await
}

/// Has the task wait in both faces, and gives how its flow ended, and how often its function was called.
fn of_both(
    how: How,
    server: impl Fn(&Cancellation) -> TestServer + Sync,
) -> [(Result<u32, RunFailed<String>>, u32, TestServer); 2] {
    let of_face = |is_async: bool| {
        let (cancellation, calls) = (Cancellation::new(), Arc::new(AtomicU32::new(0)));
        let (server, counted) = (server(&cancellation), Arc::clone(&calls));
        let ended = if is_async {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let client = server.aclient();
            runtime.block_on(awaits_for_a_slot(client, how, cancellation, counted))
        } else {
            waits_for_a_slot(server.client(), how, cancellation, counted)
        };
        (ended, calls.load(Ordering::SeqCst), server)
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| of_face(true));
        [of_face(false), other.join().unwrap()]
    })
}

#[test]
fn a_task_that_waits_for_a_slot_waits_no_longer_than_until_its_flow_is_cancelled() {
    for how in [How::Called, How::Submitted] {
        let ended = of_both(how, |cancellation| {
            let (cancellation, begun) = (cancellation.clone(), Instant::now());
            server(move || {
                cancellation.request();
                if begun.elapsed() < LONG {
                    Slot::Taken("300")
                } else {
                    Slot::Free
                }
            })
        });
        for (ended, calls, server) in ended {
            assert!(matches!(ended, Err(RunFailed::Cancelled)), "{ended:?}");
            assert_eq!((calls, given_back(&server)), (0, 0));
        }
    }
}

#[test]
fn a_task_whose_flow_is_cancelled_while_it_asks_for_a_slot_gives_that_back() {
    for how in [How::Called, How::Submitted] {
        let ended = of_both(how, |cancellation| {
            let cancellation = cancellation.clone();
            server(move || {
                cancellation.request();
                Slot::Free
            })
        });
        for (ended, calls, server) in ended {
            assert!(matches!(ended, Err(RunFailed::Cancelled)), "{ended:?}");
            assert_eq!(calls, 0);
            let limit = Instant::now() + LONG;
            // An async one that is dropped gives it back in the background.
            while given_back(&server) != 1 {
                assert!(Instant::now() < limit, "{}", given_back(&server));
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

#[test]
fn a_shield_holds_while_a_task_waits_for_a_slot() {
    let ended = of_both(How::Shielded, |cancellation| {
        let (cancellation, asked) = (cancellation.clone(), AtomicUsize::new(0));
        server(move || {
            cancellation.request();
            match asked.fetch_add(1, Ordering::SeqCst) {
                0 | 1 => Slot::Taken("0"),
                _ => Slot::Free,
            }
        })
    });
    for (ended, calls, server) in ended {
        // What the function gave is not taken, as ever.
        assert!(matches!(ended, Err(RunFailed::Cancelled)), "{ended:?}");
        assert_eq!((calls, given_back(&server)), (1, 1));
    }
}

/// A run of a deployment, as the server has it.
fn run_of_deployment(id: Uuid, type_: StateType, name: &str) -> FlowRunResponse {
    let mut run = FlowRunResponse::new(id, Uuid::nil());
    run.deployment_id = Some(Uuid::nil());
    let mut state = State::new(type_, Uuid::nil());
    state.name = Some(name.to_owned());
    (run.state_type, run.state) = (Some(state.type_.clone()), Some(state));
    run
}

/// A server whose runs are suspended as soon as a task has asked for a slot.
fn suspending() -> TestServer {
    let (asked, begun) = (Arc::new(AtomicBool::new(false)), Instant::now());
    let asks = Arc::clone(&asked);
    let server = server(move || {
        asks.store(true, Ordering::SeqCst);
        if begun.elapsed() < LONG {
            Slot::Taken("0.5")
        } else {
            Slot::Free
        }
    });
    let mock = server.mock();
    mock.on(&operations::READ_FLOW_RUN)
        .answers_with(|request| -> Reply<FlowRunResponse> {
            let id = request.parameter("id").and_then(|id| id.parse().ok());
            run_of_deployment(id.unwrap_or_default(), StateType::Running, "Running").into()
        });
    mock.on(&operations::READ_FLOW_RUNS)
        .answers_with(move |request| {
            let of = request.json()["flow_runs"]["id"]["any_"][0].clone();
            let id: Uuid = serde_json::from_value(of).unwrap_or_default();
            let limit = Instant::now() + LONG;
            while !asked.load(Ordering::SeqCst) && Instant::now() < limit {
                std::thread::sleep(Duration::from_millis(1));
            }
            vec![run_of_deployment(id, StateType::Paused, "Suspended")]
        });
    // What it answers otherwise is over after the first time.
    let client = server.client();
    assert!(client.read_flow_run(Uuid::nil()).is_err());
    drop(client.read_flow_runs());
    server
}

#[test]
fn a_task_that_waits_for_a_slot_does_not_begin_in_a_run_that_is_suspended_meanwhile() {
    let look = |how| {
        for (ended, calls, server) in of_both(how, |_| suspending()) {
            let Err(RunFailed::Ended(state)) = ended else {
                panic!("{ended:?}");
            };
            assert_eq!((state.name.as_deref(), calls), (Some("Suspended"), 0));
            // As Python's, it stays as it was.
            let runs = server.task_runs();
            assert_eq!(runs.len(), 1);
            assert_eq!(runs[0].state_names(), ["Pending"]);
        }
    };
    // It takes a while until it is asked what has become of the run.
    std::thread::scope(|scope| {
        scope.spawn(|| look(How::Called));
        look(How::Submitted);
    });
}

#[test]
fn what_a_blocking_flow_calls_to_end_has_the_slots_that_are_free() {
    let (server, calls) = (server(|| Slot::Free), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&calls);
    let ended = waits_for_a_slot(server.client(), How::Ending, Cancellation::new(), counted);
    assert!(matches!(ended, Err(RunFailed::Cancelled)), "{ended:?}");
    let calls = calls.load(Ordering::SeqCst);
    assert_eq!((calls, given_back(&server)), (1, 1));
}
