//! Which run the program is part of.

use uuid::Uuid;

use crate::Error;
use crate::flow_runs::PauseCount;

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
    pub(crate) pauses: PauseCount,
}

/// Set by Prefect's workers and runners for the process of a flow run.
const FLOW_RUN_ID: &str = "PREFECT__FLOW_RUN_ID";

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
}
