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

/// What a sender has to know of an event whose parts are written already.
pub(crate) struct Known {
    pub(crate) id: Uuid,
    pub(crate) occurred: DateTime<Utc>,
    pub(crate) name: String,
    pub(crate) tells: Option<Tells>,
}

impl Written {
    /// How the event is sent.
    pub(super) fn of(event: &Event) -> Result<Self, Error> {
        limits::check_parts(event)?;
        let known = Known {
            id: event.id,
            occurred: event.occurred,
            name: event.event.clone(),
            tells: tells(event),
        };
        Self::of_parts(event, known, limits::absent_bytes(event))
    }

    /// How an event is sent that has all that one may have, each within what the server takes, although it is no [`Event`].
    #[cfg(feature = "flows")]
    pub(crate) fn of_whole(event: &impl Serialize, known: Known) -> Result<Self, Error> {
        Self::of_parts(event, known, 0)
    }

    fn of_parts(event: &impl Serialize, known: Known, absent: usize) -> Result<Self, Error> {
        let Known {
            id,
            occurred,
            name,
            tells,
        } = known;
        let json = prefect_client::json::to_raw_value(event).map_err(|error| {
            Error::invalid(format!("the event `{name}` can't be written: {error}"))
        })?;
        limits::check_size(&name, json.get().len() + absent)?;
        Ok(Self {
            id,
            occurred,
            name,
            tells,
            json,
        })
    }

    /// The event, as whoever gave it has it.
    pub(crate) fn event(&self) -> Option<Event> {
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
