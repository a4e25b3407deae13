//! A double of the server for the tests of your own code: in memory, without a socket and without waiting.
//!
//! A [`MockServer`] is told what to answer to which operation, gives clients of both faces that talk to it, and keeps
//! what they sent. The constants in [`operations`](crate::operations) know the type of their answer, so a value of
//! another type does not compile. With the feature `testing` the types that only the server makes have constructors
//! too: `new` takes what must be there, and a method for each other field sets it. They follow the server: where a newer
//! one always sends more, their `new` asks for more.
//!
#![cfg_attr(feature = "blocking", doc = "```")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use prefect_client::testing::MockServer;
//! use prefect_client::{PrefectClient, models::Flow, models::FlowCreate, operations};
//! use uuid::Uuid;
//!
//! // What is to be tested: it takes the client from outside.
//! fn register(client: &PrefectClient) -> Result<String, prefect_client::Error> {
//!     let flow = client.create_flow(&FlowCreate::new("etl"))?;
//!     Ok(client.read_flow(flow.id)?.name)
//! }
//!
//! let flow = Flow::new("etl", Uuid::new_v4()).tags(["nightly"]);
//! let server = MockServer::new();
//! server.on(&operations::CREATE_FLOW).answers(&flow);
//! server.on(&operations::READ_FLOW).fails(503, "busy").answers(&flow);
//!
//! assert_eq!(register(&server.client())?, "etl");
//!
//! let requests = server.requests();
//! assert_eq!(requests.len(), 3);
//! assert_eq!(requests[0].operation().name(), "create_flow");
//! assert_eq!(requests[0].json()["name"], "etl");
//! assert_eq!(requests[1].parameter("id"), Some(flow.id.to_string()));
//! // The 503 was tried again, and the wait took no time.
//! assert_eq!(server.clock().sleeps().len(), 1);
//! assert_eq!(server.unused(), Vec::<&str>::new());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the async face it is the same, and the answers can be computed:
//!
#![cfg_attr(feature = "async", doc = "```")]
#![cfg_attr(not(feature = "async"), doc = "```ignore")]
//! use prefect_client::{operations, testing::{MockServer, Reply}};
//!
//! let server = MockServer::new();
//! server.on(&operations::COUNT_FLOWS).answers_with(|request| {
//!     match request.json().get("flows") {
//!         Some(_) => Reply::Failure(422, "no filters here".to_owned()),
//!         None => Reply::Value(7),
//!     }
//! });
//! let client = server.async_client();
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! assert_eq!(client.count_flows().await?, 7);
//! # Ok::<(), prefect_client::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
#![cfg_attr(feature = "blocking", doc = "```compile_fail,E0308")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! # use prefect_client::{operations, testing::MockServer};
//! // A count is a number.
//! MockServer::new().on(&operations::COUNT_FLOWS).answers(&"seven");
//! ```

mod clock;
mod on;
mod received;
mod script;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diptych_runtime::{Answer, Bytes, Config, Operation, TransportError, TypedOperation, http};

pub use clock::ManualClock;
pub use on::On;
pub use received::Received;
pub use script::Reply;

use crate::PrefectSession;
use script::{Script, Scripted, Sent};

/// A server in memory. Clones are the same server.
///
/// It tells requests apart by their operation, and no further: [`On::answers_with`] can look at the arguments. An
/// operation that it was given no answer for gets the status 501, with a detail that says so.
///
/// It is a transport of either face, for a [`Config`] of your own; [`config`](Self::config) has it in place.
#[derive(Clone, Default)]
pub struct MockServer {
    state: Arc<Mutex<State>>,
    clock: ManualClock,
}

#[derive(Default)]
struct State {
    scripts: BTreeMap<&'static str, Script>,
    received: Vec<Received>,
}

/// No host has a name that ends in `.invalid`.
const URL: &str = "http://mock.invalid/api";

