//! Makes the server have a deployment as it is described.

use chrono::Utc;
use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::AsyncPrefectClient;
#[cfg(feature = "blocking")]
use prefect_client::PrefectClient;
use prefect_client::models::{DeploymentSchedule, FlowCreate};
use uuid::Uuid;

use super::RunnerDeployment;
use super::reconcile::{self, Step};
use super::trigger;
use crate::Error;
use crate::said::{said, truth};

diptych_macros::faces! {
    /// The names that differ between the faces of what applies deployments.
    applying {
        ..crate::faces::sdk,
        aapply_as => apply_as,
        areconcile => change_schedules,
        amake_triggers => make_triggers,
    }
}

#[dual(applying)]
impl RunnerDeployment {
    /// Makes the server have this deployment, as it is described here: it makes it, or changes the one of that name. Gives its
    /// id.
    ///
    /// What is there already, and is as it is to be, is left alone: schedules are known by their slugs and keep their ids, so that
    /// none makes its runs once more, and automations that it owns, which have its resource (`prefect.deployment.…`) as a tag,
    /// are made anew only where one of them differs. Those of others that run it are left alone.
    ///
    /// ```no_run
    /// # use prefect_sdk::{client::AsyncPrefectClient, deployments::RunnerDeployment};
    /// # async fn run() -> Result<(), prefect_sdk::Error> {
    /// let client = AsyncPrefectClient::from_env()?;
    /// let id = RunnerDeployment::new("load", "nightly").aapply(&client).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A name is empty or has a slash, or there is something that needs a work pool, which is not named
    /// ([`Error::is_invalid`]); or a call of the client failed, such as where the server does not take a schedule. Or there are to be no
    /// schedules, and `PREFECT_DEPLOYMENTS_CLEAR_SCHEDULES_ON_EMPTY` is neither true nor false ([`Error::is_invalid`]).
    pub async fn aapply(&self, client: &AsyncPrefectClient) -> Result<Uuid, Error> {
        self.aapply_as(client, clears_on_empty).await
    }

    /// As [`aapply`](Self::aapply); `clears_on_empty` says whether schedules are removed where there are to be none.
    async fn aapply_as(
        &self,
        client: &AsyncPrefectClient,
        clears_on_empty: fn() -> Result<bool, Error>,
    ) -> Result<Uuid, Error> {
        self.check()?;
        let known = client
            .read_deployment_by_name(&self.flow_name, &self.name)
            .await;
        let id = match known {
            Ok(known) => {
                // What can't be is refused before anything is changed.
                let steps = self.steps(&known.schedules, clears_on_empty)?;
                let body = self.to_update();
                client.update_deployment(known.id, &body).await?;
                areconcile(client, known.id, steps).await?;
                known.id
            }
            Err(error) if error.is_not_found() => {
                let flow = client
                    .create_flow(&FlowCreate::new(&self.flow_name))
                    .await?;
                let body = self.to_create(flow.id, Utc::now())?;
                client.create_deployment(&body).await?.id
            }
            Err(error) => return Err(error.into()),
        };
        self.amake_triggers(client, id).await?;
        Ok(id)
    }

    /// What makes the schedules of one that is there those that it is to have.
    fn steps(
        &self,
        known: &[DeploymentSchedule],
        clears_on_empty: fn() -> Result<bool, Error>,
    ) -> Result<Vec<Step>, Error> {
        match self.schedules.as_deref() {
            Some([]) if !known.is_empty() && !clears_on_empty()? => {
                let name = self.full_name();
                tracing::warn!(
                    "the schedules of {name} stay, although it is to have none: {CLEARS_ON_EMPTY} says so; \
                     leave `schedules` unset to keep them without this warning"
                );
                Ok(Vec::new())
            }
            Some(wanted) => reconcile::steps(wanted, known, Utc::now()),
            None => Ok(Vec::new()),
        }
    }

    /// Makes the automations that the deployment owns those that it is to have.
    async fn amake_triggers(&self, client: &AsyncPrefectClient, id: Uuid) -> Result<(), Error> {
        let owner = trigger::owner(id);
        let wanted = trigger::automations(&self.triggers, &self.name, id);
        if !wanted.is_empty() {
            let known = client.read_automations_related_to_resource(&owner).await?;
            if trigger::are_there(&wanted, &known, id) {
                return Ok(());
            }
        }
        client.delete_automations_owned_by_resource(&owner).await?;
        for automation in &wanted {
            client.create_automation(automation).await?;
        }
        Ok(())
    }
}

