//! Delivery over connections that don't last, in both faces.

#[path = "double/mod.rs"]
mod double;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{EventFilter, EventOccurredFilter, LogFilter};
use prefect_sdk::client::{Authorization, config};
#[dual(faces)]
use prefect_sdk::events::{AsyncEventSender, asubscribe};
use prefect_sdk::events::{EmitEvent, SendEvents, Subscribe};
use prefect_sdk::{Error, logs};
use serde_json::{Value, json};
use uuid::Uuid;

use double::{Double, Manner};

diptych_macros::faces! {
    faces {
        AsyncPrefectClient => PrefectClient,
        AsyncEventSender => EventSender,
        asubscribe => subscribe,
        tokio::time::sleep => std::thread::sleep,
    }
}

/// Against hanging; never reached.
const LONG: Duration = Duration::from_secs(60);

const CUT_EVERY: Duration = Duration::from_millis(200);

const SHOP: [(&str, &str); 1] = [("prefect.resource.id", "shop")];

/// How long the events take to be emitted: 10 s, unless `PREFECT_TEST_DELIVERY_SECONDS` says otherwise.
fn emitting_takes() -> Duration {
    let seconds = std::env::var("PREFECT_TEST_DELIVERY_SECONDS").ok();
    Duration::from_secs(seconds.map_or(10, |seconds| seconds.parse().expect("seconds")))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

fn cutting() -> Double {
    Double::start(Manner {
        cut_every: Some(CUT_EVERY),
        ..Manner::default()
    })
}

/// Emits 10,000 events, 20 at a time, while connections are cut.
#[dual(faces)]
async fn adeliver_under_cuts(double: &Double) -> Result<BTreeSet<Uuid>, Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let sender = AsyncEventSender::start(&client, &SendEvents::new())?;
    let (start, mut ids) = (Instant::now(), BTreeSet::new());
    for round in 0..500 {
        for _ in 0..20 {
            let event = EmitEvent::new().build("shop.order.placed", SHOP)?;
            ids.insert(event.id);
            sender.send(&event)?;
        }
        let due = start + emitting_takes() * round / 500;
        tokio::time::sleep(due.saturating_duration_since(Instant::now())).await;
    }
    sender.flush(LONG).await?;
    Ok(ids)
}

fn check_delivery(double: &Double, ids: &BTreeSet<Uuid>) {
    let came = double.events();
    let more: usize = came.values().sum::<usize>() - came.len();
    println!(
        "{} emitted, {} came, {more} of them again; {} connections in {:?}",
        ids.len(),
        came.len(),
        double.connections(),
        emitting_takes()
    );
    assert_eq!(ids.len(), 10_000);
    assert_eq!(&came.into_keys().collect::<BTreeSet<_>>(), ids);
    let cuts = emitting_takes().as_millis() / CUT_EVERY.as_millis() / 4;
    assert!(
        double.connections() as u128 > cuts,
        "{}",
        double.connections()
    );
}

#[test]
fn no_event_is_lost_under_cuts_blocking() {
    let double = cutting();
    let ids = deliver_under_cuts(&double).unwrap();
    check_delivery(&double, &ids);
}

#[test]
fn no_event_is_lost_under_cuts_async() {
    let double = cutting();
    let ids = run(adeliver_under_cuts(&double)).unwrap();
    check_delivery(&double, &ids);
}

/// The answer to a ping takes longer than half the life of a connection, so that no batch is confirmed on the way.
#[dual(faces)]
async fn adeliver_with_late_answers(double: &Double) -> Result<usize, Error> {
    let client = AsyncPrefectClient::new(&double.api_url())?;
    let sender = AsyncEventSender::start(&client, &SendEvents::new().checkpoint_every(50))?;
    for _ in 0..200 {
        sender.send(&EmitEvent::new().build("shop.order.placed", SHOP)?)?;
    }
    sender.flush(LONG).await?;
    Ok(double.events().len())
}

