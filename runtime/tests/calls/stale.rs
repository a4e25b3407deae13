//! Connections that the server closes without a word, in both faces.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diptych_runtime::{Call, Config, Error, Progress, StandardRetry, asynchronous, blocking};

use crate::failures::listen;
use crate::support;

const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1";
const MOVED: &[u8] = b"HTTP/1.1 307 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";

/// Reads a request with its body; `None` where the connection ends.
fn request(stream: &mut TcpStream) -> Option<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    stream.read_exact(&mut vec![0; length]).ok()
}

/// A server whose first connection meets `first`, and whose others are good; how many requests it got is counted.
fn server(first: fn(&mut TcpStream, &AtomicUsize) -> Option<()>) -> (Config, Arc<AtomicUsize>) {
    let (connections, requests) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&requests);
    let port = listen(move |mut stream| {
        if connections.fetch_add(1, Ordering::SeqCst) == 0 {
            first(&mut stream, &counted);
            return;
        }
        while request(&mut stream).is_some() {
            counted.fetch_add(1, Ordering::SeqCst);
            drop(stream.write_all(GOOD));
        }
    });
    let config = Config::new(&format!("http://127.0.0.1:{port}")).unwrap();
    (config.no_proxy(), requests)
}

type Make = fn() -> Call<i64>;

/// What two calls of a face get, one after the other.
type TwoCalls = fn(Config, Make) -> [Result<i64, Error>; 2];

fn blocking(config: Config, call: Make) -> [Result<i64, Error>; 2] {
    let client = blocking::Client::new(config).unwrap();
    [(); 2].map(|()| client.execute(call()))
}

fn asynchronous(config: Config, call: Make) -> [Result<i64, Error>; 2] {
    let client = asynchronous::Client::new(config).unwrap();
    support::block_on(async { [client.execute(call()).await, client.execute(call()).await] })
}

const FACES: [TwoCalls; 2] = [blocking, asynchronous];

/// Answers one request, and takes the next one without a word.
fn takes_another(stream: &mut TcpStream, requests: &AtomicUsize) -> Option<()> {
    request(stream)?;
    requests.fetch_add(1, Ordering::SeqCst);
    stream.write_all(GOOD).ok()?;
    request(stream)?;
    requests.fetch_add(1, Ordering::SeqCst);
    None
}

#[test]
fn what_may_be_repeated_follows_at_once_on_another_connection() {
    for calls in FACES {
        let (config, requests) = server(takes_another);
        let config = config.retry_policy(StandardRetry::new(1).jitter(0.0));
        let waits = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&waits);
        let config = config.on_attempt(move |_, retry| {
            told.lock().unwrap().extend(retry.map(|retry| retry.after));
        });
        for read in calls(config, support::read_flow) {
            assert_eq!(read.unwrap(), 1);
        }
        assert_eq!(requests.load(Ordering::SeqCst), 3);
        assert_eq!(*waits.lock().unwrap(), [Duration::ZERO]);
    }
}

#[test]
fn nothing_else_is_sent_twice() {
    for calls in FACES {
        let (config, requests) = server(takes_another);
        let config = config.retry_policy(StandardRetry::new(1).jitter(0.0));
        let [first, second] = calls(config, support::create_flow);
        assert_eq!(first.unwrap(), 1);
        let error = second.unwrap_err();
        assert_eq!(error.progress(), Progress::MayBeExecuted, "{error}");
        assert_eq!(requests.load(Ordering::SeqCst), 2);
    }
}

/// Sends elsewhere, and closes the connection, which it has not announced.
fn sends_elsewhere(stream: &mut TcpStream, requests: &AtomicUsize) -> Option<()> {
    request(stream)?;
    requests.fetch_add(1, Ordering::SeqCst);
    stream.write_all(MOVED).ok()
}

#[test]
fn a_redirect_is_followed_on_another_connection() {
    let calls: [Make; 2] = [support::read_flow, support::create_flow];
    for (face, call) in FACES
        .into_iter()
        .zip(calls)
        .chain(FACES.into_iter().rev().zip(calls))
    {
        let (config, requests) = server(sends_elsewhere);
        for answered in face(config, call) {
            assert_eq!(answered.unwrap(), 1);
        }
        assert_eq!(requests.load(Ordering::SeqCst), 3);
    }
}

/// What is kept of another server stays, however often one sends there.
#[test]
fn a_redirect_elsewhere_costs_no_connection_there() {
    for calls in FACES {
        let opened = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&opened);
        let elsewhere = listen(move |mut stream| {
            counted.fetch_add(1, Ordering::SeqCst);
            while request(&mut stream).is_some() {
                drop(stream.write_all(GOOD));
            }
        });
        let moved = format!(
            "HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:{elsewhere}/\r\ncontent-length: 0\r\n\r\n"
        );
        let port = listen(move |mut stream| {
            while request(&mut stream).is_some() {
                drop(stream.write_all(moved.as_bytes()));
            }
        });
        let config = Config::new(&format!("http://127.0.0.1:{port}")).unwrap();
        for answered in calls(config.no_proxy(), support::read_flow) {
            assert_eq!(answered.unwrap(), 1);
        }
        assert_eq!(opened.load(Ordering::SeqCst), 1);
    }
}
