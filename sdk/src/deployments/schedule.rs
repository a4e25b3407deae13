//! When a deployment has runs by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prefect_client::models::{CronSchedule, IntervalSchedule, RRuleSchedule, Schedule};
use serde_json::Value;

use super::named::named;

/// A schedule of a deployment. It is known by its slug: a deployment that is applied again keeps the schedules of the same slugs,
/// and so the runs that they have made.
///
/// ```
/// use std::time::Duration;
/// use prefect_sdk::deployments::RunSchedule;
///
/// let morning = RunSchedule::cron("0 5 * * *").timezone("Europe/Berlin").slug("morning");
/// let often = RunSchedule::interval(Duration::from_secs(600)).parameters([("days", 1)]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunSchedule {
    /// When its runs are. An interval without an anchor begins when the schedule is made, and is left as it is from then on.
    pub rule: Schedule,
    /// What it is known by; unless set, the kind of its rule (`interval`, `cron`, `rrule`), and from the second of a kind on its
    /// number as well (`cron-2`).
    pub slug: Option<String>,
    /// Whether it makes runs. Unless set, a new one does, and one that is there is left as it is: somebody may have paused it.
    pub active: Option<bool>,
    /// The parameters of its runs, beside those of the deployment.
    pub parameters: BTreeMap<String, Value>,
    /// How many runs it makes ahead; as many as the server's scheduler makes unless set.
    pub max_scheduled_runs: Option<i64>,
    /// The slug that it had until now: it is the same schedule, and gets another name.
    pub replaces: Option<String>,
}

impl RunSchedule {
    /// A schedule by that rule, with nothing optional.
    #[must_use]
    pub fn new(rule: impl Into<Schedule>) -> Self {
        Self {
            rule: rule.into(),
            slug: None,
            active: None,
            parameters: BTreeMap::new(),
            max_scheduled_runs: None,
            replaces: None,
        }
    }

    /// A run each time that so much time has passed.
    #[must_use]
    pub fn interval(interval: Duration) -> Self {
        Self::new(IntervalSchedule::new(interval.as_secs_f64()))
    }

    /// Runs by a line of cron, such as `0 5 * * *`.
    #[must_use]
    pub fn cron(cron: impl Into<String>) -> Self {
        Self::new(CronSchedule::new(cron))
    }

    /// Runs by a rule of iCalendar, such as `FREQ=WEEKLY;BYDAY=MO`.
    #[must_use]
    pub fn rrule(rrule: impl Into<String>) -> Self {
        Self::new(RRuleSchedule::new(rrule))
    }

    /// Sets the time zone that the rule is meant in, such as `Europe/Berlin`; UTC unless set.
    #[must_use]
    pub fn timezone(mut self, timezone: impl Into<String>) -> Self {
        let timezone = Some(timezone.into());
        match &mut self.rule {
            Schedule::IntervalSchedule(rule) => rule.timezone = timezone,
            Schedule::CronSchedule(rule) => rule.timezone = timezone,
            Schedule::RRuleSchedule(rule) => rule.timezone = timezone,
            _ => {}
        }
        self
    }

    /// Sets the time from which an interval counts. Other rules have none.
    #[must_use]
    pub fn anchor_date(mut self, anchor: DateTime<Utc>) -> Self {
        if let Schedule::IntervalSchedule(rule) = &mut self.rule {
            rule.anchor_date = Some(anchor);
        }
        self
    }

    /// Sets what it is known by.
    #[must_use]
    pub fn slug(mut self, slug: impl Into<String>) -> Self {
        self.slug = Some(slug.into());
        self
    }

    /// Sets whether it makes runs.
    #[must_use]
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets the parameters of its runs.
    #[must_use]
    pub fn parameters(
        mut self,
        parameters: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        self.parameters = named(parameters);
        self
    }

    /// Sets how many runs it makes ahead.
    #[must_use]
    pub fn max_scheduled_runs(mut self, count: impl Into<Option<i64>>) -> Self {
        self.max_scheduled_runs = count.into();
        self
    }

    /// Sets the slug that it had until now.
    #[must_use]
    pub fn replaces(mut self, slug: impl Into<String>) -> Self {
        self.replaces = Some(slug.into());
        self
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.rule {
            Schedule::IntervalSchedule(_) => "interval",
            Schedule::CronSchedule(_) => "cron",
            Schedule::RRuleSchedule(_) => "rrule",
            _ => "schedule",
        }
    }
}
