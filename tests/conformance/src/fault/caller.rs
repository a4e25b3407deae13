//! One face of the client, on one kind of runtime, for a GET and a POST.

use std::thread;
use std::time::Duration;

use diptych_runtime::{Config, Error};
use prefect_client::models::{Flow, FlowCreate};
use prefect_client::{AsyncPrefectClient, PrefectClient};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use test_server::Answer;

use crate::Fallible;

/// Which face, and where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The blocking face.
    Blocking,
    /// The async face, on a runtime of one thread that is driven during a call only.
    CurrentThread,
    /// The async face, on a runtime with a thread of its own.
    MultiThread,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads a flow.
    Get,
    /// Creates a flow.
    Post,
}

/// A client that calls.
pub enum Caller {
    /// The blocking one.
    Blocking(PrefectClient),
    /// The async one and its runtime.
    Asynchronous(AsyncPrefectClient, Runtime),
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With its value.
    Value,
    /// Without a connection.
    NoConnection,
    /// At the deadline.
    TimedOut,
    /// With a body over the limit.
    TooLarge,
    /// In the middle.
    BrokeOff,
    /// With a success that can't be read.
    Unreadable,
    /// With a status that is no success.
    Refused(u16),
    /// In any other way.
    Other(String),
}

impl Face {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Blocking, Self::CurrentThread, Self::MultiThread];
}

impl Caller {
    /// A client of this face.
    ///
    /// # Errors
    ///
    /// When it can't be built.
    pub fn new(face: Face, config: Config) -> Fallible<Self> {
        let mut builder = match face {
            Face::Blocking => return Ok(Self::Blocking(PrefectClient::from_config(config)?)),
            Face::CurrentThread => Builder::new_current_thread(),
            Face::MultiThread => Builder::new_multi_thread(),
        };
        let runtime = builder.worker_threads(1).enable_all().build()?;
        let client = AsyncPrefectClient::from_config(config)?;
        Ok(Self::Asynchronous(client, runtime))
    }

    /// Lets time pass, in which the runtime of an async one is driven.
    pub fn pause(&self, time: Duration) {
        match self {
            Self::Blocking(_) => thread::sleep(time),
            Self::Asynchronous(_, runtime) => {
                runtime.block_on(async { tokio::time::sleep(time).await });
            }
        }
    }

    /// Calls with this name of a flow, which a GET does not need.
    ///
    /// # Errors
    ///
    /// Those of the client.
    pub fn call(&self, method: Method, name: &str) -> Result<Flow, Error> {
        let flow = FlowCreate::new(name);
        match (self, method) {
            (Self::Blocking(client), Method::Get) => client.read_flow(Uuid::nil()),
            (Self::Blocking(client), Method::Post) => client.create_flow(&flow),
            (Self::Asynchronous(client, runtime), Method::Get) => {
                runtime.block_on(client.read_flow(Uuid::nil()))
            }
            (Self::Asynchronous(client, runtime), Method::Post) => {
                runtime.block_on(client.create_flow(&flow))
            }
        }
    }
}

impl Ending {
    /// How this call ended.
    pub fn of<T>(result: &Result<T, Error>) -> Self {
        let Err(error) = result else {
            return Self::Value;
        };
        let text = error.to_string();
        let ways = [
            (error.is_connect(), Self::NoConnection),
            (error.is_timeout(), Self::TimedOut),
            (error.is_decode(), Self::Unreadable),
            (text.contains("the answer is larger than"), Self::TooLarge),
            (text.contains(" broke off: "), Self::BrokeOff),
        ];
        let mut held = ways.into_iter().filter(|(holds, _)| *holds);
        match (held.next(), held.next(), error.status()) {
            // Only one of them may hold.
            (Some((_, ending)), None, None) => ending,
            (Some((_, Self::Unreadable)), None, Some(_)) => Self::Unreadable,
            (None, None, Some(status)) => Self::Refused(status.as_u16()),
            _ => Self::Other(text),
        }
    }
}

/// The answer that a GET and a POST can read.
#[must_use]
pub fn good() -> Answer {
    let id = Uuid::nil();
    let body = format!(r#"{{"id":"{id}","created":null,"updated":null,"name":"etl","tags":[]}}"#);
    Answer::json(200, body)
}
