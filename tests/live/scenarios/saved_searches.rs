//! Saved searches: values that can be anything.

use prefect_client::models::{SavedSearchCreate, SavedSearchFilter};
use prefect_client::requests::ReadSavedSearches;
use serde_json::{Value, json};

scenarios! {
    fn a_search_is_kept_with_values_of_any_kind(live) {
        let filters = [
            json!("text"),
            json!([1, 2]),
            json!({"a": null}),
            Value::Null,
        ]
        .map(|value| SavedSearchFilter::new("flow", "name", "string", "equals", value));
        let create = SavedSearchCreate::new(live.name("suche")).filters(filters.clone());
        let made = call!(live.create_saved_search(&create));
        assert_eq!(made.filters, filters);
        assert_eq!(call!(live.read_saved_search(made.id)), made);
        let all = call!(live.read_saved_searches_with(&ReadSavedSearches::new().limit(200)));
        assert!(all.contains(&made));
        let () = call!(live.delete_saved_search(made.id));
        assert!(refused!(live.read_saved_search(made.id)).is_not_found());
    }
}
