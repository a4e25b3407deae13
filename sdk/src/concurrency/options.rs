//! What is optional about taking slots.

use std::time::Duration;

use prefect_client::models::{ConcurrencyLeaseHolder, ConcurrencyLeaseHolderType};

use crate::RunContext;

/// What is optional about holding slots.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConcurrencyOptions {
    /// How many slots of each limit; one unless set.
    pub slots: u32,
    /// How long to wait for them; without end unless set.
    pub timeout: Option<Duration>,
    /// How often to ask again; without end unless set.
    pub max_retries: Option<u32>,
    /// How long the server keeps the slots for a holder that it doesn't hear from: five minutes unless set. The server
    /// takes from a minute to a day.
    pub lease_duration: Duration,
    /// Whether limits that are missing are an error; they are none unless set.
    pub strict: bool,
    /// Whether a lost lease is an error of the release; as `strict` unless set.
    pub lost_is_error: Option<bool>,
    /// The run that holds the slots, its task run before its flow run, for those who look at the limit; none unless set.
    pub run: Option<RunContext>,
    /// Who holds the slots, where it is not [`run`](field@Self::run).
    pub holder: Option<ConcurrencyLeaseHolder>,
}

/// What is optional about a rate limit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateLimitOptions {
    /// How many slots of each limit; one unless set.
    pub slots: u32,
    /// How long to wait for them; without end unless set.
    pub timeout: Option<Duration>,
    /// Whether limits that are missing are an error; they are none unless set.
    pub strict: bool,
}

impl ConcurrencyOptions {
    /// One slot of each limit, waited for without end, with a lease of five minutes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: 1,
            timeout: None,
            max_retries: None,
            lease_duration: Duration::from_mins(5),
            strict: false,
            lost_is_error: None,
            run: None,
            holder: None,
        }
    }

    /// Sets how many slots of each limit.
    #[must_use]
    pub fn slots(mut self, slots: u32) -> Self {
        self.slots = slots;
        self
    }

    /// Sets how long to wait; `None` is without end. When the time is up, the server is asked a last time. A request that is under way is not
    /// cut short: the client's own deadline ends it.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets how often to ask again; 0 asks once, and `None` is without end.
    #[must_use]
    pub fn max_retries(mut self, max_retries: impl Into<Option<u32>>) -> Self {
        self.max_retries = max_retries.into();
        self
    }

    /// Sets how long the server keeps the slots for a holder that it doesn't hear from: from a minute to a day.
    #[must_use]
    pub fn lease_duration(mut self, duration: Duration) -> Self {
        self.lease_duration = duration;
        self
    }

    /// Sets whether limits that are missing are an error, and a lost lease with them.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sets whether a lost lease is an error of the release, whatever `strict` says.
    #[must_use]
    pub fn lost_is_error(mut self, lost_is_error: bool) -> Self {
        self.lost_is_error = Some(lost_is_error);
        self
    }

    /// Sets who holds the slots.
    #[must_use]
    pub fn holder(mut self, holder: ConcurrencyLeaseHolder) -> Self {
        self.holder = Some(holder);
        self
    }

    /// Sets the run that holds the slots.
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        self.run = Some(run.clone());
        self
    }

    /// Who holds the slots.
    pub(super) fn held_by(&self) -> Option<ConcurrencyLeaseHolder> {
        let of_run = |run: &RunContext| {
            let task = run.task_run_id.map(|id| (id, "task_run"));
            let (id, kind) = task.or_else(|| run.flow_run_id.map(|id| (id, "flow_run")))?;
            let kind = ConcurrencyLeaseHolderType::from(kind);
            Some(ConcurrencyLeaseHolder::new(kind, id))
        };
        self.holder
            .clone()
            .or_else(|| self.run.as_ref().and_then(of_run))
    }
}

impl Default for ConcurrencyOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl RateLimitOptions {
    /// One slot of each limit, waited for without end.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: 1,
            timeout: None,
            strict: false,
        }
    }

    /// Sets how many slots of each limit.
    #[must_use]
    pub fn slots(mut self, slots: u32) -> Self {
        self.slots = slots;
        self
    }

    /// Sets how long to wait, as [`ConcurrencyOptions::timeout`].
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sets whether limits that are missing are an error.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }
}

impl Default for RateLimitOptions {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_run_is_the_holder_unless_another_is_named() {
        let (flow, task) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let of_flow = RunContext::flow_run(flow);
        let of_task = of_flow.clone().task_run(task);
        let other =
            ConcurrencyLeaseHolder::new(ConcurrencyLeaseHolderType::from("flow_run"), Uuid::nil());
        let options = ConcurrencyOptions::new();
        for (options, holder) in [
            (options.clone().run(&of_flow), Some(("flow_run", flow))),
            (options.clone().run(&of_task), Some(("task_run", task))),
            (options.clone().run(&RunContext::default()), None),
            (options.clone(), None),
            (
                options.run(&of_task).holder(other),
                Some(("flow_run", Uuid::nil())),
            ),
        ] {
            let held_by = options.held_by();
            let held_by = held_by.as_ref().map(|held| (held.type_.as_str(), held.id));
            assert_eq!(held_by, holder);
        }
    }
}
