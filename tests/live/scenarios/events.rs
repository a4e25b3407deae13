//! Events: sent, found, counted, and paged through.

use prefect_client::models::{
    Countable, Event, EventAnyResourceFilter, EventFilter, EventNameFilter, EventOccurredFilter,
    EventOrder, EventPage, EventResourceFilter, TimeUnit,
};
use prefect_client::requests::{CountAccountEvents, ReadEvents};
use serde_json::json;
use uuid::Uuid;

use crate::helpers::{in_hours, map, now, object, status};

scenarios! {
    fn events_are_sent_found_counted_and_paged_through(live) {
        let resource = live.name("test.resource");
        let sent: Vec<_> = (0..3).map(|number| event(number, &resource)).collect();
        let () = call!(live.create_events(&sent));

        let filter = EventFilter::new()
            .resource(EventResourceFilter::new().id([resource.as_str()]))
            .order(EventOrder::Asc)
            .occurred(
                EventOccurredFilter::new()
                    .since(in_hours(-1))
                    .until(in_hours(1)),
            );
        let request = ReadEvents::new().filter(filter.clone());
        let page = eventually!(call!(live.read_events_with(&request)), |page: &EventPage| page
            .total
            == 3);
        assert_eq!((page.total, page.next_page.as_ref()), (3, None));
        let ids = |events: &[Event]| events.iter().map(|event| event.id).collect::<Vec<_>>();
        assert_eq!(
            page.events.iter().map(|event| event.id).collect::<Vec<_>>(),
            ids(&sent)
        );
        let (got, given) = (&page.events[1], &sent[1]);
        assert_eq!(
            (got.event.as_str(), got.occurred, got.follows),
            (given.event.as_str(), given.occurred, given.follows)
        );
        assert_eq!(
            (&got.resource, Some(&got.payload)),
            (&given.resource, given.payload.as_ref())
        );
        assert_eq!(Some(&got.related), given.related.as_ref());
        assert!(got.received.is_some());

        let page = call!(live.read_events_with(&request.clone().limit(2)));
        assert_eq!(page.events.len(), 2);
        let next = page.next_page.expect("a next page");
        let (_, token) = next.split_once("page-token=").expect("a token");
        let page = call!(live.read_account_events_page(token));
        assert_eq!(
            page.events.iter().map(|event| event.id).collect::<Vec<_>>(),
            [sent[2].id]
        );
        assert_eq!(page.next_page, None);
        let error = refused!(live.read_account_events_page("no token"));
        assert_eq!(status(&error), Some(403));

        let any = EventFilter::new()
            .any_resource(vec![
                EventAnyResourceFilter::new().id([live.name("test.related")]),
            ])
            .event(
                EventNameFilter::new()
                    .prefix(["prüfung."])
                    .exclude_name(["prüfung.2"]),
            );
        let page = call!(live.read_events_with(&ReadEvents::new().filter(any)));
        assert_eq!(page.total, 2);

        let request = CountAccountEvents::new()
            .time_unit(TimeUnit::Hour)
            .time_interval(1.0);
        let counts = call!(live.count_account_events_with(&Countable::Event, &filter, &request));
        let mut values: Vec<_> = counts
            .iter()
            .map(|count| (count.value.as_str(), count.count))
            .collect();
        values.sort_unstable();
        assert_eq!(
            values,
            [("prüfung.0", 1), ("prüfung.1", 1), ("prüfung.2", 1)]
        );
        for countable in [Countable::Resource, Countable::Time] {
            let counts = call!(live.count_account_events_with(&countable, &filter, &request));
            assert_eq!(
                counts.iter().map(|count| count.count).sum::<i64>(),
                3,
                "{countable}"
            );
        }
        let error = refused!(live.count_account_events_with(
            &Countable::from("nothing"),
            &EventFilter::new(),
            &request
        ));
        assert_eq!(status(&error), Some(422));
    }
}

pub(super) fn event(number: i64, resource: &str) -> Event {
    let related = resource.replace("test.resource", "test.related");
    Event::new(
        now() + chrono::TimeDelta::milliseconds(number),
        format!("prüfung.{number}"),
        map([
            ("prefect.resource.id", resource.to_owned()),
            ("größe", "✓".to_owned()),
        ]),
        Uuid::new_v4(),
    )
    .payload(object(
        json!({"number": number, "deep": {"a": [null, 1.5]}}),
    ))
    .related([map([
        ("prefect.resource.id", related),
        ("prefect.resource.role", "flow".to_owned()),
    ])])
}
