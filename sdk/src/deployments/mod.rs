//! Deployments: describe one and apply it; run one, and wait for the run or keep a handle on it.

use diptych_macros::dual;

use crate::faces::sdk;

mod apply;
mod body;
mod create;
#[cfg(feature = "flows")]
mod deploy;
mod handle;
#[cfg(feature = "flows")]
mod image;
mod named;
mod placeholder;
#[cfg(feature = "flows")]
mod pull;
mod reconcile;
mod reference;
mod run;
mod runner_deployment;
mod schedule;
mod source;
mod trigger;

#[cfg(feature = "flows")]
pub use deploy::{DeployOptions, Deployed};
#[cfg(feature = "flows")]
#[dual(sdk, map(adeploy => deploy, adeploy_with => deploy_with))]
pub use deploy::{adeploy, adeploy_with};
pub use handle::FlowRunHandle;
#[cfg(feature = "flows")]
pub use image::Image;
#[cfg(feature = "flows")]
#[dual(sdk, map(apull => pull))]
pub(crate) use pull::apull;
pub use reference::DeploymentRef;
pub use run::RunDeploymentOptions;
#[dual(sdk)]
pub use run::{arun_deployment, arun_deployment_with, astart_deployment, astart_deployment_with};
pub use runner_deployment::RunnerDeployment;
pub use schedule::RunSchedule;
pub use source::{GitRepository, Source};
#[cfg(feature = "flows")]
pub(crate) use source::{flow_name, is_python};
pub use trigger::RunTrigger;
