//! Logs in both faces, and beside Python.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{
    FlowCreate, FlowRunCreate, Log, LogCreate, LogFilter, LogFilterFlowRunId,
};
use prefect_sdk::client::requests::ReadLogs;
#[dual(crate::faces)]
use prefect_sdk::logs::{AsyncLogSender, asubscribe};
use prefect_sdk::logs::{SendLogsOptions, SubscribeOptions};
use prefect_sdk::{Error, RunContext};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;
use uuid::Uuid;

use crate::{python, server};

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(1);

fn of_run(run: Uuid) -> LogFilter {
    LogFilter::new().flow_run_id(LogFilterFlowRunId::new().any([run]))
}

#[dual(crate::faces)]
async fn aship_and_hear(client: &AsyncPrefectClient) -> Result<(), Error> {
    let (id, task) = (Uuid::new_v4(), Uuid::new_v4());
    let run = RunContext::flow_run(id);
    let mut heard = asubscribe(client, of_run(id), &SubscribeOptions::new()).await?;
    let sender = AsyncLogSender::start(client, &SendLogsOptions::new().log_bytes(1000))?;
    let mut logs: Vec<Log> = Vec::new();
    // The server says nothing when it has begun to listen for a subscriber, so this speaks until it is heard.
    let start = Instant::now();
    while logs.is_empty() && start.elapsed() < LONG {
        sender.log(&run, 20, "is anybody there?")?;
        sender.flush(LONG).await?;
        match heard.anext_within(Duration::from_millis(500)).await {
            Ok(log) => logs.extend(log),
            Err(error) if error.is_timeout() => {}
            Err(error) => return Err(error),
        }
    }
    let subscriber =
        tracing_subscriber::registry().with(sender.layer(&run.clone().task_run(task))?);
    tracing::subscriber::with_default(subscriber, || tracing::warn!(orders = 12, "half of it"));
    sender.log(&run, 40, "ü".repeat(2000))?;
    sender.flush(LONG).await?;
    while logs.last().is_none_or(|log| log.level != 40) {
        logs.extend(heard.anext_within(LONG).await?);
    }
    let warned = logs
        .iter()
        .find(|log| log.level == 30)
        .expect("the warning");
    assert_eq!(
        (warned.message.as_str(), warned.name.as_str()),
        ("half of it orders=12", "prefect.task_runs")
    );
    assert_eq!(
        (warned.flow_run_id, warned.task_run_id),
        (Some(id), Some(task))
    );
    assert!(
        logs.iter()
            .any(|log| log.level == 40 && log.message.ends_with("... [truncated]"))
    );
    let stored = client
        .read_logs_with(&ReadLogs::new().logs(of_run(id)))
        .await?;
    assert!(
        logs.iter()
            .all(|log| stored.iter().any(|known| known.id == log.id))
    );
    Ok(())
}

/// What can't be read is named, and what is too large is cut to what fits, whatever it is made of.
#[dual(crate::faces)]
async fn aship_bad_and_large_ones(client: &AsyncPrefectClient) -> Result<(), Error> {
    let run = RunContext::flow_run(Uuid::new_v4());
    let sender = AsyncLogSender::start(client, &SendLogsOptions::new())?;
    let id = run.flow_run_id.expect("a run");
    for (level, part) in [(10, "\""), (11, "\0"), (12, "\u{1b}"), (13, "ü")] {
        sender.log(&run, level, part.repeat(1_200_000))?;
    }
    let mut bad = LogCreate::new("prefect.flow_runs", 20, "s3cret", DateTime::<Utc>::MAX_UTC);
    bad.flow_run_id = Some(id);
    sender.send(bad)?;
    sender.log(&run, 30, "good")?;
    let error = sender.flush(LONG).await.expect_err("one is bad");
    assert!(
        error.is_rejected() && error.rejected().len() == 1,
        "{error}"
    );
    assert!(!error.to_string().contains("s3cret"), "{error}");
    let stored = client
        .read_logs_with(&ReadLogs::new().logs(of_run(id)))
        .await?;
    let lengths: Vec<(i64, bool)> = stored
        .iter()
        .map(|log| (log.level, log.message.ends_with("... [truncated]")))
        .collect();
    assert_eq!(
        lengths,
        [(10, true), (11, true), (12, true), (13, true), (30, false)]
    );
    // Each takes as much room as it may; the server leaves NULs out.
    assert!(
        stored
            .iter()
            .all(|log| log.level == 11 || log.level == 30 || log.message.len() > 160_000)
    );
    Ok(())
}

#[test]
fn a_bad_log_costs_no_other_and_large_ones_are_cut_to_what_fits() {
    ship_bad_and_large_ones(&server::client()).unwrap();
    server::run(async { aship_bad_and_large_ones(&server::async_client()).await }).unwrap();
}

#[test]
fn what_is_shipped_is_stored_and_heard() {
    ship_and_hear(&server::client()).unwrap();
    server::run(async { aship_and_hear(&server::async_client()).await }).unwrap();
}

#[test]
fn python_reads_what_rust_logs_and_rust_hears_what_python_logs() {
    let client = server::client();
    let flow = client
        .create_flow(&FlowCreate::new(server::unique("logs")))
        .unwrap();
    let run = client
        .create_flow_run(&FlowRunCreate::new(flow.id))
        .unwrap();
    let sender = LogSender::start(&client, &SendLogsOptions::new()).unwrap();
    sender
        .log(&RunContext::flow_run(run.id), 30, "from rust")
        .unwrap();
    sender.flush(LONG).unwrap();
    let mut heard = subscribe(&client, of_run(run.id), &SubscribeOptions::new()).unwrap();
    let program = r"
import asyncio, datetime
from prefect import get_client
from prefect.client.schemas.actions import LogCreate
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
async def main():
    async with get_client() as client:
        for _ in range(50):
            await client.create_logs([LogCreate(name='prefect.flow_runs', level=20, message='from python',
                timestamp=datetime.datetime.now(datetime.timezone.utc), flow_run_id=arguments['run'])])
            await asyncio.sleep(0.02)
        logs = await client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[arguments['run']])))
        return [[log.name, log.level, log.message] for log in logs if log.level == 30]
answer(asyncio.run(main()))
";
    let child = python::start(program, &json!({"run": run.id}));
    let log = heard
        .next_within(LONG)
        .unwrap()
        .expect("the server goes on");
    assert_eq!(log.message, "from python");
    let read: Value = python::answer(child, program);
    assert_eq!(read, json!([["prefect.flow_runs", 30, "from rust"]]));
}
