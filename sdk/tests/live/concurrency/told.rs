//! The events that the server has in the end.

use std::time::{Duration, Instant};

use prefect_sdk::client::models::{EventFilter, EventResourceFilter, ReceivedEvent};
use prefect_sdk::client::requests::ReadEvents;
use prefect_sdk::concurrency::{ConcurrencyOptions, aconcurrency_with, concurrency_with};

use super::limits::{LONG, limit};
use crate::server;

#[test]
fn the_server_is_told_what_is_taken_and_given_back() {
    let (name, other) = (limit(2), limit(2));
    let request = ConcurrencyOptions::new().slots(2);
    let slots = concurrency_with(&server::client(), [&name], &request).unwrap();
    let id = format!("prefect.concurrency-limit.{}", slots.limits()[0].id);
    slots.release().unwrap();
    check(&id);
    let id = server::run(async {
        let client = server::async_client();
        let slots = aconcurrency_with(&client, [&other], &request)
            .await
            .unwrap();
        let id = format!("prefect.concurrency-limit.{}", slots.limits()[0].id);
        slots.release().await.unwrap();
        id
    });
    check(&id);
}

fn check(id: &str) {
    let events = wait_two(id);
    let find = |name: &str| events.iter().find(|event| event.event == name).unwrap();
    let acquired = find("prefect.concurrency-limit.acquired");
    let released = find("prefect.concurrency-limit.released");
    assert_eq!(acquired.resource["slots-acquired"], "2");
    assert_eq!(acquired.resource["limit"], "2");
    assert_eq!(released.follows, Some(acquired.id));
}

fn wait_two(id: &str) -> Vec<ReceivedEvent> {
    let end = Instant::now() + LONG;
    let resource = EventResourceFilter::new().id([id]);
    let request = ReadEvents::new().filter(EventFilter::new().resource(resource));
    loop {
        let mut events = server::client().read_events_with(&request).unwrap().events;
        // The server tells of the limit itself.
        events.retain(|event| event.resource.contains_key("slots-acquired"));
        if events.len() == 2 {
            return events;
        }
        assert!(Instant::now() < end, "{} events of {id}", events.len());
        std::thread::sleep(Duration::from_millis(100));
    }
}
