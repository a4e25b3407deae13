//! Delivery to a server that misbehaves, and over connections that don't last, in both faces.

#[path = "double/mod.rs"]
mod double;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[dual(faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{Event, EventFilter, EventOccurredFilter, LogCreate, LogFilter};
use prefect_sdk::client::{Authorization, config};
#[dual(faces)]
use prefect_sdk::events::{AsyncEventSender, asubscribe};
use prefect_sdk::events::{EmitEventOptions, SendEventsOptions, SubscribeOptions};
#[dual(faces)]
use prefect_sdk::logs::AsyncLogSender;
use prefect_sdk::logs::SendLogsOptions;
use prefect_sdk::{Error, RunContext, logs};
use serde_json::{Value, json};
use uuid::Uuid;

use double::{Double, Manner};

diptych_macros::faces! {
    faces {
        AsyncPrefectClient => PrefectClient,
        AsyncEventSender => EventSender,
        AsyncLogSender => LogSender,
        asubscribe => subscribe,
        anext => next,
        anext_within => next_within,
        tokio::time::sleep => std::thread::sleep,
    }
}

/// Against hanging; never reached.
const LONG: Duration = Duration::from_secs(120);

const SHOP: [(&str, &str); 1] = [("prefect.resource.id", "shop")];

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

fn placed() -> Event {
    EmitEventOptions::new()
        .build("shop.order.placed", SHOP)
        .unwrap()
}

/// One that the server can't read, and says so.
fn unfit() -> Event {
    let options = EmitEventOptions::new().occurred(DateTime::<Utc>::MAX_UTC);
    options.build("shop.order.unfit", SHOP).unwrap()
}

/// One for which the server fails.
fn breaking() -> Event {
    EmitEventOptions::new()
        .build("breaks the server", SHOP)
        .unwrap()
}

/// Sends events, and checks that those arrive that are good, and that the others are named and given to the callback.
#[dual(faces)]
async fn adeliver(double: &Double, events: &[Event], bad: &BTreeSet<Uuid>) -> Result<(), Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let called = Arc::new(Mutex::new(BTreeSet::new()));
    let calls = Arc::clone(&called);
    let options = SendEventsOptions::new().on_rejected(move |event, reason| {
        assert!(!reason.is_empty());
        calls.lock().unwrap().insert(event.id);
    });
    let sender = AsyncEventSender::start(&client, &options)?;
    for event in events {
        sender.send(event)?;
    }
    let flushed = sender.flush(LONG).await;
    let good = events.iter().map(|event| event.id);
    let good: BTreeSet<Uuid> = good.filter(|id| !bad.contains(id)).collect();
    assert_eq!(double.events().into_keys().collect::<BTreeSet<_>>(), good);
    assert_eq!(*called.lock().unwrap(), *bad);
    if bad.is_empty() {
        return flushed;
    }
    let error = flushed.expect_err("some are bad");
    assert!(error.is_rejected(), "{error}");
    let named = error.rejected().iter().filter_map(|rejected| rejected.id);
    assert_eq!(named.collect::<BTreeSet<_>>(), *bad);
    let text = error.to_string();
    assert!(
        text.contains(&format!("{} events were not taken", bad.len())),
        "{text}"
    );
    assert!(
        text.contains("http://127.0.0.1:") && text.contains("shop.order.unfit"),
        "{text}"
    );
    // It is said once, and the sender goes on.
    sender.flush(LONG).await?;
    sender.send(&placed())?;
    sender.flush(LONG).await
}

/// Events of which those at these places are bad, in either way.
fn mixed(count: usize, places: &[usize]) -> (Vec<Event>, BTreeSet<Uuid>) {
    let mut events: Vec<Event> = (0..count).map(|_| placed()).collect();
    for (number, place) in places.iter().enumerate() {
        events[*place] = if number % 3 == 2 { breaking() } else { unfit() };
    }
    let bad = places.iter().map(|place| events[*place].id).collect();
    (events, bad)
}

fn check(manner: &Manner, count: usize, places: &[usize]) {
    let (events, bad) = mixed(count, places);
    deliver(&Double::start(manner.clone()), &events, &bad).unwrap();
    run(async { adeliver(&Double::start(manner.clone()), &events, &bad).await }).unwrap();
}

#[test]
fn a_bad_event_is_named_and_costs_no_other_wherever_it_stands() {
    for place in [0, 1, 10, 18, 19] {
        check(&Manner::default(), 20, &[place]);
    }
    check(&Manner::default(), 20, &[0, 7, 19]);
    let unclear = Manner {
        unfit_is_unclear: true,
        ..Manner::default()
    };
    check(&unclear, 20, &[0, 7, 19]);
}

#[test]
fn no_event_is_lost_among_thousands_although_requests_are_cut() {
    let cutting = Manner {
        cuts_request: Some(3),
        ..Manner::default()
    };
    check(&cutting, 10_000, &[0, 1, 199, 200, 201, 4999, 9998, 9999]);
    check(&cutting, 1000, &[]);
}

#[test]
fn connections_that_are_cut_delay_and_lose_nothing() {
    let cutting = Manner {
        cut_every: Some(Duration::from_millis(200)),
        ..Manner::default()
    };
    check(&cutting, 5000, &[]);
}

/// A log at this time.
fn log(message: &str, at: DateTime<Utc>) -> LogCreate {
    let mut log = LogCreate::new("prefect.flow_runs", 20, message, at);
    log.flow_run_id = Some(Uuid::nil());
    log
}

#[dual(faces)]
async fn aship_logs(double: &Double) -> Result<(), Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let rejected = Arc::new(Mutex::new(Vec::new()));
    let calls = Arc::clone(&rejected);
    let options = SendLogsOptions::new()
        .on_rejected(move |log, _| calls.lock().unwrap().push(log.message.clone()));
    let sender = AsyncLogSender::start(&client, &options)?;
    for number in 0..50 {
        sender.send(log(&number.to_string(), Utc::now()))?;
    }
    sender.send(log("s3cret", DateTime::<Utc>::MAX_UTC))?;
    sender.send(log("breaks the server", Utc::now()))?;
    sender.send(log("last", Utc::now()))?;
    let error = sender.flush(LONG).await.expect_err("two are bad");
    let text = error.to_string();
    assert!(error.is_rejected() && error.rejected().len() == 2, "{text}");
    assert!(text.contains("timestamp: Unable to parse string"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    assert_eq!(rejected.lock().unwrap().len(), 2);
    let came: BTreeSet<String> = double
        .logs()
        .iter()
        .map(|log| log["message"].to_string())
        .collect();
    assert_eq!((came.len(), double.logs().len()), (51, 51));
    sender.flush(LONG).await
}

#[test]
fn a_bad_log_is_named_without_its_message_and_costs_no_other() {
    ship_logs(&Double::start(Manner::default())).unwrap();
    run(async { aship_logs(&Double::start(Manner::default())).await }).unwrap();
}

/// A client that says who it is.
#[dual(faces)]
fn aclient(double: &Double, secret: &str) -> Result<AsyncPrefectClient, Error> {
    let who = Authorization::Basic(secret.into());
    let config = config(&double.api_url())?.authorization(&who)?;
    Ok(AsyncPrefectClient::from_config(config)?)
}

#[dual(faces, map(aclient => client))]
async fn ause_auth(double: &Double) -> Result<(), Error> {
    let sender =
        AsyncEventSender::start(&aclient(double, "user:s3cret")?, &SendEventsOptions::new())?;
    sender.send(&placed())?;
    sender.flush(LONG).await?;
    assert_eq!(double.events().len(), 1);

    let other = aclient(double, "user:wr0ng")?;
    let sender = AsyncEventSender::start(&other, &SendEventsOptions::new())?;
    sender.send(&placed())?;
    let refused = sender.flush(LONG).await.unwrap_err();
    assert!(refused.is_refused(), "{refused}");
    assert!(
        refused.to_string().starts_with("1 events are lost"),
        "{refused}"
    );
    assert!(sender.send(&placed()).unwrap_err().is_refused());

    let heard = asubscribe(&other, EventFilter::new(), &SubscribeOptions::new()).await;
    let refused = heard.err().expect("refused");
    assert!(refused.is_refused());
    let text = format!("{refused} {refused:?}");
    assert!(
        text.contains("Invalid token") && !text.contains("wr0ng"),
        "{text}"
    );
    Ok(())
}

#[test]
fn who_is_refused_is_told_so_at_once() {
    let strict = || {
        Double::start(Manner {
            authorization: Some("Basic dXNlcjpzM2NyZXQ="),
            token: Some("user:s3cret"),
            ..Manner::default()
        })
    };
    let double = strict();
    use_auth(&double).unwrap();
    assert_eq!(
        double.greetings()[0],
        json!({"type": "auth", "token": "user:wr0ng"})
    );
    run(async { ause_auth(&strict()).await }).unwrap();
}

#[dual(faces)]
async fn afill(url: &str) -> Result<(), Error> {
    let client = AsyncPrefectClient::new(url)?;
    let sender = AsyncEventSender::start(&client, &SendEventsOptions::new().max_events(3))?;
    for _ in 0..3 {
        sender.send(&placed())?;
    }
    assert!(sender.send(&placed()).unwrap_err().is_full());
    // Says what is held, where it goes, and why it does not get there.
    let wait = Duration::from_secs(1);
    let late = sender.flush(wait).await.unwrap_err();
    let text = late.to_string();
    assert!(late.is_timeout(), "{late}");
    assert!(text.contains("3 events are still held"), "{text}");
    assert!(
        text.contains(&format!("{url}/events; the last attempt failed: ")),
        "{text}"
    );
    let sender = AsyncEventSender::start(&client, &SendEventsOptions::new().max_bytes(0))?;
    let full = sender.send(&placed()).unwrap_err();
    assert!(
        full.is_full()
            && full
                .to_string()
                .ends_with("raise `SendEventsOptions::max_bytes`")
    );
    Ok(())
}

#[test]
fn a_sender_without_a_server_holds_as_much_as_it_may_and_says_why() {
    // Nobody listens there any longer.
    let url = Double::start(Manner::default()).api_url();
    fill(&url).unwrap();
    run(async { afill(&url).await }).unwrap();
}

#[test]
fn a_sender_that_is_dropped_waits_for_what_it_holds() {
    let double = Double::start(Manner::default());
    let client = PrefectClient::new(&double.api_url()).unwrap();
    let sender = EventSender::start(&client, &SendEventsOptions::new()).unwrap();
    for _ in 0..500 {
        sender.send(&placed()).unwrap();
    }
    // Clones send together, so only the last one waits.
    drop(sender.clone());
    drop(sender);
    assert_eq!(double.events().len(), 500);

    let sender = LogSender::start(&client, &SendLogsOptions::new()).unwrap();
    let context = RunContext::flow_run(Uuid::nil());
    for _ in 0..500 {
        sender.log(&context, 20, "line").unwrap();
    }
    drop(sender);
    assert_eq!(double.logs().len(), 500);
}

#[test]
fn an_async_sender_that_is_dropped_goes_on_as_long_as_the_runtime() {
    let double = Double::start(Manner::default());
    run(async {
        let client = AsyncPrefectClient::new(&double.api_url()).unwrap();
        let sender = AsyncEventSender::start(&client, &SendEventsOptions::new()).unwrap();
        for _ in 0..500 {
            sender.send(&placed()).unwrap();
        }
        drop(sender);
        let start = Instant::now();
        while double.events().len() < 500 && start.elapsed() < LONG {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert_eq!(double.events().len(), 500);
}

fn event(id: u128, occurred: &str) -> Value {
    json!({"type": "event", "event": {
        "occurred": occurred, "event": "e", "id": Uuid::from_u128(id), "received": occurred,
        "resource": {"prefect.resource.id": "x"}, "related": [], "payload": {},
    }})
}

/// Out of order, again and again, with something unknown, and over three connections.
fn reordering() -> Double {
    let at = |minute| format!("2030-01-01T00:{minute:02}:00Z");
    Double::start(Manner {
        sends: vec![
            vec![
                event(2, &at(5)),
                event(1, &at(1)),
                event(2, &at(5)),
                json!({"type": "?"}),
            ],
            vec![event(1, &at(1)), event(3, &at(3))],
            vec![event(3, &at(3)), event(4, &at(9))],
        ],
        says_goodbye: true,
        ..Manner::default()
    })
}

#[dual(faces)]
async fn ahear(double: &Double) -> Result<Vec<u128>, Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let mut heard = asubscribe(&client, EventFilter::new(), &SubscribeOptions::new()).await?;
    let mut ids = Vec::new();
    while let Some(event) = heard.anext().await {
        ids.push(event?.id.as_u128());
    }
    assert!(heard.anext().await.is_none());
    Ok(ids)
}

#[test]
fn each_event_is_heard_once_whatever_the_order_and_a_clean_close_is_the_end() {
    let double = reordering();
    assert_eq!(hear(&double).unwrap(), [2, 1, 3, 4]);
    let since = |filter: &Value| filter["filter"]["occurred"]["since"].clone();
    let filters = double.filters();
    assert_eq!(filters.len(), 3);
    assert!(filters.iter().all(|filter| filter["backfill"] == true));
    // A minute before the latest that came.
    assert_eq!(since(&filters[1]), "2030-01-01T00:04:00Z");
    assert_eq!(since(&filters[2]), "2030-01-01T00:04:00Z");
    let double = reordering();
    assert_eq!(run(ahear(&double)).unwrap(), [2, 1, 3, 4]);
}

#[dual(faces)]
async fn asubscribe_in_vain(double: &Double) -> Result<(), Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let mut heard = asubscribe(&client, EventFilter::new(), &SubscribeOptions::new()).await?;
    let error = heard.anext().await.expect("an error").unwrap_err();
    assert!(
        error.is_invalid() && error.to_string().contains("Invalid filter"),
        "{error}"
    );
    assert!(heard.anext().await.is_none());
    Ok(())
}

#[test]
fn a_filter_that_is_not_taken_is_an_error_at_once() {
    let picky = || {
        Double::start(Manner {
            close_with: Some((1002, "Invalid filter: of no use")),
            ..Manner::default()
        })
    };
    let double = picky();
    subscribe_in_vain(&double).unwrap();
    assert_eq!(double.connections(), 1);
    run(async { asubscribe_in_vain(&picky()).await }).unwrap();
}

#[test]
fn attempts_to_subscribe_are_counted() {
    let url = Double::start(Manner::default()).api_url();
    let client = PrefectClient::new(&url).unwrap();
    let options = SubscribeOptions::new().reconnection_attempts(2);
    let error = subscribe(&client, EventFilter::new(), &options).err();
    assert!(error.is_some_and(|error| error.is_connect()));
    let error = logs::subscribe(&client, LogFilter::new(), &options).err();
    assert!(error.is_some_and(|error| error.is_connect()));
}

#[test]
fn what_the_filter_says_about_time_is_kept() {
    let double = reordering();
    let client = PrefectClient::new(&double.api_url()).unwrap();
    let since = "2029-01-01T00:00:00Z".parse().unwrap();
    let occurred = EventOccurredFilter::new().since(since);
    let filter = EventFilter::new().occurred(occurred);
    drop(subscribe(&client, filter, &SubscribeOptions::new()).unwrap());
    let waited = Instant::now();
    while double.filters().is_empty() && waited.elapsed() < LONG {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(
        double.filters()[0]["filter"]["occurred"]["since"],
        "2029-01-01T00:00:00Z"
    );
}

/// One connection that is of use, and then none.
fn dropping() -> Double {
    Double::start(Manner {
        sends: vec![vec![event(1, "2030-01-01T00:00:00Z")]],
        drops_from: Some(1),
        ..Manner::default()
    })
}

/// Nothing but the deadline ends this wait.
#[dual(faces)]
async fn await_for_long(double: &Double) -> Result<(), Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let for_ever = SubscribeOptions::new().reconnection_attempts(u32::MAX);
    let mut heard = asubscribe(&client, EventFilter::new(), &for_ever).await?;
    assert!(heard.anext().await.expect("an event").is_ok());
    for wait in [
        Duration::from_secs(3),
        Duration::ZERO,
        Duration::from_millis(300),
    ] {
        let error = heard.anext_within(wait).await.unwrap_err();
        assert!(error.is_timeout(), "{error}");
    }
    Ok(())
}

#[test]
fn a_wait_ends_when_it_says_while_each_connection_is_dropped_at_once() {
    wait_for_long(&dropping()).unwrap();
    run(async { await_for_long(&dropping()).await }).unwrap();
}

#[dual(faces)]
async fn acount_attempts(double: &Double) -> Result<(), Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let twice = SubscribeOptions::new().reconnection_attempts(2);
    let mut heard = asubscribe(&client, EventFilter::new(), &twice).await?;
    assert!(heard.anext().await.expect("an event").is_ok());
    let error = heard.anext().await.expect("an error").unwrap_err();
    assert!(error.is_connect(), "{error}");
    assert!(heard.anext().await.is_none());
    // The first one, and three that were dropped.
    assert_eq!(double.connections(), 4);
    Ok(())
}

#[test]
fn a_subscription_ends_after_as_many_attempts_as_it_may_make() {
    count_attempts(&dropping()).unwrap();
    run(async { acount_attempts(&dropping()).await }).unwrap();
}

/// The server ends the connection without a word where it can't read the filter.
#[dual(faces)]
async fn abe_doubted(double: &Double) -> Result<(), Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let mut heard = asubscribe(&client, EventFilter::new(), &SubscribeOptions::new()).await?;
    let error = heard.anext().await.expect("an error").unwrap_err();
    assert!(error.is_invalid(), "{error}");
    assert!(
        error.to_string().contains("Unable to parse string"),
        "{error}"
    );
    assert!(heard.anext().await.is_none());
    Ok(())
}

#[test]
fn a_filter_that_the_server_cannot_read_is_an_error_although_the_connection_just_ends() {
    let silent = || {
        Double::start(Manner {
            drops_at_filter: true,
            ..Manner::default()
        })
    };
    be_doubted(&silent()).unwrap();
    run(async { abe_doubted(&silent()).await }).unwrap();
}

const FOR_EVER: Duration = Duration::MAX;

/// Every public method of events and logs that takes a duration, with the longest there is.
#[dual(faces)]
async fn await_for_ever(double: &Double) -> Result<Vec<&'static str>, Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let events = AsyncEventSender::start(
        &client,
        &SendEventsOptions::new().checkpoint_interval(FOR_EVER),
    )?;
    let logs = AsyncLogSender::start(&client, &SendLogsOptions::new().batch_interval(FOR_EVER))?;
    // Twice, as what waits in the background must live on.
    for _ in 0..2 {
        events.send(&placed())?;
        logs.send(log("line", Utc::now()))?;
        events.flush(FOR_EVER).await?;
        logs.flush(FOR_EVER).await?;
    }
    let mut heard = asubscribe(&client, EventFilter::new(), &SubscribeOptions::new()).await?;
    assert!(heard.anext_within(FOR_EVER).await?.is_some());
    assert_eq!((double.events().len(), double.logs().len()), (2, 2));
    Ok(vec![
        "batch_interval",
        "checkpoint_interval",
        "flush",
        "flush",
        "next_within",
    ])
}

/// The methods of these sources that take a duration.
fn methods_with_durations() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["events", "logs", "websocket"] {
        let folder = format!("{}/src/{folder}", env!("CARGO_MANIFEST_DIR"));
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let methods = text
                .split("    pub fn ")
                .chain(text.split("    pub async fn "))
                .skip(1);
            let heads = methods.filter_map(|method| method.split_once('{').map(|parts| parts.0));
            let timed = heads.filter(|head| {
                head.contains("Duration") && !head.contains("pub ") && !head.contains(';')
            });
            let names =
                timed.filter_map(|head| head.split_once('(').map(|parts| parts.0.to_owned()));
            found.extend(names.filter(|name| !name.starts_with("anext")));
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn whatever_takes_a_duration_takes_the_longest() {
    let double = || {
        Double::start(Manner {
            sends: vec![vec![event(1, "2030-01-01T00:00:00Z")]],
            ..Manner::default()
        })
    };
    let tried = wait_for_ever(&double()).unwrap();
    assert_eq!(methods_with_durations(), tried);
    assert_eq!(
        run(async { await_for_ever(&double()).await }).unwrap(),
        tried
    );
}
