//! A flow run ends at once where the server has answered all along; else when that has made task runs of what it was told, whatever it
//! has stored.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use diptych_macros::dual;
use prefect_client::models::{Event, TaskRun as Row};
use prefect_client::operations;
use prefect_client::testing::{Received, Reply};
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowRun, RunFailed};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskRun};
use prefect_sdk::testing::TestServer;
use serde_json::{Value, json};
use uuid::Uuid;

const TASKS: usize = 3;

/// What a server makes of events that it takes and stores each time, as if its process had ended after the first.
#[derive(Default)]
struct Maker {
    came: BTreeMap<Uuid, usize>,
    /// The state that each task run is in.
    made: BTreeMap<Uuid, (Event, String)>,
}

impl Maker {
    fn take(&mut self, event: Event) {
        let came = self.came.entry(event.id).or_default();
        *came += 1;
        let label = |name: &str| event.resource.get(name).cloned().unwrap_or_default();
        let id = label("prefect.resource.id");
        let id = id.strip_prefix("prefect.task-run.").unwrap_or_default();
        if let (2, Ok(id)) = (*came, id.parse()) {
            let name = label("prefect.state-name");
            self.made.insert(id, (event, name));
        }
    }

    fn asked_for(&self, request: &Received) -> Vec<Row> {
        let filter = &request.json()["task_runs"];
        let list = |value: &Value| value.as_array().cloned();
        let ids = list(&filter["id"]["any_"]).unwrap_or_default();
        let names = list(&filter["state"]["name"]["any_"]);
        let ids = ids.iter().filter_map(|id| id.as_str()?.parse().ok());
        let rows = ids.filter_map(|id: Uuid| {
            let (_, name) = self.made.get(&id)?;
            let names = names.as_ref();
            let is_wanted = names.is_none_or(|names| names.contains(&name.as_str().into()));
            let mut row = Row::new("key", "dynamic", id);
            row.state_name = Some(name.clone());
            is_wanted.then_some(row)
        });
        rows.collect()
    }
}

/// A server that makes something of what comes a second time. What it does first with events.
fn forgetful(first: Option<Reply<()>>) -> (TestServer, Arc<Mutex<Maker>>) {
    let (server, maker) = (TestServer::new(), Arc::new(Mutex::new(Maker::default())));
    let of_events = Arc::clone(&maker);
    let events = server.mock().on(&operations::CREATE_EVENTS);
    if let Some(first) = first {
        events.replies(first);
    }
    events.answers_with(move |request: &Received| {
        let events: Vec<Event> = serde_json::from_value(request.json()).unwrap();
        let mut maker = of_events.lock().unwrap();
        for event in events {
            maker.take(event);
        }
    });
    let of_count = Arc::clone(&maker);
    server
        .mock()
        .on(&operations::COUNT_TASK_RUNS)
        .answers_with(move |request: &Received| {
            i64::try_from(of_count.lock().unwrap().asked_for(request).len()).unwrap()
        });
    let of_rows = Arc::clone(&maker);
    server
        .mock()
        .on(&operations::READ_TASK_RUNS)
        .answers_with(move |request: &Received| of_rows.lock().unwrap().asked_for(request));
    // The answers that the server had before are used up.
    server.client().create_events(&[]).unwrap();
    server.client().count_task_runs().unwrap();
    (server, maker)
}

#[dual(crate::faces)]
async fn aends_late(server: &TestServer, silence: Duration) -> u32 {
    let flow = AsyncFlow::new("sums", move |run: AsyncFlowRun, count: usize| async move {
        let one = AsyncTask::new("one", |_: AsyncTaskRun, n: u32| async move {
            Ok::<_, String>(n)
        });
        let mut sum = 0;
        for n in 0..count {
            sum += one.call(&run, u32::try_from(n).unwrap()).await?;
        }
        #[dual(async)]
        tokio::time::sleep(silence).await;
        #[dual(blocking)]
        thread::sleep(silence);
        Ok::<_, RunFailed<String>>(sum)
    });
    #[dual(async)]
    let client = server.aclient();
    #[dual(blocking)]
    let client = server.client();
    flow.call(&client, &TASKS).await.unwrap()
}

fn sent(server: &TestServer) -> Vec<&'static str> {
    let requests = server.mock().requests();
    let names = requests.iter().map(|request| request.operation().name());
    names.collect()
}

fn last(names: &[&str], wanted: &str) -> usize {
    let place = names.iter().rposition(|name| *name == wanted);
    place.unwrap_or_else(|| panic!("no {wanted} in {names:?}"))
}

/// All came again, and nothing a third time.
fn check_made(maker: &Mutex<Maker>) {
    let maker = maker.lock().unwrap();
    let made: Vec<&str> = maker.made.values().map(|(_, name)| name.as_str()).collect();
    assert_eq!(made, ["Completed"; TASKS]);
    assert_eq!(maker.came.values().collect::<Vec<_>>(), [&2; 3 * TASKS]);
}