impl MockServer {
    /// A server that has no answers yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What to answer to an operation.
    #[must_use]
    pub fn on<T: 'static>(&self, operation: &'static TypedOperation<T>) -> On<'_, T> {
        On::new(self, operation)
    }

    /// A blocking client of this server.
    #[cfg(feature = "blocking")]
    #[must_use]
    pub fn client(&self) -> crate::PrefectClient {
        built(crate::PrefectClient::from_config(self.config()))
    }

    /// An async client of this server.
    #[cfg(feature = "async")]
    #[must_use]
    pub fn async_client(&self) -> crate::AsyncPrefectClient {
        built(crate::AsyncPrefectClient::from_config(self.config()))
    }

    /// The configuration of this server's clients, to be adapted.
    ///
    /// It is that of [`config`](crate::config), with Prefect's retries and deadlines, but for two things: the clock is
    /// [`clock`](Self::clock), and the session asks the server for neither its version nor a CSRF token. For the
    /// usual questions set a [`PrefectSession`] and give answers for `READ_VERSION` and `CREATE_CSRF_TOKEN`; a process
    /// asks for the version of a server only once.
    #[must_use]
    pub fn config(&self) -> Config {
        let silent = PrefectSession::new(URL)
            .without_version_check()
            .without_csrf();
        let config = built(crate::config(URL))
            .session(silent)
            .clock(self.clock.clone());
        #[cfg(feature = "blocking")]
        let config = config.transport(self.clone());
        #[cfg(feature = "async")]
        let config = config.async_transport(self.clone());
        config
    }

    /// The clock of this server's clients.
    #[must_use]
    pub fn clock(&self) -> ManualClock {
        self.clock.clone()
    }

    /// The requests that came so far, in their order; each attempt is one.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.locked().received.clone()
    }

    /// The answers that were given and never asked for, each as the name of its operation.
    #[must_use]
    pub fn unused(&self) -> Vec<&'static str> {
        let state = self.locked();
        let unused = |(name, script): (&&'static str, &Script)| vec![*name; script.unused()];
        state.scripts.iter().flat_map(unused).collect()
    }

    fn add(&self, operation: &Operation, scripted: Scripted) {
        let mut state = self.locked();
        state
            .scripts
            .entry(operation.name())
            .or_default()
            .add(scripted);
    }

    fn respond(&self, request: http::Request<Bytes>) -> Result<Answer, TransportError> {
        let operation = request.extensions().get::<&'static Operation>().copied();
        let Some(operation) = operation else {
            let text = "MockServer cannot tell which operation a request is of that no client made";
            return Sent::missing(text).outcome();
        };
        let received = Received::new(operation, request);
        let scripted = {
            let mut state = self.locked();
            state.received.push(received.clone());
            let script = state.scripts.get_mut(operation.name());
            script.and_then(Script::next)
        };
        // The lock is free here: what computes an answer may look at the server.
        let sent = match scripted {
            Some(Scripted::Fixed(sent)) => sent,
            Some(Scripted::Computed(compute)) => compute(&received),
            None => unanswered(operation),
        };
        sent.outcome()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "blocking")]
impl crate::transport::Transport for MockServer {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _deadline: Option<std::time::Instant>,
    ) -> Result<Answer, TransportError> {
        self.respond(request)
    }
}

#[cfg(feature = "async")]
impl crate::transport::AsyncTransport for MockServer {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _deadline: Option<std::time::Instant>,
    ) -> crate::transport::BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move { self.respond(request) })
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.locked();
        f.debug_struct("MockServer")
            .field("answers", &state.scripts.keys())
            .field("requests", &state.received.len())
            .finish_non_exhaustive()
    }
}

fn unanswered(operation: &Operation) -> Sent {
    let name = operation.name();
    Sent::missing(&format!(
        "MockServer has no answer for {name}: give it one with `server.on(&operations::{}).answers(…)`",
        name.to_uppercase()
    ))
}

/// What can't fail: the URL is a constant, and the transport is there already.
fn built<T>(result: Result<T, crate::Error>) -> T {
    result.expect("the configuration of a MockServer can be used")
}
