//! What reaches a logger of the crate `log`. Alone in its file: a process has one logger.
#![cfg(all(feature = "blocking", feature = "async"))]

mod support;

use std::sync::Mutex;

use diptych_runtime::generated::{RequestBuilder, read};
use diptych_runtime::{Authorization, Call, Config, asynchronous, blocking};
use log::{LevelFilter, Log, Metadata, Record};
use support::{Reply, Server};

/// Keeps everything that is written, as its target and text.
struct Logger(Mutex<Vec<(String, String)>>);

static LOGGER: Logger = Logger(Mutex::new(Vec::new()));

/// It is repeated wherever it is used: a library that writes bytes in short lines would cut one of them, but not all.
const SECRET: &str = "s3cr3t";

impl Log for Logger {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = (record.target().to_owned(), record.args().to_string());
        self.0.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

impl Logger {
    fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn call() -> Call<i64> {
    let mut builder = RequestBuilder::new(&support::CREATE);
    builder.query("q", &SECRET.repeat(8));
    builder.header("x-mine", &SECRET.repeat(8));
    builder.json(&[SECRET.repeat(8)]);
    builder.answer(read::json)
}

fn config(server: &Server) -> Config {
    let key = Authorization::Bearer(SECRET.repeat(8).into());
    Config::new(&server.url())
        .unwrap()
        .authorization(&key)
        .unwrap()
}

/// What is written while a face makes a call, whose answer holds the secret as well.
fn written(level: LevelFilter, execute: fn(Config)) -> Vec<(String, String)> {
    let body = Box::leak(format!("\"{}\"", SECRET.repeat(8)).into_boxed_str());
    let server = Server::start(vec![Reply::Answer(200, "application/json", body)]);
    log::set_max_level(level);
    LOGGER.take();
    execute(config(&server));
    log::set_max_level(LevelFilter::Off);
    assert_eq!(server.recorded().len(), 1);
    LOGGER.take()
}

fn blocking(config: Config) {
    let client = blocking::Client::new(config).unwrap();
    assert!(client.execute(call()).unwrap_err().is_decode());
}

fn asynchronous(config: Config) {
    let client = asynchronous::Client::new(config).unwrap();
    let result = support::block_on(client.execute(call()));
    assert!(result.unwrap_err().is_decode());
}

/// The targets of the lines that hold the secret.
fn tellers(written: &[(String, String)]) -> Vec<&str> {
    let mut tellers: Vec<&str> = written
        .iter()
        .filter(|(_, text)| text.contains(SECRET))
        .map(|(target, _)| target.as_str())
        .collect();
    tellers.sort_unstable();
    tellers.dedup();
    tellers
}

#[test]
fn no_secret_reaches_a_logger() {
    log::set_logger(&LOGGER).unwrap();
    for level in [LevelFilter::Debug, LevelFilter::Trace] {
        let told = written(level, asynchronous);
        assert!(!told.is_empty());
        assert_eq!(tellers(&told), [""; 0], "{told:?}");
        let told = written(level, blocking);
        assert_eq!(tellers(&told), [""; 0], "{told:?}");
    }
}
