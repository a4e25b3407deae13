//! A flow run ends when the server has made task runs of what it was told, whatever it has stored.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use diptych_macros::dual;
use prefect_client::models::{Event, TaskRun as Row};
use prefect_client::operations;
use prefect_client::testing::Received;
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun, Flow, FlowRun, RunFailed};
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun, Task, TaskRun};
use prefect_sdk::testing::TestServer;
use serde_json::Value;
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

/// A server that makes something of what comes a second time.
fn forgetful() -> (TestServer, Arc<Mutex<Maker>>) {
    let (server, maker) = (TestServer::new(), Arc::new(Mutex::new(Maker::default())));
    let of_events = Arc::clone(&maker);
    server
        .mock()
        .on(&operations::CREATE_EVENTS)
        .answers_with(move |request: &Received| {
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
async fn aends_late(server: &TestServer) -> u32 {
    let flow = AsyncFlow::new("sums", |run: AsyncFlowRun, count: usize| async move {
        let one = AsyncTask::new("one", |_: AsyncTaskRun, n: u32| async move {
            Ok::<_, String>(n)
        });
        let mut sum = 0;
        for n in 0..count {
            sum += one.call(&run, u32::try_from(n).unwrap()).await?;
        }
        Ok::<_, RunFailed<String>>(sum)
    });
    #[dual(async)]
    let client = server.aclient();
    #[dual(blocking)]
    let client = server.client();
    flow.call(&client, &TASKS).await.unwrap()
}

/// Before the last state of the flow run was proposed, all came again, and nothing a third time.
fn check(server: &TestServer, maker: &Mutex<Maker>) {
    let maker = maker.lock().unwrap();
    let made: Vec<&str> = maker.made.values().map(|(_, name)| name.as_str()).collect();
    assert_eq!(made, ["Completed"; TASKS]);
    assert_eq!(maker.came.values().collect::<Vec<_>>(), [&2; 3 * TASKS]);
    let requests = server.mock().requests();
    let names = requests.iter().map(|request| request.operation().name());
    let names: Vec<&str> = names.collect();
    let last = |wanted: &str| names.iter().rposition(|name| *name == wanted).unwrap();
    assert!(last("create_events") < last("count_task_runs"));
    assert!(
        last("count_task_runs") < last("set_flow_run_state"),
        "{names:?}"
    );
}

#[test]
fn a_flow_ends_when_its_task_runs_are_made() {
    let (server, maker) = forgetful();
    assert_eq!(ends_late(&server), 3);
    check(&server, &maker);
}

#[tokio::test]
async fn an_async_flow_ends_when_its_task_runs_are_made() {
    let (server, maker) = forgetful();
    assert_eq!(aends_late(&server).await, 3);
    check(&server, &maker);
}

#[test]
fn a_flow_asks_once_where_all_are_made_and_never_without_tasks() {
    let server = TestServer::new();
    ends_late(&server);
    let flow = Flow::new("nothing", |_: FlowRun, ()| Ok::<_, RunFailed<String>>(()));
    flow.call(&server.client(), &()).unwrap();
    let requests = server.mock().requests();
    let asked = requests
        .iter()
        .filter(|request| request.operation().name() == "count_task_runs");
    // Once more where it took long enough to look for those that had only begun.
    assert!((1..=2).contains(&asked.count()));
    let asked = requests
        .iter()
        .any(|request| request.operation().name() == "read_task_runs");
    assert!(!asked);
}
