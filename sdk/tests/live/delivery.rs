//! Events to a server that is killed and started again meanwhile, with bad ones among them, in both faces: what it has in
//! the end is compared with what was sent.
//!
//! The server is one of the test's own.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diptych_macros::dual;
use prefect_sdk::Error;
#[dual(crate::faces)]
use prefect_sdk::client::AsyncPrefectClient;
use prefect_sdk::client::models::{EventFilter, EventNameFilter};
use prefect_sdk::client::requests::ReadEvents;
#[dual(crate::faces)]
use prefect_sdk::events::AsyncEventSender;
use prefect_sdk::events::{Confirmation, EmitEventOptions, SendEventsOptions};
use test_prefect::Server;
use uuid::Uuid;

use crate::server;

/// Against hanging; never reached.
const LONG: Duration = Duration::from_mins(30);

/// How long sending goes on, in portions: the server is killed within that.
const PORTIONS: usize = 10;
const BETWEEN: Duration = Duration::from_millis(400);

/// How many events each face sends: 300, unless `PREFECT_TEST_DELIVERY_EVENTS` says otherwise.
fn load() -> usize {
    let given = std::env::var("PREFECT_TEST_DELIVERY_EVENTS").ok();
    given.map_or(300, |text| text.parse().expect("a number"))
}

/// The first, the last, and some between can't be read.
fn is_bad(number: usize) -> bool {
    number.is_multiple_of(97) || number + 1 == load()
}

/// Sends events for some seconds, and gives the ids of the good ones once all of them are confirmed.
#[dual(crate::faces)]
async fn asend_for_a_while(
    client: &AsyncPrefectClient,
    name: &str,
) -> Result<BTreeSet<Uuid>, Error> {
    let options = SendEventsOptions::new()
        .checkpoint_every(50)
        .confirmation(Confirmation::Stored);
    let sender = AsyncEventSender::start(client, &options)?;
    let (mut good, mut bad) = (BTreeSet::new(), BTreeSet::new());
    for number in 0..load() {
        if number.is_multiple_of(load().div_ceil(PORTIONS)) {
            thread::sleep(BETWEEN);
        }
        let (options, ids) = if is_bad(number) {
            let never = EmitEventOptions::new().occurred(DateTime::<Utc>::MAX_UTC);
            (never, &mut bad)
        } else {
            (EmitEventOptions::new(), &mut good)
        };
        let event = options.build(name, [("prefect.resource.id", name)])?;
        ids.insert(event.id);
        sender.send(&event)?;
    }
    let error = sender.flush(LONG).await.expect_err("some are bad");
    assert!(error.is_rejected(), "{error}");
    let named = error.rejected().iter().filter_map(|rejected| rejected.id);
    assert_eq!(named.collect::<BTreeSet<_>>(), bad);
    Ok(good)
}

fn stored(client: &PrefectClient, name: &str) -> BTreeSet<Uuid> {
    let named = EventFilter::new().event(EventNameFilter::new().name([name]));
    let request = ReadEvents::new().filter(named).limit(50);
    let pages = client.read_events_pages_with(request);
    pages.map(|event| event.expect("an event").id).collect()
}

#[test]
fn what_is_confirmed_as_stored_is_there_although_the_server_was_killed() {
    let python = std::env::var_os("PREFECT_TEST_PYTHON")
        .expect("PREFECT_TEST_PYTHON is not set: run `cargo xtask test`");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(server::unique("delivery"));
    let mut own = Server::start(python, home, &[]).expect("a server");
    let url = own.url();
    let of_blocking = url.clone();
    let blocking = thread::spawn(move || {
        let client = PrefectClient::new(&of_blocking)?;
        send_for_a_while(&client, "rust.killed.blocking")
    });
    let of_async = url.clone();
    let asynchronous = thread::spawn(move || {
        server::run(async {
            let client = AsyncPrefectClient::new(&of_async)?;
            asend_for_a_while(&client, "rust.killed.async").await
        })
    });
    // By now it has taken some, and not stored all of those.
    thread::sleep(BETWEEN * 5);
    own.kill().expect("a server that can be killed");
    own.start_again().expect("the server again");
    let client = PrefectClient::new(&url).expect("a client");
    for (sender, name) in [
        (blocking, "rust.killed.blocking"),
        (asynchronous, "rust.killed.async"),
    ] {
        let sent = sender.join().expect("a sender").expect("what was sent");
        let found = stored(&client, name);
        println!("{name}: {} sent, {} stored", sent.len(), found.len());
        assert!(
            found == sent,
            "{name}: {} sent, {} stored",
            sent.len(),
            found.len()
        );
    }
}
