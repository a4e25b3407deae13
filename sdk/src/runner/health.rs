//! What a runner answers who asks how it is.

use std::time::Duration;

use serde_json::json;

use super::due;
use crate::Error;
use crate::probe::{Answer, Probe};

/// Where a runner answers who asks how it is, as Prefect's does: `GET /health` is answered with 200 as long as the runner hears
/// from the server which runs are due, and with 503 where it has not for some time; `GET /run_count` is answered with how many
/// runs it has. Prefect's `POST /shutdown` is not there, as whoever reaches the port could stop the runner.
///
/// ```
/// use prefect_sdk::runner::{HealthServer, RunnerOptions};
///
/// let options = RunnerOptions::new().health(HealthServer::new().host("0.0.0.0").port(8080));
/// assert_eq!(options.health.unwrap().missed_polls, 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HealthServer {
    /// The name or address of this machine that it is asked at; `localhost` unless set: nobody else can ask.
    pub host: String,
    /// The port; 8080 unless set.
    pub port: u16,
    /// After how many intervals without an answer of the server it is not well any more; 2 unless set.
    pub missed_polls: u32,
}

impl Default for HealthServer {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: 8080,
            missed_polls: 2,
        }
    }
}

impl HealthServer {
    /// As Prefect's runner has it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name or address of this machine that it is asked at; `0.0.0.0` is all of them.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Sets the port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets after how many intervals without an answer of the server it is not well any more; 1 at least.
    #[must_use]
    pub fn missed_polls(mut self, count: u32) -> Self {
        self.missed_polls = count.max(1);
        self
    }

    /// How long the server may have said nothing.
    pub(super) fn patience(&self, interval: Duration) -> Duration {
        // Looks are up to that far apart.
        let longest = due::wait(interval, 1.0);
        longest.saturating_mul(self.missed_polls.max(1))
    }

    pub(super) fn open(
        &self,
        answer: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static,
    ) -> Result<Probe, Error> {
        let (host, port) = (&self.host, self.port);
        let opened = Probe::open(host, port, answer);
        let probe = opened.map_err(|error| {
            Error::invalid(format!("nobody can ask at `{host}:{port}`")).because(error)
        })?;
        tracing::info!(
            "`GET http://{}/health` says how the runner is",
            probe.address()
        );
        Ok(probe)
    }
}

/// What is answered to whoever asks for a path.
pub(super) fn answer(path: &str, is_well: bool, runs: usize) -> Option<Answer> {
    match (path, is_well) {
        ("/health", true) => Some((200, json!({"message": "OK"}))),
        ("/health", false) => {
            let text = "Runner is unresponsive at this time";
            Some((503, json!({"message": text})))
        }
        ("/run_count", _) => Some((200, json!(runs))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_prefect_s() {
        assert_eq!(
            answer("/health", true, 3),
            Some((200, json!({"message": "OK"})))
        );
        assert_eq!(answer("/health", false, 3).unwrap().0, 503);
        assert_eq!(answer("/run_count", false, 3), Some((200, json!(3))));
        assert_eq!(answer("/shutdown", true, 3), None);
    }

    #[test]
    fn the_server_may_miss_some_looks() {
        let patience = |interval, count| HealthServer::new().missed_polls(count).patience(interval);
        assert_eq!(
            patience(Duration::from_secs(10), 2),
            Duration::from_secs(26)
        );
        assert!(patience(Duration::ZERO, 0) > Duration::ZERO);
        assert!(patience(Duration::MAX, u32::MAX) > Duration::from_hours(24));
    }

    #[test]
    fn a_port_that_is_somebody_else_s_is_an_error_with_its_name() {
        let first = HealthServer::new().host("127.0.0.1").port(0);
        let first = first.open(|_| None).unwrap();
        let port = first.address().port();
        let second = HealthServer::new().host("127.0.0.1").port(port);
        let error = second.open(|_| None).err().unwrap();
        assert!(error.is_invalid());
        assert!(error.to_string().contains(&port.to_string()), "{error}");
    }
}
