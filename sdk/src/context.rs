//! Which run the program is part of.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use crate::Error;

/// The run that the program is part of. Interfaces take it where they act for a run; nothing is taken from the
/// environment unless [`from_env`](Self::from_env) is called.
///
/// ```
/// use prefect_sdk::RunContext;
///
/// // In a process that a Prefect worker or runner started; `None` elsewhere.
/// let run = RunContext::from_env()?;
/// assert!(run.is_none());
/// # Ok::<(), prefect_sdk::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunContext {
    /// The flow run.
    pub flow_run_id: Option<Uuid>,
    /// The task run within it.
    pub task_run_id: Option<Uuid>,
    pauses: PauseCount,
}

/// How many pauses and suspends the program asked for in this run. Clones of a context count together; it says nothing
/// about which run it is, so any two are equal.
#[derive(Clone, Debug, Default)]
struct PauseCount(Arc<AtomicU64>);

impl PartialEq for PauseCount {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for PauseCount {}

/// Set by Prefect's workers and runners for the process of a flow run.
pub(crate) const FLOW_RUN_ID: &str = "PREFECT__FLOW_RUN_ID";

impl RunContext {
    /// Within a flow run.
    #[must_use]
    pub fn flow_run(id: Uuid) -> Self {
        Self {
            flow_run_id: Some(id),
            ..Self::default()
        }
    }

    /// Within a task run.
    #[must_use]
    pub fn task_run(mut self, id: Uuid) -> Self {
        self.task_run_id = Some(id);
        self
    }

    /// What Prefect's workers and runners say in the environment of a process that they start for a flow run
    /// (`PREFECT__FLOW_RUN_ID`); `None` in other processes.
    ///
    /// # Errors
    ///
    /// The variable does not hold the id of a flow run.
    pub fn from_env() -> Result<Option<Self>, Error> {
        let Some(text) = std::env::var_os(FLOW_RUN_ID).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let id = text.to_str().and_then(|text| Uuid::parse_str(text).ok());
        let id =
            id.ok_or_else(|| Error::invalid(format!("{FLOW_RUN_ID} is not the id of a flow run")))?;
        Ok(Some(Self::flow_run(id)))
    }

    /// The key of the next pause or suspend: "1", "2" and so on, as Prefect counts them. Asking for it takes it: give it
    /// to the pause with [`PauseFlowRunOptions::key`](crate::flow_runs::PauseFlowRunOptions::key).
    ///
    /// The server lets each key pause a run once, so that a run that was suspended and is run again goes on where it
    /// was. Clones of a context count together, but contexts that were made separately do not: make one for a run.
    #[must_use]
    pub fn next_pause_key(&self) -> String {
        (self.pauses.0.fetch_add(1, Ordering::Relaxed) + 1).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_count_together_and_stay_equal() {
        let run = RunContext::flow_run(Uuid::nil());
        let same = run.clone().task_run(Uuid::nil());
        assert_eq!(run.next_pause_key(), "1");
        assert_eq!(same.next_pause_key(), "2");
        assert_eq!(run.next_pause_key(), "3");
        assert_eq!(run, RunContext::flow_run(Uuid::nil()));
    }
}
