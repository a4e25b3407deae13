//! Events as the server takes them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use prefect_client::models::{Event, RelatedResource, Resource};
use serde_json::Value;
use uuid::Uuid;

use super::limits;
use crate::{Error, RunContext};

/// What is optional about an event.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EmitEventOptions {
    /// When it happened; now unless set.
    pub occurred: Option<DateTime<Utc>>,
    /// Other resources that it is about, each with the labels `prefect.resource.id` and `prefect.resource.role`.
    pub related: Vec<RelatedResource>,
    /// What happened, in the sender's own words.
    pub payload: BTreeMap<String, Value>,
    /// Its id; a new one unless set.
    pub id: Option<Uuid>,
    /// The event that happened before it: its id, and when it happened.
    pub follows: Option<(Uuid, DateTime<Utc>)>,
    /// The run that it happens in.
    pub run: Option<RunContext>,
}

/// An event that is further apart from the one that it follows is not said to follow it.
const TIGHT_TIMING: TimeDelta = TimeDelta::minutes(5);

impl EmitEventOptions {
    /// An event that happens now, and outside of runs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets when it happened.
    #[must_use]
    pub fn occurred(mut self, occurred: DateTime<Utc>) -> Self {
        self.occurred = Some(occurred);
        self
    }

    /// Sets the other resources that it is about.
    #[must_use]
    pub fn related(mut self, related: impl IntoIterator<Item = RelatedResource>) -> Self {
        self.related = related.into_iter().collect();
        self
    }

    /// Sets what happened, in the sender's own words.
    #[must_use]
    pub fn payload<K: Into<String>, V: Into<Value>>(
        mut self,
        payload: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let entries = payload.into_iter();
        self.payload = entries
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
        self
    }

    /// Sets its id.
    #[must_use]
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the event that happened before it, which the server uses to tell their order. Where they happened five
    /// minutes or more apart, nothing is said.
    #[must_use]
    pub fn follows(mut self, event: &Event) -> Self {
        self.follows = Some((event.id, event.occurred));
        self
    }

    /// Sets the run that it happens in: [`emit_event`](super::emit_event) adds the run's resources to the related
    /// ones. Nothing else does, as it takes the server to find them: see
    /// [`related_resources`](super::related_resources).
    #[must_use]
    pub fn run(mut self, run: &RunContext) -> Self {
        self.run = Some(run.clone());
        self
    }

    /// The event with this name, such as `shop.order.placed`, about this resource: its labels, one of which is
    /// `prefect.resource.id`. Nothing is sent.
    ///
    /// ```
    /// use prefect_sdk::events::EmitEventOptions;
    ///
    /// let placed = EmitEventOptions::new()
    ///     .payload([("total", 12)])
    ///     .build("shop.order.placed", [("prefect.resource.id", "shop.order.1")])?;
    /// let paid = EmitEventOptions::new()
    ///     .follows(&placed)
    ///     .build("shop.order.paid", [("prefect.resource.id", "shop.order.1")])?;
    /// assert_eq!(paid.follows, Some(placed.id));
    /// # Ok::<(), prefect_sdk::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The server would not take it: a resource without an id, a related one without a role, a resource with more than
    /// 500 labels, more than 100 related ones, a payload with arrays and objects more than 117 deep, or more than 1.5 MB
    /// in all. Much of the last two it would drop without a word.
    pub fn build<K: Into<String>, V: Into<String>>(
        &self,
        event: &str,
        resource: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Event, Error> {
        let labels = resource.into_iter();
        let resource: Resource = labels
            .map(|(label, value)| (label.into(), value.into()))
            .collect();
        let occurred = self.occurred.unwrap_or_else(Utc::now);
        let id = self.id.unwrap_or_else(Uuid::now_v7);
        let mut built = Event::new(occurred, event, resource, id);
        built.related = Some(self.related.clone());
        built.payload = Some(self.payload.clone());
        built.follows = self.follows.and_then(|before| follows(before, occurred));
        limits::check(&built)?;
        Ok(built)
    }
}

/// The event that one of that time follows: of what happened five minutes or more apart, nothing is said.
pub(crate) fn follows(
    (id, before): (Uuid, DateTime<Utc>),
    occurred: DateTime<Utc>,
) -> Option<Uuid> {
    ((occurred - before).abs() < TIGHT_TIMING).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: [(&str, &str); 1] = [("prefect.resource.id", "shop.order.1")];

    #[test]
    fn an_event_follows_another_one_of_the_last_five_minutes() {
        let first = EmitEventOptions::new().build("a", ORDER).unwrap();
        let later = |minutes| {
            EmitEventOptions::new()
                .follows(&first)
                .occurred(first.occurred + TimeDelta::minutes(minutes))
        };
        assert_eq!(later(4).build("b", ORDER).unwrap().follows, Some(first.id));
        assert_eq!(later(-4).build("b", ORDER).unwrap().follows, Some(first.id));
        assert_eq!(later(5).build("b", ORDER).unwrap().follows, None);
        assert_eq!(first.id.get_version_num(), 7);
    }
}