/// The same, before the last state of the flow run was proposed.
fn check(server: &TestServer, maker: &Mutex<Maker>) {
    check_made(maker);
    let names = sent(server);
    let counted = last(&names, "count_task_runs");
    assert!(last(&names, "create_events") < counted);
    assert!(counted < last(&names, "set_flow_run_state"), "{names:?}");
}

/// What leaves it open whether the process that took events is still there.
fn disturbances() -> [(Option<Reply<()>>, Duration); 3] {
    let passing = Reply::Failure(503, "no".to_owned());
    [
        (Some(Reply::Refuses), Duration::ZERO),
        (Some(passing), Duration::ZERO),
        // Nobody asks anything for as long as a server needs to begin.
        (None, SILENCE),
    ]
}

const SILENCE: Duration = Duration::from_secs(2);

#[test]
fn a_flow_ends_when_its_task_runs_are_made_if_they_may_be_lost() {
    thread::scope(|scope| {
        for (first, silence) in disturbances() {
            scope.spawn(move || {
                let (server, maker) = forgetful(first);
                assert_eq!(ends_late(&server, silence), 3);
                check(&server, &maker);
            });
        }
    });
}

#[tokio::test]
async fn an_async_flow_ends_when_its_task_runs_are_made_if_they_may_be_lost() {
    let ends = disturbances().map(|(first, silence)| {
        tokio::spawn(async move {
            let (server, maker) = forgetful(first);
            assert_eq!(aends_late(&server, silence).await, 3);
            check(&server, &maker);
        })
    });
    for end in ends {
        end.await.unwrap();
    }
}

/// The last state is not taken at first, as there is no server.
fn away_in_the_end(server: &TestServer) {
    let states = server.mock().on(&operations::SET_FLOW_RUN_STATE);
    states.replies(Reply::Refuses);
    states.answers_json(json!({
        "status": "ACCEPT",
        "state": {"id": Uuid::now_v7(), "type": "COMPLETED", "name": "Completed"},
        "details": {"type": "accept_details"},
    }));
}

fn check_again(server: &TestServer, maker: &Mutex<Maker>) {
    check_made(maker);
    let names = sent(server);
    let counted = last(&names, "count_task_runs");
    assert!(last(&names, "set_flow_run_state") < counted, "{names:?}");
}

#[test]
fn what_a_server_may_have_lost_that_was_away_when_a_flow_ended_is_sent_again() {
    let (server, maker) = forgetful(None);
    away_in_the_end(&server);
    assert_eq!(ends_late(&server, Duration::ZERO), 3);
    check_again(&server, &maker);
}

#[tokio::test]
async fn what_a_server_may_have_lost_that_was_away_when_an_async_flow_ended_is_sent_again() {
    let (server, maker) = forgetful(None);
    away_in_the_end(&server);
    assert_eq!(aends_late(&server, Duration::ZERO).await, 3);
    check_again(&server, &maker);
}

#[tokio::test]
async fn what_a_server_may_have_lost_of_what_blocking_tasks_call_in_an_async_flow_is_sent_again() {
    let (server, maker) = forgetful(None);
    away_in_the_end(&server);
    let outer = Task::new("outer", |run: TaskRun, (): ()| {
        let one = Task::new("one", |_: TaskRun, n: usize| Ok::<_, RunFailed<String>>(n));
        (1..TASKS).try_for_each(|n| one.call(&run, n).map(drop))
    });
    let outer = outer.to_async();
    let flow = AsyncFlow::new("calls", move |run: AsyncFlowRun, ()| {
        let outer = outer.clone();
        async move { outer.call(&run, ()).await }
    });
    flow.call(&server.aclient(), &()).await.unwrap();
    check_again(&server, &maker);
}

/// A machine that stands still is a silence as well, so one of many is enough.
const TRIES: usize = 100;

fn asks(server: &TestServer) -> bool {
    let asked = |name: &&str| ["count_task_runs", "read_task_runs"].contains(name);
    sent(server).iter().any(asked)
}

#[test]
fn a_flow_asks_for_no_task_runs_of_a_server_that_answers_all_along() {
    assert!((0..TRIES).any(|_| {
        let server = TestServer::new();
        ends_late(&server, Duration::ZERO);
        !asks(&server)
    }));
    let server = TestServer::new();
    let flow = Flow::new("nothing", |_: FlowRun, ()| Ok::<_, RunFailed<String>>(()));
    flow.call(&server.client(), &()).unwrap();
    assert!(!asks(&server));
}

#[tokio::test]
async fn an_async_flow_asks_for_no_task_runs_of_a_server_that_answers_all_along() {
    for _ in 0..TRIES {
        let server = TestServer::new();
        aends_late(&server, Duration::ZERO).await;
        if !asks(&server) {
            return;
        }
    }
    panic!("it asked each time");
}
