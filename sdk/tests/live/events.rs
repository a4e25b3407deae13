//! Events in both faces, and beside Python.

use std::collections::BTreeSet;
use std::time::Duration;

use diptych_macros::dual;
use prefect_sdk::Error;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{EventFilter, EventNameFilter};
#[dual(crate::faces)]
use prefect_sdk::events::{AsyncEventSender, aemit_event, asubscribe};
use prefect_sdk::events::{EmitEvent, SendEvents, Subscribe};

use crate::server;

/// Against hanging; never reached.
const LONG: Duration = Duration::from_secs(60);

fn named(name: &str) -> EventFilter {
    EventFilter::new().event(EventNameFilter::new().name([name]))
}

fn resource(name: &str) -> [(String, String); 1] {
    [("prefect.resource.id".to_owned(), name.to_owned())]
}

#[dual(crate::faces)]
async fn ahear_what_is_emitted(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    let mut heard = asubscribe(client, named(name), &Subscribe::new()).await?;
    let first = EmitEvent::new().payload([("number", 1)]);
    let first = aemit_event(client, name, resource(name), &first).await?;
    let sender = AsyncEventSender::start(client, &SendEvents::new())?;
    let second = EmitEvent::new()
        .follows(&first)
        .build(name, resource(name))?;
    sender.send(&second)?;
    sender.flush(LONG).await?;
    let mut ids = BTreeSet::new();
    for _ in 0..2 {
        let event = heard.next_within(LONG).await?.expect("the server goes on");
        assert_eq!(event.resource["prefect.resource.id"], name);
        if event.id == second.id {
            assert_eq!(event.follows, Some(first.id));
        } else {
            assert_eq!(event.payload["number"], 1);
        }
        ids.insert(event.id);
    }
    assert_eq!(ids, BTreeSet::from([first.id, second.id]));
    let nothing = heard.next_within(Duration::from_millis(300)).await;
    assert!(nothing.unwrap_err().is_timeout());
    Ok(())
}

#[test]
fn what_is_emitted_is_heard() {
    hear_what_is_emitted(&server::client(), &server::unique("rust.blocking")).unwrap();
    let name = server::unique("rust.async");
    server::run(async { ahear_what_is_emitted(&server::async_client(), &name).await }).unwrap();
}