/// Whether schedules are removed where there are to be none.
const CLEARS_ON_EMPTY: &str = "PREFECT_DEPLOYMENTS_CLEAR_SCHEDULES_ON_EMPTY";

fn clears_on_empty() -> Result<bool, Error> {
    match said(|name| std::env::var(name).ok(), CLEARS_ON_EMPTY) {
        Some(text) => truth(CLEARS_ON_EMPTY, &text),
        None => Ok(true),
    }
}

/// Changes the schedules of a deployment.
#[dual(applying)]
async fn areconcile(client: &AsyncPrefectClient, id: Uuid, steps: Vec<Step>) -> Result<(), Error> {
    for step in steps {
        match step {
            Step::Remove(schedule) => {
                let removed = client.delete_deployment_schedule(id, schedule).await;
                // Somebody else may have removed it.
                if let Err(error) = removed
                    && !error.is_not_found()
                {
                    return Err(error.into());
                }
            }
            Step::Change(schedule, body) => {
                client
                    .update_deployment_schedule(id, schedule, &body)
                    .await?;
            }
            Step::Make(body) => {
                client.create_deployment_schedules(id, &[*body]).await?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use prefect_client::models::{DeploymentResponse, DeploymentSchedule, IntervalSchedule};
    use prefect_client::operations;
    use prefect_client::testing::{MockServer, Received};

    use super::*;
    use crate::deployments::RunSchedule;

    /// A server on which the deployment has one schedule.
    fn server() -> MockServer {
        let server = MockServer::new();
        let mut known = DeploymentResponse::new("nightly", Uuid::nil(), Uuid::nil());
        let rule = IntervalSchedule::new(60.0);
        known.schedules = vec![DeploymentSchedule::new(rule, Uuid::nil())];
        server
            .on(&operations::READ_DEPLOYMENT_BY_NAME)
            .answers(&known);
        server.on(&operations::UPDATE_DEPLOYMENT).answers(&());
        server
            .on(&operations::DELETE_DEPLOYMENT_SCHEDULE)
            .answers(&());
        server
            .on(&operations::UPDATE_DEPLOYMENT_SCHEDULE)
            .answers(&());
        server
            .on(&operations::CREATE_DEPLOYMENT_SCHEDULES)
            .answers(&Vec::new());
        server
            .on(&operations::DELETE_AUTOMATIONS_OWNED_BY_RESOURCE)
            .answers(&serde_json::Value::Null);
        server
    }

    type Setting = fn() -> Result<bool, Error>;

    /// What is sent of schedules where a deployment is to have these.
    fn sent(
        schedules: Option<Vec<RunSchedule>>,
        apply: impl Fn(&RunnerDeployment, &MockServer) -> Result<Uuid, Error>,
    ) -> Vec<&'static str> {
        let server = server();
        let mut deployment = RunnerDeployment::new("load", "nightly");
        deployment.schedules = schedules;
        apply(&deployment, &server).unwrap();
        let requests = server.requests();
        let name = |request: &Received| request.operation().name();
        let update = requests
            .iter()
            .find(|request| name(request) == "update_deployment");
        assert!(update.unwrap().json().get("schedules").is_none());
        let names = requests.iter().map(name);
        names.filter(|name| name.contains("schedule")).collect()
    }

    fn are_removed_unless_the_setting_says_otherwise(
        apply: impl Fn(&RunnerDeployment, &MockServer, Setting) -> Result<Uuid, Error>,
    ) {
        let sent = |schedules, setting: Setting| {
            sent(schedules, |deployment, server| {
                apply(deployment, server, setting)
            })
        };
        let unasked: Setting = || panic!("it is not asked for");
        let removed = ["delete_deployment_schedule"];
        assert_eq!(sent(Some(Vec::new()), || Ok(true)), removed);
        assert!(sent(Some(Vec::new()), || Ok(false)).is_empty());
        assert!(sent(None, unasked).is_empty());
        let replaced = sent(Some(vec![RunSchedule::cron("0 5 * * *")]), unasked);
        assert_eq!(replaced, [removed[0], "create_deployment_schedules"]);
    }

    #[cfg(feature = "blocking")]
    #[test]
    fn schedules_are_removed_where_there_are_to_be_none_unless_the_setting_says_otherwise() {
        are_removed_unless_the_setting_says_otherwise(|deployment, server, setting| {
            deployment.apply_as(&server.client(), setting)
        });
    }

    #[cfg(feature = "async")]
    #[test]
    fn so_they_are_in_the_async_face() {
        are_removed_unless_the_setting_says_otherwise(|deployment, server, setting| {
            let client = server.async_client();
            pollster::block_on(deployment.aapply_as(&client, setting))
        });
    }
}
