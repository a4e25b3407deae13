//! The events that tell when slots are taken and given back.

use chrono::{DateTime, TimeDelta, Utc};
use prefect_client::models::{Event, MinimalConcurrencyLimitResponse, RelatedResource, Resource};
use uuid::Uuid;

use super::order::{Claim, Granted, Order};

/// Events further apart do not say that one follows the other: the server would not wait for the first.
const FOLLOWS_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// One event for each limit.
pub(super) fn acquired(order: &Order, granted: &Granted, now: DateTime<Utc>) -> Vec<Event> {
    let event = |limit| event(order, granted, limit, "acquired", now);
    granted.limits.iter().map(event).collect()
}

/// One event for each limit, which follows that of its acquisition.
pub(super) fn released(
    order: &Order,
    granted: &Granted,
    acquired: &[Event],
    now: DateTime<Utc>,
) -> Vec<Event> {
    let event = |(place, limit): (usize, _)| {
        let event = event(order, granted, limit, "released", now);
        let before = acquired.get(place);
        match before.filter(|before| now - before.occurred < FOLLOWS_WITHIN) {
            Some(before) => event.follows(before.id),
            None => event,
        }
    };
    granted.limits.iter().enumerate().map(event).collect()
}

fn event(
    order: &Order,
    granted: &Granted,
    limit: &MinimalConcurrencyLimitResponse,
    phase: &str,
    now: DateTime<Utc>,
) -> Event {
    let kind = match order.claim {
        Claim::TaskRun(_) => "prefect.concurrency-limit.v1",
        Claim::Lease { .. } | Claim::Rate { .. } => "prefect.concurrency-limit",
    };
    let held = match &order.claim {
        Claim::TaskRun(id) => ("task_run_id", id.to_string()),
        Claim::Lease { slots, .. } | Claim::Rate { slots } => ("slots-acquired", slots.to_string()),
    };
    let resource = [
        ("prefect.resource.id", format!("{kind}.{}", limit.id)),
        ("prefect.resource.name", limit.name.clone()),
        ("limit", limit.limit.to_string()),
        held,
    ];
    let related = granted.limits.iter().filter(|other| other.id != limit.id);
    let related = related.map(|other| -> RelatedResource {
        labels([
            ("prefect.resource.id", format!("{kind}.{}", other.id)),
            ("prefect.resource.role", "concurrency-limit".to_owned()),
        ])
    });
    let name = format!("{kind}.{phase}");
    Event::new(now, name, labels(resource), Uuid::now_v7()).related(related)
}

fn labels<const N: usize>(labels: [(&str, String); N]) -> Resource {
    let owned = labels.map(|(name, value)| (name.to_owned(), value));
    Resource::from(owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::order::LimitNames;
    use super::*;

    fn granted() -> Granted {
        let limit = |id: u128, name: &str| {
            let limit = json!({"id": Uuid::from_u128(id), "name": name, "limit": 4});
            serde_json::from_value(limit).unwrap()
        };
        Granted {
            limits: vec![limit(1, "a"), limit(2, "b")],
            lease: None,
        }
    }

    fn order(claim: Claim) -> Order {
        let names = LimitNames::new(["a", "b"]);
        Order { names, claim }
    }

    #[test]
    fn each_limit_has_an_event_that_names_the_others() {
        let now = DateTime::UNIX_EPOCH;
        let events = acquired(&order(Claim::Rate { slots: 2 }), &granted(), now);
        let second = serde_json::to_value(&events[1]).unwrap();
        assert_eq!(second["event"], "prefect.concurrency-limit.acquired");
        assert_eq!(
            second["resource"],
            json!({
                "prefect.resource.id": "prefect.concurrency-limit.00000000-0000-0000-0000-000000000002",
                "prefect.resource.name": "b",
                "slots-acquired": "2",
                "limit": "4",
            })
        );
        assert_eq!(
            second["related"],
            json!([{
                "prefect.resource.id": "prefect.concurrency-limit.00000000-0000-0000-0000-000000000001",
                "prefect.resource.role": "concurrency-limit",
            }])
        );
    }

    #[test]
    fn the_event_of_the_release_follows_unless_it_is_late() {
        let (order, granted) = (order(Claim::Rate { slots: 1 }), granted());
        let before = acquired(&order, &granted, DateTime::UNIX_EPOCH);
        for (minutes, follows) in [(4, Some(before[0].id)), (5, None)] {
            let now = DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
            let after = released(&order, &granted, &before, now);
            assert_eq!(after[0].event, "prefect.concurrency-limit.released");
            assert_eq!(after[0].follows, follows);
        }
    }

    #[test]
    fn events_of_task_runs_say_which() {
        let id = Uuid::from_u128(7);
        let events = acquired(&order(Claim::TaskRun(id)), &granted(), DateTime::UNIX_EPOCH);
        assert_eq!(events[0].event, "prefect.concurrency-limit.v1.acquired");
        assert_eq!(events[0].resource["task_run_id"], id.to_string());
    }
}
