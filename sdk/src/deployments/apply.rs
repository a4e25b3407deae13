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

diptych_macros::faces! {
    /// The names that differ between the faces of what applies deployments.
    applying {
        ..crate::faces::sdk,
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
    /// ([`Error::is_invalid`]); or a call of the client failed, such as where the server does not take a schedule.
    pub async fn aapply(&self, client: &AsyncPrefectClient) -> Result<Uuid, Error> {
        self.check()?;
        let known = client
            .read_deployment_by_name(&self.flow_name, &self.name)
            .await;
        let id = match known {
            Ok(known) => {
                // What can't be is refused before anything is changed.
                let steps = self.steps(&known.schedules)?;
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
    fn steps(&self, known: &[DeploymentSchedule]) -> Result<Vec<Step>, Error> {
        match &self.schedules {
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
