//! What a flow run is made with. No I/O.

use prefect_client::models::{FlowRunCreate, FlowRunPolicy};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{RunName, results, retry};
use crate::flows::{FlowOptions, RunFlowOptions};
use crate::{Error, states};

/// Refuses what can't be run, and gives the name of the run, if the flow says one.
pub(super) fn checked(
    options: &FlowOptions,
    parameters: &Map<String, Value>,
    how: &RunFlowOptions,
    is_enclosed: bool,
) -> Result<Option<String>, Error> {
    let has_store = is_enclosed || how.results.is_some();
    results::check(options.results.own_decision(), has_store)?;
    let name = options.flow_run_name.as_ref();
    name.map(|name: &RunName| name.of(parameters)).transpose()
}

pub(super) fn run_to_create(
    flow_id: Uuid,
    options: &FlowOptions,
    parameters: &Map<String, Value>,
    how: &RunFlowOptions,
) -> FlowRunCreate {
    let mut run = FlowRunCreate::new(flow_id)
        .state(states::pending())
        .parameters(parameters.clone())
        .empirical_policy(filled_in(FlowRunPolicy::new(), options))
        .tags(how.tags.clone());
    run.flow_version.clone_from(&options.version);
    run
}

/// What the policy of a run does not say is as the flow has it.
pub(super) fn filled_in(mut policy: FlowRunPolicy, options: &FlowOptions) -> FlowRunPolicy {
    let delay = options.retry_delay.min(retry::LONGEST_TOLD);
    // The server waits whole seconds.
    let delay = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    let delay = i64::try_from(delay).unwrap_or(i64::MAX);
    policy.retries.get_or_insert(i64::from(options.retries));
    policy.retry_delay.get_or_insert(delay);
    policy
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_server_is_told_whole_seconds_and_no_more_than_it_can_add_to_a_time() {
        let told = |delay| {
            let options = FlowOptions::new().retries(1).retry_delay(delay);
            let run = run_to_create(Uuid::nil(), &options, &Map::new(), &RunFlowOptions::new());
            run.empirical_policy.and_then(|policy| policy.retry_delay)
        };
        let told = |delay| serde_json::to_value(told(delay)).unwrap();
        assert_eq!(told(Duration::from_millis(1500)), 2);
        assert_eq!(told(Duration::MAX), retry::LONGEST_TOLD.as_secs());
    }
}
