//! The event that a task run enters a state, of which the server makes the run: what it consists of, written without being copied.

use chrono::{DateTime, SecondsFormat, Utc};
use prefect_client::models::{RelatedResource, StateDetails};
use serde::{Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use crate::Error;
use crate::background::Tells;
use crate::events::{Known, Written, check_related, unknown};

/// What the event tells of.
pub(super) struct Entered<'a> {
    pub(super) run_id: Uuid,
    pub(super) run: RunTold<'a>,
    pub(super) state: StateTold<'a>,
    /// The event has the id and the time of the state.
    pub(super) state_id: Uuid,
    pub(super) timestamp: DateTime<Utc>,
    pub(super) before: Option<StateTold<'a>>,
    /// The event of the state before.
    pub(super) follows: Option<Uuid>,
    /// What it is about as well, beside its tags.
    pub(super) related: &'a [RelatedResource],
}

/// The run; what is not known is left out.
#[derive(Serialize)]
pub(super) struct RunTold<'a> {
    pub(super) name: &'a str,
    pub(super) task_key: &'a str,
    pub(super) dynamic_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task_version: Option<&'a str>,
    pub(super) empirical_policy: &'a Value,
    pub(super) tags: &'a [String],
    pub(super) labels: Empty,
    pub(super) task_inputs: &'a Value,
    pub(super) run_count: u32,
    pub(super) flow_run_run_count: i64,
    pub(super) expected_start_time: Micros,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_time: Option<Micros>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_time: Option<Micros>,
    pub(super) total_run_time: f64,
}

/// A state of the run.
#[derive(Serialize)]
pub(super) struct StateTold<'a> {
    #[serde(rename = "type")]
    pub(super) type_: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) message: &'a str,
    pub(super) state_details: Details<'a>,
    /// The data of the state that is entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<&'a Value>,
}

/// An object without fields.
#[derive(Serialize)]
pub(super) struct Empty {}

/// The details of a state, where there are any.
pub(super) struct Details<'a>(pub(super) Option<&'a StateDetails>);

/// A time that is told to the microsecond.
pub(super) struct Micros(pub(super) DateTime<Utc>);

impl Entered<'_> {
    /// How the event is sent.
    pub(super) fn written(self) -> Result<Written, Error> {
        let state = self.state.name.unwrap_or_default().to_owned();
        let name = format!("prefect.task-run.{state}");
        let known = Known {
            id: self.state_id,
            occurred: self.timestamp,
            name: name.clone(),
            tells: Some(Tells {
                of: self.run_id,
                state,
            }),
        };
        let resource = self.resource();
        let id = &resource.id;
        let related = related(self.run.tags, self.related, id);
        check_related(&name, related.len())?;
        let intended = Intended {
            from: self.before.as_ref().map(|before| before.type_),
            to: self.state.type_,
        };
        let event = TaskEvent {
            occurred: self.timestamp,
            event: &name,
            id: self.state_id,
            follows: self.follows,
            related,
            payload: Payload {
                intended,
                initial_state: self.before.as_ref(),
                validated_state: &self.state,
                task_run: &self.run,
            },
            resource,
        };
        Written::of_whole(&event, known)
    }

    fn resource(&self) -> Labels<'_> {
        Labels {
            id: format!("prefect.task-run.{}", self.run_id),
            name: self.run.name,
            run_count: self.run.run_count.to_string(),
            message: self.state.message,
            state: self.state.name.unwrap_or_default(),
            timestamp: self.timestamp.to_rfc3339_opts(SecondsFormat::Micros, false),
            type_: self.state.type_,
            orchestration: "client",
        }
    }
}

#[derive(Serialize)]
struct TaskEvent<'a> {
    occurred: DateTime<Utc>,
    event: &'a str,
    resource: Labels<'a>,
    id: Uuid,
    follows: Option<Uuid>,
    payload: Payload<'a>,
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Labels<'a> {
    #[serde(rename = "prefect.resource.id")]
    id: String,
    #[serde(rename = "prefect.resource.name")]
    name: &'a str,
    #[serde(rename = "prefect.run-count")]
    run_count: String,
    #[serde(rename = "prefect.state-message")]
    message: &'a str,
    #[serde(rename = "prefect.state-name")]
    state: &'a str,
    #[serde(rename = "prefect.state-timestamp")]
    timestamp: String,
    #[serde(rename = "prefect.state-type")]
    type_: &'a str,
    #[serde(rename = "prefect.orchestration")]
    orchestration: &'static str,
}

#[derive(Serialize)]
struct Payload<'a> {
    intended: Intended<'a>,
    initial_state: Option<&'a StateTold<'a>>,
    validated_state: &'a StateTold<'a>,
    task_run: &'a RunTold<'a>,
}

#[derive(Serialize)]
struct Intended<'a> {
    from: Option<&'a str>,
    to: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Related<'a> {
    Tag(Tag),
    Known(&'a RelatedResource),
}

#[derive(Serialize)]
struct Tag {
    #[serde(rename = "prefect.resource.id")]
    id: String,
    #[serde(rename = "prefect.resource.role")]
    role: &'static str,
}

/// The tags, and then as much of what is known as there is room for, each once.
fn related<'a>(tags: &[String], known: &'a [RelatedResource], id: &str) -> Vec<Related<'a>> {
    let tag_ids: Vec<String> = tags
        .iter()
        .map(|tag| format!("prefect.tag.{tag}"))
        .collect();
    let ids = tag_ids.iter().map(String::as_str).chain([id]);
    let ids: Vec<_> = ids.map(Some).collect();
    let known: Vec<_> = unknown(known, &ids).collect();
    let tags = tag_ids.into_iter();
    let tags = tags.map(|id| Related::Tag(Tag { id, role: "tag" }));
    tags.chain(known.into_iter().map(Related::Known)).collect()
}

impl Serialize for Details<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(details) => details.serialize(serializer),
            None => Empty {}.serialize(serializer),
        }
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}
