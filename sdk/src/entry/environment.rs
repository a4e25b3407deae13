//! What the environment of a process says of the run that it was started for.

use std::time::Duration;

use uuid::Uuid;

use crate::said::said;
use crate::{Error, RunContext};

/// Says where the flow is: in this crate's runner, and in Python's.
pub(crate) const ENTRYPOINT: &str = "PREFECT__FLOW_ENTRYPOINT";

/// Whether the process says of its run that it is cancelled.
pub(crate) const OWN_CANCELLATION: &str = "PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS";
/// Whether whoever started the process calls the hooks of its run where it is the one who says how that ends: this crate's runner
/// does, for flows of its own program.
pub(crate) const HOOKS_OF_PARENT: &str = "PREFECT__HOOKS_OF_PARENT";
pub(crate) const CONTROL_PORT: &str = "PREFECT__CONTROL_PORT";
pub(crate) const CONTROL_TOKEN: &str = "PREFECT__CONTROL_TOKEN";

/// What whoever started the process says of its run.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Environment {
    pub(super) flow_run_id: Uuid,
    pub(super) entrypoint: Option<String>,
    /// Whether whoever started the process says of a run that it is cancelled.
    pub(super) is_told_by_parent: bool,
    /// Whether that one calls its hooks then.
    pub(super) has_hooks_of_parent: bool,
    /// Where the process hears what it is about to end for: a port, and what it says to be known.
    pub(super) control: Option<(u16, String)>,
}

impl Environment {
    /// `None` in a process that was not started for a run.
    pub(super) fn read() -> Result<Option<Self>, Error> {
        let Some(flow_run_id) = RunContext::from_env()?.and_then(|run| run.flow_run_id) else {
            return Ok(None);
        };
        let text = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
        let port = text(CONTROL_PORT).and_then(|port| port.parse().ok());
        let is_false = |text: String| matches!(&*text.to_lowercase(), "false" | "0");
        let is_true = |text: String| text == "true";
        Ok(Some(Self {
            flow_run_id,
            entrypoint: text(ENTRYPOINT),
            is_told_by_parent: text(OWN_CANCELLATION).is_some_and(is_false),
            has_hooks_of_parent: text(HOOKS_OF_PARENT).is_some_and(is_true),
            control: port.zip(text(CONTROL_TOKEN)),
        }))
    }
}

/// How often the run is to tell that it goes on, by Python's names, of which the second is its old one.
pub(super) fn heartbeats() -> Result<Option<Duration>, Error> {
    let names = [
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY",
        "PREFECT_RUNNER_HEARTBEAT_FREQUENCY",
    ];
    seconds(names, |name| std::env::var(name).ok())
}

fn seconds(
    names: [&str; 2],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Duration>, Error> {
    for name in names {
        let Some(text) = said(&variable, name) else {
            continue;
        };
        let seconds = text.parse().map(Duration::from_secs);
        return match seconds {
            Ok(seconds) => Ok(Some(seconds)),
            Err(_) => Err(Error::invalid(format!("{name} is no number of seconds"))),
        };
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_are_as_often_as_either_name_says() {
        let read = |pairs: &[(&str, &str)]| {
            seconds(["NEW", "OLD"], |name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(read(&[("NEW", "")]).unwrap(), None);
        let new = Some(Duration::from_mins(1));
        assert_eq!(read(&[("OLD", "90"), ("NEW", " 60")]).unwrap(), new);
        let old = Some(Duration::from_secs(90));
        assert_eq!(read(&[("OLD", "90")]).unwrap(), old);
        for wrong in ["-1", "soon", "1.5"] {
            assert!(read(&[("NEW", wrong)]).unwrap_err().is_invalid());
        }
    }
}
