//! Events as they are heard.

use chrono::{DateTime, TimeDelta, Utc};
use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::models::{EventFilter, EventOccurredFilter, ReceivedEvent};
use prefect_client::requests::ReadEvents;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Error;
use crate::faces::sdk;
#[dual(sdk)]
use crate::websocket::AsyncSubscriber;
use crate::websocket::{self, Feed, SubscribeOptions, sealed};

/// Hears events.
#[dual(sdk)]
pub type AsyncEventSubscriber = AsyncSubscriber<EventFeed>;

/// What an [`AsyncEventSubscriber`] hears.
#[derive(Clone, Debug)]
pub struct EventFeed {
    filter: EventFilter,
    /// Nothing that happened before is missing.
    since: Option<DateTime<Utc>>,
}

/// Events may arrive out of order, this far apart.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);

/// Hears the events that the filter lets through: those of the last minute, and from now on. After a lost connection it
/// goes on where it was; each event comes once. Where the filter says since when, it is since then, as far back as the
/// server allows.
///
/// ```no_run
/// # use prefect_sdk::client::{AsyncPrefectClient, models::{EventFilter, EventNameFilter}};
/// # use prefect_sdk::events::{SubscribeOptions, asubscribe};
/// # async fn run() -> Result<(), prefect_sdk::Error> {
/// let client = AsyncPrefectClient::from_env()?;
/// let orders = EventFilter::new().event(EventNameFilter::new().prefix(["shop.order."]));
/// let mut events = asubscribe(&client, orders, &SubscribeOptions::new()).await?;
/// while let Some(event) = events.anext().await {
///     println!("{}", event?.event);
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The server does not accept the client ([`Error::is_refused`]), does not take the filter ([`Error::is_invalid`]), or
/// can't be reached ([`Error::is_connect`]).
#[dual(sdk, map(anext => next))]
pub async fn asubscribe(
    client: &AsyncPrefectClient,
    filter: EventFilter,
    options: &SubscribeOptions,
) -> Result<AsyncEventSubscriber, Error> {
    let since = filter.occurred.as_ref().and_then(|occurred| occurred.since);
    AsyncSubscriber::open(client, EventFeed { filter, since }, options).await
}

/// As [`asubscribe`], but for connecting, which begins when an event is waited for.
#[cfg(feature = "flows")]
#[dual(sdk)]
pub(crate) fn alisten(
    client: &AsyncPrefectClient,
    filter: EventFilter,
    options: &SubscribeOptions,
) -> Result<AsyncEventSubscriber, Error> {
    let since = filter.occurred.as_ref().and_then(|occurred| occurred.since);
    AsyncSubscriber::later(client, EventFeed { filter, since }, options)
}

#[dual(sdk)]
impl sealed::Sealed for EventFeed {
    async fn acheck(&self, client: &AsyncPrefectClient) -> Result<(), prefect_client::Error> {
        let request = ReadEvents::new().filter(self.filter.clone()).limit(1);
        client.read_events_with(&request).await.map(drop)
    }
}

impl Feed for EventFeed {
    type Item = ReceivedEvent;

    const PATH: &str = "/events/out";

    fn filter(&mut self, now: DateTime<Utc>) -> Value {
        let since = *self.since.get_or_insert(now - OVERLAP);
        let until = self
            .filter
            .occurred
            .as_ref()
            .and_then(|occurred| occurred.until);
        let until = until.unwrap_or(now + TimeDelta::days(365));
        self.filter.occurred = Some(EventOccurredFilter::new().since(since).until(until));
        json!({"type": "filter", "filter": self.filter, "backfill": true})
    }

    fn read(&mut self, text: &str) -> Result<ReceivedEvent, serde_json::Error> {
        let event: ReceivedEvent = websocket::member(text, "event")?;
        let since = event.occurred - OVERLAP;
        self.since = Some(self.since.map_or(since, |known| known.max(since)));
        Ok(event)
    }

    fn id(event: &ReceivedEvent) -> Uuid {
        event.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(feed: &mut EventFeed, now: DateTime<Utc>) -> DateTime<Utc> {
        let sent = feed.filter(now);
        serde_json::from_value(sent["filter"]["occurred"]["since"].clone()).unwrap()
    }

    #[test]
    fn what_is_asked_for_moves_forward_with_what_came() {
        let now = Utc::now();
        let mut feed = EventFeed {
            filter: EventFilter::new(),
            since: None,
        };
        assert_eq!(since(&mut feed, now), now - OVERLAP);
        let message = |occurred: DateTime<Utc>| {
            json!({"type": "event", "event": {"occurred": occurred, "event": "e", "id": Uuid::nil(),
                "resource": {"prefect.resource.id": "x"}, "related": [], "payload": {}, "received": occurred}})
            .to_string()
        };
        feed.read(&message(now + OVERLAP * 3)).unwrap();
        feed.read(&message(now)).unwrap();
        assert_eq!(since(&mut feed, now + OVERLAP), now + OVERLAP * 2);
        assert!(feed.read("{}").is_err());
    }
}
