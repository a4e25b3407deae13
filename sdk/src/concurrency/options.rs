//! What is optional about taking slots.

use std::time::Duration;

use prefect_client::models::{ConcurrencyLeaseHolder, ConcurrencyLeaseHolderType};

use crate::RunContext;

/// What is optional about holding slots.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Occupy {
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
    pub raise_on_lease_renewal_failure: Option<bool>,
    /// Who holds the slots, for those who look at the limit; nobody unless set.
    pub holder: Option<ConcurrencyLeaseHolder>,
}

/// What is optional about a rate limit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateLimit {
    /// How many slots of each limit; one unless set.
    pub occupy: u32,
    /// How long to wait for them; without end unless set.
    pub timeout: Option<Duration>,
    /// Whether limits that are missing are an error; they are none unless set.
    pub strict: bool,
}

impl Occupy {
    /// One slot of each limit, waited for without end, with a lease of five minutes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: 1,
            timeout: None,
            max_retries: None,
            lease_duration: Duration::from_secs(300),
            strict: false,
            raise_on_lease_renewal_failure: None,
            holder: None,
        }
    }

    /// Sets how many slots of each limit.
    #[must_use]
    pub fn slots(mut self, slots: u32) -> Self {
        self.slots = slots;
        self
    }

    /// Sets how long to wait. When the time is up, the server is asked a last time. A request that is under way is not
    /// cut short: the client's own deadline ends it.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how often to ask again; 0 asks once.
    #[must_use]
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = Some(max_retries);
        self
    }

    /// Sets how long the server keeps the slots for a holder that it doesn't hear from: from a minute to a day.
    #[must_use]
    pub fn lease_duration(mut self, duration: Duration) -> Self {
        self.lease_duration = duration;
        self
    }

    /// Limits that are missing are an error, and so is a lost lease.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Sets whether a lost lease is an error of the release, whatever `strict` says.
    #[must_use]
    pub fn raise_on_lease_renewal_failure(mut self, raise: bool) -> Self {
        self.raise_on_lease_renewal_failure = Some(raise);
        self
    }

    /// Sets who holds the slots.
    #[must_use]
    pub fn holder(mut self, holder: ConcurrencyLeaseHolder) -> Self {
        self.holder = Some(holder);
        self
    }

    /// The run holds the slots: its task run, else its flow run.
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        let task = run.task_run_id.map(|id| (id, "task_run"));
        let held = task.or_else(|| run.flow_run_id.map(|id| (id, "flow_run")));
        self.holder = held.map(|(id, kind)| {
            ConcurrencyLeaseHolder::new(ConcurrencyLeaseHolderType::from(kind), id)
        });
        self
    }

    pub(super) fn lost_is_error(&self) -> bool {
        self.raise_on_lease_renewal_failure.unwrap_or(self.strict)
    }
}

impl Default for Occupy {
    fn default() -> Self {
        Self::new()
    }
}

impl RateLimit {
    /// One slot of each limit, waited for without end.
    #[must_use]
    pub fn new() -> Self {
        Self {
            occupy: 1,
            timeout: None,
            strict: false,
        }
    }

    /// Sets how many slots of each limit.
    #[must_use]
    pub fn occupy(mut self, slots: u32) -> Self {
        self.occupy = slots;
        self
    }

    /// Sets how long to wait, as [`Occupy::timeout`].
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Limits that are missing are an error.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::new()
    }
}
