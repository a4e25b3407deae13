//! A server that takes what is waited for and never answers: the wait ends all the same, also where the client's own limits
//! have no end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use prefect_sdk::Error;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient, PrefectSession, config};
use prefect_sdk::events::{AsyncEventSender, EventSender, SendEventsOptions};
use prefect_sdk::logs::{AsyncLogSender, LogSender, SendLogsOptions};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::waits::{ALL, Waits, await_for, run, wait_for};
use crate::{event, log};

/// What comes before the wait, as far as the server answers it.
fn answer(line: &str) -> Option<Value> {
    let state = json!({"type": "PAUSED", "id": Uuid::nil()});
    let (id, none) = (Uuid::nil(), Value::Null);
    let token = json!({
        "token": "t", "client": "c", "expiration": "2100-01-01T00:00:00Z", "id": id, "created": null, "updated": null,
    });
    let answers = [
        ("/csrf-token?", token),
        (
            "/set_state ",
            json!({"status": "ACCEPT", "state": state, "details": {"type": "accept_details"}}),
        ),
        ("/create_flow_run ", run("SCHEDULED")),
        ("/input ", none),
        (
            "GET /api/deployments/",
            json!({"name": "d", "flow_id": id, "id": id, "created": null, "updated": null}),
        ),
    ];
    let found = answers.into_iter().find(|(part, _)| line.contains(part));
    found.map(|(_, body)| body)
}

fn serve(stream: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let (mut line, mut length) = (String::new(), 0);
        reader.read_line(&mut line)?;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header)? == 0 {
                return Ok(());
            }
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        match answer(&line) {
            Some(body) => {
                let (body, kind) = (body.to_string(), "content-type: application/json");
                let head = format!(
                    "HTTP/1.1 200 OK\r\n{kind}\r\ncontent-length: {}",
                    body.len()
                );
                write!(stream, "{head}\r\n\r\n{body}")?;
            }
            // Until the client goes away.
            None => drop(reader.read_to_end(&mut Vec::new())),
        }
    }
}

/// Its address.
fn start() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || drop(serve(&stream)));
        }
    });
    format!("http://{address}/api")
}

/// Without limits of its own.
fn endless(url: &str) -> prefect_client::Config {
    let config = config(url).expect("a configuration");
    let session = PrefectSession::new(url).without_version_check();
    config.session(session).timeout(None).attempt_timeout(None)
}

#[test]
fn every_wait_ends_at_a_server_that_never_answers() {
    // An answer that comes too late would grant slots that nobody gives back, so the client's own limits hold there.
    let takes_slots = |what| matches!(what, Waits::Slots | Waits::SlotsOfTags | Waits::Rate);
    let bounded = ALL.into_iter().filter(|what| !takes_slots(*what));
    let rows: Vec<_> = bounded
        .map(|what| {
            thread::spawn(move || {
                crate::must_end(move || {
                    let url = start();
                    let (timeout, poll) = (Some(Duration::from_millis(10)), Duration::ZERO);
                    let client = PrefectClient::from_config(endless(&url)).expect("a client");
                    let blocking = wait_for(&client, what, timeout, poll);
                    let client = AsyncPrefectClient::from_config(endless(&url)).expect("a client");
                    let asynchronous = crate::run(await_for(&client, what, timeout, poll));
                    for ended in [blocking, asynchronous] {
                        let error = ended.expect_err("nothing is answered");
                        assert!(error.is_timeout(), "{what:?}: {error}");
                    }
                });
            })
        })
        .collect();
    for row in rows {
        row.join().expect("a row");
    }
}

/// What the server does not take in time.
fn blocking(url: &str, soon: Duration) -> Vec<Error> {
    let client = PrefectClient::from_config(endless(url)).expect("a client");
    let events = EventSender::start(&client, &SendEventsOptions::new()).expect("a sender");
    events.send(&event()).expect("room");
    let logs = LogSender::start(&client, &SendLogsOptions::new()).expect("a sender");
    logs.send(log("open")).expect("room");
    vec![
        events.flush(soon).unwrap_err(),
        logs.flush(soon).unwrap_err(),
    ]
}

async fn asynchronous(url: &str, soon: Duration) -> Vec<Error> {
    let client = AsyncPrefectClient::from_config(endless(url)).expect("a client");
    let events = AsyncEventSender::start(&client, &SendEventsOptions::new()).expect("a sender");
    events.send(&event()).expect("room");
    let logs = AsyncLogSender::start(&client, &SendLogsOptions::new()).expect("a sender");
    logs.send(log("open")).expect("room");
    vec![
        events.flush(soon).await.unwrap_err(),
        logs.flush(soon).await.unwrap_err(),
    ]
}

#[test]
fn senders_end_their_waits_at_a_server_that_never_answers() {
    let url = start();
    let other = url.clone();
    for soon in [Duration::ZERO, Duration::from_millis(10)] {
        let (url, other) = (url.clone(), other.clone());
        let mut ended = crate::must_end(move || blocking(&url, soon));
        ended.extend(crate::must_end(move || {
            crate::run(asynchronous(&other, soon))
        }));
        for (place, error) in ended.into_iter().enumerate() {
            assert!(error.is_timeout(), "{place}: {error}");
        }
    }
}
