//! Events in both faces, and beside Python.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{
    EventFilter, EventNameFilter, EventOccurredFilter, FlowCreate, FlowRunCreate,
};
use prefect_sdk::client::requests::ReadEvents;
#[dual(crate::faces)]
use prefect_sdk::events::{AsyncEventSender, aemit_event, asubscribe};
use prefect_sdk::events::{EmitEventOptions, SendEventsOptions, SubscribeOptions};
use prefect_sdk::{Error, RunContext};
use serde_json::json;
use uuid::Uuid;

use crate::cutting::Cutting;
use crate::{python, server};

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(3);

fn named(name: &str) -> EventFilter {
    EventFilter::new().event(EventNameFilter::new().name([name]))
}

fn resource(name: &str) -> [(String, String); 1] {
    [("prefect.resource.id".to_owned(), name.to_owned())]
}

#[dual(crate::faces)]
async fn ahear_what_is_emitted(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    let mut heard = asubscribe(client, named(name), &SubscribeOptions::new()).await?;
    let first = EmitEventOptions::new().payload([("number", 1)]);
    let first = aemit_event(client, name, resource(name), &first).await?;
    let sender = AsyncEventSender::start(client, &SendEventsOptions::new())?;
    let second = EmitEventOptions::new()
        .follows(&first)
        .build(name, resource(name))?;
    sender.send(&second)?;
    sender.flush(LONG).await?;
    let mut ids = BTreeSet::new();
    for _ in 0..2 {
        let event = heard.anext_within(LONG).await?.expect("the server goes on");
        assert_eq!(event.resource["prefect.resource.id"], name);
        if event.id == second.id {
            assert_eq!(event.follows, Some(first.id));
        } else {
            assert_eq!(event.payload["number"], 1);
        }
        ids.insert(event.id);
    }
    assert_eq!(ids, BTreeSet::from([first.id, second.id]));
    let nothing = heard.anext_within(Duration::from_millis(300)).await;
    assert!(nothing.unwrap_err().is_timeout());
    Ok(())
}

#[test]
fn what_is_emitted_is_heard() {
    hear_what_is_emitted(&server::client(), &server::unique("rust.blocking")).unwrap();
    let name = server::unique("rust.async");
    server::run(async { ahear_what_is_emitted(&server::async_client(), &name).await }).unwrap();
}

#[dual(crate::faces)]
async fn aemit_in_a_run(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    let flow = client
        .create_flow(&FlowCreate::new(name).tags(["b"]))
        .await?;
    let run = FlowRunCreate::new(flow.id).name("a run").tags(["a"]);
    let run = client.create_flow_run(&run).await?;
    // The server does not know this task run yet, as in the first moments of each.
    let task_run = Uuid::new_v4();
    let context = RunContext::flow_run(run.id).task_run(task_run);
    let event = aemit_event(
        client,
        name,
        resource(name),
        &EmitEventOptions::new().run(&context),
    )
    .await?;
    let found = event.related.expect("related resources");
    let short: Vec<String> = found
        .iter()
        .map(|found| {
            let label = |label| found.get(label).map_or("-", String::as_str);
            let (id, role) = (label("prefect.resource.id"), label("prefect.resource.role"));
            format!("{role} {id} {}", label("prefect.resource.name"))
        })
        .collect();
    assert_eq!(
        short,
        [
            format!("flow-run prefect.flow-run.{} a run", run.id),
            format!("task-run prefect.task-run.{task_run} -"),
            format!("flow prefect.flow.{} {name}", flow.id),
            "tag prefect.tag.a -".to_owned(),
            "tag prefect.tag.b -".to_owned(),
        ]
    );
    Ok(())
}

#[test]
fn an_event_in_a_run_is_about_the_run() {
    emit_in_a_run(&server::client(), &server::unique("rust.blocking")).unwrap();
    let name = server::unique("rust.async");
    server::run(async { aemit_in_a_run(&server::async_client(), &name).await }).unwrap();
}

#[test]
fn python_hears_what_rust_emits_and_rust_hears_what_python_emits() {
    let (ours, theirs) = (server::unique("rust"), server::unique("python"));
    let client = server::client();
    let mut heard = subscribe(&client, named(&theirs), &SubscribeOptions::new()).unwrap();
    let program = r"
import asyncio
from prefect.events import emit_event
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
async def main():
    async with get_events_subscriber(EventFilter(event=EventNameFilter(name=[arguments['ours']]))) as events:
        # What happens between the server's look at the past and its listening is heard by nobody.
        await asyncio.sleep(1)
        emit_event(arguments['theirs'], {'prefect.resource.id': 'them'}, payload={'answer': 42})
        async for event in events:
            return [str(event.id), event.resource.id, event.payload]
answer(asyncio.run(main()))
";
    let child = python::start(program, &json!({"ours": ours, "theirs": theirs}));
    let event = heard
        .next_within(LONG)
        .unwrap()
        .expect("the server goes on");
    assert_eq!(event.payload["answer"], 42);
    assert_eq!(event.resource["prefect.resource.id"], "them");
    let sender = EventSender::start(&client, &SendEventsOptions::new()).unwrap();
    let event = EmitEventOptions::new()
        .payload([("answer", 43)])
        .build(&ours, resource("we"))
        .unwrap();
    sender.send(&event).unwrap();
    sender.flush(LONG).unwrap();
    let read = python::answer(child, program);
    assert_eq!(read, json!([event.id, "we", {"answer": 43}]));
}

