//! A server in memory that does for flows and tasks what Prefect's does.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diptych_macros::dual;
use prefect_client::models::{ConcurrencyLimitWithLeaseResponse, Event, EventCount};
use prefect_client::operations;
use prefect_client::testing::{ManualClock, MockServer, Received, Reply};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::double::Double;
use super::recorded::{RecordedFlowRun, RecordedTaskRun, task_runs};
use super::task_runs::{state_names, task_run};
use crate::Error;
use crate::deadline::Deadline;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;

/// How often it is looked whether enough events are there.
const LOOKED_EVERY: Duration = Duration::from_millis(2);

/// A server in memory for flows and tasks. Clones are the same server.
#[derive(Clone)]
pub struct TestServer {
    mock: MockServer,
    double: Arc<Mutex<Double>>,
}

impl TestServer {
    /// A server that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let server = Self {
            mock: MockServer::new(),
            double: Arc::default(),
        };
        server.answer_flows();
        server.answer_states();
        server.answer_events();
        server.answer_task_runs();
        server.answer_slots();
        server
    }

    /// A blocking client of this server.
    #[cfg(feature = "blocking")]
    #[must_use]
    pub fn client(&self) -> prefect_client::PrefectClient {
        self.mock.client()
    }

    /// An async client of this server.
    #[cfg(feature = "async")]
    #[must_use]
    pub fn aclient(&self) -> prefect_client::AsyncPrefectClient {
        self.mock.async_client()
    }

    /// What answers: it can be told what to answer to other operations, and has all requests.
    #[must_use]
    pub fn mock(&self) -> &MockServer {
        &self.mock
    }

    /// The clock, which waits in no time.
    #[must_use]
    pub fn clock(&self) -> ManualClock {
        self.mock.clock()
    }

    /// The flow runs so far, in the order in which they were made.
    #[must_use]
    pub fn flow_runs(&self) -> Vec<RecordedFlowRun> {
        self.locked().recorded()
    }

    /// The task runs so far, in the order in which they were told of.
    #[must_use]
    pub fn task_runs(&self) -> Vec<RecordedTaskRun> {
        task_runs(self.locked().events())
    }

    /// The events so far, in the order in which they came.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.locked().events().to_vec()
    }

    /// The answers about flows and their runs.
    fn answer_flows(&self) {
        let double = Arc::clone(&self.double);
        let flow = move |request: &Received| locked(&double).flow(&request.json());
        self.mock.on(&operations::CREATE_FLOW).answers_with(flow);
        self.mock.on(&operations::HEALTH_CHECK).answers(&true);
        let double = Arc::clone(&self.double);
        let create = move |request: &Received| locked(&double).create_run(&request.json());
        self.mock
            .on(&operations::CREATE_FLOW_RUN)
            .answers_with(create);
        let double = Arc::clone(&self.double);
        let read = move |request: &Received| found(locked(&double).run(id_of(request)));
        self.mock.on(&operations::READ_FLOW_RUN).answers_with(read);
        let double = Arc::clone(&self.double);
        let states = move |request: &Received| {
            let mut query = request.query().into_iter();
            let id = query.find(|(name, _)| name == "flow_run_id");
            locked(&double).states(id.and_then(|(_, id)| id.parse().ok()))
        };
        self.mock
            .on(&operations::READ_FLOW_RUN_STATES)
            .answers_with(states);
        let double = Arc::clone(&self.double);
        let update = move |request: &Received| {
            found(locked(&double).update_run(id_of(request), &request.json()))
        };
        self.mock
            .on(&operations::UPDATE_FLOW_RUN)
            .answers_with(update);
        self.answer_subflows();
    }

    fn answer_subflows(&self) {
        let double = Arc::clone(&self.double);
        let track = move |request: &Received| locked(&double).track(&request.json());
        self.mock
            .on(&operations::CREATE_TASK_RUN)
            .answers_with(track);
        let double = Arc::clone(&self.double);
        let find = move |request: &Received| locked(&double).found(&request.json());
        self.mock.on(&operations::READ_FLOW_RUNS).answers_with(find);
    }

    fn answer_states(&self) {
        let (double, clock) = (Arc::clone(&self.double), self.clock());
        let propose = move |request: &Received| {
            let now = DateTime::<Utc>::from(prefect_client::Clock::wall(&clock));
            let mut double = locked(&double);
            found(double.propose(id_of(request), &request.json(), now))
        };
        self.mock
            .on(&operations::SET_FLOW_RUN_STATE)
            .answers_with(propose);
    }

    fn answer_events(&self) {
        let double = Arc::clone(&self.double);
        let create = move |request: &Received| -> Reply<()> {
            match serde_json::from_value(request.json()) {
                Ok(events) => {
                    locked(&double).add_events(events);
                    Reply::Value(())
                }
                Err(error) => Reply::Failure(422, error.to_string()),
            }
        };
        self.mock
            .on(&operations::CREATE_EVENTS)
            .answers_with(create);
        let double = Arc::clone(&self.double);
        let count = move |request: &Received| {
            let ids = request.json()["filter"]["id"]["id"].clone();
            let ids: Vec<Uuid> = serde_json::from_value(ids).unwrap_or_default();
            let count = locked(&double).count_events(&ids);
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let (start, end) = (DateTime::UNIX_EPOCH, Utc::now());
            vec![EventCount::new("event", "event", count, start, end)]
        };
        self.mock
            .on(&operations::COUNT_ACCOUNT_EVENTS)
            .answers_with(count);
    }

    fn answer_task_runs(&self) {
        let double = Arc::clone(&self.double);
        let read = move |request: &Received| {
            found(id_of(request).and_then(|id| task_run(locked(&double).events(), id)))
        };
        self.mock.on(&operations::READ_TASK_RUN).answers_with(read);
        let double = Arc::clone(&self.double);
        let count = move |request: &Received| {
            let filter = &request.json()["task_runs"];
            let ids: Vec<Uuid> = read_or_default(&filter["id"]["any_"]);
            let names: Vec<String> = read_or_default(&filter["state"]["name"]["any_"]);
            let double = locked(&double);
            let states = state_names(double.events());
            let states = ids.iter().filter_map(|id| states.get(id));
            let count = states.filter(|name| names.contains(name)).count();
            i64::try_from(count).unwrap_or(i64::MAX)
        };
        self.mock
            .on(&operations::COUNT_TASK_RUNS)
            .answers_with(count);
    }

    /// No tag has a limit.
    fn answer_slots(&self) {
        let none = ConcurrencyLimitWithLeaseResponse::new(Uuid::nil(), Vec::<NoLimit>::new());
        self.mock
            .on(&operations::BULK_INCREMENT_ACTIVE_SLOTS_WITH_LEASE)
            .answers(&none);
        self.mock
            .on(&operations::BULK_DECREMENT_ACTIVE_SLOTS_WITH_LEASE)
            .answers(&());
    }

    fn locked(&self) -> MutexGuard<'_, Double> {
        locked(&self.double)
    }
}

