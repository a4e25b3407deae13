//! What the environment says of a runner.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use super::{HealthServer, RunnerOptions};
use crate::Error;
use crate::said::{said, truth};

impl RunnerOptions {
    /// As the environment says, by Prefect's variables, and else as Prefect's runner:
    ///
    /// | variable | |
    /// |---|---|
    /// | `PREFECT_RUNNER_PROCESS_LIMIT` | [`limit`](field@Self::limit) |
    /// | `PREFECT_RUNNER_POLL_FREQUENCY` | [`query_interval`](field@Self::query_interval), in seconds |
    /// | `PREFECT_RUNNER_SERVER_ENABLE` | whether there is a [`health`](field@Self::health) server |
    /// | `PREFECT_RUNNER_SERVER_HOST`, `…_PORT`, `…_MISSED_POLLS_TOLERANCE` | where it is, and how patient |
    ///
    /// # Errors
    ///
    /// A variable does not say what it must ([`Error::is_invalid`]).
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let said = Said(&variable);
        let mut options = Self::new();
        if let Some(limit) = said.number("PREFECT_RUNNER_PROCESS_LIMIT")? {
            options.limit = Some(limit);
        }
        if let Some(seconds) = said.number("PREFECT_RUNNER_POLL_FREQUENCY")? {
            options.query_interval = Duration::from_secs(seconds);
        }
        if said.is_so("PREFECT_RUNNER_SERVER_ENABLE")? {
            let mut server = HealthServer::new();
            if let Some(host) = said.text("PREFECT_RUNNER_SERVER_HOST") {
                server.host = host;
            }
            if let Some(port) = said.number("PREFECT_RUNNER_SERVER_PORT")? {
                server.port = port;
            }
            if let Some(count) = said.number("PREFECT_RUNNER_SERVER_MISSED_POLLS_TOLERANCE")? {
                server = server.missed_polls(count);
            }
            options.health = Some(server);
        }
        Ok(options)
    }
}

/// What variables say; one that is empty says nothing.
struct Said<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Said<'_> {
    fn text(&self, name: &str) -> Option<String> {
        said(self.0, name)
    }

    fn number<N: FromStr>(&self, name: &str) -> Result<Option<N>, Error>
    where
        N::Err: Display,
    {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.parse();
        number
            .map(Some)
            .map_err(|error| Error::invalid(format!("{name} is no number that fits: {error}")))
    }

    fn is_so(&self, name: &str) -> Result<bool, Error> {
        let Some(text) = self.text(name) else {
            return Ok(false);
        };
        truth(name, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<RunnerOptions, Error> {
        let found = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        RunnerOptions::from_variables(found)
    }

    #[test]
    fn prefect_s_variables_say_how_a_runner_is() {
        let options = read(&[
            ("PREFECT_RUNNER_PROCESS_LIMIT", "12"),
            ("PREFECT_RUNNER_POLL_FREQUENCY", " 3 "),
            ("PREFECT_RUNNER_SERVER_ENABLE", "True"),
            ("PREFECT_RUNNER_SERVER_HOST", "0.0.0.0"),
            ("PREFECT_RUNNER_SERVER_PORT", "4300"),
            ("PREFECT_RUNNER_SERVER_MISSED_POLLS_TOLERANCE", "5"),
        ])
        .unwrap();
        assert_eq!(options.limit, Some(12));
        assert_eq!(options.query_interval, Duration::from_secs(3));
        let server = HealthServer::new()
            .host("0.0.0.0")
            .port(4300)
            .missed_polls(5);
        assert_eq!(options.health, Some(server));
    }

    #[test]
    fn what_is_not_said_is_as_prefect_has_it_and_nonsense_is_an_error() {
        let plain = read(&[
            ("PREFECT_RUNNER_SERVER_PORT", "4300"),
            ("PREFECT_RUNNER_PROCESS_LIMIT", ""),
        ]);
        let plain = plain.unwrap();
        assert_eq!((plain.limit, plain.health), (Some(5), None));
        let enabled = ("PREFECT_RUNNER_SERVER_ENABLE", "1");
        for (name, value) in [
            ("PREFECT_RUNNER_PROCESS_LIMIT", "-1"),
            ("PREFECT_RUNNER_POLL_FREQUENCY", "often"),
            ("PREFECT_RUNNER_SERVER_ENABLE", "perhaps"),
            ("PREFECT_RUNNER_SERVER_PORT", "70000"),
        ] {
            let error = read(&[(name, value), enabled]).unwrap_err();
            assert!(
                error.is_invalid() && error.to_string().contains(name),
                "{error}"
            );
        }
    }
}
