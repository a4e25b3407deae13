//! What a deployment is run on beside its schedules: automations that it owns.

use std::collections::BTreeMap;
use std::time::Duration;

use prefect_client::models::{
    ActionSource, Automation, AutomationAction, AutomationCreate, AutomationTrigger, EventTrigger,
    EventTriggerPosture, RunDeployment,
};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Runs a deployment when something happens, or does not.
///
/// ```
/// use prefect_sdk::deployments::RunTrigger;
///
/// let on_order = RunTrigger::event("shop.order.paid").parameters([("days", 1)]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunTrigger {
    /// What it is about.
    pub trigger: AutomationTrigger,
    /// The name of its automation; unless set, that of the deployment and its number (`nightly__automation_1`).
    pub name: Option<String>,
    /// What its automation is about.
    pub description: Option<String>,
    /// Whether it is heard; it is unless set otherwise.
    pub enabled: bool,
    /// The parameters of its runs; those of the deployment unless set. They may be templates of the event
    /// (`{{ event.resource.id }}`).
    pub parameters: BTreeMap<String, Value>,
    /// What is changed of the infrastructure of its runs.
    pub job_variables: BTreeMap<String, Value>,
    /// How long after the event they are due.
    pub schedule_after: Duration,
}

impl RunTrigger {
    /// Runs it when that happens.
    #[must_use]
    pub fn new(trigger: impl Into<AutomationTrigger>) -> Self {
        Self {
            trigger: trigger.into(),
            name: None,
            description: None,
            enabled: true,
            parameters: BTreeMap::new(),
            job_variables: BTreeMap::new(),
            schedule_after: Duration::ZERO,
        }
    }

    /// Runs it for each event of that name, which may end with `*`.
    #[must_use]
    pub fn event(name: impl Into<String>) -> Self {
        Self::new(EventTrigger::new(EventTriggerPosture::Reactive).expect([name.into()]))
    }

    /// Sets the name of its automation.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets what its automation is about.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets whether it is heard.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Sets the parameters of its runs.
    #[must_use]
    pub fn parameters(
        mut self,
        parameters: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        let parameters = parameters.into_iter();
        self.parameters = parameters
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        self
    }

    /// Sets what is changed of the infrastructure of its runs.
    #[must_use]
    pub fn job_variables(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        let variables = variables.into_iter();
        self.job_variables = variables
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        self
    }

    /// Sets how long after the event its runs are due.
    #[must_use]
    pub fn schedule_after(mut self, time: Duration) -> Self {
        self.schedule_after = time;
        self
    }

    fn automation(&self, name: String, deployment: Uuid) -> AutomationCreate {
        let mut action = RunDeployment::new()
            .source(ActionSource::Selected)
            .deployment_id(deployment)
            .schedule_after(self.schedule_after.as_secs_f64());
        // Without, they are those of the deployment.
        if !self.parameters.is_empty() {
            action = action.parameters(self.parameters.clone());
        }
        if !self.job_variables.is_empty() {
            action = action.job_variables(self.job_variables.clone());
        }
        let action = AutomationAction::from(action);
        let mut body = AutomationCreate::new(name, self.trigger.clone(), [action])
            .enabled(self.enabled)
            .owner_resource(owner(deployment));
        body.description.clone_from(&self.description);
        body
    }
}

/// The resource that the automations of a deployment belong to.
pub(super) fn owner(deployment: Uuid) -> String {
    format!("prefect.deployment.{deployment}")
}

/// The automations of a deployment.
pub(super) fn automations(
    triggers: &[RunTrigger],
    name: &str,
    deployment: Uuid,
) -> Vec<AutomationCreate> {
    let numbered = triggers.iter().zip(1_usize..);
    numbered
        .map(|(trigger, number)| {
            let default = || format!("{name}__automation_{number}");
            let name = trigger.name.clone().unwrap_or_else(default);
            trigger.automation(name, deployment)
        })
        .collect()
}

/// Whether these are the automations that are there, and no others.
pub(super) fn are_there(wanted: &[AutomationCreate], known: &[Automation]) -> bool {
    let mut known: Vec<Value> = known.iter().map(said).collect();
    wanted.len() == known.len()
        && wanted.iter().map(said).all(|wanted| {
            let place = known.iter().position(|known| *known == wanted);
            place.map(|place| known.remove(place)).is_some()
        })
}

/// What an automation says: without what the server adds, and what is as it would be anyway.
fn said(automation: &impl serde::Serialize) -> Value {
    let value = serde_json::to_value(automation).unwrap_or_default();
    let kept = ["name", "description", "enabled", "trigger", "actions"];
    let kept = kept.into_iter().map(|key| (key, value[key].clone()));
    plain(Value::Object(
        kept.map(|(key, value)| (key.to_owned(), value)).collect(),
    ))
}

fn plain(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let object = object.into_iter().map(|(key, value)| (key, plain(value)));
            let is_said = |(key, value): &(String, Value)| match value {
                Value::Null => false,
                Value::Array(items) => !items.is_empty(),
                Value::Object(object) => !object.is_empty(),
                Value::String(text) => key != "id" && !text.is_empty(),
                Value::Number(number) => {
                    let default = if key == "threshold" { 1.0 } else { 0.0 };
                    number.as_f64() != Some(default)
                }
                Value::Bool(_) => true,
            };
            Value::Object(object.filter(is_said).collect::<Map<_, _>>())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(plain).collect();
            // The server keeps names as sets, which have no order.
            if items.iter().all(Value::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            Value::Array(items)
        }
        Value::Number(number) => number.as_f64().map_or(Value::Number(number), Value::from),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known(wanted: &AutomationCreate) -> Automation {
        let mut value = serde_json::to_value(wanted).unwrap();
        value["id"] = json!(Uuid::from_u128(7));
        value["created"] = Value::Null;
        value["updated"] = Value::Null;
        value["trigger"]["id"] = json!(Uuid::from_u128(8));
        for (key, default) in [
            ("after", json!([])),
            ("threshold", json!(1)),
            ("within", json!(0)),
        ] {
            value["trigger"][key] = default;
        }
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_the_server_adds_is_no_difference() {
        let trigger = RunTrigger::event("shop.order.paid").parameters([("days", 1)]);
        let wanted = automations(std::slice::from_ref(&trigger), "nightly", Uuid::nil());
        assert_eq!(wanted[0].name, "nightly__automation_1");
        let there = [known(&wanted[0])];
        assert!(are_there(&wanted, &there));
        assert!(!are_there(&[], &there) && !are_there(&wanted, &[]));
        let others = [
            trigger.clone().enabled(false),
            trigger.clone().parameters([("days", 2)]),
            trigger.clone().name("other"),
            trigger.schedule_after(Duration::from_secs(1)),
        ];
        for other in others {
            let other = automations(&[other], "nightly", Uuid::nil());
            assert!(!are_there(&other, &there));
        }
    }
}
