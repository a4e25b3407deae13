//! Events and lines, as a whole and each as soon as it has come.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use diptych_cases::streams::models::Tick;
use diptych_cases::streams::{AsyncClient, Client, requests};
use diptych_runtime::{CallOptions, Config, Error, ServerEvent};

use crate::{both, header, on_tokio, reply, target};

fn events(text: &str) -> test_server::Answer {
    reply(200, "text/event-stream", text)
}

#[test]
fn events_are_typed_by_their_data() {
    let text = ": hello\n\nevent: tick\nid: 7\nretry: 20\ndata: {\"n\":\ndata: 1}\n\ndata: {\"n\": 2}\r\n\r\ndata: [DONE]\n\n";
    let from = requests::Ticks::new().from(3);
    let (got, sent) = both!(streams, events(text), client => client.ticks_with(&from));
    assert_eq!(target(&sent), "/ticks?from=3");
    assert_eq!(header(&sent, "accept"), Some("text/event-stream"));
    let got = got.unwrap();
    let [first, second] = got.as_slice() else {
        panic!("{got:?}");
    };
    assert_eq!(first.data.n, 1);
    assert_eq!(first.event.as_deref(), Some("tick"));
    assert_eq!(first.id.as_deref(), Some("7"));
    assert_eq!(first.retry, Some(Duration::from_millis(20)));
    assert_eq!((second.data.n, &second.event), (2, &None));
    let wrong = events("data: {\"n\": 1}\n\ndata: {\"n\": \"x\"}\n\n");
    let (got, _) = both!(streams, wrong, client => client.ticks());
    let error = got.unwrap_err().to_string();
    assert!(error.contains("event 2: n:"), "{error}");
}

#[test]
fn what_an_event_is_made_of_may_be_said() {
    let said = events("event: said\ndata: {\"n\": 1}\n\n");
    let (got, _) = both!(streams, said, client => client.talk_as_event_stream("x"));
    assert_eq!(got.unwrap()[0].data.n, 1);
    let (got, _) = both!(streams, events("data: a\ndata: b\n\n"), client => client.words());
    assert_eq!(got.unwrap()[0].data, "a\nb");
}

#[test]
fn items_of_a_whole_answer_come_one_by_one() {
    let lines = reply(200, "application/jsonl", "{\"n\": 1}\n{\"n\": 2}");
    let (server, config) = crate::server(&lines);
    let client = Client::from_config(config).unwrap();
    let ticks: Result<Vec<Tick>, _> = client.log_stream().unwrap().collect();
    assert_eq!(
        ticks.unwrap().iter().map(|tick| tick.n).collect::<Vec<_>>(),
        [1, 2]
    );
    drop(server);
    let records = reply(200, "application/json-seq", "\u{1e}1\n\u{1e}[\n2]\n\u{1e}3");
    on_tokio(async {
        let (_server, config) = crate::server(&records);
        let client = AsyncClient::from_config(config).unwrap();
        let mut stream = client.records_stream().await.unwrap();
        assert_eq!(stream.anext().await.unwrap().unwrap(), 1);
        let wrong = stream.anext().await.unwrap().unwrap_err();
        assert!(wrong.to_string().contains("expected i64"), "{wrong}");
        assert!(stream.anext().await.is_none(), "nothing follows an error");
    });
}

/// Whether events come one by one or all at once.
#[test]
fn the_id_of_an_event_is_the_one_that_was_told_last() {
    let text =
        "id: 7\nretry: 20\ndata: {\"n\": 1}\n\ndata: {\"n\": 2}\n\nid: 8\n\ndata: {\"n\": 3}\n\n";
    let (got, _) = both!(streams, events(text), client => client.ticks());
    let (server, config) = crate::server(&events(text));
    let client = Client::from_config(config).unwrap();
    let one_by_one: Result<Vec<_>, _> = client.ticks_stream().unwrap().collect();
    drop(server);
    for events in [got.unwrap(), one_by_one.unwrap()] {
        let ids: Vec<_> = events.iter().map(|event| event.id.as_deref()).collect();
        assert_eq!(ids, [Some("7"), Some("7"), Some("8")]);
        let waits = events.iter().map(|event| event.retry);
        assert!(
            waits
                .into_iter()
                .all(|wait| wait == Some(Duration::from_millis(20)))
        );
    }
}

