//! A recording server on a local port: each request gets the next answer of a script, and the last one from then on.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diptych_runtime::generated::{RequestBuilder, read};
use diptych_runtime::{Attempt, AttemptOutcome, Bytes, Call, Operation, Retry, RetryPolicy};
use http::{Method, StatusCode};

pub(crate) static READ: Operation =
    Operation::new("read_flow", Method::GET, "/flows/{id}", "Flows");
pub(crate) static CREATE: Operation =
    Operation::new("create_flow", Method::POST, "/flows/", "Flows");
pub(crate) static PING: Operation = Operation::new("ping", Method::POST, "/ping", "Admin");
pub(crate) static DELETE: Operation =
    Operation::new("delete", Method::DELETE, "/flows/{id}", "Flows");

/// What is sent back to one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A whole answer.
    Answer(u16, &'static str, &'static str),
    /// The connection is closed after part of an answer.
    Broken,
    /// Nothing comes.
    Silence,
    /// Nothing more comes after part of an answer.
    Stalled,
}

/// A request as it came: the request line, the headers in lower case and sorted, the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) line: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

pub(crate) struct Server {
    port: u16,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start(script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let recorded = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&recorded);
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (shared, script) = (Arc::clone(&shared), script.clone());
                std::thread::spawn(move || serve(&stream.unwrap(), &shared, &script));
            }
        });
        Self {
            port,
            recorded,
            connections,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}/api/", self.port)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        self.recorded.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, recorded: &Mutex<Vec<Recorded>>, script: &[Reply]) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = read_request(&mut reader) {
        let number = {
            let mut recorded = recorded.lock().unwrap();
            recorded.push(request);
            recorded.len() - 1
        };
        let Some(reply) = script.get(number).or(script.last()) else {
            return;
        };
        let mut stream = stream;
        match reply {
            Reply::Answer(status, media_type, body) => {
                let text = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\nlocation: /other\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(text.as_bytes()).unwrap();
            }
            Reply::Broken => {
                stream
                    .write_all(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{")
                    .unwrap();
                return;
            }
            Reply::Silence => {}
            Reply::Stalled => {
                stream
                    .write_all(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{")
                    .unwrap();
            }
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Recorded> {
    let line = read_line(reader)?;
    let mut headers = Vec::new();
    loop {
        let header = read_line(reader)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        headers.push(format!("{}: {}", name.to_ascii_lowercase(), value.trim()));
    }
    headers.sort();
    let length = headers
        .iter()
        .find_map(|header| header.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Recorded {
        line,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

fn read_line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = reader.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

/// Tries again at once after a 503.
pub(crate) struct AfterUnavailable;

impl RetryPolicy for AfterUnavailable {
    fn retry(&self, attempt: &Attempt<'_>) -> Option<Retry> {
        match attempt.outcome() {
            AttemptOutcome::Answered(answer)
                if answer.status() == StatusCode::SERVICE_UNAVAILABLE =>
            {
                Some(Retry::after(Duration::from_millis(1)))
            }
            _ => None,
        }
    }
}

pub(crate) fn read_flow() -> Call<i64> {
    let mut builder = RequestBuilder::new(&READ);
    builder.path("id", "a/b");
    builder.query("tags", &vec!["x y", "z"]);
    builder.answer(read::json)
}

pub(crate) fn create_flow() -> Call<i64> {
    let mut builder = RequestBuilder::new(&CREATE);
    builder.json_object(|body| body.field("name", "etl"));
    builder.answer(read::json)
}

pub(crate) fn ping() -> Call<()> {
    RequestBuilder::new(&PING).answer(read::nothing)
}

pub(crate) fn delete_with_body() -> Call<()> {
    let mut builder = RequestBuilder::new(&DELETE);
    builder.path("id", &1);
    builder.json(&[1, 2]);
    builder.answer(read::nothing)
}

/// Runs a future on a runtime of one thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

pub(crate) fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}