/// How many events are sent over cut connections: 1,000, unless `PREFECT_TEST_DELIVERY_EVENTS` says otherwise.
fn load() -> usize {
    let given = std::env::var("PREFECT_TEST_DELIVERY_EVENTS").ok();
    given.map_or(1000, |text| text.parse().expect("a number"))
}

fn stored(name: &str) -> BTreeSet<Uuid> {
    let request = ReadEvents::new().filter(named(name)).limit(50);
    let pages = server::client().read_events_pages_with(request);
    pages.map(|event| event.unwrap().id).collect()
}

/// Sends events of which every 97th can't be read, over connections that are cut, and compares what the server has with
/// what was sent.
#[dual(crate::faces)]
async fn adeliver_over_cut_connections(
    client: &AsyncPrefectClient,
    name: &str,
) -> Result<BTreeSet<Uuid>, Error> {
    let sender = AsyncEventSender::start(client, &SendEventsOptions::new())?;
    let (mut good, mut bad) = (BTreeSet::new(), BTreeSet::new());
    for number in 0..load() {
        let options = if number % 97 == 0 {
            EmitEventOptions::new().occurred(DateTime::<Utc>::MAX_UTC)
        } else {
            EmitEventOptions::new()
        };
        let event = options.build(name, resource(name))?;
        if number % 97 == 0 {
            &mut bad
        } else {
            &mut good
        }
        .insert(event.id);
        sender.send(&event)?;
    }
    let error = sender.flush(LONG * 10).await.expect_err("some are bad");
    assert!(error.is_rejected(), "{error}");
    let named = error.rejected().iter().filter_map(|rejected| rejected.id);
    assert_eq!(named.collect::<BTreeSet<_>>(), bad);
    assert!(error.to_string().contains("occurred: "), "{error}");
    Ok(good)
}

/// The server stores what it received a moment later.
fn check_stored(name: &str, ids: &BTreeSet<Uuid>) {
    let (start, mut found) = (Instant::now(), BTreeSet::new());
    while found.len() < ids.len() && start.elapsed() < LONG * 2 {
        std::thread::sleep(Duration::from_millis(500));
        found = stored(name);
    }
    println!("{} sent, {} stored", ids.len(), found.len());
    assert!(found == *ids, "{} sent, {} stored", ids.len(), found.len());
}

#[test]
fn the_server_has_each_event_although_the_way_to_it_is_cut() {
    let url = server::api_url();
    let (_, rest) = url.split_once("://").expect("a URL");
    let (host, path) = rest.split_once('/').expect("a path");
    let way = Cutting::start(host, Duration::from_millis(500));
    let url = format!("http://{}/{path}", way.address());
    let name = server::unique("rust.cut.blocking");
    let sent = deliver_over_cut_connections(&PrefectClient::new(&url).unwrap(), &name).unwrap();
    check_stored(&name, &sent);
    let name = server::unique("rust.cut.async");
    let sent = server::run(async {
        let client = AsyncPrefectClient::new(&url)?;
        adeliver_over_cut_connections(&client, &name).await
    });
    check_stored(&name, &sent.unwrap());
    assert!(way.connections() > 3, "{}", way.connections());
}

/// What is as large or as deep as the server takes arrives, and what is more is refused before it is sent.
#[test]
fn what_is_sent_at_the_server_s_limits_arrives() {
    let (client, name) = (server::client(), server::unique("rust.limits"));
    let sender = EventSender::start(&client, &SendEventsOptions::new()).unwrap();
    let sized = |bytes| EmitEventOptions::new().payload([("x", "y".repeat(bytes))]);
    let nested = |depth| (1..depth).fold(json!([]), |value, _| json!([value]));
    let most = (1_499_000..1_500_000)
        .rev()
        .find_map(|bytes| sized(bytes).build(&name, resource(&name)).ok());
    let deepest = EmitEventOptions::new().payload([("x", nested(117))]);
    let deepest = deepest.build(&name, resource(&name)).unwrap();
    let deeper = EmitEventOptions::new().payload([("x", nested(118))]);
    assert!(
        deeper
            .build(&name, resource(&name))
            .unwrap_err()
            .is_invalid()
    );
    let sent = [most.expect("one that fits"), deepest];
    for event in &sent {
        sender.send(event).unwrap();
    }
    sender.flush(LONG).unwrap();
    check_stored(&name, &sent.iter().map(|event| event.id).collect());
}

#[dual(crate::faces)]
async fn atell_a_filter_that_cannot_be_read(client: &AsyncPrefectClient) -> Result<(), Error> {
    let far = EventOccurredFilter::new().since(DateTime::<Utc>::MAX_UTC);
    let filter = EventFilter::new().occurred(far);
    let mut heard = asubscribe(client, filter, &SubscribeOptions::new()).await?;
    let error = heard.anext_within(LONG).await.unwrap_err();
    assert!(error.is_invalid(), "{error}");
    Ok(())
}

#[test]
fn a_filter_that_the_server_cannot_read_is_an_error() {
    tell_a_filter_that_cannot_be_read(&server::client()).unwrap();
    server::run(async { atell_a_filter_that_cannot_be_read(&server::async_client()).await })
        .unwrap();
}