#[test]
fn what_is_no_success_is_an_error_before_any_item() {
    let busy = reply(503, "application/json", r#"{"detail": "busy"}"#);
    let (_server, config) = crate::server(&busy);
    let client = Client::from_config(config).unwrap();
    let error = client.ticks_stream().unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(503));
    assert_eq!(error.body(), Some(br#"{"detail": "busy"}"#.as_slice()));
    let error = on_tokio(async {
        let (_server, config) = crate::server(&busy);
        let client = AsyncClient::from_config(config).unwrap();
        client.ticks_stream().await.unwrap_err()
    });
    assert_eq!(error.body(), Some(br#"{"detail": "busy"}"#.as_slice()));
}

/// A server that says the next part of its only answer when it is told to.
fn slow(parts: &'static [&'static str]) -> (Config, Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = Config::new(&format!("http://{}/api", listener.local_addr().unwrap()));
    let (told, orders) = channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        speak(stream, parts, &orders);
    });
    // It is waited for only where a part does not come before the next one.
    (config.unwrap().timeout(Duration::from_mins(1)), told)
}

fn speak(mut stream: TcpStream, parts: &[&str], orders: &Receiver<()>) {
    let mut request = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        request.read_line(&mut line).unwrap();
    }
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    for part in parts {
        let chunk = format!("{:x}\r\n{part}\r\n", part.len());
        if stream.write_all(chunk.as_bytes()).is_err() || orders.recv().is_err() {
            return;
        }
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
}

const PARTS: &[&str] = &["data: {\"n\": 1}\n\ndata: {\"n\"", ": 2}\n\n", "data: cut"];

fn number(item: Option<Result<ServerEvent<Tick>, Error>>) -> i64 {
    item.unwrap().unwrap().data.n
}

#[test]
fn each_event_is_there_before_the_next_is_said() {
    let (config, tell) = slow(PARTS);
    let mut stream = Client::from_config(config).unwrap().ticks_stream().unwrap();
    assert_eq!(stream.head().headers()["content-type"], "text/event-stream");
    assert_eq!(number(stream.next()), 1);
    tell.send(()).unwrap();
    assert_eq!(number(stream.next()), 2);
    tell.send(()).unwrap();
    tell.send(()).unwrap();
    assert!(
        stream.next().is_none(),
        "an event that nothing ends is none"
    );
    assert!(stream.next().is_none());
}

#[test]
fn each_event_is_there_before_the_next_is_said_to_async_callers() {
    let (config, tell) = slow(PARTS);
    on_tokio(async {
        let client = AsyncClient::from_config(config).unwrap();
        let mut stream = client.ticks_stream().await.unwrap();
        assert_eq!(number(stream.anext().await), 1);
        tell.send(()).unwrap();
        assert_eq!(number(stream.anext().await), 2);
        tell.send(()).unwrap();
        tell.send(()).unwrap();
        assert!(stream.anext().await.is_none());
    });
}

#[test]
fn a_stream_that_breaks_off_says_so() {
    let (config, tell) = slow(PARTS);
    let client = Client::from_config(config).unwrap();
    let mut stream = client.ticks_stream().unwrap();
    assert_eq!(number(stream.next()), 1);
    drop(tell);
    let error = stream.next().unwrap().unwrap_err();
    assert!(!error.is_timeout(), "{error}");
    assert!(stream.next().is_none());
}

/// What a silent server leads to. A slow machine may need more time until the server has said anything.
fn with_more_time(attempt: impl Fn(CallOptions) -> Option<Error>) -> Error {
    let seconds = [1, 8, 64].map(Duration::from_secs).into_iter();
    let options = seconds.map(|seconds| CallOptions::new().timeout(seconds));
    options.into_iter().find_map(attempt).unwrap()
}

#[test]
fn a_stream_that_is_silent_ends() {
    let error = with_more_time(|options| {
        let (config, _tell) = slow(PARTS);
        let client = Client::from_config(config).unwrap().with(options);
        let mut stream = client.ticks_stream().ok()?;
        stream.next()?.ok()?;
        stream.next()?.err()
    });
    assert!(error.is_timeout(), "{error}");
    let error = with_more_time(|options| {
        let (config, _tell) = slow(PARTS);
        on_tokio(async {
            let client = AsyncClient::from_config(config).unwrap().with(options);
            let mut stream = client.ticks_stream().await.ok()?;
            stream.anext().await?.ok()?;
            stream.anext().await?.err()
        })
    });
    assert!(error.is_timeout(), "{error}");
}

/// So many bytes of what comes; where one chunk ends is the network's choice.
fn so_many(mut next: impl FnMut() -> Option<Result<Vec<u8>, Error>>, count: usize) -> Vec<u8> {
    let mut came = Vec::new();
    while came.len() < count {
        came.extend(next().unwrap().unwrap());
    }
    came
}

const FILE: &[&str] = &["%PDF", "\n\n%%", "EOF"];

#[test]
fn bytes_are_there_before_all_have_come() {
    let (config, tell) = slow(FILE);
    // It may be larger than what is read as a whole.
    let client = Client::from_config(config.max_body(4)).unwrap();
    let page = requests::File::new().page(2);
    let mut stream = client.file_stream_with(&page).unwrap();
    assert_eq!(so_many(|| stream.next(), 4), b"%PDF");
    tell.send(()).unwrap();
    assert_eq!(so_many(|| stream.next(), 4), b"\n\n%%");
    tell.send(()).unwrap();
    tell.send(()).unwrap();
    assert_eq!(so_many(|| stream.next(), 3), b"EOF");
    assert!(stream.next().is_none());
}

#[test]
fn bytes_are_there_before_all_have_come_to_async_callers() {
    let (config, tell) = slow(FILE);
    on_tokio(async {
        let client = AsyncClient::from_config(config.max_body(4)).unwrap();
        let mut stream = client.file_stream().await.unwrap();
        for part in FILE {
            let mut came = Vec::new();
            while came.len() < part.len() {
                came.extend(stream.anext().await.unwrap().unwrap());
            }
            assert_eq!(came, part.as_bytes());
            tell.send(()).unwrap();
        }
        assert!(stream.anext().await.is_none());
    });
}

#[test]
fn bytes_that_break_off_say_so_and_a_refusal_is_one() {
    let (config, tell) = slow(FILE);
    let mut stream = Client::from_config(config).unwrap().file_stream().unwrap();
    assert_eq!(so_many(|| stream.next(), 4), b"%PDF");
    drop(tell);
    stream.next().unwrap().unwrap_err();
    assert!(stream.next().is_none());
    let gone = reply(404, "application/json", r#"{"detail": "gone"}"#);
    let (server, config) = crate::server(&gone);
    let client = Client::from_config(config).unwrap();
    let error = client.file_stream().unwrap_err();
    assert_eq!(error.body(), Some(br#"{"detail": "gone"}"#.as_slice()));
    assert_eq!(server.take()[0].header("accept"), Some("application/pdf"));
    let (got, _) = both!(streams, crate::nothing(), client => client.maybe());
    assert_eq!(got.unwrap(), None);
}
