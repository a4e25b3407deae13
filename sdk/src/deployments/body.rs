//! What the server is told of a deployment. No I/O.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use prefect_client::Patch;
use prefect_client::models::{
    ConcurrencyLimitStrategy, ConcurrencyOptions, DeploymentCreate, DeploymentUpdate, VersionInfo,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{DeploymentRef, RunnerDeployment, reconcile};
use crate::Error;

impl RunnerDeployment {
    /// Refuses what can't be.
    pub(super) fn check(&self) -> Result<(), Error> {
        DeploymentRef::split(&self.full_name())?;
        let no_pool = |what| {
            let text = format!("{what} of a deployment need the name of a work pool");
            Err(Error::invalid(text))
        };
        match &self.work_pool_name {
            None if self.work_queue_name.is_some() => return no_pool("work queues"),
            None if !self.job_variables.is_empty() => return no_pool("job variables"),
            _ => {}
        }
        if self.collision_strategy.is_some() && self.concurrency_limit.is_none() {
            let text = "a collision strategy needs a concurrency limit";
            return Err(Error::invalid(text));
        }
        // Zero is a limit, too: nothing runs.
        if self.concurrency_limit.is_some_and(i64::is_negative) {
            return Err(Error::invalid("a concurrency limit is not negative"));
        }
        reconcile::made(self.schedules.as_deref().unwrap_or_default(), Utc::now()).map(drop)
    }

    /// The body that makes it.
    pub(super) fn to_create(
        &self,
        flow_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<DeploymentCreate, Error> {
        let schedules = self.schedules.as_deref().unwrap_or_default();
        let mut body = DeploymentCreate::new(&self.name, flow_id)
            .paused(self.paused.unwrap_or_default())
            .schedules(reconcile::made(schedules, now)?)
            .tags(self.tags.clone())
            .parameters(self.parameters.clone())
            .parameter_openapi_schema(self.schema())
            .enforce_parameter_schema(self.is_enforced());
        body.description.clone_from(&self.description);
        body.version.clone_from(&self.version);
        body.version_info = self.told_version_info();
        body.entrypoint.clone_from(&self.entrypoint);
        body.concurrency_limit = self.concurrency_limit;
        body.concurrency_options = self.concurrency_options();
        body.work_pool_name.clone_from(&self.work_pool_name);
        body.work_queue_name.clone_from(&self.work_queue_name);
        if self.work_pool_name.is_some() {
            body.job_variables = Some(self.job_variables.clone());
        }
        body.pull_steps = Some(self.told_pull_steps());
        Ok(body)
    }

    /// The body that makes one of it that is there already, but for its schedules.
    pub(super) fn to_update(&self) -> DeploymentUpdate {
        let mut body = DeploymentUpdate::new()
            .tags(self.tags.clone())
            .parameters(self.parameters.clone())
            .parameter_openapi_schema(self.schema())
            .enforce_parameter_schema(self.is_enforced());
        // A runner that stopped has paused it.
        body.paused = Some(self.paused.unwrap_or_default());
        body.description = patch(self.description.clone());
        body.version = patch(self.version.clone());
        body.version_info = patch(self.told_version_info());
        body.entrypoint = patch(self.entrypoint.clone());
        body.concurrency_limit = patch(self.concurrency_limit);
        body.concurrency_options = patch(self.concurrency_options());
        body.work_pool_name = patch(self.work_pool_name.clone());
        if self.work_pool_name.is_some() {
            body.work_queue_name = patch(self.work_queue_name.clone());
        }
        body.job_variables = Patch::Value(self.job_variables.clone());
        body.pull_steps = Patch::Value(self.told_pull_steps());
        body
    }

    fn schema(&self) -> BTreeMap<String, Value> {
        let described = self.parameter_openapi_schema.clone();
        described.unwrap_or_else(any)
    }

    fn is_enforced(&self) -> bool {
        let is_described = self.parameter_openapi_schema.is_some();
        self.enforce_parameter_schema.unwrap_or(is_described)
    }

    fn concurrency_options(&self) -> Option<ConcurrencyOptions> {
        let strategy: ConcurrencyLimitStrategy = self.collision_strategy.clone()?;
        Some(ConcurrencyOptions::new(strategy))
    }

    fn told_pull_steps(&self) -> Vec<BTreeMap<String, Value>> {
        let mut steps = self.pull_steps.clone();
        if let Some(source) = self.source.as_ref().filter(|_| steps.is_empty()) {
            // A runner knows where it is.
            steps.extend(self.work_pool_name.as_ref().map(|_| source.pull_step()));
        }
        let steps = steps.into_iter();
        steps.map(|step| step.into_iter().collect()).collect()
    }

    fn told_version_info(&self) -> Option<VersionInfo> {
        let simple = || {
            let version = self.version.as_ref()?;
            Some(VersionInfo::new("prefect:simple", version))
        };
        self.version_info.clone().or_else(simple)
    }
}

fn patch<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Null, Patch::Value)
}

/// The schema of parameters of which nothing is known.
fn any() -> BTreeMap<String, Value> {
    BTreeMap::from([
        ("title".to_owned(), json!("Parameters")),
        ("type".to_owned(), json!("object")),
        ("properties".to_owned(), json!({})),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployments::RunSchedule;

    #[test]
    fn what_can_not_be_is_refused_before_anything_is_sent() {
        let plain = || RunnerDeployment::new("load", "nightly");
        assert!(plain().check().is_ok());
        let wrong = [
            RunnerDeployment::new("load", ""),
            RunnerDeployment::new("a/b", "nightly"),
            plain().work_queue_name("fast"),
            plain().job_variables([("command", "load")]),
            plain().collision_strategy(ConcurrencyLimitStrategy::CancelNew),
            plain().concurrency_limit(-1),
            plain().schedules(["a", "a"].map(|slug| RunSchedule::cron("* * * * *").slug(slug))),
        ];
        for deployment in wrong {
            let error = deployment.check().unwrap_err();
            assert!(error.is_invalid(), "{deployment:?}");
        }
    }
}
