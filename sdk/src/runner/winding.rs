//! How a runner winds up: its runs end, and its deployments are paused.

use std::time::{Duration, Instant};

use diptych_macros::dual;
use prefect_client::models::DeploymentUpdate;
use uuid::Uuid;

use super::running::Ended;
#[dual(runners)]
use super::shared::AsyncShared;
use super::{REQUEST, runners};
use crate::deadline::Deadline;
#[dual(runners)]
use crate::deadline::abounded;

/// How long it may take to say how runs ended after their processes have; what is not said then is left.
const WINDING_UP: Duration = Duration::from_mins(3);

#[dual(runners)]
impl AsyncShared {
    /// Ends what runs, and pauses the deployments meanwhile; or afterwards, where the server was too busy.
    pub(super) async fn wind_up(&self) {
        self.running.end_all(Ended::Stopped);
        let mut deployments = Vec::new();
        if self.options.pause_on_shutdown {
            deployments = self.deployments();
        }
        let left = self.apause_deployments(deployments).await;
        self.until_ended().await;
        for id in self.apause_deployments(left).await {
            tracing::error!(deployment = %id, "the runner stops, and the deployment is not paused");
        }
    }

    async fn until_ended(&self) {
        let longest = self.options.grace.saturating_add(WINDING_UP);
        let end = Deadline::after(Some(longest), Instant::now());
        // What began just now is told as well.
        loop {
            let seen = self.changed.count();
            self.running.end_all(Ended::Stopped);
            let left = self.running.ids().len();
            if left == 0 {
                return;
            }
            if end.is_over(Instant::now()) {
                tracing::error!("the runner stops, and {left} runs have not ended");
                return;
            }
            self.changed.wait(seen, Duration::from_secs(1)).await;
        }
    }

    /// Pauses what can be paused in the time of one request; gives the others.
    async fn apause_deployments(&self, deployments: Vec<Uuid>) -> Vec<Uuid> {
        let end = Deadline::after(Some(REQUEST), Instant::now());
        let mut left = Vec::new();
        for id in deployments {
            if end.is_over(Instant::now()) {
                left.push(id);
                continue;
            }
            let client = abounded(&self.client, end.left(Instant::now()));
            let paused = DeploymentUpdate::new().paused(true);
            if let Err(error) = client.update_deployment(id, &paused).await {
                tracing::warn!(deployment = %id, "the deployment is not paused: {error}");
                left.push(id);
            }
        }
        left
    }
}
