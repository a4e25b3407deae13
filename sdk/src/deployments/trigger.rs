//! What a deployment is run on beside its schedules: automations that it owns.

use std::collections::BTreeMap;
use std::time::Duration;

use prefect_client::models::{
    ActionSource, Automation, AutomationAction, AutomationCreate, AutomationTrigger, EventTrigger,
    EventTriggerPosture, RunDeployment,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::named::named;

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
        self.parameters = named(parameters);
        self
    }

    /// Sets what is changed of the infrastructure of its runs.
    #[must_use]
    pub fn job_variables(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<Value>)>,
    ) -> Self {
        self.job_variables = named(variables);
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
            // Nobody is told the owner of an automation.
            .tags([owner(deployment)])
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

/// Whether these are the automations that are there, and no others that the deployment owns. Among those that are known are
/// automations of others that have to do with it, which are left alone.
pub(super) fn are_there(
    wanted: &[AutomationCreate],
    known: &[Automation],
    deployment: Uuid,
) -> bool {
    let tag = owner(deployment);
    let owned = known.iter().filter(|known| known.tags.contains(&tag));
    let mut known: Vec<Value> = owned.map(said).collect();
    wanted.len() == known.len()
        && wanted.iter().map(said).all(|wanted| {
            let place = known.iter().position(|known| *known == wanted);
            place.map(|place| known.remove(place)).is_some()
        })
}

/// What an automation says: without what the server adds, and what is as it would be anyway.
fn said(automation: &impl serde::Serialize) -> Value {
    let mut value = serde_json::to_value(automation).unwrap_or_default();
    let mut part = |key: &str| value.get_mut(key).map(Value::take).unwrap_or_default();
    let actions = match part("actions") {
        Value::Array(actions) => actions.into_iter().map(action_said).collect(),
        _ => Value::Null,
    };
    let description = match part("description") {
        Value::Null => String::new().into(),
        description => description,
    };
    json!({
        "name": part("name"),
        "description": description,
        "enabled": part("enabled"),
        "trigger": trigger_said(part("trigger")),
        "actions": actions,
    })
}

/// What an action is given, such as parameters, is the user's, and is compared as it is.
fn action_said(action: Value) -> Value {
    let Value::Object(action) = action else {
        return action;
    };
    let is_said = |key: &String, value: &Value| match key.as_str() {
        "schedule_after" => value.as_f64() != Some(0.0),
        _ => !value.is_null(),
    };
    let action = action.into_iter();
    Value::Object(action.filter(|(key, value)| is_said(key, value)).collect())
}

/// The server gives each trigger an id, says what is left to it, and keeps the names of events as sets.
fn trigger_said(trigger: Value) -> Value {
    let Value::Object(trigger) = trigger else {
        return trigger;
    };
    let mut said = Map::new();
    for (key, value) in trigger {
        let value = match (key.as_str(), value) {
            ("after" | "expect" | "for_each", Value::Array(mut names)) => {
                names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                Value::Array(names)
            }
            ("triggers", Value::Array(triggers)) => {
                triggers.into_iter().map(trigger_said).collect()
            }
            ("threshold" | "within", Value::Number(number)) => json!(number.as_f64()),
            (_, value) => value,
        };
        let is_default = match (key.as_str(), &value) {
            ("id", _) | (_, Value::Null) => true,
            ("threshold", value) => value.as_f64() == Some(1.0),
            ("within", value) => value.as_f64() == Some(0.0),
            (_, Value::Array(items)) => items.is_empty(),
            (_, Value::Object(object)) => object.is_empty(),
            _ => false,
        };
        if !is_default {
            said.insert(key, value);
        }
    }
    Value::Object(said)
}

#[cfg(test)]
mod tests {
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
        assert!(are_there(&wanted, &there, Uuid::nil()));
        assert!(!are_there(&[], &there, Uuid::nil()) && !are_there(&wanted, &[], Uuid::nil()));
        let others = [
            trigger.clone().enabled(false),
            trigger.clone().parameters([("days", 2)]),
            trigger.clone().name("other"),
            trigger.schedule_after(Duration::from_secs(1)),
        ];
        for other in others {
            let other = automations(&[other], "nightly", Uuid::nil());
            assert!(!are_there(&other, &there, Uuid::nil()));
        }
    }

    #[test]
    fn what_others_have_is_no_difference() {
        let trigger = RunTrigger::event("shop.order.paid");
        let wanted = automations(&[trigger], "nightly", Uuid::nil());
        let mut others = known(&wanted[0]);
        others.tags = vec!["sales".to_owned(), owner(Uuid::from_u128(1))];
        let both = [others.clone(), known(&wanted[0])];
        assert!(are_there(&wanted, &both, Uuid::nil()));
        assert!(!are_there(&wanted, &[others], Uuid::nil()));
        let twice = [known(&wanted[0]), known(&wanted[0])];
        assert!(!are_there(&wanted, &twice, Uuid::nil()));
    }

    #[test]
    fn what_users_say_is_compared_as_it_is() {
        let with = |parameters: Value| {
            let trigger = RunTrigger::event("shop.order.paid").parameters([("given", parameters)]);
            automations(&[trigger], "nightly", Uuid::nil())
        };
        let differ = [
            (
                json!({"is": false, "count": 0, "text": ""}),
                json!({"is": false}),
            ),
            (json!({"id": 1}), json!({"id": 2})),
            (json!(["b", "a"]), json!(["a", "b"])),
            (json!([]), json!(null)),
        ];
        for (one, other) in differ {
            let there = [known(&with(one.clone())[0])];
            assert!(are_there(&with(one), &there, Uuid::nil()));
            assert!(!are_there(&with(other), &there, Uuid::nil()));
        }
    }

    #[test]
    fn the_order_of_events_is_none() {
        let trigger = |names: [&str; 2]| {
            let names = names.map(str::to_owned);
            RunTrigger::new(EventTrigger::new(EventTriggerPosture::Reactive).expect(names))
        };
        let of = |names| automations(&[trigger(names)], "nightly", Uuid::nil());
        let same = |one, other| are_there(&of(one), &[known(&of(other)[0])], Uuid::nil());
        assert!(same(["a", "b"], ["b", "a"]));
        assert!(!same(["a", "b"], ["a", "c"]));
    }
}
