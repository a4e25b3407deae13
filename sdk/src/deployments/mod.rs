//! Deployments: describe one and apply it; run one, and wait for the run or keep a handle on it.

use diptych_macros::dual;

use crate::faces::sdk;

mod apply;
mod body;
mod handle;
mod placeholder;
mod reconcile;
mod reference;
mod run;
mod runner_deployment;
mod schedule;
mod trigger;

pub use handle::FlowRunHandle;
pub use reference::DeploymentRef;
pub use run::RunDeploymentOptions;
#[dual(sdk)]
pub use run::{arun_deployment, arun_deployment_with, astart_deployment, astart_deployment_with};
pub use runner_deployment::RunnerDeployment;
pub use schedule::RunSchedule;
pub use trigger::RunTrigger;
