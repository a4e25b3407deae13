//! Every method that takes a duration takes the longest there is.

use std::time::Duration;

use chrono::Utc;
use diptych_macros::dual;
use prefect_sdk::Error;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::EventFilter;
#[dual(crate::faces)]
use prefect_sdk::events::{AsyncEventSender, asubscribe};
use prefect_sdk::events::{SendEventsOptions, SubscribeOptions};
#[dual(crate::faces)]
use prefect_sdk::logs::AsyncLogSender;
use prefect_sdk::logs::SendLogsOptions;

use crate::double::{Double, Manner};
use crate::{event, log, placed, run};

const FOR_EVER: Duration = Duration::MAX;

/// Every public method of events and logs that takes a duration, with the longest there is.
#[dual(crate::faces)]
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
