//! What a worker answers who asks what it does.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Error;
use crate::probe::Probe;

/// A run that is being executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InFlight {
    key: String,
    since: DateTime<Utc>,
}

impl InFlight {
    /// It begins now.
    pub(super) fn begun(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            since: Utc::now(),
        }
    }
}

/// What is told of a worker.
pub(super) struct Status<'a> {
    pub(super) client_id: &'a str,
    pub(super) started_at: DateTime<Utc>,
    pub(super) is_stopping: bool,
    pub(super) limit: Option<usize>,
    pub(super) keys: Vec<&'a str>,
    pub(super) finished: usize,
    pub(super) running: &'a HashMap<Uuid, InFlight>,
}

impl Status<'_> {
    /// As Python's workers tell it.
    pub(super) fn told(&self) -> Value {
        let current = self.running.len();
        let available = self.limit.map(|limit| limit.saturating_sub(current));
        let mut in_flight: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
        for (id, run) in self.running {
            let of_key = in_flight.entry(&run.key).or_default();
            of_key.insert(id.to_string(), run.since.to_rfc3339());
        }
        json!({
            "client_id": self.client_id,
            "started_at": self.started_at.to_rfc3339(),
            "stopping": self.is_stopping,
            "limit": self.limit,
            "current": current,
            "available": available,
            "tasks": self.keys,
            "finished": self.finished,
            "in_flight": in_flight,
        })
    }
}

/// Answers `GET /status` at that port of this machine.
pub(super) fn open(
    port: u16,
    status: impl Fn() -> Value + Send + Sync + 'static,
) -> Result<Probe, Error> {
    let answer = move |path: &str| (path == "/status").then(|| (200, status()));
    let opened = Probe::open("127.0.0.1", port, answer);
    let probe = opened.map_err(|error| {
        Error::invalid(format!("nobody can ask at port {port} of this machine")).because(error)
    })?;
    tracing::info!(
        "`GET http://{}/status` says what the worker does",
        probe.address()
    );
    Ok(probe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_tells_what_python_s_tells() {
        let (id, at) = (Uuid::nil(), DateTime::UNIX_EPOCH);
        let run = InFlight {
            key: "mail-1".to_owned(),
            since: at,
        };
        let told = |limit| {
            Status {
                client_id: "host-7",
                started_at: at,
                is_stopping: false,
                limit,
                keys: vec!["load-2", "mail-1"],
                finished: 5,
                running: &HashMap::from([(id, run.clone())]),
            }
            .told()
        };
        let begun = "1970-01-01T00:00:00+00:00";
        let expected = json!({
            "client_id": "host-7", "started_at": begun, "stopping": false, "limit": 3, "current": 1, "available": 2,
            "tasks": ["load-2", "mail-1"], "finished": 5, "in_flight": {"mail-1": {id.to_string(): begun}},
        });
        assert_eq!(told(Some(3)), expected);
        assert_eq!(told(None)["available"], Value::Null);
        assert_eq!(told(Some(0))["available"], 0);
    }
}
