//! Pages: by item and by page, by offset, by number and by link.

use prefect_client::models::{
    Event, EventFilter, EventOccurredFilter, EventOrder, EventPage, EventResourceFilter,
    FlowCreate, FlowFilter, FlowFilterName, FlowSort,
};
use prefect_client::requests::{PaginateFlows, ReadEvents, ReadFlows};

use super::events::event;
use crate::helpers::{in_hours, status};

scenarios! {
    fn flows_are_read_by_offset_and_by_number(live) {
        let what = live.name("paged");
        let names: Vec<String> = (0..25).map(|number| format!("{what}-{number:02}")).collect();
        for name in &names {
            call!(live.create_flow(&FlowCreate::new(name.as_str())));
        }
        let filter = FlowFilter::new().name(FlowFilterName::new().like(what));
        let request = ReadFlows::new().flows(filter.clone()).sort(FlowSort::NameAsc);
        let by_ten = request.clone().limit(10);

        let pages = pages!(live.client.read_flows_pages_with(by_ten.clone()));
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
        let found: Vec<_> = pages.into_iter().flatten().map(|flow| flow.name).collect();
        assert_eq!(found, names);

        for pages in [
            live.client.read_flows_pages_with(request.clone()),
            live.client.read_flows_pages_with(by_ten.clone()),
            live.client.read_flows_pages_with(by_ten.clone()).read_ahead(),
            live.client.read_flows_pages_with(request.limit(5)),
        ] {
            let flows = items!(pages).expect("every page");
            assert_eq!(flows.into_iter().map(|flow| flow.name).collect::<Vec<_>>(), names);
        }
        let flows = items!(live.client.read_flows_pages_with(by_ten.clone().offset(20)));
        assert_eq!(flows.expect("the last page").len(), 5);

        let request = PaginateFlows::new().flows(filter).sort(FlowSort::NameAsc).limit(10);
        let pages = pages!(live.client.paginate_flows_pages_with(request.clone()));
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
        let found: Vec<_> = pages.into_iter().flatten().map(|flow| flow.name).collect();
        assert_eq!(found, names);
        let flows = items!(live.client.paginate_flows_pages_with(request.clone().page(3)));
        assert_eq!(flows.expect("the last page").len(), 5);
        let flows = items!(live.client.paginate_flows_pages_with(request.page(4)));
        assert_eq!(flows.expect("no page").len(), 0);

        let error = items!(live.client.read_flows_pages_with(ReadFlows::new().limit(201)));
        assert_eq!(status(&error.expect_err("the limit is too large")), Some(422));
    }

    fn events_are_read_by_link(live) {
        let resource = live.name("test.paged");
        let sent: Vec<Event> = (0..25).map(|number| event(number, &resource)).collect();
        let () = call!(live.create_events(&sent));
        let filter = EventFilter::new()
            .resource(EventResourceFilter::new().id([resource.as_str()]))
            .order(EventOrder::Asc)
            .occurred(EventOccurredFilter::new().since(in_hours(-1)).until(in_hours(1)));
        let request = ReadEvents::new().filter(filter).limit(10);
        eventually!(call!(live.read_events_with(&request)), |page: &EventPage| page.total == 25);
        let ids: Vec<_> = sent.iter().map(|event| event.id).collect();

        let pages = pages!(live.client.read_events_pages_with(request.clone()));
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
        let found: Vec<_> = pages.into_iter().flatten().map(|event| event.id).collect();
        assert_eq!(found, ids);
        let events = items!(live.client.read_events_pages_with(request.clone()).read_ahead());
        let events = events.expect("every page");
        assert_eq!(events.into_iter().map(|event| event.id).collect::<Vec<_>>(), ids);

        let first = call!(live.read_events_with(&request));
        let next = first.next_page.expect("a next page");
        let (_, token) = next.split_once("page-token=").expect("a token");
        let events = items!(live.client.read_account_events_page_pages(token));
        let events = events.expect("the other pages");
        assert_eq!(events.into_iter().map(|event| event.id).collect::<Vec<_>>(), ids[10..]);

        let error = items!(live.client.read_events_pages_with(request.limit(0)));
        assert!(error.expect_err("pages without items never end").is_decode());
    }
}
