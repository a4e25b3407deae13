//! What the environment of a process says of the run that it was started for.

use uuid::Uuid;

use crate::{Error, RunContext};

/// Says where the flow is: in this crate's runner, and in Python's.
const ENTRYPOINT: &str = "PREFECT__FLOW_ENTRYPOINT";

/// What whoever started the process says of its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Environment {
    pub(super) flow_run_id: Uuid,
    pub(super) entrypoint: Option<String>,
}

impl Environment {
    /// `None` in a process that was not started for a run.
    pub(super) fn read() -> Result<Option<Self>, Error> {
        let Some(flow_run_id) = RunContext::from_env()?.and_then(|run| run.flow_run_id) else {
            return Ok(None);
        };
        let entrypoint = std::env::var(ENTRYPOINT);
        Ok(Some(Self {
            flow_run_id,
            entrypoint: entrypoint.ok().filter(|text| !text.is_empty()),
        }))
    }
}
