//! A server that answers as a function says, in the words of the hazards.

use std::time::Duration;

use test_server::{Answer, End, Fault};
pub use test_server::{Request, Seen};
use uuid::Uuid;

/// What the server answers.
#[derive(Clone, Debug)]
pub struct Reply {
    answer: Answer,
    ending: Ending,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is sent as a whole, and the connection stays open.
    Whole,
    /// The connection is reset before the answer.
    Reset,
    /// The connection ends within the body.
    Cut,
    /// Nothing comes, until the client goes away.
    NoHead,
    /// Nothing comes after the head and a part of the body, until the client goes away.
    NoBody,
}

/// The server.
pub struct Server(test_server::Server);

impl Reply {
    /// 200 with a body of JSON.
    pub fn json(body: impl Into<String>) -> Self {
        Self::new(200, "application/json", body)
    }

    /// An answer with this status, media type and body.
    pub fn new(status: u16, media_type: &str, body: impl Into<String>) -> Self {
        Self {
            answer: Answer::new(status, media_type, body.into()),
            ending: Ending::Whole,
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.answer = self.answer.header(name, value);
        self
    }

    /// The same, ending like this.
    #[must_use]
    pub fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// A flow as the server describes it.
    #[must_use]
    pub fn flow(id: &str) -> Self {
        Self::json(flow(id))
    }

    /// A list of flows.
    #[must_use]
    pub fn flows(ids: &[Uuid]) -> Self {
        let flows: Vec<String> = ids.iter().map(|id| flow(&id.to_string())).collect();
        Self::json(format!("[{}]", flows.join(",")))
    }
}

impl From<Reply> for Fault {
    fn from(Reply { answer, ending }: Reply) -> Self {
        let part = answer.head().len() + answer.body.len() / 2;
        match ending {
            Ending::Whole => Self::Whole(answer),
            Ending::Reset => Self::CutAt(0, answer, End::Reset),
            Ending::Cut => Self::CutAt(part, answer, End::Close),
            Ending::NoHead => Self::CutAt(0, answer, End::Stall),
            Ending::NoBody => Self::CutAt(part, answer, End::Stall),
        }
    }
}

impl Server {
    /// A server at a free port of this machine.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self(test_server::Server::answering(handler).expect("a port is free"))
    }

    /// A server that closes connections on which nothing comes for this long after an answer.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn closing_idle(
        idle: Duration,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let handler = move |request: &Request| match handler(request).into() {
            Fault::Whole(answer) => Fault::CloseIdleAfter(answer, idle),
            other => other,
        };
        Self(test_server::Server::answering(handler).expect("a port is free"))
    }

    /// A server that is well: everything is answered with `true`.
    #[must_use]
    pub fn healthy() -> Self {
        Self::start(|_| Reply::json("true"))
    }

    /// The URL of the API, with a host name.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url_by_name()
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.0.requests()
    }

    /// Every request so far, with its connection.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.0.seen()
    }

    /// How many connections were opened so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.0.connections()
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.0.open_connections()
    }

    /// How many requests there were at once, at most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.0.most_at_once()
    }
}

fn flow(id: &str) -> String {
    format!(r#"{{"name":"etl","id":"{id}","created":null,"updated":null,"tags":[]}}"#)
}
