//! An event as it is sent: its JSON, which takes a quarter of the memory that it has as a value.

use chrono::{DateTime, Utc};
use prefect_client::models::Event;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::limits;
use crate::Error;
use crate::background::Tells;

/// An event that the server takes.
#[derive(Debug)]
pub(crate) struct Written {
    pub(super) id: Uuid,
    pub(super) occurred: DateTime<Utc>,
    pub(super) name: String,
    pub(super) tells: Option<Tells>,
    json: Box<RawValue>,
}

impl Written {
    /// How the event is sent.
    pub(super) fn of(event: &Event) -> Result<Self, Error> {
        limits::check_parts(event)?;
        let name = &event.event;
        let json = prefect_client::json::to_string(event).map_err(|error| {
            Error::invalid(format!("the event `{name}` can't be written: {error}"))
        })?;
        limits::check_size(event, json.len())?;
        let json = RawValue::from_string(json).map_err(|error| {
            Error::invalid(format!("the event `{name}` can't be written: {error}"))
        })?;
        Ok(Self {
            id: event.id,
            occurred: event.occurred,
            name: name.clone(),
            tells: tells(event),
            json,
        })
    }

    /// The event, as whoever gave it has it.
    pub(super) fn event(&self) -> Option<Event> {
        serde_json::from_str(self.json.get()).ok()
    }

    /// How large it is as JSON.
    pub(super) fn bytes(&self) -> usize {
        self.json.get().len()
    }
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

/// The server makes a task run of those that say so.
fn tells(event: &Event) -> Option<Tells> {
    let label = |name: &str| event.resource.get(name).map(String::as_str);
    if label("prefect.orchestration") != Some("client") {
        return None;
    }
    let id = label(limits::ID)?.strip_prefix("prefect.task-run.")?;
    Some(Tells {
        of: id.parse().ok()?,
        state: label("prefect.state-name")?.to_owned(),
    })
}
