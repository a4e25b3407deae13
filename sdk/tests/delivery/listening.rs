//! What is heard, and how hearing ends.

use std::time::{Duration, Instant};

use diptych_macros::dual;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{EventFilter, EventOccurredFilter, LogFilter};
use prefect_sdk::events::SubscribeOptions;
#[dual(crate::faces)]
use prefect_sdk::events::asubscribe;
use prefect_sdk::{Error, logs};
use serde_json::{Value, json};

use crate::double::{Double, Manner};
use crate::{LONG, event, run};

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

#[dual(crate::faces)]
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

#[dual(crate::faces)]
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
#[dual(crate::faces)]
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

#[dual(crate::faces)]
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
#[dual(crate::faces)]
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
