//! Which pause of a run it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::RunContext;

/// How many pauses and suspends the program asked for in this run. Clones of a context count together; it says nothing
/// about which run it is, so any two are equal.
#[derive(Clone, Debug, Default)]
pub(crate) struct PauseCount(Arc<AtomicU64>);

impl PartialEq for PauseCount {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for PauseCount {}

impl RunContext {
    /// The key of the next pause or suspend: "1", "2" and so on, as Prefect counts them. Asking for it takes it: give it
    /// to the pause with [`PauseFlowRun::key`](crate::flow_runs::PauseFlowRun::key).
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
    use uuid::Uuid;

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
