//! What is sent arrives, or its sender says what does not.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{Event, EventFilter};
use prefect_sdk::client::{Authorization, config};
#[dual(crate::faces)]
use prefect_sdk::events::{AsyncEventSender, asubscribe};
use prefect_sdk::events::{EmitEventOptions, SendEventsOptions, SubscribeOptions};
#[dual(crate::faces)]
use prefect_sdk::logs::AsyncLogSender;
use prefect_sdk::logs::SendLogsOptions;
use prefect_sdk::{Error, RunContext};
use serde_json::json;
use uuid::Uuid;

use crate::double::{Double, Manner};
use crate::{LONG, SHOP, log, placed, run};

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
#[dual(crate::faces)]
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

#[dual(crate::faces)]
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
#[dual(crate::faces)]
fn aclient(double: &Double, secret: &str) -> Result<AsyncPrefectClient, Error> {
    let who = Authorization::Basic(secret.into());
    let config = config(&double.api_url())?.authorization(&who)?;
    Ok(AsyncPrefectClient::from_config(config)?)
}

#[dual(crate::faces, map(aclient => client))]
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

#[dual(crate::faces)]
async fn afill(url: &str) -> Result<(), Error> {
    let client = AsyncPrefectClient::new(url)?;
    let sender = AsyncEventSender::start(&client, &SendEventsOptions::new().max_events(3))?;
    for _ in 0..3 {
        sender.send(&placed())?;
    }
    assert!(sender.send(&placed()).unwrap_err().is_full());
    // Says what is held, where it goes, and why it does not get there, once that was tried.
    let (wait, start) = (Duration::from_millis(300), Instant::now());
    let text = loop {
        let late = sender.flush(wait).await.unwrap_err();
        assert!(late.is_timeout(), "{late}");
        let text = late.to_string();
        if text.contains("failed") || start.elapsed() > LONG {
            break text;
        }
    };
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
    let url = format!("http://{}/api", test_server::nobody());
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