type NoLimit = prefect_client::models::MinimalConcurrencyLimitResponse;

#[dual(sdk)]
impl TestServer {
    /// Waits until there are so many events, and gives all that there are then: they are sent in the background. Those of the
    /// task runs in a flow have arrived when the flow has ended.
    ///
    /// # Errors
    ///
    /// There are not so many when the time is over ([`Error::is_timeout`]).
    pub async fn await_for(&self, events: usize, timeout: Duration) -> Result<Vec<Event>, Error> {
        let deadline = Deadline::after(Some(timeout), Instant::now());
        loop {
            let there = self.events();
            if there.len() >= events {
                return Ok(there);
            }
            if deadline.is_over(Instant::now()) {
                let text = format!(
                    "after {timeout:?} there are {} of {events} events",
                    there.len()
                );
                return Err(Error::timeout(text));
            }
            asleep(LOOKED_EVERY).await;
        }
    }
}

fn locked(double: &Mutex<Double>) -> MutexGuard<'_, Double> {
    double.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_or_default<T: DeserializeOwned + Default>(value: &Value) -> T {
    T::deserialize(value).unwrap_or_default()
}

fn id_of(request: &Received) -> Option<Uuid> {
    request.parameter("id")?.parse().ok()
}

fn found<T>(value: Option<T>) -> Reply<T> {
    value.map_or_else(
        || Reply::Failure(404, "there is no such run".to_owned()),
        Reply::Value,
    )
}

impl Default for TestServer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestServer")
            .field("mock", &self.mock)
            .finish_non_exhaustive()
    }
}