#[test]
fn late_answers_to_pings_delay_and_lose_nothing() {
    let late = || {
        Double::start(Manner {
            cut_every: Some(Duration::from_millis(400)),
            late: Duration::from_millis(150),
            ..Manner::default()
        })
    };
    assert_eq!(deliver_with_late_answers(&late()).unwrap(), 200);
    assert_eq!(
        run(async { adeliver_with_late_answers(&late()).await }).unwrap(),
        200
    );
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
    let sender = AsyncEventSender::start(&aclient(double, "user:s3cret")?, &SendEvents::new())?;
    let event = EmitEvent::new().build("shop.opened", SHOP)?;
    sender.send(&event)?;
    sender.flush(LONG).await?;
    assert_eq!(double.events().len(), 1);

    let other = aclient(double, "user:wr0ng")?;
    let sender = AsyncEventSender::start(&other, &SendEvents::new())?;
    sender.send(&event).or_else(|error| {
        if error.is_refused() {
            Ok(())
        } else {
            Err(error)
        }
    })?;
    let refused = sender.flush(LONG).await.unwrap_err();
    assert!(refused.is_refused(), "{refused}");
    assert!(sender.send(&event).unwrap_err().is_refused());

    let heard = asubscribe(&other, EventFilter::new(), &Subscribe::new()).await;
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
            token: Some("user:s3cret"),
            ..Manner::default()
        })
    };
    let double = strict();
    use_auth(&double).unwrap();
    assert_eq!(
        double.greetings()[0],
        json!({"type": "auth", "token": "user:s3cret"})
    );
    let header = double.authorizations().remove(0).expect("a header");
    assert_eq!(header, "Basic dXNlcjpzM2NyZXQ=");
    // Once for each of the three, and no attempt after a refusal.
    assert_eq!(double.connections(), 3);
    run(async { ause_auth(&strict()).await }).unwrap();
}

#[dual(faces)]
async fn afill(url: &str) -> Result<(), Error> {
    let client = AsyncPrefectClient::new(url)?;
    let event = EmitEvent::new().build("shop.opened", SHOP)?;
    let sender = AsyncEventSender::start(&client, &SendEvents::new().max_events(3))?;
    for _ in 0..3 {
        sender.send(&event)?;
    }
    assert!(sender.send(&event).unwrap_err().is_full());
    let late = sender.flush(Duration::from_millis(50)).await.unwrap_err();
    assert!(late.is_timeout(), "{late}");
    let sender = AsyncEventSender::start(&client, &SendEvents::new().max_bytes(10))?;
    assert!(sender.send(&event).unwrap_err().is_full());
    Ok(())
}

#[test]
fn a_sender_without_a_server_holds_as_much_as_it_may_and_is_dropped_without_waiting() {
    // Nobody listens there any longer.
    let url = Double::start(Manner::default()).api_url();
    fill(&url).unwrap();
    run(async { afill(&url).await }).unwrap();
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
    let mut heard = asubscribe(&client, EventFilter::new(), &Subscribe::new()).await?;
    let mut ids = Vec::new();
    while let Some(event) = heard.next().await {
        ids.push(event?.id.as_u128());
    }
    assert!(heard.next().await.is_none());
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
    let mut heard = asubscribe(&client, EventFilter::new(), &Subscribe::new()).await?;
    let error = heard.next().await.expect("an error").unwrap_err();
    assert!(
        error.is_invalid() && error.to_string().contains("Invalid filter"),
        "{error}"
    );
    assert!(heard.next().await.is_none());
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
    let options = Subscribe::new().reconnection_attempts(2);
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
    drop(subscribe(&client, filter, &Subscribe::new()).unwrap());
    let waited = Instant::now();
    while double.filters().is_empty() && waited.elapsed() < LONG {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(
        double.filters()[0]["filter"]["occurred"]["since"],
        "2029-01-01T00:00:00Z"
    );
}
