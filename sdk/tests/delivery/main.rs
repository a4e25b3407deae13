//! Delivery to a server that misbehaves, and over connections that don't last, in both faces.

#[path = "../double/mod.rs"]
mod double;
mod durations;
mod listening;
mod sending;

use std::time::Duration;

use chrono::{DateTime, Utc};
use prefect_sdk::client::models::{Event, LogCreate};
use prefect_sdk::events::EmitEventOptions;
use serde_json::{Value, json};
use uuid::Uuid;

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
const LONG: Duration = Duration::from_mins(2);

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

/// A log at this time.
fn log(message: &str, at: DateTime<Utc>) -> LogCreate {
    let mut log = LogCreate::new("prefect.flow_runs", 20, message, at);
    log.flow_run_id = Some(Uuid::nil());
    log
}

/// What the server says of an event.
fn event(id: u128, occurred: &str) -> Value {
    json!({"type": "event", "event": {
        "occurred": occurred, "event": "e", "id": Uuid::from_u128(id), "received": occurred,
        "resource": {"prefect.resource.id": "x"}, "related": [], "payload": {},
    }})
}
