//! What runs keep, and who reads it; slots of their tags.

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::ConcurrencyLimitV2Create;
#[dual(crate::faces)]
use prefect_sdk::flows::{AsyncFlow, AsyncFlowRun};
use prefect_sdk::flows::{FlowOptions, RunFailed, RunFlowOptions};
use prefect_sdk::results::{FlowResultOptions, ResultSettings, TaskResultOptions};
use prefect_sdk::tasks::TaskOptions;
#[dual(crate::faces)]
use prefect_sdk::tasks::{AsyncTask, AsyncTaskRun};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::rows;
use crate::room::Room;
use crate::{python, server};

/// Python reads the results of runs, or their exceptions.
const READ: &str = r"
import asyncio
from prefect import get_client
async def main():
    read = []
    async with get_client() as client:
        for id in arguments['runs']:
            state = (await client.read_flow_run(id)).state
            result = await state.aresult(raise_on_failure=False)
            read.append(str(result) if isinstance(result, Exception) else result)
        for id in arguments['task_runs']:
            read.append(await (await client.read_task_run(id)).state.aresult())
    answer(read)
asyncio.run(main())
";

/// Runs one flow that keeps what it gives, and one that fails; says which runs it were, and which task run.
#[dual(crate::faces)]
async fn akeep(client: &AsyncPrefectClient, name: &str, room: &Room) -> ([Uuid; 2], Uuid) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let options = TaskResultOptions::new().storage_key("{flow_run.id}/{parameters[parameter]}");
    let ids = sender.clone();
    let count = AsyncTask::new("count", move |run: AsyncTaskRun, text: String| {
        ids.send(run.id()).unwrap();
        async move { Ok::<_, String>(text.len()) }
    })
    .with_options(TaskOptions::new().results(options));
    let ids = sender.clone();
    let kept = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        ids.send(run.id()).unwrap();
        let count = count.clone();
        async move {
            let length = count.call(&run, "four".to_owned()).await;
            length
                .map(|length| json!({"length": length}))
                .map_err(|failed| failed.to_string())
        }
    })
    .with_options(FlowOptions::new().results(FlowResultOptions::new().persist(true)));
    let failing = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        sender.send(run.id()).unwrap();
        async { Err::<(), _>("it is full".to_owned()) }
    });
    let how = RunFlowOptions::new().results(ResultSettings::new(room.text()));
    let given = kept.call_with(client, &(), &how).await.unwrap();
    assert_eq!(given, json!({"length": 4}));
    let failed = failing.call_with(client, &(), &how).await.unwrap_err();
    assert_eq!(failed.raised().as_deref(), Some("it is full"));
    let ids: Vec<Uuid> = receiver.try_iter().collect();
    // Nobody says where: that is refused.
    let nowhere = kept.call(client, &()).await.unwrap_err();
    assert!(matches!(nowhere, RunFailed::Engine(error) if error.is_invalid()));
    ([ids[0], ids[2]], ids[1])
}

#[test]
fn python_reads_what_runs_keep() {
    let room = Room::new("kept");
    let name = server::unique("kept");
    let ([one, two], task_run) = keep(&server::client(), &name, &room);
    let ([three, four], other) =
        server::run(async { akeep(&server::async_client(), &name, &room).await });
    // What the task runs say is there a while after.
    let found = [one, three].map(|id| rows(id, 1));
    for rows in found {
        assert_eq!(rows["task_runs"][0]["states"][2]["data"], true);
    }
    assert!(room.0.join(one.to_string()).join("four").is_file());
    let runs = json!({"runs": [one, two, three, four], "task_runs": [task_run, other]});
    let read = python::run(READ, &runs);
    let (length, error) = (json!({"length": 4}), "Error: it is full");
    assert_eq!(read, json!([length, error, length, error, 4, 4]));
}

/// Two task runs of a tag with one slot never run at once.
#[dual(crate::faces)]
async fn atagged(client: &AsyncPrefectClient, name: &str, tag: &str) -> Value {
    let of_run = client.clone();
    let limit = format!("tag:{tag}");
    let look = AsyncTask::new("look", move |_: AsyncTaskRun, (): ()| {
        let (client, limit) = (of_run.clone(), limit.clone());
        async move {
            let limit = client.read_concurrency_limit_v2(&limit).await;
            Ok::<_, String>(limit.map_err(|error| error.to_string())?.active_slots)
        }
    })
    .with_options(TaskOptions::new().tags([tag]));
    let flow = AsyncFlow::new(name, move |run: AsyncFlowRun, (): ()| {
        let look = look.clone();
        async move {
            let first = look.call(&run, ()).await;
            let second = look.call(&run, ()).await;
            Ok::<_, String>(json!([first.unwrap(), second.unwrap()]))
        }
    });
    flow.call(client, &()).await.unwrap()
}

#[test]
fn a_task_run_holds_a_slot_of_its_tags_while_it_runs() {
    let client = server::client();
    for is_async in [false, true] {
        let tag = server::unique("tag");
        let limit = ConcurrencyLimitV2Create::new(format!("tag:{tag}"), 1);
        client.create_concurrency_limit_v2(&limit).unwrap();
        let seen = if is_async {
            server::run(async { atagged(&server::async_client(), &tag, &tag).await })
        } else {
            tagged(&client, &tag, &tag)
        };
        assert_eq!(seen, json!([1, 1]));
        let after = client
            .read_concurrency_limit_v2(&format!("tag:{tag}"))
            .unwrap();
        assert_eq!(after.active_slots, 0);
    }
}
