//! A recording server on a local port: each request gets the next answer of a script, and the last one from then on.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::time::Duration;

use diptych_runtime::generated::{RequestBuilder, read};
use diptych_runtime::{Attempt, AttemptOutcome, Bytes, Call, Operation, Retry, RetryPolicy};
use http::{Method, StatusCode};
use test_server::{Answer, Door, End, Fault, Request};

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

pub(crate) struct Server(test_server::Server);

impl Server {
    pub(crate) fn start(script: Vec<Reply>) -> Self {
        let script = script.into_iter().map(Reply::fault);
        Self(test_server::Server::start(Door::Open, script).unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/", self.0.url_by_name())
    }

    pub(crate) fn connections(&self) -> usize {
        self.0.connections()
    }

    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        let requests = self.0.requests().into_iter();
        requests.map(Recorded::from).collect()
    }
}

impl Reply {
    fn fault(self) -> Fault {
        let part = |end| {
            let answer = Answer::json(200, "{\"id\": 9}");
            Fault::CutAt(answer.head().len() + 1, answer, end)
        };
        match self {
            Self::Answer(status, media_type, body) => {
                let answer = Answer::new(status, media_type, body);
                answer.header("location", "/other").into()
            }
            Self::Broken => part(End::Close),
            Self::Silence => Fault::CutAt(0, Answer::json(200, ""), End::Stall),
            Self::Stalled => part(End::Stall),
        }
    }
}

impl From<Request> for Recorded {
    fn from(request: Request) -> Self {
        let headers = request.headers.iter();
        Self {
            line: format!("{} {} HTTP/1.1", request.method, request.target),
            headers: headers
                .map(|(name, value)| format!("{name}: {value}"))
                .collect(),
            body: request.text(),
        }
    }
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
